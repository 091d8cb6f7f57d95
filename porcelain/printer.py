"""Printer: the limits of what can be made. A design asks it and never assumes a bed, a wall or a gap."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .errors import PorcelainError, unknown

LEAST_WALL_MM = 1.0  # free-standing, and a sill's edge is nearly as wide
MOST_WALL_MM = 10.0  # a thicker wall takes the room of what it is round
MOST_NOZZLE_MM = 1.5  # a wider one draws no letters and no knives of these sizes
LAYER_MM = 0.2
MOST_LAYER = 0.8  # of a nozzle's width
WALL_LINES = 4  # often water-tight
MOST_BED_MM = 10_000.0  # of any side: ten metres
BED_SHAPES = ("rectangle", "round")
CORNERS = 96  # of the polygon that a slicer takes for a circle
HAIR_MM = 1e-3  # what a part may be larger than the bed: heights are sums of rounded ones


@dataclass(frozen=True)
class Printer:
    """A filament printer with the limits that a design has to keep. Lengths are mm.

    Parameters
    ----------
    name : str
        Name of the printer.
    bed_mm : tuple of float
        Width, depth and height of the bed. A round bed has its diameter twice, and its height.
    nozzle_mm : float
        Width of the nozzle.
    layer_mm : float
        Height of a layer; 0: 0.2, or what the nozzle lays.
    min_wall_mm : float
        Thickness of a wall that holds water; 0: four lines of the nozzle, which are often water-tight.
    min_bore_mm : float
        Bore of the narrowest channel that water still flows through freely.
    clearance_mm : float
        Gap on each side of a sliding fit.
    hole_shrink_mm : float
        What a printed channel loses in diameter; drawings are widened by it.
    bed_shape : str
        "rectangle" or "round".

    Raises
    ------
    PorcelainError
        If a value is not possible for such a printer.

    Examples
    --------
    >>> Printer("mine", (300.0, 300.0, 400.0), nozzle_mm=0.6).min_wall_mm
    2.4
    """

    name: str
    bed_mm: tuple[float, float, float]
    nozzle_mm: float = 0.4
    layer_mm: float = 0.0
    min_wall_mm: float = 0.0
    min_bore_mm: float = 3.0
    clearance_mm: float = 0.2
    hole_shrink_mm: float = 0.15
    bed_shape: str = field(default="rectangle", metadata={"sparse": True})

    def __post_init__(self) -> None:
        self._check_bed()
        if self.nozzle_mm > 0 and self.min_wall_mm == 0:
            wall = min(max(WALL_LINES * self.nozzle_mm, LEAST_WALL_MM), MOST_WALL_MM)
            object.__setattr__(self, "min_wall_mm", round(wall, 3))
        if self.nozzle_mm > 0 and self.layer_mm == 0:
            object.__setattr__(self, "layer_mm", round(min(LAYER_MM, MOST_LAYER * self.nozzle_mm), 3))
        for what, value in (
            ("nozzle_mm", self.nozzle_mm),
            ("layer_mm", self.layer_mm),
            ("min_wall_mm", self.min_wall_mm),
            ("min_bore_mm", self.min_bore_mm),
        ):
            if not (np.isfinite(value) and value > 0):
                raise PorcelainError(f"printer {self.name!r}: {what} is {value}; it must be > 0")
        for what, value, limit in (
            ("nozzle_mm", self.nozzle_mm, MOST_NOZZLE_MM),
            ("min_wall_mm", self.min_wall_mm, MOST_WALL_MM),
        ):
            if value > limit:
                raise PorcelainError(f"printer {self.name!r}: {what} is {value:g}; {limit:g} mm is the most")
        for least, why in ((LEAST_WALL_MM, "a wall that stands"), (self.two_lines_mm, "two lines of its nozzle")):
            if self.min_wall_mm < least - 1e-9:
                told = f"min_wall_mm is {self.min_wall_mm:g}; {least:g} mm is the least, {why}"
                raise PorcelainError(f"printer {self.name!r}: {told}")
        if self.layer_mm > MOST_LAYER * self.nozzle_mm + 1e-9:
            most = f"{MOST_LAYER * self.nozzle_mm:g} mm"
            raise PorcelainError(f"printer {self.name!r}: layer_mm is {self.layer_mm}; its nozzle lays {most} at most")
        for what, value in (("clearance_mm", self.clearance_mm), ("hole_shrink_mm", self.hole_shrink_mm)):
            if not 0 <= value <= self.min_bore_mm:
                most = f"0 to {self.min_bore_mm:g} mm is possible"
                raise PorcelainError(f"printer {self.name!r}: {what} is {value}; {most}, the least bore")

    def _check_bed(self) -> None:
        if len(self.bed_mm) != 3:
            raise PorcelainError(f"printer {self.name!r}: bed_mm has {len(self.bed_mm)} numbers; width, depth, height")
        for length in self.bed_mm:
            if not 0 < length <= MOST_BED_MM:
                most = f"a length above 0 and up to {MOST_BED_MM:g} mm is needed"
                raise PorcelainError(f"printer {self.name!r}: bed_mm has {length:g}; {most}")
        if self.bed_shape not in BED_SHAPES:
            raise unknown("bed_shape", self.bed_shape, BED_SHAPES)
        if self.is_round and self.bed_mm[0] != self.bed_mm[1]:
            raise PorcelainError(
                f"printer {self.name!r}: bed_mm is {self.bed_mm[0]:g} and {self.bed_mm[1]:g} mm wide; a round bed has"
                " its diameter twice"
            )

    @staticmethod
    def preset(name: str) -> Printer:
        """A printer that porcelain knows by its name.

        Parameters
        ----------
        name : str
            One of PRINTERS.

        Returns
        -------
        Printer
            The printer.

        Raises
        ------
        PorcelainError
            If the name is unknown.

        Examples
        --------
        >>> Printer.preset("mini").bed_text
        '180 x 180 x 180 mm'
        """
        if name not in PRINTERS:
            raise unknown("printer", name, PRINTERS)
        return PRINTERS[name]

    def changed(self, **fields: Any) -> Printer:
        """The printer with other fields. What follows from them follows, unless it is given as well.

        Walls are four lines of a new ``nozzle_mm``, and layers no higher than it lays.

        Parameters
        ----------
        **fields : Any
            New values by name.

        Returns
        -------
        Printer
            The changed printer.

        Examples
        --------
        >>> PRINTERS["ender3"].changed(nozzle_mm=0.6).min_wall_mm
        2.4
        >>> PRINTERS["ender3"].changed(nozzle_mm=0.6, min_wall_mm=1.8).min_wall_mm
        1.8
        """
        nozzle = fields.get("nozzle_mm")
        if nozzle is not None and np.isfinite(nozzle) and nozzle > 0:
            fields = {"min_wall_mm": 0.0, "layer_mm": min(self.layer_mm, round(MOST_LAYER * nozzle, 3))} | fields
        return replace(self, **fields)

    @property
    def two_lines_mm(self) -> float:
        """The thinnest wall that is printed whole, where no water stands: two lines of the nozzle."""
        return 2 * self.nozzle_mm

    @property
    def is_round(self) -> bool:
        """Whether the bed is a circle."""
        return self.bed_shape == "round"

    @property
    def bed_text(self) -> str:
        """The bed in words, as in "220 x 220 x 250 mm"."""
        x, y, z = self.bed_mm
        return f"{x:g} mm across x {z:g} mm" if self.is_round else f"{x:g} x {y:g} x {z:g} mm"

    @property
    def bed_outline_mm(self) -> tuple[tuple[float, float], ...]:
        """Corners of the bed, counter-clockwise, its lowest x and y at 0."""
        x, y, _ = self.bed_mm
        if not self.is_round:
            return ((0.0, 0.0), (x, 0.0), (x, y), (0.0, y))
        turns = 2 * np.pi * np.arange(CORNERS) / CORNERS
        corners = np.round(x / 2 * (1 + np.column_stack([np.cos(turns), np.sin(turns)])), 3)
        return tuple((float(a), float(b)) for a, b in corners)

    def room_mm(self, width_mm: float, depth_mm: float) -> tuple[float, float]:
        """Room for parts round the middle of the bed.

        Parameters
        ----------
        width_mm, depth_mm : float
            Sides of a rectangle, whose proportions count on a round bed.

        Returns
        -------
        tuple of float
            Width and depth: the whole of a rectangular bed, the inscribed rectangle of a round one.
        """
        if not self.is_round:
            return self.bed_mm[0], self.bed_mm[1]
        larger = self.bed_mm[0] / float(np.hypot(width_mm, depth_mm))
        return width_mm * larger, depth_mm * larger

    def fits(self, size_mm: tuple[float, float, float]) -> bool:
        """Whether a part stands on the bed, turned by a quarter if that helps.

        Parameters
        ----------
        size_mm : tuple of float
            Width, depth and height of the part.

        Returns
        -------
        bool
            True if it does.
        """
        x, y, z = size_mm
        bed_x, bed_y, bed_z = (length + HAIR_MM for length in self.bed_mm)
        if self.is_round:
            return z <= bed_z and float(np.hypot(x, y)) <= bed_x
        return z <= bed_z and (min(x, y) <= min(bed_x, bed_y) and max(x, y) <= max(bed_x, bed_y))

    def holds(self, low_mm: tuple[float, float, float], high_mm: tuple[float, float, float]) -> bool:
        """Whether what reaches from one corner to another stays above the bed.

        Parameters
        ----------
        low_mm, high_mm : tuple of float
            The corners, in the bed's own coordinates.

        Returns
        -------
        bool
            True if it does.
        """
        low, high, bed = np.array(low_mm), np.array(high_mm), np.array(self.bed_mm)
        if not self.is_round:
            return bool(np.all(low >= 0) and np.all(high <= bed))
        far = np.maximum(np.abs(low[:2] - bed[:2] / 2), np.abs(high[:2] - bed[:2] / 2))
        return bool(low[2] >= 0 and high[2] <= bed[2] and np.hypot(*far) <= bed[0] / 2)


PRINTERS = {
    "ender3": Printer("ender3", (220.0, 220.0, 250.0)),
    "mk4": Printer("mk4", (250.0, 210.0, 220.0)),
    "mini": Printer("mini", (180.0, 180.0, 180.0)),
    "x1": Printer("x1", (256.0, 256.0, 256.0)),
    "xl": Printer("xl", (360.0, 360.0, 360.0)),
}
