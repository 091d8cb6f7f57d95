"""The tower's meshes, measured: held volumes, cross-sections, one closed body each, and files that others read."""

import importlib.util
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh

from porcelain import fabricate, plan
from porcelain.check.measurement import measure
from porcelain.check.mesh.readers import reread
from porcelain.errors import DesignError
from porcelain.fabricate import write
from porcelain.printer import Printer

_spec = importlib.util.spec_from_file_location("tower_nets", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)


@pytest.fixture(scope="module")
def machine():
    net = nets.network(
        [
            ([8.9, 0.07, 7.7, 0.6], [[0.4, 0, 0.6], [0, 1, 0], [0.8, 0, 0.2], [1, 0, 0]]),
            ([20, 0.6, 13.6], [[0, 0, 1], [0.785, 0.215, 0], [0, 1, 0]]),
        ]
    )
    design = plan.design(net, printer=nets.HALL, style="tower")
    return design, fabricate.parts(design)


def test_meshes_hold_and_share_what_the_design_says(machine):
    design, parts = machine
    measured = measure(design, reread(parts))
    for bucket in design.buckets:
        assert measured.held_volume_ml[bucket.name] == pytest.approx(bucket.threshold_ml, rel=0.005, abs=1e-3)
    for pipe in design.pipes:
        assert measured.areas_mm2[pipe.name] == pytest.approx(pipe.area_mm2, rel=0.01)


def test_every_part_is_one_closed_body_with_its_channels_as_only_holes(machine):
    _, parts = machine
    for part in parts:
        mesh = trimesh.Trimesh(part.vertices_mm, part.faces, process=False)
        assert mesh.is_watertight
        assert mesh.body_count == 1
        assert (2 - mesh.euler_number) // 2 == len(part.channels)
        assert mesh.volume == pytest.approx(part.volume_mm3)
        assert part.vertices_mm[:, 2].min() == pytest.approx(0.0, abs=1e-6)


def test_all_21_pipes_are_meshed_and_hold_what_they_should():
    net = nets.network([([9, 0, 4, 2], np.full((4, 3), 1 / 3)), ([12, 0, 6], np.full((3, 3), 1 / 3))])
    design = plan.design(net, style="tower")
    measured = measure(design, reread(fabricate.parts(design)))
    assert len(design.pipes) == 21
    for bucket in design.buckets:
        assert measured.held_volume_ml[bucket.name] == pytest.approx(bucket.threshold_ml, rel=0.005, abs=1e-3)


def test_a_crowded_tier_is_one_body_whose_only_holes_are_its_49_channels():
    part = fabricate.parts(plan.design(nets.dense(7, 7), printer=Printer.preset("xl"), style="tower"))[0]
    mesh = trimesh.Trimesh(part.vertices_mm, part.faces, process=False)
    assert mesh.is_watertight
    assert mesh.body_count == 1
    assert (2 - mesh.euler_number) // 2 == 49


def test_bores_are_drawn_wider_by_what_printing_takes_and_no_lower():
    from dataclasses import replace

    from porcelain.check.measurement import area_mm2
    from porcelain.geometry import channel

    net = nets.network([([8, 3], [[0.9, 0.1], [0.5, 0.5]])])
    for shrink in (0.0, 0.15, 0.3):
        design = plan.design(net, printer=replace(nets.HALL, hole_shrink_mm=shrink), style="tower")
        parts = reread(fabricate.parts(design))
        measured = measure(design, parts)
        for pipe in design.pipes:
            drawn = area_mm2(pipe, parts[0])
            assert drawn == pytest.approx(channel.area_mm2(pipe.bore_mm + shrink), rel=0.002)
            assert measured.areas_mm2[pipe.name] == pytest.approx(pipe.area_mm2, rel=0.002)
        for bucket in design.buckets:
            assert measured.held_volume_ml[bucket.name] == pytest.approx(bucket.threshold_ml, abs=0.01)


def test_parts_do_not_overlap_where_they_stand(machine):
    _, parts = machine
    from porcelain.geometry import solids

    bodies = [solids.from_mesh(p.assembled_mm, p.faces) for p in parts]
    for i, a in enumerate(bodies):
        for b in bodies[i + 1 :]:
            assert (a ^ b).volume() < 1e-3


