"""Broken meshes: every one is told with its place."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from click.testing import CliRunner

from porcelain import files
from porcelain.check import inspect, placed
from porcelain.check.inspection.faults import mesh_faults
from porcelain.check.mesh.readers import read_3mf
from porcelain.check.mesh.walls import thinnest
from porcelain.cli import porcelain as command_line
from porcelain.errors import FileError, PorcelainError
from porcelain.fabricate import write
from porcelain.fabricate.stl import to_stl
from porcelain.geometry import channel, solids


def part_named(parts, name):
    return next(p for p in parts if p.name == name)


def changed(machine, name, change):
    """The machine with one part's solid changed, in assembled position."""
    design, parts, assembly = machine
    part = part_named(parts, name)
    solid = change(solids.from_mesh(part.vertices_mm, part.faces).translate(tuple(part.at_mm)))
    vertices, faces = solids.to_mesh(solid, name)
    broken = replace(part, vertices_mm=vertices - part.at_mm, faces=faces)
    return design, [broken if p is part else p for p in parts], assembly


def found(machine, rule, with_design=False):
    """(value, where, place) of the findings under one rule."""
    design, parts, assembly = machine
    findings = inspect(parts, assembly, design=design if with_design else None).findings
    said = [f for f in findings if f.rule == rule]
    assert said, f"{rule!r} not among {[str(f) for f in findings]}"
    places = [[float(x) for x in re.search(r"\((.*?)\) mm", f.where)[1].split(",")] for f in said if "mm" in f.where]
    return said, np.array(places)


def block(at, size):
    return solids.box(np.array(at) - np.array(size) / 2, np.array(at) + np.array(size) / 2)


def a_pipe(design, name):
    """A pipe, a point half way down its long stretch, and its direction there."""
    pipe = next(p for p in design.pipes if p.name == name)
    start, end = pipe.path_mm[-2:]
    return pipe, (start + end) / 2, (end - start) / np.linalg.norm(end - start)


def test_a_lower_sill_and_a_moved_knife_of_a_terrace_are_found(stair):
    design, _, _ = stair
    bucket = next(b for b in design.buckets if b.name == "b0.0")
    half, sill = np.array(bucket.size_mm) / 2, bucket.at_mm[2] + bucket.outlet.sill_mm
    front = bucket.at_mm[1] + half[1]
    notch = solids.box(
        [bucket.at_mm[0] - half[0] + 0.5, front - 1.0, sill - 1.2],
        [bucket.at_mm[0] - half[0] + 2.5, front + 2, sill + 2],
    )
    said, _ = found(changed(stair, "body", lambda s: solids.cut(s, [notch])), "threshold", with_design=True)
    assert said[0].where == "b0.0"
    ways = sorted(design.branches("b0.0"), key=lambda p: p.path_mm[0, 0])
    edge = (ways[0].path_mm[0, 0] + ways[1].path_mm[0, 0]) / 2
    knife = solids.box([edge - 4.0, front + 0.7, sill - 3.0], [edge + 0.4, front + 4.0, sill + 9.0])
    said, _ = found(changed(stair, "body", lambda s: solids.union([s, knife])), "share", with_design=True)
    assert {f.where.split(" to ")[0] for f in said} == {"b0.0"}


def test_a_blocked_channel_is_found(machine):
    pipe, middle, _ = a_pipe(machine[0], "p0.0-0")
    size = [pipe.bore_mm + 1.0] * 3
    said, places = found(changed(machine, "t0", lambda s: solids.union([s, block(middle, size)])), "way to a vessel")
    assert "b0.0 to c0" in said[0].where
    assert np.linalg.norm(places[0] - middle) < 2 * pipe.bore_mm


