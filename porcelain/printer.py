"""Printer: what can be made. A design asks it and never assumes a bed, a wall or a gap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .errors import PorcelainError, unknown

LEAST_WALL_MM = 1.0  # free-standing, and a sill's edge is nearly as wide
MOST_WALL_MM = 10.0  # a thicker wall takes the room of what it is round
MOST_NOZZLE_MM = 1.5  # a wider one draws no letters and no knives of these sizes
MOST_LAYER = 0.8  # of a nozzle's width
WALL_LINES = 4  # often water-tight
HAIR_MM = 1e-3  # what a part may be larger than the bed: heights are sums of rounded ones


@dataclass(frozen=True)
class Printer:
    """A filament printer with the limits a design has to keep, all in mm.

    ``bed_mm`` is width, depth and height. ``min_wall_mm`` 1.6 is four lines of a 0.4 nozzle: often water-tight
    (:meth:`changed` keeps four lines for another nozzle).
    ``min_bore_mm`` 3.0 is what water still flows through freely. ``clearance_mm`` is per side of a sliding fit.
    ``hole_shrink_mm`` is what a printed bore loses in diameter; drawings are widened by it.
    """

    name: str
    bed_mm: tuple[float, float, float]
    nozzle_mm: float = 0.4
    layer_mm: float = 0.2
    min_wall_mm: float = 1.6
    min_bore_mm: float = 3.0
    clearance_mm: float = 0.2
    hole_shrink_mm: float = 0.15

    def __post_init__(self) -> None:
        for what, value in (
            ("bed_mm", min(self.bed_mm)),
            ("nozzle_mm", self.nozzle_mm),
            ("layer_mm", self.layer_mm),
            ("min_wall_mm", self.min_wall_mm),
            ("min_bore_mm", self.min_bore_mm),
        ):
            if not (np.isfinite(value) and value > 0):
                raise PorcelainError(f"printer {self.name!r}: {what} is {value}; it must be > 0")
        for what, value, most in (
            ("nozzle_mm", self.nozzle_mm, MOST_NOZZLE_MM),
            ("min_wall_mm", self.min_wall_mm, MOST_WALL_MM),
        ):
            if value > most:
                raise PorcelainError(f"printer {self.name!r}: {what} is {value:g}; {most:g} mm is the most")
        if self.min_wall_mm < LEAST_WALL_MM - 1e-9:
            told = f"min_wall_mm is {self.min_wall_mm:g}; {LEAST_WALL_MM:g} mm is the least that stands"
            raise PorcelainError(f"printer {self.name!r}: {told}")
        if self.min_wall_mm < 2 * self.nozzle_mm - 1e-9:
            told = (
                f"min_wall_mm is {self.min_wall_mm:g}; {2 * self.nozzle_mm:g} mm is the least, two lines of its nozzle"
            )
            raise PorcelainError(f"printer {self.name!r}: {told}")
        if self.layer_mm > MOST_LAYER * self.nozzle_mm + 1e-9:
            most = f"{MOST_LAYER * self.nozzle_mm:g} mm"
            raise PorcelainError(f"printer {self.name!r}: layer_mm is {self.layer_mm}; its nozzle lays {most} at most")
        if len(self.bed_mm) != 3:
            raise PorcelainError(f"printer {self.name!r}: bed_mm has {len(self.bed_mm)} numbers; width, depth, height")
        if min(self.clearance_mm, self.hole_shrink_mm) < 0:
            raise PorcelainError(f"printer {self.name!r}: clearance and hole shrink must be >= 0 mm")

    def changed(self, **fields: Any) -> Printer:
        """The printer with other fields; what follows from them follows, unless it is given as well.

        Parameters
        ----------
        **fields
            Fields of the printer by name. Walls are four lines of a new ``nozzle_mm``, and layers no higher than it
            lays.

        Raises
        ------
        PorcelainError
            For a printer that cannot be.

        Examples
        --------
        >>> PRINTERS["ender3"].changed(nozzle_mm=0.6).min_wall_mm
        2.4
        >>> PRINTERS["ender3"].changed(nozzle_mm=0.6, min_wall_mm=1.8).min_wall_mm
        1.8
        """
        nozzle = fields.get("nozzle_mm")
        if nozzle is not None and np.isfinite(nozzle) and nozzle > 0:
            lines = {
                "min_wall_mm": round(max(WALL_LINES * nozzle, LEAST_WALL_MM), 3),
                "layer_mm": min(self.layer_mm, round(MOST_LAYER * nozzle, 3)),
            }
            fields = lines | fields
        return replace(self, **fields)

    def fits(self, size_mm: tuple[float, float, float]) -> bool:
        """Whether a part of this size stands on the bed, turned by a quarter if that helps."""
        x, y, z = size_mm
        bed_x, bed_y, bed_z = (length + HAIR_MM for length in self.bed_mm)
        return z <= bed_z and (min(x, y) <= min(bed_x, bed_y) and max(x, y) <= max(bed_x, bed_y))


PRINTERS = {
    "ender3": Printer("ender3", (220.0, 220.0, 250.0)),
    "mk4": Printer("mk4", (250.0, 210.0, 220.0)),
    "mini": Printer("mini", (180.0, 180.0, 180.0)),
    "x1": Printer("x1", (256.0, 256.0, 256.0)),
    "xl": Printer("xl", (360.0, 360.0, 360.0)),
}


def printer(name: str) -> Printer:
    """A preset by name. Raises PorcelainError for an unknown one."""
    if name not in PRINTERS:
        raise unknown("printer", name, PRINTERS)
    return PRINTERS[name]
