"""Cuts and closed surfaces of meshes against closed forms, trimesh and the kernel that made the meshes."""

import numpy as np
import pytest
import trimesh

from porcelain.check.mesh.cuts import LevelCuts, outlines_at
from porcelain.geometry import channel, solids, surface


def length(outlines):
    return sum(np.linalg.norm(np.roll(o, -1, axis=0) - o, axis=1).sum() for o in outlines)


@pytest.fixture(scope="module")
def tube():
    rod = solids.tube(np.array([[0.0, 0.0, 0.0], [30.0, 0.0, -30.0]]), 6.0)
    block = solids.box([-10, -8, -35], [40, 8, 10])
    return solids.to_mesh(solids.cut(block, [rod, solids.box([-8, -3, -30], [-4, 3, -24])]), "tube")


def test_a_cut_square_to_a_bore_has_the_area_of_its_section(tube):
    start, end = np.array([0.0, 0.0, 0.0]), np.array([30.0, 0.0, -30.0])
    side, up = channel.frame(end - start)
    loops = outlines_at(*tube, (start + end) / 2, side, up)
    holes = [channel.polygon_area(loop) for loop in loops if channel.polygon_area(loop) < 0]
    assert holes == pytest.approx([-channel.area_mm2(6.0)], rel=1e-5)


def test_outlines_are_as_long_as_trimesh_finds_them(tube):
    vertices, faces = tube
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    for z in (-26.3, -7.1, 4.4):
        segments = trimesh.intersections.mesh_plane(mesh, [0, 0, 1], [0, 0, z])
        assert length(LevelCuts(*tube).outlines(z)) == pytest.approx(
            np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1).sum(), rel=1e-9
        )


def test_level_cuts_have_the_areas_that_the_maker_cuts(tube):
    solid, cuts = solids.from_mesh(*tube), LevelCuts(*tube)
    for z in np.arange(-34.9, 9.9, 1.7):
        ours = sorted(channel.polygon_area(o) for o in cuts.outlines(z))
        theirs = sorted(channel.polygon_area(o) for o in solids.level_cuts(solid, [z])[0])
        assert ours == pytest.approx(theirs, abs=1e-4)


def test_a_plane_through_corners_still_closes_its_outlines(tube):
    for z in (-30.0, -24.0):  # level faces of the mesh lie in it
        loops = LevelCuts(*tube).outlines(z)
        assert sum(channel.polygon_area(loop) for loop in loops) > 0
    assert LevelCuts(*tube).outlines(11.0) == []


def test_an_open_mesh_gives_only_the_outlines_that_close(tube):
    vertices, faces = tube
    whole = LevelCuts(vertices, faces).outlines(-26.3)
    corners = vertices[faces]
    cut = (corners[..., 2].min(axis=1) < -26.3) & (corners[..., 2].max(axis=1) > -26.3)
    outer = np.flatnonzero(cut & (corners[..., 0].max(axis=1) < -9.9))[0]
    assert len(LevelCuts(vertices, np.delete(faces, outer, axis=0)).outlines(-26.3)) == len(whole) - 1


def test_bodies_and_ways_are_counted_as_trimesh_counts_them():
    ring = solids.cut(solids.box([0, 0, 0], [9, 9, 3]), [solids.box([3, 3, -1], [6, 6, 4])])
    crossed = solids.cut(ring, [solids.box([-1, 4, 1], [10, 5, 2])])
    for solid in (ring, crossed, solids.union([ring, solids.moved(ring, (20, 0, 0))])):
        vertices, faces = solids.to_mesh(solid, "ring")
        mesh = trimesh.Trimesh(vertices, faces, process=False)
        assert surface.bodies(faces).max() + 1 == mesh.body_count
        if mesh.body_count == 1:
            assert surface.genus(faces) == (2 - mesh.euler_number) // 2
        assert surface.one_closed_body(faces) is (mesh.body_count == 1)


def test_sheets_that_touch_in_a_corner_are_two_bodies_and_no_way_through():
    vertices, faces = solids.to_mesh(solids.box([0, 0, 0], [1, 1, 1]), "box")
    both = np.concatenate([vertices, vertices + 1.0])
    _, merged = np.unique(both, axis=0, return_inverse=True)
    touching = merged.reshape(-1)[np.concatenate([faces, faces + len(vertices)])]
    assert surface.bodies(touching).max() + 1 == 2
    assert surface.genus(touching) == -1  # two balls: V - E + F is 4
    assert not surface.one_closed_body(touching)
