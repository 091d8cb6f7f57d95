"""The reference law: against the ideal equation, closed forms, and an independent solver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machines import machine, network
from referee import GRAVITY_MM_S2, Referee

from porcelain import simulate
from porcelain.errors import PorcelainError
from porcelain.network import Layer, Network
from porcelain.pour import Piece, Pour
from porcelain.simulate import steady_state


def poured(volumes, **schedule):
    return Pour.of({f"b0.{i}": float(v) for i, v in enumerate(volumes)}, **schedule)


def single(threshold=4.0, outlet_mm2=24.0, **sizes):
    net = network((1, 1))
    return machine(
        Network((Layer([threshold], [[1.0]]),), net.encoding, net.class_names), outlet_mm2=outlet_mm2, **sizes
    )


def k_of(design):
    """Torricelli's Q = k sqrt(head) of the only bucket."""
    return design.buckets[0].outlet.discharge * design.pipes[0].area_mm2 * np.sqrt(2 * GRAVITY_MM_S2) / 1000.0


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
    st.integers(0, 10_000),
    st.floats(0.5, 20.0),
    st.booleans(),
    st.data(),
)
def test_the_settled_answer_is_the_ideal_equation(widths, seed, rate, stepped, data):
    design = machine(
        network(widths, seed),
        freeboard_mm=2000.0,
        cup_ml=1e4,
        slabs=(1.0, 1.4, 0.7) if stepped else (1.0,),
    )
    volumes = [data.draw(st.one_of(st.just(0.0), st.floats(0.0, 60.0))) for _ in range(widths[0])]
    run = simulate.run(design, poured(volumes, rate_ml_s=rate), tolerance=1e-6)
    total = max(sum(volumes), 1.0)
    ideal = design.as_network()(np.array([volumes]) / design.ml_per_unit)[0] * design.ml_per_unit
    assert run.status == "settled"
    assert np.abs(run.answer_ml - ideal).max() <= 1e-12 * total
    assert np.abs(run.volumes_ml[-1] - steady_state(design, volumes)[0]).max() <= 1e-12 * total
    assert run.residual * sum(volumes) <= 1e-12 * total
    assert np.abs(run.balance_ml).max() <= 1e-12 * total


def test_a_drain_from_a_head_is_the_closed_form():
    """sqrt(h) falls in a straight line: t = 2 S (sqrt h0 - sqrt h) / k."""
    design = single()
    k, area = k_of(design), 0.4
    run = simulate.run(design, poured([4.0 + 16.0]), np.linspace(0, 2, 41))
    t = run.times_s
    root = np.maximum(np.sqrt(16.0 / area) - k * t / (2 * area), 0.0)
    assert np.abs(run.volumes_ml[:, 0] - 4.0 - area * root**2).max() <= 1e-12 * 20
    run = simulate.run(design, poured([20.0]))
    assert run.settled_at_s == pytest.approx(2 * area * np.sqrt(16.0 / area) / k, abs=1e-12)


def test_a_steady_inflow_is_the_closed_form():
    """t(u) = -(2S/k) [u + (q/k) ln(1 - k u / q)], u = sqrt(head), from the moment the sill is reached."""
    design = single()
    k, area, q = k_of(design), 0.4, 5.0
    start = 4.0 / q
    u = np.linspace(0.02, 0.97, 30) * q / k
    t = start - 2 * area / k * (u + q / k * np.log1p(-k * u / q))
    run = simulate.run(design, poured([40.0], rate_ml_s=q), t, tolerance=1e-8)
    assert t[-1] < 8.0
    assert np.abs(run.volumes_ml[:, 0] - 4.0 - area * u**2).max() <= 1e-8 * 40
    (event,) = [e for e in run.events if e.what == "starts"]
    assert event.time_s == pytest.approx(start, abs=1e-12)