def test_parts_stay_inside_the_boxes_that_the_planner_promised(machine):
    design, parts = machine
    boxes = design.layout.part_boxes_mm(design)
    assert set(boxes) == {part.name for part in parts}
    for part in parts:
        low, high = boxes[part.name]
        assert np.all(part.assembled_mm.min(axis=0) >= low - 0.5)
        assert np.all(part.assembled_mm.max(axis=0) <= high + 0.5)


def test_same_design_same_bytes(machine, tmp_path):
    design, parts = machine
    first = write(parts, design, tmp_path / "a")
    second = write(fabricate.parts(design), design, tmp_path / "b")
    assert [p.name for p in first] == [p.name for p in second]
    assert all(a.read_bytes() == b.read_bytes() for a, b in zip(first, second, strict=True))


def test_the_3mf_is_read_by_its_reference_reader_without_a_warning(machine, tmp_path):
    import lib3mf

    design, parts = machine
    package = next(p for p in write(parts, design, tmp_path) if p.suffix == ".3mf")
    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(package))
    assert reader.GetWarningCount() == 0
    names, volumes = [], []
    objects = model.GetMeshObjects()
    while objects.MoveNext():
        mesh = objects.GetCurrentMeshObject()
        assert mesh.IsManifoldAndOriented()
        names.append(mesh.GetName())
        volumes.append(mesh.GetTriangleCount())
    assert names == [part.name for part in parts]
    assert volumes == [len(part.faces) for part in parts]
    with zipfile.ZipFile(io.BytesIO(package.read_bytes())) as z:
        assert {i.date_time for i in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_stl_reads_back_as_the_same_body(machine, tmp_path):
    design, parts = machine
    for path, part in zip(write(parts, design, tmp_path), parts, strict=False):
        mesh = trimesh.load_mesh(path)
        assert mesh.volume == pytest.approx(part.volume_mm3, rel=1e-6)
        assert path.stat().st_size == 84 + 50 * len(part.faces)


def test_a_design_bent_by_hand_is_refused_with_the_parts_name(machine):
    from dataclasses import replace

    design, _ = machine
    first = design.pipes[0]
    blocked = replace(first, path_mm=first.path_mm + np.array([0.0, 40.0, 0.0]))  # leaves from the middle of nowhere
    with pytest.raises(DesignError) as refused:
        fabricate.parts(replace(design, pipes=(blocked, *design.pipes[1:])))
    assert refused.value.findings[0].where == first.name


def test_no_layer_reaches_out_further_than_45_degrees_over_the_one_below(machine):
    from manifold3d import JoinType

    from porcelain.geometry import solids

    for part in machine[1]:
        body = solids.from_mesh(part.vertices_mm, part.faces)
        below = body.slice(0.1)
        for z in np.arange(0.3, part.size_mm[2], 0.2):
            layer = body.slice(z)
            hanging = (layer - below.offset(0.2, JoinType.Round, 2, 32)).decompose()
            assert max((patch.area() for patch in hanging), default=0.0) < 0.02, (part.name, z)
            below = layer


def test_raised_holes_begin_where_the_design_says_on_the_mesh():
    """Each channel's lowest point in its bucket's inner wall, found by level cuts of the mesh alone."""
    from porcelain.geometry import solids
    from porcelain.water import Water

    net = nets.network([([12, 3], [[0.85, 0.15], [0.5, 0.5]])])
    design = plan.design(net, water=Water.preset("rinse_aid"), style="tower")
    bucket, pipes = design.buckets[0], design.branches("b0.0")
    assert max(pipe.invert_mm for pipe in pipes) > 0.5
    part = reread(fabricate.parts(design))[0]
    solid = solids.from_mesh(part.vertices_mm, part.faces)
    sill = bucket.at_mm[2] + bucket.outlet.sill_mm
    for pipe in pipes:
        x, y, _ = pipe.path_mm[0]
        into_wall = 0.06 * np.sign(y - bucket.at_mm[1])
        for above, free in ((-0.1, False), (0.1, True)):  # a grain of a tenth of a millimetre just inside the wall
            middle = np.array([x, y + into_wall, sill + pipe.invert_mm + above]) - part.at_mm
            grain = solids.box(middle - 0.05, middle + 0.05)
            assert ((grain ^ solid).volume() < 1e-9) == free
