"""Embossed letters and scales: strokes on a wall, which lean back below so that they print without support."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..geometry import solids, stroke_font
from ..geometry.solids import Solid
from ..machine.layouts import Lettered
from ..machine.vessel import Cup
from ..units import MM3_PER_ML

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


def line(wall: Wall, layout: Lettered, text: str, middle: float, foot: float, room: float) -> Iterator[Solid]:
    """A line of text about its middle, as wide as it likes to be or as its room."""
    step = stroke_font.step_mm(text, layout.text_mm, room - layout.stroke_mm)
    if step is None:
        return
    for n, ends in enumerate(stroke_font.strokes_mm(text, layout.text_mm, step)):
        # no two neighbours have their faces in one plane, lest they touch along an edge only
        relief = layout.relief_mm + UNEVEN_MM * (n % 5)
        yield wall.stroke(ends + np.array([middle, foot]), layout.stroke_mm, relief)


def ticks(cups: Sequence[Cup]) -> tuple[int, int]:
    """Steps in mL of cups' marks and of their numerals: as fine as they print apart, where they are widest."""
    per_ml = MM3_PER_ML / max(float(cup.slab_areas_mm2.max()) for cup in cups)
    fine = next((s for s in SCALES_ML if s * per_ml >= TICK_MM), SCALES_ML[-1])
    numbered = next((s for s in SCALES_ML if s * per_ml >= NUMERAL_MM and s % fine == 0), SCALES_ML[-1])
    return fine, numbered


def scale(
    wall: Wall, layout: Lettered, cup: Cup, between: tuple[float, float], steps: tuple[int, int], side: int = 1
) -> Iterator[Solid]:
    """A cup's marks in mL and their numerals between two heights, on its right ``side`` (1) or its left (-1).

    A cup too narrow for them bears none.
    """
    fine, numbered = steps
    room, half = 2.2 * layout.text_mm, float(np.abs(wall.reading[:2]) @ cup.size_mm) / 2
    end = wall.along(cup.at_mm) + side * (half - BESIDE_MM)  # clear of the line to level by
    if BESIDE_MM + TICK_LENGTHS_MM[1] + 1.0 + room > 2 * half:
        return
    for ml in range(fine, int(cup.capacity_ml) + 1, fine):
        z = float(cup.at_mm[2]) + float(cup.level_mm(ml))
        if not between[0] <= z - layout.text_mm / 2 <= z + layout.text_mm / 2 <= between[1]:
            continue
        long = TICK_LENGTHS_MM[ml % numbered == 0]
        yield wall.stroke(np.array([[end - side * long, z], [end, z]]), layout.stroke_mm, layout.relief_mm)
        if ml % numbered == 0:
            middle = end - side * (long + 1.0 + room / 2)
            yield from line(wall, layout, str(ml), middle, z - layout.text_mm / 2, room)
