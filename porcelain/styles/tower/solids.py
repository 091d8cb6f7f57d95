"""Solids of a tower: each tier is one part, printed standing on the ends of its pipes.

A tier is (boxes + pipe shells) - cavities - channels, the channels last, so that no shell ever blocks a channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ...geometry import channel, solids
from ...geometry.solids import Solid
from ...machine.assembly import Part
from ...machine.design import Design
from ...machine.layouts import SEAT_RIM_MM, Tower
from ...machine.vessel import Bucket, Cup, Pipe, Vessel
from .label_solids import labels
from .walls import layout_of

COLOURS = ("#d9e2ec", "#bcd4e6", "#9fc5dd", "#82b4d2")
BASE_COLOUR = "#8a8f98"
CUP_COLOURS = ("#e0a458", "#7fb069", "#c97b9b", "#6c8ebf", "#b08bbb", "#d1c256", "#8bbfb0", "#c58b6b")
OVER_MM = 50.0  # a cut through an open top runs on into the air
KNEE_WIDTHS = 1.6  # long enough that its underside falls as steeply as the pipe
SILL_MARGIN_MM = 0.3
CHEEK_NOZZLES = 2.15  # two lines: what holds no water needs no more
FAR_MM = 500.0
RIB_MM = 5.0  # of a wall between cups above their brims, so that no water that clings runs into the next
FEW_PIPES = 6
RING_MM = 20.0  # of more pipes the long slanted triangles all come near to each other, and a kernel takes for ever
TIDY_MM = 1e-5  # takes out the rings when they have done their work
THIN_MM = 1.0  # what lies within this of a floor is not worth hollowing


def parts(design: Design) -> list[Part]:
    """Tiers from the top, the base and the cups, each in print position; without a mast all in one."""
    tiers = {"body": 0} | {f"t{k}": k for k in range(len(design.tiers))}
    colours = {cup.name: CUP_COLOURS[j % len(CUP_COLOURS)] for j, cup in enumerate(design.cups)}
    colours |= {"base": BASE_COLOUR} | {name: COLOURS[k % len(COLOURS)] for name, k in tiers.items()}
    return [_part(design, name, solid, colours[name], tiers.get(name)) for name, solid in solids_of(design).items()]


def solids_of(design: Design) -> dict[str, Solid]:
    """Every part's solid by its name, in assembled position."""
    if not layout_of(design).mast_mm:
        return {"body": _stand(design)}
    tiers = {f"t{k}": _tier(design, k) for k in range(len(design.tiers))}
    return tiers | {"base": _base(design)} | {cup.name: _cup(design, cup) for cup in design.cups}


def _part(design: Design, name: str, solid: Solid, colour: str, tier: int | None = None) -> Part:
    low = np.array(solid.bounding_box()[:3])
    solid = solid.translate(tuple(-low))
    pipes = () if tier is None else tuple(p.name for b in design.tiers[tier] for p in design.branches(b.name))
    if len(pipes) > FEW_PIPES:
        solid = solids.tidy(solid, TIDY_MM)
    return Part(name, *solids.to_mesh(solid, name), low, colour, channels=pipes)


# ---- tiers ------------------------------------------------------------------------------------------------------


def _tier(design: Design, k: int) -> Solid:
    """Row k of buckets with its pipes and its piece of the mast, in assembled position."""
    layout, row = layout_of(design), design.tiers[k]
    plane = float(layout.planes_mm[k])
    rim = max(b.at_mm[2] + b.rim_mm for b in row)
    pipes = [pipe for bucket in row for pipe in design.branches(bucket.name)]
    edges, roofs = _hollows(design, k)
    outer = solids.cut(_outer(row, layout.wall_mm, plane, rim), edges)
    outside = [outer, _mast(design, k, plane, rim), *labels(design, row)]
    ring = RING_MM if len(pipes) > FEW_PIPES else np.inf
    shells = solids.union(_shell(pipe, layout, ring) for pipe in pipes)
    solid = solids.union([*outside, solids.between(shells, plane, rim)])
    channels = [_channel(pipe, layout, design.printer.hole_shrink_mm, ring) for pipe in pipes]
    hollows = [*roofs, *(_cavity(bucket, rim) for bucket in row), _socket(design, plane)]
    return solids.cut(solids.cut(solid, hollows), channels)


