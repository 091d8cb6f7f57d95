"""Proportions of a terrace: the depths of rows and heights of cells that need the least plastic.

A bucket that keeps much may be wide, deep from front to back or tall; what is best for one lifts or widens the whole
stair. So the lengths are tried a step at a time, judged by the walls that they make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from ...arrays import Floats
from ...network import Network
from ...units import MM3_PER_ML
from .cups import cups_tall_mm
from .ordering import Ordering, Rules, Solution, solve

STEPS_MM = (8.0, 4.0, 2.0, 1.0)
MOST_FITS = 400
STARTS_MM = ((16.0, 24.0, 32.0), (30.0, 42.0, 56.0, 72.0), (20.0, 30.0, 44.0), (30.0, 45.0, 60.0))
LEAST_MM = (15.0, 15.0)  # from front to back, for a hand to pour into, and in height
FALL_DEG = 30.0  # flatter floors hold drops back
FLAT = float(np.tan(np.radians(FALL_DEG)))
OPEN_GUTTER_MM = 10.0  # a single layer is open in front: its knives guide the leaping sheet a little further
LIP_MM = 2.0
RAMP_MM = 2.0  # a ramp is this thick, and stands on the gutter's floor below its end
SLACK_MM = 0.5
INFILL = 0.25  # of a solid region is plastic
ALONG_CM3 = 0.09  # per millimetre of width: sill edges, thicker undersides, board and bar; from sliced machines
OFF_THE_BED = 50.0  # cm3 that a millimetre beyond the bed counts as, so that the search finds its way back


@dataclass(frozen=True)
class Proportions:
    """Per row, cups last: inner ``depths_mm`` from front to back and the height ``tall_mm`` that sets least widths."""

    depths_mm: tuple[float, ...]
    tall_mm: tuple[float, ...]


@dataclass(frozen=True)
class Contents:
    """What must fit: ``kept_mm3`` per row and cell by its number, ``cups_mm3``, and the freeboard of every row.

    ``bed_mm`` is what the whole may measure, ``over_mm`` what ears, board and marks add to its width, depth, height.
    """

    kept_mm3: tuple[Floats, ...]
    cups_mm3: Floats
    room_mm: float
    bed_mm: tuple[float, float, float]
    over_mm: tuple[float, float, float]


RulesFor = Callable[[Proportions], Rules]


def search_proportions(network: Network, ordering: Ordering, rules_for: RulesFor, contents: Contents) -> Proportions:
    """The cheapest proportions for one layout: of a grid with all rows alike, and then a step at a time."""
    fits = 0

    def judge(attempt: Proportions) -> float:
        nonlocal fits
        fits += 1
        rules = rules_for(attempt)
        found = solve(network, ordering, rules)
        return np.inf if found is None else plastic_cm3(ordering, rules, found, contents, attempt)

    tiers = len(ordering.branches)
    grid = [
        Proportions((depth,) * tiers + (cup_depth,), (tall,) * tiers + (cup_tall,))
        for depth, tall, cup_depth, cup_tall in product(*STARTS_MM)
    ]
    least, best = min(((judge(attempt), attempt) for attempt in grid), key=lambda found: found[0])
    for step in STEPS_MM:
        better = True
        while better and fits < len(grid) + MOST_FITS:
            better = False
            for attempt in _neighbours(best, step):
                if (cost := judge(attempt)) < least - 1e-6:
                    best, least, better = attempt, cost, True
    return best


def _neighbours(p: Proportions, step: float) -> Iterator[Proportions]:
    for n in range(len(p.depths_mm)):
        for by in (-step, step):
            depths, tall = list(p.depths_mm), list(p.tall_mm)
            depths[n] += by
            if depths[n] >= LEAST_MM[0]:
                yield Proportions(tuple(depths), p.tall_mm)
            tall[n] += by
            if tall[n] >= LEAST_MM[1]:
                yield Proportions(p.depths_mm, tuple(tall))


def least_rise(depth_mm: float) -> float:
    """How much a floor of this depth rises at least."""
    return FLAT * depth_mm


def gutters_mm(layers: list[int], rules: Rules) -> list[float]:
    """How deep from front to back the gutters of every tier are."""
    return [OPEN_GUTTER_MM if n == 1 else rules.gutter_mm for n in layers]


def rise_mm(layers: int) -> float:
    """From the topmost point of a tier's gutters to its sills: a lip, and a ramp over the layers in front."""
    return LIP_MM + SLACK_MM + (RAMP_MM if layers > 1 else 0.0)


