"""A design that was edited by hand until it breaks a rule is refused, with the name of what is wrong."""

import copy
import json
from pathlib import Path

import pytest

from porcelain import fabricate, files
from porcelain.errors import DesignError
from porcelain.styles.validate import errors, violations

ROOM = Path(__file__).parents[2] / "designs"
DESIGNS = sorted(path.parent for path in ROOM.glob("*/design.json"))


@pytest.fixture(scope="module")
def iris():
    return json.loads((ROOM / "iris" / "design.json").read_text())


@pytest.fixture(scope="module")
def tower():
    return json.loads((ROOM / "iris-tower" / "design.json").read_text())


@pytest.mark.parametrize("folder", DESIGNS, ids=lambda path: path.name)
def test_stored_designs_break_no_rule(folder):
    assert errors(violations(files.load(folder, "design"))) == []


def bucket(d, name):
    return next(v for row in (*d["tiers"], d["cups"]) for v in row if v["name"] == name)


def label(d, name):
    return next(p for p in d["layout"]["labels"] if p["vessel"] == name)


def pipe(d, name):
    return next(p for p in d["pipes"] if p["name"] == name)


EDITS = {
    "a bucket moved into its neighbour": (lambda d: add(bucket(d, "b0.2")["at_mm"], 0, 5.0), "wall", "b0.2"),
    "a bucket above its row": (lambda d: add(bucket(d, "b1.1")["at_mm"], 2, 15.0), "height of its rim", "b1.1"),
    "a bucket through the row in front": (lambda d: add(bucket(d, "b0.3")["at_mm"], 1, 9.0), "front wall", "b0.3"),
    "a bucket below the table": (lambda d: add(bucket(d, "b1.1")["at_mm"], 2, -40.0), "height of its floor", "b1.1"),
    "a sill that is not level": (lambda d: add(bucket(d, "b0.0")["outlet"], "sill_mm", 2.0), "height of its", "b0.0"),
    "a cup of no width": (lambda d: put(bucket(d, "c0")["size_mm"], 0, 2.0), "wall on its left", "c0"),
    "a branch too wide": (lambda d: times(pipe(d, "p0.0-1"), "area_mm2", 2.0), "end of its sill", "p0.0-1"),
    "a branch too narrow": (lambda d: times(pipe(d, "p0.0-1"), "area_mm2", 0.1), "compartment", "p0.0-1"),
    "a floor that climbs": (lambda d: put(d["layout"]["floor_slopes"], 1, -1.0), "fall of the floor", "b0.1"),
    "a missing slope": (lambda d: d["layout"]["floor_slopes"].pop(), "count", "layout.floor_slopes"),
    "a layer that is not there": (lambda d: put(d["layout"]["pipe_layers"], 2, 7), "gutter layer", "p0.1-"),
    "a divider in the way": (lambda d: add(d["layout"]["dividers"][1], "top_mm", 25.0), "water", "p0.0-2"),
    "a mouth above its sill": (lambda d: add(d["layout"]["mouths_mm"], 0, 40.0), "mouth of its gutters", "b1."),
    "rows in a heap": (lambda d: d["layout"]["fronts_mm"].reverse(), "front", "b1.0"),
    "too many cup walls": (lambda d: d["layout"]["cup_walls_mm"].append(9.0), "count", "layout.cup_walls_mm"),
    "a cup without a mouth": (lambda d: put(d["layout"]["cup_walls_mm"], 0, 2.0), "mouth", "c0"),
    "a cup under a roof": (lambda d: add(d["layout"]["cup_walls_mm"], 0, 60.0), "foot of its leaning wall", "c"),
    "more layers than streams": (lambda d: put(d["layout"]["layers"], 0, 35), "gutter layers", "b0.0"),
    "letters as high as a house": (lambda d: put(d["layout"], "text_mm", 40.0), "size", "layout.text_mm"),
    "strokes as broad as letters": (lambda d: put(d["layout"], "stroke_mm", 9.0), "size", "layout.stroke_mm"),
    "a flat roof": (lambda d: put(d["layout"], "roof_deg", 5.0), "size", "layout.roof_deg"),
    "a baffle that fills its bucket": (lambda d: put(d["layout"], "baffle_mm", 58.0), "size", "layout.baffle_mm"),
    "a screw wider than its ear": (lambda d: put(d["layout"], "screw_mm", 86.0), "size", "layout.screw_mm"),
    "paper walls": (lambda d: put(d["layout"], "wall_mm", 0.1), "thickness", "layout.wall_mm"),
    "more water than a bucket's walls leave": (
        lambda d: scale(bucket(d, "b0.0"), "slab_areas_mm2", 1.02),
        "by its",
        "b0.0",
    ),
    "more water than a cup's walls leave": (lambda d: scale(bucket(d, "c1"), "slab_areas_mm2", 1.02), "by its", "c1"),
    "another floor": (lambda d: times(d["layout"]["floor_slopes"], 3, 0.97), "water below", "b0.3"),
    "wider slots": (lambda d: times(d["layout"]["slot_mm"], 0, 1.3), "water below", "b0.0"),
    "another threshold": (lambda d: times(d["network"]["layers"][1]["thresholds"], 0, 1.1), "water kept", "b1.0"),
    "another unit": (lambda d: put(d, "ml_per_unit", 1.2), "water kept", "b0.0"),
    "shares of another network": (lambda d: d["network"]["layers"][0]["shares"][0].reverse(), "share", "p0.0-2"),
    "another share": (lambda d: share(d, "p0.0-1", "p0.0-2", 0.05), "share", "p0.0-1"),
    "inputs in another order": (lambda d: d["tiers"][0].reverse(), "name", "b0.3"),
    "a feature of another name": (lambda d: d["network"]["encoding"]["feature_names"].reverse(), "label", "b0.0"),
    "a class of another name": (lambda d: put(bucket(d, "c2"), "label", "setosa"), "label", "c2"),
    "more inputs than buckets": (lambda d: d["worst_ml"].append(5.0), "count", "worst_ml"),
    "a pour below nothing": (lambda d: put(d["worst_ml"], 1, -5.0), "worst pour", "b0.1"),
    "a pour that sills do not pass": (lambda d: put(d, "pour_ml_s", 40.0), "worst pour", "b0.0"),
    "a pour that cups do not hold": (lambda d: put(d["worst_ml"], 2, 400.0), "worst pour", "c"),
    "holes in a terrace": (lambda d: put(bucket(d, "b1.0")["outlet"], "kind", "orifice"), "outlet", "b1.0"),
    "an opening lower than water stands": (
        lambda d: put(bucket(d, "b1.0")["outlet"], "height_mm", 0.5),
        "opening",
        "b1.0",
    ),
    "a sill wider than its branches": (
        lambda d: times(bucket(d, "b0.0")["outlet"], "width_mm", 1.1),
        "width of",
        "b0.0",
    ),
    "water that stops elsewhere": (
        lambda d: times(bucket(d, "b0.2")["outlet"], "stop_mm", 1.5),
        "level at which",
        "b0.2",
    ),
    "a gutter too narrow for water": (lambda d: put(d["layout"]["gutters_mm"], 0, 1.0), "depth of its gutters", "b0."),
    "gutters over the front": (lambda d: put(d["layout"]["gutters_mm"], 1, 60.0), "front of its gutters", "c"),
    "a wall that floats over the mouths": (
        lambda d: add(d["layout"]["mouths_mm"], 1, 2.0),
        "mouth of its gutters",
        "c0",
    ),
    "knives that end below the water": (lambda d: add(d["layout"]["tops_mm"], 1, -2.0), "top of its opening", "b1.0"),
    "a divider of no layer": (
        lambda d: put(d["layout"]["dividers"][5], "layer", 1),
        "dividers",
        "tier 1, layer 0, wall 1",
    ),
    "a divider too few": (lambda d: d["layout"]["dividers"].pop(), "dividers", "tier 1, layer 0, wall 3"),
    "a ramp below its dividers' feet": (lambda d: put(d["layout"], "lip_mm", 18.0), "end of its ramp", "p0.0-2"),
    "a path from nowhere": (lambda d: add(pipe(d, "p0.0-1")["path_mm"][0], 1, 3.0), "upper end", "p0.0-1"),
    "a path to nowhere": (lambda d: add(pipe(d, "p0.0-1")["path_mm"][-1], 0, 40.0), "lower end", "p0.0-1"),
    "a path through the front": (lambda d: add(pipe(d, "p0.0-1")["path_mm"][1], 1, 30.0), "way", "p0.0-1"),
    "a guard that dams up a sill": (lambda d: put(d["layout"], "guard_mm", 9.0), "height", "layout.guard_mm"),
    "a bar through the cups": (lambda d: put(d["layout"]["foot_mm"], 0, 60.0), "size", "layout.foot_mm[0]"),
    "an ear that its screw splits": (lambda d: put(d["layout"]["ear_mm"], 0, 4.5), "size", "layout.screw_mm"),
    "no step under the gutters": (lambda d: put(d["layout"], "step_mm", 0.0), "size", "layout.step_mm"),
}


