"""porcelain fabricate: a design in, printable meshes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from .. import files
from ..errors import PorcelainError
from ..fabricate.options import FabricateOptions
from ..machine.assembly import Part
from ..machine.design import Design
from ..units import MM3_PER_ML
from .options import Verb, Word, flags, refuse_given
from .telling import Telling


@click.command(name="fabricate", cls=Verb, short_help="Write a machine as printable meshes.")
@click.argument("design", type=Word("machine"))
@flags("out", FabricateOptions, "Output")
@flags("telling", Telling, "Output")
def command(design: str, out: FabricateOptions, telling: Telling) -> None:
    """Write DESIGN (design.json, a folder with one, or -) as printable meshes.

    One STL per part in print position, one 3MF with all of them and one per plate, settings inside; assembly.json,
    the parts list; a GLB of the assembled machine with its water; an OpenSCAD file. --format chooses among them.

    With --vof the folder gets a case for OpenFOAM's interFoam, which scripts/vof runs. Its settings: rate_ml_s (0:
    the bucket drains), water, inflow (machine, even, left, right, or a pipe that leads here), cell_mm, end_s, mean_s,
    level_mm (of the water at the start, above the sill), below_mm, speed_mm_s.

    \b
    Examples: porcelain fabricate design.json -o parts
              porcelain fabricate designs/iris -o parts --step
              porcelain plan designs/iris -o - | porcelain fabricate - -o parts
              porcelain fabricate design.json --vof b1.2 --set rate_ml_s=3 --set water=tap -o case
    """
    from .. import fabricate
    from ..fabricate import write

    machine = files.load(design, "design")
    if out.set and not out.vof:
        raise PorcelainError(f"--set {out.set[0]} is a setting of a free-surface case; name a bucket with --vof")
    if out.vof:
        refuse_given(["row", "format", "step"], "is not read with --vof; leave it out")
        _case(machine, out, telling)
        return
    row = _row(machine, out.row)
    with telling.working("making meshes"):
        parts = fabricate.parts(machine)
        paths = write(parts, machine, out.output, row, _formats(out))
    lines = [_line(part) for part in parts]
    figures = {"parts": [_figures(part) for part in parts], "wrote": [str(path) for path in paths]}
    telling.tell("\n".join([*lines, f"wrote {len(paths)} files to {out.output}"]), lambda: figures)


def _formats(out: FabricateOptions) -> list[str]:
    """Names of the formats that are asked for."""
    from ..fabricate.maker import chosen

    return [*(one.name for one in chosen(out.format or None)), *(["step"] if out.step else [])]


def _case(machine: Design, out: FabricateOptions, telling: Telling) -> None:
    """One outlet as a free-surface case."""
    from ..fabricate.vof import settings_of, write_outlet

    liquid, how = settings_of(out.set)
    paths = write_outlet(machine, str(out.vof), out.output, liquid or machine.water, how)
    text = f"wrote a case of {out.vof} to {out.output}; run it with scripts/vof {out.output}"
    telling.tell(text, lambda: {"bucket": out.vof, "wrote": [str(path) for path in paths]})


def _row(machine: Design, row: str | None) -> list[float] | None:
    """One row of data. Raises PorcelainError for what is none of this machine's."""
    if row is None:
        return None
    try:
        numbers = [float(x) for x in row.split(",")]
    except ValueError:
        raise PorcelainError(f"--row is {row[:40]!r}; numbers with commas are needed, as in 5.1,3.5,1.4,0.2") from None
    features = machine.network.encoding.feature_names
    if len(numbers) != len(features):
        raise PorcelainError(
            f"--row has {len(numbers)} numbers for {len(features)} features; give {', '.join(features)}"
        )
    machine.amounts_ml(numbers)
    return numbers


def _line(part: Part) -> str:
    size = " x ".join(f"{s:.0f}" for s in part.size_mm)
    return (
        f"  {part.name:<6} {size + ' mm':<20} {part.volume_mm3 / MM3_PER_ML:7.1f} cm3"
        f" {len(part.channels):3d} channels {len(part.faces):6d} faces"
    )


def _figures(part: Part) -> Mapping[str, Any]:
    return {
        "name": part.name,
        "count": part.count,
        "size_mm": list(part.size_mm),
        "volume_cm3": part.volume_mm3 / MM3_PER_ML,
        "channels": list(part.channels),
        "faces": len(part.faces),
    }