def test_a_narrowed_channel_is_found(machine):
    pipe, middle, direction = a_pipe(machine[0], "p0.0-0")
    up = middle + np.array([0, 0, pipe.bore_mm * 0.6])
    crumb = block(up, [3.0, 40.0, 3.0]) ^ solids.tube(
        np.array([middle - 9 * direction, middle + 9 * direction]), pipe.bore_mm + 1.0
    )
    said, places = found(changed(machine, "t0", lambda s: solids.union([s, crumb])), "narrowest cross-section")
    assert said[0].where.startswith("b0.0")
    assert np.linalg.norm(places[0] - middle) < 2 * pipe.bore_mm


def test_a_climbing_pipe_is_found(machine):
    _, middle, _ = a_pipe(machine[0], "p0.2-1")

    def bend(solid):
        def lift(v):
            reach = np.linalg.norm(v[:, :2] - middle[:2], axis=1)
            near = (reach < 14.0) & (np.abs(v[:, 2] - middle[2]) < 30.0)
            return v + np.outer(near * 30.0 * np.cos(np.minimum(reach / 14.0, 1.0) * np.pi / 2) ** 2, [0, 0, 1.0])

        return solid.refine_to_length(1.5).warp_batch(lift)

    said, places = found(changed(machine, "t0", bend), "standing water")
    assert said[0].where.startswith("b0.2")
    assert np.linalg.norm((places[0] - middle)[:2]) < 20.0


@pytest.mark.parametrize("below", [4.0, 10.0])
def test_a_pinhole_in_a_bucket_is_found(machine, below):
    design = machine[0]
    bucket = design.tiers[0][2]  # the only one on its side of the mast
    at = bucket.at_mm + np.array([-bucket.size_mm[0] / 2 - 0.8, 1.3, bucket.outlet.sill_mm - below])
    broken = changed(machine, "t0", lambda s: solids.cut(s, [block(at, [4.0, 0.9, 0.9])]))
    said, places = found(broken, "water on the table")
    assert said[0].where.startswith("b0.2")
    assert np.linalg.norm(places[0] - at) < 3.0
    holds = inspect(*broken[1:]).buckets[2].held_volume_ml
    assert holds == pytest.approx(float(bucket.volume_ml(bucket.outlet.sill_mm - below - 0.45)), abs=0.02)


@pytest.mark.parametrize("style", ["tower", "terrace"])
def test_a_pinhole_in_a_cup_is_found(machine, stair, style):
    made, name = (machine, "c1") if style == "tower" else (stair, "body")
    cup = made[0].cups[1]
    at = cup.at_mm + np.array([1.3, cup.size_mm[1] / 2 + 0.8, 7.0])
    said, places = found(changed(made, name, lambda s: solids.cut(s, [block(at, [0.9, 5.0, 0.9])])), "cup runs out")
    assert said[0].where.startswith("c1")
    assert np.linalg.norm(places[0] - at) < 3.0


def test_a_pinhole_between_buckets_of_a_terrace_is_found(stair):
    one, two = sorted(stair[0].tiers[0], key=lambda b: b.at_mm[0])[:2]
    sill = one.at_mm[2] + one.outlet.sill_mm
    at = np.array([one.at_mm[0] + one.size_mm[0] / 2 + 0.8, one.at_mm[1], sill - 3.0])
    broken = changed(stair, "body", lambda s: solids.cut(s, [block(at, [5.0, 0.9, 0.9])]))
    said, _ = found(broken, "water in a wrong vessel")
    assert {f.where.split(",")[0] for f in said} & {one.name, two.name}


def test_a_pinhole_in_a_pipe_is_found(machine):
    pipe, middle, direction = a_pipe(machine[0], "p0.0-0")
    side, up = channel.frame(direction)
    square = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    pin = solids.prism(square, middle, side, direction, pipe.bore_mm / 2 + 3.0)
    assert np.allclose(np.cross(side, direction), -up)  # it points down and out
    broken = changed(machine, "t0", lambda s: solids.cut(s, [pin]))
    said, places = found(broken, "water out of a channel")  # it drips into a vessel that b0.0 feeds anyway
    assert said[0].where.startswith("b0.0")
    nearest = np.linalg.norm(
        np.cross(middle - places[0], [0.0, 0.0, 1.0])
    )  # it runs along the pipe before it drips, and is named where it lands
    assert nearest < 12.0
    assert places[0][2] < middle[2]


