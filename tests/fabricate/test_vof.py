"""The free-surface case of an outlet is cut to the design's millimetres, and its reader adds up.

The dictionaries are read here by a small reader of their own; the plastic they must agree with is the printed mesh.
"""

import itertools
import json
import math
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from porcelain import files
from porcelain.errors import PorcelainError
from porcelain.fabricate.vof import VofOptions, settings_of, write_case, write_outlet
from porcelain.fabricate.vof.inflow import film_mm_s
from porcelain.geometry import solids
from porcelain.machine.outlet_geometry import Baffle, Opening
from porcelain.styles.terrace.outlets import outlet_geometry, splitting_outlets
from porcelain.styles.terrace.solids import body

ROOT = Path(__file__).parents[2]
STORED = {path.parent.name: json.loads(path.read_text()) for path in sorted(ROOT.glob("designs/*/design.json"))}
TERRACES = [name for name, stored in STORED.items() if "fronts_mm" in stored["layout"]]
NUMBER = r"[-+0-9.e]+"


def outlets_of(stored):
    sources = [pipe["source"] for pipe in stored["pipes"]]
    return sorted({source for source in sources if sources.count(source) > 1})


OUTLETS = [(name, bucket) for name in TERRACES for bucket in outlets_of(STORED[name])]


def design(name):
    return files.load(ROOT / "designs" / name, "design")


def bucket_of(name, bucket):
    return next(b for row in STORED[name]["tiers"] for b in row if b["name"] == bucket)


def knives(name, bucket):
    """Faces of knives along x from the file: every pipe's share of the sill lies about its first point."""
    height = bucket_of(name, bucket)["outlet"]["height_mm"]
    pipes = [pipe for pipe in STORED[name]["pipes"] if pipe["source"] == bucket]
    ends = sorted(
        (p["path_mm"][0][0] - p["area_mm2"] / height / 2, p["path_mm"][0][0] + p["area_mm2"] / height / 2)
        for p in pipes
    )
    return [(a[1], b[0]) for a, b in itertools.pairwise(ends)], (ends[0][0], ends[-1][1])


def lines(case):
    """Lines between cells along x, s and n, mm."""
    text = (case / "system/blockMeshDict").read_text()
    block = text.split("vertices")[1].split("blocks")[0]
    corners = np.array([[float(n) for n in m.split()] for m in re.findall(r"\(([^()]+)\)", block)])
    counts = [int(n) for n in re.search(r"4 5 7 6\) \((\d+) (\d+) (\d+)\)", text).groups()]
    graded = text.split("simpleGrading")[1].split("edges")[0]
    sections = re.findall(rf"\(({NUMBER}) ({NUMBER}) 1\)", graded)
    found, section = [], iter(sections)
    for axis, count in enumerate(counts):
        low, high = corners[:, axis].min(), corners[:, axis].max()
        marks, cells = [low], 0
        while cells < count:
            length, part = (float(n) for n in next(section))
            n = round(part * count)
            marks += [marks[-1] + length * (high - low) * (m + 1) / n for m in range(n)]
            marks[cells + n] = low + sum([marks[cells + n] - low])
            cells += n
        assert marks[-1] == pytest.approx(high, abs=1e-3)
        found.append(np.array(marks))
    assert next(section, None) is None
    return found


def kept(case, axes):
    """Centres (n, 3) of all cells in mm and which of them the cuts leave."""
    middles = [(axis[:-1] + axis[1:]) / 2 for axis in axes]
    centres = np.stack(np.meshgrid(*middles, indexing="ij"), axis=-1).reshape(-1, 3)
    left = np.ones(len(centres), dtype=bool)
    vector = rf"\(({NUMBER}) ({NUMBER}) ({NUMBER})\)"
    pattern = rf"action (\w+); source rotatedBoxToCell; origin {vector}; i {vector}; j {vector}; k {vector};"
    for action, *numbers in re.findall(pattern, (case / "system/topoSetDict.cut").read_text()):
        origin, *edges = np.array(numbers, dtype=float).reshape(4, 3) * 1e3
        inside = np.linalg.solve(np.array(edges).T, (centres - origin).T)
        left[np.all((inside > 0) & (inside < 1), axis=0)] = action == "add"
    return centres, left


