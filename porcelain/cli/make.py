"""porcelain make: data in, a checked printable machine and one page about it out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import files
from ..data import Dataset, ReadOptions
from ..errors import PorcelainError
from ..file_names import machine_stem
from ..learn.options import LearnOptions
from ..learn.recipe import RECIPES, default_recipe
from ..machine.assembly import Part
from ..machine.design import Design
from ..network import Network
from ..options import option
from ..plan.options import PlanOptions
from ..pour import Pour
from ..printer import Printer
from ..run import Run
from ..styles import style_of
from ..water import WATERS
from . import guide as guide_verb
from . import learn as learn_verb
from . import plan as plan_verb
from .inputs import BESIDE_ENCODING, Taught, read
from .options import Word, flags
from .printing import PrinterOptions
from .telling import Telling

if TYPE_CHECKING:
    from ..check.slicer import Sliced

T = TypeVar("T")
STEPS = 10
NOT_SLICED = "not sliced: without prusa-slicer nobody knows hours and grams"


PLAN = PlanOptions(water=WATERS["rinse_aid"])
"""What ``make`` plans by default: it pours real water, so it plans for it."""


@dataclass(frozen=True)
class MakeFiles:
    """Where everything is written, and which row is poured."""

    output: str | None = option(None, "Folder for everything that is made.", flag="-o --output", kind="folder")
    row: int | None = option(
        None, "Row of the data to pour in the figure and the movie (default: the middle one).", least=0, most=1e9
    )


@click.command(name="make", cls=Taught, short_help="Do all of this for a data set, in one folder.")
@click.argument("data", type=Word("data"))
@flags("learn", LearnOptions)
@flags("how", PLAN, "Machine", plan_verb.PLAN_FLAGS)
@flags("printing", PrinterOptions, "Printer")
@flags("out", MakeFiles, "Output")
@flags("table", ReadOptions, "Data", BESIDE_ENCODING)
@flags("telling", Telling, "Output")
def command(
    data: str,
    learn: LearnOptions,
    how: PlanOptions,
    printing: PrinterOptions,
    out: MakeFiles,
    table: ReadOptions,
    telling: Telling,
) -> None:
    """Train on DATA, plan, pour, mesh and check, with every file in one folder.

    \b
    Examples: porcelain make iris -o build/iris
              porcelain make penguins --printer mini --style tower -o build/penguins
              porcelain make measurements.csv --label kind --hidden 4 --folds 10 -o build/mine
    """
    if out.output is None:
        raise PorcelainError("there is no --output; name a folder, as in porcelain make iris -o build/iris")
    how = replace(how, printer=printing.maker)
    folder, dataset = Path(out.output), learn_verb.sampled(read(data, table), learn)
    chosen = _row(dataset, out.row)
    learn = learn_verb.foldable(dataset, learn)
    with files.no_leftovers(folder):
        _writable(folder)
        made = _make(dataset, chosen, learn, how, folder, telling)
    text = "\n".join(
        (
            learn_verb.summary(made.network),
            "",
            plan_verb.summary(made.design),
            plan_verb.as_built(made.design, dataset),
            "",
            made.agreed,
            "",
            f"sliced by {made.sliced}" if made.sliced else NOT_SLICED,
            f"look at   {folder / 'report.html'}",
            f"play      {folder / (machine_stem(made.design.name) + '.html')}",
            f"print     {folder / (machine_stem(made.design.name) + '.3mf')}, or the STL files beside it",
        )
    )
    telling.tell(text, lambda: _figures(made))
    if not made.agreement.holds:
        sys.exit(1)


@dataclass(frozen=True, eq=False)
class _Made:
    """What one call made."""

    network: Network
    design: Design
    agreement: Any
    agreed: str
    sliced: str | None


def _figures(made: _Made) -> dict[str, Any]:
    return {
        "network": learn_verb.figures(made.network),
        "design": plan_verb.figures(made.design),
        "check": made.agreement.to_dict(),
        "sliced": made.sliced,
    }


def _make(dataset: Dataset, row: int, learn: LearnOptions, how: PlanOptions, folder: Path, telling: Telling) -> _Made:
    """Every step and every file."""
    from .. import plan
    from ..check import report_text

    with telling.bar(STEPS, "making") as report:

        def step(work: Callable[[], T]) -> T:
            done = work()
            report()
            return done

        network = step(lambda: _learn(dataset, learn, how.printer))
        design = step(lambda: plan.design(network, how))
        run = step(lambda: _simulate(design, dataset, row))
        for noun in (network, design, run):
            files.save(folder / f"{files.kind_of(noun)}.json", noun)
        parts = step(lambda: _fabricate(design, folder))
        prints = step(lambda: _slice(design, parts))
        agreement = step(lambda: _check(design, dataset, folder))
        chapters = step(lambda: _show(design, dataset, row, run, parts, folder))
        step(lambda: _page(folder, design, parts, dataset))
        figures = {name: (one.hours, one.grams) for name, one in prints.items()}
        guide = step(lambda: guide_verb.page(design, parts, dataset, figures))
        files.write_bytes(folder / "guide.html", guide)
        sliced = _in_words(parts, prints)
        step(lambda: _report(folder, agreement, design, parts, chapters, sliced))
    return _Made(network, design, agreement, report_text(agreement), sliced)


def _row(dataset: Dataset, row: int | None) -> int:
    if row is None:
        return len(dataset) // 2
    if not 0 <= row < len(dataset):
        raise PorcelainError(f"--row is {row}; rows 0 to {len(dataset) - 1} of {dataset.name} are there")
    return row


def _writable(folder: Path) -> None:
    """Fail before the work and not after it."""
    probe = folder / ".porcelain"
    files.write_bytes(probe, b"")
    probe.unlink()


def _learn(dataset: Dataset, learn: LearnOptions, maker: Printer) -> Network:
    """The data's own recipe unless another is named, with no pipe narrower than the printer can make."""
    name = learn.recipe or (own if (own := dataset.built_in) in RECIPES else default_recipe(dataset))
    learn = learn_verb.printable(learn, name, maker)
    return learn_verb.taught(dataset, name, learn.chosen(name), learn, os.cpu_count() or 1, lambda: None)


