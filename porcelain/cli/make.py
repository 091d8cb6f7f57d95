"""porcelain make: data in, a checked printable machine and one page about it out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import files
from ..data import Dataset, load
from ..machine.assembly import Part
from ..machine.design import Design
from ..network import Network
from ..pour import Pour
from ..printer import Printer
from ..run import Run
from ..water import WATERS, water
from . import guide as guide_verb
from . import learn as learn_verb
from . import plan as plan_verb
from .printing import printing

if TYPE_CHECKING:
    from ..check.slicer import Sliced

T = TypeVar("T")


@click.command(name="make")
@click.argument("data")
@click.option("-o", "--output", required=True, help="Folder for everything that is made.")
@click.option("--label", help="Column of a CSV that holds the class (default: the last).")
@click.option("--recipe", help="How to train (default: the data's own recipe, else plain).")
@click.option("--seed", default=0, show_default=True, help="Same seed, same machine.")
@printing
@click.option("--ml-per-unit", default=1.0, show_default=True, help="Millilitres of water per unit of the network.")
@click.option(
    "--water", "water_name", default="rinse_aid", show_default=True, help=f"What is poured: {', '.join(WATERS)}."
)
@click.option("--style", default="auto", show_default=True, help="Body: terrace, pipes, or auto: the stair if it fits.")
@click.option(
    "--cups", default="auto", show_default=True, help="Of one width: equal, free, or auto: where cheap (terrace)."
)
@click.option(
    "--pour-rate", type=float, help="Worst pour, mL/s into every input at once (default: 10, and at most 160 in all)."
)
@click.option("--text/--no-text", default=True, show_default=True, help="Emboss names and scales.")
@click.option("--row", type=int, help="Row of the data to pour in the figure and the movie (default: the middle one).")
def command(
    data: str,
    output: str,
    label: str | None,
    recipe: str | None,
    seed: int,
    maker: Printer,
    ml_per_unit: float,
    water_name: str,
    style: str,
    cups: str,
    pour_rate: float | None,
    text: bool,
    row: int | None,
) -> None:
    """Train on DATA, plan, pour, mesh and check, with every file in one folder.

    \b
    Example: porcelain make iris -o build/iris
    """
    from .. import plan

    folder, dataset, poured = Path(output), load(data, label), water(water_name)
    chosen = _row(dataset, row)
    _writable(folder)
    with click.progressbar(length=10, file=sys.stderr, item_show_func=lambda what: what or "") as bar:

        def step(what: str, work: Callable[[], T]) -> T:
            bar.update(0, what)
            done = work()
            bar.update(1, what)
            return done

        network = step("learn", lambda: _learn(dataset, recipe, seed, maker))
        design = step(
            "plan",
            lambda: plan.design(network, maker, ml_per_unit, poured, pour_rate, style=style, text=text, cups=cups),
        )
        run = step("simulate", lambda: _simulate(design, dataset, chosen))
        for noun in (network, design, run):
            files.save(folder / f"{files.kind_of(noun)}.json", noun)
        parts = step("fabricate", lambda: _fabricate(design, folder))
        prints = step("slice", lambda: _slice(design, parts))
        agreement = step("check", lambda: _check(design, dataset, folder))
        chapters = step("show", lambda: _show(design, dataset, chosen, run, parts, folder))
        step("page", lambda: _page(folder, design, parts, dataset))
        figures = {name: (one.hours, one.grams) for name, one in prints.items()}
        files.write_bytes(
            folder / "guide.html", step("guide", lambda: guide_verb.page(design, parts, dataset, figures))
        )
        sliced = _in_words(parts, prints)
        step("report", lambda: _report(folder, agreement, design, parts, chapters, sliced))

    from ..check import as_text

    click.echo(learn_verb.summary(network))
    click.echo()
    click.echo(plan_verb.summary(design))
    click.echo()
    click.echo(as_text(agreement))
    click.echo()
    click.echo(f"sliced by {sliced}" if sliced else "not sliced: without prusa-slicer nobody knows hours and grams")
    click.echo(f"look at   {folder / 'report.html'}")
    click.echo(f"play      {folder / (design.name + '.html')}")
    click.echo(f"print     {folder / (design.name + '.3mf')}, or the STL files beside it")
    if not agreement.holds:
        sys.exit(1)


def _row(dataset: Dataset, row: int | None) -> int:
    if row is None:
        return len(dataset) // 2
    if not 0 <= row < len(dataset):
        raise click.BadParameter(f"{row} is not among the rows 0 to {len(dataset) - 1} of {dataset.name}")
    return row


def _writable(folder: Path) -> None:
    """Fail before the work and not after it."""
    probe = folder / ".porcelain"
    files.write_bytes(probe, b"")
    probe.unlink()


def _learn(dataset: Dataset, recipe: str | None, seed: int, maker: Printer) -> Network:
    from ..learn import RECIPES, default_recipe, fit
    from ..plan import share_floor

    name = recipe or (dataset.name if dataset.name in RECIPES else default_recipe(dataset))
    floor = max(RECIPES[name].min_share, share_floor(maker)) if name in RECIPES else 0.0
    return fit(dataset, recipe=name, seed=seed, min_share=floor)


def _simulate(design: Design, dataset: Dataset, row: int) -> Run:
    from ..simulate import simulate

    return simulate(design, Pour.of(design.amounts_ml(dataset.features[row]), rate_ml_s=design.pour_ml_s))


def _fabricate(design: Design, folder: Path) -> list[Part]:
    from .. import fabricate
    from ..fabricate import write

    parts = fabricate.parts(design)
    write(parts, design, folder)
    return parts


def _slice(design: Design, parts: list[Part]) -> dict[str, Sliced]:
    """Every part sliced, by its name; nothing where there is no slicer."""
    from ..check import slicer

    return slicer.slice_parts(parts, design.printer) if slicer.available() else {}


def _in_words(parts: list[Part], prints: dict[str, Sliced]) -> str | None:
    from ..check import slicer

    return slicer.in_words([(prints[part.name], part.count) for part in parts]) if prints else None


def _check(design: Design, dataset: Dataset, folder: Path) -> Any:
    from ..check import agreement, read_parts

    return agreement(design, dataset, read_parts(folder))


def _show(
    design: Design, dataset: Dataset, row: int, run: Run, parts: list[Part], folder: Path
) -> dict[str, dict[str, Path]]:
    """The figures of the report, chapter by chapter."""
    from ..check.tolerance import sensitivity, tolerance
    from ..fabricate.water import settled_ml, water
    from ..show.machine import front, machine_png
    from ..show.movie import pour_movie
    from ..show.network import card_figure, tolerance_figure
    from ..show.pour import levels_figure

    machine, film, levels, scores, faults = (
        folder / name for name in ("machine.png", "pour.gif", "pour.png", "scores.png", "tolerance.png")
    )
    standing = water(design, parts, settled_ml(design, dataset.features[row]))
    files.write_bytes(machine, machine_png(parts, front(design.body.style), water=standing))
    pour_movie(design, run, film)
    levels_figure(design, run, levels)
    card_figure(design.as_network(), dataset, scores)
    found, costs = tolerance(design, dataset), sensitivity(design, dataset)
    tolerance_figure(design.name, found.nominal, found.accuracies, {one.element: one.lost for one in costs}, faults)
    return {
        "": {"The machine after a pour": machine},
        "Watch it": {"A pour": film, "Volumes over time": levels},
        "How far to trust it": {"What is taken for what": scores, "What faults cost, 10,000 machines": faults},
    }


def _page(folder: Path, design: Design, parts: list[Part], dataset: Dataset) -> None:
    from ..show.page import write_page

    names = [*(f"{part.name}.stl" for part in parts), f"{design.name}.3mf"]
    made = {name: (folder / name).read_bytes() for name in names}
    write_page(design, folder / f"{design.name}.html", parts, made, dataset)


def _report(
    folder: Path,
    agreement: Any,
    design: Design,
    parts: list[Part],
    chapters: dict[str, dict[str, Path]],
    sliced: str | None,
) -> None:
    from ..check import write_report

    links = {
        "Play with it": f"{design.name}.html",
        "Assembly guide": "guide.html",
        "Print it (3MF)": f"{design.name}.3mf",
        "design.json": "design.json",
        "network.json": "network.json",
        "run.json": "run.json",
        "report.json": "report.json",
    }
    links = {title: name for title, name in links.items() if name == "report.json" or (folder / name).is_file()}
    write_report(folder, agreement, design, {part.name: part.volume_mm3 for part in parts}, chapters, links, sliced)
