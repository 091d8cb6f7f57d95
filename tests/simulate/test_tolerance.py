"""Tolerance, mass and events on random machines of every kind; ``scripts/bench accuracy`` does a thousand of them."""

from pathlib import Path

import numpy as np
import pytest
from draws import drawn, errors
from machines import machine, network
from scipy.integrate import solve_ivp

import porcelain
from porcelain import files, simulate
from porcelain.hydraulics.laws import law, wetted
from porcelain.pour import Pour
from porcelain.water import Water

TOLERANCES = (1e-6, 1e-8, 1e-10)
SEEDS = [seed for seed in range(48) if drawn(seed)[3] != "full pipes" or seed % 4 == 0]  # whose tables take longest


@pytest.fixture(scope="module")
def found():
    return {seed: errors(seed, TOLERANCES) for seed in SEEDS}


@pytest.mark.parametrize("k", range(3))
def test_errors_keep_to_the_tolerance(found, k):
    off = np.array([each[k][0] for each in found.values()]) / TOLERANCES[k]
    assert np.median(off) <= 0.5
    assert np.mean(off > 1.0) <= 0.05
    assert off.max() <= 3.0


def test_no_water_is_lost(found):
    assert max(each[k][1] for each in found.values() for k in range(3)) <= 1e-12


def test_events_are_found_and_exact(found):
    assert not np.isinf([each[k][2] for each in found.values() for k in range(2)]).any()
    assert np.median([each[1][2] for each in found.values()]) <= 1e-6


def slopes(design):
    """The right-hand side of a machine under Torricelli's law, from its numbers alone."""
    names = [vessel.name for vessel in design.vessels]

    def slope(t, held, rates):
        change = np.zeros(len(names))
        change[: len(rates)] = rates
        for b, bucket in enumerate(design.buckets):
            level = float(bucket.level_mm(held[b])) - bucket.outlet.sill_mm
            for pipe in design.branches(bucket.name):
                flow = bucket.outlet.discharge * pipe.area_mm2 * np.sqrt(2 * 9806.65 * max(level, 0.0)) / 1000.0
                change[b] -= flow
                change[names.index(pipe.target)] += flow
        return change

    return slope


@pytest.mark.parametrize("seed", range(4))
def test_scipy_finds_the_same_volumes(seed):
    """The reference of the tests above is the solver itself; here it meets one that shares nothing with it."""
    design = machine(network((2, 3, 2), seed), slabs=(1.0, 1.4))
    volumes = np.random.default_rng(seed).uniform(5.0, 30.0, 2)
    times = np.linspace(0.0, 12.0, 61)
    run = simulate.run(design, Pour.of({"b0.0": volumes[0], "b0.1": volumes[1]}, duration_s=4.0), times, tolerance=1e-8)
    held, rows = np.zeros(len(design.vessels)), []
    for begin, end, rates in ((0.0, 4.0, volumes / 4.0), (4.0, 12.0, np.zeros(2))):
        some = times[(times >= begin) & (times <= end)]
        found = solve_ivp(
            slopes(design), (begin, end), held, t_eval=some, args=(rates,), method="LSODA", rtol=1e-10, atol=1e-11,
            max_step=0.02,
        )  # fmt: skip
        held = found.y[:, -1]
        rows.append(found.y.T if begin == 0.0 else found.y.T[1:])
    assert np.abs(np.concatenate(rows) - run.volumes_ml).max() <= 2e-6 * volumes.sum()


def test_scipy_finds_the_same_volumes_of_a_tower():
    """Round holes at 1 mL/s: the level creeps from the sill to where as much leaves as comes."""
    design = files.load(Path(__file__).parents[2] / "designs/iris-tower", "design")
    (volumes,) = design.volumes_ml(porcelain.load("iris").features[131:132])
    names, holes = [vessel.name for vessel in design.vessels], wetted(law("orifice"), Water.preset("ideal"))
    sources = [(bucket, design.branches(bucket.name), b) for b, bucket in enumerate(design.buckets)]

    def slope(t, held, rates):
        change = np.zeros(len(names))
        change[: len(rates)] = rates
        for bucket, pipes, b in sources:
            head = float(bucket.level_mm(held[b])) - bucket.outlet.sill_mm
            if head > 0.0:
                for pipe, flow in zip(pipes, holes.flows_ml_s(bucket, pipes, np.array([head]))[0], strict=True):
                    change[b] -= flow
                    change[names.index(pipe.target)] += flow
        return change

    ends = sorted({float(v) for v in volumes if v < 50.0} | {50.0})
    pour = Pour.of(dict(zip(names, volumes, strict=False)), rate_ml_s=1.0)
    run = simulate.run(design, pour, ends, law="orifice", water="ideal")
    held, before = np.zeros(len(names)), 0.0
    for row, end in zip(run.volumes_ml, ends, strict=True):
        rates = np.where(volumes > before + 1e-9, 1.0, 0.0)
        held = solve_ivp(slope, (before, end), held, args=(rates,), method="LSODA", rtol=1e-8, atol=1e-9, max_step=0.2)
        held, before = held.y[:, -1], end
        assert np.abs(held - row).max() <= 1e-5 * volumes.sum()