def _outer(row: tuple[Vessel, ...], wall: float, bottom: float, top: float) -> Solid:
    """One box round a whole row."""
    reach = [np.array(v.size_mm) / 2 + wall for v in row]
    low = np.min([v.at_mm[:2] - r for v, r in zip(row, reach, strict=True)], axis=0)
    high = np.max([v.at_mm[:2] + r for v, r in zip(row, reach, strict=True)], axis=0)
    side = _along(row)
    # A row on one side of the mast only still reaches it.
    low[side], high[side] = min(low[side], 0.0), max(high[side], 0.0)
    return solids.box([*low, bottom], [*high, top])


def _along(row: tuple[Vessel, ...]) -> int:
    """Which axis a row stands along: cells of a row share the other coordinate, which is 0."""
    return int(np.argmax(np.abs(row[0].at_mm[:2])))


def _cavity(bucket: Bucket, top: float) -> Solid:
    half = np.array(bucket.size_mm) / 2
    return solids.box([*(bucket.at_mm[:2] - half), bucket.at_mm[2]], [*(bucket.at_mm[:2] + half), top + OVER_MM])


def _channel(pipe: Pipe, layout: Tower, shrink_mm: float, ring_mm: float, out_mm: float = OVER_MM) -> Solid:
    """The channel, run on into the bucket and out below, so that no skin is left at either end.

    Where it turns, the upper end of its second stretch would be a level ceiling: a long knee slopes it. It is drawn
    wider by what printing takes, and no lower at the sill.
    """
    first = pipe.path_mm[1] - pipe.path_mm[0]
    fall = float(-first[2] / np.hypot(first[0], first[1]))
    wide = pipe.bore_mm + shrink_mm
    lift = channel.mouth_mm(pipe.bore_mm, fall)[0] - channel.mouth_mm(wide, fall)[0]
    path = pipe.path_mm + np.array([0.0, 0.0, lift])
    ends, knee = (_into_mm(pipe, layout), out_mm), (_bend_mm(pipe), 0.0)
    return solids.tube(path, wide, ends, knee, ring_mm=ring_mm)


def _shell(pipe: Pipe, layout: Tower, ring_mm: float) -> Solid:
    """The channel's wall; what reaches into a bucket goes when the cavities are cut.

    Where the pipe turns, the end of its first stretch would hang in the air: a long knee carries it.
    """
    width = pipe.bore_mm + 2 * layout.pipe_wall_mm
    ends, knee = (_into_mm(pipe, layout), OVER_MM), (_bend_mm(pipe), KNEE_WIDTHS * width)
    return solids.tube(pipe.path_mm, width, ends, knee, ring_mm=ring_mm)


def _bend_mm(pipe: Pipe) -> float:
    """How far above its knee a channel begins to turn: not as far up as the sill, which must stay as planned."""
    first = pipe.path_mm[1] - pipe.path_mm[0]
    lean = float(-first[2] / np.hypot(first[0], first[1])) * pipe.bore_mm / 2
    return float(np.linalg.norm(first)) - lean - SILL_MARGIN_MM


def _into_mm(pipe: Pipe, layout: Tower) -> float:
    """How far a channel runs on into its bucket until its apex, which leans outwards, is through the wall too."""
    apex = channel.section(pipe.bore_mm)[:, 1].max()
    return float(apex * np.tan(np.radians(layout.roof_deg))) + layout.wall_mm


Cell = tuple[float, float, float]
"""One side of a row: (nearest, farthest, height of the floor's underside above the bed) of a bucket."""


def _hollows(design: Design, k: int) -> tuple[list[Solid], list[Solid]]:
    """All that a tier does not need below its buckets: what lies under its leaning edges, and under pitched roofs."""
    row, layout = design.tiers[k], layout_of(design)
    a, plane = _along(row), float(layout.planes_mm[k])
    edges, roofs = [], []
    for side in (-1, 1):
        cells = sorted(
            (side * float(b.at_mm[a]) - b.size_mm[a] / 2, side * float(b.at_mm[a]) + b.size_mm[a] / 2,
             float(b.at_mm[2]) - layout.floor_mm - plane)
            for b in row
            if np.sign(b.at_mm[a]) == side
        )  # fmt: skip
        if cells:
            pitch = _half_mm(design, k) * float(np.tan(np.radians(layout.roof_deg)))
            carriers = _carriers(cells, pitch, layout)
            edges += [_across(design, k, side, outline) for outline in _under(carriers, cells, layout)]
            roofs += [_roof(design, k, side, *span) for span in _spans(carriers, cells, layout)]
    return edges, roofs


