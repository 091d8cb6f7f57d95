"""Meshes of a folder as any program would read them: STL files by the parts list, or the objects of its 3MF."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from ...arrays import Floats, Ints
from ...errors import FileError
from ...fabricate.stl import to_stl
from ...files import load, read_bytes
from ...machine.assembly import Assembly, Part, Piece

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
        Part(p.name, *objects[p.name], np.array(p.at_mm), p.colour, p.count, p.channels, p.kind) for p in pieces
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


def read_parts(folder: str | Path) -> list[Part]:
    """Parts from STL files by the parts list beside them, through trimesh. Raises FileError for what is not there."""
    assembly = load(Path(folder) / "assembly.json", "assembly")
    return [_read(read_bytes(Path(folder) / piece.file), piece) for piece in assembly.pieces]


def reread(parts: list[Part]) -> list[Part]:
    """The same parts after a trip through binary STL and an independent reader."""
    x = [
        (to_stl(p), Piece(p.name, f"{p.name}.stl", p.count, p.colour, tuple(p.at_mm), p.channels, p.kind))
        for p in parts
    ]
    return [_read(data, piece) for data, piece in x]


def _read(data: bytes, piece: Piece) -> Part:
    import trimesh

    if not _whole_stl(data):
        raise FileError(f"{piece.file} is not whole STL ({len(data)} bytes); fabricate it again")
    try:
        mesh = trimesh.load_mesh(io.BytesIO(data), file_type="stl", process=True)
    except (ValueError, IndexError, KeyError) as error:
        raise FileError(f"{piece.file} is not whole STL: {error}; fabricate it again") from None
    if not len(mesh.faces):
        raise FileError(f"{piece.file} holds no triangles; fabricate it again")
    return Part(
        piece.name,
        mesh.vertices,
        mesh.faces,
        np.array(piece.at_mm),
        piece.colour,
        piece.count,
        piece.channels,
        piece.kind,
    )


def _whole_stl(data: bytes) -> bool:
    """Whether a file has the length that binary STL states, or is text from "solid" to "endsolid"."""
    if len(data) >= 84 and len(data) == 84 + 50 * int.from_bytes(data[80:84], "little"):
        return True
    return data.isascii() and data.lstrip().startswith(b"solid") and b"endsolid" in data
