"""Outlines in upright planes, drawn out along x or y: most of a terrace is made of them."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from . import solids
from .solids import Solid


def along_x(polygon: list[tuple[float, float]], low: float, high: float) -> Solid:
    """A (y, z) outline, counter-clockwise, from one x to another."""
    side, up = np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
    return solids.prism(np.array(polygon), np.array([low, 0.0, 0.0]), side, up, high - low)


def along_y(polygon: Floats, low: float, high: float) -> Solid:
    """An (x, z) outline, counter-clockwise, from one y to another."""
    side, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
    return solids.prism(polygon, np.array([0.0, high, 0.0]), side, up, high - low)
