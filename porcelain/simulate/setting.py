"""Setting: what SimulateOptions mean for one design, checked and compiled."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen
from ..errors import PorcelainError, unknown
from ..hydraulics import laws
from ..hydraulics.laws import Wetted, chosen
from ..machine.design import Design
from ..run import TRAY
from ..units import STANDARD_GRAVITY_MM_S2
from .driver import FILL
from .machine import compile_machine
from .options import SimulateOptions
from .tables import Machine

LONGEST_WAY_S = 1e4
LATEST_GATE_S = 1e7


@dataclass(frozen=True, eq=False)
class Setting:
    """A design under its options, ready to be solved: tables, law, names of vessels, and where their spill goes."""

    machine: Machine
    law: Wetted
    names: tuple[str, ...]
    overflow_to: tuple[str, ...]
    tolerance: float

    @classmethod
    def of(cls, design: Design, options: SimulateOptions) -> Setting:
        """Check and compile. Raises PorcelainError for unknown names, a gate in the past, spill that runs uphill."""
        law = chosen(design, options.law, options.water)
        gates = _gates(design, options.gates_s)
        overflow = _overflow(design, options.overflow_to or {})
        delays = _transit_s(design, options.transit_s)
        names = tuple(vessel.name for vessel in design.vessels)
        caught = tuple(overflow.get(name, TRAY) for name in names)
        return cls(_compiled(design, law, gates, overflow, delays), law, names, caught, options.tolerance)


def check_names(names: Iterable[str], known: Iterable[str]) -> None:
    """Raise PorcelainError for a vessel that is not there."""
    vessels = tuple(known)
    for name in names:
        if name not in vessels:
            raise unknown("vessel", name, vessels)


_KEPT: list[tuple[weakref.ref[Design], object, Machine]] = []  # fitting a law takes longer than a run
_VALUES = tuple(type(rule) for rule in laws.LAWS)


def _compiled(
    design: Design, law: Wetted, gates: tuple[float, ...], overflow: dict[str, str], delays: dict[str, float]
) -> Machine:
    """The machine's tables, remembered for the last few designs and laws.

    Only laws of porcelain's own are remembered: they are values. One from outside may change and still be equal.
    """
    key = (law, gates, tuple(sorted(overflow.items())), tuple(sorted(delays.items())))
    value = type(law.law) in _VALUES
    if value:
        for there, known, machine in _KEPT:
            if there() is design and known == key:
                return machine
    machine = compile_machine(design, law, gates, overflow, delays)
    if value:
        _KEPT.insert(0, (weakref.ref(design), key, machine))
        del _KEPT[16:]
    return machine


def standing_ml(names: tuple[str, ...], start_ml: ArrayLike | None, n: int) -> Floats:
    """What stands in the vessels before n pours, (n, V) mL, from (V,) for all of them or (n, V) for each."""
    given = np.zeros(len(names)) if start_ml is None else start_ml
    start = frozen(given, (len(names),) if np.ndim(given) == 1 else (n, len(names)), "start_ml")
    if np.any(start < 0):
        raise PorcelainError(f"start_ml has {start.min()}; water cannot be less than 0 mL")
    return np.array(np.broadcast_to(start, (n, len(names))), order="C")


def ascending(times_s: ArrayLike | None) -> Floats:
    """The times to report; none for None. Raises PorcelainError for what is not ascending."""
    if times_s is None:
        return np.empty(0)
    times = frozen(np.atleast_1d(times_s), (None,), "times_s")
    if not len(times) or times[0] < 0 or np.any(np.diff(times) <= 0):
        raise PorcelainError("times_s must be ascending numbers >= 0, at least one")
    return np.array(times)


def _gates(design: Design, gates_s: Mapping[int, float] | str | None) -> tuple[float, ...]:
    """When the outlets of each tier open."""
    if isinstance(gates_s, str):
        if gates_s != "fill":
            raise unknown("gates", gates_s, ["fill"])
        return (0.0, *[FILL] * (len(design.tiers) - 1))
    gates = dict(gates_s or {})
    for tier, when in gates.items():
        if not 0 <= tier < len(design.tiers) or not 0 <= when < LATEST_GATE_S:
            raise PorcelainError(
                f"the gate of tier {tier} opens at {when} s; tiers are 0 to {len(design.tiers) - 1},"
                f" times 0 to {LATEST_GATE_S:g} s"
            )
    return tuple(float(gates.get(tier, 0.0)) for tier in range(len(design.tiers)))


def _overflow(design: Design, overflow_to: Mapping[str, str]) -> dict[str, str]:
    """The vessels that catch what goes over other rims."""
    names = [vessel.name for vessel in design.vessels]
    caught = {}
    for source, target in overflow_to.items():
        check_names([source], names)
        if target == TRAY:
            continue
        if target not in names:
            raise unknown("vessel", target, [*names, TRAY])
        if design.tier_of(target) <= design.tier_of(source):
            raise PorcelainError(
                f"spill of {source} cannot run to {target}: it does not stand lower; choose a lower row"
            )
        caught[source] = target
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
        if not 0 <= value < LONGEST_WAY_S:
            raise PorcelainError(f"transit of {name} is {value} s; it must lie in [0, {LONGEST_WAY_S:g})")
    return {name: float(value) for name, value in transit_s.items()}
