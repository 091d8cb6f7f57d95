"""foretell: which vessels must spill, said before any water is followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..design import Bucket, Design
from ..pour import Pour
from ..water import Water
from .laws import Law, Torricelli, Weir, Wetted, chosen

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


def foretell(
    design: Design,
    pour: Pour,
    *,
    law: str | Law = "torricelli",
    water: str | Water = "ideal",
    start_ml: ArrayLike | None = None,
    gates_s: Mapping[int, float] | str | None = None,
) -> tuple[Overflow, ...]:
    """What must spill, by closed forms alone: nothing said here is in doubt, but more may spill than is said.

    An input bucket spills where more is poured than stays, fits and can have left: its outlet passes no more than at
    the rim. A cup spills where more than it holds runs into it in the end, even if every bucket above lost all that
    it may lose; that is known where the split does not depend on the head. ``start_ml`` (V,) is what stands in the
    vessels before, ``gates_s`` as in :func:`simulate`. Raises PorcelainError for a pour that names no input bucket,
    and for unknown names.
    """
    rule = chosen(design, law, water)
    start = np.zeros(len(design.vessels)) if start_ml is None else np.asarray(start_ml, dtype=np.float64)
    inputs = [bucket.name for bucket in design.tiers[0]]
    pour.volumes_ml(inputs)
    times = np.unique(np.concatenate([np.linspace(0.0, pour.end_s, LOOKS), pour.breaks_s]))
    course = start[: len(inputs)] + pour.poured_ml(times, inputs)
    found = [*_buckets(design, rule, times, course)]
    if not start.any() and rule.water.surface_tension_n_m == 0 and isinstance(rule.law, (Torricelli, Weir)):
        found += _cups(design, rule, times, course, shut=bool(gates_s))
    return tuple(found)


def _buckets(design: Design, rule: Wetted, times: Floats, course: Floats) -> Iterator[Overflow]:
    """Input buckets that get more, over some stretch of time, than they hold and could have passed."""
    for i, bucket in enumerate(design.tiers[0]):
        fastest = float(_passes(design, rule, bucket, bucket.capacity_ml))
        excess = _excess(bucket, times, course[:, i], fastest)
        if excess > 1e-9 * bucket.capacity_ml:
            advice = f"its outlet passes {fastest:.3g} mL/s at most; pour slower or in parts"
            yield Overflow(bucket.name, excess, bucket.capacity_ml, advice)


def _excess(bucket: Bucket, times: Floats, given: Floats, fastest: float) -> float:
    """The least that goes over the rim by any of these times; what stands below the sill at one never left."""
    kept = np.minimum(given, bucket.threshold_ml)
    # from a time s on, kept(s) + given(t) - given(s) - fastest (t - s) is the least there is at t
    before = np.maximum.accumulate(kept - given + fastest * times)
    least = given[1:] - fastest * times[1:] + before[:-1]
    return float(max(least.max(initial=0.0), given[0]) - bucket.capacity_ml)


def _passes(design: Design, rule: Wetted, bucket: Bucket, held_ml: ArrayLike) -> Floats:
    """What the outlet passes in all, mL/s, while the bucket holds so much."""
    heads = np.atleast_1d(bucket.level_mm(np.asarray(held_ml))) - bucket.outlet.sill_mm
    return np.squeeze(rule.flows_ml_s(bucket, design.branches(bucket.name), heads).sum(axis=1))


def _cups(design: Design, rule: Wetted, times: Floats, course: Floats, *, shut: bool) -> Iterator[Overflow]:
    """Cups into which more runs in the end than they hold. ``shut``: outlets may be shut while water comes."""
    least = most = course[-1]
    peaks: Floats | None = None  # mL/s that a bucket of the row above passes at most
    for row, (thresholds, areas) in zip(design.tiers, design.layers(), strict=True):
        shares = areas / areas.sum(axis=1, keepdims=True)
        holds = np.array([bucket.capacity_ml for bucket in row])
        rims = np.array([_passes(design, rule, bucket, bucket.capacity_ml) for bucket in row])
        if peaks is None:
            safe = np.array([_never_full(design, rule, b, times, course[:, i]) for i, b in enumerate(row)])
        else:
            safe = rims >= peaks
        lost = np.where(safe & ~shut, 0.0, np.maximum(most - holds, 0.0))
        least = np.maximum(least - lost - thresholds, 0.0) @ shares
        most = np.maximum(most - thresholds, 0.0) @ shares
        peaks = rims @ shares
    for cup, volume in zip(design.cups, least, strict=True):
        if volume > cup.capacity_ml * (1.0 + 1e-9):
            advice = f"{volume:.4g} mL run into it; pour less or stand a larger cup below"
            yield Overflow(cup.name, float(volume - cup.capacity_ml), cup.capacity_ml, advice)


def _never_full(design: Design, rule: Wetted, bucket: Bucket, times: Floats, given: Floats) -> bool:
    """Whether an input bucket cannot run over, however the water comes between these times."""
    marks = np.linspace(bucket.threshold_ml, bucket.capacity_ml, MARKS + 1)[:-1]
    # since it last held W it passed no less than Q(W): held(t) <= W + given(t) - given(s) - Q(W) (t - s)
    passes = _passes(design, rule, bucket, marks)[:, None]
    before = np.concatenate([[0.0], given[:-1]])  # the least that is given by any time since the one before
    since = np.maximum.accumulate(passes * times - before, axis=1)
    more = given - np.concatenate([passes * times[:1], passes * times[:-1]], axis=1) + since
    return bool(np.any(marks + more.max(axis=1) <= bucket.capacity_ml))
