"""Solids of a terrace in one piece: (funnels - hollows) + (gutters - the streams' own air) + baffles.

Everything hangs on the wall behind the cups: undersides rise backwards at the roof's slope, so nothing needs support.
A stream's air is cut last, so no wall of another stream ever reaches into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ...geometry import solids
from ...geometry.extrude import along_x, along_y, box
from ...geometry.solids import Solid
from ...geometry.surface import one_closed_body
from ...machine.assembly import Part
from ...machine.design import Design
from ...machine.layouts import Terrace
from ...machine.vessel import Bucket, Vessel
from . import feet, label_solids, lips
from .cells import BITE_MM, OVER_MM, left_to_right, rim_z, sill_z, span, terrace
from .gutters import gallery

COLOUR = "#ece5d6"
TIDY_MM = (1e-5, 1e-4)  # far below what prints


def parts(design: Design) -> list[Part]:
    """The body, in print position."""
    return [part(design, body(design), "body")]


def part(design: Design, solid: Solid, name: str) -> Part:
    """A solid in assembled position as a part on the bed."""
    low = np.array(solid.bounding_box()[:3])
    solid = solid.translate(tuple(-low))
    vertices, faces = solids.to_mesh(solid, name)
    for finer in TIDY_MM:
        if one_closed_body(faces):
            break
        vertices, faces = solids.to_mesh(solids.tidy(solid, finer), name)
    return Part(name, vertices, faces, low, COLOUR, channels=tuple(p.name for p in design.pipes))


def body(design: Design) -> Solid:
    """The whole terrace in assembled position."""
    whole = solids.union([stair(design), *feet.legs_and_ears(design), *label_solids.labels(design)])
    return solids.between(solids.cut(whole, feet.screws(design)), 0.0, OVER_MM * 100)


def stair(design: Design) -> Solid:
    """Cups, rows and gutters; of a storey over a joint its own rows, over the mouths of the next."""
    b = terrace(design)
    rows = [left_to_right(row) for row in design.rows]
    tiers = range(len(design.tiers))
    over_joint = b.joint(len(tiers)) is not None
    cups = [] if over_joint else _cup_block(design)
    hulls = solids.union(
        [*cups, *(_spine(design, k) for k in tiers), *(h for k in tiers for h in _hulls(design, rows, k))]
    )
    made = solids.cut(hulls, [hollow(design, bucket) for bucket in design.buckets])
    made = solids.cut(made, [] if over_joint else cup_hollows(design))
    made = solids.cut(made, [_bevel(b, bucket) for bucket in design.buckets])
    made = solids.cut(made, [*(_under_gutters(design, k) for k in tiers), *lips.ridges(design)])
    galleries = [gallery(design, rows, k) for k in tiers]
    baffles = [baffle(design, bucket) for bucket in design.buckets if len(design.branches(bucket.name)) > 1]
    around = [*(lips.funnel(design) if b.funnel_mm else ()), *(lips.guard(design) if b.guard_mm else ())]
    return solids.union([made, *galleries, *baffles, *around])


# ---- hulls and hollows ------------------------------------------------------------------------------------------


def _cup_block(design: Design) -> Iterator[Solid]:
    """The cups' outer form; walls between cups rise a step above it, for they must part what the rim need not."""
    b = terrace(design)
    back, front, rim = float(b.fronts_mm[-2]) - b.wall_mm, float(b.fronts_mm[-1]), rim_z(design.cups[0])
    yield box([0.0, back, 0.0], [b.width_mm, front, rim])
    for line in b.walls_mm(design.cups)[1:-1]:
        x, half = line[-1][0], b.wall_mm / 2
        yield box([x - half, back + b.wall_mm, rim - b.wall_mm], [x + half, front, rim + b.step_mm])


def _spine(design: Design, k: int) -> Solid:
    """A row's sill wall over the whole width, from the rims of the row below to the sill."""
    b = terrace(design)
    front, low = float(b.fronts_mm[k]), 0.0 if b.joint(k + 1) else rim_z(design.rows[k + 1][0]) - BITE_MM
    rise = np.tan(np.radians(b.roof_deg))
    sill = sill_z(design.tiers[k][0])
    back = front - b.wall_mm
    return along_x([(back, low), (front, low - rise * b.wall_mm), (front, sill), (back, sill)], 0.0, b.width_mm)


def _back(b: Terrace, k: int) -> float:
    """Outer face of a row's back wall."""
    return 0.0 if k == 0 else float(b.fronts_mm[k - 1]) - b.wall_mm


def _hulls(design: Design, rows: list[list[Vessel]], k: int) -> Iterator[Solid]:
    """Outer forms of a row's cells, each down to its own underside or to that of a bucket behind it."""
    b = terrace(design)
    back, front = _back(b, k), float(b.fronts_mm[k])
    for bucket in rows[k]:
        left, right = span(bucket)
        left, right = left - b.wall_mm, right + b.wall_mm
        for j in range(k + 1):
            for other in rows[j]:
                low, high = span(other)
                low, high = max(low - b.wall_mm, left), min(high + b.wall_mm, right)
                if (j == k and other is not bucket) or high - low < b.wall_mm:
                    continue
                assert isinstance(bucket, Bucket)
                assert isinstance(other, Bucket)
                keel = b.keel_mm(j, float(other.at_mm[2]), _slope(design, other))
                if other is not bucket and keel >= b.keel_mm(k, float(bucket.at_mm[2]), _slope(design, bucket)):
                    continue
                top = rim_z(bucket) + (b.step_mm if k or b.joint(0) else 0.0)
                yield _hull(b, keel, back, front, low, high, rim_z(bucket), top, sill_z(bucket))


