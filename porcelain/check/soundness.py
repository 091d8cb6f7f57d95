"""Soundness: what the meshes really are, measured on the files and not on the program that made them.

Held volumes come from the divergence theorem over the wetted surface, cross-sections from cuts square to each pipe.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..arrays import Floats
from ..errors import FileError, PorcelainError
from ..fabricate.stl import to_stl
from ..files import load, read_bytes
from ..geometry import channel, solids
from ..machine.assembly import Part, Piece
from ..machine.design import Design
from ..machine.vessel import Bucket, Pipe
from ..network import Layer, Network
from ..units import MM3_PER_ML

BELOW_SILL_MM = 0.01
JUST_OUTSIDE_MM = 0.15  # of a sill's edge: where its knives stand
STATIONS = (0.2, 0.35, 0.5, 0.65, 0.8)


@dataclass(frozen=True)
class Measured:
    """What the meshes are: what each bucket holds, each channel's section as printed, and the form of every part."""

    held_ml: dict[str, float]
    areas_mm2: dict[str, float]
    genus: dict[str, int]
    bodies: dict[str, int]
    closed: dict[str, bool]

    def as_network(self, design: Design) -> Network:
        """The network that these meshes compute."""
        layers = []
        for row, below in zip(design.rows, design.rows[1:], strict=False):
            names = [vessel.name for vessel in below]
            areas = np.zeros((len(row), len(below)))
            for i, bucket in enumerate(row):
                for pipe in design.branches(bucket.name):
                    areas[i, names.index(pipe.target)] += self.areas_mm2[pipe.name]
            held = np.nan_to_num([self.held_ml[bucket.name] for bucket in row])  # a leaking bucket keeps nothing
            layers.append(Layer(held / design.ml_per_unit, areas / areas.sum(axis=1, keepdims=True)))
        return Network(tuple(layers), design.network.encoding, design.network.class_names, design.network.name)


def read_parts(folder: str | Path) -> list[Part]:
    """Parts from STL files by the parts list beside them, through trimesh. Raises FileError for what is not there."""
    assembly = load(Path(folder) / "assembly.json", "assembly")
    return [_read(read_bytes(Path(folder) / piece.file), piece) for piece in assembly.pieces]


def reread(parts: list[Part]) -> list[Part]:
    """The same parts after a trip through binary STL and an independent reader."""
    x = [(to_stl(p), Piece(p.name, f"{p.name}.stl", p.count, p.colour, tuple(p.at_mm), p.channels)) for p in parts]
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
    return Part(piece.name, mesh.vertices, mesh.faces, np.array(piece.at_mm), piece.colour, piece.count, piece.channels)


def _whole_stl(data: bytes) -> bool:
    """Whether a file has the length that binary STL states, or is text from "solid" to "endsolid"."""
    if len(data) >= 84 and len(data) == 84 + 50 * int.from_bytes(data[80:84], "little"):
        return True
    return data.isascii() and data.lstrip().startswith(b"solid") and b"endsolid" in data


def measure(design: Design, parts: list[Part]) -> Measured:
    """Measure every bucket, channel and part. Raises PorcelainError if the parts are not this design's."""
    import trimesh

    by_channel = {name: part for part in parts for name in part.channels}
    missing = {pipe.name for pipe in design.pipes} - set(by_channel)
    if missing:
        raise PorcelainError(f"no part carries {min(missing)}; fabricate this design again")
    bodies = {part.name: solids.from_mesh(part.vertices_mm, part.faces) for part in parts}
    homes = {bucket.name: by_channel[design.branches(bucket.name)[0].name] for bucket in design.buckets}
    return Measured(
        {bucket.name: held_ml(bucket, homes[bucket.name]) for bucket in design.buckets},
        {pipe.name: _area_mm2(design, pipe, by_channel[pipe.name], bodies) for pipe in design.pipes},
        {name: body.genus() for name, body in bodies.items()},
        {name: len(body.decompose()) for name, body in bodies.items()},
        {p.name: bool(trimesh.Trimesh(p.vertices_mm, p.faces, process=False).is_watertight) for p in parts},
    )


