"""porcelain inspect: what the meshes really are, and exit 1 when something is wrong with them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .. import files
from ..data import ReadOptions
from .reading import read, reading, rows_if_here


@click.command(name="inspect")
@click.argument("folder")
@click.option("--package", help="Read the meshes from this 3MF in the folder instead of from STL.")
@click.option("--data", "data_name", help="Data set to classify (default: the design's, if there is a design.json).")
@reading
@click.option("--pitch", default=0.4, show_default=True, type=click.FloatRange(0.1, 2.0), help="Grid of the flood, mm.")
@click.option("--overhangs", help="Draw the parts as printed, coloured by how far they lean out, into this PNG.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def command(
    folder: str,
    package: str | None,
    data_name: str | None,
    table: ReadOptions,
    pitch: float,
    overhangs: str | None,
    as_json: bool,
) -> None:
    """Read the machine in FOLDER back from its meshes and assembly.json alone.

    Closed bodies, walls and overhangs; water poured into every bucket, where it stands and where it goes; and the
    network that these meshes compute. A design.json beside them is compared with and nothing else.

    \b
    Example: porcelain inspect build/iris
    """
    from ..check import inspect, inspection_text, placed

    parts, assembly = placed(folder, package)
    beside = Path(folder) / "design.json"
    design = files.load(beside, "design") if beside.is_file() else None
    if design:
        dataset = rows_if_here(design.network, data_name, table, folder)
    else:
        dataset = read(data_name, table) if data_name else None
    found = inspect(parts, assembly, dataset, design, pitch)
    if overhangs:
        from ..check.inspection.walls import lean_deg
        from ..show.overhang import overhang_png

        files.write_bytes(overhangs, overhang_png(parts, [lean_deg(part) for part in parts]))
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else inspection_text(found))
    if not found.sound:
        sys.exit(1)
