"""Channels: closed bores followed on a mesh from a bucket's sill down, by level cuts and without a drawing.

A channel that falls shows as one hole in every level cut. Its centres give its direction, and the area of the cut
times the sine of the slope is the cross-section: exact for a straight bore, whatever its shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats, Ints
from ...geometry.channel import polygon_area
from ...machine.assembly import Part
from .cuts import LevelCuts

STEP_MM = 0.5  # faults longer than this do not fall between two cuts
BELOW_SILL_MM = 0.4
SPECK_MM2 = 1e-6  # an outline this small is a rounding of corners in one place
FLATTEST = 4.0  # a centre that moves this much per mm of height belongs to another hole
TURNING = 0.15  # change of run per mm of fall, between neighbouring cuts, at which a channel is turning


@dataclass(frozen=True, eq=False)
class Channel:
    """One bore: ``centres_mm`` (k, 3) top to bottom, assembled; ``areas_mm2`` (k,) square to it.

    ``straight`` (k,) bool, where the area means something; ``holes`` (k, 2) cut and number of the hole in it.
    """

    centres_mm: Floats
    areas_mm2: Floats
    straight: NDArray[np.bool_]
    holes: Ints

    @property
    def area_mm2(self) -> float:
        """The cross-section that its straight stretches have."""
        return float(np.median(self.areas_mm2[self.straight]))

    def narrowest(self) -> tuple[float, Floats]:
        """Smallest cross-section on a straight stretch, and where."""
        at = int(np.argmin(np.where(self.straight, self.areas_mm2, np.inf)))
        return float(self.areas_mm2[at]), self.centres_mm[at]


class Cuts:
    """Holes in the level cuts of one part, cut when asked for."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._cuts = LevelCuts(part.vertices_mm, part.faces)
        self._holes: dict[int, list[tuple[Floats, Floats, float]]] = {}
        self._islands: dict[int, list[Floats]] = {}

    def holes(self, k: int) -> list[tuple[Floats, Floats, float]]:
        """(outline, centre, area) of every hole k steps above the bed, assembled position."""
        if k not in self._holes:
            loops = self._cuts.outlines(self.height(k) - self.part.at_mm[2])
            moved = [(loop + self.part.at_mm[:2], polygon_area(loop)) for loop in loops]
            self._holes[k] = [(loop, *_centre(loop)) for loop, area in moved if area < -SPECK_MM2]
            self._islands[k] = [loop for loop, area in moved if area > SPECK_MM2]
        return self._holes[k]

    def free_mm2(self, k: int, number: int) -> float:
        """Area of a hole less what stands in it."""
        outline, _, area = self.holes(k)[number]
        low, high = outline.min(axis=0), outline.max(axis=0)
        standing = [loop for loop in self._islands[k] if np.all((loop[0] > low) & (loop[0] < high))]
        return area - sum(polygon_area(loop) for loop in standing if inside(outline, loop[:1])[0])

    def height(self, k: int) -> float:
        """Assembled height of cut k: between the steps, so that no cut runs along a level face of a drawing."""
        return float(self.part.at_mm[2] + (k + 0.137) * STEP_MM)

    def below(self, z_mm: float) -> int:
        """The first cut below a height."""
        return int(np.floor((z_mm - self.part.at_mm[2]) / STEP_MM - 0.137))


def _centre(loop: Floats) -> tuple[Floats, float]:
    """Centroid (2,) and area of a hole's outline."""
    origin = loop[0]
    x, y = (loop - origin).T
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    area = cross.sum() / 2
    centre = np.array([((x + np.roll(x, -1)) * cross).sum(), ((y + np.roll(y, -1)) * cross).sum()]) / (6 * area)
    return origin + centre, float(abs(area))


def follow(cuts: Cuts, sill_mm: float, wet_mm: Floats) -> list[Channel]:
    """Channels that leave a bucket below its sill.

    ``wet_mm`` (n, 4) stretches of air that its water touches outside the bucket: x, y, floor and ceiling.
    """
    k = cuts.below(sill_mm - BELOW_SILL_MM)
    z = cuts.height(k)
    here = wet_mm[(wet_mm[:, 2] <= z) & (wet_mm[:, 3] > z), :2]
    starts = [number for number, hole in enumerate(cuts.holes(k)) if np.any(inside(hole[0], here))]
    return [channel for start in starts if (channel := _follow(cuts, k, start)) is not None]


def _follow(cuts: Cuts, k: int, start: int) -> Channel | None:
    """One channel from hole ``start`` of cut k down. Where it runs into another hole it is followed through it."""
    centre = cuts.holes(k)[start][1]
    centres, holes, whole = [centre], [(k, start)], [True]
    run = np.zeros(2)
    while k > 0:
        k -= 1
        found = _next(cuts.holes(k), centres[-1] + run)
        if found is None:
            break
        centre = cuts.holes(k)[found][1]
        whole.append(bool(np.linalg.norm(centre - centres[-1]) <= FLATTEST * STEP_MM))
        if whole[-1]:
            run = centre - centres[-1]
        centres.append(centre if whole[-1] else centres[-1] + run)
        holes.append((k, found))
    if len(centres) < 4:
        return None
    axis = np.column_stack([centres, [cuts.height(k) for k, _ in holes]])
    runs = np.gradient(axis[:, :2], axis[:, 2], axis=0)
    straight = np.array(whole) & (np.linalg.norm(np.gradient(runs, axis=0), axis=1) <= TURNING)
    straight[[0, -1]] = False
    areas = np.array([cuts.free_mm2(*hole) for hole in holes])
    square = areas / np.sqrt(1.0 + (runs**2).sum(axis=1))
    return Channel(axis, square, straight if straight.any() else np.array(whole), np.array(holes))


def _next(holes: list[tuple[Floats, Floats, float]], ahead: Floats) -> int | None:
    """The hole that a channel goes on in: round the place ahead, or else near it."""
    for number, (outline, *_) in enumerate(holes):
        if inside(outline, ahead[None])[0]:
            return number
    away = [float(np.linalg.norm(centre - ahead)) for _, centre, _ in holes]
    nearest = int(np.argmin(away)) if away else -1
    return nearest if away and away[nearest] <= FLATTEST * STEP_MM else None


def inside(outline: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which points (n, 2) lie in a closed outline (k, 2), by crossings of a ray along x."""
    if not len(points):
        return np.zeros(0, dtype=np.bool_)
    a, b = outline[:, None], np.roll(outline, -1, axis=0)[:, None]
    x, y = points.T
    spans = (a[..., 1] > y) != (b[..., 1] > y)
    rise = np.where(spans, b[..., 1] - a[..., 1], 1.0)
    crosses = spans & (x < a[..., 0] + (y - a[..., 1]) / rise * (b[..., 0] - a[..., 0]))
    return np.asarray(crosses.sum(axis=0) % 2 == 1)
