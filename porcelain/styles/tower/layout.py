"""Layout of style "tower": crossing rows round a mast, so that straight pipes never meet.

Rows stand along x and y in turn. Pipes from one row to the next join two skew lines; two such pipes with different
ends cannot meet, and clearance is a matter of pitch. Each pipe leaves its bucket square to the wall and then runs
straight to the next row's mouth; all end on one plane, which is the bed when the tier is printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from ...arrays import Floats, Ints
from ...errors import Finding
from ...geometry import channel
from ...machine.layouts import Tower
from ...machine.vessel import Bucket, Cup, Outlet, Pipe
from ...network import Network
from ...printer import Printer
from ...units import MM3_PER_ML
from ..limits import MARGIN_MM, ROOF_DEG, up_mm
from ..requirements import Placed
from .clearance import beside_mm, smallest_gap
from .labels import lettered
from .lanes import axes
from .rows import FALL, GAP_MM, SEAT_MM, Depths, Row, Slack, lay_rows
from .sizes import CELL_MM, CUP_MM, MIN_CELL_MM, RowSizes, Sizes
from .walls import Walls

PEG_MM = 30.0
MOST_STEPS, MOST_STEP_MM = 30, 4.0
DEEPER_MM = 2.0
# Seconds per mm2 of surface, read off the G-code of a tower: walls are four lines, pipes three slow ones, cheeks two.
WALL_S_MM2, PIPE_S_MM2, CHEEK_S_MM2 = 0.6, 1.2, 0.4
TRIALS = 4000  # orders tried, shared among the pipes: a second or two for any size


TABLES = ("shares", "bores_mm", "areas_mm2", "inverts_mm")

Orders = tuple[Ints, ...]
"""Per row, cups last, the numbers of its cells from one end to the other."""


@dataclass(frozen=True)
class Arrangement:
    """What the search may change."""

    orders: Orders
    deeper_mm: Depths

    def changed(self) -> Iterator[Arrangement]:
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


def tower(network: Network, printer: Printer, sizes: Sizes, text: bool = True) -> Placed:
    """Rows in the order that prints fastest, given more room step by step until every clearance is kept.

    With ``text`` its vessels bear their names.
    """
    walls = Walls.of(printer)
    arrangement, slack = _search(sizes, walls), Slack.none(len(sizes.rows))
    for _ in range(MOST_STEPS):
        placed = _tower(network, walls, sizes, arrangement, slack)
        eased = _eased(slack, placed, walls)
        if eased == slack:
            break
        slack = eased
    return replace(placed, layout=lettered(placed, printer)) if text else placed


def _eased(slack: Slack, placed: Placed, walls: Walls) -> Slack:
    """More room where channels lie too near or water misses its mouth; the same where all is well.

    Pipes of one bucket gain by a wider pitch, those of neighbours by longer buckets. From either side of the mast they
    cross on their way: to one mouth they gain by lanes further apart, to two by longer mouths.
    """
    vessels = {v.name: v for row in (*placed.tiers, placed.cups) for v in row}
    longer, pitch, apart = list(slack.longer_mm), list(slack.pitch_mm), list(slack.apart_mm)
    for k, row in enumerate(placed.tiers):
        pipes = _leaving(row, placed.pipes)
        gap, pair = smallest_gap(pipes)
        if (short := walls.between_mm - gap) > 0:
            a, b = pair
            if a.source == b.source:
                room, at = pitch, k
            elif a.path_mm[0, k % 2] * b.path_mm[0, k % 2] > 0:  # of neighbours on one side of the mast
                room, at = longer, k
            else:
                room, at = (apart, k) if a.target == b.target else (longer, k + 1)
            room[at] += up_mm(min(short, MOST_STEP_MM))
        longer[k + 1] += up_mm(max(0.0, *(2 * beside_mm(pipe, vessels[pipe.target]) for pipe in pipes)))
    return Slack(tuple(longer), tuple(pitch), tuple(apart))


def precheck(network: Network, printer: Printer) -> list[Finding]:
    """What can be refused at a glance: more cells in a row than the bed is wide."""
    findings, bed, mast = [], max(printer.bed_mm[:2]), Walls.of(printer).mast_mm
    for k, n in enumerate(network.widths):
        last = k == len(network.layers)
        width = mast + n * ((CELL_MM if last else MIN_CELL_MM) + printer.min_wall_mm * (1 + last))
        if width > bed:
            where, room = "cups" if last else f"row {k}", int((bed - mast) * n / (width - mast))
            advice = f"use {room} at most, plan for a larger bed with --bed, or try --style terrace"
            findings.append(Finding("width", where, f"{width:.0f} mm at least", f"{bed:g} mm", advice))
    return findings


def _leaving(row: tuple[Bucket, ...], pipes: tuple[Pipe, ...]) -> list[Pipe]:
    names = {bucket.name for bucket in row}
    return [pipe for pipe in pipes if pipe.source in names]


def _tower(network: Network, walls: Walls, sizes: Sizes, arrangement: Arrangement, slack: Slack) -> Placed:
    orders = arrangement.orders
    sizes = _in_order(sizes, orders)
    rows = lay_rows(sizes, walls, arrangement.deeper_mm, slack)
    rims, planes, cup_rim = _heights(rows, sizes, walls)
    labels = [network.encoding.names, *[tuple(f"hidden {i}" for i in range(n)) for n in network.widths[1:-1]]]
    tiers, pipes = [], []
    for k, size in enumerate(sizes.rows):
        sill_z = planes[k] + _fall_mm(rows, sizes, k, walls)
        tiers.append(_buckets(k, rows[k], orders[k], size, sill_z, rims[k], labels[k], sizes.discharge))
        pipes += _pipes(k, rows[k], rows[k + 1], orders, size, sill_z, planes[k], walls)
    cups = _cups(network, rows[-1], orders[-1], cup_rim, walls)
    feet = _feet(rows, walls, len(sizes.rows))
    layout = Tower(
        np.array(planes), walls.mast_mm, PEG_MM, GAP_MM, walls.wall_mm, walls.pipe_mm, walls.floor_mm, walls.foot_mm,
        ROOF_DEG, feet,
    )  # fmt: skip
    return Placed(tuple(tiers), tuple(pipes), cups, layout)


# ---- orders -----------------------------------------------------------------------------------------------------


def _in_order(sizes: Sizes, orders: Orders) -> Sizes:
    """Sizes by place along the rows instead of by number."""
    rows = []
    for size, here, below in zip(sizes.rows, orders, orders[1:], strict=False):
        tables = {name: getattr(size, name)[np.ix_(here, below)] for name in TABLES}
        lists = {name: getattr(size, name)[here] for name in ("thresholds_ml", "stops_mm")}
        rows.append(replace(size, **lists, **tables))
    return replace(sizes, rows=tuple(rows))


def _search(sizes: Sizes, walls: Walls) -> Arrangement:
    """Which cell stands where and how deep the rows are: changed one by one for as long as that prints faster."""
    widths = [len(size.thresholds_ml) for size in sizes.rows] + [sizes.rows[-1].bores_mm.shape[1]]
    best = Arrangement(tuple(np.arange(n) for n in widths), (0.0,) * len(widths))
    least = _cost_s(sizes, best, walls)
    trials = TRIALS // max(1, sum(int((size.bores_mm > 0).sum()) for size in sizes.rows))
    better = True
    while better:
        better = False
        for arrangement in best.changed():
            trials -= 1
            if trials < 0:
                return best
            if (cost := _cost_s(sizes, arrangement, walls)) < least - 1e-6:
                best, least, better = arrangement, cost, True
                break
    return best


def _cost_s(sizes: Sizes, arrangement: Arrangement, walls: Walls) -> float:
    """About how long a tower prints: its walls and its pipes, which go slowly because they are small."""
    placed = _in_order(sizes, arrangement.orders)
    rows = lay_rows(placed, walls, arrangement.deeper_mm, Slack.none(len(sizes.rows)))
    cost = 0.0
    for k, (size, row) in enumerate(zip(placed.rows, rows, strict=False)):
        fall = _fall_mm(rows, placed, k, walls)
        depths = size.thresholds_ml * MM3_PER_ML / row.lengths_mm / row.across_mm
        around = np.pi * (size.bores_mm + walls.pipe_mm)[size.bores_mm > 0].sum()
        upright = ((2 * row.lengths_mm + row.across_mm) * (depths + _freeboard_mm(size, walls.wall_mm))).sum()
        lean = np.maximum(np.abs(row.centres_mm) - walls.mast_mm / 2, 0.0) * FALL
        eaves = fall - depths - row.across_mm / 2 * FALL
        cheeks = (2 * row.lengths_mm * (fall - depths - np.where(lean < eaves, lean, 0.0))).sum()
        cost += PIPE_S_MM2 * around * fall + WALL_S_MM2 * (upright + 4 * walls.mast_mm * fall) + CHEEK_S_MM2 * cheeks
    return cost + WALL_S_MM2 * 2 * len(rows[-1].lengths_mm) * CUP_MM * (rows[-1].lengths_mm[0] + rows[-1].across_mm)


def _heights(rows: list[Row], sizes: Sizes, walls: Walls) -> tuple[list[float], list[float], float]:
    """Rim height above the table of each tier, its plane, and the rim of the cups."""
    cup_rim = up_mm(
        walls.foot_mm
        + walls.floor_mm
        + MARGIN_MM
        + sizes.cup_ml * MM3_PER_ML / rows[-1].lengths_mm[0] / rows[-1].across_mm
    )
    below = cup_rim
    rims: list[float] = []
    planes: list[float] = []
    for k in reversed(range(len(sizes.rows))):
        size = sizes.rows[k]
        plane = up_mm(below + GAP_MM)
        below = up_mm(plane + _fall_mm(rows, sizes, k, walls) + _freeboard_mm(size, walls.wall_mm))
        planes.insert(0, plane)
        rims.insert(0, below)
    return rims, planes, cup_rim


def _freeboard_mm(size: RowSizes, wall: float) -> float:
    """Height of the rims above the sills: the worst pour stays inside, and the widest mouth is framed."""
    unit_mm = float(np.ptp(channel.mouth_mm(1.0, FALL)))
    mouth_top = float((size.inverts_mm + unit_mm * size.bores_mm).max())
    return max(size.head_mm + MARGIN_MM, mouth_top + wall)


def _fall_mm(rows: list[Row], sizes: Sizes, k: int, walls: Walls) -> float:
    """Height of a tier's sills above its plane: every pipe falls at the roof's slope, every bucket has a floor."""
    size, row = sizes.rows[k], rows[k]
    falls = [
        -(end - start)[2]
        for paths in axes(row, rows[k + 1], size, 0.0, None, walls).values()
        for start, end in [(paths[0], paths[-1])]
    ]
    depth = (size.thresholds_ml * MM3_PER_ML / row.lengths_mm / row.across_mm).max()
    return up_mm(max(max(falls), depth + 2 * walls.floor_mm))


# ---- pipes ------------------------------------------------------------------------------------------------------


def _pipes(
    k: int, row: Row, below: Row, orders: Orders, size: RowSizes, sill_z: float, plane: float, walls: Walls
) -> list[Pipe]:
    pipes = {}
    last = k == len(orders) - 2
    for (i, j), path in axes(row, below, size, sill_z, plane, walls).items():
        area, invert = float(size.areas_mm2[i, j]), float(size.inverts_mm[i, j])
        path_mm = np.round(_turn(path, k), 3)
        source, target = int(orders[k][i]), int(orders[k + 1][j])
        below_name = f"c{target}" if last else f"b{k + 1}.{target}"
        name = f"p{k}.{source}-{target}"
        share = float(size.shares[i, j])
        pipes[source, target] = Pipe(name, f"b{k}.{source}", below_name, share, area, path_mm, invert)
    return [pipes[ends] for ends in sorted(pipes)]


def _turn(points: Floats, k: int) -> Floats:
    """(along, across, z) to (x, y, z): even rows stand along x, odd ones along y."""
    return points if k % 2 == 0 else points[..., [1, 0, 2]]


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


def _cups(network: Network, row: Row, order: Ints, rim_z: float, walls: Walls) -> tuple[Cup, ...]:
    k, floor_z = len(network.layers), walls.foot_mm + walls.floor_mm
    cups = {}
    for j, number in enumerate(order.tolist()):
        at = _turn(np.array([row.centres_mm[j], 0.0, floor_z]), k)
        tops, areas = np.array([round(rim_z - floor_z, 2)]), np.array([row.lengths_mm[j] * row.across_mm])
        cups[number] = Cup(f"c{number}", network.class_names[number], at, _plan(row, j, k), tops, areas)
    return tuple(cups[number] for number in sorted(cups))


def _feet(rows: list[Row], walls: Walls, k: int) -> Floats:
    """Base plate: a bar under the cups and a bar across it, as long as half the longest row above."""
    cups = rows[-1]
    rim = 2 * walls.wall_mm + SEAT_MM
    ends = [cups.centres_mm[0] - cups.lengths_mm[0] / 2 - rim, cups.centres_mm[-1] + cups.lengths_mm[-1] / 2 + rim]
    half = cups.across_mm / 2 + rim
    span = max(float(np.abs(row.centres_mm).max()) for row in rows[:-1])
    slim = walls.mast_mm / 2 + rim
    bars = np.array([[min(ends[0], -slim), -half, max(ends[1], slim), half], [-slim, -span, slim, span]])
    return np.round(bars if k % 2 == 0 else bars[:, [1, 0, 3, 2]], 2)
