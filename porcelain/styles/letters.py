"""Sizes of letters and strokes that a printer draws well."""

from __future__ import annotations

from ..printer import Printer

TEXT_MM, RELIEF_MM = 3.5, 0.5
STROKE_MM, STROKE_NOZZLES = 0.7, 1.4  # a wider nozzle draws wider strokes
TEXT_STROKES = 3.0  # letters are at least so many strokes high


def stroke_mm(printer: Printer) -> float:
    """Width of a letter's strokes."""
    return round(max(STROKE_MM, STROKE_NOZZLES * printer.nozzle_mm), 2)


def text_mm(printer: Printer) -> float:
    """Height of a letter: no less than three of its strokes."""
    return round(max(TEXT_MM, TEXT_STROKES * stroke_mm(printer)), 2)
