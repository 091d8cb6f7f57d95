"""Meshes sampled on a level grid: each column is a stack of intervals of air with exact heights.

Winding numbers decide what is solid (above 0), so that overlapping, open and inverted meshes show where they are so.
The grid is 0.4 mm: half the thinnest wall that holds water, and heights are those of the mesh, not of a voxel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np

from ...arrays import Floats, Ints
from ...errors import PorcelainError
from ...machine.assembly import Part

PITCH_MM = 0.4
OFFSET = 0.3819660113  # of a pitch: no wall of a drawing in whole hundredths falls on a sample
BORDER_MM = 3.2
MOST_COLUMNS = 12_000_000

jit = nb.njit(cache=True, nogil=True, error_model="numpy")


@dataclass(frozen=True, eq=False)
class Columns:
    """Air above every sample of an assembled machine. Column c = ix * ny + iy owns the stretches ``start[c]`` to
    ``start[c + 1]``, lowest first.

    Attributes
    ----------
    shape : (nx, ny) samples
    origin_mm : (2,) of sample (0, 0)
    pitch_mm : between samples
    table_mm : height that the machine stands on
    start : (nx * ny + 1,) first stretch of every column
    floor, ceil : (n,) heights of every stretch, mm; inf under the sky
    part, face : (n,) what each stretch stands on; part -1 is the table
    column : (n,) of every stretch
    overlap_mm3 : (parts, parts) volume where two bodies are in one place, on the diagonal within one mesh
    overlap_at : (parts, parts, 3) a place where they are
    torn : (parts, 4) how many columns of a part do not close, and where one is

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> c = sample_columns([Part("block", *solids.to_mesh(solids.box([0, 0, 0], [9, 9, 5]), "block"), np.zeros(3))])
    >>> float(c.floor[c.start[c.column_at(4.0, 4.0)]])
    5.0
    """

    shape: tuple[int, int]
    origin_mm: Floats
    pitch_mm: float
    table_mm: float
    start: Ints
    floor: Floats
    ceil: Floats
    part: Ints
    face: Ints
    column: Ints
    overlap_mm3: Floats
    overlap_at: Floats
    torn: Floats

    def column_at(self, x_mm: float, y_mm: float) -> int:
        """Column nearest to a place.

        Parameters
        ----------
        x_mm, y_mm : plan position

        Returns
        -------
        int
            Its index.
        """
        ix, iy = np.rint((np.array([x_mm, y_mm]) - self.origin_mm) / self.pitch_mm).astype(int)
        nx, ny = self.shape
        return int(np.clip(ix, 0, nx - 1) * ny + np.clip(iy, 0, ny - 1))

    def place_mm(self, nodes: Any) -> Floats:
        """Plan position of stretches of air.

        Parameters
        ----------
        nodes : indices of stretches

        Returns
        -------
        array (..., 2)
            mm.
        """
        return self.origin_mm + np.stack(np.divmod(self.column[nodes], self.shape[1]), axis=-1) * self.pitch_mm

    def at_mm(self, node: int, z_mm: float | None = None) -> tuple[float, float, float]:
        """A place to tell.

        Parameters
        ----------
        node : index of a stretch
        z_mm : height; None is the stretch's floor

        Returns
        -------
        x, y, z
            Rounded to 0.1 mm.
        """
        x, y = self.place_mm(node)
        z = self.floor[node] if z_mm is None else z_mm
        return round(float(x), 1), round(float(y), 1), round(float(z), 1)


def crossings(grid: Floats, nx: int, ny: int) -> tuple[Ints, Ints, Floats]:
    """Which triangles every column crosses, and where.

    Parameters
    ----------
    grid : (f, 3, 3) triangles in units of columns
    nx, ny : how many columns

    Returns
    -------
    start, faces, heights
        ``start`` (nx * ny + 1,) is where each column's crossings stand in ``faces`` and ``heights``.

    Examples
    --------
    >>> start, faces, heights = crossings(np.array([[[-0.5, -0.5, 5], [3, -0.5, 5], [-0.5, 3, 5]]]), 2, 2)
    >>> faces.tolist(), set(heights.tolist())
    ([0, 0, 0, 0], {5.0})
    """
    counts = np.zeros(nx * ny + 1, dtype=np.int64)
    _cross(grid, nx, ny, counts, counts[:0], np.zeros(0), counts[:0])
    start = np.concatenate([[0], np.cumsum(counts[:-1])])
    faces, heights = np.zeros(start[-1], dtype=np.int64), np.zeros(start[-1])
    _cross(grid, nx, ny, start.copy(), faces, heights, counts)
    return start, faces, heights


def sample_columns(parts: Sequence[Part], pitch_mm: float = PITCH_MM) -> Columns:
    """Sample assembled parts on a level grid.

    Parameters
    ----------
    parts : meshes in their places
    pitch_mm : of the grid

    Returns
    -------
    Columns
        Exact heights at every sample.

    Raises
    ------
    PorcelainError
        Where the machine is too large to be sampled at this pitch.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> mesh = solids.to_mesh(solids.box([0, 0, 0], [9, 9, 5]), "block")
    >>> float(sample_columns([Part("block", *mesh, np.zeros(3))]).overlap_mm3.max())
    0.0
    """
    points = np.concatenate([part.assembled_mm for part in parts])
    low, high = points.min(axis=0), points.max(axis=0)
    origin = low[:2] - BORDER_MM + OFFSET * pitch_mm
    nx, ny = (int(n) for n in np.ceil((high[:2] + BORDER_MM - origin) / pitch_mm).astype(int) + 1)
    if nx * ny > MOST_COLUMNS:
        raise PorcelainError(
            f"the machine covers {nx * ny} columns of {pitch_mm} mm, limit {MOST_COLUMNS};"
            " inspect with a coarser --pitch"
        )
    triangles = np.concatenate([part.assembled_mm[part.faces] for part in parts])
    owner = np.repeat(np.arange(len(parts)), [len(part.faces) for part in parts])
    grid = (triangles - [*origin, 0.0]) / [pitch_mm, pitch_mm, 1.0]
    start, faces, heights = crossings(grid, nx, ny)
    up = np.sign(np.cross(grid[:, 1] - grid[:, 0], grid[:, 2] - grid[:, 0])[:, 2]).astype(np.int64)
    n = len(parts)
    overlap, overlap_at, torn = np.zeros((n, n)), np.zeros((n, n, 3)), np.zeros((n, 4))
    air, floor, ceil, part, face = _stretches(start, faces, heights, up, owner, low[2], n, overlap, overlap_at, torn)
    column = np.repeat(np.arange(nx * ny), np.diff(air))
    for places in (overlap_at, torn[:, 1:]):
        ix, iy = np.divmod(places[..., 0].astype(int), ny)
        places[..., 0], places[..., 1] = origin[0] + ix * pitch_mm, origin[1] + iy * pitch_mm
    return Columns(
        (nx, ny), origin, pitch_mm, float(low[2]), air, floor, ceil, part, face, column,
        overlap * pitch_mm**2, overlap_at, torn,
    )  # fmt: skip


@jit
def _within(ax: float, ay: float, bx: float, by: float, x: float, y: float, s: float) -> float:
    """Twice the area that an edge and a point span, -1 outside; of two faces that share an edge one gets its points.

    The edge is taken in one fixed direction, so that both faces see the same rounding.
    """
    if ax < bx or (ax == bx and ay < by):
        area = s * ((bx - ax) * (y - ay) - (by - ay) * (x - ax))
    else:
        area = -s * ((ax - bx) * (y - by) - (ay - by) * (x - bx))
    if area > 0.0:
        return area
    rise, run = s * (by - ay), s * (bx - ax)
    return 0.0 if area == 0.0 and (rise > 0.0 or (rise == 0.0 and run < 0.0)) else -1.0


@jit
def _cross(t: Any, nx: int, ny: int, slot: Any, faces: Any, heights: Any, counts: Any) -> None:
    """Where every column crosses every triangle: counted, or, given room, written at each column's slot."""
    write = len(faces) > 0
    for f in range(len(t)):
        ax, ay, az = t[f, 0]
        bx, by, bz = t[f, 1]
        cx, cy, cz = t[f, 2]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if area == 0.0:
            continue
        s = 1.0 if area > 0 else -1.0
        for ix in range(max(0, int(np.ceil(min(ax, bx, cx)))), min(nx - 1, int(np.floor(max(ax, bx, cx)))) + 1):
            for iy in range(max(0, int(np.ceil(min(ay, by, cy)))), min(ny - 1, int(np.floor(max(ay, by, cy)))) + 1):
                u = _within(bx, by, cx, cy, ix, iy, s)
                v = _within(cx, cy, ax, ay, ix, iy, s)
                w = _within(ax, ay, bx, by, ix, iy, s)
                if u < 0 or v < 0 or w < 0 or u + v + w <= 0:
                    continue
                column = ix * ny + iy
                if write:
                    faces[slot[column]] = f
                    heights[slot[column]] = (u * az + v * bz + w * cz) / (u + v + w)
                slot[column] += 1


