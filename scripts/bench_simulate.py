#!/usr/bin/env python3
"""How fast and how exact the simulator is, beside its peers, in one run on this machine: one Markdown table.

One 4-3-3 machine, 150 pours at 5 mL/s, 60 s, error at most 1e-6 of the water poured. CPU time of one thread, the best
of a few; every peer at the loosest setting that still holds 1e-6, or as near as it gets. Some peers are measured on a
few pours and scaled. ``--peers`` installs those of the extra "bench" first; a peer that is missing is named.
"""

import argparse
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "simulate"))
from machines import machine, network

from porcelain import simulate
from porcelain.pour import Pour
from porcelain.simulate import run_many, steady_state

BAR = 1e-6
DENSE = np.linspace(0.0, 60.0, 6001)
CHECK = slice(0, 1000, 7)  # where accuracy is looked at: the first 10 s, in which everything happens


def cpu(call, repeats=3):
    """Least CPU seconds of a call, and what it returned."""
    best, found = np.inf, None
    for _ in range(repeats):
        start = time.process_time()
        found = call()
        best = min(best, time.process_time() - start)
    return best, found


class Bench:
    """A machine, its pours, and the truth at some times for some pours."""

    def __init__(self, widths=(4, 3, 3), n=150, rate=5.0):
        self.design = machine(network(widths))
        self.rate = rate
        self.volumes = np.random.default_rng(1).uniform(5.0, 30.0, (n, widths[0]))
        self.total = self.volumes.sum(axis=1)
        self.truth = {k: self.run(k, DENSE[CHECK], tolerance=1e-11).volumes_ml for k in range(min(n, 4))}
        rows, cols, shares, factor = [], [], [], []
        names = [v.name for v in self.design.vessels]
        for pipe in self.design.pipes:
            rows.append(names.index(pipe.source))
            cols.append(names.index(pipe.target))
        self.buckets = len(self.design.buckets)
        for bucket in self.design.buckets:
            area = sum(p.area_mm2 for p in self.design.branches(bucket.name))
            factor.append(bucket.outlet.discharge * area * np.sqrt(2 * 9806.65) / 1000.0)
        for pipe in self.design.pipes:
            area = sum(p.area_mm2 for p in self.design.branches(pipe.source))
            shares.append(pipe.area_mm2 / area)
        self.k = np.array(factor)
        self.matrix = np.zeros((self.buckets, len(names)))
        self.matrix[rows, cols] = shares
        self.matrix[np.arange(self.buckets), np.arange(self.buckets)] -= 1.0
        self.sills = np.array([b.threshold_ml for b in self.design.buckets])
        self.area = np.array([b.slab_areas_mm2[-1] / 1000.0 for b in self.design.buckets])

    def pour(self, k):
        return Pour.of({f"b0.{i}": v for i, v in enumerate(self.volumes[k])}, rate_ml_s=self.rate)

    def run(self, k, times, **options):
        return simulate.run(self.design, self.pour(k), times, **options)

    def error(self, found):
        """Largest error of {pour: (times, V)} relative to the water poured."""
        return max(float(np.abs(found[k] - self.truth[k]).max() / self.total[k]) for k in found if k in self.truth)

    def slope(self, t, v, volumes, side=0.0):
        heads = np.maximum(v[: self.buckets] - self.sills, 0.0) / self.area
        dv = (self.k * np.sqrt(heads)) @ self.matrix
        dv[: len(volumes)] += self.rate * (t + side < volumes / self.rate)
        return dv


def ours(bench, times, tolerance=BAR, **options):
    def call():
        return run_many(
            bench.design, bench.volumes, rate_ml_s=bench.rate, times_s=times, tolerance=tolerance, threads=1, **options
        )

    call()
    return cpu(call, 5)


def lsoda(bench, times, few=4):
    """Scipy's LSODA, restarted at every break of the pour: the loosest rtol of a decade grid that holds the bar."""
    from scipy.integrate import solve_ivp

    def one(k, rtol, at):
        volumes = bench.volumes[k]
        v, rows, marks = np.zeros(len(bench.design.vessels)), [], [0.0, *sorted(volumes / bench.rate), at[-1]]
        for a, b in pairwise(marks):
            inside = at[(at >= a) & (at < b)] if b < at[-1] else at[at >= a]
            middle = 0.5 * (a + b)
            sol = solve_ivp(
                lambda t, y, middle=middle: bench.slope(middle, y, volumes), (a, b), v, method="LSODA",
                t_eval=np.unique(np.append(inside, b)), rtol=rtol, atol=rtol * 10,
            )  # fmt: skip
            rows.append(sol.y.T[: len(inside)])
            v = sol.y[:, -1]
        return np.concatenate(rows)

    for rtol in 10.0 ** np.arange(-4.0, -11.0, -1.0):
        error = bench.error({k: one(k, rtol, DENSE)[CHECK] for k in range(few)})
        if error <= BAR:
            break
    seconds, _ = cpu(lambda: [one(k, rtol, times) for k in range(few)], 2)
    return seconds / few * len(bench.volumes), error, f"rtol {rtol:.0e}"


