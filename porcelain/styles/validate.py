"""What a design must be for its meshes to mean anything: one that was edited by hand may be nothing of it.

The planner keeps these rules by itself. Each broken one is told of the vessel, pipe or joint that it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Finding
from ..machine.design import Design
from .base import style_of
from .water_rules import muddled, unkept


def impossible(design: Design) -> Iterator[Finding]:
    """Every rule that a design's millimetres break, and every promise of its water; planned ones break none."""
    yield from list(muddled(design)) or [*unkept(design), *style_of(design).violations(design)]
