"""STEP through build123d: the same recipes as the meshes, as exact planar solids that CAD programs can edit.

build123d is an extra (pip install porcelain[step]).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import PorcelainError
from ..file_names import safe_name
from ..geometry.solids import Recipe
from .csg_tree import recipes, triangles
from .formats import Fabricated

FIRST_DATE = "1980-01-01T00:00:00"  # as in the 3MF: no time stamp
FAR_MM = 5000.0


def files(machine: Fabricated) -> dict[str, bytes]:
    """One file for each part, assembled position, mm. Raises PorcelainError where build123d is not installed."""
    cad = _cad()
    made = recipes(machine.design).items()
    return {f"{safe_name(name)}.step": _to_step(cad, solid(cad, recipe), name) for name, recipe in made}


def _cad() -> Any:
    try:
        import build123d
    except ImportError:
        raise PorcelainError("STEP needs build123d, which is not installed; pip install 'porcelain[step]'") from None
    return build123d


def _to_step(cad: Any, shape: Any, name: str) -> bytes:
    shape.label = name
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "part.step"
        cad.export_step(shape, str(path), timestamp=FIRST_DATE)
        return path.read_bytes()


def solid(cad: Any, recipe: Recipe) -> Any:
    """A build123d shape of a recipe."""
    kind = recipe[0]
    if kind == "box":
        low, high = recipe[1], recipe[2]
        return cad.Solid.make_box(*(high - low), cad.Plane(origin=tuple(low)))
    if kind == "prism":
        return _prism(cad, *recipe[1:])
    if kind == "hull":
        return _hull(cad, recipe[1])
    if kind == "between":
        low, high = recipe[2], recipe[3]
        slab = cad.Solid.make_box(2 * FAR_MM, 2 * FAR_MM, high - low, cad.Plane(origin=(-FAR_MM, -FAR_MM, low)))
        return _one(cad, solid(cad, recipe[1]).intersect(slab))
    if kind == "moved":
        return solid(cad, recipe[1]).moved(cad.Location(tuple(recipe[2])))
    shapes = [shape for child in recipe[1] if (shape := solid(cad, child)) is not None]
    first, rest = shapes[0], shapes[1:]
    if not rest:
        return first
    return _one(cad, first.fuse(*rest) if kind == "union" else first.cut(*rest))


def _one(cad: Any, shapes: Any) -> Any:
    """One shape of what an operation left: several bodies become a compound."""
    if not isinstance(shapes, list):
        return shapes
    return shapes[0] if len(shapes) == 1 else cad.Compound(shapes)


def _prism(cad: Any, polygon: Any, pose: Any, length: float) -> Any:
    corners = np.asarray(polygon) @ pose[:, :2].T + pose[:, 3]
    face = cad.Face(cad.Wire.make_polygon([tuple(c) for c in corners], close=True))
    return cad.Solid.extrude(face, tuple(pose[:, 2] * length))


def _hull(cad: Any, points: Any) -> Any:
    corners, faces = triangles(points)
    sides = [cad.Face(cad.Wire.make_polygon([tuple(corners[n]) for n in face], close=True)) for face in faces]
    return cad.Solid(cad.Shell(sides))
