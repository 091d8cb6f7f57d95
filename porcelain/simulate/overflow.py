"""overflow_bounds: which vessels must spill, and how much at least, known before any water is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..hydraulics.laws import Torricelli, Weir, Wetted, chosen
from ..machine.design import Bucket, Design
from ..pour import Pour
from ..run import TRAY
from .options import SimulateOptions
from .setting import standing_ml

LOOKS = 401  # times at which a bucket is looked at, besides the breaks of the pour
MARKS = 32  # volumes between sill and rim at which it is asked whether a bucket can be filled beyond them


@dataclass(frozen=True)
class Overflow:
    """A vessel that must spill at least ``volume_ml``, for it holds no more than ``limit_ml``; and what to do."""

    vessel: str
    volume_ml: float
    limit_ml: float
    advice: str

    def __str__(self) -> str:
        least = f"{self.vessel} must spill {self.volume_ml:.3g} mL or more"
        return f"{least}: it holds {self.limit_ml:.4g} mL; {self.advice}"


def overflow_bounds(
    design: Design, pour: Pour, options: SimulateOptions | None = None, **changes: Any
) -> tuple[Overflow, ...]:
    """What must spill, by closed forms alone: nothing said here is in doubt, but more may spill than is said.

    An input bucket spills where more is poured than stays, fits and can have left: its outlet passes no more than at
    the rim, and nothing before its gate opens. A cup spills where more than it holds runs into it in the end, even if
    every bucket above lost all that it may lose; so does a bucket that is shut until it is full ("fill"). That is
    known for machines that start empty, where the split does not depend on the head.

    Parameters
    ----------
    design, pour : what is poured into what
    options : as for :func:`run`; ``changes`` are options by name. ``transit_s`` and ``stop_when`` change nothing here

    Raises
    ------
    PorcelainError
        For a pour that names no input bucket, and for unknown names.
    """
    options = (options or SimulateOptions()).with_changes(changes)
    rule, gates_s = chosen(design, options.law, options.water), options.gates_s
    start = standing_ml(tuple(vessel.name for vessel in design.vessels), options.start_ml, 1)[0]
    inputs = [_Input(design, rule, i, pour, start[i], gates_s) for i in range(len(design.tiers[0]))]
    pour.volumes_ml([each.bucket.name for each in inputs])
    found = [spill for each in inputs for spill in each.spills()]
    if not start.any() and rule.water.surface_tension_n_m == 0 and isinstance(rule.law, (Torricelli, Weir)):
        found += _below(design, rule, inputs, gates_s, options.overflow_to or {})
    return tuple(found)


class _Input:
    """An input bucket: what it is given by when, and what can have left it."""

    def __init__(
        self, design: Design, rule: Wetted, i: int, pour: Pour, start: float, gates_s: Mapping[int, float] | str | None
    ) -> None:
        self.bucket = bucket = design.tiers[0][i]
        self.passes = lambda held_ml: _passes(design, rule, bucket, held_ml)
        self.fastest = float(self.passes(bucket.capacity_ml))
        starts = bucket.outlet.sill_mm + rule.starts_mm(bucket, design.branches(bucket.name))
        self.keeps_ml = float(bucket.volume_ml(starts))
        self.opens = _opens(gates_s, 0)
        pieces = [piece for piece in pour.pieces if piece.bucket == bucket.name]
        mine = Pour(tuple(pieces))
        self.times = np.unique(
            np.concatenate([np.linspace(0.0, mine.end_s, LOOKS), mine.breaks_s, [min(self.opens, mine.end_s)]])
        )
        self.given = start + mine.poured_ml(self.times, [bucket.name])[:, 0]
        jumps = np.zeros(len(self.times))
        dumps = [piece for piece in pieces if piece.duration_s == 0]
        when = np.searchsorted(self.times, [piece.start_s for piece in dumps])
        np.add.at(jumps, when, [piece.volume_ml for piece in dumps])
        self.before = np.concatenate([[0.0], (self.given - jumps)[1:]])
        # rates are straight between looks: what is given bends by no more than this from one to the next
        bends = sum(abs(2.0 * p.rise * p.volume_ml) / p.duration_s**2 for p in pieces if p.duration_s > 0)
        self.bend_ml = bends * float(np.diff(self.times).max(initial=0.0)) ** 2 / 8.0

    def spills(self) -> Iterator[Overflow]:
        """Where it gets more, over some stretch of time, than it holds and could have passed."""
        holds = self.bucket.capacity_ml
        shut = self.times <= self.opens
        # before the gate opens all stays that fits, later what lies below the sill
        kept = np.minimum(self.given, np.where(shut, holds, self.keeps_ml))
        could = self.fastest * np.maximum(self.times - self.opens, 0.0)
        # from a time s on, kept(s) + given(t) - given(s) - could(t) + could(s) is the least there is at t
        since = np.maximum.accumulate(kept - self.given + could)
        least = self.given[1:] - could[1:] + since[:-1]
        excess = float(max(least.max(initial=0.0), self.given[0]) - holds)
        if excess > 1e-9 * holds:
            advice = f"its outlet passes {self.fastest:.3g} mL/s at most; pour slower or in parts"
            yield Overflow(self.bucket.name, excess, holds, advice)

    def highest_ml(self) -> float:
        """No more than this ever stands in it, rim or not."""
        if self.opens > 0:
            return float(self.given[-1])
        marks = np.linspace(self.keeps_ml, self.bucket.capacity_ml, MARKS + 1)
        # since it last held W it passed no less than Q(W): held(t) <= W + given(t) - given(s) - Q(W) (t - s)
        passed = self.passes(marks)[:, None] * self.times
        since = np.maximum.accumulate(passed - self.before, axis=1)
        more = (self.given - passed + since).max(axis=1) + 2.0 * self.bend_ml
        return float(min((marks + more).min(), self.given[-1]))


def _opens(gates_s: Mapping[int, float] | str | None, tier: int) -> float:
    """When a tier's gate opens; those that wait until they are full do so in their own time."""
    if gates_s is None:
        return 0.0
    if isinstance(gates_s, str):
        return np.inf if tier > 0 else 0.0
    return float(gates_s.get(tier, 0.0))