def rk4(bench, few=16):
    """Runge and Kutta's method in numba, dense rows kept: at 2.5 ms, and at the step that holds the bar."""
    import numba

    @numba.njit(error_model="numpy")
    def march(volumes, rate, sills, area, k, matrix, step, every, rows, out):
        n_b, n_v = matrix.shape
        v, y, q = np.zeros(n_v), np.zeros(n_v), np.zeros((4, n_v))
        for lane in range(len(volumes)):
            v[:] = 0.0
            for i in range(rows):
                out[lane, i] = v
                for sub in range(every):
                    t = (i * every + sub) * step
                    for stage in range(4):
                        h = (0.0, 0.5, 0.5, 1.0)[stage] * step
                        for j in range(n_v):
                            y[j] = v[j] + (h * q[stage - 1, j] if stage else 0.0)
                            q[stage, j] = rate if j < volumes.shape[1] and t + h < volumes[lane, j] / rate else 0.0
                        for b in range(n_b):
                            flow = k[b] * np.sqrt(max(y[b] - sills[b], 0.0) / area[b])
                            if flow > 0.0:
                                for j in range(n_v):
                                    q[stage, j] += flow * matrix[b, j]
                    for j in range(n_v):
                        v[j] += step / 6.0 * (q[0, j] + 2.0 * q[1, j] + 2.0 * q[2, j] + q[3, j])

    def call(every, few=few):
        out = np.empty((few, len(DENSE), len(bench.design.vessels)))
        step = 0.01 / every
        march(bench.volumes[:few], bench.rate, bench.sills, bench.area, bench.k, bench.matrix, step, every, 6001, out)
        return out

    call(1, 4)
    for every in (4, 16, 64, 256):
        out = call(every, 4)
        error = bench.error({k: out[k][CHECK] for k in range(4)})
        seconds, _ = cpu(lambda every=every: call(every), 1)
        yield seconds / few * len(bench.volumes), error, f"fixed step {10.0 / every:.3g} ms"
        if error <= BAR:
            break


