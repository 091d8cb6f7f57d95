"""Read the meshes of a folder: STL files named in the parts list, or the objects of a 3MF."""

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
    """Read the parts of a machine and its parts list.

    Parameters
    ----------
    folder : with assembly.json and the meshes
    package : name of a 3MF in the folder; None reads its STL files

    Returns
    -------
    parts, assembly
        Meshes as any program would read them, and where they stand.

    Raises
    ------
    FileError
        For what is missing or no mesh.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = fabricate.write(fabricate.parts(design), design, folder, formats=["stl"])
    ...     parts, assembly = placed(folder)
    >>> [part.name for part in parts]
    ['body']
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
    """Read every named mesh of a 3MF file.

    Parameters
    ----------
    data : the file's bytes
    source : its name, for errors

    Returns
    -------
    dict
        {name: (vertices (V, 3) mm, faces (F, 3))}.

    Raises
    ------
    FileError
        Where it is no whole 3MF file.

    Examples
    --------
    >>> read_3mf(b"nothing", "a.3mf")
    Traceback (most recent call last):
    porcelain.errors.FileError: a.3mf is no whole 3MF file: File is not a zip file; write it again
    """
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
    """Read parts from STL files by the parts list beside them.

    Parameters
    ----------
    folder : with assembly.json and the STL files

    Returns
    -------
    list of Part
        Read by trimesh, not by what wrote them.

    Raises
    ------
    FileError
        For what is missing or no mesh.

    Examples
    --------
    >>> read_parts("tests")
    Traceback (most recent call last):
    porcelain.errors.FileError: ...
    """
    assembly = load(Path(folder) / "assembly.json", "assembly")
    return [_read(read_bytes(Path(folder) / piece.file), piece) for piece in assembly.pieces]


def reread(parts: list[Part]) -> list[Part]:
    """Send parts through binary STL and an independent reader.

    Parameters
    ----------
    parts : as made

    Returns
    -------
    list of Part
        As another program reads them.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> part = Part("block", *solids.to_mesh(solids.box([0, 0, 0], [1, 2, 3]), "block"), np.zeros(3))
    >>> round(reread([part])[0].volume_mm3, 6)
    6.0
    """
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
