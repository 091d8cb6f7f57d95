"""porcelain show: a noun in, a picture, movie or page out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click

from .. import files
from ..data import Dataset
from ..data.provenance import record
from ..errors import PorcelainError, unknown
from ..machine.design import Design
from ..network import Network
from ..options import MOST_SEED, option, shown
from ..run import Run
from ..show.options import ShowOptions
from .inputs import FILMS, PAGES, PICTURES, Rows
from .options import Verb, Word, flags, refuse_given
from .telling import Telling

BY_NAME = ("scores", "history", "tolerance")  # views that --view asks for; the file's ending chooses among the others


@dataclass(frozen=True)
class ShowFiles:
    """What is written, and which files belong to what is drawn."""

    output: str | None = option(
        None, "What to write.", flag="-o --output", kind="file", endings=(*PICTURES, *FILMS, *PAGES)
    )
    design: str | None = option(None, "The design that a run belongs to (default: design.json beside it).", kind="file")


@dataclass(frozen=True)
class Job:
    """One call of the verb: what to draw from which file, and into which."""

    noun: str
    output: str
    show: ShowOptions
    files: ShowFiles
    table: Rows
    telling: Telling

    def rows(self, network: Network) -> Dataset:
        """The data set to draw: the one that was asked for, else the network's own."""
        return self.table.of(network, self.noun)


@click.command(name="show", cls=Verb, short_help="Draw a network, a design or a run.")
@click.argument("noun", type=Word("machine"))
@flags("out", ShowFiles, "Files")
@flags("show", ShowOptions, "Drawing")
@flags("table", Rows, "Data of a page, scores and tolerance")
@flags("telling", Telling, "Output")
def command(noun: str, out: ShowFiles, show: ShowOptions, table: Rows, telling: Telling) -> None:
    """Draw NOUN: a network.json, design.json or run.json, or a folder with one.

    A network becomes its diagram; a design the picture of its parts, or an .html page to play with, offline, in any
    browser; a run its levels over time, or a .gif or .mp4 movie. Scores are what is taken for what and by how much
    the fullest cup leads; history is how the loss went down in training; tolerance is what a printer's and a pourer's
    faults cost.

    \b
    Examples: porcelain show designs/iris -o iris.html
              porcelain show designs/iris -o machine.png --exploded
              porcelain show designs/iris/network.json -o network.svg
              porcelain show designs/iris --view scores -o scores.png
    """
    if out.output is None:
        raise PorcelainError("there is no --output; name a file, as in porcelain show designs/iris -o iris.html")
    path = _file(noun)
    thing = files.load(path)
    chosen = _view(path, thing, show.view, out.output)
    _refuse_unread(chosen.name)
    with telling.working("drawing"):
        written = chosen.draw(thing, Job(path, out.output, show, out, table, telling))
    telling.tell("", dict, written or [out.output])


def _view(path: str, thing: Any, view: str | None, output: str) -> View:
    """The view that was asked for. Raises PorcelainError where the noun or the ending has no such view."""
    views = VIEWS.get(type(thing))
    if views is None:
        raise PorcelainError(f"{path} holds a {files.kind_of(thing)}; a network, design or run can be shown")
    if view is not None and view not in [one.name for one in views]:
        raise unknown(f"view of a {files.kind_of(thing)}", view, dict.fromkeys(one.name for one in views))
    asked = [one for one in views if one.name == view or (view is None and one.name not in BY_NAME)]
    fitting = [one for one in asked if Path(output).suffix.lower() in one.endings]
    if not fitting:
        possible = dict.fromkeys(end for one in asked for end in one.endings)
        raise PorcelainError(f"a {files.kind_of(thing)} cannot be shown as {output}; use {', '.join(possible)}")
    return fitting[0]


def _refuse_unread(view: str) -> None:
    """Raise PorcelainError for options that this view does not read."""
    for field, views in READ_BY.items():
        if view not in views:
            refuse_given([field], f"is for {' and '.join(views)}, not for {view}; leave it out")


