"""Part: one thing to print, a named closed mesh in the pose it is printed in, and where it goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..arrays import Floats, Ints, frozen, same
from ..encoding import Encoding
from ..errors import PorcelainError
from ..file_names import safe_name
from ..printer import Printer
from .design import Design
from .vessel import Bucket, Cup

MOST_STOP_MM = 50.0  # above a sill: a drop hangs from less
FAR_MM = 1e5  # no machine is as large


@dataclass(frozen=True, eq=False)
class Part:
    """A mesh in mm as it stands on the bed (lowest point at z = 0), and how it is placed in the machine.

    ``vertices_mm`` (V, 3); ``faces`` (F, 3) indices, counter-clockwise seen from outside; ``colour`` as
    "#rrggbb"; ``count`` how many to print; ``at_mm`` (3,) what to add to a vertex to assemble the machine;
    ``channels`` names of the pipes that run through the part. ``kind`` is "machine", or "stand" for a part that only
    carries others.
    """

    name: str
    vertices_mm: Floats
    faces: Ints
    at_mm: Floats
    colour: str = "#e8e4da"
    count: int = 1
    channels: tuple[str, ...] = ()
    kind: str = "machine"

    def __post_init__(self) -> None:
        refuse_unsafe(self.name, "part")
        object.__setattr__(self, "vertices_mm", frozen(self.vertices_mm, (None, 3), f"part {self.name}: vertices_mm"))
        object.__setattr__(self, "at_mm", frozen(self.at_mm, (3,), f"part {self.name}: at_mm"))
        faces = np.array(self.faces, dtype=np.int64)
        if faces.ndim != 2 or faces.shape[1] != 3 or not len(faces):
            raise PorcelainError(f"part {self.name}: faces has shape {faces.shape}; (F, 3) with F > 0 is needed")
        if faces.min() < 0 or faces.max() >= len(self.vertices_mm):
            raise PorcelainError(f"part {self.name}: a face names vertex {faces.max()} of {len(self.vertices_mm)}")
        faces.flags.writeable = False
        object.__setattr__(self, "faces", faces)

    @property
    def triangles_mm(self) -> Floats:
        """(F, 3, 3) corners of every face, in print position."""
        return self.vertices_mm[self.faces]

    @property
    def volume_mm3(self) -> float:
        """Enclosed volume by the divergence theorem; negative if the mesh is inside out."""
        a, b, c = np.moveaxis(self.triangles_mm, 1, 0)
        return float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6.0

    @property
    def size_mm(self) -> tuple[float, float, float]:
        x, y, z = np.ptp(self.vertices_mm, axis=0)
        return float(x), float(y), float(z)

    @property
    def assembled_mm(self) -> Floats:
        """(V, 3) vertices where they stand in the machine."""
        return self.vertices_mm + self.at_mm

    def __eq__(self, other: object) -> bool:
        return same(self, other)


def refuse_unsafe(name: str, what: str) -> None:
    """Raise PorcelainError for a name that is no name of a file in one folder: parts are written by their names."""
    if safe_name(name) != name:
        raise PorcelainError(f"{what} {name[:40]!r} cannot name a file; {safe_name(name)!r} can")


@dataclass(frozen=True)
class Piece:
    """One line of the parts list: which file, how many to print, and where it stands in the machine."""

    name: str
    file: str
    count: int
    colour: str
    at_mm: tuple[float, float, float]
    channels: tuple[str, ...]
    kind: str = field(default="machine", metadata={"sparse": True})

    def __post_init__(self) -> None:
        if self.count < 1:
            raise PorcelainError(f"piece {self.name}: count is {self.count}; print it once at least, or leave it out")
        _within(self.at_mm, f"piece {self.name}: at_mm")
        for what in (self.name, self.file):
            refuse_unsafe(what, "piece")


@dataclass(frozen=True)
class Mouth:
    """Where a vessel of the assembled machine is poured into, and where its water is meant to go.

    ``at_mm`` centre of the opening at the rim, ``size_mm`` (x, y) of it, ``feeds`` names of the vessels below.
    Meshes have no names, and a bucket that keeps nothing has no hollow to be found by. How much it keeps and how
    it shares stays unsaid: that is for the meshes to show. No mesh shows how high above a sill the design's water
    stops, so ``stop_mm`` says it (0, ideal water: left out of files).
    """

    name: str
    label: str
    at_mm: tuple[float, float, float]
    size_mm: tuple[float, float]
    feeds: tuple[str, ...] = ()
    stop_mm: float = field(default=0.0, metadata={"sparse": True})

    def __post_init__(self) -> None:
        _within((*self.at_mm, *self.size_mm), f"{self.name}: at_mm or size_mm")
        if not 0 <= self.stop_mm <= MOST_STOP_MM:
            raise PorcelainError(f"{self.name}: stop_mm is {self.stop_mm}; water stands 0 to {MOST_STOP_MM:g} mm high")


@dataclass(frozen=True)
class Assembly:
    """The parts list of a machine: what to print, where each piece goes, and what to pour where.

    ``mouths`` of all vessels, top to bottom, inputs first; ``encoding`` and ``ml_per_unit`` turn a row of data into
    millilitres, one per input. Channels are drawn ``hole_shrink_mm`` wider than they print, and a
    nozzle of ``nozzle_mm`` draws every wall.
    """

    design: str
    pieces: tuple[Piece, ...]
    mouths: tuple[Mouth, ...] = ()
    encoding: Encoding | None = None
    ml_per_unit: float = 1.0
    hole_shrink_mm: float = 0.0
    nozzle_mm: float = field(default=Printer.nozzle_mm, metadata={"sparse": True})

    @classmethod
    def of(cls, design: Design, parts: Iterable[Part]) -> Assembly:
        """The parts list of a design whose parts are written one file each."""

        def piece(part: Part) -> Piece:
            x, y, z = part.at_mm.tolist()
            return Piece(part.name, f"{part.name}.stl", part.count, part.colour, (x, y, z), part.channels, part.kind)

        mouths = []
        for vessel in design.vessels:
            (x, y, z), (wide, deep) = vessel.at_mm.tolist(), vessel.size_mm
            if isinstance(vessel, Cup):
                left, right = design.layout.mouth_mm(design.cups, vessel)
                x, wide = round((left + right) / 2, 6), round(right - left, 6)
            feeds = tuple(pipe.target for pipe in design.branches(vessel.name))
            at = (x, y, round(z + vessel.rim_mm, 6))
            stop = vessel.outlet.stop_mm if isinstance(vessel, Bucket) else 0.0
            mouths.append(Mouth(vessel.name, vessel.label, at, (wide, deep), feeds, stop))
        pieces = tuple(piece(part) for part in parts)
        shrink, nozzle = design.printer.hole_shrink_mm, design.printer.nozzle_mm
        return cls(design.name, pieces, tuple(mouths), design.network.encoding, design.ml_per_unit, shrink, nozzle)


def _within(lengths_mm: Iterable[float], what: str) -> None:
    far = max(lengths_mm, key=abs)
    if not abs(far) <= FAR_MM:
        raise PorcelainError(f"{what} has {far:g}; lengths are {FAR_MM:g} mm at most")
