"""Thickness of a tower's walls, floors and mast, and distances of its channels, as functions of the printer."""

from __future__ import annotations

from dataclasses import dataclass

from ...machine.design import Design
from ...machine.layouts import Tower
from ...printer import Printer
from ..limits import between_mm, up_mm

PIPE_WALL_MM = 1.2  # three lines of a 0.4 nozzle: water runs through a channel and does not stand in it
FLOOR_MM = 1.6
FOOT_MM = 2.0
MAST_MM = 20.0


def layout_of(design: Design) -> Tower:
    """The layout of a design, known to be a tower."""
    assert isinstance(design.layout, Tower)
    return design.layout


@dataclass(frozen=True)
class Walls:
    """Thicknesses in a tower, in mm.

    ``wall_mm`` is round standing water and ``pipe_mm`` round a channel. ``floor_mm`` is under a vessel and ``foot_mm``
    under the base plate's seats. ``mast_mm`` is the side of the square mast, which is hollow. ``between_mm`` is the
    least distance of two channels.
    """

    wall_mm: float
    pipe_mm: float
    floor_mm: float
    foot_mm: float
    mast_mm: float
    between_mm: float

    @classmethod
    def of(cls, printer: Printer) -> Walls:
        """The thicknesses for a printer: none is thinner than two lines of its nozzle.

        >>> from porcelain.printer import PRINTERS
        >>> Walls.of(PRINTERS["ender3"]).pipe_mm
        1.2
        >>> Walls.of(PRINTERS["ender3"].changed(nozzle_mm=0.8)).pipe_mm
        1.6
        """
        lines, wall = printer.two_lines_mm, printer.min_wall_mm
        pipe = max(PIPE_WALL_MM, lines)
        mast = max(MAST_MM, float(up_mm(4 * wall + 2 * printer.clearance_mm)))
        between = between_mm(pipe, printer.nozzle_mm)
        return cls(wall, pipe, max(FLOOR_MM, lines), max(FOOT_MM, lines), mast, between)
