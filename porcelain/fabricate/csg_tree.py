"""CSG trees of a design's parts: the boxes, prisms and cuts that its meshes are made of."""

from __future__ import annotations

from ..arrays import Floats
from ..geometry import solids
from ..geometry.solids import Recipe
from ..machine.design import Design
from ..styles import style_of


def recipes(design: Design) -> dict[str, Recipe]:
    """How each part is made, by name, in assembled position."""
    with solids.noting() as recipe:
        return {name: recipe(solid) for name, solid in style_of(design).solids(design).items()}


def triangles(points: Floats) -> tuple[Floats, list[list[int]]]:
    """Corners (n, 3) of a convex hull and its triangles, counter-clockwise from outside."""
    import numpy as np
    from scipy.spatial import ConvexHull

    hull = ConvexHull(points)
    number = {int(corner): n for n, corner in enumerate(hull.vertices)}
    faces = []
    for corners, plane in zip(hull.simplices, hull.equations, strict=True):
        a, b, c = points[corners]
        outward = np.dot(np.cross(b - a, c - a), plane[:3]) > 0
        faces.append([number[int(corner)] for corner in (corners if outward else corners[::-1])])
    return points[hull.vertices], faces
