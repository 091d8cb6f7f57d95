"""Storeys of a terrace that is divided between rows: each is a terrace of its own over the mouths of the next.

A storey stands with its sill wall, its end walls and all dividers on one plane: the bed when it is printed, and in the
machine the end walls of the storey below, which run back under it. What hangs over the row below straddles its walls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ...arrays import Floats
from ...encoding import Encoding
from ...geometry import solids
from ...geometry.extrude import along_x, along_y, box
from ...geometry.solids import Solid
from ...machine.assembly import Part
from ...machine.design import Design
from ...machine.joint import Joint
from ...machine.layouts import Terrace
from ...machine.vessel import Basin
from ...network import Network
from . import feet, label_solids
from .cells import BITE_MM, OVER_MM, rim_z, terrace
from .gutters import walls
from .solids import part, stair

RIM_MM = 1.6  # of a socket
SHOULDER_MM = 3.0  # a tongue's root is this tall before it slants back to its wall
TAPER_MM = 1.0
PLINTH_MM = 8.0  # of an end wall stands round its windows
SLOT_MM = 7.0  # of material on either side of a dovetail's middle


@dataclass(frozen=True, eq=False)
class Storey:
    """Rows of a machine as a terrace of their own, about the corner ``at_mm`` (3,) of the whole.

    Where a joint is below, the ``design`` has the next row's mouths in place of cups. ``heel_mm`` is the machine's back
    along y in the storey's own place.
    """

    name: str
    design: Design
    at_mm: Floats
    heel_mm: float

    @property
    def above(self) -> Joint | None:
        return terrace(self.design).joint(0)

    @property
    def below(self) -> Joint | None:
        return terrace(self.design).joint(len(self.design.tiers))


def parts(design: Design) -> list[Part]:
    """Every storey and stand, in print position, from the top down."""
    made = []
    for storey in divided(design):
        for name, solid in solids_of(storey):
            one = part(storey.design, solid, name)
            made.append(one if name == storey.name else replace(one, channels=(), kind="stand"))
    return made


def solids_of(storey: Storey) -> Iterator[tuple[str, Solid]]:
    """A storey, after the stand behind it if that is a part of its own, by name and in assembled position."""
    if storey.above and storey.above.apart:
        yield f"s{storey.name[1:]}", solids.moved(stand(storey), storey.at_mm)
    yield storey.name, solids.moved(body(storey), storey.at_mm)


def divided(design: Design) -> Iterator[Storey]:
    """The storeys of a parted terrace, from the top down."""
    b = terrace(design)
    edges = [0, *(joint.tier for joint in b.joints), len(design.tiers)]
    planes = [*(joint.plane_mm for joint in b.joints), 0.0]
    for number, (first, end) in enumerate(pairwise(edges)):
        at = np.array([0.0, b.back_mm(first), planes[number]])
        yield Storey(f"t{number}", _rows(design, first, end, at), at, b.heel_mm - at[1])


def _rows(design: Design, first: int, end: int, at: Floats) -> Design:
    """Rows from ``first`` to before ``end``, moved to their own corner; the row after them in place of cups."""
    tiers = tuple(tuple(replace(v, at_mm=v.at_mm - at) for v in row) for row in design.tiers[first:end])
    cups = tuple(
        Basin(v.name, v.label, v.at_mm - at, v.size_mm, v.slab_tops_mm, v.slab_areas_mm2) for v in design.rows[end]
    )
    mine = {bucket.name for row in tiers for bucket in row}
    labels = tuple(bucket.label for bucket in tiers[0])
    encoding = Encoding.of_buckets(labels, "mL")
    classes = tuple(cup.label for cup in cups)
    return replace(
        design,
        network=Network(design.network.layers[first:end], encoding, classes, design.network.name),
        tiers=tiers,
        cups=cups,
        pipes=tuple(replace(p, path_mm=p.path_mm - at) for p in design.pipes if p.source in mine),
        layout=_body(design, first, end, at, mine),
    )


def _body(design: Design, first: int, end: int, at: Floats, mine: set[str]) -> Terrace:
    b = terrace(design)
    flow = [n for n, pipe in enumerate(design.pipes) if pipe.source in mine]
    held = [n for n, bucket in enumerate(design.buckets) if bucket.name in mine]
    last = end == len(design.tiers)
    return replace(
        b,
        fronts_mm=b.fronts_mm[first : end + 1] - at[1],
        layers=b.layers[first:end],
        gutters_mm=b.gutters_mm[first:end],
        mouths_mm=b.mouths_mm[first:end] - at[2],
        tops_mm=b.tops_mm[first:end] - at[2],
        pipe_layers=tuple(b.pipe_layers[n] for n in flow),
        dividers=tuple(replace(d, tier=d.tier - first) for d in b.dividers if first <= d.tier < end),
        floor_slopes=b.floor_slopes[held],
        heel_mm=0.0 if _apart(b, first) else b.heel_mm - at[1],
        ear_mm=b.ear_mm * last,
        cup_walls_mm=b.cup_walls_mm * last,
        funnel_mm=b.funnel_mm * (first == 0),
        guard_mm=b.guard_mm * last,
        joints=tuple(_moved(joint, first, at) for joint in b.joints if joint.tier in (first, end)),
    )


def _apart(b: Terrace, tier: int) -> bool:
    joint = b.joint(tier)
    return joint is not None and joint.apart


def _moved(joint: Joint, first: int, at: Floats) -> Joint:
    back, front, width, height = joint.tongue_mm
    return replace(
        joint,
        tier=joint.tier - first,
        plane_mm=joint.plane_mm - at[2],
        front_mm=joint.front_mm - at[1],
        tongue_mm=(back - at[1], front - at[1], width, height),
    )


# ---- one storey -------------------------------------------------------------------------------------------------


def body(storey: Storey) -> Solid:
    """A storey about its own corner."""
    design, above, below = storey.design, storey.above, storey.below
    b = terrace(design)
    made = [stair(design), *_legs(storey), *feet.stand(b), *label_solids.labels(design)]
    if below:
        made += [*_forks(design, below), *(rim for rim, _ in _sockets(b, below))]
    cuts = [*feet.screws(design)]
    if above:
        cuts.append(_under(b, above))
    if above and above.apart:
        made += [box([low, 0.0, 0.0], [high, above.block_mm, above.dovetails_mm[3]]) for low, high in _blocks(b)]
        cuts += [_tail(above, x, above.play_mm) for x in _tails(b)]
    if below:
        cuts += [*_arches(design, below), *(hole for _, hole in _sockets(b, below))]
    whole = solids.cut(solids.union(made), cuts)
    if above and not above.apart:
        whole = solids.union([whole, *_tongues(b, above)])
    return solids.between(whole, 0.0, OVER_MM * 100)


def _under(b: Terrace, joint: Joint) -> Solid:
    """The first row's walls stay at the rim as far as the storey above straddles them."""
    low = joint.plane_mm + joint.hang_mm
    return box([-1.0, -OVER_MM * 10, low], [b.width_mm + 1.0, joint.front_mm + joint.air_mm, low + OVER_MM * 10])


