"""porcelain check: the chain of losses, and exit 1 when a criterion is not met."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from .. import files
from ..check.options import CheckOptions, Faults, ToleranceOptions
from ..data import Dataset
from ..errors import PorcelainError
from ..machine.design import Design
from ..options import option
from .inputs import PICTURES, Rows
from .options import Verb, Word, flags, refuse_given
from .telling import Telling

FAULTS = ("bore_sd_mm", "sill_sd_mm", "film_mm", "tilt_sd_deg", "pour_sd")


@dataclass(frozen=True)
class ToleranceFiles:
    """Whether faulty machines are studied, and where that is kept."""

    tolerance: bool = option(False, "Study faulty machines instead of following one.")
    study: str | None = option(
        None, "Keep the machines as Parquet parts in this folder; a stopped study goes on.", kind="folder"
    )
    cluster: str | None = option(None, "Share a --study out: a Dask scheduler's address, or local.")
    plot: str | None = option(None, "Draw the tolerance into this picture.", kind="file", endings=PICTURES)


@click.command(name="check", cls=Verb, short_help="Compare network, design, simulation and meshes.")
@click.argument("machine", type=Word("machine"))
@flags("rows", Rows, "Data")
@flags("how", CheckOptions, "Data")
@flags("study", ToleranceFiles, "Tolerance")
@flags("drawn", ToleranceOptions, "Tolerance")
@flags("faults", Faults, "Tolerance")
@flags("telling", Telling, "Output")
def command(
    machine: str,
    rows: Rows,
    how: CheckOptions,
    study: ToleranceFiles,
    drawn: ToleranceOptions,
    faults: Faults,
    telling: Telling,
) -> None:
    """Follow a data set through MACHINE: data, network, millimetres, simulated water, meshes.

    MACHINE is a design.json or a folder with one; meshes beside it are read back, else they are made anew. With
    --tolerance, areas, sills, tilt, water and pours are off by what a printer and a hand are off by.

    \b
    Examples: porcelain check build/iris
              porcelain check build/iris --data more.csv --json
              porcelain check designs/iris --tolerance --machines 10000 --plot tolerance.png
              porcelain check designs/iris --tolerance --sill-sd 0.05
    """
    if not study.tolerance:
        refuse_given(["study", "cluster", "plot", "machines", *FAULTS], "belongs to --tolerance; add it")
    if study.cluster is not None and study.study is None:
        raise PorcelainError("--cluster belongs to --study; add it")
    design = files.load(machine, "design")
    dataset = rows.of(design.network, machine)
    if study.tolerance:
        _tolerance(design, dataset, how, study, drawn, faults, telling)
        return
    from .. import fabricate
    from ..check import read_parts, report, report_text, reread

    folder = Path(machine) if Path(machine).is_dir() else Path(machine).parent
    with telling.working("checking"):
        meshes = read_parts(folder) if (folder / "assembly.json").is_file() else reread(fabricate.parts(design))
        found = report(design, dataset, meshes, how.seed)
    telling.tell(report_text(found), found.to_dict)
    if not found.holds:
        sys.exit(1)


def _tolerance(
    design: Design,
    dataset: Dataset,
    how: CheckOptions,
    study: ToleranceFiles,
    drawn: ToleranceOptions,
    faults: Faults,
    telling: Telling,
) -> None:
    from ..check.monte_carlo import JOB, run_jobs
    from ..check.tolerance import draw_machines, sensitivity, tightness

    said: dict[str, Any] = {"faults": faults, "seed": how.seed}
    if study.study:
        with telling.bar(-(-drawn.machines // JOB), "machines") as report:
            found = run_jobs(
                design, dataset, study.study, machines=drawn.machines, cluster=study.cluster, report=report, **said
            )
    else:
        with telling.working("drawing machines"):
            found = draw_machines(design, dataset, machines=drawn.machines, **said)
    with telling.working("drawing machines with one fault"):
        costs = {one.element: one.lost for one in sensitivity(design, dataset, **said)}
        factor = tightness(design, dataset, **said)
    if study.plot:
        from ..show.network import tolerance_figure

        tolerance_figure(design.name, found.nominal, found.accuracies, costs, study.plot)
    worst = ", ".join(f"{element} {lost:.2%}" for element, lost in list(costs.items())[:5])
    text = (
        f"{found.name} on {found.data}, {len(found.accuracies)} faulty machines, seed {how.seed}\n\n"
        f"  without faults   {found.nominal:7.2%}\n  mean             {found.mean:7.2%}\n"
        f"  5th percentile   {found.percentile(5):7.2%}\n  worst            {found.worst:7.2%}\n\n"
        f"  costs most alone   {worst}\n"
        f"  95 of 100 machines reach 95 % if faults are at most {factor:.2f} times the stated ones"
    )
    wrote = [study.plot] if study.plot else []
    telling.tell(text, lambda: {**found.to_dict(), "lost_to": costs, "tightness_95": factor}, wrote)
