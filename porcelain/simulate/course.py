"""The kernel's surroundings: a Setting says under which rules, follow() takes pours through."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, Ints, frozen
from ..errors import PorcelainError, unknown
from ..hydraulics.laws import Law, Wetted, chosen
from ..machine.design import Design
from ..run import TRAY
from ..units import STANDARD_GRAVITY_MM_S2
from ..water import Water
from .grid import drain_s, step_s
from .machine import BANDS, DELAY, K, Machine, lay_flat

NEVER_S = 1e8  # when a gate opens that stays shut
FUSS = 0.1  # of the tolerance: so much water at an uneven rate does not show in what a bucket passes on
TINY = 1e-4  # of the water, less than a drop: so much above outlets that only fade is as good as still


@dataclass(frozen=True, eq=False)
class Setting:
    """A design under a law, with its tiers and gates (B,), where spill goes (V,), and the length of a step."""

    machine: Machine
    names: tuple[str, ...]
    n_in: int
    tiers: Ints
    law: Wetted
    gate_s: Floats
    overflow: Ints
    step_s: float
    tolerance: float

    @classmethod
    def of(
        cls,
        design: Design,
        law: str | Law,
        water: str | Water,
        gates_s: Mapping[int, float] | str | None,
        overflow_to: Mapping[str, str] | None,
        transit_s: Mapping[str, float] | str | None,
        tolerance: float,
    ) -> Setting:
        """Check and flatten. Raises PorcelainError for unknown names, a gate in the past, spill that runs uphill."""
        if not 1e-13 <= tolerance <= 1e-2:
            raise PorcelainError(f"tolerance is {tolerance}; it must lie in [1e-13, 0.01]")
        rule = chosen(design, law, water)
        machine = _laid_flat(design, rule, _transit_s(design, transit_s))
        return cls(
            machine,
            tuple(vessel.name for vessel in design.vessels),
            len(design.tiers[0]),
            np.repeat(np.arange(len(design.tiers)), [len(row) for row in design.tiers]),
            rule,
            _gates(design, gates_s),
            _overflow(design, overflow_to or {}),
            step_s(machine, tolerance),
            tolerance,
        )

    def quiet_s(self, pour_end_s: float) -> float:
        """When the last drop should be long gone: one row of buckets after the other drains from its rim."""
        opens = float(self.gate_s[self.gate_s < NEVER_S].max(initial=0.0))
        drains = np.zeros(self.tiers.max() + 1)
        np.maximum.at(drains, self.tiers, drain_s(self.machine))
        return max(pour_end_s, opens) + float(drains.sum() + self.machine.part[:, DELAY].sum())

    @property
    def drains(self) -> bool:
        """Whether every outlet stops in finite time: the flow falls no faster than the root of the head."""
        linear = self.machine.bands[self.machine.bucket[:-1, BANDS], K] > 0.0
        return bool(np.all(linear | (self.machine.brim_ml_s > 1e-9)))

    def check_names(self, names: Iterable[str]) -> None:
        """Raise PorcelainError for a vessel that is not there."""
        for name in names:
            if name not in self.names:
                raise unknown("vessel", name, self.names)

    def moving_ml(self, course: Course) -> float:
        """Water above the lowest running levels and in pipes at the end of the first pour."""
        buckets = len(self.gate_s)
        above = np.maximum(course.ends[0][:buckets, 0] - self.machine.base_ml[:buckets], 0.0)
        return float(above.sum() + (course.ends[1] - course.ends[2])[:, 0].sum())


@dataclass(frozen=True, eq=False)
class Course:
    """n pours: ``rows`` (n, T, V or P) of volumes, flows, passed, arrived, spilled; ``ends`` (V or P, n) of
    volumes, passed, arrived, spilled, (settled or -1, last time); ``log`` the events of the first pour.
    """

    rows: tuple[Floats, ...]
    ends: tuple[Floats, ...]
    log: Floats


def follow(
    setting: Setting,
    pieces: Floats,
    start: Floats,
    steps: Floats,
    times: Floats,
    *,
    keep: tuple[bool, bool, bool, bool] = (True, True, True, True),
    events: int = 0,
    threads: int = 1,
    out: Floats | None = None,
) -> Course:
    """Take n pours over one grid of steps, LANES at a time.

    ``pieces`` (k, 5, n): input, start, duration, volume, rise; ``start`` (V, n) mL. ``keep`` says which of volumes,
    flows, passed and arrived, and spill to keep at ``times`` (T,); volumes go into ``out`` (n, T, V) if it is given.
    """
    from .march import orders, room_for, run_block
    from .state import LANES

    m = setting.machine
    times = np.array(times)  # writable, or numba compiles everything a second time
    n, n_v, n_p = start.shape[1], len(m.base_ml), len(m.pipe)
    wanted = [(keep[0], n_v), (keep[1], n_p), (keep[2], n_p), (keep[2], n_p), (keep[3], n_v)]
    first, *others = (np.empty((n, len(times) if kept else 0, width)) for kept, width in wanted)
    rows = (first if out is None else out, *others)
    ends = tuple(np.empty((n, 1, width)) for width in (n_v, n_p, n_p, n_v, 2))
    ends = (*ends, np.empty((n, 0, n_p)))
    most = int(np.bincount(np.searchsorted(steps, times, side="right")).max(initial=0))
    ring = _ring(steps, float(m.part[:, DELAY].max(initial=0.0)))
    log = np.zeros((events + 1, 3))

    def block(lane0: int) -> None:
        some = slice(lane0, min(lane0 + LANES, n))
        mine = np.ascontiguousarray(pieces[:, :, some])
        o = orders(m, setting.n_in, mine, setting.gate_s, setting.overflow, ring, tiny_ml, least_ml, fuss_ml)
        noted = log if lane0 == 0 else np.zeros((1, 3))
        begin = np.array(start[:, some], order="C")
        run_block(m, o, steps, begin, rows, lane0, ends, room_for(m, o, times, most), noted)

    per_s = np.divide(1.0, pieces[:, 2], out=np.zeros_like(pieces[:, 2]), where=pieces[:, 2] > 0)
    pieces = np.concatenate([pieces, per_s[:, None]], axis=1)
    total = float((start.sum(axis=0) + pieces[:, 3].sum(axis=0)).max(initial=0.0))
    tiny_ml = 0.0 if setting.drains else TINY * total
    fuss_ml = FUSS * setting.tolerance * total
    least_ml = min(tiny_ml, fuss_ml) if len(times) else tiny_ml
    blocks = range(0, n, LANES)
    if threads > 1 and len(blocks) > 1:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(block, blocks))
    else:
        for lane0 in blocks:
            block(lane0)
    return Course(rows, tuple(end[:, 0].T for end in ends[:-1]), log)


_KEPT: list[tuple[weakref.ref[Design], object, Machine]] = []  # fitting a law takes longer than a run


def _laid_flat(design: Design, rule: Wetted, delays: dict[str, float]) -> Machine:
    """lay_flat, remembered for the last few designs and laws."""
    key = (rule, tuple(sorted(delays.items())))
    for there, known, machine in _KEPT:
        if there() is design and known == key:
            return machine
    machine = lay_flat(design, rule, delays)
    _KEPT.insert(0, (weakref.ref(design), key, machine))
    del _KEPT[16:]
    return machine


def _ring(steps: Floats, delay_s: float) -> int:
    """How many steps back a delayed pipe has to remember."""
    if delay_s == 0.0:
        return 1
    back = np.arange(len(steps)) - np.searchsorted(steps, steps - delay_s)
    return int(back.max()) + 4


def standing_ml(names: tuple[str, ...], start_ml: ArrayLike | None, n: int) -> Floats:
    """What stands in the vessels before n pours, (V, n) mL, from (V,) for all of them or (n, V) for each."""
    given = np.zeros(len(names)) if start_ml is None else start_ml
    start = frozen(given, (len(names),) if np.ndim(given) == 1 else (n, len(names)), "start_ml")
    if np.any(start < 0):
        raise PorcelainError(f"start_ml has {start.min()}; water cannot be less than 0 mL")
    return np.array(np.broadcast_to(start.reshape(-1, len(names)).T, (len(names), n)), order="C")


def _gates(design: Design, gates_s: Mapping[int, float] | str | None) -> Floats:
    """(B,) when each bucket's outlet opens."""
    if isinstance(gates_s, str) and gates_s != "fill":
        raise unknown("gates", gates_s, ["fill"])
    gates = {} if gates_s is None or isinstance(gates_s, str) else gates_s
    for tier, when in gates.items():
        if not 0 <= tier < len(design.tiers) or not 0 <= when < 1e7:
            raise PorcelainError(
                f"the gate of tier {tier} opens at {when} s; tiers are 0 to {len(design.tiers) - 1}, times 0 to 1e7 s"
            )
    return np.array([float(gates.get(tier, 0.0)) for tier, row in enumerate(design.tiers) for _ in row])


