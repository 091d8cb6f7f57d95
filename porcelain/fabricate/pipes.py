"""Body style "pipes": the article's machine as a tower. Each tier is one part, printed standing on its pipes' ends.

A tier is (boxes + pipe shells) - cavities - bores, the bores last, so that no shell ever blocks a channel.
"""

from __future__ import annotations

import numpy as np

from .. import bore
from ..body import Tower
from ..design import Design
from ..part import Part
from ..vessel import Bucket, Cup, Pipe, Vessel
from . import solids
from .solids import Solid

COLOURS = ("#d9e2ec", "#bcd4e6", "#9fc5dd", "#82b4d2")
BASE_COLOUR = "#8a8f98"
CUP_COLOURS = ("#e0a458", "#7fb069", "#c97b9b", "#6c8ebf", "#b08bbb", "#d1c256", "#8bbfb0", "#c58b6b")
OVER_MM = 50.0  # a cut through an open top runs on into the air
SEAT_RIM_MM = 3.0
KNEE_WIDTHS = 1.6  # long enough that its underside falls as steeply as the pipe
SILL_MARGIN_MM = 0.3
THIN_MM = 1.0  # what lies within this of a floor is not worth hollowing


def parts(design: Design) -> list[Part]:
    """Tiers from the top, the base and the cups, each in print position."""
    made = [_part(design, f"t{k}", _tier(design, k), COLOURS[k % 4], k) for k in range(len(design.tiers))]
    made.append(_part(design, "base", _base(design), BASE_COLOUR))
    for j, cup in enumerate(design.cups):
        made.append(_part(design, cup.name, _cup(design, cup), CUP_COLOURS[j % len(CUP_COLOURS)]))
    return made


def _tower_of(design: Design) -> Tower:
    """The design's body, known to be a tower."""
    assert isinstance(design.body, Tower)
    return design.body


def _part(design: Design, name: str, solid: Solid, colour: str, tier: int | None = None) -> Part:
    low = np.array(solid.bounding_box()[:3])
    vertices, faces = solids.to_mesh(solid.translate(tuple(-low)), name)
    pipes = () if tier is None else tuple(p.name for b in design.tiers[tier] for p in design.branches(b.name))
    return Part(name, vertices, faces, low, colour, channels=pipes)


# ---- tiers ------------------------------------------------------------------------------------------------------


def _tier(design: Design, k: int) -> Solid:
    """Row k of buckets with its pipes and its piece of the mast, in assembled position."""
    body, row = _tower_of(design), design.tiers[k]
    plane = float(body.planes_mm[k])
    rim = max(b.at_mm[2] + b.rim_mm for b in row)
    pipes = [pipe for bucket in row for pipe in design.branches(bucket.name)]
    outside = [_outer(row, body.wall_mm, plane, rim), _mast(design, k, plane, rim)]
    shells = solids.union(_shell(pipe, body) for pipe in pipes)
    solid = solids.union([*outside, solids.between(shells, plane, rim)])
    hollows = [_cavity(bucket, rim) for bucket in row]
    hollows += [h for cell in _cells(design, k) for h in _hollow(design, k, *cell)]
    hollows.append(_socket(design, plane))
    return solids.cut(solids.cut(solid, hollows), [_bore(pipe, body) for pipe in pipes])


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


def _bore(pipe: Pipe, body: Tower) -> Solid:
    """The channel, run on into the bucket and out below, so that no skin is left at either end.

    Where it turns, the upper end of its second stretch would be a level ceiling: a long knee slopes it.
    """
    return solids.tube(pipe.path_mm, pipe.bore_mm, (_into_mm(pipe, body), OVER_MM), (_bend_mm(pipe), 0.0))


def _shell(pipe: Pipe, body: Tower) -> Solid:
    """The channel's wall; what reaches into a bucket goes when the cavities are cut.

    Where the pipe turns, the end of its first stretch would hang in the air: a long knee carries it.
    """
    width = pipe.bore_mm + 2 * body.pipe_wall_mm
    return solids.tube(pipe.path_mm, width, (_into_mm(pipe, body), OVER_MM), (_bend_mm(pipe), KNEE_WIDTHS * width))


def _bend_mm(pipe: Pipe) -> float:
    """How far above its knee a channel begins to turn: not as far up as the sill, which must stay as planned."""
    first = pipe.path_mm[1] - pipe.path_mm[0]
    lean = float(-first[2] / np.hypot(first[0], first[1])) * pipe.bore_mm / 2
    return float(np.linalg.norm(first)) - lean - SILL_MARGIN_MM


def _into_mm(pipe: Pipe, body: Tower) -> float:
    """How far a bore runs on into its bucket until its apex, which leans outwards, is through the wall too."""
    apex = bore.teardrop(pipe.bore_mm)[:, 1].max()
    return float(apex * np.tan(np.radians(body.roof_deg))) + body.wall_mm


