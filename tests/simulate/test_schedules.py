"""Everything a pour can be: gates, delays, routed spill, rules, second pours."""

import numpy as np
import pytest
from machines import machine, network

from porcelain import simulate
from porcelain.pour import Pour
from porcelain.simulate import steady_state

DESIGN = machine(network((4, 3, 3)))
POUR = Pour.of({"b0.0": 20.0, "b0.1": 30.0, "b0.2": 15.0, "b0.3": 10.0}, rate_ml_s=5.0)
END = steady_state(DESIGN, [[20.0, 30.0, 15.0, 10.0]])[0]


def test_gates_fill_then_open():
    run = simulate.run(DESIGN, POUR, gates_s="fill")
    started = {e.vessel: e.time_s for e in reversed(run.events) if e.what == "starts"}
    above = max(e.time_s for e in run.events if e.what == "stops" and e.vessel.startswith("b0"))
    assert min(t for name, t in started.items() if name.startswith("b1")) >= above - 1e-9
    assert np.abs(run.volumes_ml[-1] - END).max() <= 1e-12 * POUR.total_ml
    assert run.residual <= 1e-12


def test_a_gate_opens_when_it_is_told_to():
    run = simulate.run(DESIGN, POUR, gates_s={0: 7.5}, overflow_to={})
    assert min(e.time_s for e in run.events if e.what == "starts") == 7.5
    assert np.abs(run.volumes_ml[-1] - END).max() <= 1e-12 * POUR.total_ml


def test_transit_delays_and_loses_nothing():
    delays = {pipe.name: 0.35 + 0.1 * k for k, pipe in enumerate(DESIGN.pipes)}
    times = np.linspace(0, 12, 241)
    run = simulate.run(DESIGN, POUR, times, transit_s=delays, tolerance=1e-8)
    assert run.residual <= 1e-12
    assert run.transit_ml.max() > 1.0
    assert np.abs(run.transit_ml[-1]).max() <= 1e-12
    assert np.abs(run.volumes_ml[-1] - END).max() <= 1e-12 * POUR.total_ml
    # what comes out of a pipe of the top tier is what went in, delayed
    plain = simulate.run(DESIGN, POUR, times, tolerance=1e-8)
    late = np.interp(times - delays["p0.1-2"], times, plain.passed_ml[:, 5], left=0.0)
    assert DESIGN.pipes[5].name == "p0.1-2"
    assert np.abs(run.arrived_ml[:, 5] - late).max() < 2e-3


def test_sliding_water_takes_the_time_of_a_frictionless_fall():
    run = simulate.run(DESIGN, POUR, np.linspace(0, 9, 901), transit_s="slide")
    path = DESIGN.pipes[0].path_mm
    fall, length = path[0, 2] - path[1, 2], np.linalg.norm(path[1] - path[0])
    delay = 2 * length / np.sqrt(2 * 9806.65 * fall)
    went, came = run.passed_ml[:, 0], run.arrived_ml[:, 0]
    assert np.interp(3.0, went, run.times_s) + delay == pytest.approx(np.interp(3.0, came, run.times_s), abs=2e-3)


def test_spill_is_led_to_a_lower_row():
    small = machine(network((4, 3, 3)), freeboard_mm=4.0)
    tray = simulate.run(small, POUR)
    led = simulate.run(small, POUR, overflow_to={"b0.0": "b1.1", "b0.1": "c2"})
    assert tray.spilled_ml[-1, :2].min() > 0.5
    assert led.residual <= 1e-12
    assert np.abs(led.balance_ml).max() <= 1e-11
    assert led.volumes_ml[-1, 9] - tray.volumes_ml[-1, 9] > tray.spilled_ml[-1, 1] - 1e-9
    dumped = simulate.run(small, Pour.of({"b0.1": 40.0}), overflow_to={"b0.1": "c2"})
    assert dumped.residual <= 1e-12
    assert dumped.volumes_ml[0, 9] == pytest.approx(40.0 - small.buckets[1].capacity_ml)


def test_stop_when_a_cup_is_full_enough():
    run = simulate.run(DESIGN, POUR, stop_when={"c0": 5.0})
    whole = simulate.run(DESIGN, POUR, [run.pour.end_s])
    assert run.pour.end_s < POUR.end_s
    assert whole.volumes_ml[-1, 7] == pytest.approx(5.0, abs=1e-6)
    assert simulate.run(DESIGN, POUR, stop_when={"c0": 400.0}).pour == POUR


