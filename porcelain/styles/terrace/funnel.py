"""Hollow of a terrace's bucket: a funnel whose floor falls to the sill, with a baffle in front of the sill."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ...arrays import Floats
from ...units import MM3_PER_ML

SLAB_MM = 2.0
LEAST_SLABS = 4  # between two corners: a wedge is no prism, however low
POINTS = 257  # per slab; the areas are smooth but for corners
SLOT_ROOF = float(np.tan(np.radians(60.0)))


@dataclass(frozen=True)
class Funnel:
    """Inner width along the sill, depth behind it, rise over run of the floor; a baffle or none (0 thick).

    The baffle stands ``at_mm`` behind the sill wall on slots of (width, pitch, height) with pointed tops.
    """

    width_mm: float
    depth_mm: float
    slope: float
    baffle_mm: float = 0.0
    at_mm: float = 0.0
    slot_mm: tuple[float, float, float] = (0.0, 1.0, 0.0)

    @property
    def slots(self) -> int:
        """How many slots fit under the baffle."""
        return int((self.width_mm - (self.slot_mm[1] - self.slot_mm[0])) / self.slot_mm[1])

    def area_mm2(self, z_mm: Floats, top_mm: float = np.inf) -> Floats:
        """Free plan area at heights above the lowest point; the baffle ends at ``top_mm``."""
        reach = np.minimum(z_mm / self.slope, self.depth_mm)
        thick = np.clip(reach - self.at_mm, 0.0, self.baffle_mm) * (z_mm < top_mm)
        width, _, height = self.slot_mm
        above = z_mm - self.slope * self.at_mm - height
        open_mm = self.slots * np.clip(width - 2 * above / SLOT_ROOF, 0.0, width)
        free: Floats = reach * self.width_mm - thick * (self.width_mm - open_mm)
        return free

    def sill_mm(self, volume_ml: float) -> float:
        """Height of a sill that keeps this volume, to a hundredth of a millimetre."""
        if volume_ml <= 0:
            return 0.0
        high = 10.0
        while self._volume_ml(high) < volume_ml:
            high *= 2
        return round(float(brentq(lambda z: self._volume_ml(z) - volume_ml, 0.0, high)), 2)

    def _volume_ml(self, top_mm: float) -> float:
        _, areas = self._slabs(np.array([top_mm]), np.inf)
        tops = _steps(np.array([top_mm]))
        return float((np.diff(tops, prepend=0.0) * areas).sum()) / MM3_PER_ML

    def slabs(self, levels_mm: tuple[float, ...], rim_mm: float, top_mm: float) -> tuple[Floats, Floats]:
        """Tops and mean free areas of slabs up to the rim; one ends at each level and one at the baffle's top."""
        ends = {round(self.slope * self.depth_mm, 2), *levels_mm, round(top_mm, 2), rim_mm}
        return self._slabs(np.array(sorted(e for e in ends if 0 < e <= rim_mm)), top_mm)

    def _slabs(self, ends: Floats, top_mm: float) -> tuple[Floats, Floats]:
        tops = _steps(ends)
        areas = []
        for low, high in zip(np.concatenate([[0.0], tops[:-1]]), tops, strict=True):
            z = low + (np.arange(POINTS) + 0.5) / POINTS * (high - low)
            areas.append(float(self.area_mm2(z, top_mm).mean()))
        return tops, np.array(areas)


def _steps(ends: Floats) -> Floats:
    """Slab tops that include these ends and are nowhere farther apart than SLAB_MM."""
    tops: list[float] = []
    low = 0.0
    for end in ends:
        n = max(LEAST_SLABS, int(np.ceil((end - low) / SLAB_MM)))
        tops += list(low + (end - low) * np.arange(1, n + 1) / n)
        low = float(end)
    return np.array(tops)