def _slope(b: Terrace, joint: Joint) -> float:
    """Of the arches' roofs: the dividers stand where their outsides meet."""
    half = (b.wall_mm - b.plate_mm) / 2 + joint.air_mm + joint.prong_mm
    return (float(b.mouths_mm[-1]) - joint.hang_mm) / half


def _forks(design: Design, joint: Joint) -> Iterator[Solid]:
    """What straddles the walls below, from the sill wall to a shield in front of the last gutter."""
    b = terrace(design)
    back, front = float(b.fronts_mm[-2]) - b.wall_mm, joint.front_mm
    rim, top = joint.hang_mm, float(b.mouths_mm[-1])
    shield = front - joint.prong_mm
    wide, lean = b.wall_mm / 2 + joint.air_mm + joint.prong_mm, b.plate_mm / 2
    for x in walls(b, design.rows[-1])[1:-1]:
        outline = [(x - wide, 0.0), (x + wide, 0.0), (x + wide, rim), (x + lean, top), (x - lean, top), (x - wide, rim)]
        yield along_y(np.array(outline), back, front)
        yield box([x - wide, shield, 0.0], [x + wide, front, top + b.step_mm])
    wide += b.wall_mm / 2
    high = rim + (wide - b.wall_mm) * _slope(b, joint)
    inner = [(0.0, 0.0), (wide, 0.0), (wide, rim), (b.wall_mm, high), (b.wall_mm, top + BITE_MM), (0.0, top + BITE_MM)]
    for outline in (inner, [(b.width_mm - x, z) for x, z in reversed(inner)]):
        yield along_y(np.array(outline), back, front)
    for x in (0.0, b.width_mm - wide):
        yield box([x, shield, 0.0], [x + wide, front, top + b.step_mm])


