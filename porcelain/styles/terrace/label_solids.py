"""Marks: names, scales and a level line, embossed on upright walls. Each stroke leans back below to carry itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Floats
from ...geometry import solids, stroke_font
from ...geometry.extrude import box
from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.layouts import Lettered, Terrace
from ...machine.vessel import Bucket, Cup
from ...units import MM3_PER_ML
from . import lips
from .fittings import CLOSE_MM, LINES

LINE_MM = 1.5  # between two lines
ARROW_MM = np.array([[0.0, 0.2], [1.3, 2.1], [-1.3, 2.1]])  # steeper than 45 degrees, to carry itself
ROOT_MM = 0.2  # a stroke reaches this far into its wall
UNEVEN_MM = 0.01
LEAN = 1.25  # a stroke's foot comes out of an upright wall this much lower than its face, per relief
CORNERS = np.array([[-1.0, -0.414], [-0.414, -1.0], [0.414, -1.0], [1.0, -0.414]])
CORNERS = np.concatenate([CORNERS, -CORNERS])
SCALES_ML = (1, 2, 5, 10, 20, 50, 100, 200, 500)
TICK_MM = 2.4  # least distance of two marks
NUMERAL_MM = 5.5  # and of two numerals
BESIDE_MM, BELOW_MM = 3.0, 2.5  # a scale stays this far from its cup's right wall and from the class's name
TICK_LENGTHS_MM = (3.0, 5.0)


class Wall:
    """A plane: a point in it, the direction in which one reads and the one up it; its face looks at the reader."""

    def __init__(self, origin: ArrayLike, reading: list[float], up: ArrayLike = (0.0, 0.0, 1.0)) -> None:
        self.origin, self.reading, self.up = np.asarray(origin), np.array(reading), np.asarray(up)
        self.out = np.cross(self.reading, self.up)
        self.lean = float(np.tan(np.arctan(LEAN) - np.arcsin(self.out[2])))  # less where the face looks up

    def along(self, point_mm: Floats) -> float:
        """How far along the wall a point (3,) stands, in the direction in which one reads."""
        return float(self.reading @ (point_mm - self.origin))

    def stroke(self, ends: Floats, width: float, relief: float) -> Solid:
        """One stroke (2, 2) in the wall's own (along, up)."""
        return self.raised(np.concatenate([ends[0] + CORNERS * width / 2, ends[1] + CORNERS * width / 2]), relief)

    def raised(self, outline: Floats, relief: float) -> Solid:
        """A convex outline (k, 2) raised from the wall."""
        foot = outline - [0.0, self.lean * relief]
        points = [self._at(p, relief) for p in outline]
        points += [self._at(p, -ROOT_MM) for p in (*outline, *(foot - [0.0, self.lean * ROOT_MM]))]
        return solids.hull(np.array(points))

    def _at(self, point: Floats, out: float) -> Floats:
        return np.asarray(self.origin + self.reading * point[0] + self.up * point[1] + self.out * out)


def marks(design: Design) -> list[Solid]:
    """Everything that is written on a terrace, and the board for the inputs' names."""
    body = design.layout
    assert isinstance(body, Terrace)
    if not body.text_mm:
        return []
    board = [] if body.joint(0) else _board(design, body)
    cups = [] if body.joint(len(design.tiers)) else _cups(design, body)
    return [*board, *_rows(design, body), *cups]


def line(wall: Wall, body: Lettered, text: str, middle: float, foot: float, room: float) -> Iterator[Solid]:
    """A line of text about its middle, as wide as it likes to be or as its room."""
    step = stroke_font.step_mm(text, body.text_mm, room - body.stroke_mm)
    if step is None:
        return
    for n, ends in enumerate(stroke_font.strokes_mm(text, body.text_mm, step)):
        # no two neighbours have their faces in one plane, lest they touch along an edge only
        relief = body.relief_mm + UNEVEN_MM * (n % 5)
        yield wall.stroke(ends + np.array([middle, foot]), body.stroke_mm, relief)


def _board(design: Design, body: Terrace) -> Iterator[Solid]:
    """Behind the buckets that are poured into, on a low board or the funnel's back: their names, an arrow to each."""
    rim = float(design.tiers[0][0].at_mm[2]) + design.tiers[0][0].rim_mm
    thick, high = body.board_mm
    foot, head = [0.0, float(thick), rim], [0.0, float(thick), rim + high]
    leans = bool(body.funnel_mm)
    if leans:
        foot, head = lips.back(body, rim)
    else:
        yield box([0.0, 0.0, rim - ROOT_MM], [body.width_mm, thick, rim + high])
    tall = float(np.linalg.norm(np.subtract(head, foot)))
    wall = Wall(foot, [-1.0, 0.0, 0.0], np.subtract(head, foot) / tall)  # seen from the front x runs to the left
    for bucket in design.tiers[0]:
        room = bucket.size_mm[0] - 2 * body.stroke_mm
        names = stroke_font.lines(bucket.label, body.text_mm, room - body.stroke_mm, LINES) or [bucket.name.upper()]
        middle, first = -float(bucket.at_mm[0]), tall - body.stroke_mm * (1 + leans) - body.text_mm
        yield wall.raised(ARROW_MM + np.array([middle, 0.0]), body.relief_mm)
        for n, name in enumerate(names, LINES - len(names)):
            yield from line(wall, body, name, middle, first - n * (body.text_mm + CLOSE_MM), room)


