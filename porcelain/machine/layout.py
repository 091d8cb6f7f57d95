"""Base class of layouts: the millimetres that give the buckets and pipes of one style their shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import numpy as np

from ..arrays import Floats
from .vessel import Bucket, Cup, Pipe, Vessel


class Machine(Protocol):
    """What stands in a layout."""

    @property
    def tiers(self) -> tuple[tuple[Bucket, ...], ...]: ...

    @property
    def cups(self) -> tuple[Cup, ...]: ...

    def branches(self, name: str) -> tuple[Pipe, ...]: ...


class Layout:
    """Base of every style's layout: a frozen dataclass with the millimetres that only this style has.

    A subclass names its ``style`` and is then read from and written to files by that name. ``formerly`` holds the
    names that older files call it by.
    """

    style: ClassVar[str]
    formerly: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        LAYOUTS[cls.style] = cls

    @classmethod
    def upgraded(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields of a layout as version 1 of a design file has them, as this version has them."""
        return fields

    def check(self, machine: Machine) -> None:
        """Raises PorcelainError for a layout that does not fit the machine that stands in it."""

    def part_boxes_mm(self, machine: Machine) -> dict[str, Floats]:
        """Corners (2, 3) of every part in the assembled machine, by its name."""
        raise NotImplementedError

    def mouth_mm(self, row: Sequence[Vessel], cell: Vessel) -> tuple[float, float]:
        """Inner left and right end, along x, of a cell of a row at its rim."""
        middle, half = float(cell.at_mm[0]), cell.size_mm[0] / 2
        return middle - half, middle + half


LAYOUTS: dict[str, type[Layout]] = {}
"""The layouts of all styles, by the style's name."""


class Lettered(Protocol):
    """A layout with letters ``text_mm`` high (0: none), their strokes ``stroke_mm`` wide and ``relief_mm`` raised."""

    @property
    def text_mm(self) -> float: ...

    @property
    def stroke_mm(self) -> float: ...

    @property
    def relief_mm(self) -> float: ...


def box_mm(points: list[Any]) -> Floats:
    """Corners (2, 3) of the box round points (3,)."""
    corners = np.array(points)
    return np.array([corners.min(axis=0), corners.max(axis=0)])
