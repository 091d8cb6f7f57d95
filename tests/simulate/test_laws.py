"""Laws of real outlets: against quadrature, correlations, and simulations of the free surface."""

import numpy as np
import pytest
from fluids.friction import Churchill_1977
from machines import machine, network
from scipy.integrate import quad

from porcelain import simulate
from porcelain.hydraulics.laws import law, wetted
from porcelain.hydraulics.pipe import friction, matched_bores_mm, pipe_flow_ml_s, viscosity_mm2_s
from porcelain.network import Layer, Network
from porcelain.pour import Pour
from porcelain.simulate import steady_state
from porcelain.simulate.outlets import outlet_table
from porcelain.water import Water

G = 9806.65

# Splits of a bucket of 300 mm2 drained through three openings of 24, 12 and 4 mm2 side by side, from 20.3 mm above
# the sill down to where the run was ended: free-surface simulations (interFoam, laminar, static contact angle).
# law, outlet kind, surface tension, contact angle, level at the start, at the end, split
SIMULATED = {
    "slots": ("slots", "weir", 0.072, 75.0, 20.3, 3.766, [0.6793, 0.274, 0.0467]),
    "slots, fine grid": ("slots", "weir", 0.072, 75.0, 20.3698, 9.4619, [0.6178, 0.312, 0.0701]),
    "slots, rinse aid": ("slots", "weir", 0.030, 20.0, 20.3, 2.6343, [0.6034, 0.3031, 0.0936]),
    "holes, inverts level": ("orifice", "orifice", 0.072, 75.0, 20.3614, 4.2426, [0.6236, 0.3015, 0.0749]),
    "holes, centres level": ("orifice_centres", "orifice", 0.072, 75.0, 20.3614, 4.498, [0.6604, 0.277, 0.0627]),
}


def one_bucket(shares, kind="orifice"):
    net = network((1, len(shares)))
    only = Network((Layer([1.0], [shares]),), net.encoding, net.class_names)
    return machine(
        only, kind=kind, opening_mm=4.0, width_mm=10.0, outlet_mm2=40.0, discharge=0.61, freeboard_mm=40, slabs=(0.75,)
    )


@pytest.mark.parametrize("case", SIMULATED)
def test_splits_match_free_surface_simulations_within_two_points(case):
    rule, kind, tension, angle, start, end, split = SIMULATED[case]
    design = one_bucket([0.6, 0.3, 0.1], kind)
    bucket = design.buckets[0]
    pour = Pour.of({"b0.0": float(bucket.volume_ml(bucket.outlet.sill_mm + start))})
    run = simulate.run(
        design, pour, np.linspace(0, 2, 4001), law=rule, water=Water("case", tension, angle), tolerance=1e-6
    )
    level = run.levels_mm[:, 0] - bucket.outlet.sill_mm
    there = int(np.argmax(level <= end)) or -1
    drained = run.volumes_ml[there, 1:]
    assert np.abs(drained / drained.sum() - split).max() <= 0.02
    assert run.residual <= 1e-12


@pytest.mark.parametrize("rule", ["orifice", "orifice_centres"])
@pytest.mark.parametrize("head", [0.7, 3.0, 4.8, 5.2, 40.0])
def test_a_round_hole_is_the_integral_over_its_height(rule, head):
    design = one_bucket([0.6, 0.4])
    bucket, pipes = design.buckets[0], design.pipes
    d = np.sqrt(4 * 24.0 / np.pi)
    exact, _ = quad(lambda z: 2 * np.sqrt(z * (d - z)) * np.sqrt(2 * G * (head - z)), 0, min(head, d), limit=200)
    got = law(rule).branch_ml_s(bucket, pipes, 0, np.array([head]))[0]
    assert got == pytest.approx(0.61 * exact / 1000, rel=2e-5)
    # far below the level the hole is Torricelli's at its centre
    if head == 40.0:
        assert got == pytest.approx(0.61 * 24 * np.sqrt(2 * G * (40 - d / 2)) / 1000, rel=5e-3)


def test_a_submerged_slot_is_the_integral_over_its_height():
    design = one_bucket([0.7, 0.3], "weir")
    for head in (2.0, 4.0, 9.0):
        exact, _ = quad(lambda z, head=head: np.sqrt(2 * G * (head - z)), 0, min(head, 4.0))
        got = law("weir").branch_ml_s(design.buckets[0], design.pipes, 1, np.array([head]))[0]
        assert got == pytest.approx(0.61 * 3.0 * exact / 1000, rel=1e-8)


