"""The case of round holes: an upright box of water with channels that slant down out of its walls.

The channels are stairs of cells within a cylinder; the pointed roof of a printed channel is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ...arrays import Floats
from ...errors import PorcelainError
from ...machine.outlet_geometry import Hole, HoleGeometry
from .inflow import falling
from .mesh import DEEP_MM, FAR_MM, Axis, Cut, Frame, Inlet, Mesh, Tube, axis_of, checked
from .setup import Box, Setup, VofOptions

WALL_MM = 1.6  # of the bucket, at least, that a channel is followed through
OUT_MM = 6.0  # and how far beyond it
COARSER = 0.3  # of a cell's side per millimetre away from the channels
WIDE_MM = 2.0  # cells far from them are no wider
CELLS_ACROSS = 8  # of the narrowest bore
DRAIN_FROM_MM = 10.0
HEAD_MM = 8.0  # over the sill at the start of a run with inflow
ABOVE_MM = 6.0
HIGHEST_MM = 24.0  # of water above the sill, in a mesh
POOL = {"end_s": 0.6, "mean_s": 0.25}


def setup(geometry: HoleGeometry, options: VofOptions) -> Setup:
    """The case of holes; what the options leave open is filled in."""
    bores = [hole.bore_mm for hole in geometry.holes]
    options = options.filled(cell_mm=max(min(bores) / CELLS_ACROSS, 0.35), **POOL)
    assert options.cell_mm is not None
    mesh = _mesh(geometry, options.cell_mm)
    (x0, y0), (x1, y1) = geometry.low_mm, geometry.high_mm
    far = 10 * FAR_MM
    level = geometry.sill_mm + _level_mm(options)
    top = mesh.corners_mm[1][2]
    middle = mesh.axes[0].nearest((x0 + x1) / 2)
    sill = mesh.axes[2].nearest(geometry.sill_mm)
    return Setup(
        mesh,
        options,
        tuple(_inlets(geometry, mesh, options)),
        tuple((hole.pipe, (_exit(geometry, mesh, hole),)) for hole in geometry.holes),
        (((x0, y0, sill), (middle, y1, top)), ((middle, y0, sill), (x1, y1, top))),
        ((x0, y0, -far), (x1, y1, far)),
        (((x0, y0, -far), (x1, y1, level)),),
    )


def _level_mm(options: VofOptions) -> float:
    """Of the water above the sill at the start."""
    if options.level_mm is not None:
        return options.level_mm
    return HEAD_MM if options.rate_ml_s else DRAIN_FROM_MM


def _outward(g: HoleGeometry, hole: Hole) -> tuple[int, int]:
    """The axis (0: x, 1: y) and the side (-1, 1) of the wall that a channel leaves through."""
    start = hole.start_mm
    faces = [(abs(start[a] - face), a, side) for a in (0, 1) for side, face in ((-1, g.low_mm[a]), (1, g.high_mm[a]))]
    away, axis, side = min(faces)
    if away > 0.1:
        raise PorcelainError(f"{hole.pipe} begins {away:.2f} mm from every wall of {g.bucket}; plan the network again")
    return axis, side


def _point(hole: Hole, along: float) -> Floats:
    """A point of a channel's axis by its level distance from the inner wall (mm)."""
    start, end = np.array(hole.start_mm), np.array(hole.end_mm)
    level = float(np.hypot(*(end - start)[:2]))
    if level < 1e-6:
        raise PorcelainError(f"{hole.pipe} leaves upright; only channels through a wall can be written")
    point: Floats = start + (end - start) * along / level
    return point


def _mesh(g: HoleGeometry, h: float) -> Mesh:
    reach = WALL_MM + OUT_MM
    low, high = list(g.low_mm), list(g.high_mm)
    exits = []
    for hole in g.holes:
        axis, side = _outward(g, hole)
        ends = high if side > 0 else low
        ends[axis] = (g.high_mm if side > 0 else g.low_mm)[axis] + side * reach
        exits.append(_point(hole, reach))
    widest = max(hole.bore_mm for hole in g.holes)
    bottom = min([float(point[2]) - widest for point in exits] + [g.floor_mm])
    top = g.sill_mm + min(HIGHEST_MM, max(g.rim_mm - g.sill_mm, ABOVE_MM))
    across, along = (_level_axis(g, a, low[a], high[a], h) for a in (0, 1))
    up = _upright_axis(g, bottom, top, widest, h)
    frame = Frame(0.0, g.high_mm[1], g.sill_mm)
    return checked(Mesh(frame, (across, along, up), tuple(_cuts(g, reach)), bottom), g.bucket, h)


