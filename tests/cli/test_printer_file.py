"""A printer of one's own is a JSON file and nothing else: it is planned and fabricated for, with a round bed too."""

import json
from pathlib import Path

import numpy as np
import pytest

from porcelain import files
from porcelain.errors import PorcelainError
from porcelain.fabricate import parts
from porcelain.fabricate.plates import Block, pack
from porcelain.fabricate.print_settings import settings
from porcelain.printer import PRINTERS, Printer

IRIS = Path(__file__).parents[2] / "designs" / "iris-mini"
DELTA = Printer("delta", (240.0, 240.0, 300.0), bed_shape="round")


def write(**document):
    Path("my-printer.json").write_text(json.dumps(document))


def test_a_file_is_all_that_a_new_printer_needs(porcelain):
    write(name="mine", bed_mm=[170, 160, 150], nozzle_mm=0.6, layer_mm=0.3, min_wall_mm=2.4)
    code, said, wrong = porcelain("plan", IRIS, "--printer", "my-printer.json", "-o", "d.json")
    assert (code, wrong) == (0, "")
    assert "for mine" in said
    design = files.load("d.json", "design")
    assert design.printer == Printer("mine", (170.0, 160.0, 150.0), nozzle_mm=0.6, layer_mm=0.3, min_wall_mm=2.4)
    assert porcelain("fabricate", "d.json", "-o", "parts")[0] == 0
    assert Path("parts/plate-1.3mf").is_file()


def test_options_change_a_printer_of_a_file(porcelain):
    write(name="mine", bed_mm=[300, 300, 300])
    assert porcelain("plan", IRIS, "--printer", "my-printer.json", "--nozzle", "0.6", "-o", "d.json")[0] == 0
    printer = files.load("d.json", "design").printer
    assert (printer.nozzle_mm, printer.min_wall_mm, printer.bed_mm) == (0.6, pytest.approx(2.4), (300.0, 300.0, 300.0))


def test_every_preset_goes_through_a_file(tmp_path):
    for printer in (*PRINTERS.values(), DELTA):
        files.save(tmp_path / "p.json", printer)
        assert files.load(tmp_path / "p.json", "printer") == printer
    assert "bed_shape" not in files.to_json(PRINTERS["mk4"]).decode()


@pytest.mark.parametrize("style", ["terrace", "tower"])
def test_a_machine_for_a_round_bed_lies_inside_the_circle(porcelain, style):
    write(name="delta", bed_mm=[240, 240, 300], bed_shape="round")
    assert porcelain("plan", IRIS, "--printer", "my-printer.json", "--style", style, "-o", "d.json")[0] == 0
    design = files.load("d.json", "design")
    assert design.printer == DELTA
    made = parts(design)
    for plate in pack(made, DELTA):
        for place in plate:
            assert reach_mm(place) <= 120.0 + 1e-3
    assert design.network == files.load(IRIS, "network")


def reach_mm(place):
    """How far the farthest corner of a part's mesh lies from the middle of the bed."""
    corners = place.part.vertices_mm[:, :2]
    if place.turned:
        corners = corners @ np.array([[0.0, 1.0], [-1.0, 0.0]]) + [place.size_mm[0], 0.0]
    return float(np.linalg.norm(corners + np.array([place.x_mm, place.y_mm]) - 120.0, axis=1).max())


def test_a_part_fits_a_circle_by_its_diagonal():
    assert DELTA.fits((144.0, 192.0, 300.0))  # 3-4-5: a diagonal of 240
    assert not DELTA.fits((145.0, 192.0, 300.0))
    assert not DELTA.fits((10.0, 10.0, 300.1))
    assert Printer("square", (240.0, 240.0, 300.0)).fits((240.0, 240.0, 300.0))


def test_plates_of_a_round_bed_hold_boxes_inside_the_circle():
    boxes = [Block(f"a{n}", (60.0 + n, 40.0, 10.0), 3) for n in range(5)]
    filled = pack(boxes, DELTA)
    assert sum(len(plate) for plate in filled) == 15
    assert len(filled) < 5
    for place in (place for plate in filled for place in plate):
        corners = [
            (place.x_mm + a * place.size_mm[0], place.y_mm + b * place.size_mm[1]) for a in (0, 1) for b in (0, 1)
        ]
        assert max(np.hypot(x - 120.0, y - 120.0) for x, y in corners) <= 120.0 + 2e-3


def test_a_slicer_is_told_of_the_circle():
    corners = np.array([[float(c) for c in corner.split("x")] for corner in settings(DELTA)["bed_shape"].split(",")])
    assert len(corners) > 50
    np.testing.assert_allclose(np.linalg.norm(corners - 120.0, axis=1), 120.0, atol=1e-2)
    assert settings(PRINTERS["mk4"])["bed_shape"] == "0x0,250x0,250x210,0x210"


def test_what_leaves_the_circle_is_not_held():
    assert DELTA.holds((60.0, 60.0, 0.0), (180.0, 180.0, 100.0))
    assert not DELTA.holds((10.0, 10.0, 0.0), (230.0, 230.0, 100.0))


def test_a_bed_can_be_typed(porcelain):
    assert porcelain("plan", IRIS, "--bed", "d220x250", "-o", "d.json")[0] == 0
    printer = files.load("d.json", "design").printer
    assert (printer.bed_mm, printer.bed_shape) == ((220.0, 220.0, 250.0), "round")


def test_a_machine_too_large_for_the_circle_is_refused_with_the_bed_in_words(porcelain):
    code, _, wrong = porcelain("plan", IRIS, "--bed", "d80x250", "-o", "d.json")
    assert code == 2
    assert "in a round bed of 80 mm across x 250 mm" in wrong


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"bed_mm": [200.0, 100.0, 100.0]}, "a round bed has its diameter twice"),
        ({"bed_mm": [0.0, 0.0, 100.0]}, "above 0"),
        ({"bed_mm": [2e4, 2e4, 100.0]}, "up to 10000 mm"),
        ({"bed_shape": "oval"}, "unknown bed_shape"),
        ({"hole_shrink_mm": float("nan")}, "hole_shrink_mm is nan"),
    ],
)
def test_impossible_printers_are_refused(changes, says):
    with pytest.raises(PorcelainError, match=says):
        Printer(**({"name": "p", "bed_mm": (200.0, 200.0, 200.0), "bed_shape": "round"} | changes))
