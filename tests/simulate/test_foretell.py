"""What must spill is said before the pour is run, and never wrongly."""

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from machines import machine, network

from porcelain import files, simulate
from porcelain.cli.simulate import command
from porcelain.pour import Piece, Pour
from porcelain.simulate import overflow_bounds

SMALL = machine(network((3, 2, 2)), freeboard_mm=10.0)


def test_a_rate_above_what_the_outlet_passes():
    bucket = SMALL.buckets[0]
    fastest = 0.62 * 24.0 * np.sqrt(2 * 9806.65 * 10.0) / 1000.0
    (spill,) = overflow_bounds(SMALL, Pour.of({"b0.0": 80.0}, rate_ml_s=12.0))
    assert (spill.vessel, spill.limit_ml) == ("b0.0", bucket.capacity_ml)
    # from the sill on, 12 mL/s come and at most ``fastest`` leave
    above = 80.0 - bucket.threshold_ml
    assert spill.volume_ml == pytest.approx(above - above / 12.0 * fastest - 4.0, rel=0.02)
    assert "pour slower" in str(spill)
    assert overflow_bounds(SMALL, Pour.of({"b0.0": 80.0}, rate_ml_s=fastest)) == ()


def test_a_dump_beyond_the_rim_and_a_cup_too_small():
    (spill,) = overflow_bounds(SMALL, Pour.of({"b0.1": 40.0}))
    assert spill.volume_ml == pytest.approx(40.0 - SMALL.buckets[1].capacity_ml)
    design = machine(network((3, 2, 2)), cup_ml=9.0)
    pour = Pour.of({"b0.0": 30.0, "b0.1": 20.0}, rate_ml_s=3.0)
    found = {spill.vessel: spill.volume_ml for spill in overflow_bounds(design, pour)}
    run = simulate.run(design, pour)
    assert found
    for k, name in enumerate(run.cups, len(design.buckets)):
        assert run.spilled_ml[-1, k] == pytest.approx(found.get(name, 0.0), abs=1e-9)
    assert run.message.startswith("foreseen: c")


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 1000),
    st.sampled_from(["torricelli", "weir", "orifice"]),
    st.sampled_from(["ideal", "tap"]),
    st.sampled_from([(2, 2), (2, 2, 2)]),
    st.sampled_from([30.0, 8.0]),
    st.sampled_from([None, {0: 2.0}, {1: 2.5}, "fill"]),
    st.sampled_from([None, {"b0.0": "c1"}, {"b0.0": "tray", "b0.1": "b1.0"}]),
)
@example(257, "torricelli", "ideal", (2, 2), 30.0, None, None)  # a bucket loses, late, what the cup would not hold
def test_what_is_foretold_comes_to_pass(seed, law, water, widths, cup_ml, gates, over):
    if len(widths) == 2:
        gates = None if isinstance(gates, dict) and 1 in gates else gates
        over = {"b0.0": "c0"} if over else None
    rng = np.random.default_rng(seed)
    design = machine(network(widths), kind="weir", freeboard_mm=float(rng.uniform(10, 30)), cup_ml=cup_ml)
    lasts = [float(rng.choice([0.0, rng.uniform(0.2, 4.0)])) for _ in range(4)]
    pour = Pour(
        tuple(
            Piece(f"b0.{k % 2}", float(rng.uniform(0, 3)), s, float(rng.uniform(0, 25)), float(rng.uniform(-1, 1)))
            for k, s in enumerate(lasts)
        )
    )
    spills = overflow_bounds(design, pour, law=law, water=water, gates_s=gates, overflow_to=over)
    if spills:
        run = simulate.run(design, pour, law=law, water=water, gates_s=gates, overflow_to=over, tolerance=1e-6)
        spilled = dict(zip(run.vessels, run.spilled_ml[-1], strict=True))
        for spill in spills:
            # a level sill fades: less than a drop stands above it for ever
            assert spilled[spill.vessel] >= spill.volume_ml - (1e-3 if law == "weir" else 1e-6) * pour.total_ml


def test_a_cup_is_told_of_below_a_bucket_that_takes_more_than_it_holds():
    design = machine(network((2, 2)), freeboard_mm=10.0, cup_ml=9.0)
    bucket = design.buckets[0]
    pour = Pour.of({"b0.0": bucket.capacity_ml + 10.0}, rate_ml_s=3.0)
    run = simulate.run(design, pour)
    assert not run.spilled_ml[-1, 0]  # it runs off as it comes
    found = {spill.vessel: spill.volume_ml for spill in overflow_bounds(design, pour)}
    assert found == {c: pytest.approx(v, abs=1e-9) for c, v in zip(run.cups, run.spilled_ml[-1, 2:], strict=True) if v}
    assert found
    # with the outlet shut what does not fit goes over the rim, and what comes down later fits
    (spill,) = overflow_bounds(design, pour, gates_s={0: 60.0})
    run = simulate.run(design, pour, gates_s={0: 60.0})
    assert (spill.vessel, spill.volume_ml) == ("b0.0", pytest.approx(10.0))
    assert run.spilled_ml[-1] == pytest.approx([10.0, 0, 0, 0], abs=1e-9)


def test_buckets_shut_until_they_are_full_are_told_of():
    design = machine(network((3, 2, 2)), freeboard_mm=20.0)
    pour = Pour.of({"b0.0": 30.0, "b0.1": 30.0, "b0.2": 30.0}, rate_ml_s=3.0)
    run = simulate.run(design, pour, gates_s="fill")
    found = {spill.vessel: spill.volume_ml for spill in overflow_bounds(design, pour, gates_s="fill")}
    assert set(found) == {"b1.0", "b1.1"}
    spilled = dict(zip(run.vessels, run.spilled_ml[-1], strict=True))
    assert found == {name: pytest.approx(spilled[name], abs=1e-9) for name in found}
    assert overflow_bounds(design, pour) == ()


def test_a_long_pour_that_drowns_a_cup_is_told_of():
    """However long it takes: what comes slower than an outlet passes never stands at its rim."""
    design = machine(network((2, 2, 2)), freeboard_mm=12.0, cup_ml=40.0)
    pour = Pour((Piece("b0.0", 0.0, 600.0, 3000.0, rise=0.3),))
    found = {spill.vessel: spill.volume_ml for spill in overflow_bounds(design, pour)}
    run = simulate.run(design, pour, [700.0], tolerance=1e-4)
    assert found == {c: pytest.approx(v, abs=1e-6) for c, v in zip(run.cups, run.spilled_ml[-1, 4:], strict=True)}


def test_the_command_says_so_first(tmp_path):
    files.save(tmp_path / "design.json", SMALL)
    done = CliRunner().invoke(command, [str(tmp_path), "50", "5", "5", "--rate", "15"], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: b0.0 must spill")
    quiet = CliRunner().invoke(command, [str(tmp_path), "8", "5", "5", "--rate", "2"], catch_exceptions=False)
    assert "warning" not in quiet.stderr
