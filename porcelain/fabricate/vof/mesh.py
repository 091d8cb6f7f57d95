"""The mesh of a case: an orthogonal block of cells in the outlet's frame, and what of it is cut away as solid.

interFoam of OpenFOAM 1912 diverges on cells that are not orthogonal. So every cell is a box; where a floor is a ramp,
the whole frame turns with the ramp, and other slanting faces become stairs of cells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from ...errors import PorcelainError
from ...machine.outlet_geometry import Baffle, OutletGeometry

FAR_MM = 60.0  # a cut runs on this far beyond the mesh
BEYOND_MM = 5.0  # of free fall in front of the sill wall
OPEN_MM = 3.0  # of open air beside a sill's end, in front of the wall
SPLASH_MM = 14.0  # a falling sheet throws water up to here above a sill, or out at the rim
ABOVE_MM = 3.0  # of air above the opening and the baffle
BELOW_MM = 3.0  # of fall below the sill
RAMP_MM = 12.0  # of ramp behind its sill, at most
ABOVE_RAMP_MM = 8.0
FINE_MM = (-1.1, 3.6)  # heights about the sill where cells are low
STRETCH_MM = 3.0  # coarser cells grow from one stretch of this length to the next
SAME_MM, NEARLY_MM = 0.02, 0.35
NARROW_CELLS, LANE_CELLS = 10, 5  # across a compartment at least, and across one of many lanes
COARSER = 0.12  # of a cell's side per millimetre away from where water moves
DEEP_MM = 3.0  # cells of deep water are no larger
MOST_CELLS = 600_000

Point = tuple[float, float, float]
Size = Callable[[float], float]


@dataclass(frozen=True)
class Frame:
    """The mesh's axes (x, s, n): turned about x by ``ramp_deg`` round the sill's inner edge at (``y_mm``, ``z_mm``).

    >>> [round(v, 3) for v in Frame(30.0, 40.0, 57.0).point(1.0, 40.0, 58.0)]
    [1.0, 39.5, 57.866]
    """

    ramp_deg: float
    y_mm: float
    z_mm: float

    def vector(self, x: float, y: float, z: float) -> Point:
        turn = math.radians(self.ramp_deg)
        return x, y * math.cos(turn) - z * math.sin(turn), y * math.sin(turn) + z * math.cos(turn)

    def point(self, x: float, y: float, z: float) -> Point:
        _, s, n = self.vector(0.0, y - self.y_mm, z - self.z_mm)
        return x, self.y_mm + s, self.z_mm + n


@dataclass(frozen=True)
class Cut:
    """A box of the frame, by a corner and three edges, whose cells are taken away or given back."""

    action: str
    origin: Point
    i: Point
    j: Point
    k: Point


@dataclass(frozen=True)
class Tube:
    """A round channel of the frame between two points, whose cells are given back."""

    action: str
    start: Point
    end: Point
    radius: float


@dataclass(frozen=True)
class Axis:
    """Stretches of equal cells along an axis: where they start and end (n + 1), and cells in each (n)."""

    lines_mm: tuple[float, ...]
    cells: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(self.cells)

    def grading(self) -> str:
        """The expansion of an edge with these stretches, as blockMesh wants it."""
        whole = self.lines_mm[-1] - self.lines_mm[0]
        parts = [
            f"({(b - a) / whole:.9f} {n / self.count:.9f} 1)"
            for (a, b), n in zip(pairwise(self.lines_mm), self.cells, strict=True)
        ]
        return f"({' '.join(parts)})"

    def nearest(self, value: float) -> float:
        """The line between two cells that is nearest to a coordinate."""
        lines = [
            a + (b - a) * m / n
            for (a, b), n in zip(pairwise(self.lines_mm), self.cells, strict=True)
            for m in range(n + 1)
        ]
        return min(lines, key=lambda line: abs(line - value))

    def after(self, value: float) -> float:
        """The first line between two cells beyond a coordinate."""
        step = min((b - a) / n for (a, b), n in zip(pairwise(self.lines_mm), self.cells, strict=True))
        near = self.nearest(value)
        beyond = value
        while self.nearest(beyond) <= near:
            beyond += step / 2
        return self.nearest(beyond)


@dataclass(frozen=True)
class Inlet:
    """Faces that water enters through: their box (low, high corner), and the part of the inflow."""

    low: Point
    high: Point
    part: float
    speed_mm_s: float


@dataclass(frozen=True)
class Mesh:
    """Axes x, s, n of the block, cuts in their order, the height of the floor in front, and the frame."""

    frame: Frame
    axes: tuple[Axis, Axis, Axis]
    cuts: tuple[Cut | Tube, ...]
    drop_mm: float

    @property
    def cells(self) -> int:
        """Of the block, before anything is cut away."""
        return math.prod(axis.count for axis in self.axes)

    @property
    def corners_mm(self) -> tuple[Point, Point]:
        low, high = ([axis.lines_mm[end] for axis in self.axes] for end in (0, -1))
        return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def mesh_of(
    geometry: OutletGeometry, cell_mm: float, sheets_mm: Iterable[float] = (), below_mm: float = BELOW_MM
) -> Mesh:
    """The mesh of an outlet with cells of about this side near the sill.

    Parameters
    ----------
    geometry : OutletGeometry
    cell_mm : float
    sheets_mm : iterable of float
        Further lines: along y where sheets fall into a pool, above the ramp where they run down one.
    below_mm : float
        How far below the sill the fall is followed.

    Raises
    ------
    PorcelainError
        Where the block would have more cells than a machine on a desk solves in a day.
    """
    frame = Frame(geometry.ramp_deg, geometry.foot_mm, geometry.sill_mm)
    lines = _ramp_lines if geometry.ramp_deg else _pool_lines
    along, up, drop = lines(geometry, frame, cell_mm, tuple(sheets_mm), below_mm)
    mesh = Mesh(frame, (_across(geometry, cell_mm), along, up), tuple(_cuts(geometry, frame, drop)), drop)
    return checked(mesh, geometry.bucket, cell_mm)


def checked(mesh: Mesh, bucket: str, cell_mm: float) -> Mesh:
    """The mesh, or PorcelainError where it has too many cells."""
    if mesh.cells > MOST_CELLS:
        raise PorcelainError(
            f"{bucket} needs {mesh.cells} cells of {cell_mm:g} mm, limit {MOST_CELLS}; use larger cells"
        )
    return mesh


def axis_of(
    features: Iterable[float], low: float, high: float, size: Size, soft: Iterable[float] = (), least: int = 2
) -> Axis:
    """Stretches between features and every few millimetres, each with cells no larger than ``size`` of its middle.

    A soft feature that is nearly at another makes no line of its own.
    """
    marks = [low, high]
    for features_mm, apart in ((features, SAME_MM), (soft, NEARLY_MM)):
        for mark in features_mm:
            if low < mark < high and min(abs(mark - m) for m in marks) > apart:
                marks.append(mark)
    marks.sort()
    lines, cells = [marks[0]], []
    for a, b in pairwise(marks):
        pieces = max(1, round((b - a) / STRETCH_MM))
        for n in range(pieces):
            end = a + (b - a) * (n + 1) / pieces
            wanted = (end - lines[-1]) / size((end + lines[-1]) / 2)
            cells.append(max(least if b - a > 0.3 else 1, round(wanted)))
            lines.append(end)
    return Axis(tuple(lines), tuple(cells))


def _across(g: OutletGeometry, h: float) -> Axis:
    """Along the sill: every knife, opening and sheet begins at a line between cells."""
    knives = [m for knife in g.knives_mm for m in knife]
    marks = [m for landing in g.landings for m in (landing.low_mm, landing.high_mm)]
    marks += [m for baffle in g.baffles for o in baffle.openings for m in (o.low_mm, o.high_mm)]
    ends = [g.left_mm, g.right_mm, *knives]

    def size(x: float) -> float:
        here = [c.width_mm for c in g.compartments if c.low_mm <= x <= c.high_mm]
        coarse = min(h + COARSER * min(abs(x - end) for end in ends), 1.6 * h)
        least = LANE_CELLS if g.lanes else NARROW_CELLS
        return min([h if g.ramp_deg else coarse, *(width / least for width in here)])

    left_open, right_open = g.ends_open
    low, high = g.left_mm - OPEN_MM * left_open, g.right_mm + OPEN_MM * right_open
    return axis_of([*knives, g.left_mm, g.right_mm], low, high, size, marks)


def _pool_lines(
    g: OutletGeometry, frame: Frame, h: float, sheets: tuple[float, ...], below: float
) -> tuple[Axis, Axis, float]:
    edge, far = g.foot_mm + g.edge_mm, g.front_mm + BEYOND_MM
    still = min([g.foot_mm - 6.0, *(baffle.back_mm - 1.0 for baffle in g.baffles)])
    gaps = _gaps(g)

    def along(y: float) -> float:
        if g.foot_mm - 1.0 <= y <= g.front_mm:
            return 0.7 * h
        return h if y > still else min(3.0 * h, h + COARSER * (still - y))

    def up(z: float) -> float:
        for low, high in gaps:
            if low <= z <= high:
                return min(0.25 * (high - low), DEEP_MM)
        above = z - g.sill_mm
        if above < FINE_MM[0]:
            falling = g.gap_mm > 0 and above > -below
            return min(h + COARSER * (FINE_MM[0] - above), 1.5 * h if falling else DEEP_MM)
        return 0.65 * h if above < FINE_MM[1] else 1.3 * h if above < g.opening_mm + 1.0 else 2.2 * h

    marks = [*sheets, g.foot_mm - max(g.reach_mm, 1.0), g.foot_mm, edge, g.front_mm]
    top = g.sill_mm + g.opening_mm
    heights = [g.sill_mm + v for v in (*FINE_MM, 0.0)] + [v for gap in gaps for v in gap]
    for baffle in g.baffles:
        marks += [baffle.back_mm, baffle.front_mm]
        heights.append(baffle.top_mm)
        top = max(top, baffle.top_mm)
    drop = g.sill_mm - below
    heights += [drop, *(g.sill_mm - mm for mm in (g.gap_mm, g.hang_mm) if mm)]
    low = min(g.floor_mm, drop)
    top = max(top + ABOVE_MM, min(g.rim_mm, g.sill_mm + SPLASH_MM))
    return axis_of(marks, g.back_mm, far, along), axis_of(heights, low, top, up), drop


def _gaps(g: OutletGeometry) -> list[tuple[float, float]]:
    """Where along z baffles are open: their lowest openings' floors and sides."""
    return [
        (g.floor_at_mm(baffle.front_mm), g.floor_at_mm(baffle.front_mm) + min(o.height_mm for o in baffle.openings))
        for baffle in g.baffles
        if baffle.openings
    ]