def _level_axis(g: HoleGeometry, a: int, low: float, high: float, h: float) -> Axis:
    """Fine about the channels, coarse in the bucket's middle."""
    reach = WALL_MM + OUT_MM
    spans = []
    for hole in g.holes:
        ends = sorted((float(_point(hole, -hole.bore_mm)[a]), float(_point(hole, reach)[a])))
        spans.append((ends[0] - hole.bore_mm / 2, ends[1] + hole.bore_mm / 2, h * hole.bore_mm / _narrowest(g)))

    def size(v: float) -> float:
        return min([WIDE_MM, *(own + COARSER * max(start - v, v - end, 0.0) for start, end, own in spans)])

    walls = (g.low_mm[a], g.high_mm[a])
    streams = [m for p in g.landings for m in ((p.low_mm, p.high_mm) if a == 0 else (p.at_mm,))]
    return axis_of(walls, low, high, size, streams)


def _narrowest(g: HoleGeometry) -> float:
    return min(hole.bore_mm for hole in g.holes)


def _upright_axis(g: HoleGeometry, bottom: float, top: float, widest: float, h: float) -> Axis:
    above = g.sill_mm + 1.5 * widest
    lowest = min(float(_point(hole, WALL_MM + OUT_MM)[2]) - hole.bore_mm for hole in g.holes)

    def size(z: float) -> float:
        if z > above:
            return min(h + COARSER * (z - above), WIDE_MM)
        return h if z > lowest else min(h + COARSER * (lowest - z), DEEP_MM)

    return axis_of((g.floor_mm, g.sill_mm), bottom, top, size)


def _cuts(g: HoleGeometry, reach: float) -> Iterator[Cut | Tube]:
    """All beside and below the bucket goes; the channels come back."""
    (x0, y0), (x1, y1) = g.low_mm, g.high_mm
    far = 2 * FAR_MM
    for low, high in (
        ((x0 - far, y0 - far), (x0, y1 + far)),
        ((x1, y0 - far), (x1 + far, y1 + far)),
        ((x0 - far, y0 - far), (x1 + far, y0)),
        ((x0 - far, y1), (x1 + far, y1 + far)),
    ):
        yield _block((*low, g.floor_mm - 5 * far), (*high, g.rim_mm + far))
    yield _block((x0 - far, y0 - far, g.floor_mm - 5 * far), (x1 + far, y1 + far, g.floor_mm))
    for hole in g.holes:
        start, end = _point(hole, 0.0), _point(hole, 2 * reach)
        yield Tube("add", _triple(start), _triple(end), hole.bore_mm / 2)


def _block(low: tuple[float, float, float], high: tuple[float, float, float]) -> Cut:
    x, y, z = (b - a for a, b in zip(low, high, strict=True))
    return Cut("subtract", low, (x, 0.0, 0.0), (0.0, y, 0.0), (0.0, 0.0, z))


def _triple(point: Iterable[float]) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in point)
    return x, y, z


def _exit(g: HoleGeometry, mesh: Mesh, hole: Hole) -> Box:
    """A thin box about the end of a channel in the mesh's side."""
    axis, side = _outward(g, hole)
    middle, half = _point(hole, WALL_MM + OUT_MM), 1.5 * hole.bore_mm
    plane = mesh.corners_mm[1 if side > 0 else 0][axis]
    low, high = middle - half, middle + half
    low[axis], high[axis] = plane - 0.01, plane + 0.01
    return _triple(low), _triple(high)


def _inlets(g: HoleGeometry, mesh: Mesh, options: VofOptions) -> Iterator[Inlet]:
    """Streams that enter through the mesh's top."""
    if not options.rate_ml_s:
        return
    across, along, _ = mesh.axes
    top = mesh.corners_mm[1][2]
    for sheet in falling(g.landings, options.rate_ml_s, options.speed_mm_s):
        low, high = across.nearest(sheet.landing.low_mm), across.nearest(sheet.landing.high_mm)
        back, front = along.nearest(sheet.landing.at_mm), along.nearest(sheet.landing.at_mm + sheet.thick_mm)
        if front <= back:
            front = along.after(back)
        yield Inlet((low, back, top), (high, front, top), sheet.landing.part, sheet.speed_mm_s)
