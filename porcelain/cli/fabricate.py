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
@click.option("--vof", metavar="BUCKET", help="Write this bucket's outlet as a free-surface case, and nothing else.")
@click.option("--set", "settings", metavar="NAME=VALUE", multiple=True, help="Of that case, as in rate_ml_s=3.")
def command(design: str, output: str, row: str | None, step: bool, vof: str | None, settings: tuple[str, ...]) -> None:
    """Write DESIGN (design.json, a folder with one, or -) as printable meshes.

    One STL per part in print position, one 3MF with all of them and one per plate, settings inside; assembly.json,
    the parts list; a GLB of the assembled machine with its water; an OpenSCAD file.

    With --vof the folder gets a case for OpenFOAM's interFoam, which scripts/vof runs. Its settings: rate_ml_s (0:
    the bucket drains), water, inflow (machine, even, left, right, or a pipe that leads here), cell_mm, end_s, mean_s,
    level_mm (of the water at the start, above the sill), speed_mm_s.

    \b
    Example: porcelain fabricate design.json -o parts
    Example: porcelain fabricate design.json --vof b1.2 --set rate_ml_s=3 --set water=tap -o case
    """
    from .. import fabricate
    from ..fabricate import write

    machine = files.load(design, "design")
    if settings and not vof:
        raise PorcelainError(f"--set {settings[0]} is a setting of a free-surface case; name a bucket with --vof")
    if vof:
        from ..fabricate.vof import settings_of, write_outlet

        liquid, options = settings_of(settings)
        write_outlet(machine, vof, output, liquid or machine.water, options)
        click.echo(f"wrote a case of {vof} to {output}; run it with scripts/vof {output}")
        return
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
