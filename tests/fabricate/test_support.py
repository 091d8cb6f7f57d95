"""No terrace needs support: layer by layer as a slicer judges it, and by the slicer where that once drew some."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from manifold3d import JoinType

from porcelain import fabricate, files, plan
from porcelain.check import slicer
from porcelain.check.inspection.inspection import inspect
from porcelain.check.mesh.readers import reread
from porcelain.errors import DesignError
from porcelain.geometry import solids
from porcelain.geometry.extrude import along_y, box, point
from porcelain.machine.assembly import Assembly
from porcelain.styles.requirements import CUPS
from porcelain.styles.terrace import gutters
from porcelain.styles.terrace import solids as terrace

_spec = importlib.util.spec_from_file_location("nets_for_support", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)

LAYER_MM = 0.2
CLOSED_MM = 0.049  # a slicer closes gaps of twice this in every layer
REACH_MM = LAYER_MM / np.tan(np.radians(46.0))  # and lets a layer reach this far beyond the one below at 45 degrees
LEAST_MM2 = 1e-3


def hanging(solid, tall_mm):
    """(height, area) of what a slicer's layers find without a layer below."""
    found, below = [], None
    for n in range(int(tall_mm / LAYER_MM)):
        z = (n + 0.5) * LAYER_MM
        layer = solid.slice(z).offset(CLOSED_MM, JoinType.Miter, 2.0).offset(-CLOSED_MM, JoinType.Miter, 2.0)
        if below is not None:
            loose = (layer - below.offset(REACH_MM, JoinType.Square)).decompose()
            found += [(z, piece.area()) for piece in loose if piece.area() > LEAST_MM2]
        below = layer
    return found


def gable(tip_mm, outline):
    """A wall with a gap under a roof of 50 degrees on both sides."""
    run = tip_mm / np.tan(np.radians(50.0))
    gap = np.array([(10.0 - run, -0.01), (10.0 + run, -0.01), *outline(10.0, tip_mm)])
    return solids.cut(box([0, 0, 0], [20, 2, tip_mm + 2]), [along_y(gap, -1.0, 3.0)])


def test_a_plain_gable_hangs_at_unlucky_heights_and_a_drawn_out_one_at_none():
    heights = 8.0 + np.arange(40) * 0.01
    plain = [hanging(gable(tip, lambda x, z: [(x, z)]), tip + 2) for tip in heights]
    drawn = [hanging(gable(tip, point), tip + 2) for tip in heights]
    assert 0 < sum(map(bool, plain)) < len(heights)
    assert drawn == [[]] * len(heights)


@settings(max_examples=6, deadline=None)
@given(nets.networks(most_inputs=5, least_outputs=2), st.sampled_from([0.5, 0.75, 1.0, 1.5]), st.sampled_from(CUPS))
def test_no_layer_of_a_terrace_hangs(net, ml_per_unit, cups):
    try:
        with nets.hasty():
            design = plan.design(net, printer=nets.HALL, ml_per_unit=ml_per_unit, style="terrace", cups=cups)
    except DesignError:  # branches that cross too often
        reject()
    (part,) = fabricate.parts(design)
    assert hanging(solids.from_mesh(part.vertices_mm, part.faces), part.size_mm[2]) == []


@pytest.mark.parametrize("wide", [3, 5])
def test_a_drawn_out_gable_pierces_no_wall(monkeypatch, wide):
    """From five gutter layers on, roofs that meet across a plate may meet where the plate parts two streams."""
    net = nets.network([(np.linspace(0, 9, wide), np.full((wide, wide), 1 / wide))], 20.0)
    with nets.hasty():
        design = plan.design(net, printer=nets.HALL, style="terrace")
    assert design.layout.layers[0] == wide
    (part,) = parts = reread(fabricate.parts(design))
    found = inspect(parts, Assembly.of(design, parts), design=design)
    assert [str(f) for f in found.findings] == []
    assert hanging(solids.from_mesh(part.vertices_mm, part.faces), part.size_mm[2]) == []
    monkeypatch.setattr(gutters, "_points", lambda *_: ())
    assert terrace.body(design).genus() == solids.from_mesh(part.vertices_mm, part.faces).genus()


@pytest.mark.skipif(not slicer.available(), reason="prusa-slicer is not installed (Debian: apt install prusa-slicer)")
def test_a_design_at_another_volume_draws_no_support():
    """Its dividers meet a tenth of a millimetre short at the end of a layer: plain gables drew 0.3 cm3."""
    network = files.load(Path(__file__).parents[2] / "designs" / "circle", "network")
    design = plan.design(network, ml_per_unit=1.0, style="terrace")
    (part,) = fabricate.parts(design)
    assert slicer.slice_part(part, design.printer).support_cm3 == 0.0
