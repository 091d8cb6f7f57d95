"""porcelain check: the chain of losses, and exit 1 when a promise is broken."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from .. import files
from ..data import Dataset, ReadOptions
from ..errors import PorcelainError
from ..machine.design import Design
from .file_types import PICTURES, ending
from .reading import reading, rows


@click.command(name="check")
@click.argument("machine")
@click.option("--data", "data_name", help="Data set to follow (default: the one the network was trained on).")
@reading
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.option("--seed", default=0, show_default=True, help="Draws the increments, or the faulty machines.")
@click.option("--tolerance", is_flag=True, help="Study faulty machines instead of following one.")
@click.option("--machines", default=10_000, show_default=True, help="How many faulty machines to draw.")
@click.option("--study", help="Keep the machines as Parquet parts in this folder; a stopped study goes on.")
@click.option("--cluster", help="Share a --study out: a Dask scheduler's address, or local.")
@click.option("--plot", callback=ending(*PICTURES), help="Draw the tolerance into this picture.")
def command(machine: str, data_name: str | None, table: ReadOptions, as_json: bool, seed: int, **options: Any) -> None:
    """Follow a data set through MACHINE: data, network, millimetres, simulated water, meshes.

    MACHINE is a design.json or a folder with one; meshes beside it are read back, else they are made anew. With
    --tolerance, areas, sills, tilt, water and pours are off by what a printer and a hand are off by.

    \b
    Examples: porcelain check build/iris
              porcelain check designs/iris --tolerance --machines 10000 --plot tolerance.png
    """
    design = files.load(machine, "design")
    dataset = rows(design.network, data_name, table, machine)
    if options["tolerance"]:
        _tolerance(design, dataset, as_json, seed, options)
        return
    _refuse({"--study": options["study"], "--cluster": options["cluster"], "--plot": options["plot"]}, "--tolerance")
    from .. import fabricate
    from ..check import agreement, as_text, read_parts, reread

    folder = Path(machine) if Path(machine).is_dir() else Path(machine).parent
    meshes = read_parts(folder) if (folder / "assembly.json").is_file() else reread(fabricate.parts(design))
    found = agreement(design, dataset, meshes, seed)
    click.echo(json.dumps(found.to_dict(), indent=2) if as_json else as_text(found))
    if not found.holds:
        sys.exit(1)


def _refuse(asked: dict[str, str | None], needs: str) -> None:
    for option, value in asked.items():
        if value is not None:
            raise PorcelainError(f"{option} belongs to {needs}; add it")


def _tolerance(design: Design, dataset: Dataset, as_json: bool, seed: int, options: dict[str, Any]) -> None:
    from ..check.monte_carlo import PART, tolerance_study
    from ..check.tolerance import sensitivity, tightness, tolerance

    machines, folder, cluster = options["machines"], options["study"], options["cluster"]
    if folder:
        with click.progressbar(length=-(-machines // PART), label="machines", file=sys.stderr) as bar:
            found = tolerance_study(
                design, dataset, folder, machines=machines, seed=seed, cluster=cluster, report=lambda: bar.update(1)
            )
    else:
        _refuse({"--cluster": cluster}, "--study")
        found = tolerance(design, dataset, machines=machines, seed=seed)
    costs = {one.element: one.lost for one in sensitivity(design, dataset, seed=seed)}
    factor = tightness(design, dataset, seed=seed)
    if options["plot"]:
        from ..show.network import tolerance_figure

        tolerance_figure(design.name, found.nominal, found.accuracies, costs, options["plot"])
    if as_json:
        click.echo(json.dumps({**found.to_dict(), "lost_to": costs, "tightness_95": factor}, indent=2))
        return
    click.echo(
        f"{found.name} on {found.data}, {len(found.accuracies)} faulty machines, seed {seed}\n\n"
        f"  without faults   {found.nominal:7.2%}\n  mean             {found.mean:7.2%}\n"
        f"  5th percentile   {found.percentile(5):7.2%}\n  worst            {found.worst:7.2%}\n"
    )
    worst = ", ".join(f"{element} {lost:.2%}" for element, lost in list(costs.items())[:5])
    click.echo(f"  costs most alone   {worst}")
    click.echo(f"  95 of 100 machines reach 95 % if faults are at most {factor:.2f} times the stated ones")
