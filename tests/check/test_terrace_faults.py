"""Faults in the mesh of a terrace: each is told, with the place where it is."""

import re
from dataclasses import replace

import numpy as np
import pytest

from porcelain import fabricate, plan
from porcelain.check import inspect, reread
from porcelain.encoding import Encoding
from porcelain.geometry import solids
from porcelain.machine.assembly import Assembly
from porcelain.network import Layer, Network
from porcelain.water import Water


@pytest.fixture(scope="module")
def stair():
    """Every branch crosses another: two layers of gutters, with ramps, plates and knives."""
    encoding = Encoding(("a", "b"), ("cm",) * 2, np.zeros(2), np.ones(2), np.zeros(2), np.full(2, 20.0))
    net = Network((Layer([6.0, 9.0], [[0.55, 0.45], [0.3, 0.7]]),), encoding, ("low", "high"), "stair")
    design = plan.design(net, style="terrace")
    assert design.layout.layers == (2,)
    (part,) = reread(fabricate.parts(design))
    return design, part, Assembly.of(design, [part])


def told(stair, part, rule, with_design=False):
    """(finding, place) under one rule; a place is a point in the assembled machine, NaN where none is named."""
    design, _, assembly = stair
    findings = inspect([part], assembly, design=design if with_design else None).findings
    said = next((f for f in findings if f.rule == rule), None)
    assert said, f"{rule!r} not among {[str(f) for f in findings]}"
    at = re.search(r"\((.*?)\) mm", said.where)
    return said, np.array([float(x) for x in at[1].split(",")]) if at else np.full(3, np.nan)


def changed(stair, change):
    """The body with its solid changed in assembled position."""
    _, part, _ = stair
    solid = change(solids.from_mesh(part.vertices_mm, part.faces).translate(tuple(part.at_mm)))
    vertices, faces = solids.to_mesh(solid, part.name)
    return replace(part, vertices_mm=vertices - part.at_mm, faces=faces)


def with_block(stair, low, high):
    return changed(stair, lambda solid: solids.union([solid, solids.box(low, high)]))


def without_block(stair, low, high):
    return changed(stair, lambda solid: solids.cut(solid, [solids.box(low, high)]))


def stream(design, layer):
    """A pipe in this gutter layer, the half width of its compartment, and its bucket."""
    pipe = next(p for p, n in zip(design.pipes, design.layout.pipe_layers, strict=True) if n == layer)
    bucket = next(b for b in design.buckets if b.name == pipe.source)
    return pipe, pipe.area_mm2 / bucket.outlet.height_mm / 2, bucket


def test_it_is_sound_before(stair):
    design, part, assembly = stair
    assert inspect([part], assembly, design=design).findings == ()


@pytest.mark.parametrize("layer", [0, 1])
def test_a_blocked_channel(stair, layer):
    pipe, half, _ = stream(stair[0], layer)
    x, y, z = pipe.path_mm[0]
    plug = [x - half - 0.4, y + 0.3, z - 4.0], [x + half + 0.4, y + 3.0, z + 20.0]
    said, at = told(stair, with_block(stair, *plug), "way to a vessel")
    assert f"{pipe.source} to {pipe.target}" in said.where
    assert np.linalg.norm(at - [x, y, z]) < 2 * half + 9.0  # where it stands behind the plug


def test_a_climbing_channel(stair):
    """A bank across a ramp: what runs down it must first climb, and some of it stays."""
    pipe, half, _ = stream(stair[0], 1)
    y, z = pipe.path_mm[0, 1] + 4.0, pipe.path_mm[0, 2] - 6.5
    bank = [pipe.path_mm[0, 0] - half - 0.3, y, z - 2.0], [pipe.path_mm[0, 0] + half + 0.3, y + 1.0, z + 4.0]
    said, at = told(stair, with_block(stair, *bank), "standing water")
    assert said.where.startswith(pipe.source)
    assert np.linalg.norm(at - [pipe.path_mm[0, 0], y, z]) < half + 5.0


