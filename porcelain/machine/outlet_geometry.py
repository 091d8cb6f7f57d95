"""Geometry of one outlet in the assembled machine's millimetres, for a free-surface simulation.

x runs along the sill, y towards the viewer, downstream, and z up, as in a Design.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from ..errors import PorcelainError
from ..units import MM3_PER_ML

SHALLOW_MM = 1.0  # a pool shallower than this is a ramp: its film is as thick


@dataclass(frozen=True)
class Compartment:
    """The part of a sill between two knives or walls, from ``low_mm`` to ``high_mm``; its water goes into ``pipe``."""

    pipe: str
    target: str
    low_mm: float
    high_mm: float

    @property
    def width_mm(self) -> float:
        return self.high_mm - self.low_mm


@dataclass(frozen=True)
class Opening:
    """An opening through a baffle from ``low_mm`` to ``high_mm`` along the sill.

    It starts at the floor, has upright sides ``height_mm`` high and ends in a point ``peak_mm`` above the floor.
    """

    low_mm: float
    high_mm: float
    height_mm: float
    peak_mm: float


@dataclass(frozen=True)
class Baffle:
    """A wall behind a sill over the whole width, between ``back_mm`` and ``front_mm``, with openings at the floor.

    Without openings it is a weir: water passes over its top only.
    """

    back_mm: float
    front_mm: float
    top_mm: float
    openings: tuple[Opening, ...]


@dataclass(frozen=True)
class Landing:
    """A vertical sheet of water that falls into the bucket: ``part`` of the inflow from ``low_mm`` to ``high_mm``.

    Its back face is at ``at_mm`` along y and it has fallen ``fall_mm`` on its way to the bucket's rim.
    """

    low_mm: float
    high_mm: float
    at_mm: float
    fall_mm: float
    part: float


@dataclass(frozen=True)
class OutletGeometry:
    """One outlet over a level sill.

    The bucket's inner walls are at ``left_mm``, ``right_mm``, ``back_mm`` and ``foot_mm`` (the inner face of the
    sill wall). Its floor is ``floor_mm`` above the table at the foot and rises backwards at ``slope`` (rise over
    run), from ``flat_mm`` behind the foot on. ``baffles`` stand behind the sill, the nearest to it last. The sill
    wall is ``wall_mm`` thick, its top ``sill_mm`` above the table, flat over ``edge_mm`` and then falling outwards
    at 45 degrees. The water falls freely for ``lip_mm`` below the sill. ``opening_mm`` is the height of the opening
    above the sill, ``rim_mm`` the height of the rim above the table. In front of the sill wall a compartment goes
    on between walls, but for knives between compartments of one pipe and for ends that are ``left_open`` or
    ``right_open``: there the neighbour's water falls into the same vessel, and nothing stands between. These walls
    end at the sill wall's outer face and begin again ``gap_mm`` below the sill; with 0 they go on without a gap.
    With ``lanes`` knives between compartments of one pipe go on as well. Knives stand on the sill behind its flat
    edge; with ``reach_mm`` they begin this far behind the sill wall, on the floor, or with ``hang_mm`` this far below
    the sill.
    """

    bucket: str
    left_mm: float
    right_mm: float
    back_mm: float
    foot_mm: float
    floor_mm: float
    slope: float
    sill_mm: float
    rim_mm: float
    wall_mm: float
    edge_mm: float
    lip_mm: float
    opening_mm: float
    compartments: tuple[Compartment, ...]
    landings: tuple[Landing, ...]
    baffles: tuple[Baffle, ...] = ()
    flat_mm: float = 0.0
    left_open: bool = False
    right_open: bool = False
    gap_mm: float = 0.0
    lanes: bool = False
    reach_mm: float = 0.0
    hang_mm: float = 0.0

    def __post_init__(self) -> None:
        if self.floor_mm > self.sill_mm or self.sill_mm >= self.rim_mm:
            raise PorcelainError(
                f"{self.bucket}: floor {self.floor_mm:g}, sill {self.sill_mm:g}, rim {self.rim_mm:g} mm; each must be"
                " above the one before it; raise the rim or lower the floor"
            )
        if not self.compartments or not self.landings:
            raise PorcelainError(f"{self.bucket} has no compartment or no inflow; a case needs one of each at least")

    @property
    def front_mm(self) -> float:
        """Outer face of the sill wall."""
        return self.foot_mm + self.wall_mm

    @property
    def depth_mm(self) -> float:
        """Depth of the pool at the sill wall."""
        return self.sill_mm - self.floor_mm

    def floor_at_mm(self, y_mm: float) -> float:
        """Height of the floor above the table."""
        return self.floor_mm + self.slope * max(self.foot_mm - self.flat_mm - y_mm, 0.0)

    @property
    def knives_mm(self) -> tuple[tuple[float, float], ...]:
        """Both faces of every knife on the sill, left to right."""
        edges = sorted(self.compartments, key=lambda c: c.low_mm)
        return tuple((a.high_mm, b.low_mm) for a, b in pairwise(edges))

    def divided(self, knife: int) -> bool:
        """Whether a knife, by its number from the left, goes on in front of the sill wall."""
        edges = sorted(self.compartments, key=lambda c: c.low_mm)
        return self.lanes or edges[knife].pipe != edges[knife + 1].pipe

    @property
    def ends_open(self) -> tuple[bool, bool]:
        """Whether nothing stands just below the sill at its left and right end, in front of the sill wall."""
        return self.left_open or self.gap_mm > 0, self.right_open or self.gap_mm > 0

    @property
    def shares(self) -> dict[str, float]:
        """What each pipe gets of a sheet that parts by width; a pipe may have several compartments."""
        whole = sum(c.width_mm for c in self.compartments)
        pipes = dict.fromkeys(c.pipe for c in self.compartments)
        return {pipe: sum(c.width_mm for c in self.compartments if c.pipe == pipe) / whole for pipe in pipes}

    @property
    def pool_ml(self) -> float:
        """Water below the sill in front of the back wall, the baffles' own volume left in."""
        run = self.foot_mm - self.back_mm - self.flat_mm
        wet = min(run, self.depth_mm / self.slope) if self.slope > 0 else run
        area = self.flat_mm * self.depth_mm + wet * (self.depth_mm - self.slope * wet / 2)
        return (self.right_mm - self.left_mm) * area / MM3_PER_ML

    @property
    def ramp_deg(self) -> float:
        """Slope of a floor that holds no pool, 0 where there is a pool."""
        return math.degrees(math.atan(self.slope)) if self.depth_mm < SHALLOW_MM else 0.0


@dataclass(frozen=True)
class Hole:
    """A channel out of a bucket: its axis from the bucket's inner wall to a point on its way down, and its bore."""

    pipe: str
    target: str
    start_mm: tuple[float, float, float]
    end_mm: tuple[float, float, float]
    bore_mm: float


@dataclass(frozen=True)
class HoleGeometry:
    """The round outlets of one bucket: an upright box of water with channels that slant down out of its walls.

    ``low_mm`` and ``high_mm`` are corners (x, y) of the inner plan; ``sill_mm`` is the height of the lowest invert
    above the table.
    """

    bucket: str
    low_mm: tuple[float, float]
    high_mm: tuple[float, float]
    floor_mm: float
    sill_mm: float
    rim_mm: float
    holes: tuple[Hole, ...]
    landings: tuple[Landing, ...]

    def __post_init__(self) -> None:
        if not self.holes or not self.landings:
            raise PorcelainError(f"{self.bucket} has no outlet or no inflow; a case needs one of each at least")

    @property
    def shares(self) -> dict[str, float]:
        """What each pipe gets of water that parts by area."""
        whole = sum(hole.bore_mm**2 for hole in self.holes)
        return {hole.pipe: hole.bore_mm**2 / whole for hole in self.holes}
