"""PrusaSlicer as a client: every part of every design is sliced whole, and broken ones are not let through."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from porcelain import fabricate, files, plan
from porcelain.check import reread, slicer
from porcelain.check.markdown_report import sliced_by
from porcelain.check.slicer import Settings, mesh_report, refused, slice_part
from porcelain.geometry import solids
from porcelain.machine.assembly import Part
from porcelain.plan.planner import DISCHARGE
from porcelain.printer import Printer
from porcelain.styles.terrace.calibration import sill_piece
from porcelain.styles.tower.calibration import hole_piece

DESIGNS = sorted(path.parent for path in (Path(__file__).parents[2] / "designs").glob("*/network.json"))
ENDER3 = Printer.preset("ender3")

pytestmark = pytest.mark.skipif(
    not slicer.available(), reason="prusa-slicer is not installed (Debian: apt install prusa-slicer)"
)


def planned(folder):
    return plan.design(files.load(folder / "network.json", "network"), style="tower")


def design_in(folder):
    saved = folder / "design.json"
    return files.load(saved, "design") if saved.is_file() else planned(folder)


def a_part(solid, name="part"):
    vertices, faces = solids.to_mesh(solid, name)
    return Part(name, vertices - vertices.min(axis=0), faces, np.zeros(3))


def cup(wall=1.6, floor=1.6):
    outer = solids.box([0, 0, 0], [20, 20, 12])
    return solids.cut(outer, [solids.box([wall, wall, floor], [20 - wall, 20 - wall, 13])])


def findings(part, machine=ENDER3):
    whole, solid = slice_part(part, machine), slice_part(part, machine, Settings(solid=True))
    return {f.rule for f in refused(part, machine, whole, solid)}, whole


@pytest.mark.parametrize("folder", DESIGNS, ids=lambda path: path.name)
def test_every_part_of_a_design_slices_whole(folder):
    design = design_in(folder)
    shapes = slicer.alike(reread(fabricate.parts(design)))
    with ThreadPoolExecutor(2) as pool:  # the slicer is a process of its own, and often waits for one core
        ways = [pool.submit(slice_part, p, design.printer, Settings(solid=s)) for p, _ in shapes for s in (False, True)]
    for (part, _), whole, solid in zip(shapes, ways[::2], ways[1::2], strict=True):
        assert [str(f) for f in refused(part, design.printer, whole.result(), solid.result())] == []
        assert whole.result().support_cm3 == 0.0, part.name
    said = slicer.in_words([(way.result(), count) for way, (_, count) in zip(ways[::2], shapes, strict=True)])
    hours, grams = time_and_plastic(said)
    assert 0.5 < hours < 48
    assert 10 < grams < 400
    told = sliced_by((folder / "README.md").read_text())
    assert time_and_plastic(told) == pytest.approx((hours, grams), rel=0.01)  # planned on another processor
    assert told.endswith("no support")


@pytest.mark.parametrize("piece", [sill_piece, hole_piece])
def test_a_trial_piece_prints_in_three_quarters_of_an_hour_without_support(piece):
    sliced = [slice_part(part, ENDER3) for part in fabricate.parts(piece(ENDER3, DISCHARGE))]
    assert sum(part.hours for part in sliced) <= 0.75
    assert sum(part.support_cm3 for part in sliced) == 0.0


def time_and_plastic(said: str) -> tuple[float, float]:
    h, m, g = (int(n) for n in re.findall(r"(\d+) (?:h|min|g)\b", said))
    return h + m / 60, g


def test_the_g_code_is_read_rightly():
    part = a_part(cup())
    rules, whole = findings(part)
    assert rules == set()
    # what the slicer says it used is what was added up from the nozzle's moves
    assert sum(whole.cm3.values()) * 1.24 == pytest.approx(whole.grams, rel=0.02)
    assert np.subtract(whole.high_mm, whole.low_mm)[:2] == pytest.approx([20.0, 20.0], abs=0.6)
    assert whole.high_mm[2] == pytest.approx(12.0, abs=0.01)
    assert 0.05 < whole.hours < 1.0
    assert mesh_report(part)["volume"].startswith(f"{part.volume_mm3:.0f}"[:3])


def test_parts_of_one_shape_are_sliced_once_and_told_by_name(monkeypatch):
    asked = []
    monkeypatch.setattr(slicer, "slice_part", lambda part, *_: asked.append(part.name) or len(asked))
    parts = [a_part(cup(), "a"), a_part(cup(wall=2.0), "b"), a_part(cup(), "c")]
    assert slicer.slice_parts(parts, ENDER3) == {"a": 1, "b": 2, "c": 1}
    assert asked == ["a", "b"]


def test_a_shelf_in_the_air_draws_support():
    shelf = solids.union([solids.box([0, 0, 0], [10, 20, 20]), solids.box([0, 0, 18], [35, 20, 20])])
    assert slice_part(a_part(shelf), ENDER3).support_cm3 > 1.0


def test_broken_meshes_are_not_let_through():
    good = a_part(cup())
    hole = replace(good, faces=good.faces[6:])
    turned = replace(good, faces=good.faces[:, ::-1])
    loose = a_part(cup() + solids.box([5, 5, 20], [15, 15, 24]))
    overlapping = a_part(cup())
    overlapping = replace(
        overlapping,
        vertices_mm=np.concatenate([good.vertices_mm, good.vertices_mm + np.array([9.0, 0.0, 0.0])]),
        faces=np.concatenate([good.faces, good.faces + len(good.vertices_mm)]),
    )
    assert "slicer's open_edges" in findings(hole)[0]
    assert "slicer's facets_reversed" in findings(turned)[0]
    assert {"slicer's number_of_parts", "empty layers"} <= findings(loose)[0]
    assert "slicer's number_of_parts" in findings(overlapping)[0]
    assert "sliced over mesh volume" in findings(a_part(cup(wall=0.25)))[0]
    assert "extents of the G-code" in findings(a_part(solids.box([0, 0, 0], [240, 10, 4])))[0]
    assert "extents of the G-code" in findings(a_part(solids.box([0, 0, 0], [20, 20, 260])))[0]
