"""What is written on a tower: seen from outside, on walls that nothing hides, and at the levels that it tells."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from porcelain import files, plan
from porcelain.fabricate import csg_tree
from porcelain.geometry import solids
from porcelain.geometry.channel import polygon_area
from porcelain.machine.design import Design
from porcelain.printer import Printer
from porcelain.styles.tower import solids as pipes

ROOM = Path(__file__).parents[2] / "designs" / "iris-tower"
UP = np.array([0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def tower() -> Design:
    return files.load(ROOM, "design")


@pytest.fixture(scope="module")
def bodies(tower):
    """The part that bears each vessel, by the vessel's name, in assembled position."""
    tiers = [pipes._tier(tower, k) for k in range(len(tower.tiers))]
    of_buckets = {b.name: tiers[k] for k, row in enumerate(tower.tiers) for b in row}
    return of_buckets | {cup.name: pipes._cup(tower, cup) for cup in tower.cups}


def seen(design, label, solid, before_mm):
    """Outlines in a cut parallel to a label's wall, so far before it, as (to the right, up) of one who reads it."""
    vessel = next(v for v in design.vessels if v.name == label.vessel)
    out = label.out(vessel)
    right = np.cross(-out, UP)  # of one who looks at the wall
    at = np.array(label.at_mm)
    at += out * (vessel.at_mm @ out + abs(out[:2]) @ vessel.size_mm / 2 + design.layout.wall_mm + before_mm - at @ out)
    return solids.loops_at(solid, at, right, UP)


def test_everything_bears_its_name(tower):
    told = {label.vessel: " ".join(label.lines) for label in tower.layout.labels}
    assert told == {
        **{bucket.name: bucket.label.upper() for bucket in tower.tiers[0]},
        **{bucket.name: bucket.name.upper() for bucket in tower.tiers[1]},
        **{cup.name: cup.label.upper() for cup in tower.cups},
    }


def test_marks_stand_where_the_cup_itself_holds_so_much(tower, bodies):
    """Volumes are integrated over level cuts of the mesh, up to the middle of each mark in an upright cut."""
    for label in tower.layout.labels:
        if not label.vessel.startswith("c"):
            continue
        cup = next(cup for cup in tower.cups if cup.name == label.vessel)
        spans = [(loop.min(axis=0), loop.max(axis=0)) for loop in seen(tower, label, bodies[cup.name], 0.45)]
        below = [(high - low, (low + high)[1] / 2 + label.at_mm[2]) for low, high in spans if high[1] < 0]
        heights = sorted(z for size, z in below if size[0] > 3 * size[1])  # broad and low: no numeral is
        (loops,) = solids.level_cuts(bodies[cup.name], [cup.at_mm[2] + 9.0])
        inner = max(-polygon_area(loop) for loop in loops)
        volumes = [inner * (z - cup.at_mm[2]) / 1000.0 for z in heights]
        assert volumes == pytest.approx(np.arange(5, 5 * len(volumes) + 1, 5), abs=0.1)
        assert len(volumes) == 8


def test_letters_read_from_left_to_right_and_arrows_point_up(tower, bodies):
    """The first letter of the lower line of LENGTH is an L: its weight is on the left and low."""
    for label in tower.layout.labels:
        loops = seen(tower, label, bodies[label.vessel], 0.9 * tower.layout.relief_mm)
        if label.lines[-1] == "LENGTH":
            first = min((loop for loop in loops if 0 <= loop[:, 1].mean() < 4), key=lambda loop: loop[:, 0].min())
            low, high = first.min(axis=0), first.max(axis=0)
            right_above = (first > (low + high) / 2).all(axis=1)
            assert not right_above.any()
            assert ((first[:, 0] > (low + high)[0] / 2) & (first[:, 1] < low[1] + 1.0)).any()
        if label.vessel.startswith("b0"):
            near = [loop for loop in loops if np.abs(loop[:, 0]).max() < label.room_mm / 2]
            arrow = max(near, key=lambda loop: loop[:, 1].max())
            tip = arrow[arrow[:, 1].argmax()]
            assert abs(tip[0]) < 0.1
            assert np.ptp(arrow[arrow[:, 1] < tip[1] - 1.5][:, 0]) > 2.0


