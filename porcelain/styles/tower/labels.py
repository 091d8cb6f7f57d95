"""Where the names of a tower stand: on outer walls with no pipe in front, on the side that is looked at if possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...arrays import Floats
from ...geometry import stroke_font
from ...machine.label import Label, clear_mm, face_mm, reading, shadow_mm, tall_mm
from ...machine.layouts import SEAT_RIM_MM, Tower
from ...machine.vessel import Bucket, Cup, Vessel
from ...printer import Printer
from ..letters import RELIEF_MM, stroke_mm, text_mm
from ..requirements import Placed
from .rows import FALL

LINES, LISTED = 2, 4  # of a bucket's own name, and of all names of a row's end
TOP_MM, BOTTOM_MM, ASIDE_MM = 1.2, 1.2, 1.2  # of wall above and below what is written, and beside a cup's class
STEP_MM = 1.0  # from one height that is tried to the next
NARROW_MM, AWAY_MM = 40.0, 20.0  # so far below the rim a name may stand to have letters of full width, or face us
FRONT = np.array([0.5, -1.0, 0.0])  # one stands before -y and a little to the right


@dataclass(frozen=True)
class Side:
    """An outer wall of a row: the way it faces, what pipes hide of it, and how far it goes on below floors."""

    out: Floats
    shadow: Floats
    under_mm: float


def lettered(placed: Placed, printer: Printer) -> Tower:
    """The layout with names on its vessels. A vessel without a free wall has no name."""
    bare = placed.layout
    assert isinstance(bare, Tower)
    layout = replace(bare, text_mm=text_mm(printer), stroke_mm=stroke_mm(printer), relief_mm=RELIEF_MM)
    found = [label for k in range(len(placed.tiers)) for label in _on_row(k, placed, layout)]
    cups = [on_cup(cup, layout, _front(placed.cups)) for cup in placed.cups]
    return replace(layout, labels=(*found, *(label for label in cups if label)))


def on_cup(cup: Cup, layout: Tower, out: Floats) -> Label | None:
    """A cup's class below its rim, or its short name where that does not fit."""
    room = _wide_mm(cup, reading(out)) - ASIDE_MM
    foot = float(cup.at_mm[2]) + cup.rim_mm - layout.text_mm - TOP_MM
    if layout.mast_mm and foot < layout.foot_mm + SEAT_RIM_MM + BOTTOM_MM:
        return None
    for name in (cup.label, cup.name):
        if stroke_font.step_mm(name, layout.text_mm, room - layout.stroke_mm):
            return _label(cup, [name], layout, out, float(reading(out) @ cup.at_mm), foot, room)
    return None


def _front(row: Sequence[Vessel]) -> Floats:
    """Out of a row's front."""
    along = int(np.abs(row[0].at_mm[:2]).argmax())
    return np.eye(3)[1 - along] * np.sign(FRONT[1 - along])


def _on_row(k: int, placed: Placed, layout: Tower) -> Iterator[Label]:
    """A row's names, each on its bucket; where pipes leave no room, those of that end on its end wall, inwards."""
    row, front = placed.tiers[k], _front(placed.tiers[k])
    names = {bucket.name for bucket in row}
    pipes = [pipe for pipe in placed.pipes if pipe.source in names]
    under = _wide_mm(row[0], front) / 2 * FALL
    sides = [
        Side(out, shadow_mm(pipes, layout.pipe_wall_mm, out, face_mm(row[0], layout.wall_mm, out)), under)
        for out in (front, -front)
    ]
    for beyond in (reading(front), -reading(front)):
        end = Side(beyond, np.empty((0, 3)), 0.0)
        inwards = sorted((b for b in row if b.at_mm @ beyond > 0), key=lambda b: -float(b.at_mm @ beyond))
        found = []
        for bucket in inwards:
            walls = [*sides, end] if bucket is inwards[0] else sides
            tried = [(bucket.label, LINES), (bucket.name, 1)][k > 0 :]
            found.append(_best(bucket, tried, walls, layout, k == 0))
        if None in found:
            every = " ".join(bucket.name for bucket in inwards)
            found[0] = _best(inwards[0], [(every, LISTED)], [end], layout, k == 0) or found[0]
        yield from (label for label in found if label)


def _best(bucket: Bucket, names: list[tuple[str, int]], sides: list[Side], layout: Tower, arrow: bool) -> Label | None:
    """Where the first of these names that fits, in so many lines at most, costs the reader least."""
    for name, most in names:
        if found := [place for side in sides for place in _places(bucket, name, most, layout, side, arrow)]:
            return min(found, key=lambda place: place[0])[1]
    return None


def _places(
    bucket: Bucket, name: str, most: int, layout: Tower, side: Side, arrow: bool
) -> Iterator[tuple[float, Label]]:
    """Free places for a name on one wall, and what they cost: how far they are below the rim, and more."""
    right, rim = reading(side.out), float(bucket.at_mm[2]) + bucket.rim_mm
    middle, half = float(right @ bucket.at_mm), _wide_mm(bucket, right) / 2 - layout.stroke_mm
    lowest = float(bucket.at_mm[2]) - layout.floor_mm - side.under_mm + BOTTOM_MM
    shadow = side.shadow[np.abs(side.shadow[:, 0] - middle) < half + side.shadow[:, 2]]
    for lines in range(1, most + 1):
        tall = tall_mm(lines, layout.text_mm, arrow)
        for foot in np.arange(rim - TOP_MM - tall, lowest, -STEP_MM):
            start, end = clear_mm(shadow, foot - BOTTOM_MM, foot + tall, (middle - half, middle + half))
            room = end - start - layout.stroke_mm
            words = stroke_font.lines(name, layout.text_mm, room, lines)
            if words and len(words) == lines:
                narrow = min(stroke_font.step_mm(word, layout.text_mm, room) or 0.0 for word in words)
                label = _label(bucket, words, layout, side.out, (start + end) / 2, foot, end - start)
                cost = rim - foot - tall + NARROW_MM * (1.0 - narrow * stroke_font.HIGH / layout.text_mm)
                yield cost + AWAY_MM * (side.out @ FRONT < 0), label


def _label(
    vessel: Vessel, lines: list[str], layout: Tower, out: Floats, along: float, foot: float, room: float
) -> Label:
    x, y, _ = np.round(out * face_mm(vessel, layout.wall_mm, out) + reading(out) * along, 2).tolist()
    text = tuple(stroke_font.plain(line) for line in lines)
    return Label(vessel.name, text, (x, y, round(float(foot), 2)), round(room - 0.005, 2))


def _wide_mm(vessel: Vessel, direction: Floats) -> float:
    """Inner size of a vessel along x or y."""
    return float(np.abs(direction[:2]) @ vessel.size_mm)
