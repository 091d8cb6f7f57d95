"""Layout of style "tower": the millimetres of crossing rows of buckets round a mast."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arrays import Floats, frozen, same
from ..geometry import channel
from .label import Label
from .layout import Layout, Machine, box_mm
from .vessel import Vessel

SEAT_RIM_MM = 2.0  # of a tower's base above its plate: what stands in a seat bears no letters


@dataclass(frozen=True, eq=False)
class Tower(Layout):
    """Layout of style "tower": crossing rows of buckets round a mast, tier on tier.

    ``planes_mm`` height of each tier's underside above the table, top tier first: its pipes end there, and
    ``gap_mm`` below stand the rims of the next row. ``mast_mm`` is the side of the square mast,
    ``peg_mm`` how far it reaches into the tier above, ``roof_deg`` the slope of every overhang.
    ``feet_mm`` (k, 4) rectangles x0, y0, x1, y1 of the base plate, ``foot_mm`` thick. A tower without a mast (0) is
    one part on one such rectangle: a bucket that stands behind its cups. Letters are ``text_mm`` high (0: none), their
    strokes ``stroke_mm`` wide and ``relief_mm`` raised; ``labels`` say what stands where. Files leave them out where
    there are none.
    """

    planes_mm: Floats
    mast_mm: float
    peg_mm: float
    gap_mm: float
    wall_mm: float
    pipe_wall_mm: float
    floor_mm: float
    foot_mm: float
    roof_deg: float
    feet_mm: Floats
    text_mm: float = field(default=0.0, metadata={"sparse": True})
    stroke_mm: float = field(default=0.0, metadata={"sparse": True})
    relief_mm: float = field(default=0.0, metadata={"sparse": True})
    labels: tuple[Label, ...] = field(default=(), metadata={"sparse": True})

    style = "tower"
    formerly = ("pipes",)

    @classmethod
    def upgraded(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """Labels were called plaques."""
        return {"labels" if name == "plaques" else name: value for name, value in fields.items()}

    def __post_init__(self) -> None:
        object.__setattr__(self, "planes_mm", frozen(self.planes_mm, (None,), "layout.planes_mm"))
        object.__setattr__(self, "feet_mm", frozen(self.feet_mm, (None, 4), "layout.feet_mm"))

    def part_boxes_mm(self, machine: Machine) -> dict[str, Floats]:
        """Corners (2, 3) of every part in the assembled machine: tiers t0, t1, ..., base and cups."""
        if not self.mast_mm:
            ((x0, y0, x1, y1),) = self.feet_mm
            top = max(b.at_mm[2] + b.rim_mm for b in machine.tiers[0])
            raised = [point for cup in machine.cups for point in self._raised(cup)]
            return {"body": box_mm([(x0, y0, 0.0), (x1, y1, top), *raised])}
        boxes = {}
        tops = [max(b.at_mm[2] + b.rim_mm for b in machine.tiers[0]), *(self.planes_mm + self.peg_mm)]
        half = self.mast_mm / 2
        for k, (row, plane) in enumerate(zip(machine.tiers, self.planes_mm, strict=True)):
            points: list[Any] = [(-half, -half, plane), (half, half, tops[k])]
            for bucket in row:
                reach = np.array([*bucket.size_mm, 0.0]) / 2 + [self.wall_mm, self.wall_mm, 0.0]
                points += [bucket.at_mm - reach, bucket.at_mm + reach, *self._raised(bucket)]
                for pipe in machine.branches(bucket.name):
                    radius = pipe.bore_mm / 2 + self.pipe_wall_mm
                    points += [pipe.path_mm.min(axis=0) - [radius, radius, 0], pipe.path_mm.max(axis=0) + radius]
                    outline = channel.footprint_mm(2 * radius, pipe.path_mm[-1] - pipe.path_mm[-2])
                    points += [[*end, plane] for end in outline + pipe.path_mm[-1, :2]]
            boxes[f"t{k}"] = box_mm(points)
        low, high = self.feet_mm[:, :2].min(axis=0), self.feet_mm[:, 2:].max(axis=0)
        boxes["base"] = np.array([[*low, 0.0], [*high, tops[-1]]])
        for cup in machine.cups:
            reach = np.array([*cup.size_mm, 0.0]) / 2 + [self.wall_mm, self.wall_mm, self.floor_mm]
            high = cup.at_mm + reach + [0.0, 0.0, cup.rim_mm - self.floor_mm]
            boxes[cup.name] = box_mm([cup.at_mm - reach, high, *self._raised(cup)])
        return boxes

    def _raised(self, vessel: Vessel) -> list[Floats]:
        """Points (3,) that the letters on a vessel reach out to."""
        own = [label for label in self.labels if label.vessel == vessel.name]
        return [label.at_mm + label.out(vessel) * (self.relief_mm + 0.05) for label in own]

    def __eq__(self, other: object) -> bool:
        return same(self, other)
