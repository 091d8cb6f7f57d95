"""When outlets start and stop, against quadrature: with surface tension they do so at full flow."""

from itertools import pairwise

import numpy as np
import pytest
from machines import machine, network
from scipy.integrate import quad
from test_between import pour_of, small

from porcelain import simulate
from porcelain.hydraulics.laws import chosen
from porcelain.pour import Pour

DESIGN = machine(network((1, 3), 3), kind="weir")
BUCKET, PIPES = DESIGN.buckets[0], DESIGN.pipes


def drains_in_s(law, water, volume_ml):
    """The time from a volume down to where the last branch stops: the integral of plan area over flow."""
    rule = chosen(DESIGN, law, water)
    sill, area_ml_mm = BUCKET.outlet.sill_mm, BUCKET.slab_areas_mm2[-1] / 1000.0
    top, low = float(BUCKET.level_mm(volume_ml)) - sill, rule.starts_mm(BUCKET, PIPES)
    bends = [h for h in rule.breaks_mm(BUCKET, PIPES) if low < h < top]
    edges = sorted({low, top, *bends})

    def slowness(head):
        return area_ml_mm / rule.flows_ml_s(BUCKET, PIPES, np.array([head])).sum()

    inside = [(a + 1e-12, b - 1e-12) for a, b in pairwise(edges) if b - a > 1e-9]
    return sum(quad(slowness, a, b, epsabs=1e-12, epsrel=1e-12, limit=400)[0] for a, b in inside)


@pytest.mark.parametrize(
    ("law", "water"),
    [
        ("torricelli", "tap"),
        ("weir", "tap"),
        ("slots", "tap"),
        ("slots", "rinse_aid"),
        ("orifice", "rinse_aid"),
        ("orifice_centres", "tap"),
        ("pipe", "ideal"),
    ],
)
def test_an_outlet_stops_when_the_integral_says(law, water):
    run = simulate.run(DESIGN, Pour.of({"b0.0": 20.0}), law=law, water=water)
    (stop,) = [event.time_s for event in run.events if event.what == "stops"]
    assert stop == pytest.approx(drains_in_s(law, water, 20.0), abs=2e-6)


@pytest.mark.parametrize(
    ("law", "water", "rate"), [("torricelli", "tap", 2.0), ("pipe", "ideal", 2.0), ("weir", "tap", 3.0)]
)
def test_what_runs_at_its_sill_stops_with_the_pouring(law, water, rate):
    """It comes more slowly than the outlet passes at its lowest: as much leaves, until nothing comes."""
    design = machine(network((1, 1), 3), kind="weir")
    run = simulate.run(design, Pour.of({"b0.0": 20.0}, rate_ml_s=rate), law=law, water=water)
    (stop,) = [event.time_s for event in run.events if event.what == "stops"]
    assert stop == pytest.approx(20.0 / rate, abs=1e-9)


def test_branches_that_stop_at_nearly_one_level_are_told_apart():
    rng = np.random.default_rng(1256)
    design, pour = small(rng, kind="weir"), pour_of(rng)
    run = simulate.run(design, pour, np.sort(rng.uniform(0, 9, 150)), law="slots", water="tap", tolerance=1e-6)
    assert run.residual <= 1e-12


def test_fading_outlets_and_late_pipes_settle():
    """What a level sill still lets go, and what of it is still on its way, is less than a drop."""
    design = machine(network((3, 2, 2)), kind="weir")
    pour = Pour.of({"b0.0": 25.0, "b0.1": 20.0, "b0.2": 15.0}, rate_ml_s=4.0)
    soon = simulate.run(design, pour, law="weir").settled_at_s
    late = simulate.run(design, pour, law="weir", transit_s={pipe.name: 0.5 for pipe in design.pipes}).settled_at_s
    assert soon <= late <= soon + 3.0
