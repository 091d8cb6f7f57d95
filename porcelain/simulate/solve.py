"""simulate: one pour through a design, with everything that happens on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen
from ..errors import PorcelainError
from ..hydraulics.laws import Law
from ..machine.design import Design
from ..pour import Pour
from ..run import MACHINE, TRAY, Event, Run
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3
from ..water import Water
from .course import NEVER_S, TINY, Course, Setting, follow, standing_ml
from .foretell import foretell
from .grid import LATEST_S, grid, step_s
from .machine import DELAY, ORDER, SOURCE, K

SCOUT = 1e-6  # tolerance of a run that only looks for the end
ROWS = 401  # times in a Run when nobody asked for any
MOST_EVENTS = 4096
FINE = 1e-8  # tolerance from which on events are told to within SHARP_S
SHARP_S = 1e-6
COARSER = 100.0**0.4  # in step, for two digits of tolerance
GAIN = 10.0  # such a step makes events sharper by this at least
WHAT = ("starts", "stops", "rim reached", "rim left")


def simulate(
    design: Design,
    pour: Pour,
    times_s: ArrayLike | None = None,
    *,
    law: str | Law = "torricelli",
    water: str | Water = "ideal",
    start_ml: ArrayLike | None = None,
    gates_s: Mapping[int, float] | str | None = None,
    overflow_to: Mapping[str, str] | None = None,
    transit_s: Mapping[str, float] | str | None = None,
    stop_when: Mapping[str, float] | None = None,
    tolerance: float = 1e-8,
) -> Run:
    """Pour into a design and follow the water.

    Parameters
    ----------
    design, pour : what is poured into what
    times_s : (T,) s, ascending, >= 0: when to look. Left out: 401 even times until everything is still.
    law : how outlets pass water; a name ("torricelli", "weir", "orifice", "pipe") or a :class:`Law`
    water : what is poured; a preset ("ideal", "tap", "rinse_aid"), "design" for the Design's own, or a Water
    start_ml : (V,) what stands in the vessels (``design.vessels``) before; left out: nothing. A machine that was
        used before starts from ``run.volumes_ml[-1]``.
    gates_s : when each tier's outlets open, {tier: s}; or "fill": each once nothing reaches it any more
    overflow_to : where water over a rim goes, {vessel: vessel of a lower row, or "tray"}; left out: the tray
    transit_s : how long water is on its way, {pipe: s}; or "slide": without friction down its path
    stop_when : take all jugs away when a vessel first holds this much, {vessel: mL}
    tolerance : error in volume over time, relative to the water poured, under Torricelli's law. Outlets that surface
        tension stops start and stop at full flow: with a split that varies, cups are then off by up to 5e-4 at 1e-6

    Raises PorcelainError for a pour that names no input bucket, times that do not ascend, and unknown names.
    """
    inputs = [bucket.name for bucket in design.tiers[0]]
    pour.volumes_ml(inputs)
    setting = Setting.of(design, law, water, gates_s, overflow_to, transit_s, tolerance)
    start = standing_ml(setting.names, start_ml, 1)[:, 0]
    times = np.empty(0) if times_s is None else _ascending(times_s)
    if gates_s == "fill":
        setting = _fill_then_open(design, setting, pour, start)
    if stop_when:
        pour = pour.until(_stop_s(design, setting, pour, start, stop_when))
    # when it ends need not be known as exactly as how
    longest = min(step_s(setting.machine, SCOUT), COARSER * setting.step_s)
    scout = replace(setting, step_s=max(setting.step_s, longest))
    sharp = setting.tolerance <= FINE and bool(np.all(setting.machine.bands[:, K] > 0))
    run = coarse = _run(design, scout, pour, start, times[-1:]) if sharp or times_s is None else None
    if run is None or len(times):
        run = _run(design, setting, pour, start, times)
    while times_s is None:
        end = run.settled_at_s if run.settled_at_s is not None else setting.quiet_s(pour.end_s)
        # a round time a little later, or the last row may just miss the last drop
        end = np.floor(100.0 * end + 1.5) / 100.0 if end > 0 else 0.0
        run = _run(design, setting, pour, start, np.linspace(0.0, end, ROWS) if end else np.zeros(1), LATEST_S)
        if run.settled_at_s is None or run.settled_at_s <= end:  # seen more closely it may take longer
            break
    if sharp and coarse is not None:
        run = _sharp(design, setting, pour, start, coarse, run)
    foreseen = foretell(design, pour, law=law, water=water, start_ml=start, gates_s=gates_s, overflow_to=overflow_to)
    return replace(run, message="; ".join([*(f"foreseen: {spill}" for spill in foreseen), run.message]).strip("; "))


def _sharp(design: Design, setting: Setting, pour: Pour, start: Floats, coarse: Run, run: Run) -> Run:
    """The run with events as sharp as SHARP_S, for what little water comes slowly tells its time badly.

    Their error is told from a coarser run, and where it is too much the events are taken from a finer one.
    """
    latest = run.times_s[-1:]
    for _ in range(2):
        if _apart_s(coarse, run) <= SHARP_S * GAIN:
            break
        setting = replace(setting, step_s=setting.step_s / COARSER)
        fine = _run(design, setting, pour, start, latest)
        coarse, run = run, replace(run, events=fine.events, settled_at_s=fine.settled_at_s)
    return run


def _apart_s(one: Run, other: Run) -> float:
    """How far apart in time two runs have the same events; infinite if they have not."""
    times = [sorted((event.vessel, event.what, event.time_s) for event in run.events) for run in (one, other)]
    if [event[:2] for event in times[0]] != [event[:2] for event in times[1]]:
        return np.inf
    return max((abs(a[2] - b[2]) for a, b in zip(*times, strict=True)), default=0.0)


def _ascending(times_s: ArrayLike) -> Floats:
    times = frozen(np.atleast_1d(times_s), (None,), "times_s")
    if not len(times) or times[0] < 0 or np.any(np.diff(times) <= 0):
        raise PorcelainError("times_s must be ascending numbers >= 0, at least one")
    return times


def _run(
    design: Design, setting: Setting, pour: Pour, start: Floats, times: Floats, latest: float | None = None
) -> Run:
    """One course of the kernel as a Run: up to the last of ``times``, or until ``latest`` or everything is still.

    Without times there is one row, at the end.
    """
    inputs = [bucket.name for bucket in design.tiers[0]]
    rows = [(inputs.index(p.bucket), p.start_s, p.duration_s, p.volume_ml, p.rise) for p in pour.pieces]
    pieces = np.array(rows, dtype=np.float64).reshape(-1, 5, 1)
    if latest is None:
        latest = float(times[-1]) if len(times) else LATEST_S
    steps = grid(setting.step_s, (*pour.breaks_s, *setting.gate_s), times, setting.quiet_s(pour.end_s), latest)
    found = follow(setting, pieces, start[:, None], steps, times, events=MOST_EVENTS)
    volumes, flows, passed, arrived, spilled = (part[0] for part in found.rows)
    reached = found.ends[4][1, 0]
    if not len(times):
        times = np.array([reached])
        volumes, passed, arrived, spilled = (part[:, 0][None] for part in found.ends[:4])
        flows = np.zeros_like(passed)
    n = min(int(found.log[0, 0]), MOST_EVENTS)
    log = found.log[1 : n + 1][np.argsort(found.log[1 : n + 1, 0], kind="stable")]
    over = dict(zip((v.name for v in design.vessels), spilled[-1], strict=True))
    still = _still_s(setting, found, log)
    status = "settled" if still >= 0 else "running"
    return Run(
        design=design.name,
        law=setting.law.name,
        water=setting.law.water.name,
        pour=pour,
        vessels=tuple(v.name for v in design.vessels),
        cups=tuple(c.name for c in design.cups),
        pipes=tuple(p.name for p in design.pipes),
        sources=tuple(p.source for p in design.pipes),
        targets=tuple(p.target for p in design.pipes),
        shares=np.array([p.share for p in design.pipes]),
        overflow_to=tuple(design.vessels[v].name if v >= 0 else TRAY for v in setting.overflow),
        start_ml=start,
        times_s=times,
        volumes_ml=volumes,
        levels_mm=np.column_stack([v.level_mm(volumes[:, k]) for k, v in enumerate(design.vessels)]),
        flows_ml_s=flows,
        passed_ml=passed,
        arrived_ml=arrived,
        spilled_ml=spilled,
        status=status,
        message=_advice(status, over, setting.moving_ml(found)),
        settled_at_s=max(still, pour.end_s) if still >= 0 else None,
        energy_mj=_energy_mj(design, pour.until(float(times[-1])), start, volumes[-1], (passed - arrived)[-1]),
        events=(
            *(Event(float(t), design.vessels[int(v)].name, WHAT[int(what)]) for t, v, what in log),
            *([Event(max(still, pour.end_s), MACHINE, "settled")] if still >= 0 else []),
        ),
    )


def _still_s(setting: Setting, found: Course, log: Floats) -> float:
    """When the last outlet has stopped and its last water has come down its pipes; -1 where it has not."""
    still = float(found.ends[4][0, 0])
    late = setting.machine.part[:, DELAY]
    if still < 0 or not late.any():
        return still
    sources = setting.machine.pipe[:, SOURCE]
    stopped = np.zeros(len(setting.names))
    for when, vessel, what in log:
        if WHAT[int(what)] == "stops":
            stopped[int(vessel)] = when
    there = np.where(stopped[sources] > 0, stopped[sources] + late, 0.0)
    return max(still, float(there.max()))


def _advice(status: str, spilled: Mapping[str, float], moving_ml: float) -> str:
    """What to tell about the end of a run."""
    said = []
    if sum(spilled.values()) > 0:
        worst = max(spilled, key=lambda name: spilled[name])
        said.append(
            f"{sum(spilled.values()):.3g} mL went over a rim, most at {worst} ({spilled[worst]:.3g} mL);"
            " pour slower or plan it with a larger worst pour"
        )
    if status == "running":
        said.append(f"{moving_ml:.3g} mL are still to run on; look at later times")
    return "; ".join(said)


def _fill_then_open(design: Design, setting: Setting, pour: Pour, start: Floats) -> Setting:
    """Open each tier once everything above it is still and has come down."""
    tier = setting.tiers
    late = dict(zip((pipe.name for pipe in design.pipes), _delays_s(design, setting), strict=True))
    for k in range(1, len(design.tiers)):
        shut = replace(setting, gate_s=np.where(tier >= k, NEVER_S, setting.gate_s))
        if setting.drains:
            run = _run(design, shut, pour, start, np.empty(0), None)
            stops = {event.vessel: event.time_s for event in run.events if event.what == "stops"}
            last = [when + late[p.name] for name, when in stops.items() for p in design.branches(name)]
        else:  # such outlets only fade: until less than a drop is left
            ways = max(late.values())
            since = pour.end_s + setting.quiet_s(0.0) * np.geomspace(1e-3, 1e3, ROWS)
            run = _run(design, shut, pour, start, since)
            above = np.maximum(run.volumes_ml[:, : len(tier)] - setting.machine.base_ml[: len(tier)], 0.0)
            calm = above[:, tier < k].sum(axis=1) <= TINY * max(start.sum() + pour.total_ml, 1e-300)
            last = [float(since[int(np.argmax(calm))] if calm.any() else since[-1]) + ways]
        setting = replace(setting, gate_s=np.where(tier == k, max([pour.end_s, *last]), setting.gate_s))
    return setting


def _delays_s(design: Design, setting: Setting) -> Floats:
    """(P,) how long water is on its way down each pipe of the design."""
    late = np.empty(len(design.pipes))
    late[setting.machine.pipe[:, ORDER]] = setting.machine.part[:, DELAY]
    return late


def _stop_s(design: Design, setting: Setting, pour: Pour, start: Floats, stop_when: Mapping[str, float]) -> float:
    """When a vessel first holds what it is to hold; the end of the pour if none ever does."""
    setting.check_names(stop_when)
    index = {vessel.name: v for v, vessel in enumerate(design.vessels)}
    for name, ml in stop_when.items():
        holds = design.vessels[index[name]].capacity_ml
        if not 0 < ml <= holds:
            raise PorcelainError(f"pouring is to stop once {name} holds {ml} mL; it holds from 0 to {holds:.4g} mL")
    low, high = 0.0, pour.end_s
    times = np.linspace(low, high, ROWS)
    for _ in range(5):  # each look is 400 times closer
        volumes = _run(design, setting, pour, start, times).volumes_ml
        full = np.any([volumes[:, index[name]] >= ml for name, ml in stop_when.items()], axis=0)
        if not full.any():
            return high
        first = int(np.argmax(full))
        if first == 0 or times[first] - times[first - 1] < 1e-9:
            return float(times[first])
        times = np.linspace(times[first - 1], times[first], ROWS)
        high = float(times[-1])
    return high


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
            tops = np.minimum(vessel.slab_tops_mm, vessel.level_mm(volume))
            bottoms = np.concatenate([[0.0], tops[:-1]])
            held = vessel.slab_areas_mm2 * (tops - bottoms) / MM3_PER_ML
            lift += sign * float(np.sum(held * (floor + 0.5 * (tops + bottoms))))
    sills = {bucket.name: float(bucket.at_mm[2]) + bucket.outlet.sill_mm for bucket in design.buckets}
    lift -= sum(float(ml) * sills[pipe.source] for pipe, ml in zip(design.pipes, transit, strict=True))
    # mL mm times kg/m3 times mm/s2 is 1e-12 J
    return lift * WATER_DENSITY_KG_M3 * STANDARD_GRAVITY_MM_S2 * 1e-9
