"""Volume of the water that stands in a hollow of a mesh, exact by the divergence theorem.

The level at which a hollow runs over is where the part of the surface below that level first joins a lower part of
it: height is linear on a face, so corners and edges decide it (a merge tree of the surface, as in Carr, Snoeyink and
Axen, Computational Geometry 24 (2003) 75). The volume below it is the integral of depth over the wetted faces.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...arrays import Floats, Ints
from ...geometry import surface
from ...units import MM3_PER_ML
from .columns import jit

BELOW_MM = 1e-3  # volumes are taken this far below the sill, where the wetted surface is still one hollow


def sill_mm(vertices_mm: Floats, faces: Ints, start: int, escape_mm: float) -> tuple[float, int]:
    """Find the sill over which a hollow runs out.

    Parameters
    ----------
    vertices_mm, faces : closed mesh
    start : index of a vertex in the hollow
    escape_mm : height that water must get below to have run out

    Returns
    -------
    height, vertex
        Of the sill, mm and index; the highest vertex of the mesh where there is no way out.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> cup = solids.cut(solids.box([0, 0, 0], [20, 20, 10]), [solids.box([2, 2, 2], [18, 18, 11])])
    >>> vertices, faces = solids.to_mesh(cup, "cup")
    >>> sill_mm(vertices, faces, int(np.flatnonzero(vertices[:, 2] == 2.0)[0]), 1.0)[0]
    10.0
    """
    order = np.argsort(vertices_mm[:, 2], kind="stable")
    ends = surface.edges(faces)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    later, earlier = rank[ends].max(axis=1), rank[ends].min(axis=1)
    by_later = np.argsort(later, kind="stable")
    first = np.searchsorted(later[by_later], np.arange(len(order) + 1))
    z = vertices_mm[order, 2]
    at = _joined(earlier[by_later], first, z, int(rank[start]), escape_mm)
    return float(z[at]), int(order[at])


@jit
def _root(parent: Any, node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@jit
def _joined(earlier: Any, first: Any, z: Any, start: int, escape: float) -> int:
    """Rank of the corner whose edges join the start's hollow to one that reaches below the escape height."""
    parent = np.arange(len(z))
    lowest = z.copy()
    for node in range(len(z)):
        for e in range(first[node], first[node + 1]):
            a, b = _root(parent, node), _root(parent, earlier[e])
            if a != b:
                parent[a] = b
                lowest[b] = min(lowest[a], lowest[b])
        if node >= start and lowest[_root(parent, start)] < escape:
            return node
    return len(z) - 1


def wetted(vertices_mm: Floats, faces: Ints, start: int, level_mm: float) -> Floats:
    """Pieces of a mesh that water in a hollow touches.

    Parameters
    ----------
    vertices_mm, faces : closed mesh
    start : index of a vertex in the hollow
    level_mm : of the water

    Returns
    -------
    array (n, 3, 3)
        What of the faces lies below the level and is joined to the start below it.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> cup = solids.cut(solids.box([0, 0, 0], [20, 20, 10]), [solids.box([2, 2, 2], [18, 18, 11])])
    >>> vertices, faces = solids.to_mesh(cup, "cup")
    >>> inner = wetted(vertices, faces, int(np.flatnonzero(vertices[:, 2] == 2.0)[0]), 5.0)
    >>> float(inner[..., 2].min()), float(inner[..., 2].max())
    (2.0, 5.0)
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    below = vertices_mm[:, 2] < level_mm
    ends = surface.edges(faces)
    ends = ends[below[ends].all(axis=1)]
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(below), len(below)))
    groups = connected_components(graph, directed=False)[1]
    joined = below & (groups == groups[start])
    return _clipped(vertices_mm[faces[joined[faces].any(axis=1)]], level_mm)


def _clipped(triangles: Floats, level_mm: float) -> Floats:
    """What of triangles (n, 3, 3) lies below a level, as triangles."""
    pieces = []
    above = triangles[..., 2] >= level_mm
    pieces.append(triangles[~above.any(axis=1)])
    for high in (1, 2):
        some = triangles[above.sum(axis=1) == high]
        odd = (above if high == 1 else ~above)[above.sum(axis=1) == high].argmax(axis=1)
        a, b, c = (some[np.arange(len(some)), (odd + k) % 3] for k in range(3))
        ab, ac = _at_level(a, b, level_mm), _at_level(a, c, level_mm)
        if high == 2:
            pieces.append(np.stack([a, ab, ac], axis=1))
        else:
            pieces += [np.stack([ab, b, c], axis=1), np.stack([ab, c, ac], axis=1)]
    return np.concatenate(pieces)


def _at_level(low: Floats, high: Floats, level_mm: float) -> Floats:
    t = (level_mm - low[:, 2]) / (high[:, 2] - low[:, 2])
    return np.asarray(low + t[:, None] * (high - low))


def held_volume_ml(vertices_mm: Floats, faces: Ints, start: int, sill_mm: float) -> float:
    """Water that stands in a hollow of a mesh up to a sill.

    Parameters
    ----------
    vertices_mm, faces : closed mesh
    start : index of a vertex in the hollow
    sill_mm : height of the sill

    Returns
    -------
    float
        mL; 0 where the sill is not above the start.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> cup = solids.cut(solids.box([0, 0, 0], [20, 20, 10]), [solids.box([2, 2, 2], [18, 18, 11])])
    >>> vertices, faces = solids.to_mesh(cup, "cup")
    >>> round(held_volume_ml(vertices, faces, int(np.flatnonzero(vertices[:, 2] == 2.0)[0]), 10.0), 6)
    2.048
    """
    level = sill_mm - BELOW_MM
    if vertices_mm[start, 2] >= level:
        return 0.0
    return above_ml(wetted(vertices_mm, faces, start, level), sill_mm)


def above_ml(triangles_mm: Floats, level_mm: float) -> float:
    """Water between wetted faces and a level.

    Parameters
    ----------
    triangles_mm : (n, 3, 3) faces that the water touches
    level_mm : of the water

    Returns
    -------
    float
        mL: the integral of depth over the faces' level projection.

    Examples
    --------
    >>> above_ml(np.array([[[0.0, 0, 0], [20, 0, 0], [0, 10, 0]]]), 10.0)
    1.0
    """
    up = np.cross(triangles_mm[:, 1] - triangles_mm[:, 0], triangles_mm[:, 2] - triangles_mm[:, 0])[:, 2] / 2
    depth = level_mm - triangles_mm[..., 2].mean(axis=1)
    return float((up * depth).sum()) / MM3_PER_ML