def _spans(carriers: list[tuple[float, float]], cells: list[Cell], layout: Tower) -> Iterator[Cell]:
    """Where roofs begin and end. A wall between two floors stands on the lower one and goes no further down."""
    leans = [not any(low < (near + far) / 2 < high for low, high in carriers) for near, far, _ in cells]
    for i, (low, high, height) in enumerate(cells):
        if height < THIN_MM:
            continue
        under_inner = i > 0 and leans[i] and leans[i - 1] and height < cells[i - 1][2]
        last = i + 1 == len(cells)
        under_outer = leans[i] and (last or (leans[i + 1] and height <= cells[i + 1][2]))
        beyond = OVER_MM if last else layout.wall_mm
        yield low - layout.wall_mm * under_inner, high + beyond * under_outer, height


def _carriers(cells: list[Cell], pitch_mm: float, layout: Tower) -> list[tuple[float, float]]:
    """What stands on the bed along one side: the mast, and buckets too deep to lean on what stands already.

    A leaning edge must end below the eaves of a roof: where both grow, their corner hangs over more than either.
    """
    carriers = [(0.0, layout.mast_mm / 2)]
    waiting = [(low - layout.wall_mm, high + layout.wall_mm, height - pitch_mm) for low, high, height in cells]
    while deep := [c for c in waiting if max(_above(end, carriers, layout) for end in c[:2]) > c[2]]:
        lowest = min(deep, key=lambda cell: cell[2])
        waiting.remove(lowest)
        carriers.append(lowest[:2])
    return sorted(carriers)


def _above(u: float, carriers: list[tuple[float, float]], layout: Tower) -> float:
    """How high above the bed something this far out hangs that leans on the nearest carrier."""
    away = min(max(low - u, u - high, 0.0) for low, high in carriers)
    return float(away * np.tan(np.radians(layout.roof_deg)))


def _under(
    carriers: list[tuple[float, float]], cells: list[Cell], layout: Tower
) -> Iterator[list[tuple[float, float]]]:
    """Outlines (distance from the mast's axis, height above the bed) of what lies under the leaning edges."""
    rise = float(np.tan(np.radians(layout.roof_deg)))
    last, reach = carriers[-1][1], cells[-1][1] + OVER_MM
    if last < cells[-1][1]:
        yield [(last, -OVER_MM), (reach, -OVER_MM), (reach, (reach - last) * rise), (last, 0.0)]
    for (_, low), (high, _) in pairwise(carriers):
        if high - low > 2 * layout.wall_mm:
            top = (low + high) / 2, (high - low) / 2 * rise
            yield [(low, -OVER_MM), (high, -OVER_MM), (high, 0.0), top, (low, 0.0)]


def _half_mm(design: Design, k: int) -> float:
    """Half of what a roof spans, from cheek to cheek."""
    row, layout = design.tiers[k], layout_of(design)
    return row[0].size_mm[1 - _along(row)] / 2 + layout.wall_mm - CHEEK_NOZZLES * design.printer.nozzle_mm


def _across(design: Design, k: int, side: int, outline: list[tuple[float, float]]) -> Solid:
    """An outline in (distance from the mast's axis, height above the bed) on one side, cut right through the row."""
    level, up = np.zeros(3), np.array([0.0, 0.0, 1.0])
    level[_along(design.tiers[k])] = side
    start = up * float(layout_of(design).planes_mm[k]) - np.cross(level, up) * FAR_MM
    return solids.prism(np.array(outline), start, level, up, 2 * FAR_MM)


def _roof(design: Design, k: int, side: int, near: float, far: float, height: float) -> Solid:
    """The space below a floor, under a pitched roof between thin cheeks."""
    row, layout = design.tiers[k], layout_of(design)
    a, plane = _along(row), float(layout.planes_mm[k])
    across = _half_mm(design, k)
    low, high = np.zeros(3), np.zeros(3)
    low[[a, 1 - a, 2]] = min(side * near, side * far), -across, plane - OVER_MM
    high[[a, 1 - a, 2]] = max(side * near, side * far), across, plane + height
    return solids.gable(low, high, 1 - a, layout.roof_deg)


# ---- mast, base and cups ----------------------------------------------------------------------------------------


def _mast(design: Design, k: int, bottom: float, rim: float) -> Solid:
    """The column that carries the tier above: shoulder at its plane, then a peg into its socket."""
    layout = layout_of(design)
    half = layout.mast_mm / 2
    if k == 0:
        return solids.box([-half, -half, bottom], [half, half, rim])
    plane = float(layout.planes_mm[k - 1])
    peg = half - layout.wall_mm - design.printer.clearance_mm
    column = solids.box([-half, -half, bottom], [half, half, plane])
    return solids.union([column, solids.box([-peg, -peg, plane - 1.0], [peg, peg, plane + layout.peg_mm])])