def _hull(
    b: Terrace, keel: float, back: float, front: float, low: float, high: float, rim: float, top_z: float, sill: float
) -> Solid:
    """A prism above a slanting underside; its back ends at the rim, its front at the sill, its sides at the top."""
    rise = np.tan(np.radians(b.roof_deg))
    at = float(b.fronts_mm[-2])
    under = [(back, keel + rise * (at - back)), (front, keel + rise * (at - front))]
    top = [(front, sill), (front - b.wall_mm, sill), (front - b.wall_mm, top_z), (back + b.wall_mm, top_z)]
    top += [(back + b.wall_mm, rim), (back, rim)] if top_z > rim else [(back, rim)]
    outline = [(y, max(z, 0.0)) for y, z in under]
    if under[1][1] < 0.0 < under[0][1]:
        outline.insert(1, (at + keel / rise, 0.0))
    return along_x(outline + top, low, high)


def _slope(design: Design, bucket: Bucket) -> float:
    names = [b.name for b in design.buckets]
    return float(terrace(design).floor_slopes[names.index(bucket.name)])


def hollow(design: Design, bucket: Bucket) -> Solid:
    """What water fills, open above; a bucket's floor falls to its sill wall."""
    left, right = span(bucket)
    y, half = float(bucket.at_mm[1]), bucket.size_mm[1] / 2
    floor, top = float(bucket.at_mm[2]), rim_z(bucket) + OVER_MM
    high = floor + _slope(design, bucket) * 2 * half
    return along_x([(y - half, high), (y + half, floor), (y + half, top), (y - half, top)], left, right)


def cup_hollows(design: Design) -> Iterator[Solid]:
    """The same of the cups, between walls that may lean to where their mouths are."""
    b = terrace(design)
    half = b.wall_mm / 2
    for cup, (left, right) in zip(left_to_right(design.cups), pairwise(b.walls_mm(design.cups)), strict=True):
        y, floor, top = float(cup.at_mm[1]), float(cup.at_mm[2]), rim_z(cup) + OVER_MM
        sides = [[(x + out, max(z, floor)) for x, z in line] for line, out in ((left, half), (right, -half))]
        sides = [[*side[:-1], (side[-1][0], top)] for side in sides]
        outline = np.array([*sides[1], *reversed(sides[0])])
        yield along_y(outline, y - cup.size_mm[1] / 2, y + cup.size_mm[1] / 2)


def _bevel(b: Terrace, bucket: Bucket) -> Solid:
    """The sill's sharp edge: flat for a little, then falling outwards at 45 degrees."""
    left, right = span(bucket)
    z = sill_z(bucket)
    front = float(bucket.at_mm[1]) + bucket.size_mm[1] / 2 + b.wall_mm
    slant = b.wall_mm - b.edge_mm
    return along_x(
        [(front - slant, z), (front + 0.01, z - slant), (front + 0.01, z + 0.01), (front - slant, z + 0.01)],
        left,
        right,
    )


def _under_gutters(design: Design, k: int) -> Solid:
    """Walls of the row below reach higher in front of the gutters than under them: no film runs on along their tops."""
    b = terrace(design)
    far = b.layer_mm(k, b.layers[k])
    low = float(b.mouths_mm[k])
    return box([b.wall_mm, float(b.fronts_mm[k]), low], [b.width_mm - b.wall_mm, far, low + OVER_MM])


def baffle(design: Design, bucket: Bucket) -> Solid:
    """A wall behind the sill on slots: what falls in stills behind it before it reaches the knives."""
    b = terrace(design)
    left, right = span(bucket)
    foot = float(bucket.at_mm[1]) + bucket.size_mm[1] / 2
    y = foot - b.baffle_at_mm - b.baffle_mm
    slope, floor = _slope(design, bucket), float(bucket.at_mm[2])
    width, pitch, height = b.slot_mm
    top = sill_z(bucket) + bucket.outlet.head_mm + b.baffle_top_mm
    low = floor + slope * b.baffle_at_mm
    wall = along_x(
        [(y, low + slope * b.baffle_mm - BITE_MM), (y + b.baffle_mm, low - BITE_MM), (y + b.baffle_mm, top), (y, top)],
        left - BITE_MM,
        right + BITE_MM,
    )
    count = int((right - left - (pitch - width)) / pitch)
    start = (left + right - count * pitch + (pitch - width)) / 2
    slots = []
    for n in range(count):
        x = start + n * pitch
        peak = low + height + width / 2 * np.tan(np.radians(60.0))
        outline = [
            (x, low - 0.01),
            (x + width, low - 0.01),
            (x + width, low + height),
            (x + width / 2, peak),
            (x, low + height),
        ]
        slots.append(along_y(np.array(outline), y - 0.01, y + b.baffle_mm + 0.01))
    return solids.cut(wall, slots)