def plastic(mesh, points):
    """Whether points (n, 3) of one plane y lie in a closed mesh: crossings of a ray along x."""
    segments = trimesh.intersections.mesh_plane(mesh, [0, 1, 0], [0, points[0, 1], 0])
    a, b = segments[:, 0], segments[:, 1]
    z = points[:, 2, None]
    crosses = (a[:, 2] > z) != (b[:, 2] > z)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = a[:, 0] + (z - a[:, 2]) * (b[:, 0] - a[:, 0]) / (b[:, 2] - a[:, 2])
    return (crosses & (x > points[:, 0, None])).sum(axis=1) % 2 == 1


@pytest.mark.parametrize(("name", "bucket"), OUTLETS, ids=[f"{n}-{b}" for n, b in OUTLETS])
def test_every_splitting_outlet_of_the_stored_designs_writes_a_case_to_its_millimetres(name, bucket, tmp_path):
    assert bucket in splitting_outlets(design(name))
    write_outlet(design(name), bucket, tmp_path)
    across, _, up = lines(tmp_path)
    stored = bucket_of(name, bucket)
    middle, width = stored["at_mm"][0], stored["size_mm"][0]
    cuts, ends = knives(name, bucket)
    for end, wall, beyond in zip(ends, (middle - width / 2, middle + width / 2), (across[0], across[-1]), strict=True):
        assert end == pytest.approx(wall, abs=0.02)
        assert np.abs(across - wall).min() < 1e-3
        assert abs(beyond - wall) < 1e-3 or abs(beyond - wall) == pytest.approx(3.0)  # open in front
    for face in np.ravel(cuts):
        assert np.abs(across - face).min() < 1e-3
    facts = json.loads((tmp_path / "case.json").read_text())
    if not facts["ramp_deg"]:
        sill = stored["at_mm"][2] + stored["outlet"]["sill_mm"]
        assert np.abs(up - sill).min() < 1e-3
    wanted = {p["name"]: p["share"] for p in STORED[name]["pipes"] if p["source"] == bucket}
    assert facts["drawn_shares"] == pytest.approx(wanted, abs=2e-3)


@pytest.mark.parametrize(("name", "bucket"), OUTLETS[:4] + OUTLETS[-1:], ids=lambda value: value)
def test_compartments_and_knives_fill_the_bucket(name, bucket):
    geometry = outlet_geometry(design(name), bucket)
    widths = sum(c.width_mm for c in geometry.compartments) + sum(b - a for a, b in geometry.knives_mm)
    assert widths == pytest.approx(bucket_of(name, bucket)["size_mm"][0], abs=0.05)


