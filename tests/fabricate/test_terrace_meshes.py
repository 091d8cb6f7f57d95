"""The terrace's mesh: one closed body that holds, parts and carries itself as planned."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import trimesh

from porcelain import fabricate, plan
from porcelain.check.inspection.flooded import FloodedMachine
from porcelain.check.inspection.inspection import inspect
from porcelain.check.measurement import measure
from porcelain.check.mesh.columns import sample_columns
from porcelain.check.mesh.flood import escape_levels
from porcelain.check.mesh.readers import reread
from porcelain.fabricate import write
from porcelain.geometry import solids
from porcelain.machine.assembly import Assembly
from porcelain.styles.terrace import lips

_spec = importlib.util.spec_from_file_location("nets_for_meshes", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)

CROSSING = [
    ([8.9, 0.07, 7.7, 0.6], [[0.4, 0, 0.6], [0, 1, 0], [0.8, 0, 0.2], [1, 0, 0]]),
    ([37, 0.6, 13.6], [[0, 0, 1], [0.785, 0.215, 0], [0, 1, 0]]),
]
FULL = [([17, 43, 13, 0], np.full((4, 3), 1 / 3)), ([3.5, 36.3, 0], np.full((3, 3), 1 / 3))]
DEEP = [([5, 3, 0], [[0.5, 0.5], [1, 0], [0.3, 0.7]]), ([2, 9], [[1.0], [1.0]]), ([4], [[0.2, 0.8]])]


@pytest.fixture(scope="module", params=[CROSSING, FULL, DEEP], ids=["crossing", "full", "deep"])
def machine(request):
    with nets.hasty():
        design = plan.design(nets.network(request.param, 44.0), printer=nets.HALL, style="terrace")
    return design, fabricate.parts(design)


def test_it_is_one_closed_body(machine):
    _, (part,) = machine
    mesh = trimesh.Trimesh(part.vertices_mm, part.faces, process=False)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    assert mesh.volume > 0


def test_it_holds_and_parts_what_the_design_says(machine):
    design, parts = machine
    measured = measure(design, reread(parts))
    for bucket in design.buckets:
        assert measured.held_volume_ml[bucket.name] == pytest.approx(bucket.threshold_ml, rel=0.005, abs=1e-3)
    for pipe in design.pipes:
        assert measured.areas_mm2[pipe.name] == pytest.approx(pipe.area_mm2, rel=0.001)


def test_a_flood_reaches_every_target_and_nothing_else(machine):
    design, parts = machine
    flooded = FloodedMachine(parts, Assembly.of(design, parts), 0.4)
    for number, mouth in enumerate(flooded.mouths, 1):
        if not mouth.feeds:
            continue
        wet = flooded.pour(number)
        assert flooded.reached(wet, number) == set(mouth.feeds)
        table = (wet.level > -np.inf) & (flooded.columns.part < 0)
        assert not table.any(), f"{mouth.name} wets the table"


def test_a_blocked_mouth_is_seen_by_the_flood(machine):
    """The flood test can fail: with a gutter filled in, its target stays dry."""
    design, (part,) = machine
    pipe = next(p for p in design.pipes if len(design.branches(p.source)) > 1)
    x, y, z = pipe.path_mm[0] - part.at_mm
    wide = pipe.area_mm2 / design.layout.tops_mm[0]
    plug = solids.box([x - wide - 8, y - 0.3, z - 3.0], [x + wide + 8, y + 1.0, z + 12.0])
    vertices, faces = solids.to_mesh(solids.union([solids.from_mesh(part.vertices_mm, part.faces), plug]), "plugged")
    plugged = [replace(part, vertices_mm=vertices, faces=faces)]
    flooded = FloodedMachine(plugged, Assembly.of(design, plugged), 0.4)
    number = 1 + [m.name for m in flooded.mouths].index(pipe.source)
    assert pipe.target not in flooded.reached(flooded.pour(number), number)


def test_nothing_hangs_flatter_than_the_roof(machine):
    design, (part,) = machine
    mesh = trimesh.Trimesh(part.vertices_mm, part.faces, process=False)
    steep = np.cos(np.radians(design.layout.roof_deg - 2.0))
    hanging = (mesh.face_normals[:, 2] < -steep) & (mesh.triangles[:, :, 2].min(axis=1) > 0.01)
    # what is left are the undersides of dividers' skirts, a tenth of a millimetre wide
    corners = mesh.triangles[hanging]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    assert np.all(2 * mesh.area_faces[hanging] / longest < 0.11)


def test_same_design_same_bytes_and_the_part_stays_in_its_box(machine, tmp_path):
    design, parts = machine
    first = write(parts, design, tmp_path / "a")
    second = write(fabricate.parts(design), design, tmp_path / "b")
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))
    ((low, high),) = design.layout.part_boxes_mm(design).values()
    assert np.all(parts[0].assembled_mm.min(axis=0) >= low - 0.01)
    assert np.all(parts[0].assembled_mm.max(axis=0) <= high + 0.01)


@pytest.mark.skipif(shutil.which("prusa-slicer") is None, reason="PrusaSlicer is not installed")
def test_a_slicer_finds_one_sound_part_and_no_need_of_support(machine, tmp_path):
    design, parts = machine
    stl = next(p for p in write(parts, design, tmp_path) if p.suffix == ".stl")
    info = subprocess.run(["prusa-slicer", "--info", stl], capture_output=True, text=True, check=True).stdout
    assert "manifold = yes" in info
    assert re.search(r"number_of_parts =\s+1\b", info)
    code = tmp_path / "support.gcode"
    options = "-g --layer-height 0.2 --nozzle-diameter 0.4 --support-material --support-material-auto"
    options += " --support-material-threshold 45 --bed-shape 0x0,400x0,400x400,0x400 --center 200,200"
    ran = subprocess.run(
        ["prusa-slicer", *options.split(), "-o", code, stl], capture_output=True, text=True, check=True
    )
    assert "warning" not in ran.stdout.lower()
    assert ";TYPE:Support material" not in code.read_text()


def test_searched_proportions_take_less_plastic_than_the_concept():
    """Volume of the mesh, not of the planner's estimate: the concept's rows were 20 mm deep and its cups 44."""
    from porcelain.plan.planner import DISCHARGE, POUR_ML_S
    from porcelain.styles.requirements import Requirements
    from porcelain.styles.terrace.layout import TerraceOptions
    from porcelain.styles.terrace.proportions import Proportions
    from porcelain.styles.terrace.search import terrace

    shares = [[0.0, 0.775, 0.225], [0.918, 0.082, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]
    design = plan.design(nets.network([([43, 21, 41, 12], shares)], 60.0), style="terrace")
    concept = TerraceOptions(proportions=Proportions((20.0, 44.0), (62.0, 42.0)))
    placed = terrace(Requirements(design.network, design.printer, 1.0, design.worst_ml, POUR_ML_S, DISCHARGE), concept)
    old = replace(design, tiers=placed.tiers, pipes=placed.pipes, cups=placed.cups, layout=placed.layout)
    assert fabricate.parts(design)[0].volume_mm3 < 0.85 * fabricate.parts(old)[0].volume_mm3


def test_cups_that_get_nothing_are_still_tall_enough_for_their_names():
    """Four tiers that keep all that is poured: the cups are empty, and no letter floats above them."""
    rng = np.random.default_rng(1)
    shares = [np.eye(4)[rng.permutation(4)] * 0.6 + np.eye(4)[rng.permutation(4)] * 0.4 for _ in range(3)]
    net = nets.network([*(([9.0] * 4, s) for s in shares), ([9.0] * 4, [[1.0, 0], [0.5, 0.5], [0, 1], [0, 1]])], 5.0)
    (part,) = fabricate.parts(plan.design(net, printer=nets.HALL, style="terrace"))
    assert trimesh.Trimesh(part.vertices_mm, part.faces, process=False).body_count == 1


def drawn(widths, seed):
    """Every bucket pours into two of the next row, drawn at random; some may be fed by none."""
    rng = np.random.default_rng(seed)
    layers = []
    for n, m in pairwise(widths):
        shares = np.zeros((n, m))
        for i in range(n):
            two = rng.choice(m, 2, replace=False)
            weights = np.maximum(rng.dirichlet([4.0, 4.0]), 0.1)
            shares[i, two] = weights / weights.sum()
        layers.append((rng.uniform(0, 10, n), shares))
    return nets.network(layers, 20.0)


def test_a_full_bed_of_crossing_branches_is_read_back_as_planned():
    """Twelve inputs on an ordinary bed: cells draw in to fit, and vessels that none feeds keep their row."""
    design = plan.design(drawn((12, 8, 6), 1), style="terrace")
    assert design.printer.fits(tuple(np.ptp(design.layout.part_boxes_mm(design)["body"], axis=0)))
    assert {v.name for v in design.vessels[12:]} - {pipe.target for pipe in design.pipes}
    parts = reread(fabricate.parts(design))
    found = inspect(parts, Assembly.of(design, parts), design=design)
    assert [str(f) for f in found.findings] == []
    assert found.compared.share < 0.005
    assert found.network.widths == (12, 8, 6)


def test_screw_holes_are_drawn_wider_by_what_printed_holes_lose():
    net = nets.network([([2, 1], [[0.5, 0.5], [0, 1]])])
    kept, shrunk = (
        plan.design(net, printer=replace(nets.HALL, hole_shrink_mm=loss), style="terrace") for loss in (0.0, 0.3)
    )
    side, tall = kept.layout.ear_mm
    lost = fabricate.parts(kept)[0].volume_mm3 - fabricate.parts(shrunk)[0].volume_mm3
    wider = np.pi / 4 * ((kept.layout.screw_mm + 0.3) ** 2 - kept.layout.screw_mm**2) * tall
    assert wider < side * tall
    assert lost == pytest.approx(3 * wider, rel=0.25)  # the one behind runs through the bar as well


def test_an_arrow_points_down_into_every_input(machine):
    """A cut just below the letters' faces finds, above each bucket's middle, a triangle on its tip."""
    design, (part,) = machine
    body, bucket = design.layout, design.tiers[0][0]
    solid = solids.from_mesh(part.vertices_mm, part.faces).translate(tuple(part.at_mm))
    foot, head = lips.back(body, bucket.at_mm[2] + bucket.rim_mm)
    up = (head - foot) / np.linalg.norm(head - foot)
    just_below = foot + 0.9 * body.relief_mm * np.cross([-1.0, 0.0, 0.0], up) + 1.5 * up
    for bucket in design.tiers[0]:
        at = just_below + np.array([bucket.at_mm[0], 0.0, 0.0])
        loops = solids.loops_at(solid, at, np.eye(3)[0], up)
        arrow = min(loops, key=lambda loop: np.linalg.norm(loop.mean(axis=0)))
        left, right = arrow[arrow[:, 0].argmin()], arrow[arrow[:, 0].argmax()]
        tip = arrow[arrow[:, 1].argmin()]
        assert abs(tip[0]) < 0.1
        assert right[0] == pytest.approx(-left[0], abs=0.1) == pytest.approx(1.3, abs=0.1)
        assert min(left[1], right[1]) - tip[1] > 1.5


def standing_ml(part):
    """Water that a part keeps under rain, mL."""
    c = sample_columns([part], 0.4)
    deep = np.where(c.part >= 0, np.minimum(escape_levels(c), c.ceil) - c.floor, 0.0)
    return float(np.maximum(deep, 0.0).sum()) * c.pitch_mm**2 / 1000


def test_turned_over_it_keeps_nothing(machine):
    design, (part,) = machine
    assert standing_ml(part) > sum(bucket.threshold_ml for bucket in design.buckets)
    turned = part.vertices_mm * [1.0, -1.0, -1.0]
    assert standing_ml(replace(part, vertices_mm=turned - turned.min(axis=0))) < 0.01
