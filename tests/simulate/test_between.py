"""Between the steps: volumes at any time asked for, in balance to the last digit, whatever happens within a step."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from machines import machine, network

from porcelain import simulate
from porcelain.pour import Piece, Pour
from porcelain.simulate import run_many

DELAYS = {f"p0.{i}-{j}": 0.2 + 0.05 * (i + j) for i in range(3) for j in range(3)}
SPILL = {"b0.0": "b1.1", "b0.1": "c0", "b1.0": "c1"}
OPTIONS = {
    "plain": {},
    "gates": {"gates_s": {0: 3.3, 1: 4.1}},
    "delays": {"transit_s": DELAYS},
    "spill led on": {"overflow_to": SPILL},
    "tap water": {"law": "slots", "water": "tap"},
    "round holes": {"law": "orifice", "water": "rinse_aid", "overflow_to": SPILL},
    "all": {"gates_s": {1: 2.0}, "transit_s": DELAYS, "overflow_to": SPILL, "law": "orifice"},
}


def pour_of(rng, n=6):
    """Pieces that overlap, climb and fall, some at once."""
    return Pour(
        tuple(
            Piece(
                f"b0.{rng.integers(3)}",
                rng.uniform(0, 4),
                rng.choice([0.0, rng.uniform(0.1, 5)]),
                rng.uniform(0, 25),
                rng.uniform(-1, 1),
            )
            for _ in range(n)
        )
    )


def small(rng, **sizes):
    return machine(
        network((3, 3, 2), int(rng.integers(100))),
        freeboard_mm=float(rng.choice([8, 30, 120])),
        slabs=(1.0, 1.3, 0.8) if rng.random() < 0.4 else (1.0,),
        cup_ml=float(rng.choice([12, 500])),
        **sizes,
    )


@pytest.mark.parametrize("kind", OPTIONS)
@settings(deadline=None, max_examples=8)
@given(st.integers(0, 100_000))
@example(123)  # an outlet that stops at full flow
@example(54)
def test_every_row_is_in_balance(kind, seed):
    rng = np.random.default_rng(seed)
    design, pour = small(rng, kind="weir"), pour_of(rng)
    run = simulate.run(design, pour, np.sort(rng.uniform(0, 9, 150)), tolerance=1e-6, **OPTIONS[kind])
    assert run.residual <= 1e-12
    assert np.abs(run.balance_ml).max() <= 1e-12 * pour.total_ml
    # a cubic may swing by as much as it is off: with surface tension, by an outlet that starts and stops at full flow
    least = -(5e-4 if "water" in OPTIONS[kind] else 5e-6) * pour.total_ml
    for gone in (run.passed_ml, run.arrived_ml, run.spilled_ml):
        assert np.diff(gone, axis=0).min() >= least
    assert run.volumes_ml.min() >= least
    assert run.transit_ml.min() >= least
    assert run.flows_ml_s.min() >= 0.0


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 100_000))
def test_default_accuracy_at_any_time(seed):
    rng = np.random.default_rng(seed)
    design, pour = small(rng), pour_of(rng)
    times = np.sort(rng.uniform(0, 9, 200))
    default, knob, close = (simulate.run(design, pour, times, tolerance=t).volumes_ml for t in (1e-6, 1e-8, 1e-11))
    # of 800 such machines 799 stay below 1e-6 (the worst 1.6e-6), 798 below 1e-8 (the worst 2.7e-8): the rest have a
    # start within a step below a start
    assert np.abs(default - close).max() <= 5e-6 * pour.total_ml
    assert np.abs(knob - close).max() <= 1e-7 * pour.total_ml


def test_rows_follow_a_fading_outlet_to_the_last():
    """A run over a level sill counts as still when less than a drop is to come; its rows do not stop there."""
    design, pour = machine(network((3, 3, 2)), kind="weir"), Pour.of({f"b0.{i}": 20.0 for i in range(3)}, rate_ml_s=5.0)
    times = np.linspace(0.0, 60.0, 121)
    default, close = (simulate.run(design, pour, times, law="weir", tolerance=t) for t in (1e-6, 1e-11))
    assert np.abs(default.volumes_ml - close.volumes_ml).max() <= 1e-6 * pour.total_ml
    assert default.settled_at_s < 30.0
    assert np.abs(np.diff(default.volumes_ml[-20:], axis=0)).max() > 0.0


def test_when_one_looks_before_the_end_changes_nothing():
    rng = np.random.default_rng(3)
    design, pour = small(rng), pour_of(rng)
    times = np.sort(rng.uniform(0, 9, 60))
    whole = simulate.run(design, pour, times, tolerance=1e-6)
    some = simulate.run(design, pour, times[5::9], tolerance=1e-6)
    assert np.array_equal(whole.volumes_ml[5::9], some.volumes_ml)
    assert np.array_equal(whole.passed_ml[5::9], some.passed_ml)


def test_flows_are_the_slopes_of_what_passed():
    rng = np.random.default_rng(4)
    design, pour = machine(network((3, 3, 2))), pour_of(rng)
    times, h = np.linspace(0.3, 6.0, 58) + 1e-3 * np.pi, 1e-5
    run = simulate.run(design, pour, np.sort(np.concatenate([times - h, times, times + h])), tolerance=1e-8)
    slope = (run.passed_ml[2::3] - run.passed_ml[::3]) / (2 * h)
    assert np.abs(slope - run.flows_ml_s[1::3]).max() <= 2e-3 * slope.max()


def test_very_many_times_in_one_step():
    design = machine(network((3, 3, 2)))
    volumes = np.full((3, 3), 20.0)
    times = np.linspace(1.0, 1.2, 20_001)
    batch = run_many(design, volumes, rate_ml_s=5.0, times_s=times)
    assert np.diff(batch.volumes_ml.sum(axis=2), axis=1) == pytest.approx(15.0 * 1e-5, rel=1e-6)


def test_rims_are_reached_at_exact_times():
    """A shut bucket and a cup fill at the rate of the pour; both say when they run over."""
    design = machine(network((1, 1)), freeboard_mm=10.0, cup_ml=6.0)
    bucket = design.buckets[0]
    run = simulate.run(design, Pour.of({"b0.0": 30.0}, rate_ml_s=2.0), gates_s={0: 12.0})
    events = {(e.vessel, e.what): e.time_s for e in run.events}
    assert events["b0.0", "rim reached"] == pytest.approx(bucket.capacity_ml / 2.0, abs=1e-9)
    slow = machine(network((1, 1)), freeboard_mm=300.0, cup_ml=6.0)
    run = simulate.run(slow, Pour.of({"b0.0": 30.0}, rate_ml_s=2.0), tolerance=1e-10)
    (full,) = [e.time_s for e in run.events if (e.vessel, e.what) == ("c0", "rim reached")]
    at = simulate.run(slow, Pour.of({"b0.0": 30.0}, rate_ml_s=2.0), [full - 1e-6, full + 1e-6], tolerance=1e-10)
    assert at.volumes_ml[0, 1] < 6.0
    assert at.volumes_ml[:, 1] == pytest.approx(6.0, abs=1e-5)
    assert at.spilled_ml[0, 1] == 0.0
    assert at.spilled_ml[1, 1] > 0.0