@pytest.mark.parametrize(("name", "bucket"), [("iris", "b1.2"), ("iris", "b1.0"), ("iris-mini", "b0.1")])
def test_cells_are_left_where_the_printed_mesh_has_no_plastic(name, bucket, tmp_path):
    """Baffle, openings, floor, sill, bevel, knife, and what stands or does not stand in front of the sill wall."""
    machine = design(name)
    geometry = outlet_geometry(machine, bucket)
    write_case(geometry, machine.water, tmp_path)
    axes = lines(tmp_path)
    centres, left = kept(tmp_path, axes)
    turn = math.radians(geometry.ramp_deg)
    s, n = centres[:, 1] - geometry.foot_mm, centres[:, 2] - geometry.sill_mm
    y = geometry.foot_mm + s * math.cos(turn) + n * math.sin(turn)
    z = geometry.sill_mm - s * math.sin(turn) + n * math.cos(turn)
    points = np.column_stack([centres[:, 0], y, z])
    mesh = trimesh.Trimesh(*solids.to_mesh(body(machine), "body"), process=False)
    wrong = looked = 0
    below = geometry.rim_mm - 0.2
    for at in np.linspace(geometry.back_mm + 0.3, geometry.front_mm + 4.5, 48):
        near = np.abs(y - at) < 0.12
        if at > geometry.front_mm:
            near &= (z > geometry.sill_mm - 2.9) & (z < geometry.sill_mm + 4.0)
        else:  # beside it are the neighbours' buckets
            near &= (centres[:, 0] > geometry.left_mm - 1.2) & (centres[:, 0] < geometry.right_mm + 1.2)
        floor = geometry.floor_mm + geometry.slope * max(geometry.foot_mm - at, 0.0)
        near &= (z < below) & (z > floor - 1.0)  # deeper is the air under the machine
        if geometry.ramp_deg:  # the mesh turned with the ramp begins 12 mm behind the sill
            near &= s > -11.5
        if not near.any():
            continue
        here = points[near] * [1, 0, 1] + [0, at, 0]
        solid = plastic(mesh, here)
        looked += len(here)
        wrong += int((solid == left[near]).sum())
    assert looked > 3000
    assert wrong < 0.03 * looked  # stairs of cells along slanting faces


def test_the_baffle_of_b12_has_posts_at_the_side_walls_too():
    """Openings of 3 mm and posts of 2 mm over the whole width, those at the ends included."""
    geometry = outlet_geometry(design("iris"), "b1.2")
    widths = [o.high_mm - o.low_mm for o in geometry.baffles[0].openings]
    assert widths == pytest.approx([3.0] * 4)
    assert geometry.baffles[0].openings[0].low_mm - geometry.left_mm == pytest.approx(2.0)
    assert geometry.right_mm - geometry.baffles[0].openings[-1].high_mm == pytest.approx(2.0)


def solid_at(case, x, y, z):
    """Whether the cell of a pool's mesh that is nearest to a point is cut away."""
    centres, left = kept(case, lines(case))
    return not left[np.argmin(np.abs(centres - [x, y, z]).sum(axis=1))]


def candidate(tmp_path, **changes):
    """The pool b1.0 of Iris with changes, written; its geometry and the middle of its knife along x."""
    machine = design("iris")
    geometry = replace(outlet_geometry(machine, "b1.0"), **changes)
    write_case(geometry, machine.water, tmp_path, VofOptions(10.0, below_mm=7.0))
    return geometry, sum(geometry.knives_mm[0]) / 2


def test_walls_with_a_gap_stand_on_the_sill_and_begin_again_below_it(tmp_path):
    g, knife = candidate(tmp_path, gap_mm=5.0)
    ahead = g.front_mm + 2.0
    assert solid_at(tmp_path, knife, g.front_mm - 0.2, g.sill_mm + 2.0)
    for z, solid in ((2.0, False), (-4.3, False), (-5.8, True)):
        assert solid_at(tmp_path, knife, ahead, g.sill_mm + z) == solid
        assert solid_at(tmp_path, g.left_mm - 1.0, ahead, g.sill_mm + z) == solid  # a wall as drawn
        assert not solid_at(tmp_path, g.right_mm + 1.0, ahead, g.sill_mm + z)  # open as drawn


def test_knives_without_a_gap_go_on_over_the_whole_height(tmp_path):
    g, knife = candidate(tmp_path)
    assert all(solid_at(tmp_path, knife, g.front_mm + 2.0, g.sill_mm + z) for z in (2.0, -2.0, -6.0))
    assert not solid_at(tmp_path, knife, g.foot_mm - 1.0, g.sill_mm + 1.0)


def test_knives_that_reach_back_stand_on_the_floor_behind_the_sill(tmp_path):
    g, knife = candidate(tmp_path, reach_mm=2.0)
    for y, solid in ((g.foot_mm - 1.5, True), (g.foot_mm - 2.7, False)):
        assert solid_at(tmp_path, knife, y, g.sill_mm + 1.0) == solid
        assert solid_at(tmp_path, knife, y, g.sill_mm - 8.0) == solid