def _cells(design: Design, k: int) -> list[tuple[float, float, float]]:
    """Stretches of a row that are hollow below: (start, end, lowest floor above) along it."""
    row, body = design.tiers[k], _tower_of(design)
    a = _along(row)
    spans = sorted(
        (float(b.at_mm[a] - b.size_mm[a] / 2), float(b.at_mm[a] + b.size_mm[a] / 2), float(b.at_mm[2])) for b in row
    )
    rim = max(b.at_mm[2] + b.rim_mm for b in row)
    half = body.mast_mm / 2
    inner = [(lo, hi) for lo, hi in ((-_nearest(spans, -1), -half), (half, _nearest(spans, 1))) if hi - lo > 0]
    gaps = [(lo + body.wall_mm, hi - body.wall_mm, rim) for lo, hi in inner if hi - lo > 6 * body.wall_mm]
    return spans + gaps


def _nearest(spans: list[tuple[float, float, float]], side: int) -> float:
    """How far from the mast the first cell on one side begins; 0 if there is none."""
    return min((min(abs(lo), abs(hi)) for lo, hi, _ in spans if np.sign(lo + hi) == side), default=0.0)


def _hollow(design: Design, k: int, start: float, end: float, floor_z: float) -> list[Solid]:
    """The space below a floor, under a pitched roof: walls carry the bucket, no support is needed."""
    row, body = design.tiers[k], _tower_of(design)
    a = _along(row)
    across = row[0].size_mm[1 - a] / 2
    bottom, top = float(body.planes_mm[k]), floor_z - body.floor_mm
    if top - bottom < THIN_MM:
        return []
    low, high = np.zeros(3), np.zeros(3)
    low[[a, 1 - a, 2]] = start, -across, bottom - OVER_MM
    high[[a, 1 - a, 2]] = end, across, top
    return [solids.gable(low, high, 1 - a, body.roof_deg)]


# ---- mast, base and cups ----------------------------------------------------------------------------------------


def _mast(design: Design, k: int, bottom: float, rim: float) -> Solid:
    """The column that carries the tier above: shoulder at its plane, then a peg into its socket."""
    body = _tower_of(design)
    half = body.mast_mm / 2
    if k == 0:
        return solids.box([-half, -half, bottom], [half, half, rim])
    plane = float(body.planes_mm[k - 1])
    peg = half - body.wall_mm - design.printer.clearance_mm
    column = solids.box([-half, -half, bottom], [half, half, plane])
    return solids.union([column, solids.box([-peg, -peg, plane - 1.0], [peg, peg, plane + body.peg_mm])])


def _socket(design: Design, bottom: float) -> Solid:
    """Where the peg of the part below goes, closed by a pointed roof."""
    body = _tower_of(design)
    half = body.mast_mm / 2 - body.wall_mm
    high = [half, half, bottom + body.peg_mm + 1.0]
    return solids.pyramid([-half, -half, bottom - OVER_MM], high, body.roof_deg)


def _base(design: Design) -> Solid:
    """Base plate with a seat for every cup, and the lowest piece of the mast."""
    body = _tower_of(design)
    bars = [solids.box([x0, y0, 0.0], [x1, y1, body.foot_mm]) for x0, y0, x1, y1 in body.feet_mm]
    rims = [_seat(design, cup, body.wall_mm, body.foot_mm - 1.0) for cup in design.cups]
    seats = [_seat(design, cup, 0.0, body.foot_mm) for cup in design.cups]
    mast = _mast(design, len(design.tiers), 0.0, 0.0)
    return solids.union([solids.cut(solids.union(bars + rims), seats), mast])


def _seat(design: Design, cup: Cup, grow: float, bottom: float) -> Solid:
    half = np.array(cup.size_mm) / 2 + _tower_of(design).wall_mm + design.printer.clearance_mm + grow
    return solids.box(
        [*(cup.at_mm[:2] - half), bottom], [*(cup.at_mm[:2] + half), _tower_of(design).foot_mm + SEAT_RIM_MM]
    )


def _cup(design: Design, cup: Cup) -> Solid:
    body = _tower_of(design)
    half = np.array(cup.size_mm) / 2
    outer = half + body.wall_mm
    bottom, rim = float(cup.at_mm[2]), float(cup.at_mm[2] + cup.rim_mm)
    shell = solids.box([*(cup.at_mm[:2] - outer), bottom - body.floor_mm], [*(cup.at_mm[:2] + outer), rim])
    inner = solids.box([*(cup.at_mm[:2] - half), bottom], [*(cup.at_mm[:2] + half), rim + OVER_MM])
    return solids.cut(shell, [inner])