def test_a_sill_too_low_is_found(machine):
    design = machine[0]
    bucket = design.tiers[0][2]
    pipe = design.branches("b0.2")[0]
    wall = pipe.path_mm[0] + [0.0, 0.0, 0.0]
    sill = bucket.at_mm[2] + bucket.outlet.sill_mm
    side = np.sign(wall[1])
    notch = solids.box(
        *np.sort([[wall[0] - 0.5, wall[1] - side, sill - 1.5], [wall[0] + 0.5, wall[1] + side * 2.0, sill + 1]], axis=0)
    )
    broken = changed(machine, "t0", lambda s: solids.cut(s, [notch]))
    said, _ = found(broken, "threshold", with_design=True)
    assert said[0].where == "b0.2"
    lost = bucket.threshold_ml - float(said[0].value.split()[0])
    area = bucket.size_mm[0] * bucket.size_mm[1] / 1000
    assert lost == pytest.approx(1.5 * area, abs=0.1 * area)


def test_merged_pipes_are_found(machine):
    design = machine[0]
    one = a_pipe(design, "p0.0-0")[1]
    ways = {}
    for name in ("p0.0-0", "p0.0-1"):
        pipe = a_pipe(design, name)[0]
        start, end = pipe.path_mm[-2:]
        ways[name] = start + (end - start) * (one[2] - start[2]) / (end[2] - start[2])
    a, b = ways["p0.0-0"], ways["p0.0-1"]
    low = (a + b) / 2
    half = np.abs(a - b) / 2 + 0.97
    tunnel = solids.box(low - half, low + half)
    sleeve = solids.box(low - half - 1.53, low + half + 1.53)
    bores = [solids.tube(design_pipe.path_mm, design_pipe.bore_mm, (0.0, 50.0)) for design_pipe in design.pipes]

    def merge(solid):
        return solids.cut(solids.union([solid, solids.cut(sleeve, bores)]), [tunnel])

    said, places = found(changed(machine, "t0", merge), "channels")
    assert said[0].value == "merged"
    assert "b0.0" in said[0].where
    assert abs(places[0][2] - low[2]) < half[2] + 3.0


def test_a_missing_face_is_found(machine):
    design, parts, assembly = machine
    part = part_named(parts, "t0")
    at = part.assembled_mm[part.faces[100]].mean(axis=0)
    broken = replace(part, faces=np.delete(part.faces, 100, axis=0))
    said, places = found(
        (design, [broken if p is part else p for p in parts], assembly), "edges that do not join two faces"
    )
    assert said[0].value == "3"
    assert np.linalg.norm(places[0] - at) < np.ptp(part.assembled_mm[part.faces[100]], axis=0).max()


@pytest.mark.parametrize("name", ["t0", "c1"])
def test_a_part_inside_out_is_found(machine, name):
    design, parts, assembly = machine
    part = part_named(parts, name)
    turned = replace(part, faces=part.faces[:, ::-1])
    said, _ = found((design, [turned if p is part else p for p in parts], assembly), "enclosed volume")
    assert said[0].where.startswith(name)


def test_faces_turned_round_are_found(machine):
    design, parts, assembly = machine
    part = part_named(parts, "base")
    faces = np.array(part.faces)
    faces[7] = faces[7, ::-1]
    broken = replace(part, faces=faces)
    said, _ = found(
        (design, [broken if p is part else p for p in parts], assembly), "edges between faces turned against each other"
    )
    assert said[0].where.startswith("base")


