"""Rules of a tower's labels: each is in an outer wall of its vessel, in lines that fit it, with no pipe in front."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...errors import Finding
from ...geometry import stroke_font
from ...machine.design import Design
from ...machine.label import Label, clear_mm, shadow_mm
from ...machine.layouts import SEAT_RIM_MM, Tower
from ...machine.vessel import Cup
from ..limits import OFF_MM
from ..rules import MEND
from .label_solids import wall_of


def misplaced(design: Design, layout: Tower, label: Label) -> Iterator[Finding]:
    """A name stands in an outer wall of its vessel, in lines that fit it, with no pipe in front."""
    vessel, told = next((v for v in design.vessels if v.name == label.vessel), None), " ".join(label.lines)
    room = label.room_mm - layout.stroke_mm
    if vessel is None or any(stroke_font.step_mm(text, layout.text_mm, room) is None for text in label.lines):
        yield Finding("name", label.vessel, told, f"lines that fit {label.room_mm:g} mm on a vessel", MEND)
        return
    wall, at = wall_of(label, vessel, layout), np.array(label.at_mm)
    middle, foot, half = wall.along(at), label.at_mm[2], label.room_mm / 2 - OFF_MM
    top = foot + label.tall_mm(layout.text_mm, vessel in design.tiers[0])
    sides, out = np.array(vessel.size_mm) / 2, np.abs(wall.out[:2])
    lowest = vessel.at_mm[2] - layout.floor_mm - float(out @ sides) * float(np.tan(np.radians(layout.roof_deg)))
    if isinstance(vessel, Cup) and layout.mast_mm:  # what stands in a seat has no room for letters
        lowest = layout.foot_mm + SEAT_RIM_MM
    beside = abs(middle - wall.along(vessel.at_mm)) + half - float(out[::-1] @ sides)
    off = (beside, abs(float(wall.out @ (at - wall.origin))), lowest - foot, top - vessel.at_mm[2] - vessel.rim_mm)
    if max(off) > OFF_MM:
        x, y, z = label.at_mm
        yield Finding("place of its name", vessel.name, f"({x:g}, {y:g}, {z:g}) mm", "in its outer wall", MEND)
        return
    tiers = [{bucket.name for bucket in row} for row in design.tiers]
    row = next((names for names in tiers if vessel.name in names), set())
    pipes = [pipe for pipe in design.pipes if pipe.source in row]
    shadow = shadow_mm(pipes, layout.pipe_wall_mm, wall.out, float(wall.out @ wall.origin))
    start, end = clear_mm(shadow, foot, top, (middle - half, middle + half))
    if end - start < 2 * half - OFF_MM:
        yield Finding("free wall for its name", vessel.name, f"{end - start:.1f} mm", f"{2 * half:.1f} mm", MEND)