def _ramp_lines(
    g: OutletGeometry, frame: Frame, h: float, sheets: tuple[float, ...], below: float
) -> tuple[Axis, Axis, float]:
    length = min(RAMP_MM, (g.foot_mm - g.back_mm) / math.cos(math.radians(g.ramp_deg)))
    _, far, _ = frame.point(0.0, g.front_mm + BEYOND_MM, g.sill_mm)
    surface = frame.point(0.0, g.foot_mm, g.floor_mm)[2]
    start, drop = g.foot_mm - length, surface - 1.4 * below
    steep = far + 1.0
    along = axis_of([g.foot_mm], start, steep, lambda _: h)
    thin = surface + 2.2
    heights = [surface, *(surface + t for t in sheets), thin, surface + 4.6]

    def up(n: float) -> float:
        return h if n < surface else 0.7 * h if n < thin else 1.2 * h if n < surface + 4.6 else 2.4 * h

    return along, axis_of(heights, drop, surface + ABOVE_RAMP_MM, up), drop


# ---- solids -------------------------------------------------------------------------------------------------------


def _cuts(g: OutletGeometry, frame: Frame, drop: float) -> Iterator[Cut]:
    """What is solid, in the order in which cells are taken away."""
    for baffle in g.baffles:
        yield from _baffle_cuts(g, baffle, frame)
    run = g.foot_mm - g.back_mm + FAR_MM
    start = g.foot_mm - g.flat_mm
    yield _sheared(frame, g, (start - run, g.floor_mm + g.slope * run - FAR_MM), (run, -g.slope * run))
    if g.flat_mm:
        yield _box(frame, g, (start, g.foot_mm), (g.floor_mm - FAR_MM, g.floor_mm))
    bevel = g.wall_mm - g.edge_mm
    yield _box(frame, g, (g.foot_mm, g.foot_mm + g.edge_mm), (g.sill_mm - FAR_MM, g.sill_mm))
    yield _sheared(frame, g, (g.foot_mm + g.edge_mm, g.sill_mm - FAR_MM), (bevel, -bevel))
    yield from _end_cuts(g, frame)
    heights = g.sill_mm - FAR_MM, g.rim_mm + FAR_MM
    start = g.foot_mm if g.reach_mm else g.foot_mm + g.edge_mm
    behind = (g.sill_mm - g.hang_mm if g.hang_mm else heights[0]), heights[1]
    for n, x in enumerate(g.knives_mm):
        yield _box(frame, g, (start, g.front_mm), heights, x)
        if g.reach_mm:
            yield _box(frame, g, (g.foot_mm - g.reach_mm, g.foot_mm), behind, x)
        if g.divided(n):
            yield _box(frame, g, *_ahead(g), x)
    if not g.ramp_deg:  # a turned mesh ends at the drop
        yield _box(frame, g, (g.front_mm, g.front_mm + FAR_MM), (drop - FAR_MM, drop))


