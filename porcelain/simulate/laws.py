"""Laws: how much water a branch passes at a given head. Each is a small object, named in the Run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Floats
from ..design import Bucket, Pipe
from ..errors import unknown
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2
from ..water import Water


class Law(Protocol):
    """Head in, flow out. Heads are heights of the level above the sill, mm; flows are mL/s."""

    @property
    def name(self) -> str:
        """What the Run calls it."""
        ...

    def flows_ml_s(self, bucket: Bucket, pipes: tuple[Pipe, ...], head_mm: Floats) -> Floats:
        """(m, pipes) what each branch of the bucket passes at heads (m,)."""
        ...

    def breaks_mm(self, bucket: Bucket, pipes: tuple[Pipe, ...]) -> tuple[float, ...]:
        """Heads at which a flow is not smooth."""
        ...

    def starts_mm(self, bucket: Bucket, pipes: tuple[Pipe, ...]) -> float:
        """The lowest head at which water runs; below it the outlet passes nothing."""
        ...


@dataclass(frozen=True)
class Torricelli:
    """Ideal orifice at the sill: Q = Cd a sqrt(2 g h), split by area (Torricelli 1644)."""

    name: str = "torricelli"

    def flows_ml_s(self, bucket: Bucket, pipes: tuple[Pipe, ...], head_mm: Floats) -> Floats:
        speed = np.sqrt(2.0 * STANDARD_GRAVITY_MM_S2 * np.maximum(head_mm, 0.0))
        areas = np.array([pipe.area_mm2 for pipe in pipes])
        return bucket.outlet.discharge / MM3_PER_ML * speed[:, None] * areas

    def breaks_mm(self, bucket: Bucket, pipes: tuple[Pipe, ...]) -> tuple[float, ...]:
        return ()

    def starts_mm(self, bucket: Bucket, pipes: tuple[Pipe, ...]) -> float:
        return 0.0


LAWS: dict[str, Law] = {law.name: law for law in (Torricelli(),)}


def law(name: str) -> Law:
    """A law by name. Raises PorcelainError for an unknown one."""
    if name not in LAWS:
        raise unknown("law", name, LAWS)
    return LAWS[name]


def wetted(rule: Law, water: Water) -> Law:
    """The law for this water."""
    return rule
