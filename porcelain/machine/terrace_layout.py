"""Layout of style "terrace": the millimetres of a stair of bucket rows, in one piece or in storeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arrays import Floats, frozen, same
from ..errors import PorcelainError
from .joint import Chute, Joint
from .layout import Layout, Machine
from .vessel import Cup, Vessel


@dataclass(frozen=True)
class Divider:
    """A wall between two streams of one gutter layer of a terrace.

    It stands over wall number ``wall`` of the row below ``tier``, counted from the left, and ends on top at ``top_mm``
    along x.
    """

    tier: int
    layer: int
    wall: int
    top_mm: float


@dataclass(frozen=True, eq=False)
class Terrace(Layout):
    """Layout of style "terrace": a stair of bucket rows, the cups its lowest step; in one piece, or parted at joints.

    x runs along the rows, y towards the viewer, z up from the table. Row k has its sill wall's outer face at
    y = ``fronts_mm[k]`` (the cups' front wall last) and pours into row k + 1 through ``layers[k]`` gutter layers,
    each ``gutters_mm[k]`` deep and ``plate_mm`` apart. A layer's dividers stand on the walls between the cells below
    (height ``mouths_mm[k]``), lean at ``roof_deg`` and end upright, as knives, at ``tops_mm[k]``.

    ``pipe_layers`` (pipes,) is the layer of each pipe. Every divider is one of
    ``dividers``. ``lip_mm`` is the free fall below a sill,
    ``edge_mm`` the flat of a sill's top. ``floor_slopes`` (buckets,) are rise over run of the buckets' floors, which
    fall to the sill wall. ``baffle_mm`` thick walls stand ``baffle_at_mm`` behind a sill that splits, up to
    ``baffle_top_mm`` above it, on slots ``slot_mm`` (width, pitch, height). Walls around water are ``wall_mm`` thick,
    floors ``floor_mm``, knives ``knife_mm``. In front of the gutters the walls of a row rise ``step_mm`` above its
    rims, so that no film runs along their tops. Behind the cups the end walls go down to the table as legs from
    y = ``heel_mm`` on, with a window ``frame_mm`` inside their edges and a bar ``foot_mm`` (depth, height) between.
    Three ears, ``ear_mm`` (side, height), take a levelling screw of ``screw_mm`` each. Letters are ``text_mm`` high
    (0: none), their strokes ``stroke_mm`` wide and ``relief_mm`` raised; ``board_mm`` (thickness, height) carries the
    inputs' names behind their buckets, and marks ``level_mm`` above the cups' floor show when the machine is level.
    Where cups are of one width but not their mouths, the walls between them lean at ``roof_deg`` to stand, the last
    ``collar_mm`` below the rim upright, with their middles at ``cup_walls_mm`` (from left to right).
    ``joints`` part it into storeys, from the top down. Round the mouths that are poured into, back and end walls lean
    out at the roof's slope over ``funnel_mm`` above the rims, and letters stand on its back instead of a board. The
    cups' outer walls stand ``guard_mm`` above their rims, against drops that what falls in throws up. Inputs that are
    wider side by side than the bed stand in ``ranks``, one number each, and ``chutes`` lead past the ranks in front:
    then every rank is a row, and rows are counted so in every field (see
    :mod:`porcelain.styles.terrace.rank_rows`). Files leave out cup walls that do not lean, and joints, lips and ranks
    where there are none.
    """

    fronts_mm: Floats
    layers: tuple[int, ...]
    gutters_mm: Floats
    mouths_mm: Floats
    tops_mm: Floats
    width_mm: float
    pipe_layers: tuple[int, ...]
    dividers: tuple[Divider, ...]
    floor_slopes: Floats
    wall_mm: float
    floor_mm: float
    knife_mm: float
    plate_mm: float
    lip_mm: float
    edge_mm: float
    roof_deg: float
    baffle_mm: float
    baffle_at_mm: float
    baffle_top_mm: float
    slot_mm: Floats
    step_mm: float
    heel_mm: float
    frame_mm: float
    foot_mm: Floats
    ear_mm: Floats
    screw_mm: float
    text_mm: float
    stroke_mm: float
    relief_mm: float
    board_mm: Floats
    level_mm: float
    cup_walls_mm: tuple[float, ...] = field(default=(), metadata={"sparse": True})
    collar_mm: float = field(default=0.0, metadata={"sparse": True})
    joints: tuple[Joint, ...] = field(default=(), metadata={"sparse": True})
    funnel_mm: float = field(default=0.0, metadata={"sparse": True})
    guard_mm: float = field(default=0.0, metadata={"sparse": True})
    ranks: tuple[int, ...] = field(default=(), metadata={"sparse": True})
    chutes: tuple[Chute, ...] = field(default=(), metadata={"sparse": True})

    style = "terrace"

    def __post_init__(self) -> None:
        n = len(self.fronts_mm) - 1
        for what, shape in (
            ("fronts_mm", (None,)),
            ("gutters_mm", (n,)),
            ("mouths_mm", (n,)),
            ("tops_mm", (n,)),
            ("floor_slopes", (None,)),
            ("slot_mm", (3,)),
            ("foot_mm", (2,)),
            ("ear_mm", (2,)),
            ("board_mm", (2,)),
        ):
            object.__setattr__(self, what, frozen(getattr(self, what), shape, f"layout.{what}"))
        if len(self.layers) != n:
            raise PorcelainError(f"layout.layers has {len(self.layers)} numbers for {n} rows of buckets; plan it again")

    @classmethod
    def upgraded(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """Layers and walls were floats, and dividers were rows of four numbers."""
        fields = dict(fields)
        rows = [[*map(whole, row[:3]), row[3]] for row in fields.pop("dividers_mm")]
        fields["dividers"] = [dict(zip(("tier", "layer", "wall", "top_mm"), row, strict=True)) for row in rows]
        for name in ("layers", "pipe_layers"):
            fields[name] = [whole(n) for n in fields[name]]
        if "chutes" in fields:
            fields["chutes"] = [chute | {"layer": whole(chute["layer"])} for chute in fields["chutes"]]
        return fields

    def check(self, machine: Machine) -> None:
        """Raises PorcelainError where an input has no rank, or its water no chute or several past one in front."""
        if not self.ranks and not self.chutes:
            return
        inputs, ranks = machine.tiers[0], range(max(self.ranks, default=0) + 1)
        if len(self.ranks) != len(inputs):
            raise PorcelainError(f"layout.ranks has {len(self.ranks)} numbers for {len(inputs)} inputs; plan it again")
        buckets = sum(map(len, machine.tiers))
        if len(self.floor_slopes) != buckets:
            raise PorcelainError(f"layout.floor_slopes has {len(self.floor_slopes)} numbers for {buckets} buckets")
        if set(self.ranks) != set(ranks):
            raise PorcelainError(
                f"layout.ranks are {sorted(set(self.ranks))}; from 0 on each needs an input; plan it again"
            )
        needed = {
            (front, pipe.target)
            for bucket, rank in zip(inputs, self.ranks, strict=True)
            for pipe in machine.branches(bucket.name)
            for front in ranks[rank + 1 :]
        }
        given = [(chute.rank, chute.target) for chute in self.chutes]
        for rank, target in sorted(needed | set(given)):
            if (found := given.count((rank, target))) != (least := int((rank, target) in needed)):
                raise PorcelainError(f"chutes past rank {rank} to {target}: {found}, needed {least}; plan it again")

    def layer_mm(self, tier: int, layer: int) -> float:
        """Where along y a gutter layer begins."""
        return float(self.fronts_mm[tier] + layer * (self.gutters_mm[tier] + self.plate_mm))

    def walls_mm(self, row: Sequence[Vessel]) -> list[list[tuple[float, float]]]:
        """Middle of every wall round a row's cells from left to right, (x, z) from the table up to the rim."""
        cells = sorted(row, key=lambda v: float(v.at_mm[0]))
        middles = [self.wall_mm / 2, *(float(v.at_mm[0]) + (v.size_mm[0] + self.wall_mm) / 2 for v in cells)]
        rim, rise = float(cells[0].at_mm[2]) + cells[0].rim_mm, float(np.tan(np.radians(self.roof_deg)))
        lines = [[(x, 0.0), (x, rim)] for x in middles]
        if isinstance(cells[0], Cup):
            for n, end in enumerate(self.cup_walls_mm, 1):
                collar, x = rim - self.collar_mm, middles[n]
                if lean := abs(end - x):
                    lines[n] = [(x, 0.0), (x, collar - rise * lean), (end, collar), (end, rim)]
        return lines

    def mouth_mm(self, row: Sequence[Vessel], cell: Vessel) -> tuple[float, float]:
        """Inner left and right end of a cell at the rim."""
        place = sorted(float(v.at_mm[0]) for v in row).index(float(cell.at_mm[0]))
        left, right = self.walls_mm(row)[place : place + 2]
        return left[-1][0] + self.wall_mm / 2, right[-1][0] - self.wall_mm / 2

    def joint(self, tier: int) -> Joint | None:
        """The joint above a row, if there is one."""
        return next((joint for joint in self.joints if joint.tier == tier), None)

    def back_mm(self, tier: int) -> float:
        """Where along y a row's back wall begins: behind the sill wall above it, or as one with it."""
        if tier == 0:
            return 0.0
        joint = self.joint(tier)
        return float(self.fronts_mm[tier - 1]) - self.wall_mm - (self.wall_mm + joint.air_mm if joint else 0.0)

    def keel_mm(self, tier: int, floor_mm: float, slope: float) -> float:
        """Where a bucket's underside, drawn on at the roof's slope, meets its storey's foremost sill wall (height).

        ``floor_mm`` is the lowest point of the bucket's floor, which rises backwards at ``slope``.
        """
        rise = float(np.tan(np.radians(self.roof_deg)))
        back, front = self.back_mm(tier), float(self.fronts_mm[tier])
        foot = front - self.wall_mm
        behind = floor_mm + slope * (foot - back - self.wall_mm)  # the floor's upper end
        thick = self.floor_mm * float(np.hypot(1.0, rise))
        lowest = min(floor_mm - rise * (front - foot), behind - rise * (front - back - self.wall_mm)) - thick
        last = min((joint.tier for joint in self.joints if joint.tier > tier), default=len(self.fronts_mm) - 1)
        return lowest - rise * (float(self.fronts_mm[last - 1]) - front)

    @property
    def flare_mm(self) -> float:
        """How far the funnel's walls lean out on top."""
        return float(self.funnel_mm / np.tan(np.radians(self.roof_deg)))

    def eaves_mm(self) -> float:
        """Height of the highest point under a storey's end walls where they clear a joint; 0 above the table."""
        joint = self.joint(len(self.layers))
        slope = float(np.tan(np.radians(self.roof_deg)))
        return self.clear_mm() + slope * 2 * (self.wall_mm + joint.air_mm) if joint else 0.0

    def clear_mm(self) -> float:
        """Height above which a storey over a joint is clear of the walls that it straddles; 0 above the table."""
        joint = self.joint(len(self.layers))
        return float(self.mouths_mm[-1]) + joint.air_mm if joint else 0.0

    def part_boxes_mm(self, machine: Machine) -> dict[str, Floats]:
        """Corners (2, 3) of the one part, or of every storey: t0, t1, ..."""
        top = max(b.at_mm[2] + b.rim_mm for b in machine.tiers[0])
        ear, text, flare = float(self.ear_mm[0]), bool(self.text_mm), self.flare_mm
        top += self.funnel_mm or float(self.board_mm[1]) * text
        relief = (self.relief_mm + 0.05) * text
        front = float(self.fronts_mm[-1]) + relief
        side = max(ear, flare)
        body = np.array([[-side, -flare, 0.0], [self.width_mm + side, front, top]])
        if not self.joints:
            return {"body": body}
        boxes = {}
        for number, joint in enumerate((*self.joints, None)):
            box = body.copy()
            if number:
                above = self.joints[number - 1]
                rim = above.plane_mm + above.hang_mm + self.step_mm
                box[0, 1], box[1, 2] = self.heel_mm, max(rim, above.plane_mm + above.tongue_mm[3])
                box[:, 0] = -ear, self.width_mm + ear
            if joint:
                box[:, 0] = -flare * (not number), self.width_mm + max(flare * (not number), relief)
                box[1, 1], box[0, 2] = joint.front_mm, joint.plane_mm
            if number and above.apart:
                back, front = self.back_mm(above.tier), self.back_mm(above.tier) + above.dovetails_mm[2]
                top = above.plane_mm + above.tongue_mm[3]
                boxes[f"s{number}"] = np.array([[0.0, self.heel_mm, box[0, 2]], [self.width_mm, front, top]])
                box[0, 1], box[1, 2] = back, rim
            boxes[f"t{number}"] = box
        return boxes

    def __eq__(self, other: object) -> bool:
        return same(self, other)


def whole(number: float) -> int:
    """A whole number that was written as a float. Raises ValueError for one with a fraction."""
    if number != int(number):
        raise ValueError(f"{number} is no whole number")
    return int(number)
