"""Follow a closed channel on a mesh from a bucket's sill down, by level cuts and without a design.

A channel that falls shows as one hole in every level cut. Its centres give its direction, and the area of the cut
times the sine of the slope is the cross-section: exact for a straight channel, whatever its shape.
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
    """One closed channel, followed from its bucket down.

    Attributes
    ----------
    centres_mm : (k, 3) of its cuts, top to bottom, assembled
    areas_mm2 : (k,) square to the channel
    straight : (k,) whether the area means something there
    holes : (k, 2) number of the cut, and of the hole in it

    Examples
    --------
    >>> ends = np.array([[0.0, 0.0, 9.0], [1.0, 0.0, 8.0]])
    >>> Channel(ends, np.array([12.0, 12.5]), np.array([True, True]), np.zeros((2, 2), dtype=int)).narrowest()[0]
    12.0
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
        """Smallest cross-section on a straight stretch.

        Returns
        -------
        area, place
            mm2, and (3,) mm.
        """
        at = int(np.argmin(np.where(self.straight, self.areas_mm2, np.inf)))
        return float(self.areas_mm2[at]), self.centres_mm[at]


class Cuts:
    """Holes in the level cuts of one part, cut when asked for.

    Parameters
    ----------
    part : mesh, with its place

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> ring = solids.cut(solids.box([0, 0, 0], [9, 9, 3]), [solids.box([3, 3, -1], [6, 6, 4])])
    >>> ((outline, centre, area),) = Cuts(Part("ring", *solids.to_mesh(ring, "ring"), np.zeros(3))).holes(2)
    >>> round(area, 6), centre.round(6).tolist()
    (9.0, [4.5, 4.5])
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self._cuts = LevelCuts(part.vertices_mm, part.faces)
        self._holes: dict[int, list[tuple[Floats, Floats, float]]] = {}
        self._islands: dict[int, list[Floats]] = {}

    def holes(self, k: int) -> list[tuple[Floats, Floats, float]]:
        """Holes in one cut.

        Parameters
        ----------
        k : how many steps above the bed

        Returns
        -------
        list of (outline, centre, area)
            Assembled position.
        """
        if k not in self._holes:
            loops = self._cuts.outlines(self.height(k) - self.part.at_mm[2])
            moved = [(loop + self.part.at_mm[:2], polygon_area(loop)) for loop in loops]
            self._holes[k] = [(loop, *_centre(loop)) for loop, area in moved if area < -SPECK_MM2]
            self._islands[k] = [loop for loop, area in moved if area > SPECK_MM2]
        return self._holes[k]

    def free_mm2(self, k: int, number: int) -> float:
        """Area of a hole less what stands in it.

        Parameters
        ----------
        k, number : of the cut and of the hole

        Returns
        -------
        float
            mm2.
        """
        outline, _, area = self.holes(k)[number]
        low, high = outline.min(axis=0), outline.max(axis=0)
        standing = [loop for loop in self._islands[k] if np.all((loop[0] > low) & (loop[0] < high))]
        return area - sum(polygon_area(loop) for loop in standing if inside(outline, loop[:1])[0])

    def height(self, k: int) -> float:
        """Height of a cut: between the steps, so that no cut runs along a level face of a drawing.

        Parameters
        ----------
        k : number of the cut

        Returns
        -------
        float
            Assembled, mm.
        """
        return float(self.part.at_mm[2] + (k + 0.137) * STEP_MM)

    def below(self, z_mm: float) -> int:
        """The first cut below a height.

        Parameters
        ----------
        z_mm : assembled height

        Returns
        -------
        int
            Number of the cut.
        """
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
    """Find the channels that leave a bucket below its sill and follow them down.

    Parameters
    ----------
    cuts : of the bucket's part
    sill_mm : assembled height
    wet_mm : (n, 4) stretches of air that the bucket's water touches outside it: x, y, floor and ceiling

    Returns
    -------
    list of Channel
        Each to its lower end.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> tube = solids.tube(np.array([[0.0, 0.0, 20.0], [20.0, 0.0, 0.0]]), 5.0, ends_mm=(9.0, 9.0))
    >>> block = solids.cut(solids.box([-9, -9, 0], [29, 9, 20]), [tube])
    >>> wet = np.array([[x, 0.0, 0.0, 40.0] for x in range(20)])
    >>> (found,) = follow(Cuts(Part("block", *solids.to_mesh(block, "block"), np.zeros(3))), 15.0, wet)
    >>> from porcelain.geometry import channel
    >>> abs(found.area_mm2 / channel.area_mm2(5.0) - 1.0) < 1e-3
    True
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
    """Which points lie in an outline.

    Parameters
    ----------
    outline : (k, 2) closed
    points : (n, 2)

    Returns
    -------
    array (n,) of bool
        By crossings of a ray along x.

    Examples
    --------
    >>> inside(np.array([[0, 0], [2, 0], [2, 2], [0, 2]]), np.array([[1.0, 1.0], [3.0, 1.0]])).tolist()
    [True, False]
    """
    if not len(points):
        return np.zeros(0, dtype=np.bool_)
    a, b = outline[:, None], np.roll(outline, -1, axis=0)[:, None]
    x, y = points.T
    spans = (a[..., 1] > y) != (b[..., 1] > y)
    rise = np.where(spans, b[..., 1] - a[..., 1], 1.0)
    crosses = spans & (x < a[..., 0] + (y - a[..., 1]) / rise * (b[..., 0] - a[..., 0]))
    return np.asarray(crosses.sum(axis=0) % 2 == 1)
