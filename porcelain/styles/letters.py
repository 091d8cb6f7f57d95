"""Letters as this printer draws them well, on either body."""

from __future__ import annotations

from ..printer import Printer

TEXT_MM, RELIEF_MM = 3.5, 0.5
STROKE_MM, STROKE_NOZZLES = 0.7, 1.4  # a wider nozzle draws wider strokes


def stroke_mm(printer: Printer) -> float:
    """Width of a letter's strokes."""
    return round(max(STROKE_MM, STROKE_NOZZLES * printer.nozzle_mm), 2)
