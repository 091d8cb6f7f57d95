"""Vessels and the pipes between them: what holds water, where it leaves, and the way it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen, same
from ..errors import PorcelainError
from ..geometry import channel
from ..units import MM3_PER_ML

OUTLETS = ["orifice", "weir"]
"""Names of the kinds of outlets; :func:`porcelain.hydraulics.outlets.register` adds one."""
KINDS = ("bucket", "chute")
CLEAR_MM = 1.0  # a weir's opening is this much higher than the water that runs through it at most


@dataclass(frozen=True, eq=False)
class Vessel:
    """Something open at the top that holds water: prismatic slabs, lowest first.

    ``at_mm`` (3,) centre of the inner floor in the assembled machine; ``size_mm`` (x, y) inner plan at the rim,
    or below walls that lean out to it;
    ``slab_tops_mm`` (k,) heights above the floor where each slab ends, the last is the rim;
    ``slab_areas_mm2`` (k,) free plan area of each slab (what stands in the water is taken off).
    """

    name: str
    label: str
    at_mm: Floats
    size_mm: tuple[float, float]
    slab_tops_mm: Floats
    slab_areas_mm2: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_mm", frozen(self.at_mm, (3,), f"{self.name}.at_mm"))
        tops = frozen(self.slab_tops_mm, (None,), f"{self.name}.slab_tops_mm")
        areas = frozen(self.slab_areas_mm2, (len(tops),), f"{self.name}.slab_areas_mm2")
        if not len(tops) or np.any(np.diff(tops, prepend=0.0) <= 0):
            raise PorcelainError(f"{self.name}.slab_tops_mm is {tops.tolist()}; heights must climb from above 0")
        if np.any(areas <= 0):
            raise PorcelainError(f"{self.name}.slab_areas_mm2 has {areas.min()}; every slab needs an area above 0")
        object.__setattr__(self, "slab_tops_mm", tops)
        object.__setattr__(self, "slab_areas_mm2", areas)

    @property
    def is_chute(self) -> bool:
        """Whether it only leads water past a row of inputs."""
        return False

    @property
    def rim_mm(self) -> float:
        """Height of the rim above the inner floor."""
        return float(self.slab_tops_mm[-1])

    @property
    def capacity_ml(self) -> float:
        return float(self._volumes_ml[-1])

    @cached_property
    def _volumes_ml(self) -> Floats:
        """Volume below the floor and each slab top, (k + 1,) mL."""
        heights = np.diff(self.slab_tops_mm, prepend=0.0)
        return np.concatenate([[0.0], np.cumsum(heights * self.slab_areas_mm2)]) / MM3_PER_ML

    @cached_property
    def _levels_mm(self) -> Floats:
        """Heights of the floor and each slab top, (k + 1,) mm."""
        return np.concatenate([[0.0], self.slab_tops_mm])

    def level_mm(self, volume_ml: ArrayLike) -> Floats:
        """Height of the water above the inner floor for a volume; the rim for anything above the capacity."""
        return np.interp(np.asarray(volume_ml), self._volumes_ml, self._levels_mm)

    def volume_ml(self, level_mm: ArrayLike) -> Floats:
        """Water below a height above the inner floor; the capacity for anything above the rim."""
        return np.interp(np.asarray(level_mm), self._levels_mm, self._volumes_ml)

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True)
class Outlet:
    """How water leaves a bucket. "orifice": round holes; "weir": one level sill, cut by knives at the shares.

    ``sill_mm`` height above the inner floor at which water starts to leave (holes: their level inverts);
    ``width_mm`` of the whole sill and ``height_mm`` of the opening above it (weir; 0 for holes);
    ``discharge`` coefficient Cd of the opening; ``stop_mm`` level above the sill at which the design's water stops
    running (0: ideal water).
    """

    kind: str
    sill_mm: float
    discharge: float
    width_mm: float = 0.0
    height_mm: float = 0.0
    stop_mm: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in OUTLETS:
            raise PorcelainError(f"outlet kind is {self.kind!r}; one of {', '.join(OUTLETS)}")
        if not self.sill_mm >= 0:
            raise PorcelainError(f"outlet sill_mm is {self.sill_mm}; it must be >= 0")
        if not self.stop_mm >= 0:
            raise PorcelainError(f"outlet stop_mm is {self.stop_mm}; it must be >= 0")
        if not 0 < self.discharge <= 1:
            raise PorcelainError(f"outlet discharge is {self.discharge}; a coefficient lies in (0, 1]")

    @property
    def head_mm(self) -> float:
        """Level above a weir's sill while the worst pour runs."""
        return self.height_mm - CLEAR_MM


