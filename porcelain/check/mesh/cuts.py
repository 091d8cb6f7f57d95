"""Cut a mesh with a plane: closed outlines that are exact on the mesh's faces.

A corner in the plane counts as above it, so every face that is cut has one edge that falls through the plane and one
that climbs through it. The outline runs from the first to the second and goes on in the face beyond that edge.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Floats, Ints


def outlines_at(vertices_mm: Floats, faces: Ints, origin_mm: Floats, side: Floats, up: Floats) -> list[Floats]:
    """Outlines of a mesh in the plane of two directions.

    Parameters
    ----------
    vertices_mm, faces : (V, 3) corners and (F, 3) indices of a closed mesh
    origin_mm : (3,) point of the plane
    side, up : (3,) unit vectors, square to each other

    Returns
    -------
    list of arrays (k, 2)
        Coordinates along ``side`` and ``up`` from the origin. Outlines of the solid run counter-clockwise, holes in it
        clockwise. A mesh that is open in the plane gives only the outlines that close.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> corners, faces = solids.to_mesh(solids.box([0, 0, 0], [4, 6, 8]), "box")
    >>> (outline,) = outlines_at(corners, faces, np.array([2.0, 3.0, 5.0]), np.eye(3)[0], np.eye(3)[1])
    >>> np.ptp(outline, axis=0).tolist()
    [4.0, 6.0]
    """
    away = vertices_mm - origin_mm
    return _chained(faces, away @ np.cross(side, up), away @ np.column_stack([side, up]))


class LevelCuts:
    """Level cuts of one mesh at many heights.

    Parameters
    ----------
    vertices_mm, faces : (V, 3) corners and (F, 3) indices of a closed mesh

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> cuts = LevelCuts(*solids.to_mesh(solids.box([0, 0, 0], [4, 6, 8]), "box"))
    >>> len(cuts.outlines(5.0)), len(cuts.outlines(9.0))
    (1, 0)
    """

    def __init__(self, vertices_mm: Floats, faces: Ints) -> None:
        self._vertices, self._faces = vertices_mm, faces
        heights = vertices_mm[faces, 2]
        self._low, self._high = heights.min(axis=1), heights.max(axis=1)

    def outlines(self, height_mm: float) -> list[Floats]:
        """Outlines at one height.

        Parameters
        ----------
        height_mm : of the cut

        Returns
        -------
        list of arrays (k, 2)
            Plan coordinates; of the solid counter-clockwise, of holes in it clockwise.
        """
        cut = self._faces[(self._low < height_mm) & (self._high >= height_mm)]
        return _chained(cut, self._vertices[:, 2] - height_mm, self._vertices[:, :2])


def _chained(faces: Ints, above_mm: Floats, plane_mm: Floats) -> list[Floats]:
    """Outlines where ``above_mm`` (V,) is 0, in the coordinates ``plane_mm`` (V, 2) of the vertices."""
    over = above_mm >= 0
    faces = faces[over[faces].any(axis=1) & ~over[faces].all(axis=1)]
    if not len(faces):
        return []
    ends = np.stack([faces, np.roll(faces, -1, axis=1)], axis=-1)  # of every edge, (F, 3, 2)
    first, second = over[ends[..., 0]], over[ends[..., 1]]
    starts, stops = np.sort(ends[first & ~second], axis=1), np.sort(ends[~first & second], axis=1)
    key = np.array([len(above_mm), 1])
    edges, where = np.unique(starts @ key, return_index=True)
    a, b = starts[where].T
    t = above_mm[a] / (above_mm[a] - above_mm[b])
    points = plane_mm[a] + t[:, None] * (plane_mm[b] - plane_mm[a])
    wanted = (stops @ key)[where]
    after = np.searchsorted(edges, wanted).clip(max=len(edges) - 1)
    return [points[ring] for ring in _rings(np.where(edges[after] == wanted, after, -1).tolist())]


def _rings(after: list[int]) -> list[list[int]]:
    """Rings of a list that says which element follows each; -1 where none does."""
    seen, rings = [False] * len(after), []
    for start in range(len(after)):
        chain, at = [], start
        while at >= 0 and not seen[at]:
            seen[at] = True
            chain.append(at)
            at = after[at]
        if at == start and chain:
            rings.append(chain)
    return rings
