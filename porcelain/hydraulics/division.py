"""Division: how compartments part the water that leaves over one level sill, and how to draw them so that they do.

A wall that goes on in front of a sill and below it draws water: in the corner between the wall and the sill wall's
outer face runs a thread of water that pulls on the pool through its meniscus. Free-surface runs show it
(docs/moving-water.md, data in docs/data/moving-water.json): each face of such a wall draws about the same flow at any
head, and only the rest parts by widths. Where less flows than the walls draw, the walls alone divide it. Compartments
that are channels alike, from behind the sill on, divide evenly all the same. So an outlet's shares are best drawn as
whole numbers of such channels.

Nothing in the planner or the simulator uses this module yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2

WALL_ML_S = {"rinse_aid": 0.40, "tap": 0.45}  # by free-surface runs; tap water once it has wetted the walls
SLOT = 0.63  # discharge of a sharp slot under water (Bos, Discharge Measurement Structures, ILRI 20, 1989)


def channels(shares: Sequence[float], width_mm: float, wall_mm: float, least_mm: float) -> tuple[int, ...]:
    """Number of equal channels for each pipe, so that the channels come closest to shares of a sill.

    Parameters
    ----------
    shares : sequence of float
        Of each pipe; they add up to 1.
    width_mm : float
        Of the whole sill between the bucket's side walls.
    wall_mm : float
        Thickness of the walls between channels.
    least_mm : float
        Width of a channel, at least.

    Returns
    -------
    tuple of int
        Each at least 1; of two numbers that come as close, the smaller.

    Raises
    ------
    PorcelainError
        If the shares do not add up to 1, or the sill is too narrow for one channel each.

    Notes
    -----
    For a given number the largest remainder (Hamilton's method) leaves the smallest greatest error.

    Examples
    --------
    >>> channels([0.858, 0.142], 22.0, 0.8, 2.4)
    (6, 1)
    """
    if abs(sum(shares) - 1.0) > 1e-6 or min(shares) <= 0:
        raise PorcelainError(f"shares {list(shares)} add up to {sum(shares):g}; they must be above 0 and add up to 1")
    most = int((width_mm + wall_mm) / (least_mm + wall_mm) + 1e-9)
    if most < len(shares):
        raise PorcelainError(
            f"a sill of {width_mm:g} mm holds {most} channels of {least_mm:g} mm; {len(shares)} pipes need one each;"
            " widen the bucket"
        )
    found = [_counts(np.array(shares), count) for count in range(len(shares), most + 1)]
    return min(found, key=lambda counts: (round(error(shares, counts), 9), sum(counts)))


def divided_ml_s(rate_ml_s: float, widths_mm: Sequence[float], faces: Sequence[int], wall_ml_s: float) -> Floats:
    """Flow into each compartment of a sill over a still pool: what its walls draw, and its width's part of the rest.

    Parameters
    ----------
    rate_ml_s : float
        What leaves over the whole sill.
    widths_mm : sequence of float
        Of the compartments.
    faces : sequence of int
        Faces of walls in each compartment that go on in front of the sill and below it, 0 to 2.
    wall_ml_s : float
        What one face draws: ``WALL_ML_S`` of a water.

    Returns
    -------
    ndarray
        Flow into each compartment, mL/s.

    Notes
    -----
    Range of the runs: compartments of 3 to 32 mm over a pool that stands still, 0.02 to 0.3 mL/s for each millimetre,
    rinse aid; two runs with tap water that had wetted the walls. Knives begin on the sill. Error against the runs: 3
    points, and 6 against the one run with finer cells. Where less flows than all walls draw, a side wall of the bucket
    draws more than a knife, since it goes on behind the sill as well. With tap water a compartment that has not started
    may get nothing.

    Examples
    --------
    >>> divided_ml_s(9.62, [32.0, 3.0], [2, 1], WALL_ML_S["rinse_aid"]).round(2).tolist()
    [8.5, 1.12]
    """
    widths, walls = np.array(widths_mm, dtype=float), np.array(faces, dtype=float)
    drawn = walls * wall_ml_s
    if drawn.sum() > rate_ml_s:
        return drawn * rate_ml_s / drawn.sum()
    return drawn + widths / widths.sum() * (rate_ml_s - drawn.sum())


def error(shares: Sequence[float], counts: Sequence[int]) -> float:
    """How far the shares of equal channels lie from wanted ones, at most.

    >>> round(error([0.858, 0.142], (6, 1)), 4)
    0.0009
    """
    return float(np.max(np.abs(np.array(counts) / sum(counts) - shares)))


def _counts(shares: Floats, count: int) -> tuple[int, ...]:
    """Whole numbers that add up to ``count`` and come closest to shares of it, each at least 1."""
    wanted = shares * count
    counts = np.maximum(np.floor(wanted), 1.0)
    while counts.sum() != count:
        step = np.sign(count - counts.sum())
        change = np.abs(counts + step - wanted)
        change[counts + step < 1] = np.inf
        counts[np.argmin(change)] += step
    return tuple(int(n) for n in counts)


def channel_mm(width_mm: float, wall_mm: float, count: int) -> float:
    """Width of each of ``count`` equal channels.

    >>> round(channel_mm(22.0, 0.8, 7), 2)
    2.46
    """
    return (width_mm - (count - 1) * wall_mm) / count


def slot_loss_mm(rate_ml_s: float, area_mm2: float) -> float:
    """Head that a flow loses in a slot under water, (Q / (C A))^2 / 2g with C = 0.63 (Bos, 1989).

    >>> round(slot_loss_mm(9.03, 22.0 * 2.0), 1)
    5.4
    """
    speed = rate_ml_s * MM3_PER_ML / (SLOT * area_mm2)
    return speed**2 / (2.0 * STANDARD_GRAVITY_MM_S2)
