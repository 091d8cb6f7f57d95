"""Rule of a terrace's volumes: a vessel holds as much as its design says.

The two are made apart from each other, slabs by the planner from a funnel's formula, hollows from solids. They differ
by less than a ten-thousandth of a millilitre, unless one of them was edited.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...errors import Finding
from ...geometry import solids
from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.layouts import Terrace
from ...machine.vessel import Vessel
from ...units import MM3_PER_ML
from ..rules import MEND
from . import solids as terrace
from .cells import left_to_right

OFF = (1e-3, 0.01)  # relative, and mL


def hollows(design: Design, _: Terrace) -> Iterator[Finding]:
    """Vessels whose slabs hold more or less water than the machine will, each with the level where most is off."""
    for vessel, hollow in _rooms(design):
        levels = vessel.slab_tops_mm
        told, room = vessel.volume_ml(levels), np.array([_below_ml(hollow, vessel, level) for level in levels])
        beyond = np.abs(told - room) - np.maximum(OFF[0] * room, OFF[1])
        if beyond.max() > 0:
            n = int(beyond.argmax())
            rule = f"water below {levels[n]:.2f} mm by its slabs"
            yield Finding(rule, vessel.name, f"{told[n]:.4g} mL", f"the {room[n]:.4g} mL that its walls leave", MEND)


def _rooms(design: Design) -> Iterator[tuple[Vessel, Solid]]:
    """What water may fill in each vessel, less the baffle that stands in it."""
    for bucket in design.buckets:
        hollow = terrace.hollow(design, bucket)
        splits = len(design.branches(bucket.name)) > 1
        yield bucket, solids.cut(hollow, [terrace.baffle(design, bucket)]) if splits else hollow
    yield from zip(left_to_right(design.cups), terrace.cup_hollows(design), strict=True)


def _below_ml(hollow: Solid, vessel: Vessel, level_mm: float) -> float:
    floor = float(vessel.at_mm[2])
    return float(solids.between(hollow, floor, floor + level_mm).volume()) / MM3_PER_ML
