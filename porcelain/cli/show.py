"""porcelain show: a noun in, a picture, movie or page out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click

from .. import files
from ..data import Dataset, load
from ..datasets import TABLES
from ..errors import PorcelainError, unknown
from ..machine.design import Design
from ..network import Network
from ..run import Run
from .file_types import FILMS, PICTURES, ending

PAGES = (".html",)
BY_NAME = ("scores", "history", "tolerance")  # views that --view asks for; the file's ending chooses among the others


@click.command(name="show")
@click.argument("noun")
@click.option("-o", "--output", required=True, callback=ending(*PICTURES, *FILMS, *PAGES), help="What to write.")
@click.option("--view", help="Of a network or design: scores, history or tolerance.")
@click.option("--data", help="Data set or CSV for page, scores and tolerance (default: what the network learned).")
@click.option("--design", "design_path", help="The design that a run belongs to (default: design.json beside it).")
@click.option("--exploded", is_flag=True, help="Lift the tiers of a machine apart.")
@click.option("--no-parts", is_flag=True, help="Leave the printable parts out of a page.")
def command(noun: str, output: str, view: str | None, **options: Any) -> None:
    """Draw NOUN: a network.json, design.json or run.json, or a folder with one.

    A network becomes its diagram; a design the picture of its parts, or an .html page to play with, offline, in any
    browser; a run its levels over time, or a .gif or .mp4 movie. Scores are what is taken for what and by how much
    the fullest cup leads; history is how the loss went down in training; tolerance is what a printer's and a pourer's
    faults cost.

    \b
    Examples: porcelain show designs/iris -o iris.html
              porcelain show designs/iris --view scores -o scores.png
    """
    path = _file(noun)
    thing = files.load(path)
    views = VIEWS.get(type(thing))
    if views is None:
        raise PorcelainError(f"{path} holds a {files.kind_of(thing)}; a network, design or run can be shown")
    if view is not None and view not in [one.name for one in views]:
        raise unknown("view", view, dict.fromkeys(one.name for one in views))
    asked = [one for one in views if one.name == view or (view is None and one.name not in BY_NAME)]
    fitting = [one for one in asked if Path(output).suffix.lower() in one.endings]
    if not fitting:
        possible = dict.fromkeys(end for one in asked for end in one.endings)
        raise PorcelainError(f"a {files.kind_of(thing)} cannot be shown as {output}; use {', '.join(possible)}")
    written = fitting[0].draw(thing, output, options | {"noun": path})
    click.echo(f"wrote {', '.join(str(one) for one in written or (output,))}")


def _file(noun: str) -> str:
    """The file that a folder stands for."""
    if noun == "-" or not Path(noun).is_dir():
        return noun
    for kind in ("design", "network", "run"):
        if (Path(noun) / f"{kind}.json").is_file():
            return str(Path(noun) / f"{kind}.json")
    raise PorcelainError(f"{noun} holds no design.json, network.json or run.json; name a file")


def _diagram(network: Network, output: str, _: dict[str, Any]) -> None:
    from ..show.network import network_figure

    network_figure(network, output)


def _machine(design: Design, output: str, options: dict[str, Any]) -> None:
    from .. import fabricate
    from ..show.machine import front, machine_png

    picture = machine_png(fabricate.parts(design), front(design.body.style), exploded=options["exploded"])
    files.write_bytes(output, picture)


def _page(design: Design, output: str, options: dict[str, Any]) -> None:
    from .. import fabricate
    from ..fabricate import write
    from ..show.page import write_page

    parts = [] if options["no_parts"] else fabricate.parts(design)
    name = options["data"] or str(design.network.provenance.get("data", ""))
    rows = load(name) if options["data"] or name in TABLES else None
    with TemporaryDirectory() as folder:
        paths = write(parts, design, folder) if parts else []
        write_page(design, output, parts, {path.name: path.read_bytes() for path in paths}, rows)


def _scores(thing: Network | Design, output: str, options: dict[str, Any]) -> None:
    from ..show.network import card_figure

    network = thing.as_network() if isinstance(thing, Design) else thing
    card_figure(network, _rows(network, options), output)


def _history(network: Network, output: str, options: dict[str, Any]) -> None:
    from ..learn.recipe import recipe_of
    from .learn import draw_history

    recipe = recipe_of(network.provenance)
    draw_history(_rows(network, options), recipe, int(network.provenance.get("seed", 0)), output)


def _tolerance(design: Design, output: str, options: dict[str, Any]) -> None:
    from ..check.tolerance import sensitivity, tolerance
    from ..show.network import tolerance_figure

    rows = _rows(design.network, options)
    found, costs = tolerance(design, rows), sensitivity(design, rows)
    tolerance_figure(design.name, found.nominal, found.accuracies, {one.element: one.lost for one in costs}, output)


def _rows(network: Network, options: dict[str, Any]) -> Dataset:
    return load(options["data"] or str(network.provenance.get("data", "")))


def _levels(run: Run, output: str, options: dict[str, Any]) -> None:
    from ..show.pour import levels_figure

    levels_figure(_poured(options), run, output)


def _movie(run: Run, output: str, options: dict[str, Any]) -> list[Path]:
    from ..show.movie import FRAMES, pour_movie

    design = _poured(options)
    with click.progressbar(length=FRAMES, label="filming", file=sys.stderr) as bar:
        return pour_movie(design, run, output, lambda: bar.update(1))


def _poured(options: dict[str, Any]) -> Design:
    """The design that a run belongs to."""
    return files.load(options["design_path"] or Path(options["noun"]).parent / "design.json", "design")


class View(NamedTuple):
    """One way to show a noun: its name, the endings it can be written with, and what draws it."""

    name: str
    endings: tuple[str, ...]
    draw: Callable[[Any, str, dict[str, Any]], list[Path] | None]


VIEWS = {
    Network: (
        View("diagram", PICTURES, _diagram),
        View("scores", PICTURES, _scores),
        View("history", PICTURES, _history),
    ),
    Design: (
        View("machine", (".png",), _machine),
        View("page", PAGES, _page),
        View("scores", PICTURES, _scores),
        View("tolerance", PICTURES, _tolerance),
    ),
    Run: (View("levels", PICTURES, _levels), View("movie", FILMS, _movie)),
}
