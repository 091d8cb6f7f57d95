"""What a terrace stands on: end walls as legs, a bar between them, and three ears for levelling screws."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...geometry import solids
from ...geometry.extrude import along_x, box
from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.layouts import Terrace
from . import label_solids
from .cells import terrace

CORNERS = 24
CLEAR_MM = 3.0
STEEP = float(np.tan(np.radians(65.0)))  # with a roof or an underside in front of it, it closes as outlines.point does


def legs_and_ears(design: Design) -> Iterator[Solid]:
    """Legs with windows, the bar and the ears."""
    b = terrace(design)
    front = float(b.fronts_mm[-2])
    tiers = range(len(design.tiers))
    low = [min(float(v.at_mm[2]) for v in design.tiers[k]) for k in tiers]
    for x in (0.0, b.width_mm - b.wall_mm):
        wall = [box([x, b.heel_mm, 0.0], [x + b.wall_mm, front, low[-1] + b.wall_mm])]
        for k in tiers:
            back = b.heel_mm if k == 0 else float(b.fronts_mm[k - 1]) - b.wall_mm
            rim = float(design.tiers[k][0].at_mm[2]) + design.tiers[k][0].rim_mm + (b.step_mm if k else 0.0)
            wall.append(box([x, back, 0.0], [x + b.wall_mm, float(b.fronts_mm[k]), rim]))
        outline = window(design, b)
        yield solids.cut(solids.union(wall), [along_x(outline, x - 1.0, x + b.wall_mm + 1.0)] if outline else [])
    yield from stand(b)


def stand(b: Terrace) -> Iterator[Solid]:
    """The bar between the heels, and the ears."""
    depth, height = b.foot_mm
    yield box([0.0, b.heel_mm, 0.0], [b.width_mm, b.heel_mm + depth, height])
    side, tall = b.ear_mm
    for x, y in ears(b) if side else ():
        yield box([x - side / 2, y - side / 2, 0.0], [x + side / 2, y + side / 2, tall])


def window(design: Design, b: Terrace) -> list[tuple[float, float]]:
    """Outline (y, z) of the opening in an end wall: below the undersides, roofed, and clear of the rows' names."""
    rise = float(np.tan(np.radians(b.roof_deg)))
    near, far = b.heel_mm + b.frame_mm, float(b.fronts_mm[-2]) - b.wall_mm - b.frame_mm
    bottom = b.frame_mm
    peak = near
    for row in design.tiers:
        (middle, room), lines = label_solids.beside_mm(b, row), label_solids.feet_mm(b, row)
        back = max(middle - room / 2, near)
        if lines and bottom + rise * (far - back) > min(lines) - CLEAR_MM:
            peak = max(peak, far - (min(lines) - CLEAR_MM - bottom) / rise)
    if far - peak < CLEAR_MM:
        return []
    high = bottom + rise * (far - peak)
    low = high - STEEP * (peak - near)
    outline = [(max(near, peak - (high - bottom) / STEEP), bottom), (far, bottom), (peak, high)]
    return outline if peak == near or low <= bottom else [*outline, (near, low)]


def ears(b: Terrace) -> list[tuple[float, float]]:
    """Middles (x, y) of the levelling screws: two beside the cups, one behind."""
    side = float(b.ear_mm[0])
    front = float(b.fronts_mm[-1]) - side
    return [(-side / 2 + 0.4, front), (b.width_mm + side / 2 - 0.4, front), (b.width_mm / 2, b.heel_mm + side / 2)]


def screws(design: Design) -> list[Solid]:
    """Their holes, to be cut last, wider by what a printed hole loses; the polygon has a circle's area."""
    b = terrace(design)
    turn = np.arange(CORNERS) * 2 * np.pi / CORNERS
    radius = (
        (b.screw_mm + design.printer.hole_shrink_mm) / 2 * np.sqrt(2 * np.pi / CORNERS / np.sin(2 * np.pi / CORNERS))
    )
    circle = np.column_stack([np.cos(turn), np.sin(turn)]) * radius
    side, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    return [
        solids.prism(circle, np.array([x, y, -1.0]), side, up, float(b.ear_mm[1]) + 2.0)
        for x, y in (ears(b) if b.ear_mm[0] else ())
    ]