def test_a_second_pour_starts_where_the_first_ended():
    first = simulate.run(DESIGN, POUR)
    more = Pour.of({"b0.0": 8.0}, rate_ml_s=5.0)
    second = simulate.run(DESIGN, more, start_ml=first.volumes_ml[-1])
    assert second.residual <= 1e-12
    assert np.abs(second.volumes_ml[-1] - steady_state(DESIGN, [[28.0, 30.0, 15.0, 10.0]])[0]).max() <= 1e-11
    topped = simulate.run(DESIGN, POUR + more.later(10.0))
    assert np.abs(second.volumes_ml[-1] - topped.volumes_ml[-1]).max() <= 1e-11


def test_a_state_saved_half_way_goes_on():
    times = np.linspace(0.0, 12.0, 25)
    whole = simulate.run(DESIGN, Pour.of({"b0.1": 30.0}), times)
    rest = simulate.run(DESIGN, Pour(()), times, start_ml=whole.volumes_ml[2])
    assert np.abs(rest.volumes_ml[:-2] - whole.volumes_ml[2:]).max() <= 1e-7


def test_nothing_poured_is_still():
    run = simulate.run(DESIGN, Pour(()))
    assert run.settled_at_s == 0.0
    assert not run.volumes_ml.any()


def test_what_is_still_in_a_pipe_is_not_settled():
    pour = Pour.of({"b0.0": 25.0, "b0.1": 20.0, "b0.2": 15.0}, rate_ml_s=4.0)
    late = {pipe.name: 2.5 for pipe in DESIGN.pipes if pipe.target.startswith("c")}
    soon, run = simulate.run(DESIGN, pour), simulate.run(DESIGN, pour, transit_s=late)
    assert run.settled_at_s == pytest.approx(soon.settled_at_s + 2.5, abs=1e-6)
    assert not run.transit_ml[-1].any()
    assert run.answer_ml == pytest.approx(soon.answer_ml, abs=1e-9)
    assert run.events[-1].what == "settled"
    # and a tier that waits until it is full waits for it
    shut = simulate.run(DESIGN, pour, transit_s={pipe.name: 1.5 for pipe in DESIGN.pipes}, gates_s="fill")
    above = max(e.time_s for e in shut.events if e.what == "stops" and e.vessel.startswith("b0"))
    opened = min(e.time_s for e in shut.events if e.what == "starts" and e.vessel.startswith("b1"))
    assert opened == pytest.approx(above + 1.5, abs=1e-6)


def test_tiers_below_outlets_that_only_fade_wait_too():
    """A level sill never stops: its tier counts as done once less than a drop stands above the sills."""
    design = machine(network((3, 2, 2)), kind="weir")
    pour = Pour.of({"b0.0": 25.0, "b0.1": 20.0, "b0.2": 15.0}, rate_ml_s=4.0)
    run = simulate.run(design, pour, law="weir", gates_s="fill")
    opened = min(e.time_s for e in run.events if e.what == "starts" and e.vessel.startswith("b1"))
    at = simulate.run(design, pour, [opened], law="weir", gates_s="fill").volumes_ml[-1, :3]
    assert opened > pour.end_s + 0.5
    assert (at - [b.threshold_ml for b in design.buckets[:3]]).max() < 0.05


def test_spill_may_be_led_to_the_tray_by_name_and_balances_are_told_per_vessel():
    pour = Pour.of({"b0.0": 250.0}, rate_ml_s=40.0)
    run = simulate.run(DESIGN, pour, overflow_to={"b0.0": "tray"})
    assert run.spilled_ml[-1, 0] > 1.0
    assert run.overflow_to[0] == "tray"
    assert np.abs(run.balance_relative).max() <= 1e-12
    dry = [run.vessels.index("b0.1"), run.vessels.index("b0.2")]
    assert not run.balance_relative[:, dry].any()


def test_a_long_pour_over_the_rims_loses_nothing():
    """A million steps of the same rounding would add up: six litres run through cups of 40 mL."""
    design = machine(network((2, 2)), freeboard_mm=30.0, cup_ml=40.0)
    times = np.linspace(0.0, 620.0, 7)
    run = simulate.run(design, Pour.of({"b0.0": 3000.0, "b0.1": 3000.0}, duration_s=600.0), times, tolerance=1e-8)
    poured = 10.0 * np.minimum(times, 600.0)
    assert run.spilled_ml[-1].sum() > 5900.0
    assert np.abs(run.volumes_ml.sum(axis=1) + run.spilled_ml.sum(axis=1) - poured).max() <= 1e-13 * 6000.0
