"""Meshes of a folder as any program would read them: STL files by the parts list, or the objects of its 3MF."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from ..arrays import Floats, Ints
from ..errors import FileError
from ..files import load, read_bytes
from ..machine.assembly import Assembly, Part
from .soundness import read_parts

CORE = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"


def placed(folder: str | Path, package: str | None = None) -> tuple[list[Part], Assembly]:
    """Parts of a machine and its parts list; from a 3MF ``package`` in the folder, else from STL.

    Raises FileError for what is missing or no mesh.
    """
    folder = Path(folder)
    assembly: Assembly = load(folder, "assembly")
    if package is None:
        return read_parts(folder), assembly
    objects = read_3mf(read_bytes(folder / package), str(folder / package))
    missing = [piece.name for piece in assembly.pieces if piece.name not in objects]
    if missing:
        raise FileError(f"{folder / package} has no object called {missing[0]!r}; fabricate the design again")
    pieces = assembly.pieces
    return [
        Part(p.name, *objects[p.name], np.array(p.at_mm), p.colour, p.count, channels=p.channels) for p in pieces
    ], assembly


def read_3mf(data: bytes, source: str) -> dict[str, tuple[Floats, Ints]]:
    """Vertices (V, 3) mm and faces (F, 3) of every named mesh in a 3MF file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            model = ElementTree.fromstring(package.read("3D/3dmodel.model"))
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise FileError(f"{source} is no whole 3MF file: {error}; write it again") from None
    found = {}
    for entry in model.iter(f"{CORE}object"):
        corners = [[v.get(axis) for axis in "xyz"] for v in entry.iter(f"{CORE}vertex")]
        faces = [[t.get(key) for key in ("v1", "v2", "v3")] for t in entry.iter(f"{CORE}triangle")]
        if corners:
            found[entry.get("name", "")] = (np.array(corners, dtype=np.float64), np.array(faces, dtype=np.int64))
    return found
