"""Sizes of a terrace's small parts, as functions of the printer: edges, steps, ears, the board and the funnel."""

from __future__ import annotations

import numpy as np

from ...printer import Printer
from ..letters import stroke_mm, text_mm
from ..limits import ROOF_DEG, up_mm

EDGE_MM = 0.8  # the flat of a sill's top
STEP_MM = 3.6  # walls are this much lower under the gutters, so that no film runs along their tops
EAR_MM = (9.0, 4.0)  # side and height
SCREW_MM = 3.6  # an M4 screw cuts its own thread
BOARD_MM = (1.2, 12.0)  # thickness, and height for two lines of letters and an arrow
FUNNEL_MM = 9.0  # height for two lines of letters on its back
LINES, CLOSE_MM = 2, 1.2  # of a name above its arrow
ARROW_ROOM_MM = 3.1  # below the last line


def edge_mm(printer: Printer) -> float:
    """Flat of a sill's top: one line of the nozzle, or more."""
    return max(EDGE_MM, printer.nozzle_mm)


def step_mm(printer: Printer) -> float:
    """How much lower the walls between cells are under the gutters: no less than a wall is thick."""
    return max(STEP_MM, printer.min_wall_mm)


def ear_mm(printer: Printer) -> tuple[float, float]:
    """Side and height of a levelling ear: a wall stands on either side of its screw."""
    side, height = EAR_MM
    return max(side, float(up_mm(SCREW_MM + 2 * printer.min_wall_mm))), height


def name_mm(text_mm: float, stroke_mm: float) -> float:
    """Height that a name of two lines takes."""
    return LINES * (text_mm + stroke_mm) + CLOSE_MM


def board_mm(printer: Printer) -> tuple[float, float]:
    """Thickness and height of the board with the inputs' names."""
    thick, high = BOARD_MM
    stroke = stroke_mm(printer)
    needed = float(up_mm(stroke + LINES * text_mm(printer) + CLOSE_MM + ARROW_ROOM_MM))
    return max(thick, printer.two_lines_mm), max(high, needed)


def funnel_mm(printer: Printer) -> float:
    """Height of the funnel: its leaning back holds a name of two lines."""
    tall = name_mm(text_mm(printer), stroke_mm(printer))
    return max(FUNNEL_MM, float(up_mm(tall * np.sin(np.radians(ROOF_DEG)))))