@dataclass(frozen=True, eq=False)
class Bucket(Vessel):
    """A neuron: it keeps what lies below its outlet's sill and passes the rest on."""

    outlet: Outlet
    kind: str = field(default="bucket", metadata={"sparse": True})
    leads_to: str = field(default="", metadata={"sparse": True})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in KINDS:
            raise PorcelainError(f"{self.name}.kind is {self.kind!r}; one of {', '.join(KINDS)}")
        if self.outlet.sill_mm >= self.rim_mm:
            raise PorcelainError(
                f"{self.name}: the sill at {self.outlet.sill_mm} mm is not below the rim at {self.rim_mm} mm;"
                " raise the rim or lower the threshold"
            )

    @property
    def is_chute(self) -> bool:
        """Whether it only leads water past a row of inputs."""
        return self.kind == "chute"

    @property
    def threshold_ml(self) -> float:
        """What the bucket keeps: the water below the level at which its outlet stops."""
        return float(self.volume_ml(self.outlet.sill_mm + self.outlet.stop_mm))


class Cup(Vessel):
    """Where the answer stands."""


class Basin(Cup):
    """The mouth of a bucket in the storey below, in place of a cup. Hands may pour into it, so no branch need do."""


@dataclass(frozen=True, eq=False)
class Pipe:
    """One branch of a bucket's outlet.

    ``share`` of the source's outflow that the network wants in it; ``area_mm2`` its cross-section;
    ``path_mm`` (k, 3) its axis from the source's inner wall to its end above the target, assembled position
    (a weir's open channel: from the sill to the mouth below); ``invert_mm`` how high above the sill a round hole's
    lowest point stands, left out of files where it is 0.
    """

    name: str
    source: str
    target: str
    share: float
    area_mm2: float
    path_mm: Floats
    invert_mm: float = field(default=0.0, metadata={"sparse": True})

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_mm", frozen(self.path_mm, (None, 3), f"{self.name}.path_mm"))
        if not self.area_mm2 > 0:
            raise PorcelainError(f"{self.name}.area_mm2 is {self.area_mm2}; a pipe needs an area above 0")
        if not 0 <= self.invert_mm < np.inf:
            raise PorcelainError(f"{self.name}.invert_mm is {self.invert_mm}; no hole lies below its bucket's sill")
        if len(self.path_mm) < 2 or np.any(np.diff(self.path_mm[:, 2]) >= 0):
            raise PorcelainError(f"{self.name}.path_mm does not fall all the way; water runs downhill only")

    @property
    def bore_mm(self) -> float:
        """Bore of its channel: the diameter of the round part of the section."""
        return channel.bore_mm(self.area_mm2)

    @property
    def length_mm(self) -> float:
        return float(np.linalg.norm(np.diff(self.path_mm, axis=0), axis=1).sum())

    @property
    def slope_deg(self) -> float:
        """Slope of its flattest stretch."""
        run = np.diff(self.path_mm, axis=0)
        return float(np.degrees(np.arctan2(-run[:, 2], np.hypot(run[:, 0], run[:, 1]))).min())

    def __eq__(self, other: object) -> bool:
        return same(self, other)
