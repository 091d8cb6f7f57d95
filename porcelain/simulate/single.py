"""run: one pour through a design, with everything that happens on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..errors import PorcelainError
from ..machine.design import Design
from ..pour import Pour
from ..run import MACHINE, Event, Run
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3
from .driver import LATEST_S
from .options import SimulateOptions
from .overflow import overflow_bounds
from .pouring import pieces_of, pouring_of
from .setting import Setting, ascending, check_names, standing_ml
from .solver import Solver, empty_output
from .tables import Output, Records

ROWS = 401  # times in a Run when nobody asked for any
WHAT = ("starts", "stops", "rim reached", "rim left")
KEEP = (True, True, True, True)
SLACK_S = 1e-9  # a root found twice may differ by this


def run(
    design: Design,
    pour: Pour,
    times_s: ArrayLike | None = None,
    options: SimulateOptions | None = None,
    **changes: Any,
) -> Run:
    """Pour into a design and follow the water.

    Parameters
    ----------
    design, pour : what is poured into what
    times_s : (T,) s, ascending, >= 0: when to look, the ``t_eval`` of scipy's ``solve_ivp``; None is 401 even times
        until everything is still. When one looks changes no value
    options : how; ``changes`` are options by name, as in ``run(design, pour, law="weir", tolerance=1e-6)``

    Returns
    -------
    Run
        Dense output at the times, exact events, ``status`` and ``message``.

    Raises
    ------
    PorcelainError
        For a pour that names no input bucket, times that do not ascend, and unknown names.
    """
    options = (options or SimulateOptions()).with_changes(changes)
    inputs = [bucket.name for bucket in design.tiers[0]]
    pour.volumes_ml(inputs)
    times = ascending(times_s)
    setting = Setting.of(design, options)
    start = standing_ml(setting.names, options.start_ml, 1)
    solution = _Solution(setting, inputs, pour, start)
    if options.stop_when:
        pour = pour.until(_stop_s(design, solution, pour, options.stop_when))
        solution = _Solution(setting, inputs, pour, start)
    if times_s is None:
        end = solution.still_s if np.isfinite(solution.still_s) else pour.end_s
        # a round time a little later, or the last row may just miss the last drop
        end = np.floor(100.0 * end + 1.5) / 100.0 if end > 0 else 0.0
        times = np.linspace(0.0, end, ROWS) if end else np.zeros(1)
    found = _as_run(design, solution, pour, start[0], times)
    if solution.output.ends[0, 1].any():
        bounds = overflow_bounds(design, pour, replace(options, start_ml=start[0]))
        told = "; ".join([*(f"foreseen: {bound}" for bound in bounds), found.message])
        found = replace(found, message=told.strip("; "))
    return found


class _Solution:
    """A pour that is solved: what ``OdeSolution`` is to ``solve_ivp``."""

    def __init__(self, setting: Setting, inputs: list[str], pour: Pour, start: Floats) -> None:
        self.setting, self.start = setting, start
        self.pouring = pouring_of(pieces_of([pour], inputs), 1, len(inputs))
        self.solver = Solver(setting)
        self.until = np.full(1, LATEST_S)
        self.output = empty_output(setting.machine, 1, 0, KEEP)
        self.solver.solve(self.pouring, start, self.until, np.empty(0), self.output, range(1))

    @property
    def still_s(self) -> float:
        """When the last outlet has stopped and its last water has come down its pipes; infinite if never."""
        bucket, rest = self.setting.machine.bucket, self.output.ends[0, 3]
        return max(float(np.where(rest > 0.0, rest + bucket["way"], 0.0).max()), float(self.pouring.end_s[0]))

    def at(self, times: Floats) -> Output:
        """Dense output."""
        output = empty_output(self.setting.machine, 1, len(times), KEEP)
        self.solver.solve(self.pouring, self.start, self.until, times, output, range(1), rows_only=True)
        return output

    def knots_s(self) -> Floats:
        """Every time at which a trajectory has a new piece."""
        used = self.solver.work.used
        pieces = self.solver.work.piece["start"]
        return np.unique(np.concatenate([pieces[: used[0]], pieces[used[2] + 1 : -1]]))


def _as_run(design: Design, solution: _Solution, pour: Pour, start: Floats, times: Floats) -> Run:
    """The nouns of a Run from dense output and events."""
    setting, output = solution.setting, solution.at(times)
    volumes, spilled, passed, arrived = (
        part[0] for part in (output.volumes, output.spilled, output.passed, output.arrived)
    )
    last, still = float(times[-1]), solution.still_s
    settled = still <= last + SLACK_S
    log = solution.solver.events()
    transit = (passed - arrived)[-1]
    over = dict(zip(setting.names, spilled[-1], strict=True))
    return Run(
        design=design.name,
        law=setting.law.name,
        water=setting.law.water.name,
        pour=pour,
        vessels=setting.names,
        cups=tuple(c.name for c in design.cups),
        pipes=tuple(p.name for p in design.pipes),
        sources=tuple(p.source for p in design.pipes),
        targets=tuple(p.target for p in design.pipes),
        shares=np.array([p.share for p in design.pipes]),
        overflow_to=setting.overflow_to,
        start_ml=start,
        times_s=times,
        volumes_ml=volumes,
        levels_mm=np.column_stack([v.level_mm(volumes[:, k]) for k, v in enumerate(design.vessels)]),
        flows_ml_s=output.flows[0],
        passed_ml=passed,
        arrived_ml=arrived,
        spilled_ml=spilled,
        status="settled" if settled else "running",
        message=_advice(settled, over, _moving_ml(setting, volumes[-1]) + float(transit.sum())),
        settled_at_s=still if settled else None,
        energy_mj=_energy_mj(design, pour.until(last), start, volumes[-1], transit),
        events=_events(setting, log, last, still if settled else None),
    )


def _events(setting: Setting, log: Records, last: float, still: float | None) -> tuple[Event, ...]:
    """What happened up to the last time, and that everything is still, if it is."""
    some = log[log["time"] <= last + SLACK_S]
    rows = zip(some["time"].tolist(), some["vessel"].tolist(), some["what"].tolist(), strict=True)
    found = [Event(t, setting.names[v], WHAT[what]) for t, v, what in rows]
    return (*found, *([Event(still, MACHINE, "settled")] if still is not None else []))


def _moving_ml(setting: Setting, volumes: Floats) -> float:
    """Water above the outlets."""
    buckets = np.isfinite(setting.machine.bucket["gate"])
    return float(np.maximum(volumes - setting.machine.bucket["base"], 0.0)[buckets].sum())


def _advice(settled: bool, spilled: Mapping[str, float], moving_ml: float) -> str:
    """What to tell about the end of a run."""
    said = []
    if sum(spilled.values()) > 0:
        worst = max(spilled, key=lambda name: spilled[name])
        said.append(
            f"{sum(spilled.values()):.3g} mL went over a rim, most at {worst} ({spilled[worst]:.3g} mL);"
            " pour slower or plan it with a larger worst pour"
        )
    if not settled:
        said.append(f"{moving_ml:.3g} mL are still to run on; look at later times")
    return "; ".join(said)


def _stop_s(design: Design, solution: _Solution, pour: Pour, stop_when: Mapping[str, float]) -> float:
    """When a vessel first holds what it is to hold; the end of the pour if none ever does.

    The vessel is looked at wherever a trajectory has a new piece and in between; the first of these intervals at whose
    end it holds enough is cut again and again.
    """
    names = solution.setting.names
    check_names(stop_when, names)
    for name, ml in stop_when.items():
        holds = design.vessels[names.index(name)].capacity_ml
        if not 0 < ml <= holds:
            raise PorcelainError(f"pouring is to stop once {name} holds {ml} mL; it holds from 0 to {holds:.4g} mL")
    knots = solution.knots_s()
    knots = np.unique(np.append(knots[knots <= pour.end_s], pour.end_s))
    times = np.unique(np.concatenate([knots, *(knots[:-1] + part * np.diff(knots) for part in (0.25, 0.5, 0.75))]))
    while True:
        volumes = solution.at(times).volumes[0]
        full = np.any([volumes[:, names.index(name)] >= ml for name, ml in stop_when.items()], axis=0)
        if not full.any():
            return pour.end_s
        first = int(np.argmax(full))
        if first == 0 or times[first] - times[first - 1] < SLACK_S:
            return float(times[first])
        times = np.linspace(times[first - 1], times[first], ROWS)


def _energy_mj(design: Design, poured: Pour, start: Floats, end: Floats, transit: Floats) -> float:
    """What the water's fall gave up, mJ: poured in at the rims, resting where it stands; spilled water to the table.

    What is still in the pipes has given up nothing since it left its sill.
    """
    given = poured.volumes_ml([v.name for v in design.vessels])
    lift = 0.0  # mL mm
    for k, vessel in enumerate(design.vessels):
        floor = float(vessel.at_mm[2])
        lift += given[k] * (floor + vessel.rim_mm)
        for volume, sign in ((start[k], 1.0), (end[k], -1.0)):
            if volume > 0.0:
                tops = np.minimum(vessel.slab_tops_mm, vessel.level_mm(volume))
                bottoms = np.concatenate([[0.0], tops[:-1]])
                held = vessel.slab_areas_mm2 * (tops - bottoms) / MM3_PER_ML
                lift += sign * float(np.sum(held * (floor + 0.5 * (tops + bottoms))))
    if transit.any():
        sills = {bucket.name: float(bucket.at_mm[2]) + bucket.outlet.sill_mm for bucket in design.buckets}
        lift -= sum(float(ml) * sills[pipe.source] for pipe, ml in zip(design.pipes, transit, strict=True))
    # mL mm times kg/m3 times mm/s2 is 1e-12 J
    return lift * WATER_DENSITY_KG_M3 * STANDARD_GRAVITY_MM_S2 * 1e-9
