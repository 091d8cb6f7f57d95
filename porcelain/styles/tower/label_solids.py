"""Labels of a tower: names with an arrow to what is poured into, and scales of cups, embossed on outer walls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.label import APART_MM, TIP_MM, Label, face_mm, reading
from ...machine.layouts import SEAT_RIM_MM, Tower
from ...machine.vessel import Cup, Vessel
from ..terrace.label_solids import ARROW_MM, BELOW_MM, Wall, line, scale, ticks

DROP_MM = 1.5  # strokes lean back below, and a cup is put down loosely
UPWARDS_MM = [0.0, float(ARROW_MM[:, 1].min()) + TIP_MM] - ARROW_MM  # above a name


def labels(design: Design, vessels: Iterable[Vessel]) -> Iterator[Solid]:
    """All that is written on these vessels."""
    body = design.layout
    assert isinstance(body, Tower)
    own = {vessel.name: vessel for vessel in vessels}
    for label in body.labels if body.text_mm else ():
        if label.vessel in own:
            yield from _label(design, body, label, own[label.vessel])


def _label(design: Design, body: Tower, label: Label, vessel: Vessel) -> Iterator[Solid]:
    wall = wall_of(label, vessel, body)
    middle, foot, pitch = wall.along(np.array(label.at_mm)), label.at_mm[2], body.text_mm + APART_MM
    for n, text in enumerate(reversed(label.lines)):
        yield from line(wall, body, text, middle, foot + n * pitch, label.room_mm)
    if vessel in design.tiers[0]:
        top = foot + label.tall_mm(body.text_mm, arrow=False)
        yield wall.raised(UPWARDS_MM + np.array([middle, top]), body.relief_mm)
    if isinstance(vessel, Cup):
        seat = body.foot_mm + SEAT_RIM_MM + DROP_MM
        yield from scale(wall, body, vessel, (seat, foot - BELOW_MM), ticks(design.cups), side=-1)


def wall_of(label: Label, vessel: Vessel, body: Tower) -> Wall:
    """The outer wall that a label is on."""
    out = label.out(vessel)
    return Wall(out * face_mm(vessel, body.wall_mm, out), reading(out).tolist())