def test_friction_meets_the_known_limits():
    long = friction(np.array([500.0, 1e5]), 1e5)
    assert long[0] == pytest.approx(64 / 500, rel=0.02)  # developed laminar flow
    assert long[1] == pytest.approx(0.0180, rel=0.02)  # smooth pipe at Re 1e5, Moody's chart
    for re in (4.1e3, 2e4, 1e6):
        assert friction(np.array([re]), 30.0, 1e-3)[0] == pytest.approx(Churchill_1977(re, 1e-3), rel=1e-12)
    steps = friction(np.array([2299.9, 2300.1, 3999.9, 4000.1]), 30.0)
    assert abs(steps[1] / steps[0] - 1) < 1e-3
    assert abs(steps[3] / steps[2] - 1) < 1e-3
    assert viscosity_mm2_s(20.0) == pytest.approx(1.004, rel=0.01)


def test_pipe_flow_balances_its_energy():
    bore, length, drop = 4.0, 90.0, 60.0
    head = np.array([1.0, 10.0, 35.0])
    v = pipe_flow_ml_s(bore, length, drop, head) * 1000 / (np.pi * bore**2 / 4)
    f = friction(v * bore / viscosity_mm2_s(20.0), length / bore)
    assert v**2 / (2 * G) * (1.5 + f * length / bore) == pytest.approx(head + drop, rel=1e-12)


def test_matched_bores_split_as_asked():
    """A manifold of 0.7, 0.2, 0.1 over 100 mm at 45 degrees: published elsewhere as 6.48, 3.72, 2.80 mm."""
    bores = matched_bores_mm([0.7, 0.2, 0.1], [100.0] * 3, [70.7] * 3, 50.0)
    assert bores == pytest.approx([6.48, 3.72, 2.80], abs=0.07)
    assert np.sum(bores**2) * np.pi / 4 == pytest.approx(50.0, rel=1e-6)
    for head in (5.0, 10.0, 40.0):
        flows = np.array([pipe_flow_ml_s(d, 100.0, 70.7, np.array([head]))[0] for d in bores])
        assert flows / flows.sum() == pytest.approx([0.7, 0.2, 0.1], abs=0.006)
    naive = np.array(
        [pipe_flow_ml_s(np.sqrt(4 * 50 * w / np.pi), 100.0, 70.7, np.array([10.0]))[0] for w in (0.7, 0.1)]
    )
    assert naive[1] / naive[0] < 0.85 / 7


def test_surface_tension_holds_water_back():
    design = one_bucket([0.6, 0.3, 0.1], "weir")
    bucket, pipes = design.buckets[0], design.pipes
    tap = wetted(law("slots"), Water.preset("tap"))
    length = np.sqrt(0.0728 / (998.2 * 9.80665)) * 1e3
    kappa = 0.07 + 0.446 * (1 - np.cos(np.radians(75)))
    push = kappa * length**2 * 2 * (6 + 4) / 24
    film = 2 * length * np.sin(np.radians(37.5))
    assert tap.stop_mm(bucket, pipes, 0) == pytest.approx(np.hypot(film, push), rel=1e-6)
    run = simulate.run(design, Pour.of({"b0.0": 9.0}), law="slots", water="tap")
    stays = run.levels_mm[-1, 0] - bucket.outlet.sill_mm
    assert stays == pytest.approx(np.hypot(film, push), abs=1e-6)
    assert run.status == "settled"
    assert np.abs(run.split_error_pp).max() > 3.0  # the Run says how far off the split was
    assert simulate.run(design, Pour.of({"b0.0": 9.0}), law="slots", water="rinse_aid").volumes_ml[-1, 0] < (
        run.volumes_ml[-1, 0] - 0.5
    )


@pytest.mark.parametrize("rule", ["weir", "slots"])
def test_head_independent_splits_keep_the_ideal_answer(rule):
    """A weir only fades: what has run on is split exactly, and less than a drop is still to come."""
    design = machine(network((4, 3, 3)), kind="weir")
    volumes = [20.0, 30.0, 15.0, 10.0]
    pour = Pour.of({f"b0.{i}": v for i, v in enumerate(volumes)}, rate_ml_s=5.0)
    run = simulate.run(design, pour, law=rule, tolerance=1e-6)
    assert run.status == "settled"
    above = run.volumes_ml[-1, :7] - [b.threshold_ml for b in design.buckets]
    assert np.abs(run.split_error_pp).max() <= 1e-9
    assert 0 < above.max() < 0.05
    # pouring what still stands above the sills by hand gives the ideal equation
    layers = list(design.layers())
    first = np.append(above[:4], 0)[:4] @ (layers[0][1] / layers[0][1].sum(axis=1, keepdims=True))
    rest = (above[4:] + first) @ (layers[1][1] / layers[1][1].sum(axis=1, keepdims=True))
    assert np.abs(run.answer_ml + rest - steady_state(design, volumes)[0, -3:]).max() <= 1e-12 * 75


