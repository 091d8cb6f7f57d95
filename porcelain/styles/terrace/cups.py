"""Cups of equal width below mouths of unequal width: the walls between them lean.

No cup but one ever holds more than the second largest content of the worst pour, for more water in any input lowers
none. So walls may lean above that level: what stands there stands alone.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ...arrays import Floats
from ..limits import MARGIN_MM
from .funnel import SLAB_MM

LEAST_LEAN_MM = 0.1
COLLAR_MM = 1.0  # of a leaning wall below the rim stands upright


def lean_mm(contents: Floats, tall_mm: float) -> float:
    """Over how much of its height below the rim the wall of a cup so tall may lean."""
    second, most = [0.0, *np.sort(contents)][-2:]
    return tall_mm * (1.0 - second / max(most, 1e-9)) + MARGIN_MM - COLLAR_MM


def cups_tall_mm(cups_mm3: Floats, widths_mm: Floats, leans_mm: Floats, depth_mm: float, slope: float) -> float:
    """Inner height of a row of cups: each holds its content below the rim, and walls lean only above all but one's.

    ``leans_mm`` (cups - 1,) is how far to the right the walls between them lean, at a slope, to end upright.
    """
    wider = leans_mm * (COLLAR_MM + slope * np.abs(leans_mm) / 2)
    wider = np.diff(wider, prepend=0.0, append=0.0)
    tall = float(((cups_mm3 / depth_mm - wider) / widths_mm).max()) + MARGIN_MM
    if not leans_mm.any():
        return tall
    even = float((np.sort(cups_mm3)[-2] / widths_mm).max()) / depth_mm
    return max(tall, even + COLLAR_MM + slope * float(np.abs(leans_mm).max()))


def flared(width: float, tall: float, left: float, right: float, slope: float) -> tuple[Floats, Floats]:
    """Slabs of a cup whose sides lean outwards (below 0: inwards) at a slope, to end upright: tops and mean widths."""
    collar = tall - COLLAR_MM
    starts = {max(round(collar - slope * abs(lean), 2), 0.0) for lean in (left, right) if lean}
    if not starts:
        return np.array([tall]), np.array([width])
    corners = [0.0, *sorted(starts), collar]
    tops = corners[1:2] if corners[1] > 0 else []  # a wall may lean from the floor on
    for low, high in pairwise(corners[1:]):
        tops += np.linspace(low, high, 1 + max(1, int(np.ceil((high - low) / SLAB_MM))))[1:].tolist()
    tops.append(tall)
    middles = (np.array([0.0, *tops[:-1]]) + tops) / 2
    wider = [np.sign(lean) * np.clip(abs(lean) - (collar - middles) / slope, 0.0, abs(lean)) for lean in (left, right)]
    return np.array(tops).round(4), width + sum(wider)
