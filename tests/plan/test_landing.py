"""Water must fall into the mouth below, all of it: the whole channel, and where its slant carries it to the rim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain import plan
from porcelain.encoding import Encoding
from porcelain.errors import DesignError
from porcelain.geometry import channel
from porcelain.network import Layer, Network
from porcelain.printer import Printer

HALL = Printer("hall", (900.0, 900.0, 900.0))


@pytest.mark.parametrize(("dx", "dz"), [(0.0, -1.0), (1.0, -1.2), (-2.0, -1.0)])
def test_the_footprint_of_a_bore_is_its_section_stretched_by_the_slope(dx, dz):
    direction = np.array([dx, 0.3, dz])
    outline = channel.footprint_mm(4.0, direction)
    stretch = np.linalg.norm(direction) / abs(dz)
    assert abs(channel.polygon_area(outline)) == pytest.approx(channel.area_mm2(4.0) * stretch, rel=1e-12)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_bore_of_a_planned_tower_reaches_over_the_rim_below(seed):
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet(np.ones(3), 4)
    shares = np.where(shares < 0.12, 0.0, shares)
    shares /= shares.sum(axis=1, keepdims=True)
    layers = (Layer(rng.uniform(0, 9, 4), shares), Layer(rng.uniform(0, 30, 3), np.full((3, 2), 0.5)))
    spread = np.zeros(4), np.ones(4), np.zeros(4), np.full(4, 60.0)
    net = Network(layers, Encoding(("a", "b", "c", "d"), ("cm",) * 4, *spread), ("x", "y"), "net")
    try:
        design = plan.design(net, printer=HALL, style="tower")
    except DesignError as error:  # crowded walls are refused, never bent; a missed mouth is no reason
        if {finding.rule for finding in error.findings} != {"distance between channels"}:
            raise
        return
    vessels = {v.name: v for v in design.vessels}
    for pipe in design.pipes:
        direction, target = pipe.path_mm[-1] - pipe.path_mm[-2], vessels[pipe.target]
        rim = target.at_mm[2] + target.rim_mm
        for height in np.linspace(pipe.path_mm[-1, 2], rim, 4):
            centre = pipe.path_mm[-1] + direction * (height - pipe.path_mm[-1, 2]) / direction[2]
            inside = np.abs(channel.footprint_mm(pipe.bore_mm, direction) + centre[:2] - target.at_mm[:2])
            assert np.all(inside <= np.array(target.size_mm) / 2 + 1e-9)
