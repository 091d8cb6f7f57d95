"""Solids that are extruded along x or y from outlines in upright planes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from . import solids
from .solids import Solid

GRID = 65536.0  # per mm


def along_x(polygon: list[tuple[float, float]], low: float, high: float) -> Solid:
    """A (y, z) outline, counter-clockwise, from one x to another."""
    side, up = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
    low, high = float(snapped(low)), float(snapped(high))
    return solids.prism(snapped(polygon), np.array([low, 0.0, 0.0]), side, up, high - low)


def along_y(polygon: Floats, low: float, high: float) -> Solid:
    """An (x, z) outline, counter-clockwise, from one y to another."""
    side, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    low, high = float(snapped(low)), float(snapped(high))
    return solids.prism(snapped(polygon), np.array([0.0, high, 0.0]), side, up, high - low)


def point(at: float, height: float) -> list[tuple[float, float]]:
    """A gable's peak drawn out into a sharper point, (across, up), from right to left.

    Where two faces at the roof's slope close over a gap, one layer may end more than a tenth of a millimetre short of
    meeting. A slicer closes gaps this small, and then finds the closed one hanging in the air.
    """
    half, below, above = 0.18, 0.21, 0.18
    return [(at + half, height - below), (at, height + above), (at - half, height - below)]


def box(low: ArrayLike, high: ArrayLike) -> Solid:
    """An upright box between two corners (3,) in mm."""
    return solids.box(snapped(low), snapped(high))


def snapped(values_mm: ArrayLike) -> Floats:
    """Lengths on a grid that the kernel's integer outlines and its floating-point boxes both hit exactly.

    Else two walls in one plane lie a billionth of a millimetre apart, and a mesh file folds the sliver between.
    """
    return np.asarray(np.round(np.asarray(values_mm, dtype=np.float64) * GRID) / GRID)
