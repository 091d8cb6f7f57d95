"""Joints between the storeys of a terrace, and chutes past its ranks of inputs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

ARCH = float(np.tan(np.radians(60.0)))  # of what straddles a wall below a joint
AHEAD_MM = 3.0  # of material ahead of a dovetail's slot


def fork_mm(wall_mm: float, plate_mm: float, air_mm: float, prong_mm: float) -> float:
    """Height of the arch that straddles a wall, from the rim to where a divider stands on it."""
    return ARCH * ((wall_mm - plate_mm) / 2 + air_mm + prong_mm)


@dataclass(frozen=True)
class Chute:
    """A way past a rank of inputs for the water of the ranks behind it: a cell of that row which keeps nothing.

    It stands in ``rank`` with its middle at ``x_mm``, ``width_mm`` wide, and leads to the vessel ``target``. Its floor
    falls at ``slope`` (rise over run) to a sill as high as its row's, and its water leaves through gutter ``layer``.
    """

    rank: int
    target: str
    x_mm: float
    width_mm: float
    slope: float
    layer: int


@dataclass(frozen=True)
class Joint:
    """Where a terrace is parted into storeys: row ``tier`` is the first of the lower one.

    The storey above stands on a plane ``plane_mm`` above the table, on the end walls of the lower one. Everything that
    hangs over the row below ends on that plane, ``hang_mm`` below the row's rim and no farther forward than
    ``front_mm``, and straddles its walls: ``prong_mm`` thick on both sides, with ``air_mm`` between, so that films drip
    into the row and never find the joint. Tongues on the lower storey's end walls, ``tongue_mm`` (back, front, width,
    height), stand in sockets of the upper one with ``play_mm`` on every side.
    Where ``dovetails_mm`` (width at the root and at the end, length, height) are given, those end walls are a stand of
    their own behind the lower storey, held to it by two of them.
    """

    tier: int
    plane_mm: float
    front_mm: float
    hang_mm: float
    air_mm: float
    prong_mm: float
    tongue_mm: tuple[float, float, float, float]
    play_mm: float
    dovetails_mm: tuple[float, ...] = field(default=(), metadata={"sparse": True})

    @property
    def apart(self) -> bool:
        """Whether a stand of its own carries the storey above."""
        return len(self.dovetails_mm) == 4  # a joint with other numbers breaks a rule

    @property
    def block_mm(self) -> float:
        """How far the blocks with the dovetails' slots reach into the storey in front of the stand."""
        return self.dovetails_mm[2] + AHEAD_MM
