"""Limits and lengths that all styles share, in their layouts and in their rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..geometry import channel
from ..printer import Printer

OFF_MM = 0.05  # lengths in a design are rounded to a hundredth
ROOF_DEG = 50.0  # overhangs at 45 degrees still draw support here and there; at 50 none
ROOFS_DEG = (47.0, 75.0)  # what is accepted: at 45 degrees a slicer draws support
MAX_OUTLET_MM2 = 110.0  # a wider outlet drains a hand-sized bucket in under a second and outgrows its wall
MARGIN_MM = 3.0  # of a wall above the water: still water is never quite still
TYPICAL_PART = 0.75  # a typical pour is this part of the most that is poured
AIR_MM, AIR_NOZZLES = 1.0, 1.25  # more than a nozzle is wide, or a slicer bridges it; and knees stand out a little


def up_mm(value: Any) -> Any:
    """To the next tenth of a millimetre, number or array."""
    return np.ceil(value * 10 - 1e-9) / 10


def between_mm(pipe_wall_mm: float, nozzle_mm: float) -> float:
    """Least distance between two channels: their walls, and air, so that a tier has no holes but its channels."""
    return 2 * pipe_wall_mm + max(AIR_MM, AIR_NOZZLES * nozzle_mm)


def share_floor(printer: Printer) -> float:
    """The smallest share that a printable channel of a printable outlet can carry."""
    return channel.area_mm2(printer.min_bore_mm) / MAX_OUTLET_MM2
