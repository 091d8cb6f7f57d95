"""Walls and overhangs of a mesh: the thinnest solid between parallel faces, and faces that hang over air."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import Floats
from ...machine.assembly import Part
from .columns import OFFSET, crossings, jit

PITCH_MM = 0.8  # of the lines along which walls are measured: a patch of 2 mm2 is crossed by some
PARALLEL = 0.94  # cosine of 20 degrees: two faces that enclose a wall and not an edge
SQUARE = 0.5  # a wall is measured along the axis it is squarest to
THIN_AREA_MM2 = 2.0  # a speck below a limit is an edge, a patch of this size is a wall
DEEPEST_MM = 8.0
CRACK_MM = 1e-3  # faces that coincide are where two bodies touch, and no wall
LEVEL_DEG = 45.5  # overhang from the vertical beyond which a printer wants support; half a degree for rounding
BED_MM = 0.05


@dataclass(frozen=True)
class Wall:
    """The thinnest wall of a part.

    Attributes
    ----------
    mm : its thickness; inf for a lump without walls
    at_mm : its middle, assembled

    Examples
    --------
    >>> Wall(1.6, (0.0, 0.0, 0.0)).mm
    1.6
    """

    mm: float
    at_mm: tuple[float, float, float]


@dataclass(frozen=True)
class Overhang:
    """Faces of a part, as printed, that lean out further than a printer can follow.

    Attributes
    ----------
    area_mm2 : of all of them
    largest_mm2 : of the largest patch of neighbours
    at_mm : middle of that patch, assembled

    Examples
    --------
    >>> Overhang(0.0, 0.0, (0.0, 0.0, 0.0)).area_mm2
    0.0
    """

    area_mm2: float
    largest_mm2: float
    at_mm: tuple[float, float, float]


def thinnest(part: Part) -> Wall:
    """Thinnest wall of a part as printed; a patch of 2 mm2 counts, an edge does not.

    Parameters
    ----------
    part : mesh

    Returns
    -------
    Wall
        A leaning wall is as thick as the thinner of its level and its upright cut: lines and layers are what is laid.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> tube = solids.cut(solids.box([0, 0, 0], [20, 20, 20]), [solids.box([1.5, 2, -1], [18, 18, 21])])
    >>> round(thinnest(Part("tube", *solids.to_mesh(tube, "tube"), np.zeros(3))).mm, 6)
    1.5
    """
    triangles = part.assembled_mm[part.faces]
    found = []
    for axis in range(3):
        turned = triangles[..., [(axis + 1) % 3, (axis + 2) % 3, axis]]
        thick, places, areas = _walls(turned, (1 - axis) % 3)
        found.append((thick, places[:, np.argsort([(axis + 1) % 3, (axis + 2) % 3, axis])], areas))
    thick, places, areas = (np.concatenate(x) for x in zip(*found, strict=True))
    order = np.argsort(thick)
    enough = np.searchsorted(np.cumsum(areas[order]), THIN_AREA_MM2)
    if enough >= len(order):
        return Wall(float("inf"), (0.0, 0.0, 0.0))
    x, y, z = places[order[enough]].round(1).tolist()
    return Wall(float(thick[order[enough]]), (x, y, z))


def _walls(triangles: Floats, up: int) -> tuple[Floats, Floats, Floats]:
    """Thickness (n,) of the walls that lines along the last axis go through, their middles (n, 3) and areas (n,).

    ``up`` is the axis that the printer builds along.
    """
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    origin = low[:2] - PITCH_MM * (1 - OFFSET)
    nx, ny = (int(n) for n in np.ceil((high[:2] - origin) / PITCH_MM).astype(int) + 1)
    grid = (triangles - [*origin, 0.0]) / [PITCH_MM, PITCH_MM, 1.0]
    start, faces, heights = crossings(grid, nx, ny)
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-30)[:, None]
    found = _between(start, faces, heights, normals, up)
    ix, iy = np.divmod(found[:, 0].astype(int), ny)
    places = np.column_stack([origin[0] + ix * PITCH_MM, origin[1] + iy * PITCH_MM, found[:, 1]])
    return found[:, 2], places, PITCH_MM**2 / found[:, 3]


@jit
def _between(start: Any, faces: Any, heights: Any, normals: Any, up: int) -> Any:
    """(n, 4) column, middle, thickness and squareness of every wall on the columns."""
    found = np.zeros((len(heights) // 2 + 1, 4))
    k = 0
    for c in range(len(start) - 1):
        first, last = start[c], start[c + 1]
        order = first + np.argsort(heights[first:last])
        for i in range(len(order) - 1):
            a, b = normals[faces[order[i]]], normals[faces[order[i + 1]]]
            thick = heights[order[i + 1]] - heights[order[i]]
            square = min(-a[2], b[2])
            if square > SQUARE and CRACK_MM < thick * square < DEEPEST_MM and -(a * b).sum() > PARALLEL:
                lean = abs(a[up])
                found[k, 0], found[k, 1] = c, (heights[order[i]] + heights[order[i + 1]]) / 2
                found[k, 2], found[k, 3] = thick * square / max(lean, math.sqrt(1.0 - lean * lean)), square
                k += 1
    return found[:k].copy()


def lean_deg(part: Part) -> Floats:
    """How far each face leans out from the vertical as printed.

    Parameters
    ----------
    part : mesh

    Returns
    -------
    array (F,)
        Degrees; 90 is a ceiling, below 0 faces up, 0 lies on the bed.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> shelf = solids.union([solids.box([0, 0, 0], [9, 9, 9]), solids.box([0, 0, 9], [15, 9, 12])])
    >>> float(lean_deg(Part("shelf", *solids.to_mesh(shelf, "shelf"), np.zeros(3))).max())
    90.0
    """
    triangles = part.triangles_mm
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    down = -normals[:, 2] / np.maximum(np.linalg.norm(normals, axis=1), 1e-30)
    lean = np.degrees(np.arcsin(np.clip(down, -1.0, 1.0)))
    lean[(triangles[..., 2] < BED_MM).all(axis=1)] = 0.0  # what lies on the bed hangs over nothing
    return np.asarray(lean)


def overhang(part: Part) -> Overhang:
    """Area of a part that wants support.

    Parameters
    ----------
    part : mesh

    Returns
    -------
    Overhang
        All of it, and its largest patch of neighbouring faces.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> shelf = solids.union([solids.box([0, 0, 0], [9, 9, 9]), solids.box([0, 0, 9], [15, 9, 12])])
    >>> round(overhang(Part("shelf", *solids.to_mesh(shelf, "shelf"), np.zeros(3))).area_mm2, 6)
    54.0
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    steep = np.flatnonzero(lean_deg(part) > LEVEL_DEG)
    if not len(steep):
        return Overhang(0.0, 0.0, (0.0, 0.0, 0.0))
    triangles = part.triangles_mm[steep]
    areas = np.linalg.norm(np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1) / 2
    n = len(part.vertices_mm)
    ends = part.faces[steep]
    graph = coo_array((np.ones(2 * len(ends)), (np.r_[ends[:, 0], ends[:, 1]], np.r_[ends[:, 1], ends[:, 2]])), (n, n))
    patch = connected_components(graph, directed=False)[1][ends[:, 0]]
    sums = np.bincount(patch, areas)
    mine = patch == sums.argmax()
    centre = np.average(triangles[mine].mean(axis=1), axis=0, weights=areas[mine] + 1e-12) + part.at_mm
    x, y, z = centre.round(1).tolist()
    return Overhang(float(areas.sum()), float(sums.max()), (x, y, z))
