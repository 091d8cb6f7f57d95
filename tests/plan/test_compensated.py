"""Compensated holes: what their millimetres part, by an integration that shares nothing with the planner's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain.errors import PorcelainError
from porcelain.files.records import plain
from porcelain.geometry import channel
from porcelain.machine.vessel import Pipe
from porcelain.printer import Printer
from porcelain.styles.tower.sizes import MAX_INVERT_MM, MAX_OUTLET_MM2, Wanted, compensated
from porcelain.water import WATERS, Water

G_MM_S2 = 9806.65
BORE_MM = Printer.preset("ender3").min_bore_mm
LEAST_SHARE = channel.area_mm2(BORE_MM) / MAX_OUTLET_MM2


def passes(area, head, liquid, strips=400):
    """mm3/s through a round hole with the level ``head`` above its lowest point, strip by strip of its height."""
    d = 2 * np.sqrt(area / np.pi)
    push, film = liquid.push_mm(4 / d), liquid.film_mm
    if head < np.hypot(push, film):
        return 0.0
    z = (np.arange(strips) + 0.5) * d / strips
    chord = 2 * np.sqrt(z * (d - z))
    return 0.61 * float((chord * np.sqrt(2 * G_MM_S2 * np.maximum(head - push - z, 0.0))).sum()) * d / strips


def drained(areas, inverts, liquid, head, steps=250):
    """Parts that leave while the level falls from a head, step by step, until nothing runs."""
    got, drop = np.zeros(len(areas)), head / steps
    for n in range(steps):
        level = head - (n + 0.5) * drop
        flows = np.array([passes(a, level - z, liquid) for a, z in zip(areas, inverts, strict=True)])
        if flows.sum() == 0:
            break
        got += drop * flows / flows.sum()
    return got / got.sum()


@st.composite
def outlets(draw):
    """Shares of 2 to 5 branches, none below the printable floor, and a pour for them."""
    n = draw(st.integers(2, 5))
    rest = np.random.default_rng(draw(st.integers(0, 2**32 - 1))).dirichlet(np.ones(n))
    shares = LEAST_SHARE + rest * (1 - n * LEAST_SHARE)
    liquid = WATERS[draw(st.sampled_from(["rinse_aid", "tap", "ideal"]))]
    return Wanted(shares, liquid, draw(st.sampled_from([5.0, 10.0, 20.0])), draw(st.floats(10.0, 60.0)), 0.61)


@settings(max_examples=12, deadline=None)
@given(outlets())
def test_a_drain_from_20_mm_is_parted_within_two_points(wanted):
    areas, inverts = compensated(wanted, BORE_MM)
    assert areas.min() >= channel.area_mm2(BORE_MM) * (1 - 1e-9)
    assert areas.sum() < 1.02 * MAX_OUTLET_MM2
    assert inverts.min() == 0.0
    assert inverts.max() <= MAX_INVERT_MM
    assert drained(areas, inverts, wanted.water, 20.0) == pytest.approx(wanted.shares, abs=0.02)


def test_level_inverts_cannot_do_it():
    shares = np.array([0.9, 0.1])
    areas, inverts = compensated(Wanted(shares, Water.preset("rinse_aid"), 10.0, 30.0, 0.61), BORE_MM)
    assert inverts[1] > 1.0  # with rinse aid small holes are overfed: theirs stands higher
    for head in (10.0, 20.0, 30.0):
        assert drained(areas, inverts, Water.preset("rinse_aid"), head) == pytest.approx(shares, abs=0.02)
    assert abs(drained(areas, np.zeros(2), Water.preset("rinse_aid"), 10.0) - shares).max() > 0.05


def test_equal_shares_need_nothing():
    areas, inverts = compensated(Wanted(np.full(4, 0.25), Water.preset("tap"), 10.0, 30.0, 0.61), BORE_MM)
    assert areas == pytest.approx(areas[0])
    assert inverts == pytest.approx(0.0)


def test_no_hole_lies_below_its_sill_and_files_name_only_raised_ones():
    facts = ("p0.0-0", "b0.0", "c0", 1.0, 12.0, [[0.0, 0.0, 9.0], [0.0, 0.0, 1.0]])
    with pytest.raises(PorcelainError, match="below its bucket's sill"):
        Pipe(*facts, -0.1)
    assert "invert_mm" not in plain(Pipe(*facts))
    assert plain(Pipe(*facts, 1.5))["invert_mm"] == 1.5