def _passes(design: Design, rule: Wetted, bucket: Bucket, held_ml: ArrayLike) -> Floats:
    """What the outlet passes in all, mL/s, while the bucket holds so much."""
    heads = np.atleast_1d(bucket.level_mm(np.asarray(held_ml))) - bucket.outlet.sill_mm
    return np.squeeze(rule.flows_ml_s(bucket, design.branches(bucket.name), heads).sum(axis=1))


def _below(
    design: Design,
    rule: Wetted,
    inputs: list[_Input],
    gates_s: Mapping[int, float] | str | None,
    overflow_to: Mapping[str, str],
) -> Iterator[Overflow]:
    """Vessels below the first row into which more runs in the end than they hold."""
    extra = {vessel.name: 0.0 for vessel in design.vessels}  # that may come over the rims above
    least = most = np.array([each.given[-1] for each in inputs])
    peaks = np.zeros(len(inputs))  # mL/s that come at most
    for k, ((_, areas), row) in enumerate(zip(design.layers(), design.tiers, strict=True)):
        shares = areas / areas.sum(axis=1, keepdims=True)
        holds = np.array([bucket.capacity_ml for bucket in row])
        keeps = np.array([bucket.volume_ml(bucket.outlet.sill_mm) for bucket in row])
        rims = np.array([_passes(design, rule, bucket, bucket.capacity_ml) for bucket in row])
        spilt = np.array([extra[bucket.name] for bucket in row])
        most = most + spilt
        if k == 0:
            highest = np.array([each.highest_ml() for each in inputs])
            levels = np.minimum(highest, holds)
            peaks = np.array([each.passes(level) for each, level in zip(inputs, levels, strict=True)])
        else:
            if gates_s == "fill":
                yield from _shut(row, holds, least)
            # fed no faster than its outlet passes at the rim, a bucket never stands there
            highest = np.where(
                (peaks <= rims) & (spilt == 0) & (_opens(gates_s, k) == 0), np.minimum(most, holds), most
            )
            peaks = np.where(highest > holds, rims, np.minimum(peaks, rims))
        lost = np.where(highest > holds, np.maximum(most - holds, 0.0), 0.0)
        for bucket, volume in zip(row, lost, strict=True):
            target = overflow_to.get(bucket.name, TRAY)
            if target != TRAY:
                extra[target] += float(volume)
        least = np.maximum(least - lost - keeps, 0.0) @ shares
        most = np.maximum(most - keeps, 0.0) @ shares
        peaks = peaks @ shares
    for cup, volume in zip(design.cups, least, strict=True):
        if volume > cup.capacity_ml * (1.0 + 1e-9):
            advice = f"{volume:.4g} mL run into it; pour less or stand a larger cup below"
            yield Overflow(cup.name, float(volume - cup.capacity_ml), cup.capacity_ml, advice)


def _shut(row: tuple[Bucket, ...], holds: Floats, least: Floats) -> Iterator[Overflow]:
    """Buckets whose outlets are shut until all has come that will."""
    for bucket, most, volume in zip(row, holds, least, strict=True):
        if volume > most * (1.0 + 1e-9):
            advice = f"{volume:.4g} mL come while its gate is shut; pour less, or without gates"
            yield Overflow(bucket.name, float(volume - most), float(most), advice)