def _ahead(g: OutletGeometry) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where along y and z a wall goes on in front of the sill wall."""
    top = g.sill_mm - g.gap_mm if g.gap_mm else g.rim_mm + FAR_MM
    return (g.front_mm, g.front_mm + FAR_MM), (g.sill_mm - 2 * FAR_MM, top)


def _end_cuts(g: OutletGeometry, frame: Frame) -> Iterator[Cut]:
    """Side walls of the bucket where the air beside its sill is in the mesh, and what goes on below a gap."""
    sides = (g.left_mm - FAR_MM, g.left_mm), (g.right_mm, g.right_mm + FAR_MM)
    for open_here, ends, x in zip(g.ends_open, (g.left_open, g.right_open), sides, strict=True):
        if open_here:
            yield _box(frame, g, (g.back_mm - FAR_MM, g.front_mm), (g.floor_mm - FAR_MM, g.rim_mm + FAR_MM), x)
        if open_here and not ends:
            yield _box(frame, g, *_ahead(g), x)


def _baffle_cuts(g: OutletGeometry, baffle: Baffle, frame: Frame) -> Iterator[Cut]:
    y = (baffle.back_mm, baffle.front_mm)
    yield _box(frame, g, y, (g.floor_mm - FAR_MM, baffle.top_mm))
    floor = g.floor_at_mm(baffle.front_mm)
    for o in baffle.openings:
        middle, half = (o.low_mm + o.high_mm) / 2, (o.high_mm - o.low_mm) / 2
        yield _box(frame, g, y, (floor - FAR_MM, floor + o.height_mm), (o.low_mm, o.high_mm), "add")
        steps = 4 if o.peak_mm > o.height_mm else 0
        for n in range(steps):
            rise = (o.peak_mm - o.height_mm) / steps
            inner = half * (1 - (n + 0.5) / steps)
            z = floor + o.height_mm + rise * n
            yield _box(frame, g, y, (z, z + rise), (middle - inner, middle + inner), "add")


def _box(
    frame: Frame,
    g: OutletGeometry,
    y: tuple[float, float],
    z: tuple[float, float],
    x: tuple[float, float] | None = None,
    action: str = "subtract",
) -> Cut:
    """An upright box of the machine, over the whole width unless x is given."""
    low, high = x or (g.left_mm - FAR_MM, g.right_mm + FAR_MM)
    edges = (high - low, 0.0, 0.0), (0.0, y[1] - y[0], 0.0), (0.0, 0.0, z[1] - z[0])
    return Cut(action, frame.point(low, y[0], z[0]), *(frame.vector(*edge) for edge in edges))


def _sheared(frame: Frame, g: OutletGeometry, corner: tuple[float, float], edge: tuple[float, float]) -> Cut:
    """A prism over the whole width with upright sides between a slanting edge and its copy above."""
    low, width = g.left_mm - FAR_MM, g.right_mm - g.left_mm + 2 * FAR_MM
    edges = (width, 0.0, 0.0), (0.0, *edge), (0.0, 0.0, FAR_MM)
    return Cut("subtract", frame.point(low, *corner), *(frame.vector(*e) for e in edges))
