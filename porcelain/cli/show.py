"""porcelain show: a noun in, a picture or movie out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from .. import files
from ..data import Dataset, load
from ..datasets import TABLES
from ..design import Design
from ..errors import PorcelainError
from ..network import Network
from ..run import Run

MOVIES = (".gif", ".mp4")


@click.command(name="show")
@click.argument("noun")
@click.option(
    "-o",
    "--output",
    required=True,
    help="Picture (.png); of a run also a movie (.gif, .mp4); of a design also a page (.html).",
)
@click.option("--design", "design_path", help="The design that a run belongs to (default: design.json beside it).")
@click.option("--exploded", is_flag=True, help="Lift the tiers of a machine apart.")
@click.option("--data", help="Rows to pour by name on a page: a data set or CSV (default: what the network learned).")
@click.option("--no-parts", is_flag=True, help="Leave the printable parts out of a page.")
def command(noun: str, output: str, design_path: str | None, exploded: bool, data: str | None, no_parts: bool) -> None:
    """Draw NOUN, a network.json, design.json or run.json.

    A network becomes its diagram, a design the picture of its parts or a page to play with, offline, in any browser;
    a run its levels over time or its movie.

    \b
    Example: porcelain show designs/iris/design.json -o iris.html
    """
    thing = files.load(noun)
    if isinstance(thing, Run):
        beside = Path(noun).parent / "design.json"
        _show_run(thing, files.load(design_path or beside, "design"), Path(output))
    elif isinstance(thing, Design) and Path(output).suffix.lower() == ".html":
        _show_page(thing, output, data, no_parts)
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
    from ..show.machine import front, machine_png

    files.write_bytes(output, machine_png(fabricate(design), front(design.body.style), exploded=exploded))


def _show_page(design: Design, output: str, data: str | None, no_parts: bool) -> None:
    from ..fabricate import fabricate, write
    from ..show.page import write_page

    parts = [] if no_parts else fabricate(design)
    with TemporaryDirectory() as folder:
        paths = write(parts, design, folder) if parts else []
        write_page(design, output, parts, {path.name: path.read_bytes() for path in paths}, _data(design, data))


def _data(design: Design, data: str | None) -> Dataset | None:
    name = data or str(design.network.provenance.get("data", ""))
    return load(name) if data or name in TABLES else None
