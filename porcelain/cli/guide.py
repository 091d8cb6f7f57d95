"""porcelain guide: how to print, assemble, level and pour a machine, as one page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from .. import files
from ..data import Dataset, load
from ..machine.assembly import Part
from ..machine.design import Design


@click.command(name="guide")
@click.argument("design")
@click.option("-o", "--output", default="guide.html", show_default=True, help="Page to write.")
@click.option("--data", "data_name", help="Data set of the rows to try first (default: the network's own).")
@click.option("--label", help="Column of a CSV that holds the class (default: the last).")
@click.option("--slice", "sliced", is_flag=True, help="Let PrusaSlicer measure time and weight of every part.")
def command(design: str, output: str, data_name: str | None, label: str | None, sliced: bool) -> None:
    """Write the assembly guide of DESIGN (design.json or a folder with one): a page to read or to print on paper.

    \b
    Example: porcelain guide build/iris -o guide.html
    """
    from .. import fabricate

    machine = files.load(design, "design")
    name = data_name or str(machine.network.provenance.get("data", ""))
    parts = fabricate.parts(machine)
    prints = {}
    if sliced:
        from ..check.slicer import slice_part

        with click.progressbar(parts, label="slicing") as bar:
            prints = {p.name: (s.hours, s.grams) for p in bar for s in [slice_part(p, machine.printer)]}
    files.write_bytes(Path(output), page(machine, parts, load(name, label) if name else None, prints))
    click.echo(f"wrote {output}")


def page(
    machine: Design,
    parts: list[Part],
    dataset: Dataset | None,
    prints: Mapping[str, tuple[float, float]] | None = None,
) -> bytes:
    """The guide with its pictures: the machine after a pour, and what it is made of."""
    from ..fabricate.plates import plates
    from ..fabricate.water import middle, settled_ml, water
    from ..show.calibration import poured_ml, trial_html
    from ..show.guide import first_rows, guide_html
    from ..show.machine import machine_png
    from ..styles import View, style_of

    names = [list(dict.fromkeys(place.part.name for place in plate)) for plate in plates(parts, machine.printer)]
    if poured_ml(machine) is not None:
        cups_to_you = View(215.0, 40.0)
        return trial_html(machine, parts, names, {"Pour in behind": machine_png(parts, cups_to_you)}, prints)
    rows = first_rows(machine, dataset, 1) if dataset is not None else []
    features = dataset.features[rows[0].row] if dataset is not None and rows else middle(machine)
    standing = water(machine, parts, settled_ml(machine, features))
    view = style_of(machine).view
    pictures = {"After a pour": machine_png(parts, view, water=standing)}
    if len(parts) > 1:
        pictures["The parts"] = machine_png(parts, view, exploded=True)
    else:
        pictures["From behind"] = machine_png(parts, View(view.turn_deg + 180.0, view.rise_deg))
    return guide_html(machine, parts, names, dataset, pictures, prints)