def test_a_pinhole(stair):
    """In the end wall of the first bucket, below its sill, in front of its baffle."""
    design = stair[0]
    bucket = min(design.tiers[0], key=lambda b: b.at_mm[0])
    at = bucket.at_mm + np.array([-bucket.size_mm[0] / 2 - 0.8, bucket.size_mm[1] / 2 - 2.5, bucket.outlet.sill_mm - 4])
    pin = np.array([2.0, 0.45, 0.45])
    said, where = told(stair, without_block(stair, at - pin, at + pin), "water on the table")
    assert said.where.startswith(bucket.name)
    assert np.linalg.norm(where - at) < 4.0


def test_a_sill_too_low(stair):
    _, _, bucket = stream(stair[0], 0)
    left, front = (float(bucket.at_mm[n]) + side * bucket.size_mm[n] / 2 for n, side in ((0, -1), (1, 1)))
    sill = float(bucket.at_mm[2]) + bucket.outlet.sill_mm
    notch = [left + 0.5, front - 1.0, sill - 1.2], [left + 2.5, front + 2.0, sill + 2.0]
    said, _ = told(stair, without_block(stair, *notch), "threshold", True)
    assert said.where == bucket.name
    lost = bucket.threshold_ml - float(said.value.split()[0])
    area = float(np.interp(bucket.outlet.sill_mm, bucket.slab_tops_mm, bucket.slab_areas_mm2))
    assert lost == pytest.approx(1.2 * area / 1000, rel=0.1)


def test_merged_channels(stair):
    """A knife is gone: two branches of one bucket run together and part where they please."""
    design = stair[0]
    _, _, bucket = stream(design, 0)
    left = min(design.branches(bucket.name), key=lambda p: p.path_mm[0, 0])
    knife = left.path_mm[0, 0] + left.area_mm2 / bucket.outlet.height_mm / 2
    y, z = left.path_mm[0, 1], left.path_mm[0, 2]
    gone = [knife - 0.2, y - 1.0, z + 0.05], [knife + design.layout.knife_mm + 0.2, y + 12.0, z + 30.0]
    body = without_block(stair, *gone)
    said, at = told(stair, body, "compartment")
    assert said.where.startswith(bucket.name)
    assert said.value == "leads to c0 and c1"
    assert np.linalg.norm(at - [knife, y, z]) < bucket.size_mm[0]


def test_a_missing_face(stair):
    part = stair[1]
    broken = replace(part, faces=np.delete(part.faces, 100, axis=0))
    said, at = told(stair, broken, "edges that do not join two faces")
    corners = part.assembled_mm[part.faces[100]]
    assert said.value == "3"
    assert np.linalg.norm(at - corners.mean(axis=0)) < np.ptp(corners, axis=0).max()


def test_inside_out(stair):
    said, _ = told(stair, replace(stair[1], faces=stair[1].faces[:, ::-1]), "enclosed volume")
    assert said.where.startswith("body")


def test_a_thin_wall(stair):
    """A quarter of a millimetre is left of the cups' front."""
    design = stair[0]
    cup, front = design.cups[0], float(design.layout.fronts_mm[-1])
    at = np.array([cup.at_mm[0], front - design.layout.wall_mm, cup.at_mm[2] + 6.0])
    cut = at - [4.0, 1.0, 3.0], at + np.array([4.0, design.layout.wall_mm - 0.25, 3.0])
    said, where = told(stair, without_block(stair, *cut), "wall")
    assert said.value == "0.25 mm"
    assert np.linalg.norm(where - at) < 6.0


@pytest.mark.parametrize("name", ["tap", "rinse_aid"])
@pytest.mark.parametrize("style", ["terrace", "tower"])
def test_a_machine_made_for_a_water_is_read_back_with_the_water_on_its_sills(stair, name, style):
    """Its sills stand lower by what this water leaves on them; meshes do not show that, the parts list says it."""
    trained = stair[0].network
    design = plan.design(trained, style=style, water=Water.preset(name))
    parts = reread(fabricate.parts(design))
    found = inspect(parts, Assembly.of(design, parts), design=design)
    assert found.findings == ()
    assert found.network.layers[0].thresholds == pytest.approx(trained.layers[0].thresholds, rel=0.005, abs=0.02)
    dry = replace(design, tiers=tuple(tuple(map(without_water, row)) for row in design.tiers))
    held = inspect(parts, Assembly.of(dry, parts)).network.layers[0].thresholds
    assert np.all(held < found.network.layers[0].thresholds - 0.1)


def without_water(bucket):
    return replace(bucket, outlet=replace(bucket.outlet, stop_mm=0.0))
