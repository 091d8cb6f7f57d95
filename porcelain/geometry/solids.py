"""Solids: boxes, tubes and their differences. The only module that knows the geometry kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from manifold3d import CrossSection, Error, Manifold, Mesh, OpType

from ..arrays import Floats, Ints
from ..errors import PorcelainError
from . import channel
from .surface import faulty_edges

Solid: TypeAlias = Manifold

# A knee swells by this and overlaps its pipes, because faces that only touch leave slivers in a mesh file.
KNEE_SWELL = 1.004
KNEE_OVERLAP_MM = 0.1

Recipe: TypeAlias = tuple[Any, ...]
"""How a solid was made: ("box", low, high), ("prism", polygon, pose, length), ("hull", points), ("union", recipes),
("cut", recipes) with the first one whole, ("between", recipe, low, high), ("moved", recipe, by)."""

_notes: dict[int, tuple[Solid, Recipe]] | None = None


@contextmanager
def noting() -> Iterator[Callable[[Solid], Recipe]]:
    """While this is open every solid made remembers how; yields the function that tells. Not for two threads."""
    global _notes
    _notes = {}
    try:
        yield _recipe
    finally:
        _notes = None


def _noted(solid: Solid, recipe: Recipe) -> Solid:
    if _notes is not None:
        _notes[id(solid)] = (solid, recipe)  # the solid is kept, so that no other gets its id
    return solid


def _recipe(solid: Solid) -> Recipe:
    return _notes[id(solid)][1] if _notes is not None else ()


def box(low: Iterable[float], high: Iterable[float]) -> Solid:
    """An upright box between two corners (3,) in mm."""
    lower, upper = np.asarray(list(low), dtype=float), np.asarray(list(high), dtype=float)
    solid = Manifold.cube(tuple(upper - lower)).translate(tuple(lower))
    return _noted(solid, ("box", lower, upper))


def prism(polygon: Floats, origin: Floats, side: Floats, up: Floats, length: float, rings: int = 0) -> Solid:
    """A polygon (k, 2) swept along side x up from its origin, (k, 2) being (side, up) coordinates in mm.

    ``rings`` of vertices on the way change no shape.
    """
    axis = np.cross(side, up)
    pose = np.column_stack([side, up, axis, origin])
    return _noted(CrossSection([polygon]).extrude(length, rings).transform(pose), ("prism", polygon, pose, length))


def gable(low: Iterable[float], high: Iterable[float], across: int, slope_deg: float) -> Solid:
    """A box under a pitched roof of this slope, the ridge square to axis ``across``: a hollow below a floor."""
    lower, upper = np.asarray(list(low), dtype=float), np.asarray(list(high), dtype=float)
    width = upper[across] - lower[across]
    rise = min(width / 2 * np.tan(np.radians(slope_deg)), upper[2] - lower[2])
    run = rise / np.tan(np.radians(slope_deg))
    outline = [(0.0, lower[2]), (width, lower[2]), (width, upper[2] - rise)]
    outline += [(width - run, upper[2]), (run, upper[2])] if width - 2 * run > 1e-6 else [(width / 2, upper[2])]
    outline.append((0.0, upper[2] - rise))
    side = np.eye(3)[across] * (1.0 if across == 0 else -1.0)
    start = lower.copy() if across == 0 else np.array([lower[0], upper[1], 0.0])
    along = 1 - across
    # side x up points along -y for x-wide gables and along -x for y-wide ones: start at the far end.
    start[along] = upper[along]
    start[2] = 0.0
    return prism(np.array(outline), start, side, np.array([0.0, 0.0, 1.0]), upper[along] - lower[along])


def pyramid(low: Iterable[float], high: Iterable[float], slope_deg: float) -> Solid:
    """A square box that closes upwards in a pyramid of this slope standing on ``high``."""
    lower, upper = np.asarray(list(low), dtype=float), np.asarray(list(high), dtype=float)
    rise = (upper[0] - lower[0]) / 2 * np.tan(np.radians(slope_deg))
    apex = [*(lower[:2] + upper[:2]) / 2, upper[2] + rise]
    corners = [(x, y, z) for x in (lower[0], upper[0]) for y in (lower[1], upper[1]) for z in (lower[2], upper[2])]
    return hull(np.array([*corners, apex]))


def hull(points: Floats) -> Solid:
    """The least convex body round points (n, 3)."""
    return _noted(Manifold.hull_points(points), ("hull", points))


def tube(
    path_mm: Floats,
    bore_mm: float,
    ends_mm: tuple[float, float] = (0.0, 0.0),
    knee_mm: tuple[float, float] = (0.0, 0.0),
    roof_deg: float = channel.ROOF_DEG,
    ring_mm: float = np.inf,
) -> Solid:
    """A rod with the section of a channel of this bore along a path (k, 3), run on past its two ends by ``ends_mm``.

    At a knee the sections ``knee_mm`` above and below it are drawn together, so that neither end cap stands out.
    A ring of vertices every ``ring_mm`` makes its triangles short.
    """
    section = channel.section(bore_mm, roof_deg)
    points = path_mm.copy()
    points[0] -= _unit(path_mm[1] - path_mm[0]) * ends_mm[0]
    points[-1] += _unit(path_mm[-1] - path_mm[-2]) * ends_mm[1]
    pieces, rims = [], []
    for start, end in pairwise(points):
        side, up = channel.frame(end - start)
        axis = _unit(end - start)
        length = float(np.linalg.norm(end - start))
        pieces.append(prism(section, start, side, up, length, int(length / ring_mm)))
        rim = (section[:, :1] * side + section[:, 1:] * up) * KNEE_SWELL
        before, after = (min(max(reach, 2 * KNEE_OVERLAP_MM), 0.7 * length) for reach in knee_mm)
        heads = [start + rim + reach * axis for reach in (KNEE_OVERLAP_MM, after)]
        tails = [end + rim - reach * axis for reach in (before, KNEE_OVERLAP_MM)]
        rims.append((heads, tails))
    # Two hulls, before and after the turn: one over both would bulge into whatever runs inside the bend.
    knees = [
        hull(np.concatenate(rings))
        for (_, (up, end)), ((start, down), _) in pairwise(rims)
        for rings in ((up, end, start), (end, start, down))
    ]
    return union([*pieces, *knees])


def _unit(vector: Floats) -> Floats:
    return vector / np.linalg.norm(vector)


def union(solids: Iterable[Solid]) -> Solid:
    """All of them as one."""
    pieces = list(solids)
    return _noted(Manifold.batch_boolean(pieces, OpType.Add), ("union", [_recipe(piece) for piece in pieces]))


def cut(solid: Solid, tools: Iterable[Solid]) -> Solid:
    """A solid without what the tools fill."""
    pieces = [solid, *tools]
    return _noted(Manifold.batch_boolean(pieces, OpType.Subtract), ("cut", [_recipe(piece) for piece in pieces]))


def between(solid: Solid, low_mm: float, high_mm: float) -> Solid:
    """What of a solid lies between two level planes."""
    trimmed = solid.trim_by_plane((0.0, 0.0, 1.0), low_mm).trim_by_plane((0.0, 0.0, -1.0), -high_mm)
    return _noted(trimmed, ("between", _recipe(solid), low_mm, high_mm))


def moved(solid: Solid, by_mm: Iterable[float]) -> Solid:
    """A solid somewhere else."""
    by = np.asarray(list(by_mm), dtype=float)
    return _noted(solid.translate(tuple(by)), ("moved", _recipe(solid), by))


def tidy(solid: Solid, finer_than_mm: float) -> Solid:
    """A solid without features finer than this: slivers that single precision would fold into double edges.

    Where it comes from is forgotten first, else corners between faces of two pieces in one plane would stay.
    """
    return solid.as_original().simplify(finer_than_mm)


def to_mesh(solid: Solid, what: str) -> tuple[Floats, Ints]:
    """Vertices (V, 3) in single precision, as every mesh file stores them, and faces (F, 3), in a fixed order.

    Raises PorcelainError if the kernel failed.
    """
    if solid.status() != Error.NoError or solid.is_empty():
        raise PorcelainError(f"{what}: the geometry kernel answered {solid.status()}; report this design")
    mesh = solid.to_mesh()
    corners = np.array(mesh.vert_properties, dtype=np.float32)[:, :3]
    triangles = np.asarray(mesh.tri_verts, dtype=np.int64)
    vertices, faces, merged = _merged(corners, triangles)
    if len(folds := faulty_edges(faces)):  # the kernel drew one edge twice, between vertices in one place: a hair apart
        twice = np.flatnonzero(np.isin(merged, folds))
        twice = np.delete(twice, np.unique(merged[twice], return_index=True)[1])
        corners[twice, 2] = np.nextafter(corners[twice, 2], np.float32(np.inf))
        vertices, faces, _ = _merged(corners, triangles)
    return vertices, _in_order(faces)


def _merged(corners: Any, triangles: Ints) -> tuple[Floats, Ints, Ints]:
    """Vertices and faces, and which vertex each corner became.

    Corners that single precision cannot tell apart look like a crack to other programs: they are one.
    """
    vertices, merged = np.unique(corners.astype(np.float64), axis=0, return_inverse=True)
    faces = merged.reshape(-1)[triangles]
    slivers = (faces == np.roll(faces, 1, axis=1)).any(axis=1)
    return vertices, _unfolded(faces[~slivers]), merged.reshape(-1)


def _unfolded(faces: Ints) -> Ints:
    """Without pairs of faces that lie back to back on the same three vertices: where slivers fold."""
    _, which, times = np.unique(np.sort(faces, axis=1), axis=0, return_inverse=True, return_counts=True)
    return faces[times[which.reshape(-1)] == 1]


def from_mesh(vertices_mm: Floats, faces: Ints) -> Solid:
    """A solid from a closed mesh; empty with a status if the mesh is not closed."""
    return Manifold(Mesh(np.asarray(vertices_mm, dtype=np.float32), np.asarray(faces, dtype=np.uint32)))


def _in_order(faces: Ints) -> Ints:
    """Faces sorted, each from its lowest vertex on: parallel booleans leave no trace in the order."""
    first = faces.argmin(axis=1)
    faces = faces[np.arange(len(faces))[:, None], (first[:, None] + np.arange(3)) % 3]
    return faces[np.lexsort(faces.T[::-1])]


def loops_at(solid: Solid, origin: Floats, side: Floats, up: Floats) -> list[Floats]:
    """Outlines (k, 2) of a cut through a point in the plane of side and up, about that point; holes clockwise."""
    turn = np.array([side, up, np.cross(side, up)])
    moved = solid.transform(np.column_stack([turn, -turn @ origin]))
    return [np.asarray(loop, dtype=np.float64) for loop in moved.slice(0.0).to_polygons()]


def level_cuts(solid: Solid, heights_mm: Iterable[float]) -> list[list[Floats]]:
    """Outlines (k, 2) of the level cuts at several heights, in plan coordinates; holes clockwise."""
    return [[np.asarray(loop, dtype=np.float64) for loop in solid.slice(z).to_polygons()] for z in heights_mm]
