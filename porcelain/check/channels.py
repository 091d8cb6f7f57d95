"""Channels: closed bores followed on a mesh from a bucket's sill down, by level cuts and without a drawing.

A channel that falls shows as one hole in every level cut. Its centres give its direction, and the area of the cut
times the sine of the slope is the cross-section: exact for a straight bore, whatever its shape.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats
from ..bore import polygon_area
from ..fabricate import solids
from ..part import Part

STEP_MM = 0.5  # faults longer than this do not fall between two cuts
BELOW_SILL_MM = 0.4
FLATTEST = 4.0  # a centre that moves this much per mm of height belongs to another hole
TURNING = 0.15  # change of run per mm of fall, between neighbouring cuts, at which a channel is turning


@dataclass(frozen=True, eq=False)
class Channel:
    """One bore: ``centres_mm`` (k, 3) top to bottom, assembled; ``areas_mm2`` (k,) square to it."""

    centres_mm: Floats
    areas_mm2: Floats
    straight: Floats

    @property
    def area_mm2(self) -> float:
        """The cross-section that its straight stretches have."""
        return float(np.median(self.areas_mm2[self.straight > 0]))

    def widest(self) -> tuple[float, Floats]:
        """Largest cross-section on a straight stretch, and where."""
        return self._extreme(int(np.argmax(np.where(self.straight > 0, self.areas_mm2, -np.inf))))

    def narrowest(self) -> tuple[float, Floats]:
        """Smallest cross-section on a straight stretch, and where."""
        return self._extreme(int(np.argmin(np.where(self.straight > 0, self.areas_mm2, np.inf))))

    def _extreme(self, at: int) -> tuple[float, Floats]:
        return float(self.areas_mm2[at]), self.centres_mm[at]


class Cuts:
    """Holes in the level cuts of one part, cut when asked for."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.solid = solids.from_mesh(part.vertices_mm, part.faces)
        self._holes: dict[int, list[tuple[Floats, Floats, float]]] = {}

    def holes(self, k: int) -> list[tuple[Floats, Floats, float]]:
        """(outline, centre, area) of every hole k steps above the bed, assembled position."""
        if k not in self._holes:
            loops = solids.level_cuts(self.solid, [self.height(k) - self.part.at_mm[2]])[0]
            moved = [loop + self.part.at_mm[:2] for loop in loops if polygon_area(loop) < 0]
            self._holes[k] = [(loop, *_centre(loop)) for loop in moved]
        return self._holes[k]

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
    starts = [hole for hole in cuts.holes(k) if np.any(inside(hole[0], here))]
    return [channel for start in starts if (channel := _follow(cuts, k, start)) is not None]


def _follow(cuts: Cuts, k: int, hole: tuple[Floats, Floats, float]) -> Channel | None:
    trail = [(hole[1], cuts.height(k), hole[2])]
    run = np.zeros(2)
    while k > 0:
        k -= 1
        ahead = trail[-1][0] + run
        near = min(cuts.holes(k), key=lambda h: float(np.linalg.norm(h[1] - ahead)), default=None)
        if near is None or np.linalg.norm(near[1] - trail[-1][0]) > FLATTEST * STEP_MM:
            break
        run = near[1] - trail[-1][0]
        trail.append((near[1], cuts.height(k), near[2]))
    if len(trail) < 4:
        return None
    centres = np.array([[*centre, z] for centre, z, _ in trail])
    runs = np.gradient(centres[:, :2], centres[:, 2], axis=0)
    areas = np.array([area for *_, area in trail]) / np.sqrt(1.0 + (runs**2).sum(axis=1))
    turning = np.linalg.norm(np.gradient(runs, axis=0), axis=1) > TURNING
    straight = ~turning
    straight[[0, -1]] = False
    return Channel(centres, areas, (straight if straight.any() else ~straight).astype(float))


def inside(outline: Floats, points: Floats) -> np.ndarray:
    """Which points (n, 2) lie in a closed outline (k, 2), by crossings of a ray along x."""
    if not len(points):
        return np.zeros(0, dtype=bool)
    a, b = outline[:, None], np.roll(outline, -1, axis=0)[:, None]
    x, y = points.T
    spans = (a[..., 1] > y) != (b[..., 1] > y)
    rise = np.where(spans, b[..., 1] - a[..., 1], 1.0)
    crosses = spans & (x < a[..., 0] + (y - a[..., 1]) / rise * (b[..., 0] - a[..., 0]))
    return np.asarray(crosses.sum(axis=0) % 2 == 1)
