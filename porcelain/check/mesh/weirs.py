"""Level sills of a mesh, and the widths into which knives divide them, from level cuts."""

from __future__ import annotations

import numpy as np

from ...arrays import Floats
from ...machine.assembly import Mouth, Part
from .cuts import LevelCuts

ABOVE_SILL_MM = 1.0  # knives are cut this far above the sill, where the water divides
LEVEL_MM = 0.1
SPAN = 0.6  # of a side: a sill runs along it; holes touch it here and there
REACH_MM = (0.15, 4.0, 0.1)  # how far outside the inner wall knives are looked for
WELL_IN = 5  # cuts past the knives' edges: a sample there lies between them wherever the grid falls


def sill_side(
    mouth: Mouth, sill_mm: float, places_mm: Floats, floor_mm: Floats, pitch_mm: float
) -> tuple[int, int] | None:
    """Side of a mouth that is one level sill.

    Parameters
    ----------
    mouth : of the bucket
    sill_mm : height of its sill
    places_mm, floor_mm : (n, 2) and (n,) wet stretches outside the bucket
    pitch_mm : of the grid

    Returns
    -------
    axis, sign
        Of the side; None where there is none.

    Examples
    --------
    >>> mouth = Mouth("b0.0", "a", (0.0, 0.0, 30.0), (4.0, 4.0))
    >>> places = np.column_stack([np.arange(-1.9, 2.0, 0.4), np.full(10, 2.2)])
    >>> sill_side(mouth, 20.0, places, np.full(10, 20.0), 0.4)
    (1, 1)
    """
    away = places_mm - np.array(mouth.at_mm[:2])
    half = np.array(mouth.size_mm) / 2
    level = np.abs(floor_mm - sill_mm) < LEVEL_MM
    for axis in range(2):
        for sign in (-1, 1):
            beyond = sign * away[:, axis] - half[axis]
            first = level & (beyond > 0) & (beyond <= pitch_mm) & (np.abs(away[:, 1 - axis]) < half[1 - axis])
            if first.sum() * pitch_mm > SPAN * 2 * half[1 - axis]:
                return axis, sign
    return None


def compartments(part: Part, mouth: Mouth, sill_mm: float, side: tuple[int, int]) -> tuple[Floats, Floats]:
    """Compartments that knives cut a sill into.

    Parameters
    ----------
    part, mouth : of the bucket
    sill_mm : height of its sill
    side : result of :func:`sill_side`

    Returns
    -------
    middles, widths
        (n, 2) and (n,) mm.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> walls = [solids.box([x, 0, 20], [x + 2, 9, 30]) for x in (-12, 2, 10)]
    >>> part = Part("sill", *solids.to_mesh(solids.union(walls), "sill"), np.zeros(3))
    >>> mouth = Mouth("b0.0", "a", (0.0, -5.0, 30.0), (20.0, 10.0))
    >>> compartments(part, mouth, 20.0, (1, 1))[1].round(6).tolist()
    [12.0, 6.0]
    """
    axis, sign = side
    level = sill_mm + ABOVE_SILL_MM - part.at_mm[2]
    loops = [loop + part.at_mm[:2] for loop in LevelCuts(part.vertices_mm, part.faces).outlines(level)]
    at, half = np.array(mouth.at_mm[:2]), np.array(mouth.size_mm) / 2
    low, high = at[1 - axis] - half[1 - axis], at[1 - axis] + half[1 - axis]
    lines: list[tuple[float, list[tuple[float, float]]]] = []
    for reach in np.arange(*REACH_MM):
        line = at[axis] + sign * (half[axis] + reach)
        found = [(a, b) for a, b in air_along(loops, axis, line, low - 1.0, high + 1.0) if low < (a + b) / 2 < high]
        lines.append((line, found))
    most = max(len(found) for _, found in lines)
    cuts = [cut for cut in lines if len(cut[1]) == most]
    first = cuts[: WELL_IN + 1]  # a thin wall ends sooner: the narrowest of them has knives and walls on both sides
    best = min(first, key=lambda cut: sum(b - a for a, b in cut[1]))[1]
    middles = np.zeros((len(best), 2))
    middles[:, axis] = first[min(len(cuts) // 2, len(first) - 1)][0]
    middles[:, 1 - axis] = [(a + b) / 2 for a, b in best]
    return middles, np.array([b - a for a, b in best])


def air_along(loops: list[Floats], axis: int, line: float, low: float, high: float) -> list[tuple[float, float]]:
    """Stretches of air between solids on a line.

    Parameters
    ----------
    loops : outlines of a level cut
    axis, line : the line is square to this axis, at this coordinate
    low, high : ends of the line

    Returns
    -------
    list of (start, end)
        From the first solid's far side to the last one's near side.

    Examples
    --------
    >>> two = [np.array([[x, 0.0], [x + 1, 0], [x + 1, 9], [x, 9]]) for x in (0, 5)]
    >>> air_along(two, 1, 4.0, -9.0, 9.0)
    [(1.0, 5.0)]
    """
    solid_ends = _crossings(loops, axis, line)[1:-1]  # from the first solid's far side to the last one's near side
    stretches = zip(solid_ends[::2], solid_ends[1::2], strict=False)
    return [(max(a, low), min(b, high)) for a, b in stretches if b > low and a < high]


def free_width_mm(loops: list[Floats], x_mm: float, y_mm: float) -> float:
    """Width of the air about a place, along x.

    Parameters
    ----------
    loops : outlines of a level cut
    x_mm, y_mm : the place

    Returns
    -------
    float
        Between the solids on both sides of it; inf where one is missing.

    Examples
    --------
    >>> two = [np.array([[x, 0.0], [x + 1, 0], [x + 1, 9], [x, 9]]) for x in (0, 5)]
    >>> free_width_mm(two, 3.0, 4.0), free_width_mm(two, 8.0, 4.0)
    (4.0, inf)
    """
    ends = _crossings(loops, 1, y_mm)
    left, right = [end for end in ends if end < x_mm], [end for end in ends if end > x_mm]
    return right[0] - left[-1] if left and right else float("inf")


def _crossings(loops: list[Floats], axis: int, line: float) -> list[float]:
    """Where outlines cross a line square to ``axis``, along the other axis, ascending."""
    crossings: list[float] = []
    for loop in loops:
        a, b = loop, np.roll(loop, -1, axis=0)
        cut = (a[:, axis] > line) != (b[:, axis] > line)
        t = (line - a[cut, axis]) / (b[cut, axis] - a[cut, axis])
        crossings += (a[cut, 1 - axis] + t * (b[cut, 1 - axis] - a[cut, 1 - axis])).tolist()
    return sorted(crossings)
