"""Rules of a terrace's joints: storeys stand on planes at the height of their rows, with air between them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...errors import Finding
from ...machine.design import Design
from ...machine.joint import Joint
from ...machine.layouts import Terrace
from ..limits import OFF_MM
from ..rules import MEND

LEAST_AIR_MM = 1.0  # films bridge less
MOST_MM = 20.0
TONGUE_LEAST_MM = 5.0  # long


def joints(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Every broken rule of a terrace's joints."""
    tiers = [0, *(joint.tier for joint in layout.joints), len(design.tiers)]
    for n, (above, below) in enumerate(pairwise(tiers)):
        if below <= above:
            limit = f"{above + 1} to {len(design.tiers) - 1}"
            yield Finding("first row below its joint", f"t{n}", str(below), limit, MEND)
            return
    for n, joint in enumerate(layout.joints):
        yield from _placed(design, layout, joint, f"t{n}")
        yield from _sized(design, layout, joint, f"t{n}")


def _placed(design: Design, layout: Terrace, joint: Joint, name: str) -> Iterator[Finding]:
    """It hangs as far below the row's rims as it says, and as far forward as the last gutter's shield."""
    k = joint.tier
    rim = max(float(b.at_mm[2]) + b.rim_mm for b in design.tiers[k])
    front = layout.layer_mm(k - 1, layout.layers[k - 1]) + joint.prong_mm
    for rule, value, limit in (
        ("height of its plane", joint.plane_mm, rim - joint.hang_mm),
        ("front over the row below", joint.front_mm, front),
    ):
        if abs(value - limit) > OFF_MM:
            yield Finding(rule, name, f"{value:g} mm", f"{limit:.2f} mm", MEND)


def _sized(design: Design, layout: Terrace, joint: Joint, name: str) -> Iterator[Finding]:
    """Prongs that print, air that parts films, tongues with play between the heel and the row's own end walls."""
    line, lines, play = design.printer.nozzle_mm, design.printer.two_lines_mm, joint.play_mm
    back, front, width, height = joint.tongue_mm
    room = float(layout.fronts_mm[joint.tier - 1]) - 3 * layout.wall_mm - 2 * joint.air_mm - 2 * play
    root, end, *rest = joint.dovetails_mm or (line, line, line, line)
    for what, value, low, high in (
        ("hang_mm", joint.hang_mm, 2 * joint.air_mm, MOST_MM),
        ("air_mm", joint.air_mm, LEAST_AIR_MM, MOST_MM),
        ("prong_mm", joint.prong_mm, lines, MOST_MM),
        ("play_mm", play, 0.0, joint.air_mm / 2),
        ("tongue_mm[0]", back, layout.heel_mm + layout.wall_mm, front - TONGUE_LEAST_MM),
        ("tongue_mm[1]", front, back + TONGUE_LEAST_MM, room),
        ("tongue_mm[2]", width, lines, MOST_MM),
        ("tongue_mm[3]", height, lines, MOST_MM),
        ("dovetails_mm[0]", root, line, end),
        ("dovetails_mm[1]", end, root, MOST_MM / 2),
        *((f"dovetails_mm[{n}]", value, line, MOST_MM) for n, value in enumerate(rest, 2)),
    ):
        if not low - OFF_MM <= value <= high + OFF_MM:
            yield Finding(f"joint's {what}", name, f"{value:g} mm", f"{low:.2f} to {high:.2f} mm", MEND)
    if len(joint.dovetails_mm) not in (0, 4):
        yield Finding("count", f"joint's dovetails_mm of {name}", str(len(joint.dovetails_mm)), "4, or none", MEND)
