"""porcelain inspect: what the meshes really are, and exit 1 when something is wrong with them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from .. import files
from ..check.options import InspectOptions
from ..errors import PorcelainError
from ..options import option
from .inputs import Rows, read
from .options import Verb, Word, flags
from .telling import Telling


@dataclass(frozen=True)
class MeshFiles:
    """Which meshes are read, and what is drawn of them."""

    package: str | None = option(None, "Read the meshes from this 3MF in the folder instead of from STL.", kind="name")
    overhangs: str | None = option(
        None, "Draw the parts as printed, coloured by how far they lean out.", kind="file", endings=(".png",)
    )


@click.command(name="inspect", cls=Verb, short_help="Read a machine back from its meshes.")
@click.argument("folder", type=Word("folder"))
@flags("meshes", MeshFiles, "Meshes")
@flags("how", InspectOptions, "Meshes")
@flags("rows", Rows, "Data")
@flags("telling", Telling, "Output")
def command(folder: str, meshes: MeshFiles, how: InspectOptions, rows: Rows, telling: Telling) -> None:
    """Read the machine in FOLDER back from its meshes and assembly.json alone.

    Closed bodies, walls and overhangs; water poured into every bucket, where it stands and where it goes; and the
    network that these meshes compute. A design.json beside them is compared with and nothing else.

    \b
    Examples: porcelain inspect build/iris
              porcelain inspect build/iris --package iris.3mf
              porcelain inspect parts --overhangs overhangs.png --json
    """
    from ..check import inspect, inspection_text, placed

    if not Path(folder).is_dir():
        raise PorcelainError(f"{folder} is no folder; name the one that holds assembly.json and the meshes")
    parts, assembly = placed(folder, meshes.package)
    if not parts:
        raise PorcelainError(f"{Path(folder) / 'assembly.json'} lists no pieces; fabricate the design again")
    beside = Path(folder) / "design.json"
    design = files.load(beside, "design") if beside.is_file() else None
    if design:
        dataset = rows.if_here(design.network, folder)
    else:
        dataset = read(rows.data, rows) if rows.data else None
    with telling.working("inspecting"):
        found = inspect(parts, assembly, dataset, design, how.pitch_mm)
    if meshes.overhangs:
        from ..check.mesh.walls import lean_deg
        from ..show.overhang import overhang_png

        files.write_bytes(meshes.overhangs, overhang_png(parts, [lean_deg(part) for part in parts]))
    telling.tell(inspection_text(found), found.to_dict, [meshes.overhangs] if meshes.overhangs else [])
    if not found.sound:
        sys.exit(1)
