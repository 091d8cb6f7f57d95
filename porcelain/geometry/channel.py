"""The section of a closed channel: a circle with a pointed roof, which prints without support. Its area is exact.

Its bore is the diameter of the round part.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ..arrays import Floats

ROOF_DEG = 45.0  # draws no support in a slicer for channels that fall at 30 degrees or more
LEVEL_ROOF_DEG = 60.0  # the same for level ones
ARC_POINTS = 54


@cache
def _unit(roof_deg: float) -> Floats:
    """Section about the unit circle, (k, 2), counter-clockwise from the lowest point; the roof's apex is up."""
    start = np.radians(180.0 - roof_deg)  # tangent points lie this far from the lowest point, either side
    lower = np.linspace(-start, start, ARC_POINTS + 1)
    arc = np.column_stack([np.sin(lower), -np.cos(lower)])
    apex = [[0.0, 1.0 / np.cos(np.radians(roof_deg))]]
    return np.concatenate([arc, apex])


def polygon_area(points: Floats) -> float:
    """Signed area of a polygon (k, 2), counter-clockwise positive (the shoelace formula)."""
    x, y = points.T
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def section(bore_mm: float, roof_deg: float = ROOF_DEG) -> Floats:
    """Section polygon (k, 2) in mm, apex at +y, of a channel of this bore."""
    return _unit(roof_deg) * (bore_mm / 2)


def bore_mm(area_mm2: float, roof_deg: float = ROOF_DEG) -> float:
    """Bore of the channel whose section, a polygon, has exactly this area."""
    return 2.0 * float(np.sqrt(area_mm2 / polygon_area(_unit(roof_deg))))


def area_mm2(bore_mm: float, roof_deg: float = ROOF_DEG) -> float:
    """Area of the section of a channel of this bore."""
    return polygon_area(_unit(roof_deg)) * bore_mm**2 / 4


def printed_mm2(drawn_mm2: float, hole_shrink_mm: float) -> float:
    """Area of a channel after printing, which takes this much off its diameter."""
    return area_mm2(max(bore_mm(drawn_mm2) - hole_shrink_mm, 0.0))


def frame(direction: Floats) -> tuple[Floats, Floats]:
    """Unit vectors (side, up) of the plane across a channel: side is level, up climbs as far as it can."""
    axis = direction / np.linalg.norm(direction)
    side = np.cross([0.0, 0.0, 1.0], axis)
    side /= np.linalg.norm(side)
    return side, np.cross(axis, side)


def mouth_mm(bore_mm: float, fall_per_mm: float) -> tuple[float, float]:
    """Lowest and highest point, above the axis, of a channel's mouth in the upright wall that it leaves squarely.

    A channel falling by k mm per mm crosses the wall in an ellipse stretched by sqrt(1 + k^2).
    """
    stretch = float(np.hypot(1.0, fall_per_mm))
    y = section(bore_mm)[:, 1]
    return stretch * float(y.min()), stretch * float(y.max())


def footprint_mm(bore_mm: float, direction: Floats) -> Floats:
    """Outline (k, 2) in plan, about the axis, of a falling channel that is cut level."""
    side, up = frame(direction)
    outline = section(bore_mm)
    points = outline[:, :1] * side + outline[:, 1:] * up
    plan: Floats = (points - points[:, 2:] / direction[2] * direction)[:, :2]
    return plan