def _socket(design: Design, bottom: float) -> Solid:
    """Where the peg of the part below goes, closed by a pointed roof."""
    layout = layout_of(design)
    half = layout.mast_mm / 2 - layout.wall_mm
    high = [half, half, bottom + layout.peg_mm + 1.0]
    return solids.pyramid([-half, -half, bottom - OVER_MM], high, layout.roof_deg)


def _base(design: Design) -> Solid:
    """Base plate with a seat for every cup, and the lowest piece of the mast."""
    layout = layout_of(design)
    bars = [solids.box([x0, y0, 0.0], [x1, y1, layout.foot_mm]) for x0, y0, x1, y1 in layout.feet_mm]
    rims = [_seat(design, cup, layout.wall_mm, layout.foot_mm - 1.0) for cup in design.cups]
    seats = [_seat(design, cup, 0.0, layout.foot_mm) for cup in design.cups]
    mast = _mast(design, len(design.tiers), 0.0, 0.0)
    return solids.union([solids.cut(solids.union(bars + rims), seats), mast])


def _seat(design: Design, cup: Cup, grow: float, bottom: float) -> Solid:
    half = np.array(cup.size_mm) / 2 + layout_of(design).wall_mm + design.printer.clearance_mm + grow
    return solids.box(
        [*(cup.at_mm[:2] - half), bottom], [*(cup.at_mm[:2] + half), layout_of(design).foot_mm + SEAT_RIM_MM]
    )


def _cup(design: Design, cup: Cup) -> Solid:
    layout = layout_of(design)
    half = np.array(cup.size_mm) / 2
    outer = half + layout.wall_mm
    bottom, rim = float(cup.at_mm[2]), float(cup.at_mm[2] + cup.rim_mm)
    shell = solids.box([*(cup.at_mm[:2] - outer), bottom - layout.floor_mm], [*(cup.at_mm[:2] + outer), rim])
    inner = solids.box([*(cup.at_mm[:2] - half), bottom], [*(cup.at_mm[:2] + half), rim + OVER_MM])
    return solids.cut(solids.union([shell, *labels(design, [cup])]), [inner])


# ---- without a mast ---------------------------------------------------------------------------------------------


def _stand(design: Design) -> Solid:
    """One bucket behind the cups that its holes run into, hollow below; walls between the cups rise to its sill."""
    layout, (bucket,), cups = layout_of(design), design.tiers[0], design.cups
    wall, pipes = layout.wall_mm, design.branches(bucket.name)
    holes_at = max(float(pipe.path_mm[-1, 1]) for pipe in pipes)  # outer face of the wall with the holes
    sill, rim = float(bucket.at_mm[2]) + bucket.outlet.sill_mm, float(bucket.at_mm[2]) + bucket.rim_mm
    half = np.array(bucket.size_mm) / 2
    brim = float(cups[0].at_mm[2]) + cups[0].rim_mm
    front = float(cups[0].at_mm[1]) + cups[0].size_mm[1] / 2 + wall
    low, high = np.array([-half[0] - wall, -half[1] - wall, 0.0]), np.array([half[0] + wall, holes_at, rim])
    boxes = [solids.box(low, high), solids.box([low[0], half[1], 0.0], [high[0], front, brim])]
    xs = sorted(float(cup.at_mm[0]) for cup in cups)
    part = (xs[1] - xs[0] - cups[0].size_mm[0]) / 2
    ribs = [
        solids.box([x - part, half[1], 0.0], [x + part, holes_at + RIB_MM, sill])
        for x in ((a + b) / 2 for a, b in pairwise(xs))
    ]
    cheek = CHEEK_NOZZLES * design.printer.nozzle_mm
    under = [high[0] - cheek, holes_at - wall, float(bucket.at_mm[2]) - layout.floor_mm]
    hollow = solids.gable([low[0] + cheek, low[1] + cheek, -OVER_MM], under, 1, layout.roof_deg)
    room = [_inside(cup, brim) for cup in cups]
    solid = solids.cut(solids.union(boxes), [hollow, _cavity(bucket, rim), *room])
    shrink = design.printer.hole_shrink_mm
    channels = [_channel(pipe, layout, shrink, np.inf, float(pipe.bore_mm)) for pipe in pipes]
    return solids.cut(solids.union([solid, *ribs, *labels(design, cups)]), channels)


def _inside(cup: Cup, brim: float) -> Solid:
    half = np.array(cup.size_mm) / 2
    return solids.box([*(cup.at_mm[:2] - half), float(cup.at_mm[2])], [*(cup.at_mm[:2] + half), brim + OVER_MM])
