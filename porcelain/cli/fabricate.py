"""porcelain fabricate: a design in, printable meshes out."""

from __future__ import annotations

import click

from .. import files
from ..errors import PorcelainError
from ..units import MM3_PER_ML


@click.command(name="fabricate")
@click.argument("design")
@click.option("-o", "--output", default="parts", show_default=True, help="Folder for STL, 3MF and the parts list.")
@click.option("--row", help="What to pour for the water in the GLB, as in 5.1,3.5,1.4,0.2 (default: middle values).")
@click.option("--step", is_flag=True, help="Also write STEP files, through build123d.")
def command(design: str, output: str, row: str | None, step: bool) -> None:
    """Write DESIGN (design.json, a folder with one, or -) as printable meshes.

    One STL per part in print position, one 3MF with all of them and one per plate, settings inside; assembly.json,
    the parts list; a GLB of the assembled machine with its water; an OpenSCAD file.

    \b
    Example: porcelain fabricate design.json -o parts
    """
    from .. import fabricate
    from ..fabricate import write

    machine = files.load(design, "design")
    parts = fabricate.parts(machine)
    paths = write(parts, machine, output, _numbers(row))
    if step:
        from ..fabricate.step import write_step

        paths += write_step(machine, output)
    for part in parts:
        size = " x ".join(f"{s:.0f}" for s in part.size_mm)
        click.echo(
            f"  {part.name:<6} {size + ' mm':<20} {part.volume_mm3 / MM3_PER_ML:7.1f} cm3"
            f" {len(part.channels):3d} channels {len(part.faces):6d} faces"
        )
    click.echo(f"wrote {len(paths)} files to {output}")


def _numbers(row: str | None) -> list[float] | None:
    try:
        return None if row is None else [float(x) for x in row.split(",")]
    except ValueError:
        raise PorcelainError(f"--row is {row!r}; numbers with commas are needed, as in 5.1,3.5,1.4,0.2") from None