def test_nothing_stands_before_a_name(tower, bodies):
    for label in tower.layout.labels:
        tall = label.tall_mm(tower.layout.text_mm, label.vessel.startswith("b0"))
        for before_mm in (1.0, 3.0, 6.0):
            for loop in seen(tower, label, bodies[label.vessel], before_mm):
                low, high = loop.min(axis=0), loop.max(axis=0)
                hidden = low[0] < label.room_mm / 2 and high[0] > -label.room_mm / 2 and low[1] < tall and high[1] > 0
                if hidden:  # by its box; a slanted pipe may still pass by
                    along, up = np.linspace(loop, np.roll(loop, -1, axis=0), 9).reshape(-1, 2).T
                    inside = (np.abs(along) < label.room_mm / 2) & (up > 0) & (up < tall)
                    assert not inside.any(), (label.vessel, before_mm)


def test_names_are_outside_only_and_take_no_room_from_the_water(tower, bodies):
    bare = replace(tower, layout=replace(tower.layout, labels=()))
    plain = {b.name: pipes._tier(bare, k) for k, row in enumerate(bare.tiers) for b in row[:1]}
    plain |= {cup.name: pipes._cup(bare, cup) for cup in bare.cups}
    for vessel in tower.vessels:
        if vessel.name not in plain:
            continue
        half = np.array([*vessel.size_mm, 0.0]) / 2
        room = solids.box(vessel.at_mm - half - [0, 0, 1.0], vessel.at_mm + half + [0, 0, vessel.rim_mm])
        with_names, without = (room - bodies[vessel.name]).volume(), (room - plain[vessel.name]).volume()
        assert with_names == pytest.approx(without, rel=1e-9)
        assert bodies[vessel.name].volume() > plain[vessel.name].volume() + 5.0
        assert bodies[vessel.name].genus() == plain[vessel.name].genus()


def test_recipes_know_the_letters(tower):
    def hulls(recipe):
        return (recipe[0] == "hull") + sum(hulls(r) for part in recipe[1:] if isinstance(part, list) for r in part)

    bare = replace(tower, layout=replace(tower.layout, labels=()))
    assert hulls(csg_tree.recipes(tower)["c0"]) > hulls(csg_tree.recipes(bare)["c0"]) + 20


def test_without_text_a_tower_is_bare_and_its_file_says_nothing_of_letters(tower):
    bare = plan.design(tower.network, printer=tower.printer, style="tower", text=False)
    assert bare.layout.labels == ()
    assert not {"text_mm", "stroke_mm", "relief_mm", "labels"} & set(json.loads(files.to_json(bare))["layout"])
    assert replace(tower.layout, text_mm=0.0, stroke_mm=0.0, relief_mm=0.0, labels=()) == bare.layout


def test_what_does_not_fit_is_short_or_left_out_and_said(tower):
    names = ("otorhinolaryngologically", *tower.network.encoding.feature_names[1:])
    network = replace(
        tower.network,
        encoding=replace(tower.network.encoding, feature_names=names),
        class_names=("setosa", "antidisestablishmentarian", "virginica"),
    )
    design = plan.design(network, printer=Printer.preset("ender3"), style="tower")
    told = {label.vessel: label.lines for label in design.layout.labels}
    assert told["b0.0"] == ("B0.0",)
    assert told["c1"] == ("C1",)
    said = {f.where: str(f) for f in design.findings if f.rule == "name"}
    assert set(said) == {"b0.0", "c1"}
    assert all(f.severity == "warning" for f in design.findings)
    assert "B0.0 is embossed instead" in said["b0.0"]