def test_knives_that_hang_end_above_the_floor(tmp_path):
    g, knife = candidate(tmp_path, reach_mm=2.0, hang_mm=6.0)
    assert solid_at(tmp_path, knife, g.foot_mm - 1.5, g.sill_mm - 5.0)
    assert not solid_at(tmp_path, knife, g.foot_mm - 1.5, g.sill_mm - 8.0)


@pytest.mark.parametrize("lanes", [False, True])
def test_knives_between_compartments_of_one_pipe_go_on_only_as_lanes(lanes, tmp_path):
    geometry = outlet_geometry(design("iris"), "b1.0")
    one = tuple(replace(c, pipe="one") for c in geometry.compartments)
    g, knife = candidate(tmp_path, compartments=one, lanes=lanes)
    assert solid_at(tmp_path, knife, g.front_mm - 0.2, g.sill_mm + 2.0)
    assert solid_at(tmp_path, knife, g.front_mm + 2.0, g.sill_mm - 1.0) == lanes


def test_water_starts_higher_behind_a_wall_by_what_its_slot_loses(tmp_path):
    """Behind a slot of 22 x 2 mm, 9.03 mL/s: (9030 / (0.63 x 44))^2 / 2g = 5.41 mm (worked by hand)."""
    machine = design("iris")
    g = outlet_geometry(machine, "b1.2")
    slot = Baffle(35.0, 36.0, g.sill_mm + 10.0, (Opening(g.left_mm, g.left_mm + 22.0, 2.0, 2.0),))
    g = replace(g, floor_mm=g.sill_mm - 6.0, baffles=(slot,))
    write_case(g, machine.water, tmp_path, VofOptions(9.03))
    text = (tmp_path / "system/setFieldsDict").read_text()
    near, behind = (float(z) * 1e3 for z in re.findall(rf"box \S+ \S+ \S+ \S+ \S+ ({NUMBER})\)", text))
    assert behind - near == pytest.approx(5.41, abs=0.01)


def flows(case):
    text = (case / "0.orig/U").read_text()
    return [float(n) * 1e6 for n in re.findall(rf"volumetricFlowRate constant ({NUMBER});", text)]


@pytest.mark.parametrize("inflow", ["machine", "even", "left", "right", "p0.0-2"])
def test_all_the_inflow_enters(inflow, tmp_path):
    write_outlet(design("iris"), "b1.2", tmp_path, options=VofOptions(7.5, inflow))
    assert sum(flows(tmp_path)) == pytest.approx(7.5, rel=1e-6)


def test_a_divider_that_leans_brings_its_water_to_the_corner():
    """Of p0.0-2's compartment 40.2 mm wide, 17 mm stand left of b1.2's mouth and 1.3 mm right of it."""
    landings = outlet_geometry(design("iris"), "b1.2", "p0.0-2").landings
    straight, left, right = sorted(landings, key=lambda landing: -(landing.high_mm - landing.low_mm))
    if left.low_mm > right.low_mm:
        left, right = right, left
    pipe = next(p for p in STORED["iris"]["pipes"] if p["name"] == "p0.0-2")
    width = pipe["area_mm2"] / bucket_of("iris", "b0.0")["outlet"]["height_mm"]
    start, mouth = pipe["path_mm"][0][0] - width / 2, bucket_of("iris", "b1.2")
    edge = mouth["at_mm"][0] - mouth["size_mm"][0] / 2
    assert left.part == pytest.approx((edge - start) / width, rel=1e-6)
    assert straight.part + left.part + right.part == pytest.approx(1.0)


