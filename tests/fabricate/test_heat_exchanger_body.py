"""The printed heat exchanger: one closed body, two ways through, one wall between them, no overhang."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from matplotlib.path import Path
from scipy.integrate import quad
from scipy.ndimage import label

from porcelain.check import slicer
from porcelain.errors import PorcelainError
from porcelain.fabricate.exchanger import conductance_w_m_k, parts
from porcelain.geometry import channel
from porcelain.printer import PRINTERS, Printer

ENDER = Printer.preset("ender3")


@pytest.fixture(scope="module")
def body():
    (part,) = parts(ENDER)
    return part, trimesh.Trimesh(part.vertices_mm, part.faces, process=False)


def test_it_is_one_closed_body_with_two_ways_through(body):
    part, mesh = body
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.body_count == 1
    assert mesh.volume > 0
    assert (2 - mesh.euler_number) / 2 == 2  # the genus
    assert part.channels == ("hot", "cold")
    assert part.vertices_mm[:, 2].min() == 0.0


def test_the_bores_have_their_area_and_a_wall_between_them(body):
    part, mesh = body
    drawn = channel.bore_mm(50.0, channel.LEVEL_ROOF_DEG) + ENDER.hole_shrink_mm
    middle = part.size_mm[0] / 2
    section = mesh.section(plane_origin=[middle, 0, 0], plane_normal=[1, 0, 0])
    loops = sorted((np.asarray(loop)[:, 1:] for loop in section.discrete), key=lambda p: np.ptp(p[:, 0]))
    areas = [abs(channel.polygon_area(loop[:-1])) for loop in loops]
    assert areas[:2] == pytest.approx([channel.area_mm2(drawn, channel.LEVEL_ROOF_DEG)] * 2, rel=1e-3)
    spans = sorted((loop[:, 0].min(), loop[:, 0].max()) for loop in loops[:2])
    outer = loops[2]
    assert spans[1][0] - spans[0][1] == pytest.approx(ENDER.min_wall_mm, abs=0.01)
    assert spans[0][0] - outer[:, 0].min() == pytest.approx(ENDER.min_wall_mm, abs=0.01)


def test_the_two_waters_never_meet(body):
    """On a level cut through both axes the waters are two regions, each with two mouths in the outline's edge."""
    part, mesh = body
    z = ENDER.min_wall_mm + (channel.bore_mm(50.0, channel.LEVEL_ROOF_DEG) + ENDER.hole_shrink_mm) / 2
    loops = [np.asarray(loop)[:, :2] for loop in mesh.section(plane_origin=[0, 0, z], plane_normal=[0, 0, 1]).discrete]
    pitch = 0.4
    x, y = (np.arange(pitch / 2, size, pitch) for size in part.size_mm[:2])
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    solid = np.zeros(len(points), dtype=bool)
    for loop in loops:
        solid ^= Path(loop).contains_points(points)
    regions, n = label(~solid.reshape(len(x), len(y)))
    assert n == 4  # both waters, and the air between the legs of either pipe
    for edge in (0, -1):
        row = regions[:, edge]
        runs = row[np.flatnonzero(np.diff(np.concatenate([[0], row])) != 0)]
        water, air, again = runs[runs > 0]
        assert water == again != air


def test_heat_crosses_between_a_slab_as_high_as_the_bore_and_none():
    bare = replace(ENDER, hole_shrink_mm=0.0)
    found = conductance_w_m_k(bare, 50.0, 0.12)
    section = channel.section(channel.bore_mm(50.0, channel.LEVEL_ROOF_DEG), channel.LEVEL_ROOF_DEG)
    assert found < 0.12 * np.ptp(section[:, 1]) / bare.min_wall_mm
    # the round part alone, by the integral over its angle
    r, wall = section[:, 0].max(), bare.min_wall_mm
    round_part = quad(lambda a: 0.12 * r * np.cos(a) / (wall + 2 * r * (1 - np.cos(a))), -np.pi / 2, np.pi / 6)[0]
    apex = quad(lambda z: 0.12 / (wall + 2 * (r - (2 * r - z) / np.tan(np.radians(60.0)))), r / 2, 2 * r)[0]
    assert found == pytest.approx(round_part + apex, rel=2e-3)


def test_nothing_overhangs_but_the_bores_own_roofs(body):
    _, mesh = body
    down = mesh.face_normals[:, 2] < -np.sin(np.radians(45.5))
    above_bed = mesh.triangles_center[:, 2] > 0.01
    assert mesh.area_faces[down & above_bed].sum() < 1e-3 * mesh.area


@pytest.mark.skipif(not slicer.available(), reason="prusa-slicer is not installed (Debian: apt install prusa-slicer)")
def test_the_slicer_draws_no_support_and_loses_no_wall(body):
    part, _ = body
    whole, solid = (slicer.slice_part(part, ENDER, slicer.Settings(solid=s)) for s in (False, True))
    assert not list(slicer.refused(part, ENDER, whole, solid))
    assert whole.support_cm3 == 0


@pytest.mark.parametrize("name", PRINTERS)
def test_every_printer_can_make_it(name):
    (part,) = parts(Printer.preset(name), length_mm=120.0)
    assert Printer.preset(name).fits(part.size_mm)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"area_mm2": 2.0}, "needs"),
        ({"length_mm": 500.0}, "shorten it"),
        ({"length_mm": 5.0}, "the pipe's own"),
        ({"leg_mm": -1.0}, "leg_mm is -1.0"),
    ],
)
def test_what_cannot_be_made_is_refused(change, message):
    with pytest.raises(PorcelainError, match=message):
        parts(ENDER, **change)
