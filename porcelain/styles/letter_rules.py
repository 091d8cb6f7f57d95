"""Rules of letters in every style: letters are of a size that the printer draws well."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Finding
from ..machine.layouts import Lettered
from .letters import TEXT_STROKES
from .limits import OFF_MM
from .rules import MEND

LEAST_TEXT_MM, MOST_TEXT_MM = 2.0, 10.0


def unreadable(layout: Lettered, wall_mm: float, line_mm: float) -> Iterator[Finding]:
    """Letters that no printer with a line this wide draws, or that outgrow their walls."""
    text = layout.text_mm > 0
    for what, value, low, high in (
        ("text_mm", layout.text_mm, LEAST_TEXT_MM * text, MOST_TEXT_MM),
        ("stroke_mm", layout.stroke_mm, line_mm * text, layout.text_mm / TEXT_STROKES if text else 5.0),
        ("relief_mm", layout.relief_mm, 0.1 * text, wall_mm),
    ):
        if not low - OFF_MM <= value <= high + OFF_MM:
            yield Finding("size", f"layout.{what}", f"{value:g}", f"{low:.3g} to {high:.3g}", MEND)
