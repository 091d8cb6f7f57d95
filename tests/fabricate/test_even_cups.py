"""Cups of one width: on the mesh, to the eye, and dry between; where they are not, the plan says so."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from porcelain import fabricate, files, plan
from porcelain.check.inspection.flooded import FloodedMachine
from porcelain.check.inspection.inspection import inspect
from porcelain.check.mesh.weirs import air_along
from porcelain.errors import PorcelainError
from porcelain.geometry import solids
from porcelain.machine.assembly import Assembly
from porcelain.styles.terrace import search as stairs
from porcelain.styles.terrace.cups import flared
from porcelain.units import MM3_PER_ML

DESIGNS = Path(__file__).parents[2] / "designs"
_spec = importlib.util.spec_from_file_location("nets_for_cups", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)

MACHINES = {
    "leaning both ways": [([9.0, 2.0, 20.0], [[0.8, 0.2, 0], [0, 0.5, 0.5], [0, 0, 1]])],
    "four cups": [([4.0, 1.0], [[0.6, 0.4, 0, 0], [0, 0.1, 0.3, 0.6]])],
    "through gutters": [([3.0, 8.0], [[0.2, 0.5, 0.3], [0.5, 0, 0.5]])],
    "two tiers": [([5, 3, 0], [[0.5, 0.5], [1, 0], [0.3, 0.7]]), ([2, 9], [[0.15, 0.85], [0, 1]])],
}


@pytest.fixture(scope="module", params=MACHINES)
def machine(request):
    with nets.hasty():
        design = plan.design(
            nets.network(MACHINES[request.param], 44.0), printer=nets.HALL, style="terrace", cups="equal"
        )
    return design, fabricate.parts(design)


def widths_mm(design, solid, z_mm):
    """Free widths of the cups at a height, from left to right, on a line through their middle."""
    walls = solids.level_cuts(solid, [z_mm])[0]
    middle = float(design.cups[0].at_mm[1])
    found = air_along([np.asarray(loop) for loop in walls], 1, middle, 0.0, design.layout.width_mm)
    return np.array([right - left for left, right in found])


def stands(parts):
    return solids.from_mesh(parts[0].vertices_mm, parts[0].faces).translate(tuple(parts[0].at_mm))


def even_ml(design):
    """What all cups but one hold at most: up to there they must be of one width."""
    worst = design.as_network()(design.worst_ml / design.ml_per_unit)[0] * design.ml_per_unit
    return float(np.sort(worst)[-2])


def test_cups_are_of_one_width_as_high_as_two_of_them_ever_fill(machine):
    design, parts = machine
    assert len(design.layout.cup_walls_mm) == len(design.cups) - 1  # else nothing leans, and nothing is tested
    solid, cup = stands(parts), design.cups[0]
    top = float(cup.at_mm[2] + max(c.level_mm(even_ml(design)) for c in design.cups))
    for z in np.linspace(float(cup.at_mm[2]) + 0.1, top - 0.05, 5):
        found = widths_mm(design, solid, z)
        assert len(found) == len(design.cups)
        assert np.ptp(found) < 0.01
    rim = float(cup.at_mm[2]) + cup.rim_mm
    assert np.ptp(widths_mm(design, solid, rim - 0.1)) > 1.0  # their mouths are not
    mouths = [design.layout.mouth_mm(design.cups, c) for c in sorted(design.cups, key=lambda c: c.at_mm[0])]
    assert widths_mm(design, solid, rim - 0.1) == pytest.approx([b - a for a, b in mouths], abs=0.01)


def test_meshes_hold_at_every_level_what_the_design_says(machine):
    design, parts = machine
    solid = stands(parts)
    for cup in design.cups:
        (x, y, z), half = cup.at_mm, cup.size_mm[1] / 2
        floor = solids.box([x - 1.0, y - 1.0, z], [x + 1.0, y + 1.0, z + 0.1])
        for level in np.linspace(0.2, 0.98, 5) * cup.rim_mm:
            room = solids.box([0.0, y - half, z], [design.layout.width_mm, y + half, z + level])
            (mine,) = (p for p in solids.cut(room, [solid]).decompose() if not (p ^ floor).is_empty())
            assert mine.volume() / MM3_PER_ML == pytest.approx(float(cup.volume_ml(level)), rel=2e-3)


def test_the_fullest_cup_is_the_one_with_the_highest_water(machine):
    design, _ = machine
    pours = np.random.default_rng(1).uniform(0.0, 1.0, (300, len(design.worst_ml))) ** 0.3 * design.worst_ml
    cups = design.as_network()(pours / design.ml_per_unit) * design.ml_per_unit
    levels = np.column_stack([cup.level_mm(cups[:, j]) for j, cup in enumerate(design.cups)])
    for volumes, heights in zip(cups, levels, strict=True):
        assert np.all(np.diff(heights[np.argsort(volumes)]) >= -1e-2)
        low = volumes <= even_ml(design)
        assert heights[low] == pytest.approx(volumes[low] * MM3_PER_ML / design.cups[0].slab_areas_mm2[0], abs=0.02)


def test_water_finds_its_cup_and_no_other_and_not_the_table(machine):
    design, parts = machine
    assembly = Assembly.of(design, parts)
    flooded = FloodedMachine(parts, assembly, 0.4)
    for number, mouth in enumerate(flooded.mouths, 1):
        if mouth.feeds:
            wet = flooded.pour(number)
            assert flooded.reached(wet, number) == set(mouth.feeds)
            assert not np.any((wet.level > -np.inf) & (flooded.columns.part < 0))
    assert inspect(parts, assembly).findings == ()


def test_a_wall_out_of_its_place_is_seen(machine):
    """The width test can fail."""
    design, parts = machine
    place = int(np.argmax([abs(line[-1][0] - line[0][0]) for line in design.layout.walls_mm(design.cups)]))
    (x, _), cup = design.layout.walls_mm(design.cups)[place][0], design.cups[0]
    y, z, half = float(cup.at_mm[1]), float(cup.at_mm[2]), cup.size_mm[1] / 2
    shifted = solids.union([stands(parts), solids.box([x, y - half, z], [x + 3.0, y + half, z + 8.0])])
    assert np.ptp(widths_mm(design, shifted, z + 4.0)) > 2.0


def test_cups_that_would_cost_too_much_stay_as_they_are_and_the_plan_says_so():
    network = files.load(DESIGNS / "iris-mini", "network")
    free, auto, equal = (plan.design(network, style="terrace", cups=cups) for cups in ("free", "auto", "equal"))
    assert files.to_json(auto) == files.to_json(free)
    assert not auto.even_cups
    assert [f.where for f in auto.findings] == ["cups"]
    assert "30 to 60 mm" in str(auto.findings[0])
    assert equal.even_cups
    assert equal.findings == ()
    assert files.from_json(files.to_json(equal), "design") == equal
    with pytest.raises(PorcelainError, match="did you mean 'equal'"):
        plan.design(network, style="terrace", cups="equall")


def test_cups_that_would_take_a_joint_stay_as_they_are(monkeypatch):
    network = files.load(DESIGNS / "iris", "network")
    with nets.hasty():
        free = plan.design(network, style="terrace", cups="free")
        assert plan.design(network, style="terrace").even_cups
        monkeypatch.setattr(stairs, "fits", lambda placed, _: np.ptp([cup.size_mm[0] for cup in placed.cups]) > 1.0)
        assert files.to_json(plan.design(network, style="terrace")) == files.to_json(free)


def test_a_low_cup_whose_wall_leans_from_its_floor_on_is_sized():
    """Its first slab had no height, and planning ended with a complaint about a cup of ours."""
    tops, widths = flared(20.0, 8.5, 0.0, 7.5 / 1.25, 1.25)
    assert np.all(np.diff(tops, prepend=0.0) > 0)
    assert tops[-1] == 8.5
    volume = (np.diff(tops, prepend=0.0) * widths).sum()
    assert volume == pytest.approx(20.0 * 8.5 + 7.5 * 6.0 / 2 + 6.0)  # a triangle, and the collar above it