def _file(noun: str) -> str:
    """The file that a folder stands for."""
    if noun == "-" or not Path(noun).is_dir():
        return noun
    for kind in ("design", "network", "run"):
        if (Path(noun) / f"{kind}.json").is_file():
            return str(Path(noun) / f"{kind}.json")
    raise PorcelainError(f"{noun} holds no design.json, network.json or run.json; name a file")


def _diagram(network: Network, job: Job) -> None:
    from ..show.network import network_figure

    network_figure(network, job.output)


def _machine(design: Design, job: Job) -> None:
    from .. import fabricate
    from ..show.machine import machine_png
    from ..styles import style_of

    picture = machine_png(fabricate.parts(design), style_of(design).view, exploded=job.show.exploded)
    files.write_bytes(job.output, picture)


def _page(design: Design, job: Job) -> None:
    from .. import fabricate
    from ..fabricate import write
    from ..show.page import write_page

    parts = fabricate.parts(design) if job.show.parts else []
    drawn = record(design.network.provenance).get("kind") == "rule"  # of such any point will do
    rows = None if drawn and not job.table.data else job.table.if_here(design.network, job.noun)
    with TemporaryDirectory() as folder:
        paths = write(parts, design, folder) if parts else []
        write_page(design, job.output, parts, {path.name: path.read_bytes() for path in paths}, rows)


def _scores(thing: Network | Design, job: Job) -> None:
    from ..show.network import scores_figure

    network = thing.as_network() if isinstance(thing, Design) else thing
    scores_figure(network, job.rows(network), job.output)


def _history(network: Network, job: Job) -> None:
    from ..learn.recipe import recipe_of
    from .learn import draw_history

    recipe = recipe_of(network.provenance)
    draw_history(job.rows(network), recipe, _seed(network), job.output)


def _seed(network: Network) -> int:
    """The seed that a network was trained with. Raises PorcelainError where its file has something else there."""
    seed = network.provenance.get("seed", 0)
    if not isinstance(seed, int) or not 0 <= seed <= MOST_SEED:
        raise PorcelainError(
            f"$.provenance.seed is {shown(seed)}; a whole number from 0 to {MOST_SEED} is needed, train the network"
            " again"
        )
    return seed


def _tolerance(design: Design, job: Job) -> None:
    from ..check.tolerance import draw_machines, sensitivity
    from ..show.network import tolerance_figure

    rows = job.rows(design.network)
    found, costs = draw_machines(design, rows), sensitivity(design, rows)
    tolerance_figure(design.name, found.nominal, found.accuracies, {one.element: one.lost for one in costs}, job.output)


def _levels(run: Run, job: Job) -> None:
    from ..show.pour import levels_figure

    levels_figure(_poured(run, job), run, job.output)


def _movie(run: Run, job: Job) -> list[Path]:
    from ..show.movie import FRAMES, pour_movie

    design = _poured(run, job)
    with job.telling.bar(FRAMES, "filming") as report:
        return pour_movie(design, run, job.output, report)


def _poured(run: Run, job: Job) -> Design:
    """The design that a run belongs to."""
    path = job.files.design or Path(job.noun).parent / "design.json"
    design: Design = files.load(path, "design")
    if tuple(vessel.name for vessel in design.vessels) != run.vessels:
        raise PorcelainError(f"{path} is not the design of this run: their vessels differ; name it with --design")
    return design


class View(NamedTuple):
    """One way to show a noun: its name, the endings it can be written with, and what draws it."""

    name: str
    endings: tuple[str, ...]
    draw: Callable[[Any, Job], list[Path] | None]


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

READ_BY = {
    "data": ("page", "scores", "history", "tolerance"),
    "design": ("levels", "movie"),
    "exploded": ("machine",),
    "parts": ("page",),
}
"""Options that only some views read."""