def test_a_thin_wall_is_found(machine):
    bucket = machine[0].tiers[0][0]
    outer = bucket.at_mm + np.array([-bucket.size_mm[0] / 2 - 1.6, 0.0, 8.0])
    broken = changed(machine, "t0", lambda s: solids.cut(s, [block(outer, [2 * 1.35, 6.0, 6.0])]))
    said, places = found(broken, "wall")
    assert said[0].value == "0.25 mm"
    assert np.linalg.norm(places[0] - outer) < 6.0


def test_a_loose_body_is_found(machine):
    crumb = block([0.0, 0.0, 400.0], [3.0, 3.0, 3.0])
    said, places = found(changed(machine, "t0", lambda s: s + crumb), "bodies")
    assert said[0].value == "2"
    assert places[0] == pytest.approx([0.0, 0.0, 400.0], abs=2.0)


def test_bodies_in_one_place_are_found(machine):
    design, parts, assembly = machine
    cup, base = part_named(parts, "c0"), part_named(parts, "base")
    sunk = replace(cup, at_mm=cup.at_mm - [0.0, 0.0, 1.0])
    said, _ = found((design, [sunk if p is cup else p for p in parts], assembly), "overlap of parts")
    assert said[0].where.startswith("base and c0")
    vertices = np.concatenate([base.vertices_mm, base.vertices_mm * 0.9 + [0, 0, 0.1]])
    doubled = replace(
        base, vertices_mm=vertices, faces=np.concatenate([base.faces, base.faces + len(base.vertices_mm)])
    )
    said, _ = found((design, [doubled if p is base else p for p in parts], assembly), "overlap with itself")
    assert said[0].where.startswith("base")


def test_water_in_a_wrong_vessel_is_found(machine):
    design, parts, assembly = machine
    mouths = tuple(replace(m, feeds=("c0",)) if m.name == "b0.2" else m for m in assembly.mouths)
    said, places = found((design, parts, replace(assembly, mouths=mouths)), "water in a wrong vessel")
    assert said[0].value == "c1"
    path = next(p for p in design.pipes if p.name == "p0.2-1").path_mm
    way = np.concatenate([a + np.linspace(0, 1, 40)[:, None] * (b - a) for a, b in pairwise(path)])
    assert np.linalg.norm((places[0] - way)[:, :2], axis=1).min() < 5.0


def test_a_sound_part_has_no_faults_and_wrong_files_are_refused(machine, tmp_path):
    design, parts, assembly = machine
    assert [fault for part in parts for fault in mesh_faults(part, thinnest(part), 0.4)] == []
    with pytest.raises(PorcelainError, match="mouths"):
        inspect(parts, replace(assembly, mouths=()))
    with pytest.raises(FileError, match="no whole 3MF"):
        read_3mf(b"PK no", "x.3mf")
    write(parts, design, tmp_path)
    files.save(tmp_path / "assembly.json", replace(assembly, pieces=(replace(assembly.pieces[0], name="t9"),)))
    with pytest.raises(FileError, match="no object called 't9'"):
        placed(tmp_path, "small.3mf")


def test_the_verb_says_so_and_ends_with_1_for_findings(machine, tmp_path):
    design, parts, _ = machine
    write(parts, design, tmp_path)
    good = CliRunner().invoke(command_line, ["inspect", str(tmp_path), "--overhangs", str(tmp_path / "o.png")])
    assert good.exit_code == 0, good.output
    assert "sound: no findings" in good.output
    assert (tmp_path / "o.png").read_bytes().startswith(b"\x89PNG")
    cup = part_named(parts, "c0")
    (tmp_path / "c0.stl").write_bytes(to_stl(replace(cup, faces=cup.faces[:, ::-1])))
    bad = CliRunner().invoke(command_line, ["inspect", str(tmp_path), "--json"])
    assert bad.exit_code == 1
    said = json.loads(bad.output, parse_constant=pytest.fail)
    assert said["sound"] is False
    assert any(finding["rule"] == "enclosed volume" for finding in said["findings"])
