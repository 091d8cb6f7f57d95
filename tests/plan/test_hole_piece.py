"""The calibration piece of a tower: cups that a known water and known holes would fill lead back to both."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from click.testing import CliRunner

from porcelain import fabricate, files
from porcelain.check.measurement import measure
from porcelain.check.mesh.readers import reread
from porcelain.cli import porcelain
from porcelain.errors import FileError, PorcelainError
from porcelain.fabricate.csg_tree import recipes
from porcelain.geometry import channel
from porcelain.plan.planner import DISCHARGE
from porcelain.printer import Printer
from porcelain.styles.calibration import weighed
from porcelain.styles.tower.calibration import POURED_ML, SHARES, hole_piece, read_holes
from porcelain.water import WATERS

_spec = importlib.util.spec_from_file_location("drains", Path(__file__).with_name("test_compensated.py"))
drains = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drains)


@pytest.fixture(scope="module")
def piece():
    return hole_piece(Printer.preset("ender3"), DISCHARGE)


def pours(tmp_path, cups, poured=POURED_ML):
    path = tmp_path / "test.json"
    path.write_text(json.dumps({"poured_ml": poured, "cups_ml": np.round(cups, 4).tolist()}))
    return path


def cups_ml(piece, liquid, shrink):
    """What a pour in one go leaves in the cups: strips of a hole, steps of a level, nothing of the reader's."""
    (bucket,) = piece.buckets
    areas = np.array([channel.area_mm2(pipe.bore_mm - shrink) for pipe in piece.pipes])
    drawn = np.array([pipe.area_mm2 for pipe in piece.pipes])  # the water's own level is the drawing's, to a hair
    stop = min(np.hypot(liquid.film_mm, liquid.push_mm(4 / np.sqrt(4 * a / np.pi))) for a in drawn)
    out = POURED_ML - float(bucket.volume_ml(bucket.outlet.sill_mm + stop))
    head = float(bucket.level_mm(POURED_ML)) - bucket.outlet.sill_mm
    return out * drains.drained(areas, np.zeros(3), liquid, head, steps=600)


@pytest.mark.parametrize(("name", "angle"), [("rinse_aid", 20.0), ("rinse_aid", 35.0), ("tap", 60.0), ("tap", 75.0)])
@pytest.mark.parametrize("shrink", [-0.1, 0.0, 0.2])
def test_readings_are_the_water_and_the_holes_that_made_them(piece, tmp_path, name, angle, shrink):
    liquid = replace(WATERS[name], contact_angle_deg=angle)
    path = pours(tmp_path, [cups_ml(piece, liquid, shrink)] * 3)
    reading = read_holes(weighed(path), piece, WATERS[name])
    assert reading.water.contact_angle_deg == pytest.approx(angle, abs=1.0)
    assert reading.water.surface_tension_n_m == WATERS[name].surface_tension_n_m
    assert reading.shrink_mm == pytest.approx(shrink, abs=0.06)
    assert reading.scatter_pp == pytest.approx(0.0, abs=1e-9)
    assert 0.02 < reading.shrink_sd_mm < 0.12  # nobody pours twice alike
    assert reading.misfit_pp < 0.5
    assert reading.printer(piece.printer).hole_shrink_mm == pytest.approx(0.15 + shrink, abs=0.06)


def test_scatter_between_pours_is_an_uncertainty_of_the_holes(piece, tmp_path):
    cups = cups_ml(piece, WATERS["rinse_aid"], 0.1)
    moved = np.array([0.01, -0.005, -0.005]) * cups.sum()
    reading = read_holes(weighed(pours(tmp_path, [cups + moved, cups - moved])), piece, WATERS["rinse_aid"])
    assert reading.scatter_pp == pytest.approx(1.0, abs=0.01)
    assert 0.03 < reading.shrink_sd_mm < 0.3


@pytest.mark.parametrize(
    ("cups", "water_name", "word"),
    [
        ([[0.8, 0.4, 0.4]], "rinse_aid", "leak"),
        ([[0.2, 0.6, 0.6]], "rinse_aid", "another order"),
        ([[0.75, 0.0, 0.7]], "rinse_aid", "blocked hole"),
        ([[0.2, 0.1, 0.1]], "rinse_aid", "blocked holes"),
        ([[0.6, 0.3, 0.4]], "ideal", "--water tap"),
    ],
)
def test_impossible_cups_are_refused_with_a_reason(piece, tmp_path, cups, water_name, word):
    with pytest.raises(PorcelainError, match=word):
        read_holes(weighed(pours(tmp_path, cups)), piece, WATERS[water_name])


def test_more_than_the_piece_holds_is_refused(piece, tmp_path):
    with pytest.raises(PorcelainError, match="do not fit"):
        read_holes(weighed(pours(tmp_path, [[2.0, 1.0, 1.0]], poured=5.0)), piece, WATERS["tap"])
    with pytest.raises(FileError):
        weighed(pours(tmp_path, [[2.0, 1.0, 1.0]], poured=3.0))


def test_the_piece_is_one_small_body_with_its_three_holes_as_drawn(piece):
    (part,) = fabricate.parts(piece)
    mesh = trimesh.Trimesh(part.vertices_mm, part.faces, process=False)
    assert mesh.is_watertight
    assert mesh.body_count == 1
    assert (2 - mesh.euler_number) // 2 == 3
    assert np.all(part.size_mm < np.array([30, 30, 35]))
    assert part.volume_mm3 < 5500  # 44 minutes; the slicer says so where it is
    low, high = piece.layout.part_boxes_mm(piece)["body"]
    assert part.assembled_mm.min(axis=0) == pytest.approx(low, abs=1e-3)
    assert part.assembled_mm.max(axis=0) == pytest.approx(high, abs=0.06)  # letters are unevenly raised
    assert [label.lines for label in piece.layout.labels] == [("C0",), ("C1",), ("C2",)]
    measured = measure(piece, reread([part]))
    assert measured.held_volume_ml["b0.0"] == pytest.approx(piece.buckets[0].threshold_ml, rel=0.005)
    assert [p.share for p in piece.pipes] == pytest.approx(SHARES)


def test_its_recipe_is_of_that_one_body(piece):
    assert list(recipes(piece)) == [part.name for part in fabricate.parts(piece)] == ["body"]


def test_a_plan_takes_the_weighed_cups_in(piece, tmp_path):
    liquid = replace(WATERS["rinse_aid"], contact_angle_deg=35.0)
    path = pours(tmp_path, [cups_ml(piece, liquid, 0.1)] * 2)
    network = Path(__file__).parents[2] / "designs" / "iris-tower" / "network.json"
    words = ["plan", str(network), "--style", "tower", "--water", "rinse_aid", "-o", str(tmp_path / "design.json")]
    said = CliRunner().invoke(porcelain, [*words, "--measured", str(path)])
    assert said.exit_code == 0, said.output
    assert "35 degrees" in said.output
    design = files.load(tmp_path / "design.json")
    assert design.water.contact_angle_deg == pytest.approx(35.0, abs=1.0)
    assert design.printer.hole_shrink_mm == pytest.approx(0.25, abs=0.06)
    trial = CliRunner().invoke(porcelain, ["plan", "--trial", "--style", "tower", "-o", str(tmp_path / "trial.json")])
    assert trial.exit_code == 0, trial.output
    assert files.load(tmp_path / "trial.json") == piece