@jit
def _stretches(
    start: Any, faces: Any, heights: Any, up: Any, owner: Any, table: float, n: int, overlap: Any, at: Any, torn: Any
) -> Any:
    """Stretches of air of every column from its sorted crossings, and what is wrong with the meshes there."""
    total = len(heights) + len(start)
    air = np.zeros(len(start), dtype=np.int64)
    floor, ceil = np.zeros(total), np.zeros(total)
    part, face = np.zeros(total, dtype=np.int64), np.zeros(total, dtype=np.int64)
    winding = np.zeros(n, dtype=np.int64)
    k = 0
    for c in range(len(start) - 1):
        first, last = start[c], start[c + 1]
        order = first + np.argsort(heights[first:last])
        winding[:] = 0
        solid, bottom, bottom_part, bottom_face = 0, table, -1, -1
        below = table
        for i in order:
            f, z = faces[i], heights[i]
            p = owner[f]
            for a in range(n):
                if winding[a] > 1:
                    _note(overlap, at, a, a, c, z - below, below)
                for b in range(a + 1, n):
                    if winding[a] > 0 and winding[b] > 0:
                        _note(overlap, at, a, b, c, z - below, below)
            below = z
            was = solid
            winding[p] -= up[f]
            solid = 0
            for a in range(n):
                solid += winding[a] > 0
            if was == 0 and solid > 0 and z - bottom > 0.05:
                floor[k], ceil[k], part[k], face[k] = bottom, z, bottom_part, bottom_face
                k += 1
            if was > 0 and solid == 0:
                bottom, bottom_part, bottom_face = z, p, f
        for a in range(n):
            if winding[a] != 0:
                torn[a, 0] += 1
                torn[a, 1], torn[a, 3] = c, below
        floor[k], ceil[k], part[k], face[k] = bottom, np.inf, bottom_part, bottom_face
        k += 1
        air[c + 1] = k
    return air, floor[:k].copy(), ceil[:k].copy(), part[:k].copy(), face[:k].copy()


@jit
def _note(overlap: Any, at: Any, a: int, b: int, c: int, depth: float, z: float) -> None:
    if depth > 0.01:
        overlap[a, b] += depth
        at[a, b, 0], at[a, b, 2] = c, z