def _arches(design: Design, joint: Joint) -> Iterator[Solid]:
    """The air round the walls below, under a pointed roof."""
    b = terrace(design)
    back, front = float(b.fronts_mm[-2]) - b.wall_mm - 0.01, joint.front_mm + 0.01
    rim, slope = joint.hang_mm, _slope(b, joint)
    half = b.wall_mm / 2 + joint.air_mm
    for x in walls(b, design.rows[-1])[1:-1]:
        outline = [(x - half, -1.0), (x + half, -1.0), (x + half, rim), (x, rim + half * slope), (x - half, rim)]
        yield along_y(np.array(outline), back, front)
    end = b.wall_mm + joint.air_mm
    left = [(-1.0, -1.0), (end, -1.0), (end, rim), (-1.0, rim + (end + 1.0) * slope)]
    for outline in (left, [(b.width_mm - x, z) for x, z in reversed(left)]):
        yield along_y(np.array(outline), back, front)


# ---- what it stands on ------------------------------------------------------------------------------------------


def _legs(storey: Storey) -> Iterator[Solid]:
    """End walls: beside the rows, clear of the walls below a joint, and back under the storey above."""
    design, above, below = storey.design, storey.above, storey.below
    b = terrace(design)
    heel = 0.0 if above else b.heel_mm
    tiers = range(len(design.tiers))
    outlines = []
    for k in tiers:
        back, front = heel if k == 0 else b.back_mm(k), float(b.fronts_mm[k])
        rim = rim_z(design.tiers[k][0]) + (b.step_mm if k or above else 0.0)
        foot = [(back, 0.0), (front, 0.0)]
        if below and k == tiers[-1]:
            clear = front - 2 * b.wall_mm - 2 * below.air_mm
            foot = [(back, 0.0), (clear, 0.0), (clear, b.eaves_mm()), (front, b.clear_mm())]
        outlines.append([*foot, (front, rim), (back, rim)])
    if not below:
        front, low = float(b.fronts_mm[-2]), min(float(v.at_mm[2]) for v in design.tiers[-1])
        outlines.append([(heel, 0.0), (front, 0.0), (front, low + b.wall_mm), (heel, low + b.wall_mm)])
    windows = [feet.window(design, replace(b, heel_mm=heel, frame_mm=b.frame_mm + (5.0 if below else 0.0)))]
    if above and not above.apart:
        outlines.append([(b.heel_mm, 0.0), (BITE_MM, 0.0), (BITE_MM, above.plane_mm), (b.heel_mm, above.plane_mm)])
        windows += _windows(b, b.heel_mm + PLINTH_MM, -PLINTH_MM, above.plane_mm - 2 * PLINTH_MM)
    for x in (0.0, b.width_mm - b.wall_mm):
        wall = solids.union([along_x(outline, x, x + b.wall_mm) for outline in outlines])
        yield solids.cut(wall, [along_x(w, x - 1.0, x + b.wall_mm + 1.0) for w in windows if w])


def _windows(b: Terrace, near: float, far: float, top: float) -> list[list[tuple[float, float]]]:
    """Openings under pitched roofs, as few as the height allows, side by side along y."""
    rise = float(np.tan(np.radians(b.roof_deg)))
    bottom = PLINTH_MM
    room, tall = far - near, top - bottom
    count = int(np.ceil((room + PLINTH_MM) / (2 * 0.6 * tall / rise + PLINTH_MM))) if tall > PLINTH_MM else 0
    wide = (room - (count - 1) * PLINTH_MM) / count if count else 0.0
    if wide < PLINTH_MM:
        return []
    lows = [near + n * (wide + PLINTH_MM) for n in range(count)]
    eave = top - rise * wide / 2
    return [[(y, bottom), (y + wide, bottom), (y + wide, eave), (y + wide / 2, top), (y, eave)] for y in lows]