def put(place, key, value):
    place[key] = value


def add(place, key, value):
    place[key] += value


def scale(place, key, factor):
    place[key] = [value * factor for value in place[key]]


def share(document, more, less, by):
    add(pipe(document, more), "share", by)
    add(pipe(document, less), "share", -by)


def times(place, key, value):
    place[key] *= value


TOWER_EDITS = {
    "paper walls": (lambda d: put(d["layout"], "wall_mm", 0.3), "size", "layout.wall_mm"),
    "pipes of paper": (lambda d: put(d["layout"], "pipe_wall_mm", 0.2), "size", "layout.pipe_wall_mm"),
    "no mast": (lambda d: put(d["layout"], "mast_mm", 0.0), "size", "layout.mast_mm"),
    "a flat roof": (lambda d: put(d["layout"], "roof_deg", 10.0), "slope", "layout.roof_deg"),
    "a tier below the next": (lambda d: put(d["layout"]["planes_mm"], 0, 5.0), "underside", "t1"),
    "a bucket away from its pipes": (lambda d: add(bucket(d, "b1.0")["at_mm"], 0, 25.0), "upper end", "p1.0-"),
    "a bucket in its neighbour": (lambda d: times(bucket(d, "b0.0")["size_mm"], 0, 3.0), "wall between", "b0.0"),
    "two cups in one place": (lambda d: put(d["cups"][0], "at_mm", d["cups"][1]["at_mm"]), "wall between", "c0"),
    "a pipe beside its mouth": (lambda d: add(pipe(d, "p0.0-1")["path_mm"][-1], 0, 40.0), "lower end", "p0.0-1"),
    "a bore too narrow": (lambda d: put(pipe(d, "p0.0-1"), "area_mm2", 0.5), "bore", "p0.0-1"),
    "more water than there is room": (lambda d: put(bucket(d, "b0.0"), "slab_areas_mm2", [1e5]), "free area", "b0.0"),
    "a floor thicker than its seat allows": (lambda d: put(d["layout"], "floor_mm", 3.2), "height of its floor", "c0"),
    "a thick foot": (lambda d: put(d["layout"], "foot_mm", 20.0), "height of its floor", "c1"),
    "a plate that ends before its cups": (lambda d: put(d["layout"]["feet_mm"][0], 2, 60.0), "place", "c0"),
    "a mast inside its own walls": (lambda d: put(d["layout"], "mast_mm", 3.0), "size", "layout.mast_mm"),
    "a rim in the tier above": (lambda d: add(bucket(d, "c1")["at_mm"], 2, 6.0), "height of its rim", "c1"),
    "another gap": (lambda d: put(d["layout"], "gap_mm", 1.0), "height of its rim", "b1.0"),
    "walls that meet the next cup": (lambda d: put(d["layout"], "wall_mm", 3.2), "wall between", "c0"),
    "a hole above its sill": (lambda d: add(pipe(d, "p0.1-0")["path_mm"][0], 2, 2.0), "lowest point", "p0.1-0"),
    "a pipe that ends too high": (lambda d: add(pipe(d, "p0.1-0")["path_mm"][-1], 2, 9.0), "lower end", "p0.1-0"),
    "a bore half beside its mouth": (
        lambda d: put(pipe(d, "p0.1-0")["path_mm"][-1], 1, 37.0),
        "water beside",
        "p0.1-0",
    ),
    "sills in a tower": (lambda d: put(bucket(d, "b1.0")["outlet"], "kind", "weir"), "outlet", "b1.0"),
    "a pour too quick": (lambda d: put(d, "pour_ml_s", 300.0), "worst pour", "b0.1"),
    "letters as high as a house": (lambda d: put(d["layout"], "text_mm", 40.0), "size", "layout.text_mm"),
    "strokes as broad as letters": (lambda d: put(d["layout"], "stroke_mm", 9.0), "size", "layout.stroke_mm"),
    "a name of nobody": (lambda d: put(label(d, "b0.1"), "vessel", "b7.7"), "name", "b7.7"),
    "a name too long": (lambda d: put(label(d, "b0.1"), "lines", ["SUPERCALIFRAGILISTIC"]), "name", "b0.1"),
    "a name in the air": (lambda d: add(label(d, "b0.1")["at_mm"], 1, -9.0), "place of its name", "b0.1"),
    "a name over the rim": (lambda d: add(label(d, "c0")["at_mm"], 2, 9.0), "place of its name", "c0"),
    "a name in its seat": (lambda d: put(label(d, "c0")["at_mm"], 2, 2.5), "place of its name", "c0"),
    "a name on its neighbour": (lambda d: add(label(d, "b0.1")["at_mm"], 0, -8.0), "place of its name", "b0.1"),
    "a name behind a pipe": (lambda d: add(label(d, "b0.0")["at_mm"], 2, -9.0), "free wall for its name", "b0.0"),
}


@pytest.mark.parametrize(
    ("machine", "edit"), [*(("iris", edit) for edit in EDITS), *(("tower", edit) for edit in TOWER_EDITS)]
)
def test_an_edit_that_breaks_a_rule_is_found_with_its_name(request, machine, edit):
    change, rule, where = (EDITS if machine == "iris" else TOWER_EDITS)[edit]
    document = copy.deepcopy(request.getfixturevalue(machine))
    change(document)
    design = files.from_json(json.dumps(document), "design")
    with pytest.raises(DesignError) as refused:
        fabricate.parts(design)
    said = [f for f in refused.value.findings if rule in f.rule and where in f.where]
    assert said, [str(f) for f in refused.value.findings]
