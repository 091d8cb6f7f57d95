"""Labels of a terrace: names of its vessels, scales of its cups, and marks by which the machine is levelled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...geometry import stroke_font
from ...geometry.extrude import box
from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.layouts import Terrace
from ...machine.vessel import Bucket, Cup
from ..letter_solids import ARROW_MM, BELOW_MM, ROOT_MM, Wall, line, scale, ticks
from . import lips
from .cells import terrace
from .fittings import CLOSE_MM, LINES

LINE_MM = 1.5  # between two lines


def labels(design: Design) -> list[Solid]:
    """Everything that is written on a terrace, and the board for the inputs' names."""
    layout = terrace(design)
    if not layout.text_mm:
        return []
    board = [] if layout.joint(0) else _board(design, layout)
    cups = [] if layout.joint(len(design.tiers)) else _cups(design, layout)
    return [*board, *_rows(design, layout), *cups]


def _board(design: Design, layout: Terrace) -> Iterator[Solid]:
    """Behind the buckets that are poured into, on a low board or the funnel's back: their names, an arrow to each."""
    rim = float(design.tiers[0][0].at_mm[2]) + design.tiers[0][0].rim_mm
    thick, high = layout.board_mm
    foot, head = [0.0, float(thick), rim], [0.0, float(thick), rim + high]
    leans = bool(layout.funnel_mm)
    if leans:
        foot, head = lips.back(layout, rim)
    else:
        yield box([0.0, 0.0, rim - ROOT_MM], [layout.width_mm, thick, rim + high])
    tall = float(np.linalg.norm(np.subtract(head, foot)))
    wall = Wall(foot, [-1.0, 0.0, 0.0], np.subtract(head, foot) / tall)  # seen from the front x runs to the left
    for bucket in design.tiers[0]:
        room = bucket.size_mm[0] - 2 * layout.stroke_mm
        names = stroke_font.lines(bucket.label, layout.text_mm, room - layout.stroke_mm, LINES) or [bucket.name.upper()]
        middle, first = -float(bucket.at_mm[0]), tall - layout.stroke_mm * (1 + leans) - layout.text_mm
        yield wall.raised(ARROW_MM + np.array([middle, 0.0]), layout.relief_mm)
        for n, name in enumerate(names, LINES - len(names)):
            yield from line(wall, layout, name, middle, first - n * (layout.text_mm + CLOSE_MM), room)


def _rows(design: Design, layout: Terrace) -> Iterator[Solid]:
    """On an end wall, beside each row: its buckets' names, as they stand from left to right."""
    wall = Wall([layout.width_mm, 0.0, 0.0], [0.0, 1.0, 0.0])
    for row in design.tiers:
        middle, room = beside_mm(layout, row)
        named = [bucket for bucket in row if not bucket.is_chute]
        for bucket, foot in zip(sorted(named, key=lambda b: -float(b.at_mm[0])), feet_mm(layout, row), strict=False):
            yield from line(wall, layout, bucket.name.upper(), middle, foot, room)


def beside_mm(layout: Terrace, row: tuple[Bucket, ...]) -> tuple[float, float]:
    """Middle along y and width of a row's names on the end wall, which begins at the heel below the first row."""
    heel = max(layout.heel_mm, 0.0)
    return float(row[0].at_mm[1]) + heel / 2, row[0].size_mm[1] - heel


def feet_mm(layout: Terrace, row: tuple[Bucket, ...]) -> list[float]:
    """Feet of the lines of a row's names on the end wall, from the sill downwards, as many as stand above the ears."""
    pitch = layout.text_mm + LINE_MM
    sill = float(row[0].at_mm[2]) + row[0].outlet.sill_mm
    feet = [sill - pitch * n for n in range(1, len(row) + 1)]
    low = layout.ear_mm[1] + 4.0 + layout.eaves_mm()
    return [foot for foot in feet if foot > low] if layout.text_mm else []


def _cups(design: Design, layout: Terrace) -> Iterator[Solid]:
    """On each cup's front: the class, a scale in mL, and a line across all cups to level by."""
    wall = Wall([0.0, float(layout.fronts_mm[-1]), 0.0], [-1.0, 0.0, 0.0])
    for cup in design.cups:
        room = cup.size_mm[0] - 2.0
        top = float(cup.at_mm[2]) + cup.rim_mm - layout.text_mm - 2.0
        yield from line(wall, layout, _fitting(layout, cup, room), -float(cup.at_mm[0]), top, room)
        yield from scale(wall, layout, cup, (0.0, top - BELOW_MM), ticks(design.cups if design.even_cups else (cup,)))
    level = float(design.cups[0].at_mm[2]) + layout.level_mm
    for x in (0.5, layout.width_mm - 2.5):
        yield wall.stroke(np.array([[-x, level], [-x - 2.0, level]]), layout.stroke_mm, layout.relief_mm)


def _fitting(layout: Terrace, cup: Cup, room: float) -> str:
    """A cup's class, or its short name where that does not fit."""
    label = stroke_font.plain(cup.label)
    return label if stroke_font.step_mm(label, layout.text_mm, room - layout.stroke_mm) else cup.name.upper()