def row_depths_mm(wanted_mm: tuple[float, ...], layers: list[int], rules: Rules) -> list[float]:
    """Inner depths of all rows, cups last: as wanted, and never less than the gutters above them need."""
    galleries = [n * (gutter + rules.plate_mm) for n, gutter in zip(layers, gutters_mm(layers, rules), strict=True)]
    needed = [0.0, *(gallery + 8.0 for gallery in galleries[:-1]), galleries[-1] + 1.0]
    return [max(pair) for pair in zip(wanted_mm, needed, strict=True)]


def deep_mm(volume_mm3: Floats, width_mm: Floats, depth_mm: float) -> Floats:
    """How far a hollow over a floor of the least slope reaches down to hold a volume."""
    wedge = FLAT * depth_mm**2 / 2 * width_mm
    below = np.sqrt(2 * volume_mm3 * FLAT / width_mm)
    return np.where(volume_mm3 < wedge, below, volume_mm3 / width_mm / depth_mm + FLAT * depth_mm / 2)


def plastic_cm3(ordering: Ordering, rules: Rules, found: Solution, contents: Contents, p: Proportions) -> float:
    """Walls, floors and filled corners of the stair that a layout and its proportions make."""
    wall, tiers = rules.wall_mm, len(ordering.branches)
    widths, whole = found.widths_mm, found.width_mm
    layers = [1 + max(n for row in ordering.layers(k) for n in row) for k in range(tiers)]
    depths = row_depths_mm(p.depths_mm, layers, rules)
    deep = [deep_mm(contents.kept_mm3[k][list(ordering.rows[k])], widths[k], depths[k]) for k in range(tiers)]
    cups_mm3, leans = contents.cups_mm3[list(ordering.rows[-1])], found.leans_mm(wall)
    cups = cups_tall_mm(cups_mm3, widths[-1], leans, depths[-1], rules.slope) + wall
    sills, rims, below = [0.0] * tiers, [0.0] * tiers, cups
    for k in reversed(range(tiers)):
        sills[k] = below + float(found.heights_mm[k]) + rise_mm(layers[k])
        below = rims[k] = sills[k] + max(contents.room_mm, FLAT * depths[k] - float(deep[k].min()))
    lift = max(0.0, wall - min(float((sill - d).min()) for sill, d in zip(sills, deep, strict=True)))
    area = _cups_mm2(whole, depths[-1], cups + lift, len(ordering.rows[-1]))
    solid = 0.0
    for k in range(tiers):
        floors = sills[k] + lift - deep[k]
        area += _row_mm2(
            widths[k], depths[k], floors, rims[k] + lift, sills[k] - (rims[k + 1] if k + 1 < tiers else cups)
        )
        area += layers[k] * whole * float(found.heights_mm[k])
        for j in range(k):
            solid += _filled_mm3(widths, wall, depths, [sills[n] + lift - deep[n] for n in (j, k)], j, k)
    size = np.array([whole, sum(depths) + wall * (tiers + 2), rims[0] + lift]) + contents.over_mm
    beyond = float(np.maximum(size - contents.bed_mm, 0.0).sum())
    return (area * wall + solid * INFILL) / MM3_PER_ML + ALONG_CM3 * whole + OFF_THE_BED * beyond


def _cups_mm2(whole: float, depth: float, rim: float, cells: int) -> float:
    """Front, back, ends and walls between, and the floor."""
    return 2 * whole * rim + (cells + 1) * depth * rim + whole * depth


def _row_mm2(widths: Floats, depth: float, floors: Floats, rim: float, fall: float) -> float:
    """Sill wall above the row below, walls behind and under every cell, between cells, and the ends with their legs."""
    behind = np.maximum(rim - floors - FLAT * depth, 0.0)
    between = np.array([rim - min(pair) - FLAT * depth / 2 for pair in pairwise(floors)])
    ends = 2 * rim - 0.5 * (floors[0] + floors[-1])
    return float(widths.sum() * fall + widths @ (behind + 1.4 * depth) + depth * (between.sum() + ends))


def _filled_mm3(
    widths: tuple[Floats, ...], wall: float, depths: list[float], floors: list[Floats], j: int, k: int
) -> float:
    """What stands below a cell because one behind it reaches lower."""
    volume = 0.0
    lefts = [np.concatenate([[0.0], np.cumsum(widths[n] + wall)]) for n in (j, k)]
    lean = 1.19 * sum(depths[j:k])  # undersides rise backwards
    for q, (a, b) in enumerate(pairwise(lefts[0])):
        for p, (c, d) in enumerate(pairwise(lefts[1])):
            over = min(b, d) - max(a, c)
            if over > 0:
                volume += over * depths[k] * max(0.0, float(floors[1][p] - (floors[0][q] - lean)))
    return volume