@pytest.mark.parametrize("rule", ["torricelli", "slots", "orifice", "pipe"])
@pytest.mark.parametrize("wet", ["ideal", "tap", "rinse_aid"])
def test_every_law_settles_and_balances(rule, wet):
    design = machine(network((3, 2, 2)), kind="weir")
    pour = Pour.of({"b0.0": 25.0, "b0.1": 12.0, "b0.2": 18.0}, rate_ml_s=4.0)
    run = simulate.run(design, pour, law=rule, water=wet, tolerance=1e-6)
    assert run.status == "settled"
    assert run.residual <= 1e-12
    assert np.abs(run.balance_ml).max() <= 1e-11
    finer = simulate.run(design, pour, [3.0], law=rule, water=wet, tolerance=1e-9)
    coarse = simulate.run(design, pour, [3.0], law=rule, water=wet, tolerance=1e-6)
    assert np.abs(finer.volumes_ml - coarse.volumes_ml).max() <= 1e-4 * pour.total_ml


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("rule", ["orifice", "pipe"])
def test_a_level_that_stands_where_a_hole_starts_feeds_it_the_rest(rule, part):
    """More comes than runs below the edge, less than above: the holes below run as they do, the next gets the rest."""
    design = one_bucket([0.6, 0.3, 0.1])
    bucket, pipes = design.buckets[0], design.branches("b0.0")
    wet = wetted(law(rule), Water.preset("rinse_aid"))
    edge = sorted(wet.stop_mm(bucket, pipes, j) for j in range(3))[1]
    below, above = wet.flows_ml_s(bucket, pipes, np.array([edge - 1e-9, edge + 1e-9]))
    rate = below.sum() + part * (above.sum() - below.sum())
    fills = bucket.threshold_ml / rate + 10.0
    run = simulate.run(
        design, Pour.of({"b0.0": rate * (fills + 60.0)}, rate_ml_s=rate), [fills + 40.0, fills + 59.0],
        law=rule, water="rinse_aid",
    )  # fmt: skip
    expected = below + part * (above - below)
    assert run.levels_mm[-1, 0] - bucket.outlet.sill_mm == pytest.approx(edge, abs=1e-9)
    assert np.allclose(run.flows_ml_s[-1], expected, rtol=1e-3, atol=1e-4 * rate)
    assert np.allclose((run.passed_ml[1] - run.passed_ml[0]) / 19.0, expected, rtol=1e-3, atol=1e-4 * rate)


@pytest.mark.parametrize("wet", ["tap", "rinse_aid"])
@pytest.mark.parametrize("rule", ["weir", "slots", "orifice", "orifice_centres", "pipe"])
def test_tables_meet_their_law_up_to_every_jump(rule, wet):
    """Just above and just below a height at which a hole starts, the kernel's table says what the law does."""
    liquid = wetted(law(rule), Water.preset(wet))
    for seed in range(8):  # sums of sills and heads are rounded to either side
        design = machine(network((1, 3), seed), kind="weir", opening_mm=4.0, width_mm=10.0 + seed)
        bucket, pipes = design.buckets[0], design.branches("b0.0")
        table = outlet_table(bucket, pipes, liquid)
        most = liquid.flows_ml_s(bucket, pipes, np.array([bucket.rim_mm - bucket.outlet.sill_mm])).sum()
        for segment, low in zip(table.segments, table.edges_ml, strict=False):
            for band in segment:
                for side in (1e-6, 1.0 - 1e-6):
                    held = low + side * (band.high - low)
                    z = np.sqrt(held - band.origin) if band.root else held - band.origin
                    flow = np.polyval(band.poly[0, ::-1], (z - band.mid) * band.scale)
                    head = float(bucket.level_mm(table.base_ml + held)) - bucket.outlet.sill_mm
                    true = liquid.flows_ml_s(bucket, pipes, np.array([head])).sum()
                    assert abs(flow - true) <= 1e-8 * most
                low = band.high
