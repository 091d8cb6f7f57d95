"""Lips against splashing: mouths that widen, walls that end in ridges, a guard round the cups."""

import importlib.util
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from porcelain import fabricate, files, plan
from porcelain.errors import DesignError
from porcelain.geometry import solids
from porcelain.styles.terrace.fittings import FUNNEL_MM
from porcelain.styles.terrace.layout import GUARD_MM

_spec = importlib.util.spec_from_file_location("nets_for_lips", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)
_spec = importlib.util.spec_from_file_location("support_for_lips", Path(__file__).with_name("test_support.py"))
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

NET = nets.network(
    [([9, 0.1, 8], [[0.4, 0, 0.6], [0, 1, 0], [0.8, 0, 0.2]]), ([3, 1, 5], [[0, 1], [0.7, 0.3], [1, 0]])], 30.0
)


@pytest.fixture(scope="module")
def machine():
    with nets.hasty():
        design = plan.design(NET, printer=nets.HALL, style="terrace")
    return design, *assembled(design)


def assembled(design):
    (part,) = fabricate.parts(design)
    return part, solids.from_mesh(part.vertices_mm, part.faces).translate(tuple(part.at_mm))


def openings(solid, side, at, z):
    """From where to where there is air along x (0) or y (1) through a place, on a level, within the machine."""
    low, high = np.array(solid.bounding_box()[:3]), np.array(solid.bounding_box()[3:])
    start, end = [*at, z - 0.005], [*at, z + 0.005]
    start[side], end[side] = low[side] - 1.0, high[side] + 1.0
    start[1 - side], end[1 - side] = at[1 - side] - 0.005, at[1 - side] + 0.005
    pieces = (solids.box(start, end) - solid).decompose()
    spans = sorted((p.bounding_box()[side], p.bounding_box()[side + 3]) for p in pieces)
    return next(s for s in spans if s[0] <= at[side] <= s[1])


def test_mouths_that_are_poured_into_are_wider_than_their_buckets(machine):
    design, _, solid = machine
    body, cells = design.layout, sorted(design.tiers[0], key=lambda b: b.at_mm[0])
    assert body.funnel_mm == FUNNEL_MM
    rim = cells[0].at_mm[2] + cells[0].rim_mm
    wider = body.flare_mm + body.wall_mm - body.knife_mm  # at its edge, to each side that leans out
    assert wider > 5.0
    for cell in cells:
        for height, part in ((body.funnel_mm - 0.05, 1.0), (body.funnel_mm / 2, 0.5)):
            x = cell.at_mm[0] + 0.31 * cell.size_mm[0]  # beside the letters
            back, _ = openings(solid, 1, (x, cell.at_mm[1]), rim + height)
            relief = body.relief_mm / np.sin(np.radians(45.0))
            bare = cell.at_mm[1] - cell.size_mm[1] / 2 - part * wider
            assert bare - 0.1 <= back <= bare + relief
    for cell, side in ((cells[0], -1), (cells[-1], 1)):
        ends = openings(solid, 0, (cell.at_mm[0], cell.at_mm[1]), rim + body.funnel_mm - 0.05)
        edge = cell.at_mm[0] + side * (cell.size_mm[0] / 2 + wider)
        assert ends[side > 0] == pytest.approx(edge, abs=0.1)


def width_mm(solid, x, y, z):
    """How wide along x what stands at a place is on a level."""
    strip = solids.box([x - 3, y - 0.05, z - 0.01], [x + 3, y + 0.05, z + 0.01]) ^ solid
    return 0.0 if strip.is_empty() else strip.bounding_box()[3] - strip.bounding_box()[0]


def test_walls_between_mouths_end_in_a_ridge(machine):
    """A drop finds no level place to lie on: from its full thickness every wall narrows to nothing."""
    design, _, solid = machine
    body = design.layout
    for k, row in enumerate(design.rows):
        rim = row[0].at_mm[2] + row[0].rim_mm
        half = body.wall_mm / 2
        top = rim + (np.sqrt(3) * half if k == 0 else body.step_mm)
        y = body.fronts_mm[k] - 2 * body.wall_mm
        for left, right in pairwise(sorted(row, key=lambda v: v.at_mm[0])):
            x = (left.at_mm[0] + left.size_mm[0] / 2 + right.at_mm[0] - right.size_mm[0] / 2) / 2
            for below in (0.2, 0.7, 1.2):
                assert width_mm(solid, x, y, top - below) == pytest.approx(2 * below / np.sqrt(3), abs=0.05)
            assert width_mm(solid, x, y, top + 0.05) == 0.0


def test_the_cups_are_walled_in_above_their_rims(machine):
    design, _, solid = machine
    body, rim = design.layout, design.cups[0].at_mm[2] + design.cups[0].rim_mm
    behind = body.layer_mm(len(design.tiers) - 1, body.layers[-1])
    level = rim + body.guard_mm - 0.1
    y = (behind + body.fronts_mm[-1]) / 2
    x = design.cups[0].at_mm[0]
    _, front = openings(solid, 1, (x, y), level)
    assert front == pytest.approx(body.fronts_mm[-1], abs=0.1)
    sill = min(b.at_mm[2] + b.outlet.sill_mm for b in design.tiers[-1])
    assert body.guard_mm == pytest.approx(min(GUARD_MM[0], sill - rim - GUARD_MM[1]), abs=0.05)
    assert body.guard_mm > 1.0
    thick = body.fronts_mm[-1] - openings(solid, 1, (x, y), level - 0.7)[1]
    assert thick == pytest.approx(0.8 / np.sqrt(3), abs=0.05)  # its top falls inwards


def test_lips_need_no_support(machine):
    design, part, _ = machine
    assert support.hanging(solids.from_mesh(part.vertices_mm, part.faces), part.size_mm[2]) == []
    ((low, high),) = design.layout.part_boxes_mm(design).values()
    assert np.all(part.assembled_mm.min(axis=0) >= low - 0.011)
    assert np.all(part.assembled_mm.max(axis=0) <= high + 0.011)


def test_a_machine_without_lips_has_the_old_rims(machine):
    with nets.hasty():
        plain = plan.design(NET, printer=nets.HALL, style="terrace", lips=False)
    assert b"funnel_mm" not in files.to_json(plain)
    assert files.from_json(files.to_json(machine[0]), "design") == machine[0]
    _, solid = assembled(plain)
    cell = plain.tiers[0][0]
    rim = cell.at_mm[2] + cell.rim_mm
    assert solid.bounding_box()[1] == pytest.approx(0.0, abs=1e-3)
    assert solid.bounding_box()[5] == pytest.approx(rim + plain.layout.board_mm[1], abs=0.01)


def test_a_funnel_too_low_for_its_letters_is_refused(machine):
    design = machine[0]
    with pytest.raises(DesignError, match="funnel"):
        fabricate.parts(replace(design, layout=replace(design.layout, funnel_mm=4.0)))
    assert fabricate.parts(replace(design, layout=replace(design.layout, funnel_mm=4.0, text_mm=0.0)))
