"""porcelain fabricate: a design in, printable meshes out."""

from __future__ import annotations

import click

from .. import files
from ..units import MM3_PER_ML


@click.command(name="fabricate")
@click.argument("design")
@click.option("-o", "--output", default="parts", show_default=True, help="Folder for STL, 3MF and the parts list.")
def command(design: str, output: str) -> None:
    """Write DESIGN (design.json, a folder with one, or -) as printable meshes.

    One STL per part in print position, one 3MF with all of them, and assembly.json, the parts list.

    \b
    Example: porcelain fabricate design.json -o parts
    """
    from ..fabricate import fabricate, write

    machine = files.load(design, "design")
    parts = fabricate(machine)
    paths = write(parts, machine, output)
    for part in parts:
        size = " x ".join(f"{s:.0f}" for s in part.size_mm)
        click.echo(
            f"  {part.name:<6} {size + ' mm':<20} {part.volume_mm3 / MM3_PER_ML:7.1f} cm3"
            f" {len(part.channels):3d} channels {len(part.faces):6d} faces"
        )
    click.echo(f"wrote {len(paths)} files to {output}")
