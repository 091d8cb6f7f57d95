"""Places for body style "pipes": crossing rows round a mast, so that straight pipes never meet.

Rows stand along x and y in turn. Pipes from one row to the next join two skew lines; two such pipes with different
ends cannot meet, and clearance is a matter of pitch. Each pipe leaves its bucket square to the wall and then runs
straight to the next row's mouth; all end on one plane, which is the bed when the tier is printed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import bore
from ..arrays import Floats
from ..body import Tower
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
FOOT_MM = 3.0
SEAT_MM = 0.4  # play round a cup on its seat
ROOF_DEG = 50.0  # overhangs at 45 degrees still draw support here and there; at 50 none
FALL = float(np.tan(np.radians(ROOF_DEG)))
SLANT = 1.0 / float(np.sin(np.radians(ROOF_DEG)))  # a slanted pipe cut level is this much longer
APEX = 1.21  # and its teardrop this much longer than round
DRAW_NEARER = 1.1  # pipes of one wall draw nearer as they turn
STAGGER_MM = 4.0  # so each turns this much further out than its inner neighbour
WIDEN_MM = (0.0, 1.5, 3.0, 6.0, 10.0, 15.0, 20.0, 30.0)


@dataclass(frozen=True)
class Placed:
    """A tower: its rows, pipes, cups and body."""

    tiers: tuple[tuple[Bucket, ...], ...]
    pipes: tuple[Pipe, ...]
    cups: tuple[Cup, ...]
    body: Tower


@dataclass(frozen=True)
class Row:
    """Cells along a row: inner lengths (n,), centres (n,), one inner depth across for all."""

    lengths_mm: Floats
    centres_mm: Floats
    across_mm: float


def tower(network: Network, printer: Printer, sizes: Sizes) -> Placed:
    """Rows and pipes with every clearance kept, widened step by step until they are."""
    for widen in WIDEN_MM:
        placed = _tower(network, printer, sizes, widen)
        apart = between_mm(placed.body.pipe_wall_mm)
        clear = all(smallest_gap(_leaving(row, placed.pipes))[0] >= apart for row in placed.tiers)
        vessels = {v.name: v for row in (*placed.tiers, placed.cups) for v in row}
        if clear and all(beside_mm(pipe, vessels[pipe.target]) <= 0 for pipe in placed.pipes):
            break
    return placed


def _leaving(row: tuple[Bucket, ...], pipes: tuple[Pipe, ...]) -> list[Pipe]:
    names = {bucket.name for bucket in row}
    return [pipe for pipe in pipes if pipe.source in names]


def _tower(network: Network, printer: Printer, sizes: Sizes, widen_mm: float) -> Placed:
    wall = printer.min_wall_mm
    rows = _rows(sizes, wall, widen_mm)
    rims, planes, cup_rim = _heights(rows, sizes, wall)
    labels = [network.encoding.names, *[tuple(f"hidden {i}" for i in range(n)) for n in network.widths[1:-1]]]
    tiers, pipes = [], []
    for k, size in enumerate(sizes.rows):
        sill_z = planes[k] + _fall_mm(rows, sizes, k, wall)
        tiers.append(_buckets(k, rows[k], size, sill_z, rims[k], labels[k], sizes.discharge))
        pipes += _pipes(k, rows[k], rows[k + 1], size, sill_z, planes[k], wall, len(sizes.rows))
    cups = _cups(network, rows[-1], cup_rim, wall)
    feet = _feet(rows, wall, len(sizes.rows))
    body = Tower(np.array(planes), MAST_MM, PEG_MM, GAP_MM, wall, wall, FLOOR_MM, FOOT_MM, ROOF_DEG, feet)
    return Placed(tuple(tiers), tuple(pipes), cups, body)


# ---- along the rows ---------------------------------------------------------------------------------------------


def _rows(sizes: Sizes, wall: float, widen_mm: float) -> list[Row]:
    rows: list[Row] = []
    knee = 0.0
    for k, size in enumerate(sizes.rows):
        across = _up(max(MIN_CELL_MM, 0.0 if k == 0 else _arriving_mm(sizes.rows[k - 1].bores_mm, wall)))
        lengths = _lengths(size, across, wall) + widen_mm
        rows.append(Row(lengths, _centres(lengths, wall, knee), across))
        knee = _nearest_mm(size, across, wall)
    across = _up(max(MIN_CELL_MM, _arriving_mm(sizes.rows[-1].bores_mm, wall)))
    n = sizes.rows[-1].bores_mm.shape[1]
    length = _up(max(MIN_CELL_MM + widen_mm, sizes.cup_ml * MM3_PER_ML / across / CUP_MM))
    lengths = np.full(n, length + 2 * (wall + SEAT_MM))  # loose cups have walls of their own, and seats between them
    outer = _centres(lengths, wall, knee)
    rows.append(Row(np.full(n, length), outer, across))
    return rows


def _nearest_mm(size: RowSizes, across: float, wall: float) -> float:
    """How far from the mast the next row's first mouth must be: its inner lane clears the row above."""
    widest = float(size.bores_mm.max())
    both = bool(np.all([np.any(side) for side in np.array_split(size.bores_mm, [len(size.bores_mm) // 2])]))
    lane = SLANT * (APEX * widest + between_mm(wall)) / 2 if both else 0.0
    return across / 2 + wall + between_mm(wall) / 2 + widest / 2 + lane


def _arriving_mm(bores_mm: Floats, wall: float) -> float:
    """Room that the pipes arriving at one mouth need across it: two lanes, one from either side of the mast.

    Slanting water goes on sideways in the open fall above the rim, either way.
    """
    half = len(bores_mm) // 2
    lanes = [
        (lane * SLANT * APEX).sum(axis=0) + ((lane > 0).sum(axis=0) - 1) * SLANT * between_mm(wall)
        for lane in (bores_mm[:half], bores_mm[half:])
    ]
    return float(np.max(lanes)) + 2 * GAP_MM / FALL


def _lengths(size: RowSizes, across: float, wall: float) -> Floats:
    """Inner lengths along the row: room for the mouths on either wall, and for the threshold's volume."""
    half = size.bores_mm.shape[1] // 2
    sides = (size.bores_mm[:, :half], size.bores_mm[:, half:])
    needs = [side.sum(axis=1) + (side > 0).sum(axis=1) * DRAW_NEARER * between_mm(wall) for side in sides]
    by_volume = size.thresholds_ml * MM3_PER_ML / across / MAX_DEPTH_MM
    lengths = np.maximum.reduce([*needs, by_volume, np.full(len(by_volume), MIN_CELL_MM)])
    return np.ceil(lengths * 10) / 10


def _centres(lengths: Floats, wall: float, knee_mm: float) -> Floats:
    """Centres of cells on both sides of the mast, shared walls between; the first lies beyond the knees above."""
    half = len(lengths) // 2
    below = _stack(lengths[:half][::-1], wall, knee_mm)[::-1]
    return np.concatenate([-below, _stack(lengths[half:], wall, knee_mm)])


def _stack(lengths: Floats, wall: float, knee_mm: float) -> Floats:
    if not len(lengths):
        return lengths
    start = max(MAST_MM / 2, knee_mm + 1.0 - lengths[0] / 2)
    ends = start + np.cumsum(lengths + wall)
    centres: Floats = np.round(ends - wall - lengths / 2, 2)
    return centres


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
        mouth_top = max(np.ptp(bore.mouth_mm(b, FALL)) for b in size.bores_mm.ravel())
        freeboard = max(size.head_mm + MARGIN_MM, mouth_top + wall)
        below = _up(plane + _fall_mm(rows, sizes, k, wall) + freeboard)
        planes.insert(0, plane)
        rims.insert(0, below)
    return rims, planes, cup_rim


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
    k: int, row: Row, below: Row, size: RowSizes, sill_z: float, plane: float, wall: float, tiers: int
) -> list[Pipe]:
    pipes = []
    last = k == tiers - 1
    for (i, j), path in _paths(row, below, size, sill_z, plane, wall).items():
        area = float(size.areas_mm2[i, j])
        path_mm = np.round(_turn(path, k), 3)
        target = f"c{j}" if last else f"b{k + 1}.{j}"
        pipes.append(Pipe(f"p{k}.{i}-{j}", f"b{k}.{i}", target, float(size.shares[i, j]), area, path_mm))
    return pipes


def _turn(points: Floats, k: int) -> Floats:
    """(along, across, z) to (x, y, z): even rows stand along x, odd ones along y."""
    return points if k % 2 == 0 else points[..., [1, 0, 2]]


def _paths(
    row: Row, below: Row, size: RowSizes, sill_z: float, plane: float | None, wall: float
) -> dict[tuple[int, int], Floats]:
    """Axis of every pipe in (along, across, z): inner wall, knee, end. Without a plane each ends as high as it may."""
    ends = _ends(row, below, size, wall)
    paths = {}
    for i in range(len(row.lengths_mm)):
        for j, (start, rank) in _starts(i, row, below, size, wall).items():
            d = size.bores_mm[i, j]
            side = np.sign(below.centres_mm[j])
            axis_z = sill_z - bore.mouth_mm(d, FALL)[0]
            reach = wall + between_mm(wall) / 2 + d / 2 + rank * STAGGER_MM
            first = np.array([start, side * row.across_mm / 2, axis_z])
            knee = first + reach * np.array([0.0, side, -FALL])
            run = float(np.linalg.norm(ends[i, j] - knee[:2]))
            end_z = knee[2] - max(run * FALL, 1.0) if plane is None else plane
            paths[i, j] = np.array([first, knee, [*ends[i, j], end_z]])
    return paths


def _starts(i: int, row: Row, below: Row, size: RowSizes, wall: float) -> dict[int, tuple[float, int]]:
    """Where along the wall each pipe of bucket i leaves, and its rank: nearer targets lie nearer to the mast."""
    starts: dict[int, tuple[float, int]] = {}
    centre = row.centres_mm[i]
    for side in (-1, 1):
        targets = [j for j in np.flatnonzero(size.bores_mm[i]) if np.sign(below.centres_mm[j]) == side]
        targets.sort(key=lambda j: abs(below.centres_mm[j]))
        offsets = _side_by_side(size.bores_mm[i, targets], DRAW_NEARER * between_mm(wall))
        places = centre + np.sign(centre) * offsets
        starts |= {int(j): (float(place), rank) for rank, (j, place) in enumerate(zip(targets, places, strict=True))}
    return starts


def _ends(row: Row, below: Row, size: RowSizes, wall: float) -> Floats:
    """Where each pipe ends in the next row's frame, (n, n_out, 2) across and along: in the order of the buckets.

    A mouth has a lane for the pipes from either side of the mast, so that it need not be wide.
    """
    ends = np.zeros((*size.bores_mm.shape, 2))
    ends[..., 1] = below.centres_mm
    for j, bores in enumerate(size.bores_mm.T):
        lanes = [np.flatnonzero((bores > 0) & (np.sign(row.centres_mm) == side)) for side in (-1, 1)]
        widest = [bores[lane].max(initial=0.0) for lane in lanes]
        apart = SLANT * (APEX * sum(widest) / 2 + between_mm(wall)) if all(widest) else 0.0
        for side, lane in zip((-1, 1), lanes, strict=True):
            ends[lane, j, 0] = _side_by_side(bores[lane] * SLANT * APEX, SLANT * between_mm(wall))
            ends[lane, j, 1] += side * apart / 2
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
    k: int, row: Row, size: RowSizes, sill_z: float, rim_z: float, labels: tuple[str, ...], discharge: float
) -> tuple[Bucket, ...]:
    buckets = []
    for i, length in enumerate(row.lengths_mm):
        area = float(length * row.across_mm)
        depth = round(float(size.thresholds_ml[i]) * MM3_PER_ML / area, 2)
        at = _turn(np.array([row.centres_mm[i], 0.0, round(sill_z - depth, 2)]), k)
        plan = (float(length), row.across_mm) if k % 2 == 0 else (row.across_mm, float(length))
        outlet = Outlet("orifice", depth, discharge)
        buckets.append(
            Bucket(
                f"b{k}.{i}", labels[i], at, plan, np.array([round(rim_z - sill_z + depth, 2)]), np.array([area]), outlet
            )
        )
    return tuple(buckets)


def _cups(network: Network, row: Row, rim_z: float, wall: float) -> tuple[Cup, ...]:
    k = len(network.layers)
    cups = []
    for j, name in enumerate(network.class_names):
        floor_z = FOOT_MM + FLOOR_MM
        at = _turn(np.array([row.centres_mm[j], 0.0, floor_z]), k)
        length = float(row.lengths_mm[j])
        plan = (length, row.across_mm) if k % 2 == 0 else (row.across_mm, length)
        cups.append(
            Cup(f"c{j}", name, at, plan, np.array([round(rim_z - floor_z, 2)]), np.array([length * row.across_mm]))
        )
    return tuple(cups)


def _feet(rows: list[Row], wall: float, k: int) -> Floats:
    """Base plate: a bar under the cups and a bar across it, as long as half the longest row above."""
    cups = rows[-1]
    rim = 2 * wall + SEAT_MM
    ends = [cups.centres_mm[0] - cups.lengths_mm[0] / 2 - rim, cups.centres_mm[-1] + cups.lengths_mm[-1] / 2 + rim]
    half = cups.across_mm / 2 + rim
    span = max(float(np.abs(row.centres_mm).max()) for row in rows[:-1])
    bars = np.array([[min(ends[0], -half), -half, max(ends[1], half), half], [-half, -span, half, span]])
    return np.round(bars if k % 2 == 0 else bars[:, [1, 0, 3, 2]], 2)