def _tongues(b: Terrace, joint: Joint) -> Iterator[Solid]:
    """On the end walls, inside the end walls of the storey that stands on them."""
    back, front, width, height = joint.tongue_mm
    plane, rise = joint.plane_mm, float(np.tan(np.radians(b.roof_deg)))
    inside = b.wall_mm + joint.play_mm
    far = inside + width
    low = plane - SHOULDER_MM - rise * (far - b.wall_mm)
    root = [(b.wall_mm - BITE_MM, low - rise * BITE_MM), (far, plane - SHOULDER_MM), (far, plane)]
    root += [(b.wall_mm - BITE_MM, plane)]
    top = plane + height
    tongue = [(inside, plane - BITE_MM), (far, plane - BITE_MM), (far, top - TAPER_MM), (far - TAPER_MM, top)]
    tongue += [(inside + TAPER_MM, top), (inside, top - TAPER_MM)]
    for outline in (root, tongue):
        yield along_y(np.array(outline), back, front)
        yield along_y(np.array([(b.width_mm - x, z) for x, z in reversed(outline)]), back, front)


def _sockets(b: Terrace, joint: Joint) -> Iterator[tuple[Solid, Solid]]:
    """Rims on the inside of the end walls, and the holes in them for the tongues of the storey below."""
    back, front, width, height = joint.tongue_mm
    inner = b.wall_mm + width + 2 * joint.play_mm
    low, high = back - joint.play_mm, front + joint.play_mm
    around = (b.wall_mm - BITE_MM, inner + RIM_MM)
    for rim, hole in ((around, (b.wall_mm, inner)), tuple(_mirrored(b, pair) for pair in (around, (b.wall_mm, inner)))):
        outside = box([rim[0], low - RIM_MM, 0.0], [rim[1], high + RIM_MM, height])
        yield outside, box([hole[0], low, -1.0], [hole[1], high, height + 1.0])


def _mirrored(b: Terrace, ends: tuple[float, float]) -> tuple[float, float]:
    return b.width_mm - ends[1], b.width_mm - ends[0]


# ---- a stand of its own -----------------------------------------------------------------------------------------


def stand(storey: Storey) -> Solid:
    """End walls, a wall between them in front and a bar behind, about the storey's own corner."""
    b, joint = terrace(storey.design), storey.above
    assert joint is not None
    heel, front, top = storey.heel_mm, -joint.play_mm, joint.plane_mm
    side = [(heel, 0.0), (front, 0.0), (front, top), (heel, top)]
    windows = _windows(b, heel + PLINTH_MM, front - PLINTH_MM, top - 2 * PLINTH_MM)
    holes = [along_x(w, x - 1.0, x + b.wall_mm + 1.0) for w in windows for x in (0.0, b.width_mm - b.wall_mm)]
    walls = [along_x(side, x, x + b.wall_mm) for x in (0.0, b.width_mm - b.wall_mm)]
    across = _windows(b, PLINTH_MM, b.width_mm - PLINTH_MM, top - b.wall_mm - PLINTH_MM)
    holes += [along_y(np.array(w), front - b.wall_mm - 1.0, front + 1.0) for w in across]
    walls.append(box([0.0, front - b.wall_mm, 0.0], [b.width_mm, front, top]))
    depth, height = b.foot_mm
    bar = box([0.0, heel, 0.0], [b.width_mm, heel + depth, height])
    whole = solids.union([solids.cut(solids.union(walls), holes), bar, *(_tail(joint, x, 0.0) for x in _tails(b))])
    return solids.between(solids.union([whole, *_tongues(b, joint)]), 0.0, OVER_MM * 100)


def _tails(b: Terrace) -> tuple[float, float]:
    """Middles along x of the dovetails between a storey and its stand."""
    at = b.wall_mm + SLOT_MM
    return at, b.width_mm - at


def _blocks(b: Terrace) -> list[tuple[float, float]]:
    """From where to where along x the blocks with the dovetails' slots reach."""
    inner = b.wall_mm + 2 * SLOT_MM
    return [(b.wall_mm - BITE_MM, inner), (b.width_mm - inner, b.width_mm - b.wall_mm + BITE_MM)]


def _tail(joint: Joint, x: float, play: float) -> Solid:
    """A dovetail that stands on the plane, or with play its slot."""
    root, end, length, height = joint.dovetails_mm
    outline = [(x - root / 2 - play, -BITE_MM - 2 * play), (x + root / 2 + play, -BITE_MM - 2 * play)]
    outline += [(x + end / 2 + play, length + play), (x - end / 2 - play, length + play)]
    side, up = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
    low, high = (-1.0, height + 1.0) if play else (0.0, height)
    return solids.prism(np.array(outline), np.array([0.0, 0.0, low]), side, up, high - low)
