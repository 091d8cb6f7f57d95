"""SimulateOptions: how water is followed, one object for one pour and for many; and what it means for one design."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen
from ..errors import PorcelainError, unknown
from ..hydraulics import laws
from ..hydraulics.laws import Law, Wetted, chosen
from ..machine.design import Design
from ..run import TRAY
from ..units import STANDARD_GRAVITY_MM_S2
from ..water import Water
from .driver import FILL
from .machine import compile_machine
from .tables import Machine

LOOSEST, TIGHTEST = 1e-2, 1e-13
LONGEST_WAY_S = 1e4
LATEST_GATE_S = 1e7


@dataclass(frozen=True)
class SimulateOptions:
    """How to follow the water.

    Attributes
    ----------
    law : how outlets pass water: "torricelli", "weir", "slots", "orifice", "orifice_centres", "pipe" or a
        :class:`~porcelain.hydraulics.laws.Law`; None is the design's own
    water : "ideal", "tap", "rinse_aid", "design" for the water the design names, or a Water; None is the design's own
    start_ml : (V,) what stands in the vessels (``design.vessels``) before, for many pours also (n, V); None is
        nothing. A machine that was used before starts from ``run.volumes_ml[-1]``
    gates_s : when the outlets of each tier open, {tier: s}; or "fill": each tier once nothing reaches it any more
    overflow_to : where water over a rim goes, {vessel: vessel of a lower row, or "tray"}; None is the tray
    transit_s : how long water is on its way, {pipe: s}; or "slide": without friction down its path
    stop_when : take all jugs away when a vessel first holds this much, {vessel: mL}
    tolerance : error in volume at any time, relative to all the water there is; events are exact to 100 s times it

    Examples
    --------
    >>> SimulateOptions(tolerance=1e-6).law is None
    True
    """

    law: str | Law | None = None
    water: str | Water | None = None
    start_ml: ArrayLike | None = None
    gates_s: Mapping[int, float] | str | None = None
    overflow_to: Mapping[str, str] | None = None
    transit_s: Mapping[str, float] | str | None = None
    stop_when: Mapping[str, float] | None = None
    tolerance: float = 1e-8

    def __post_init__(self) -> None:
        if not TIGHTEST <= self.tolerance <= LOOSEST:
            raise PorcelainError(f"tolerance is {self.tolerance}; it must lie in [{TIGHTEST:g}, {LOOSEST:g}]")

    def with_changes(self, changes: Mapping[str, Any]) -> SimulateOptions:
        """The same options but for these. Raises PorcelainError for an option that does not exist."""
        known = [field.name for field in fields(self)]
        for name in changes:
            if name not in known:
                raise unknown("option", name, known)
        return replace(self, **changes) if changes else self


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
