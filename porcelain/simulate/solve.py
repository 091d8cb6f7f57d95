"""simulate: one pour through a design, with everything that happens on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen
from ..design import Bucket, Design
from ..errors import PorcelainError
from ..pour import Pour
from ..run import TRAY, Event, Run
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3
from .grid import LATEST_S, drain_s, grid, rows_of, step_s
from .laws import Law
from .laws import law as law_named
from .machine import Machine, lay_flat

ROWS = 401  # times in a Run when nobody asked for any
MOST_EVENTS = 4096
WHAT = ("starts", "stops", "rim reached", "rim left")


def simulate(
    design: Design,
    pour: Pour,
    times_s: ArrayLike | None = None,
    *,
    law: str | Law = "torricelli",
    start_ml: ArrayLike | None = None,
    tolerance: float = 1e-8,
) -> Run:
    """Pour into a design and follow the water.

    Parameters
    ----------
    design, pour : what is poured into what
    times_s : (T,) s, ascending, >= 0: when to look. Left out: 401 even times until everything is still.
    law : how outlets pass water; a name or a :class:`Law`
    start_ml : (V,) what stands in the vessels (``design.vessels``) before; left out: nothing, or a Run's last row
    tolerance : error in volume over time, relative to the water poured

    Raises PorcelainError for a pour that names no input bucket, and for times that do not ascend.
    """
    rule = law_named(law) if isinstance(law, str) else law
    inputs = tuple(bucket.name for bucket in design.tiers[0])
    pour.volumes_ml(inputs)
    machine = lay_flat(design, rule)
    start = frozen(np.zeros(len(design.vessels)) if start_ml is None else start_ml, (len(design.vessels),), "start_ml")
    if np.any(start < 0):
        raise PorcelainError(f"start_ml has {start.min()}; water cannot be less than 0 mL")
    if not 1e-13 <= tolerance <= 1e-2:
        raise PorcelainError(f"tolerance is {tolerance}; it must lie in [1e-13, 0.01]")
    step = step_s(machine, tolerance)
    times = np.empty(0) if times_s is None else _ascending(times_s)
    quiet = pour.end_s + 2.0 * float(sum(max(drain_s(machine)[rows]) for rows in _tiers(design)))
    if times_s is None:
        *_, still, end = _follow(design, machine, pour, start, times, step, quiet, LATEST_S)
        times = np.linspace(0.0, still if still >= 0 else end, ROWS)
    out, log, still, end = _follow(design, machine, pour, start, times, step, quiet, max(times[-1], 0.0))
    volumes, flows, passed, spilled = out
    status, message = _status(design, still, volumes, spilled, pour)
    events = _events(log, design)
    return Run(
        design.name,
        rule.name,
        "ideal",
        pour,
        tuple(v.name for v in design.vessels),
        tuple(c.name for c in design.cups),
        tuple(p.name for p in design.pipes),
        tuple(p.source for p in design.pipes),
        tuple(p.target for p in design.pipes),
        np.array([p.share for p in design.pipes]),
        (TRAY,) * len(design.vessels),
        start,
        times,
        volumes,
        np.column_stack([v.level_mm(volumes[:, k]) for k, v in enumerate(design.vessels)]),
        flows,
        passed,
        passed,
        spilled,
        status,
        message,
        max([e.time_s for e in events] + [pour.end_s]) if still >= 0 else None,
        _energy_mj(design, pour, start, volumes[-1], spilled[-1]),
        events,
    )


def _tiers(design: Design) -> list[list[int]]:
    """Bucket indices, tier by tier."""
    ends = np.cumsum([len(row) for row in design.tiers])
    return [list(range(end - len(row), end)) for row, end in zip(design.tiers, ends, strict=True)]


def _ascending(times_s: ArrayLike) -> Floats:
    times = frozen(np.atleast_1d(np.asarray(times_s, dtype=np.float64)), (None,), "times_s")
    if not len(times) or times[0] < 0 or np.any(np.diff(times) <= 0):
        raise PorcelainError("times_s must be ascending numbers >= 0, at least one")
    return times


def _follow(
    design: Design,
    machine: Machine,
    pour: Pour,
    start: Floats,
    times: Floats,
    step: float,
    quiet: float,
    latest: float,
) -> tuple[Any, Floats, float, float]:
    """Run the kernel over one grid: rows at ``times``, the event log, when all was still, the last time."""
    from .kernel import run_one

    inputs = [bucket.name for bucket in design.tiers[0]]
    pieces = np.array(
        [(inputs.index(p.bucket), p.start_s, p.duration_s, p.volume_ml, p.rise) for p in pour.pieces]
    ).reshape(-1, 5)
    steps = grid(step, pour.breaks_s, times, min(quiet, latest), latest)
    n, v, p = len(times), len(design.vessels), len(design.pipes)
    out = (np.zeros((n, v)), np.zeros((n, p)), np.zeros((n, p)), np.zeros((n, v)))
    log = np.zeros((MOST_EVENTS, 3))
    gate = np.zeros(len(design.buckets))
    overflow = np.full(v, -1)
    still, last = run_one(machine, len(inputs), steps, rows_of(steps, times), pieces, gate, overflow, start, out, log)
    if still >= 0 and n:  # nothing changes after it is still
        done = int(np.searchsorted(times, still, side="right"))
        if done < n:
            for k, array in enumerate(out):
                array[done:] = 0.0 if k == 1 else array[done - 1]
    return out, log, still, float(steps[last])


def _events(log: Floats, design: Design) -> tuple[Event, ...]:
    n = min(int(log[0, 0]), len(log) - 1)
    rows = log[1 : n + 1]
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    return tuple(Event(float(t), design.vessels[int(v)].name, WHAT[int(what)]) for t, v, what in rows)


def _status(design: Design, still: float, volumes: Floats, spilled: Floats, pour: Pour) -> tuple[str, str]:
    """What to tell about the end of a run."""
    said = []
    over = [(v.name, s) for v, s in zip(design.vessels, spilled[-1], strict=True) if s > 0]
    if over:
        name, worst = max(over, key=lambda pair: pair[1])
        said.append(
            f"{sum(s for _, s in over):.3g} mL spilled, most over {name} ({worst:.3g} mL); pour slower or raise its rim"
        )
    if still >= 0:
        return "settled", "; ".join(said)
    above = sum(
        max(float(volumes[-1, k]) - b.threshold_ml, 0.0) for k, b in enumerate(design.buckets) if isinstance(b, Bucket)
    )
    said.append(f"water still moves: {above:.3g} mL stand above the sills; look at later times")
    return "running", "; ".join(said)


def _energy_mj(design: Design, pour: Pour, start: Floats, end: Floats, spilled: Floats) -> float:
    """What the water's fall gave up, mJ: poured in at the rims, resting where it stands, spilled to the table."""
    poured = pour.volumes_ml([v.name for v in design.vessels])
    lift = 0.0
    for k, vessel in enumerate(design.vessels):
        floor = float(vessel.at_mm[2])
        lift += poured[k] * (floor + vessel.rim_mm)
        for volume, sign in ((start[k], 1.0), (end[k], -1.0)):
            tops = np.minimum(vessel.slab_tops_mm, vessel.level_mm(volume))
            bottoms = np.concatenate([[0.0], tops[:-1]])
            lift += sign * float(
                np.sum(vessel.slab_areas_mm2 * (tops - bottoms) * (floor + 0.5 * (tops + bottoms))) / MM3_PER_ML
            )
    # mL mm times kg/m3 times mm/s2 is 1e-12 J
    return lift * WATER_DENSITY_KG_M3 * STANDARD_GRAVITY_MM_S2 * 1e-9