def diffrax(bench):
    """diffrax, vmap over the pours, Tsit5 with a PID controller that knows the breaks (jump_ts)."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import diffrax as dfx
    import jax.numpy as jnp

    k, sills, area, matrix = (jnp.asarray(a) for a in (bench.k, bench.sills, bench.area, bench.matrix))
    n_in = bench.volumes.shape[1]

    def slope(t, v, volumes):
        above = jnp.maximum(v[: bench.buckets] - sills, 0.0)
        dv = (k * jnp.sqrt(above / area)) @ matrix
        return dv.at[:n_in].add(jnp.where(t < volumes / bench.rate, bench.rate, 0.0))

    def solver(rtol):
        def one(volumes):
            control = dfx.PIDController(rtol=rtol, atol=rtol * 10)
            control = dfx.ClipStepSizeController(control, jump_ts=jnp.sort(volumes / bench.rate))
            return dfx.diffeqsolve(
                dfx.ODETerm(slope), dfx.Tsit5(), 0.0, 60.0, 1e-3, jnp.zeros(len(bench.design.vessels)),
                args=volumes, stepsize_controller=control, saveat=dfx.SaveAt(ts=jnp.asarray(DENSE)), max_steps=100_000,
            ).ys  # fmt: skip

        return jax.jit(jax.vmap(one))

    volumes = jnp.asarray(bench.volumes)
    for rtol in (1e-6, 1e-7, 1e-8, 1e-9, 1e-10):
        call = solver(rtol)
        out = np.asarray(call(volumes))
        error = bench.error({k: out[k][CHECK] for k in range(4)})
        if error <= BAR:
            break
    seconds, _ = cpu(lambda: call(volumes).block_until_ready(), 2)
    return seconds, error, f"Tsit5, rtol {rtol:.0e}, all cores counted"


def swmm(bench, few=2):
    """PySWMM on the exported network, routing step 10 ms, 60 s."""
    import tempfile

    from pyswmm import Nodes, Simulation

    from porcelain.simulate.swmm import to_swmm

    with tempfile.TemporaryDirectory() as folder:

        def one(k):
            path = Path(folder) / f"{k}.inp"
            path.write_text(to_swmm(bench.design, bench.pour(k), until_s=60.0, step_s=0.01))
            with Simulation(str(path)) as sim:
                cups = [Nodes(sim)[cup.name] for cup in bench.design.cups]
                for _ in sim:
                    pass
                return np.array([cup.volume / 1000.0 for cup in cups])

        seconds, found = cpu(lambda: [one(k) for k in range(few)], 1)
    ends = steady_state(bench.design, bench.volumes)[:few, -len(bench.design.cups) :]
    error = float(np.abs(np.array(found) - ends).max() / bench.total[:few].min())
    return seconds / few * len(bench.volumes), error, "routing step 10 ms, error of the ends"


def row(name, how, seconds, error, mine, bar):
    """A line of the table; ``mine`` is what porcelain takes for the same."""
    ratio = "" if mine is None else f"{seconds / mine:.3g}x"
    print(f"| {name} | {how} | {seconds:.4g} | {error:.0e} | {ratio} | {bar} |", flush=True)


def dense_rows(bench, what):
    """The whole course at 100 Hz, into fresh memory and into memory that is kept as a study does: seconds, error.

    At the default tolerance and, as with the peers, at the loosest of a decade grid that holds the bar if it is faster.
    """
    kept = np.empty((len(bench.volumes), len(DENSE), len(bench.design.vessels)))
    best = np.inf, np.inf
    for tolerance, out in ((BAR, None), (BAR, kept), (10 * BAR, kept)):
        mine, found = ours(bench, DENSE, tolerance=tolerance, out=out)
        error = bench.error({k: found.volumes_ml[k][CHECK] for k in bench.truth})
        if error > BAR:
            break
        how = "rows into fresh memory" if out is None else "rows into an array given (out=)"
        row(f"porcelain, {what}", f"tolerance {tolerance:.0e}, {how}", mine, error, None, "1e-6")
        best = min(best, (mine, error))
    return best


def dense(bench):
    """Every peer against the whole course at 100 Hz."""
    mine, error = dense_rows(bench, "100 Hz dense")
    seconds, error, how = lsoda(bench, DENSE)
    row("scipy LSODA", f"{how}, restarted at breaks", seconds, error, mine, ">= 150x")
    for seconds, error, how in rk4(bench):
        row("numba RK4", how, seconds, error, mine, ">= 18x at 2.5 ms" if how.endswith(" 2.5 ms") else "")
    for name, call, bar in (("diffrax, vmap", diffrax, ">= 400x"), ("PySWMM", swmm, ">= 250x")):
        try:
            seconds, error, how = call(bench)
            row(name, how, seconds, error, mine, bar)
        except ImportError as missing:
            print(f"| {name} | not measured: {missing.name} is not installed (--peers) | | | | {bar} |")


def one_time(bench):
    """Only the end of every pour."""
    last = np.array([60.0])
    mine, found = ours(bench, last)
    off = np.abs(found.cups_ml - steady_state(bench.design, bench.volumes)[:, -3:]).max() / bench.total.max()
    row("porcelain, one sample time", "tolerance 1e-6", mine, off, None, "")
    seconds, error, how = lsoda(bench, last)
    row("scipy LSODA", f"{how}, restarted at breaks", seconds, error, mine, ">= 250x")


def real_water():
    """Laws and waters against Torricelli, 100 Hz dense into memory that is kept, on slots as large as its holes.

    The error is that of the cups in the end.
    """
    bench = Bench()
    bench.design = machine(network((4, 3, 3)), kind="weir", width_mm=8.0, opening_mm=3.0)
    kept = np.empty((len(bench.volumes), len(DENSE), len(bench.design.vessels)))
    base, _ = ours(bench, DENSE, out=kept)
    for law in ("weir", "slots", "orifice", "pipe"):
        for water in ("ideal", "tap", "rinse_aid"):
            seconds, _ = ours(bench, DENSE, law=law, water=water, out=kept)
            found, close = (ours(bench, None, law=law, water=water, tolerance=t)[1] for t in (BAR, 1e-9))
            error = np.abs(found.cups_ml - close.cups_ml).max() / bench.total.max()
            row(f"{law}, {water} water", "100 Hz dense, against torricelli", seconds, error, base, "<= 3x")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--peers", action="store_true", help="install diffrax and pyswmm first")
    if options.parse_args().peers:
        root = Path(__file__).parents[1]
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "-e", f"{root}[bench]"], check=True)
    print("| 4-3-3, 150 pours, 60 s | how | CPU s | error | ratio | bar |\n|---|---|---|---|---|---|")
    bench = Bench()
    dense(bench)
    one_time(bench)
    real_water()
    base, _ = ours(bench, None)
    seconds, found = ours(Bench(n=10_000), None)
    row(
        "10,000 pours, to the end",
        "per pour, against 150",
        seconds,
        found.residual.max(),
        base * 10_000 / 150,
        "<= 1x",
    )
    wide = Bench((64, 32, 10), n=32, rate=2.0)
    mine, error = dense_rows(wide, "64-32-10, 32 pours, 100 Hz dense")
    seconds, error, how = lsoda(wide, DENSE, few=2)
    row("scipy LSODA", how, seconds, error, mine, ">= 60x")


if __name__ == "__main__":
    main()
