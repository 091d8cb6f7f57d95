"""porcelain guide: how to print, assemble, level and pour a machine, as one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from .. import files
from ..data import Dataset
from ..machine.assembly import Part
from ..machine.design import Design
from ..options import option
from .inputs import PAGES, Rows
from .options import Verb, Word, flags
from .telling import Telling


@dataclass(frozen=True)
class GuideOptions:
    """What stands in the guide, and where it is written."""

    output: str = option("guide.html", "Page to write.", flag="-o --output", kind="file", endings=PAGES)
    slice: bool = option(False, "Let PrusaSlicer measure time and weight of every part.")


@click.command(name="guide", cls=Verb, short_help="Write the assembly guide of a machine.")
@click.argument("design", type=Word("machine"))
@flags("out", GuideOptions, "Output")
@flags("rows", Rows, "Rows to try first")
@flags("telling", Telling, "Output")
def command(design: str, out: GuideOptions, rows: Rows, telling: Telling) -> None:
    """Write the assembly guide of DESIGN (design.json or a folder with one): a page to read or to print on paper.

    \b
    Examples: porcelain guide build/iris -o guide.html
              porcelain guide build/iris --slice
              porcelain guide trial.json
    """
    from .. import fabricate

    machine = files.load(design, "design")
    dataset = rows.if_here(machine.network, design)
    with telling.working("making meshes"):
        parts = fabricate.parts(machine)
    prints = {}
    if out.slice:
        from ..check.slicer import slice_part

        with telling.bar(len(parts), "slicing") as report:
            for part in parts:
                sliced = slice_part(part, machine.printer)
                prints[part.name] = sliced.hours, sliced.grams
                report()
    with telling.working("drawing"):
        files.write_bytes(Path(out.output), page(machine, parts, dataset, prints))
    told = {name: {"hours": hours, "grams": grams} for name, (hours, grams) in prints.items()}
    telling.tell("", lambda: {"prints": told}, [out.output])


def page(
    machine: Design,
    parts: list[Part],
    dataset: Dataset | None,
    prints: Mapping[str, tuple[float, float]] | None = None,
) -> bytes:
    """The guide with its pictures: the machine after a pour, and what it is made of."""
    from ..fabricate.plates import pack
    from ..fabricate.standing_water import middle, settled_ml, water_bodies
    from ..show.calibration import calibration_html, poured_ml
    from ..show.guide import first_rows, guide_html
    from ..show.machine import machine_png
    from ..styles import View, style_of

    names = [list(dict.fromkeys(place.part.name for place in plate)) for plate in pack(parts, machine.printer)]
    if poured_ml(machine) is not None:
        cups_to_you = View(215.0, 40.0)
        return calibration_html(machine, parts, names, {"Pour in behind": machine_png(parts, cups_to_you)}, prints)
    rows = first_rows(machine, dataset, 1) if dataset is not None else []
    features = dataset.features[rows[0].row] if dataset is not None and rows else middle(machine)
    standing = water_bodies(machine, parts, settled_ml(machine, features))
    view = style_of(machine).view
    pictures = {"After a pour": machine_png(parts, view, water=standing)}
    if len(parts) > 1:
        pictures["The parts"] = machine_png(parts, view, exploded=True)
    else:
        pictures["From behind"] = machine_png(parts, View(view.turn_deg + 180.0, view.rise_deg))
    return guide_html(machine, parts, names, dataset, pictures, prints)