def _simulate(design: Design, dataset: Dataset, row: int) -> Run:
    from .. import simulate

    return simulate.run(design, Pour.of(design.amounts_ml(dataset.features[row]), rate_ml_s=design.pour_ml_s))


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
    from ..check import read_parts, report

    return report(design, dataset, read_parts(folder))


def _show(
    design: Design, dataset: Dataset, row: int, run: Run, parts: list[Part], folder: Path
) -> dict[str, dict[str, Path]]:
    """The figures of the report, chapter by chapter."""
    from ..check.tolerance import draw_machines, sensitivity
    from ..fabricate.standing_water import settled_ml, water_bodies
    from ..show.machine import machine_png
    from ..show.movie import pour_movie
    from ..show.network import scores_figure, tolerance_figure
    from ..show.pour import levels_figure

    machine, film, levels, scores, faults = (
        folder / name for name in ("machine.png", "pour.gif", "pour.png", "scores.png", "tolerance.png")
    )
    standing = water_bodies(design, parts, settled_ml(design, dataset.features[row]))
    files.write_bytes(machine, machine_png(parts, style_of(design).view, water=standing))
    pour_movie(design, run, film)
    levels_figure(design, run, levels)
    scores_figure(design.as_network(), dataset, scores)
    found, costs = draw_machines(design, dataset), sensitivity(design, dataset)
    tolerance_figure(design.name, found.nominal, found.accuracies, {one.element: one.lost for one in costs}, faults)
    return {
        "": {"The machine after a pour": machine},
        "Watch it": {"A pour": film, "Volumes over time": levels},
        "How far to trust it": {"What is taken for what": scores, "What faults cost, 10,000 machines": faults},
    }


def _page(folder: Path, design: Design, parts: list[Part], dataset: Dataset) -> None:
    from ..show.page import write_page

    names = [*(f"{part.name}.stl" for part in parts), f"{machine_stem(design.name)}.3mf"]
    made = {name: (folder / name).read_bytes() for name in names}
    write_page(design, folder / f"{machine_stem(design.name)}.html", parts, made, dataset)


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
        "Play with it": f"{machine_stem(design.name)}.html",
        "Assembly guide": "guide.html",
        "Print it (3MF)": f"{machine_stem(design.name)}.3mf",
        "design.json": "design.json",
        "network.json": "network.json",
        "run.json": "run.json",
        "report.json": "report.json",
    }
    links = {title: name for title, name in links.items() if name == "report.json" or (folder / name).is_file()}
    write_report(folder, agreement, design, {part.name: part.volume_mm3 for part in parts}, chapters, links, sliced)