def held_ml(bucket: Bucket, part: Part) -> float:
    """Water that stands in a bucket's mesh just below its sill, (mL); NaN if the mesh lets it out lower down.

    The wetted surface is the piece of the mesh below that level that is connected to the bucket's floor; the water
    above it is the integral of depth over its level projection.
    """
    level = float(bucket.at_mm[2] - part.at_mm[2]) + bucket.outlet.sill_mm - BELOW_SILL_MM
    sill = bucket.outlet.sill_mm  # between the level measured and the one at which the design's water stops
    below = bucket.threshold_ml - bucket.volume_ml(sill - BELOW_SILL_MM)
    if bucket.outlet.sill_mm <= BELOW_SILL_MM:
        return bucket.threshold_ml
    triangles = _wetted(bucket, part, level)
    half = np.array(bucket.size_mm) / 2 + 0.05
    if np.any(np.abs(triangles[..., :2] + part.at_mm[:2] - bucket.at_mm[:2]) > half):
        return float("nan")
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    depths = level - triangles[..., 2].mean(axis=1)
    return float((0.5 * normals[:, 2] * depths).sum()) / MM3_PER_ML + float(below)


def _wetted(bucket: Bucket, part: Part, level: float) -> Floats:
    """Triangles (n, 3, 3) of the mesh below a level that are connected to the bucket's floor."""
    import trimesh

    cut = trimesh.intersections.slice_faces_plane(
        part.vertices_mm, part.faces, plane_normal=[0, 0, -1], plane_origin=[0, 0, level]
    )
    below = trimesh.Trimesh(cut[0], cut[1], process=True)
    groups = trimesh.graph.connected_components(below.face_adjacency, nodes=np.arange(len(below.faces)), min_len=1)
    corner = bucket.at_mm - part.at_mm + np.array([*bucket.size_mm, 0.0]) / 2
    nearest = np.linalg.norm(below.triangles - corner, axis=2).min(axis=1)
    return np.asarray(below.triangles[next(g for g in groups if nearest.argmin() in g)])


def _area_mm2(design: Design, pipe: Pipe, part: Part, bodies: dict[str, solids.Solid]) -> float:
    bucket = next(b for b in design.buckets if b.name == pipe.source)
    if bucket.outlet.kind == "weir":
        return compartment_mm2(pipe, bucket, part, bodies)
    return channel.printed_mm2(area_mm2(pipe, part, bodies), design.printer.hole_shrink_mm)


def compartment_mm2(pipe: Pipe, bucket: Bucket, part: Part, bodies: dict[str, solids.Solid]) -> float:
    """Cross-section of a weir's compartment on the mesh (mm2): narrowest free width above its sill, knife to knife."""
    x, y, z = pipe.path_mm[0] - part.at_mm
    level, across = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    widths = []
    for height in np.array(STATIONS) * bucket.outlet.height_mm:
        loops = solids.loops_at(bodies[part.name], np.array([x, y + JUST_OUTSIDE_MM, z + height]), level, across)
        hits = np.concatenate([_crossings(loop) for loop in loops])
        left, right = hits[hits < 0].max(initial=-np.inf), hits[hits > 0].min(initial=np.inf)
        widths.append(right - left)
    return float(min(widths)) * bucket.outlet.height_mm


def _crossings(loop: Floats) -> Floats:
    """Where an outline (k, 2) crosses the first axis."""
    (x0, y0), (x1, y1) = loop.T, np.roll(loop, -1, axis=0).T
    cross = (y0 > 0) != (y1 > 0)
    found: Floats = x0[cross] + (x1 - x0)[cross] * y0[cross] / (y0 - y1)[cross]
    return found


def area_mm2(pipe: Pipe, part: Part, bodies: dict[str, solids.Solid]) -> float:
    """Cross-section of a channel on the mesh (mm2): of all cuts, the one farthest from the design; 0 if blocked."""
    start, end = pipe.path_mm[-2] - part.at_mm, pipe.path_mm[-1] - part.at_mm
    side, up = channel.frame(end - start)
    found = []
    for station in STATIONS:
        loops = solids.loops_at(bodies[part.name], start + station * (end - start), side, up)
        areas = [abs(channel.polygon_area(loop)) for loop in loops if _holds_origin(loop)]
        found.append(min(areas, default=0.0))
    return float(max(found, key=lambda area: abs(area - pipe.area_mm2)))


def _holds_origin(loop: Floats) -> bool:
    """Whether a hole's outline (k, 2) winds once round the origin, clockwise as holes do."""
    angles = np.unwrap(np.arctan2(loop[:, 1], loop[:, 0]), period=2 * np.pi)
    closing = np.arctan2(*loop[0][::-1]) - np.arctan2(*loop[-1][::-1])
    turn = angles[-1] - angles[0] + (closing + np.pi) % (2 * np.pi) - np.pi
    return bool(turn < -np.pi)
