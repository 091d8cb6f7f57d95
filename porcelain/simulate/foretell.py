"""foretell: which vessels must spill, said before any water is followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..design import Bucket, Design
from ..pour import Pour
from ..water import Water
from .laws import Law, Torricelli, Weir, Wetted, chosen
from .settle import settle

LOOKS = 401  # times at which a bucket is looked at, besides the breaks of the pour


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
) -> tuple[Overflow, ...]:
    """What must spill, by closed forms alone: nothing said here is in doubt, but more may spill than is said.

    An input bucket spills where more is poured than stays, fits and can have left: its outlet passes no more than at
    the rim. A cup spills where more than it holds runs into it in the end, which is known where the split does not
    depend on the head. ``start_ml`` (V,) is what stands in the vessels before. Raises PorcelainError for a pour that
    names no input bucket, and for unknown names.
    """
    rule = chosen(design, law, water)
    start = np.zeros(len(design.vessels)) if start_ml is None else np.asarray(start_ml, dtype=np.float64)
    inputs = [bucket.name for bucket in design.tiers[0]]
    poured = pour.volumes_ml(inputs)
    times = np.unique(np.concatenate([np.linspace(0.0, pour.end_s, LOOKS), pour.breaks_s]))
    course = start[: len(inputs)] + pour.poured_ml(times, inputs)
    found = [*_buckets(design, rule, times, course)]
    if not found and not start.any():
        found += _cups(design, rule, poured)
    return tuple(found)


def _buckets(design: Design, rule: Wetted, times: Floats, course: Floats) -> Iterator[Overflow]:
    """Input buckets that get more, over some stretch of time, than they hold and could have passed."""
    for i, bucket in enumerate(design.tiers[0]):
        pipes = design.branches(bucket.name)
        rim = np.array([bucket.rim_mm - bucket.outlet.sill_mm])
        fastest = float(rule.flows_ml_s(bucket, pipes, rim).sum())
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


def _cups(design: Design, rule: Wetted, poured: Floats) -> Iterator[Overflow]:
    """Cups into which more runs in the end than they hold, unless a bucket above spills it first."""
    if rule.water.surface_tension_n_m > 0 or not isinstance(rule.law, (Torricelli, Weir)):
        return
    ends = settle(design, poured)[0, -len(design.cups) :]
    for cup, volume in zip(design.cups, ends, strict=True):
        if volume > cup.capacity_ml * (1.0 + 1e-9):
            advice = f"{volume:.4g} mL run into it; pour less or stand a larger cup below"
            yield Overflow(cup.name, float(volume - cup.capacity_ml), cup.capacity_ml, advice)
