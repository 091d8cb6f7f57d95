"""porcelain show: a noun in, a picture or movie out."""

from __future__ import annotations

from pathlib import Path

import click

from .. import files
from ..design import Design
from ..errors import PorcelainError
from ..network import Network
from ..run import Run

MOVIES = (".gif", ".mp4")


@click.command(name="show")
@click.argument("noun")
@click.option("-o", "--output", required=True, help="Picture (.png) or, of a run, movie (.gif, .mp4).")
@click.option("--design", "design_path", help="The design that a run belongs to (default: design.json beside it).")
@click.option("--exploded", is_flag=True, help="Lift the tiers of a machine apart.")
def command(noun: str, output: str, design_path: str | None, exploded: bool) -> None:
    """Draw NOUN, a network.json, design.json or run.json.

    A network becomes its diagram, a design the picture of its parts, a run its levels over time or its movie.

    \b
    Example: porcelain show build/iris/run.json -o pour.gif
    """
    thing = files.load(noun)
    if isinstance(thing, Run):
        beside = Path(noun).parent / "design.json"
        _show_run(thing, files.load(design_path or beside, "design"), Path(output))
    elif isinstance(thing, Design):
        _show_design(thing, output, exploded)
    elif isinstance(thing, Network):
        from ..show.network import network_figure

        network_figure(thing, output)
    else:
        raise PorcelainError(f"{noun} holds a {files.kind_of(thing)}; a network, design or run can be drawn")
    click.echo(f"wrote {output}")


def _show_run(run: Run, design: Design, output: Path) -> None:
    from ..show.movie import pour_movie
    from ..show.pour import levels_figure

    (pour_movie if output.suffix.lower() in MOVIES else levels_figure)(design, run, output)


def _show_design(design: Design, output: str, exploded: bool) -> None:
    from ..fabricate import fabricate
    from ..show.machine import machine_png

    files.write_bytes(output, machine_png(fabricate(design), exploded=exploded))