def test_a_drain_has_no_inflow(tmp_path):
    write_outlet(design("iris"), "b1.0", tmp_path, options=VofOptions(0.0))
    assert flows(tmp_path) == []
    facts = json.loads((tmp_path / "case.json").read_text())
    level = re.search(
        rf"boxToCell {{ box \S+ \S+ \S+ \S+ \S+ ({NUMBER})\)", (tmp_path / "system/setFieldsDict").read_text()
    )
    assert float(level[1]) * 1e3 == pytest.approx(facts["geometry"]["sill_mm"] + 4.0, abs=1e-4)


def test_gravity_turns_with_a_ramp(tmp_path):
    write_outlet(design("iris"), "b1.2", tmp_path)
    x, s, n = (
        float(v)
        for v in re.search(
            rf"value \(({NUMBER}) ({NUMBER}) ({NUMBER})\)", (tmp_path / "constant/g").read_text()
        ).groups()
    )
    assert math.sqrt(x * x + s * s + n * n) == pytest.approx(9.80665)
    assert s / -n == pytest.approx(0.577, abs=1e-3)  # body.floor_slopes of b1.2


def test_a_film_is_no_faster_than_it_can_fall():
    assert film_mm_s(400.0, 5.0) == pytest.approx(math.sqrt(2 * 9806.65 * 5.0))
    thick = 40.0 / film_mm_s(40.0, 500.0)  # Nusselt's film: g d^3 / (3 nu) is the flow
    assert 9806.65 * thick**3 / 3 / 1.0034 == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("name", "bucket", "said"),
    [("iris-tower", "b7.7", "unknown bucket"), ("iris", "b7.7", "unknown bucket")],
)
def test_an_unknown_bucket_is_refused_in_one_line(name, bucket, said, tmp_path):
    with pytest.raises(PorcelainError, match=said) as refused:
        write_outlet(design(name), bucket, tmp_path)
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rate=3"], "unknown setting"),
        (["rate_ml_s"], "no value"),
        (["rate_ml_s=x"], "a number"),
        (["water=oil"], "oil"),
        (["cell_mm=0"], "above 0"),
        (["rate_ml_s=-1"], "or more"),
    ],
)
def test_settings_that_mean_nothing_are_refused(words, said):
    with pytest.raises(PorcelainError, match=said):
        settings_of(words)


TOWER_OUTLETS = outlets_of(STORED["iris-tower"])


@pytest.mark.parametrize("bucket", TOWER_OUTLETS)
def test_a_towers_channels_are_where_the_design_has_them(bucket, tmp_path):
    """Axis through the path's first two points; a teardrop of radius r has an area of (3 pi / 4 + 1) r^2."""
    write_outlet(design("iris-tower"), bucket, tmp_path)
    point = rf"\(({NUMBER}) ({NUMBER}) ({NUMBER})\)"
    cuts = (tmp_path / "system/topoSetDict.cut").read_text()
    tubes = re.findall(rf"action add; source cylinderToCell; p1 {point}; p2 {point}; radius ({NUMBER});", cuts)
    pipes = [pipe for pipe in STORED["iris-tower"]["pipes"] if pipe["source"] == bucket]
    assert len(tubes) == len(pipes)
    for tube, pipe in zip(tubes, pipes, strict=True):
        start, end = np.array(tube[:6], dtype=float).reshape(2, 3) * 1e3
        first, second = np.array(pipe["path_mm"][:2])
        radius = math.sqrt(pipe["area_mm2"] / (0.75 * math.pi + 1.0))
        assert float(tube[6]) * 1e3 == pytest.approx(radius, rel=1e-3)
        assert start == pytest.approx(first, abs=1e-3)
        away = np.linalg.norm(np.cross(second - start, end - start)) / np.linalg.norm(end - start)
        assert away < 1e-3
        stored = bucket_of("iris-tower", bucket)
        sill = stored["at_mm"][2] + stored["outlet"]["sill_mm"]
        fall = (first - second)[2] / np.hypot(*(first - second)[:2])
        lowest = start[2] - radius * math.hypot(1.0, fall)  # of the ellipse in the wall
        assert lowest == pytest.approx(sill + pipe.get("invert_mm", 0.0), abs=0.02)
    assert sum(flows(tmp_path)) == pytest.approx(10.0, rel=1e-6)


