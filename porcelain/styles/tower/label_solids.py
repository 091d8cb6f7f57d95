"""Labels of a tower: names with an arrow to what is poured into, and scales of cups, embossed on outer walls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.label import APART_MM, TIP_MM, Label, face_mm, reading
from ...machine.layouts import SEAT_RIM_MM, Tower
from ...machine.vessel import Cup, Vessel
from ..letter_solids import ARROW_MM, BELOW_MM, Wall, line, scale, ticks
from .walls import layout_of

DROP_MM = 1.5  # strokes lean back below, and a cup is put down loosely
UPWARDS_MM = [0.0, float(ARROW_MM[:, 1].min()) + TIP_MM] - ARROW_MM  # above a name


def labels(design: Design, vessels: Iterable[Vessel]) -> Iterator[Solid]:
    """All that is written on these vessels."""
    layout = layout_of(design)
    own = {vessel.name: vessel for vessel in vessels}
    for label in layout.labels if layout.text_mm else ():
        if label.vessel in own:
            yield from _label(design, layout, label, own[label.vessel])


def _label(design: Design, layout: Tower, label: Label, vessel: Vessel) -> Iterator[Solid]:
    wall = wall_of(label, vessel, layout)
    middle, foot, pitch = wall.along(np.array(label.at_mm)), label.at_mm[2], layout.text_mm + APART_MM
    for n, text in enumerate(reversed(label.lines)):
        yield from line(wall, layout, text, middle, foot + n * pitch, label.room_mm)
    if vessel in design.tiers[0]:
        top = foot + label.tall_mm(layout.text_mm, arrow=False)
        yield wall.raised(UPWARDS_MM + np.array([middle, top]), layout.relief_mm)
    if isinstance(vessel, Cup):
        seat = layout.foot_mm + SEAT_RIM_MM + DROP_MM
        yield from scale(wall, layout, vessel, (seat, foot - BELOW_MM), ticks(design.cups), side=-1)


def wall_of(label: Label, vessel: Vessel, layout: Tower) -> Wall:
    """The outer wall that a label is on."""
    out = label.out(vessel)
    return Wall(out * face_mm(vessel, layout.wall_mm, out), reading(out).tolist())
