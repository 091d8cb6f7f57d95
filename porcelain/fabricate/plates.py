"""Plates: which parts are printed together, and where on the bed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from ..errors import PorcelainError
from ..machine.design import Design
from ..printer import HAIR_MM, Printer

SPACING_MM = 5.0


class Sized(Protocol):
    """Anything that takes room on a bed: a part, or the box that one will fill."""

    @property
    def name(self) -> str: ...

    @property
    def size_mm(self) -> tuple[float, float, float]: ...

    @property
    def count(self) -> int: ...


T = TypeVar("T", bound=Sized)


@dataclass(frozen=True)
class Block:
    """The box round a part that is planned and not yet made."""

    name: str
    size_mm: tuple[float, float, float]
    count: int = 1


def blocks(design: Design) -> list[Block]:
    """A box for every part of a design."""
    boxes = design.layout.part_boxes_mm(design)
    sizes = {name: np.ptp(box, axis=0).tolist() for name, box in boxes.items()}
    return [Block(name, (x, y, z)) for name, (x, y, z) in sizes.items()]


@dataclass(frozen=True)
class Place(Generic[T]):
    """A part on a plate: its lowest corner (x, y) mm on the bed, turned by a quarter or not."""

    part: T
    x_mm: float
    y_mm: float
    turned: bool

    @property
    def size_mm(self) -> tuple[float, float]:
        return footprint(self.part, self.turned)


def footprint(part: Sized, turned: bool) -> tuple[float, float]:
    """Width and depth of a part on the bed."""
    x, y, _ = part.size_mm
    return (y, x) if turned else (x, y)


def pack(parts: Sequence[T], printer: Printer) -> list[list[Place[T]]]:
    """Every copy of every part in rows on as few plates as rows allow, each plate in the middle of its bed.

    Parts go in by depth, deepest first, on the first plate with room. On a round bed a plate is the rectangle with
    the proportions of its first part. Raises PorcelainError for a part that fits nowhere.
    """
    copies = [part for part in parts for _ in range(part.count)]
    posed = sorted(((part, _turned(part, printer)) for part in copies), key=lambda p: -footprint(*p)[1])
    filled: list[list[Place[T]]] = []
    for part, turned in posed:
        for plate in filled:
            if (place := _room(plate, part, turned, printer)) is not None:
                plate.append(place)
                break
        else:
            filled.append([Place(part, 0.0, 0.0, turned)])
    return [_centred(plate, printer) for plate in filled]


def _turned(part: Sized, printer: Printer) -> bool:
    """Whether a part must be turned by a quarter; the longer side goes along the bed's width."""
    if not printer.fits(part.size_mm):
        raise PorcelainError(f"{part.name} does not fit the bed of {printer.name}; use a larger printer")
    x, y, _ = part.size_mm
    lying = (max(x, y), min(x, y))
    room = printer.room_mm(*lying)
    fits = lying[0] <= room[0] + HAIR_MM and lying[1] <= room[1] + HAIR_MM
    return (x < y) == fits


def _room(plate: list[Place[T]], part: T, turned: bool, printer: Printer) -> Place[T] | None:
    """A place at the end of a row, or at the start of a new one."""
    width, depth = footprint(part, turned)
    room = printer.room_mm(*plate[0].size_mm)
    rows = sorted({p.y_mm for p in plate})
    for y in rows:
        row = [p for p in plate if p.y_mm == y]
        x = max(p.x_mm + p.size_mm[0] for p in row) + SPACING_MM
        tall = max(p.size_mm[1] for p in row)
        if x + width <= room[0] and depth <= tall:
            return Place(part, x, y, turned)
    y = max(p.y_mm + p.size_mm[1] for p in plate) + SPACING_MM
    return Place(part, 0.0, y, turned) if y + depth <= room[1] else None


def _centred(plate: list[Place[T]], printer: Printer) -> list[Place[T]]:
    spare = [printer.bed_mm[k] - max((p.x_mm, p.y_mm)[k] + p.size_mm[k] for p in plate) for k in range(2)]
    dx, dy = round(spare[0] / 2, 3), round(spare[1] / 2, 3)
    return [Place(p.part, round(p.x_mm + dx, 3), round(p.y_mm + dy, 3), p.turned) for p in plate]