# ---- the reader ---------------------------------------------------------------------------------------------------


def put(case, name, header, rows):
    path = case / "postProcessing" / name / "0" / "data.dat"
    path.parent.mkdir(parents=True)
    path.write_text(header + "".join(" ".join(f"{v:.9g}" for v in row) + "\n" for row in rows))


def read(case, *more, path=None):
    environment = dict(os.environ) | ({"PATH": path} if path is not None else {})
    command = [sys.executable, str(ROOT / "scripts/vof"), str(case), *more]
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def test_the_reader_finds_split_level_and_balance(tmp_path):
    """6 mL/s left, 2 mL/s right, 1 mL/s stored, 0.5 over the top, of 10: half a mL/s is missing. Level 3 mm."""
    write_outlet(design("iris"), "b1.2", tmp_path, options=VofOptions(10.0, end_s=1.0, mean_s=0.4))
    facts = json.loads((tmp_path / "case.json").read_text())
    water, air = facts["densities_kg_m3"]
    times = np.linspace(0.01, 1.0, 100)
    gas = 4e-6  # m3/s of air beside the water
    for patch, flow in (("out0", 6e-6), ("out1", 2e-6), ("top", 0.5e-6)):
        put(tmp_path, patch, "# Time\n", [(t, water * flow + air * gas, flow + gas) for t in times])
    plan, height = 6.6e-6, facts["strip_height_mm"] * 1e-3
    for n in range(len(facts["strips_mm"])):
        put(tmp_path, f"strip{n}", f"# Volume : {plan * height:.9e}\n", [(t, plan * 3e-3) for t in times])
    for name in ("all", "pool"):
        put(tmp_path, name, "# Volume : 1\n", [(t, 2e-6 + 1e-6 * t) for t in times])
    (tmp_path / "log.interFoam").write_text("Build  : OPENFOAM=1912\nExecutionTime = 12.5 s\n")
    (tmp_path / "log.checkMesh").write_text("    cells:            4711\n")
    done = read(tmp_path, "--read")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["split"] == {"p1.2-1": 0.75, "p1.2-2": 0.25}
    assert found["outflow_ml_s"] == pytest.approx(8.0, abs=1e-3)
    assert found["stored_ml_s"] == pytest.approx(1.0, abs=1e-3)
    assert found["missing_ml_s"] == pytest.approx(0.5, abs=2e-3)
    assert found["levels_mm"] == pytest.approx([3.0] * len(facts["strips_mm"]))
    assert (found["cells"], found["run_s"], found["solver"]) == (4711, 12.5, "interFoam, OPENFOAM=1912")


def test_openfoam_is_asked_for_by_name_where_it_is_missing(tmp_path):
    write_outlet(design("iris"), "b1.2", tmp_path)
    done = read(tmp_path, path="/nowhere")
    assert done.returncode == 2
    assert "openfoam" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(shutil.which("interFoam") is None, reason="interFoam is not installed (package openfoam)")
def test_a_coarse_run_conserves_water(tmp_path):
    """A shallow pool of wine at 10 mL/s for a moment: the mesh is sound, water comes out, and nothing is lost."""
    options = VofOptions(10.0, "even", cell_mm=0.9, end_s=0.12, mean_s=0.05)
    write_outlet(design("wine"), "b0.11", tmp_path, options=options)
    done = read(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Mesh OK" in (tmp_path / "log.checkMesh").read_text()
    found = json.loads(done.stdout)
    assert found["outflow_ml_s"] > 3.0
    assert abs(found["missing_ml_s"]) < 1.0
    assert sum(found["split"].values()) == pytest.approx(1.0, abs=1e-3)
    assert 1.0 < found["level_mm"] < 8.0
    assert found["solver"].startswith("interFoam")
