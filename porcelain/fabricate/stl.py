"""Binary STL through numpy-stl: millimetres, no time stamp, the same bytes for the same part."""

from __future__ import annotations

import io

import numpy as np

from ..machine.assembly import Part
from .formats import Fabricated


def files(machine: Fabricated) -> dict[str, bytes]:
    """One file for each part."""
    return {f"{part.name}.stl": to_stl(part) for part in machine.parts}


def to_stl(part: Part) -> bytes:
    """One part as binary STL in its print position. The header carries the part's name and unit."""
    from stl import mesh

    solid = mesh.Mesh(np.zeros(len(part.faces), dtype=mesh.Mesh.dtype), name=part.name)
    solid.vectors = part.triangles_mm.astype(np.float32)
    corners = solid.vectors.astype(np.float64)
    square = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    solid.normals = square / np.maximum(np.linalg.norm(square, axis=1), 1e-30)[:, None]
    header = f"porcelain {part.name}, unit mm".encode().ljust(80, b" ")[:80]
    stream = io.BytesIO()
    stream.write(header)
    stream.write(np.uint32(len(part.faces)).tobytes())
    stream.write(solid.data.tobytes())
    return stream.getvalue()
