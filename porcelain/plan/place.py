"""Places for body style "pipes": crossing rows round a mast, so that straight pipes never meet.

Rows stand along x and y in turn. Pipes from one row to the next join two skew lines; two such pipes with different
ends cannot meet, and clearance is a matter of pitch. Each pipe leaves its bucket square to the wall and then runs
straight to the next row's mouth; all end on one plane, which is the bed when the tier is printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from .. import bore
from ..arrays import Floats, Ints
from ..body import Tower
from ..errors import Finding
from ..network import Network
from ..printer import Printer
from ..units import MM3_PER_ML
from ..vessel import Bucket, Cup, Outlet, Pipe
from .limits import beside_mm, between_mm, smallest_gap
from .size import CUP_MM, MARGIN_MM, MAX_DEPTH_MM, MIN_CELL_MM, RowSizes, Sizes

MAST_MM = 20.0
PEG_MM = 30.0
GAP_MM = 4.0  # an open fall above each mouth: a pipe never dips into the water below
FLOOR_MM = 1.6
FOOT_MM = 2.0
SEAT_MM = 0.4  # play round a cup on its seat
ROOF_DEG = 50.0  # overhangs at 45 degrees still draw support here and there; at 50 none
FALL = float(np.tan(np.radians(ROOF_DEG)))
SLANT = 1.0 / float(np.sin(np.radians(ROOF_DEG)))  # a slanted pipe cut level is this much longer
APEX = 1.21  # and its teardrop this much longer than round
LEAD = 0.21  # and its apex goes ahead by this much more than the round part lags behind
DRAW_NEARER = 1.1  # pipes of one wall draw nearer as they turn
STAGGER_MM = 4.0  # so each turns this much further out than its inner neighbour
WIDEN_MM = (0.0, 1.5, 3.0, 6.0, 10.0, 15.0, 20.0, 30.0)
PIPE_WALL_MM = 1.2  # three lines of a 0.4 nozzle: water runs through a channel and does not stand in it
DEEPER_MM = 2.0
# Seconds per mm2 of surface, read off the G-code of a tower: walls are four lines, pipes three slow ones, cheeks two.
WALL_S_MM2, PIPE_S_MM2, CHEEK_S_MM2 = 0.6, 1.2, 0.4
TRIALS = 4000  # orders tried, shared among the pipes: a second or two for any size


Orders = tuple[Ints, ...]
"""Per row, cups last, the numbers of its cells from one end to the other."""
Depths = tuple[float, ...]
"""Per row, cups last, how much deeper it is across than it need be: then it is shorter."""


@dataclass(frozen=True)
class Placed:
    """A tower: its rows, pipes, cups and body."""

    tiers: tuple[tuple[Bucket, ...], ...]
    pipes: tuple[Pipe, ...]
    cups: tuple[Cup, ...]
    body: Tower


@dataclass(frozen=True)
class Layout:
    """What the search may change."""

    orders: Orders
    deeper_mm: Depths

    def changed(self) -> Iterator[Layout]:
        """Every layout one step away: two cells of a row change places, or a row is made deeper or less deep."""
        for k, order in enumerate(self.orders):
            for step in (DEEPER_MM, -DEEPER_MM):
                if self.deeper_mm[k] + step >= 0:
                    deeper = (*self.deeper_mm[:k], self.deeper_mm[k] + step, *self.deeper_mm[k + 1 :])
                    yield replace(self, deeper_mm=deeper)
            for i, j in combinations(range(len(order)), 2):
                swapped = order.copy()
                swapped[[i, j]] = order[[j, i]]
                yield replace(self, orders=(*self.orders[:k], swapped, *self.orders[k + 1 :]))


@dataclass(frozen=True)
class Row:
    """Cells along a row: inner lengths (n,), centres (n,), one inner depth across for all.

    Pipes end about ``mouths_mm`` (n,) in two lanes ``lanes_mm`` (n,) apart, one for either side of the mast.
    """

    lengths_mm: Floats
    centres_mm: Floats
    mouths_mm: Floats
    across_mm: float
    lanes_mm: Floats


def tower(network: Network, printer: Printer, sizes: Sizes) -> Placed:
    """Rows in the order that falls least, with every clearance kept, widened step by step until they are."""
    layout = _search(sizes, printer.min_wall_mm)
    for widen in WIDEN_MM:
        placed = _tower(network, printer, sizes, layout, widen)
        if clear(placed) or _widest_mm(placed) > max(printer.bed_mm):
            break
    return placed


def clear(placed: Placed) -> bool:
    """Whether bores lie apart and all water falls into its mouth."""
    apart = between_mm(placed.body.pipe_wall_mm)
    vessels = {v.name: v for row in (*placed.tiers, placed.cups) for v in row}
    return all(beside_mm(pipe, vessels[pipe.target]) <= 0 for pipe in placed.pipes) and all(
        smallest_gap(_leaving(row, placed.pipes))[0] >= apart for row in placed.tiers
    )


def before(network: Network, printer: Printer) -> list[Finding]:
    """What can be refused at a glance: more cells in a row than the bed is wide."""
    bed, findings = max(printer.bed_mm[:2]), []
    for k, n in enumerate(network.widths):
        last = k == len(network.layers)
        width = MAST_MM + n * (MIN_CELL_MM + printer.min_wall_mm * (1 + last))
        if width > bed:
            where, advice = "cups" if last else f"row {k}", "use a larger printer or fewer buckets"
            findings.append(Finding("width", where, f"{width:.0f} mm at least", f"{bed:g} mm", advice))
    return findings


def _widest_mm(placed: Placed) -> float:
    vessels = [v for row in (*placed.tiers, placed.cups) for v in row]
    ends = np.array([v.at_mm[:2] + side * np.array(v.size_mm) / 2 for v in vessels for side in (-1, 1)])
    return float(np.ptp(ends, axis=0).max())


def _leaving(row: tuple[Bucket, ...], pipes: tuple[Pipe, ...]) -> list[Pipe]:
    names = {bucket.name for bucket in row}
    return [pipe for pipe in pipes if pipe.source in names]


def _tower(network: Network, printer: Printer, sizes: Sizes, layout: Layout, widen_mm: float) -> Placed:
    wall, orders = printer.min_wall_mm, layout.orders
    sizes = _in_order(sizes, orders)
    rows = _rows(sizes, wall, layout.deeper_mm, widen_mm)
    rims, planes, cup_rim = _heights(rows, sizes, wall)
    labels = [network.encoding.names, *[tuple(f"hidden {i}" for i in range(n)) for n in network.widths[1:-1]]]
    tiers, pipes = [], []
    for k, size in enumerate(sizes.rows):
        sill_z = planes[k] + _fall_mm(rows, sizes, k, wall)
        tiers.append(_buckets(k, rows[k], orders[k], size, sill_z, rims[k], labels[k], sizes.discharge))
        pipes += _pipes(k, rows[k], rows[k + 1], orders, size, sill_z, planes[k], wall)
    cups = _cups(network, rows[-1], orders[-1], cup_rim)
    feet = _feet(rows, wall, len(sizes.rows))
    body = Tower(np.array(planes), MAST_MM, PEG_MM, GAP_MM, wall, PIPE_WALL_MM, FLOOR_MM, FOOT_MM, ROOF_DEG, feet)
    return Placed(tuple(tiers), tuple(pipes), cups, body)


# ---- orders -----------------------------------------------------------------------------------------------------


def _in_order(sizes: Sizes, orders: Orders) -> Sizes:
    """Sizes by place along the rows instead of by number."""
    rows = []
    for size, here, below in zip(sizes.rows, orders, orders[1:], strict=False):
        tables = {name: getattr(size, name)[np.ix_(here, below)] for name in ("shares", "bores_mm", "areas_mm2")}
        lists = {name: getattr(size, name)[here] for name in ("thresholds_ml", "stops_mm")}
        rows.append(replace(size, **lists, **tables))
    return replace(sizes, rows=tuple(rows))


def _search(sizes: Sizes, wall: float) -> Layout:
    """Which cell stands where and how deep the rows are: changed one by one for as long as that prints faster."""
    widths = [len(size.thresholds_ml) for size in sizes.rows] + [sizes.rows[-1].bores_mm.shape[1]]
    best = Layout(tuple(np.arange(n) for n in widths), (0.0,) * len(widths))
    least = _cost_s(sizes, best, wall)
    trials = TRIALS // max(1, sum(int((size.bores_mm > 0).sum()) for size in sizes.rows))
    better = True
    while better:
        better = False
        for layout in best.changed():
            trials -= 1
            if trials < 0:
                return best
            if (cost := _cost_s(sizes, layout, wall)) < least - 1e-6:
                best, least, better = layout, cost, True
                break
    return best


def _cost_s(sizes: Sizes, layout: Layout, wall: float) -> float:
    """About how long a tower prints: its walls and its pipes, which go slowly because they are small."""
    placed = _in_order(sizes, layout.orders)
    rows = _rows(placed, wall, layout.deeper_mm, 0.0)
    cost = 0.0
    for k, (size, row) in enumerate(zip(placed.rows, rows, strict=False)):
        fall = _fall_mm(rows, placed, k, wall)
        depths = size.thresholds_ml * MM3_PER_ML / row.lengths_mm / row.across_mm
        around = np.pi * (size.bores_mm + PIPE_WALL_MM)[size.bores_mm > 0].sum()
        walls = ((2 * row.lengths_mm + row.across_mm) * (depths + _freeboard_mm(size, wall))).sum()
        lean = np.maximum(np.abs(row.centres_mm) - MAST_MM / 2, 0.0) * FALL
        eaves = fall - depths - row.across_mm / 2 * FALL
        cheeks = (2 * row.lengths_mm * (fall - depths - np.where(lean < eaves, lean, 0.0))).sum()
        cost += PIPE_S_MM2 * around * fall + WALL_S_MM2 * (walls + 4 * MAST_MM * fall) + CHEEK_S_MM2 * cheeks
    return cost + WALL_S_MM2 * 2 * len(rows[-1].lengths_mm) * CUP_MM * (rows[-1].lengths_mm[0] + rows[-1].across_mm)


# ---- along the rows ---------------------------------------------------------------------------------------------


def _rows(sizes: Sizes, wall: float, deeper_mm: Depths, widen_mm: float) -> list[Row]:
    rows: list[Row] = []
    knee = 0.0
    lanes = reaches = np.zeros(len(sizes.rows[0].thresholds_ml))
    for k, size in enumerate(sizes.rows):
        arriving = 0.0 if k == 0 else _arriving_mm(sizes.rows[k - 1].bores_mm)
        across = _up(max(MIN_CELL_MM, arriving) + deeper_mm[k])
        lengths = np.maximum(_lengths(size, across), 2 * reaches) + widen_mm
        rows.append(Row(*_along(lengths, reaches, wall, knee), across, lanes))
        lanes, reaches = _arrivals_mm(size.bores_mm, widen_mm / 4)
        knee = _nearest_mm(size, across, wall)
    across = _up(max(MIN_CELL_MM, _arriving_mm(sizes.rows[-1].bores_mm)))
    n = sizes.rows[-1].bores_mm.shape[1]
    length = _up(max(MIN_CELL_MM, 2 * reaches.max()) + widen_mm)
    across = _up(max(across, sizes.cup_ml * MM3_PER_ML / length / (CUP_MM + deeper_mm[-1])))
    outer = wall + SEAT_MM  # loose cups have walls of their own, and seats between them
    _, centres, mouths = _along(np.full(n, length + 2 * outer), reaches + outer, wall, knee, stretch=False)
    rows.append(Row(np.full(n, length), centres, mouths, across, lanes))
    return rows


def _nearest_mm(size: RowSizes, across: float, wall: float) -> float:
    """How far from the mast the next row's first mouth must be: its inner lane clears the row above."""
    widest = float(size.bores_mm.max())
    both = bool(np.all([np.any(side) for side in np.array_split(size.bores_mm, [len(size.bores_mm) // 2])]))
    lane = SLANT * (APEX * widest + between_mm(PIPE_WALL_MM)) / 2 if both else 0.0
    return across / 2 + wall + between_mm(PIPE_WALL_MM) / 2 + widest / 2 + lane


def _arriving_mm(bores_mm: Floats) -> float:
    """Room that the pipes arriving at one mouth need across it: two lanes, one from either side of the mast.

    Slanting water goes on sideways in the open fall above the rim, either way.
    """
    half = len(bores_mm) // 2
    lanes = [
        (lane * SLANT * APEX).sum(axis=0) + ((lane > 0).sum(axis=0) - 1) * SLANT * between_mm(PIPE_WALL_MM)
        for lane in (bores_mm[:half], bores_mm[half:])
    ]
    return float(np.max(lanes)) + LEAD * SLANT * float(bores_mm.max()) + 2 * GAP_MM / FALL


def _lengths(size: RowSizes, across: float) -> Floats:
    """Inner lengths along the row: room for the mouths on either wall, and for the threshold's volume."""
    half = size.bores_mm.shape[1] // 2
    sides = (size.bores_mm[:, :half], size.bores_mm[:, half:])
    needs = [side.sum(axis=1) + (side > 0).sum(axis=1) * DRAW_NEARER * between_mm(PIPE_WALL_MM) for side in sides]
    by_volume = size.thresholds_ml * MM3_PER_ML / across / MAX_DEPTH_MM
    lengths = np.maximum.reduce([*needs, by_volume, np.full(len(by_volume), MIN_CELL_MM)])
    return np.ceil(lengths * 10) / 10


def _arrivals_mm(bores_mm: Floats, spread_mm: float) -> tuple[Floats, Floats]:
    """Per mouth (n_out,): distance of its two lanes, and how far along the row its pipes reach from its middle."""
    half = len(bores_mm) // 2
    widest = np.array([side.max(axis=0, initial=0.0) for side in (bores_mm[:half], bores_mm[half:])])
    both = widest.min(axis=0) > 0
    lanes = both * (SLANT * (APEX * widest.sum(axis=0) / 2 + between_mm(PIPE_WALL_MM)) + spread_mm)
    reaches = lanes / 2 + SLANT * APEX * widest.max(axis=0) / 2 + GAP_MM / FALL
    return lanes, np.ceil(20 * reaches) / 20


def _along(
    lengths: Floats, reaches: Floats, wall: float, knee_mm: float, stretch: bool = True
) -> tuple[Floats, Floats, Floats]:
    """Lengths, centres and mouths of cells on both sides of the mast, shared walls between."""
    half = len(lengths) // 2
    left = [-x[::-1] for x in _stack(lengths[:half][::-1], reaches[:half][::-1], wall, knee_mm, stretch)]
    right = _stack(lengths[half:], reaches[half:], wall, knee_mm, stretch)
    found, centres, mouths = (np.concatenate(both) for both in zip(left, right, strict=True))
    return np.abs(found), centres, mouths


def _stack(
    lengths: Floats, reaches: Floats, wall: float, knee_mm: float, stretch: bool
) -> tuple[Floats, Floats, Floats]:
    """One side, from the mast on: mouths lie as near to it as they may, the first beyond the knees above.

    The first cell is stretched to the mast, or moved off it.
    """
    if not len(lengths):
        return lengths, lengths, lengths
    lengths = lengths.copy()
    short = max(0.0, knee_mm + 1.0 - reaches[0] - MAST_MM / 2)
    if stretch:
        lengths[0] = _up(max(lengths[0], short + 2 * reaches[0]))
    start = MAST_MM / 2 + (0.0 if stretch else short)
    ends = start + np.cumsum(lengths + wall)
    mouths = ends - wall - lengths + reaches
    mouths[0] = max(mouths[0], knee_mm + 1.0)
    return lengths, np.round(ends - wall - lengths / 2, 2), np.round(mouths, 2)


def _up(value: float) -> float:
    return float(np.ceil(value * 10) / 10)


# ---- heights ----------------------------------------------------------------------------------------------------


def _heights(rows: list[Row], sizes: Sizes, wall: float) -> tuple[list[float], list[float], float]:
    """Rim height above the table of each tier, its plane, and the rim of the cups."""
    cup_rim = _up(
        FOOT_MM + FLOOR_MM + MARGIN_MM + sizes.cup_ml * MM3_PER_ML / rows[-1].lengths_mm[0] / rows[-1].across_mm
    )
    below = cup_rim
    rims: list[float] = []
    planes: list[float] = []
    for k in reversed(range(len(sizes.rows))):
        size = sizes.rows[k]
        plane = _up(below + GAP_MM)
        below = _up(plane + _fall_mm(rows, sizes, k, wall) + _freeboard_mm(size, wall))
        planes.insert(0, plane)
        rims.insert(0, below)
    return rims, planes, cup_rim


def _freeboard_mm(size: RowSizes, wall: float) -> float:
    """Height of the rims above the sills: the worst pour stays inside, and the widest mouth is framed."""
    mouth_top = float(np.ptp(bore.mouth_mm(float(size.bores_mm.max()), FALL)))
    return max(size.head_mm + MARGIN_MM, mouth_top + wall)


def _fall_mm(rows: list[Row], sizes: Sizes, k: int, wall: float) -> float:
    """Height of a tier's sills above its plane: every pipe falls at the roof's slope, every bucket has a floor."""
    size, row = sizes.rows[k], rows[k]
    falls = [
        -(end - start)[2]
        for paths in _paths(row, rows[k + 1], size, 0.0, None, wall).values()
        for start, end in [(paths[0], paths[-1])]
    ]
    depth = (size.thresholds_ml * MM3_PER_ML / row.lengths_mm / row.across_mm).max()
    return _up(max(max(falls), depth + 2 * FLOOR_MM))


# ---- pipes ------------------------------------------------------------------------------------------------------


def _pipes(
    k: int, row: Row, below: Row, orders: Orders, size: RowSizes, sill_z: float, plane: float, wall: float
) -> list[Pipe]:
    pipes = {}
    last = k == len(orders) - 2
    for (i, j), path in _paths(row, below, size, sill_z, plane, wall).items():
        area = float(size.areas_mm2[i, j])
        path_mm = np.round(_turn(path, k), 3)
        source, target = int(orders[k][i]), int(orders[k + 1][j])
        below_name = f"c{target}" if last else f"b{k + 1}.{target}"
        name = f"p{k}.{source}-{target}"
        pipes[source, target] = Pipe(name, f"b{k}.{source}", below_name, float(size.shares[i, j]), area, path_mm)
    return [pipes[ends] for ends in sorted(pipes)]


def _turn(points: Floats, k: int) -> Floats:
    """(along, across, z) to (x, y, z): even rows stand along x, odd ones along y."""
    return points if k % 2 == 0 else points[..., [1, 0, 2]]


def _paths(
    row: Row, below: Row, size: RowSizes, sill_z: float, plane: float | None, wall: float
) -> dict[tuple[int, int], Floats]:
    """Axis of every pipe in (along, across, z): inner wall, knee, end. Without a plane each ends as high as it may."""
    ends = _ends(row, below, size)
    paths = {}
    for i in range(len(row.lengths_mm)):
        for j, (start, rank) in _starts(i, row, below, size).items():
            d = size.bores_mm[i, j]
            side = np.sign(below.mouths_mm[j])
            axis_z = sill_z - bore.mouth_mm(d, FALL)[0]
            reach = wall + between_mm(PIPE_WALL_MM) / 2 + d / 2 + rank * STAGGER_MM
            first = np.array([start, side * row.across_mm / 2, axis_z])
            knee = first + reach * np.array([0.0, side, -FALL])
            run = float(np.linalg.norm(ends[i, j] - knee[:2]))
            end_z = knee[2] - max(run * FALL, 1.0) if plane is None else plane
            paths[i, j] = np.array([first, knee, [*ends[i, j], end_z]])
    return paths


def _starts(i: int, row: Row, below: Row, size: RowSizes) -> dict[int, tuple[float, int]]:
    """Where along the wall each pipe of bucket i leaves, and its rank: nearer targets lie nearer to the mast."""
    starts: dict[int, tuple[float, int]] = {}
    centre = row.centres_mm[i]
    for side in (-1, 1):
        targets = [j for j in np.flatnonzero(size.bores_mm[i]) if np.sign(below.mouths_mm[j]) == side]
        targets.sort(key=lambda j: abs(below.mouths_mm[j]))
        offsets = _side_by_side(size.bores_mm[i, targets], DRAW_NEARER * between_mm(PIPE_WALL_MM))
        places = centre + np.sign(centre) * offsets
        starts |= {int(j): (float(place), rank) for rank, (j, place) in enumerate(zip(targets, places, strict=True))}
    return starts


def _ends(row: Row, below: Row, size: RowSizes) -> Floats:
    """Where each pipe ends in the next row's frame, (n, n_out, 2) across and along: in the order of the buckets.

    A mouth has a lane for the pipes from either side of the mast, so that it need not be wide.
    """
    ends = np.zeros((*size.bores_mm.shape, 2))
    ends[..., 1] = below.mouths_mm
    for j, bores in enumerate(size.bores_mm.T):
        lanes = [np.flatnonzero((bores > 0) & (np.sign(row.centres_mm) == side)) for side in (-1, 1)]
        for side, lane in zip((-1, 1), lanes, strict=True):
            ends[lane, j, 0] = _side_by_side(bores[lane] * SLANT * APEX, SLANT * between_mm(PIPE_WALL_MM))
            ends[lane, j, 1] += side * below.lanes_mm[j] / 2
    return ends


def _side_by_side(widths: Floats, gap: float) -> Floats:
    """Centres of things of these widths in a line with a gap between, about 0."""
    if not len(widths):
        return widths
    ends = np.cumsum(widths + gap)
    centres: Floats = ends - gap - widths / 2
    return centres - (ends[-1] - gap) / 2


# ---- vessels ----------------------------------------------------------------------------------------------------


def _buckets(
    k: int,
    row: Row,
    order: Ints,
    size: RowSizes,
    sill_z: float,
    rim_z: float,
    labels: tuple[str, ...],
    discharge: float,
) -> tuple[Bucket, ...]:
    buckets = {}
    for i, (number, length) in enumerate(zip(order.tolist(), row.lengths_mm, strict=True)):
        area = float(length * row.across_mm)
        stop = float(size.stops_mm[i])
        depth = max(0.0, round(float(size.thresholds_ml[i]) * MM3_PER_ML / area - stop, 2))
        at = _turn(np.array([row.centres_mm[i], 0.0, round(sill_z - depth, 2)]), k)
        tops, areas = np.array([round(rim_z - sill_z + depth, 2)]), np.array([area])
        outlet = Outlet("orifice", depth, discharge, stop_mm=stop)
        buckets[number] = Bucket(f"b{k}.{number}", labels[number], at, _plan(row, i, k), tops, areas, outlet)
    return tuple(buckets[number] for number in sorted(buckets))


def _plan(row: Row, i: int, k: int) -> tuple[float, float]:
    """Inner size (x, y) of a cell."""
    sides = (float(row.lengths_mm[i]), row.across_mm)
    return sides if k % 2 == 0 else sides[::-1]


def _cups(network: Network, row: Row, order: Ints, rim_z: float) -> tuple[Cup, ...]:
    k, floor_z = len(network.layers), FOOT_MM + FLOOR_MM
    cups = {}
    for j, number in enumerate(order.tolist()):
        at = _turn(np.array([row.centres_mm[j], 0.0, floor_z]), k)
        tops, areas = np.array([round(rim_z - floor_z, 2)]), np.array([row.lengths_mm[j] * row.across_mm])
        cups[number] = Cup(f"c{number}", network.class_names[number], at, _plan(row, j, k), tops, areas)
    return tuple(cups[number] for number in sorted(cups))


def _feet(rows: list[Row], wall: float, k: int) -> Floats:
    """Base plate: a bar under the cups and a bar across it, as long as half the longest row above."""
    cups = rows[-1]
    rim = 2 * wall + SEAT_MM
    ends = [cups.centres_mm[0] - cups.lengths_mm[0] / 2 - rim, cups.centres_mm[-1] + cups.lengths_mm[-1] / 2 + rim]
    half = cups.across_mm / 2 + rim
    span = max(float(np.abs(row.centres_mm).max()) for row in rows[:-1])
    slim = MAST_MM / 2 + rim
    bars = np.array([[min(ends[0], -slim), -half, max(ends[1], slim), half], [-slim, -span, slim, span]])
    return np.round(bars if k % 2 == 0 else bars[:, [1, 0, 3, 2]], 2)
