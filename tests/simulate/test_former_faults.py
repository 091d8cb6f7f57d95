"""Faults of the former engine, each with the figure that is right."""

import time
from dataclasses import dataclass

import numpy as np
import pytest
from machines import machine, network

from porcelain import simulate
from porcelain.errors import PorcelainError
from porcelain.hydraulics.laws import Torricelli
from porcelain.pour import Piece, Pour
from porcelain.simulate import run_many

ONE = machine(network((1, 1)))
DESIGN = machine(network((4, 3, 3)))
VOLUMES = np.random.default_rng(0).uniform(5.0, 30.0, (6, 4))
POUR = Pour.of({f"b0.{i}": v for i, v in enumerate(VOLUMES[3])}, rate_ml_s=5.0)


@pytest.mark.parametrize("tolerance", [1e-6, 1e-8, 1e-10])
def test_a_delay_is_a_shift_in_time(tolerance):
    """What a cup holds behind a pipe of 0.35 s is what it holds 0.35 s earlier without."""
    pour, times = Pour.of({"b0.0": 30.0}), np.linspace(0.35, 12.0, 400)
    late = simulate.run(ONE, pour, times, tolerance=tolerance, transit_s={"p0.0-0": 0.35})
    plain = simulate.run(ONE, pour, times - 0.35, tolerance=1e-12)
    assert np.abs(late.volumes_ml[:, 1] - plain.volumes_ml[:, 1]).max() <= tolerance * 30.0


def cpu_s(call):
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def test_delays_cost_little():
    late, plain = ({"transit_s": "slide"}, {})
    simulate.run(DESIGN, POUR)
    costs = [min(cpu_s(lambda o=o: simulate.run(DESIGN, POUR, **o))[0] for _ in range(9)) for o in (late, plain)]
    assert costs[0] <= 2.0 * costs[1] + 1e-3


@pytest.mark.parametrize("tolerance", [1e-6, 1e-8])
def test_shut_buckets_are_exact_in_a_batch_too(tolerance):
    times, gates = np.linspace(0.0, 14.0, 200), {0: 4.0, 1: 6.0}
    batch = run_many(DESIGN, VOLUMES, times, rate_ml_s=5.0, gates_s=gates, tolerance=tolerance)
    close = simulate.run(DESIGN, POUR, times, gates_s=gates, tolerance=1e-12)
    assert np.abs(batch.volumes_ml[3] - close.volumes_ml).max() <= tolerance * POUR.total_ml


@pytest.mark.parametrize("tolerance", [1e-6, 1e-8])
def test_equal_buckets_that_start_together(tolerance):
    design = machine(network((11, 2), most_u=0.5))
    buckets = [Piece(f"b0.{i}", 0.0, 3.0, 20.0) for i in range(11)]
    times = np.linspace(0.0, 10.0, 300)
    run, close = (simulate.run(design, Pour(tuple(buckets)), times, tolerance=t) for t in (tolerance, 1e-12))
    assert np.abs(run.volumes_ml - close.volumes_ml).max() <= tolerance * 220.0


def test_top_ups_cost_in_proportion_to_their_number():
    def drops(n):
        return Pour(tuple(Piece(f"b0.{i}", 0.1 * k, 0.0, 0.5) for k in range(n) for i in range(4)))

    few, many = (min(cpu_s(lambda n=n: simulate.run(DESIGN, drops(n)))[0] for _ in range(2)) for n in (1250, 5000))
    assert many <= 5.0
    assert many <= 10.0 * few + 0.1  # the square of their number would be 16


@pytest.mark.parametrize("lasts", [1500.0, 6e4, 1e7])
def test_a_slow_pour_costs_its_events_alone(lasts):
    pour = Pour.of({"b0.0": 45.0, "b0.1": 30.0}, duration_s=lasts)
    simulate.run(DESIGN, pour)
    cost, run = cpu_s(lambda: simulate.run(DESIGN, pour))
    assert cost <= 0.1
    assert run.settled_at_s >= lasts
    assert run.residual <= 1e-12


def test_a_small_outlet_costs_no_more_than_a_large_one():
    slow, quick = machine(network((4, 3, 3)), outlet_mm2=5.0), DESIGN
    for design in (slow, quick):
        simulate.run(design, POUR)
    costs = [min(cpu_s(lambda d=d: simulate.run(d, POUR))[0] for _ in range(9)) for d in (slow, quick)]
    assert costs[0] <= 3.0 * costs[1] + 1e-3


def test_every_event_is_told():
    n = 3000
    pour = Pour(tuple(Piece("b0.0", 3.0 * k, 0.0, 3.0) for k in range(n)))
    run = simulate.run(machine(network((1, 1), most_u=0.5000001), cup_ml=1e5), pour)
    told = [event.what for event in run.events]
    assert told.count("starts") == n
    assert told.count("stops") == n


@pytest.mark.parametrize("volume_ml", [1e-9, 1e-3, 1.0])
def test_small_pours_balance(volume_ml):
    run = simulate.run(DESIGN, Pour.of({"b0.0": volume_ml}, rate_ml_s=5.0))
    assert np.abs(run.balance_ml).max() <= 1e-12
    assert run.residual <= 1e-12
    assert run.volumes_ml.min() >= 0.0


@dataclass
class Own:
    """A law of somebody's own whose constant changes."""

    k: float = 1.0
    name: str = "own"

    def branch_ml_s(self, bucket, pipes, j, head_mm):
        return self.k * np.asarray(head_mm)

    def opening(self, bucket, pipes, j):
        return Torricelli().opening(bucket, pipes, j)

    def breaks_mm(self, bucket, pipes, j):
        return ()


def test_an_own_law_is_read_anew_each_time():
    law = Own()
    first = simulate.run(DESIGN, POUR, [3.0], law=law).volumes_ml
    law.k = 2.0
    again = simulate.run(DESIGN, POUR, [3.0], law=law).volumes_ml
    fresh = simulate.run(DESIGN, POUR, [3.0], law=Own(2.0)).volumes_ml
    assert np.abs(first - again).max() > 0.01
    assert np.array_equal(again, fresh)


@pytest.mark.parametrize(
    ("law", "word"),
    [
        (Own(np.nan), "'own' gives .*nan.* mm in b0.0"),
        (Own(-1.0), "'own' gives"),
        (object(), "no law"),
    ],
)
def test_what_is_no_law_is_named(law, word):
    with pytest.raises(PorcelainError, match=word):
        simulate.run(DESIGN, POUR, law=law)


def test_a_batch_with_times_has_tables():
    times = np.array([0.5, 2.0, 30.0])
    batch = run_many(DESIGN, VOLUMES, times, rate_ml_s=5.0, flows=True)
    frame, data = batch.to_frame(), batch.to_xarray()
    assert frame.loc[(3, 2.0), "b0.1_ml"] == batch.volumes_ml[3, 1, 1]
    assert data["volumes_ml"].sel(time_s=2.0, vessel="b0.1").values[3] == batch.volumes_ml[3, 1, 1]
    assert data["flows_ml_s"].attrs["units"] == "mL/s"


def test_pours_of_their_own_take_no_common_schedule():
    with pytest.raises(PorcelainError, match="schedules of its own"):
        run_many(DESIGN, [POUR, POUR], rate_ml_s=5.0)