SCHEDULES = {
    "rates": lambda: poured([20, 30, 15, 10.0], rate_ml_s=5.0),
    "at once": lambda: poured([20, 30, 15, 10.0]),
    "ramps": lambda: Pour(tuple(Piece(f"b0.{i}", 0.3 * i, 4.0, 20.0, rise=(-1.0) ** i) for i in range(4))),
    "top-up": lambda: poured([20, 15, 15, 10.0], duration_s=3.0).top_up("b0.2", 6.0, 5.0, 1.0).top_up("b0.0", 4.0, 5.5),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_volumes_over_time_against_scipy(name):
    design = machine(network((4, 3, 3)), slabs=(1.0, 1.3, 0.8), freeboard_mm=90.0)
    pour = SCHEDULES[name]()
    times = np.array([0.4, 1.1, 1.9, 2.7, 3.3, 4.1, 5.05, 6.2])
    truth, crossings = Referee(design, pour).follow(times, rtol=1e-11)
    for tolerance, bar in ((1e-6, 1e-6), (1e-8, 1e-8)):
        run = simulate.run(design, pour, times, tolerance=tolerance)
        assert np.abs(run.volumes_ml - truth).max() <= bar * pour.total_ml
    starts = {(e.vessel, e.what): e.time_s for e in run.events if e.what == "starts"}
    first = {(b, what): t for t, b, what in reversed(crossings) if what == "starts"}
    both = set(starts) & set(first)
    assert len(both) >= 6 or name == "at once"
    if name in ("rates", "ramps"):
        assert max(abs(starts[key] - first[key]) for key in both) <= 1e-6


def test_event_times_converge():
    """Starts and stops move by less than 1e-6 s when the accuracy knob is turned a hundredfold."""
    design = machine(network((4, 3, 3)), slabs=(1.0, 1.3, 0.8))
    pour = SCHEDULES["rates"]()
    coarse, fine = (simulate.run(design, pour, tolerance=tolerance).events for tolerance in (1e-8, 1e-12))
    assert [(e.vessel, e.what) for e in coarse] == [(e.vessel, e.what) for e in fine]
    assert len(coarse) == 15
    assert (coarse[-1].vessel, coarse[-1].what) == ("machine", "settled")
    assert max(abs(a.time_s - b.time_s) for a, b in zip(coarse, fine, strict=True)) <= 1e-6


def test_overflow_is_spilled_and_accounted():
    design = single(freeboard_mm=10.0)  # holds 4 mL above the sill
    pour = poured([60.0], rate_ml_s=12.0)
    run = simulate.run(design, pour, np.linspace(0, 8, 161))
    k = k_of(design)
    # while full it spills q - k sqrt(10 mm)
    events = {e.what: e.time_s for e in run.events if e.what.startswith("rim")}
    spilled = (12.0 - k * np.sqrt(10.0)) * (events["rim left"] - events["rim reached"])
    assert events["rim left"] == pytest.approx(5.0, abs=1e-9)
    assert run.spilled_ml[-1, 0] == pytest.approx(spilled, rel=1e-6)
    assert spilled > 5.0
    assert run.residual <= 1e-12
    assert "over a rim" in run.message
    assert run.status == "settled"


def test_what_is_dumped_beyond_the_rim_is_spilled_at_once():
    design = single(freeboard_mm=10.0)
    run = simulate.run(design, poured([60.0]))
    assert run.spilled_ml[0, 0] == pytest.approx(60.0 - design.buckets[0].capacity_ml)
    assert run.answer_ml[0] == pytest.approx(4.0)


def test_a_full_cup_spills():
    design = single(cup_ml=5.0, freeboard_mm=200.0)
    run = simulate.run(design, poured([20.0], rate_ml_s=5.0))
    assert run.answer_ml[0] == pytest.approx(5.0, rel=1e-12)
    assert run.spilled_ml[-1, 1] == pytest.approx(11.0, rel=1e-12)
    assert run.residual <= 1e-12


def test_a_run_that_was_not_followed_to_the_end_says_so():
    run = simulate.run(single(), poured([20.0], rate_ml_s=5.0), [0.0, 2.0])
    assert run.status == "running"
    assert run.settled_at_s is None
    assert "later times" in run.message


def test_energy_is_the_water_s_fall():
    """4 mL stay on the floor of the bucket, 16 mL fall from the rim to the cup below."""
    design = single()
    run = simulate.run(design, poured([20.0], rate_ml_s=5.0))
    bucket, cup = design.vessels
    stays = bucket.rim_mm - 0.5 * bucket.outlet.sill_mm
    falls = bucket.at_mm[2] + bucket.rim_mm - 0.5 * float(cup.level_mm(16.0))
    assert run.energy_mj == pytest.approx((4.0 * stays + 16.0 * falls) * 998.2 * 9.80665 * 1e-6, rel=1e-9)


def test_energy_of_a_look_too_early_is_of_what_has_fallen():
    design = single()
    pour = poured([20.0], rate_ml_s=5.0)
    bucket, cup = design.vessels
    assert simulate.run(design, pour, [0.0]).energy_mj == 0.0
    run = simulate.run(design, pour, [0.0, 0.4])  # 2 mL stand 5 mm high
    to_mj = 998.2 * 9.80665 * 1e-6
    assert run.energy_mj == pytest.approx(2.0 * (bucket.rim_mm - 2.5) * to_mj, rel=1e-12)
    # water in a pipe has not fallen below its sill
    late = simulate.run(design, pour, [3.0], transit_s={"p0.0-0": 1.0})
    here, there, way = *late.volumes_ml[-1], float(late.transit_ml[-1, 0])
    top, sill = bucket.at_mm[2] + bucket.rim_mm, bucket.at_mm[2] + bucket.outlet.sill_mm
    stands = 4.0 * (bucket.at_mm[2] + 5.0) + (here - 4.0) * (sill + 0.5 * (here - 4.0) / 0.4)
    rests = stands + way * sill + there * 0.5 * float(cup.level_mm(there))
    assert way > 1.0
    assert late.energy_mj == pytest.approx((15.0 * top - rests) * to_mj, rel=1e-9)


def test_events_are_sharp_at_the_default_tolerance():
    """Trickles that start and stop an outlet slowly: against a hundred thousand times the accuracy."""
    for seed, widths in ((86, (2, 4, 4, 1)), (7, (3, 4, 4, 4))):
        design = machine(network(widths, seed))
        volumes = np.random.default_rng(seed).uniform(5, 40, widths[0])
        pour = Pour(tuple(Piece(f"b0.{i}", 0.2 * i, 3.0, v, rise=-0.7) for i, v in enumerate(volumes)))
        found, truth = (simulate.run(design, pour, [30.0], tolerance=tolerance).events for tolerance in (1e-8, 1e-13))
        assert sorted((e.vessel, e.what) for e in found) == sorted((e.vessel, e.what) for e in truth)
        times = [sorted((e.vessel, e.what, e.time_s) for e in events) for events in (found, truth)]
        assert max(abs(a[2] - b[2]) for a, b in zip(*times, strict=True)) <= 1e-6


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"times_s": [1.0, 0.5]}, "ascending"),
        ({"times_s": [-1.0]}, "ascending"),
        ({"law": "toricelli"}, "did you mean"),
        ({"water": "sea"}, "unknown water"),
        ({"tolerance": 0.0}, "tolerance"),
        ({"start_ml": [-1.0, 0.0]}, "less than 0"),
        ({"gates_s": {3: 1.0}}, "tier 3"),
        ({"gates_s": "open"}, "gates"),
        ({"overflow_to": {"b0.0": "b0.0"}}, "lower"),
        ({"overflow_to": {"b0.0": "c9"}}, "vessel"),
        ({"transit_s": {"p9": 1.0}}, "pipe"),
        ({"transit_s": "fall"}, "slide"),
        ({"stop_when": {"c7": 1.0}}, "vessel"),
        ({"stop_when": {"c0": float("nan")}}, "holds from 0"),
        ({"stop_when": {"c0": 501.0}}, "holds from 0 to 500"),
        ({"start_ml": [float("nan"), 0.0]}, "finite"),
        ({"times_s": ["soon"]}, "numbers"),
        ({"law": "weir"}, "choose torricelli"),
    ],
)
def test_impossible_wishes_are_refused(options, word):
    with pytest.raises(PorcelainError, match=word):
        simulate.run(single(), poured([20.0], rate_ml_s=5.0), **options)


def test_a_pour_of_days_and_a_look_after_days():
    run = simulate.run(single(), poured([20.0], duration_s=1e7), tolerance=1e-12)
    assert run.status == "settled"
    assert run.answer_ml[0] == pytest.approx(16.0, rel=1e-12)
    run = simulate.run(single(), poured([20.0], rate_ml_s=5.0), [1.0, 1e6])
    assert run.status == "settled"
    assert run.answer_ml[0] == pytest.approx(16.0, rel=1e-12)


def test_a_pour_must_name_input_buckets():
    with pytest.raises(PorcelainError, match="input bucket"):
        simulate.run(machine(network((2, 2, 2))), Pour.of({"b1.0": 3.0}))