def _rows(design: Design, body: Terrace) -> Iterator[Solid]:
    """On an end wall, beside each row: its buckets' names, as they stand from left to right."""
    wall = Wall([body.width_mm, 0.0, 0.0], [0.0, 1.0, 0.0])
    for row in design.tiers:
        middle, room = beside_mm(body, row)
        named = [bucket for bucket in row if not bucket.is_chute]
        for bucket, foot in zip(sorted(named, key=lambda b: -float(b.at_mm[0])), feet_mm(body, row), strict=False):
            yield from line(wall, body, bucket.name.upper(), middle, foot, room)


def beside_mm(body: Terrace, row: tuple[Bucket, ...]) -> tuple[float, float]:
    """Middle along y and width of a row's names on the end wall, which begins at the heel below the first row."""
    heel = max(body.heel_mm, 0.0)
    return float(row[0].at_mm[1]) + heel / 2, row[0].size_mm[1] - heel


def feet_mm(body: Terrace, row: tuple[Bucket, ...]) -> list[float]:
    """Feet of the lines of a row's names on the end wall, from the sill downwards, as many as stand above the ears."""
    pitch = body.text_mm + LINE_MM
    sill = float(row[0].at_mm[2]) + row[0].outlet.sill_mm
    feet = [sill - pitch * n for n in range(1, len(row) + 1)]
    low = body.ear_mm[1] + 4.0 + body.eaves_mm()
    return [foot for foot in feet if foot > low] if body.text_mm else []


def _cups(design: Design, body: Terrace) -> Iterator[Solid]:
    """On each cup's front: the class, a scale in mL, and a line across all cups to level by."""
    wall = Wall([0.0, float(body.fronts_mm[-1]), 0.0], [-1.0, 0.0, 0.0])
    for cup in design.cups:
        room = cup.size_mm[0] - 2.0
        top = float(cup.at_mm[2]) + cup.rim_mm - body.text_mm - 2.0
        yield from line(wall, body, _fitting(body, cup, room), -float(cup.at_mm[0]), top, room)
        yield from scale(wall, body, cup, (0.0, top - BELOW_MM), ticks(design.cups if design.even_cups else (cup,)))
    level = float(design.cups[0].at_mm[2]) + body.level_mm
    for x in (0.5, body.width_mm - 2.5):
        yield wall.stroke(np.array([[-x, level], [-x - 2.0, level]]), body.stroke_mm, body.relief_mm)


def _fitting(body: Terrace, cup: Cup, room: float) -> str:
    """A cup's class, or its short name where that does not fit."""
    label = stroke_font.plain(cup.label)
    return label if stroke_font.step_mm(label, body.text_mm, room - body.stroke_mm) else cup.name.upper()


def ticks(cups: Sequence[Cup]) -> tuple[int, int]:
    """Steps in mL of cups' marks and of their numerals: as fine as they print apart, where they are widest."""
    per_ml = MM3_PER_ML / max(float(cup.slab_areas_mm2.max()) for cup in cups)
    fine = next((s for s in SCALES_ML if s * per_ml >= TICK_MM), SCALES_ML[-1])
    numbered = next((s for s in SCALES_ML if s * per_ml >= NUMERAL_MM and s % fine == 0), SCALES_ML[-1])
    return fine, numbered


def scale(
    wall: Wall, body: Lettered, cup: Cup, between: tuple[float, float], steps: tuple[int, int], side: int = 1
) -> Iterator[Solid]:
    """A cup's marks in mL and their numerals between two heights, on its right ``side`` (1) or its left (-1).

    A cup too narrow for them bears none.
    """
    fine, numbered = steps
    room, half = 2.2 * body.text_mm, float(np.abs(wall.reading[:2]) @ cup.size_mm) / 2
    end = wall.along(cup.at_mm) + side * (half - BESIDE_MM)  # clear of the line to level by
    if BESIDE_MM + TICK_LENGTHS_MM[1] + 1.0 + room > 2 * half:
        return
    for ml in range(fine, int(cup.capacity_ml) + 1, fine):
        z = float(cup.at_mm[2]) + float(cup.level_mm(ml))
        if not between[0] <= z - body.text_mm / 2 <= z + body.text_mm / 2 <= between[1]:
            continue
        long = TICK_LENGTHS_MM[ml % numbered == 0]
        yield wall.stroke(np.array([[end - side * long, z], [end, z]]), body.stroke_mm, body.relief_mm)
        if ml % numbered == 0:
            middle = end - side * (long + 1.0 + room / 2)
            yield from line(wall, body, str(ml), middle, z - body.text_mm / 2, room)