def _overflow(design: Design, overflow_to: Mapping[str, str]) -> Ints:
    """(V,) index of the vessel that catches what goes over a rim, -1 the tray."""
    names = [vessel.name for vessel in design.vessels]
    caught = np.full(len(names), -1)
    for source, target in overflow_to.items():
        if source not in names:
            raise unknown("vessel", source, names)
        if target == TRAY:
            continue
        if target not in names:
            raise unknown("vessel", target, [*names, TRAY])
        if design.tier_of(target) <= design.tier_of(source):
            raise PorcelainError(
                f"spill of {source} cannot run to {target}: it does not stand lower; choose a lower row"
            )
        caught[names.index(source)] = names.index(target)
    return caught


def _transit_s(design: Design, transit_s: Mapping[str, float] | str | None) -> dict[str, float]:
    """Time on the way per pipe. "slide": from rest down the path without friction, v^2 = 2 g times the fall."""
    pipes = {pipe.name: pipe for pipe in design.pipes}
    if transit_s is None:
        return {}
    if isinstance(transit_s, str):
        if transit_s != "slide":
            raise unknown("transit", transit_s, ["slide"])
        times = {}
        for name, pipe in pipes.items():
            speed = np.sqrt(2.0 * STANDARD_GRAVITY_MM_S2 * (pipe.path_mm[0, 2] - pipe.path_mm[:, 2]))
            lengths = np.linalg.norm(np.diff(pipe.path_mm, axis=0), axis=1)
            times[name] = float(np.sum(2.0 * lengths / (speed[1:] + speed[:-1])))
        return times
    for name, value in transit_s.items():
        if name not in pipes:
            raise unknown("pipe", name, pipes)
        if not 0 <= value < 1e4:
            raise PorcelainError(f"transit of {name} is {value} s; it must lie in [0, 1e4)")
    return dict(transit_s)
