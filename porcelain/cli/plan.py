"""porcelain plan: a network in, a machine in millimetres out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from .. import files
from ..data import Dataset
from ..data.matching import matched
from ..errors import DesignError
from ..machine.design import Design
from ..options import option
from ..plan.options import AUTO, PlanOptions
from ..water import WATERS
from .inputs import Rows
from .options import Verb, Word, flags, refuse_given
from .printing import PrinterOptions
from .telling import Telling

if TYPE_CHECKING:
    from ..styles.calibration import Calibrated

PLAN_FLAGS: Mapping[str, Mapping[str, Any]] = {
    "style": {"aliases": (("pipes", "tower"),)},
    "ml_per_unit": {"above": 0, "most": 1e4},
    "pour_ml_s": {"flag": "--pour-rate", "above": 0, "most": 1e4},
    "stop_mm": {"flag": "--stop", "least": 0, "most": 50},
}
"""How the command line spells options of a plan, and the limits that end impossible ones early."""


@dataclass(frozen=True)
class PlanFiles:
    """What is planned, and where it is written."""

    output: str = option("design.json", "Design to write; - is standard output.", flag="-o --output", kind="file")
    trial: bool = option(
        False,
        "Plan the small piece to print, pour and weigh first, instead of a network: three holes with --style tower.",
    )
    measured: str | None = option(
        None, "JSON with its weighed cups: poured_ml, and cups_ml from left to right for each pour.", kind="file"
    )


@click.command(name="plan", cls=Verb, short_help="Give a network its dimensions in millimetres.")
@click.argument("network", required=False, type=Word("machine"))
@flags("how", PlanOptions, "Machine", PLAN_FLAGS)
@flags("printing", PrinterOptions, "Printer")
@flags("out", PlanFiles, "Files")
@flags("rows", Rows, "Rows to tell the accuracy on")
@flags("telling", Telling, "Output")
def command(
    network: str | None, how: PlanOptions, printing: PrinterOptions, out: PlanFiles, rows: Rows, telling: Telling
) -> None:
    """Give NETWORK (network.json, a folder with one, or -) its physical dimensions.

    \b
    Examples: porcelain plan network.json --printer mk4 --water rinse_aid -o design.json
              porcelain plan designs/iris --style tower --bed 300x300x400
              porcelain plan designs/iris --printer my-printer.json
              porcelain plan --trial --nozzle 0.6 -o trial.json
              porcelain plan designs/iris --measured weighed.json
    """
    from .. import plan
    from ..styles.base import style_of

    if out.trial == (network is not None):
        raise click.UsageError("give a network, or --trial for the piece to print first")
    if network is None:
        unread = [f.name for f in fields(PlanOptions) if f.name != "style"]
        refuse_given([*unread, "measured"], "is not read with --trial; leave it out")
    loud, found, dataset = telling.free(out.output), None, None
    how = replace(how, printer=printing.maker)
    if network is None:
        design = _piece(how)
    else:
        noun = files.load(network, "network")
        files.refuse_overwriting(out.output, network)
        dataset = rows.if_here(noun, network)
        if out.measured:
            how, found = _calibrated(how, out.measured, telling, loud)
        with telling.working("planning"):
            design = plan.design(noun, how)
    files.save(out.output, design)
    lines = [summary(design)]
    if network is not None and not telling.quiet:
        with telling.working("estimating errors"):
            lines += [outlook(design, dataset, found)]
            lines += [choices(design, dataset)] if style_of(design).compensates else []
    text = "\n".join(line for line in lines if line)
    telling.tell(text, lambda: figures(design), [out.output] if loud else [], loud)


def _piece(how: PlanOptions) -> Design:
    """The calibration piece of a style."""
    from ..plan.planner import DISCHARGE

    return _shape(how).calibration_piece(how.printer, DISCHARGE)


def _shape(how: PlanOptions) -> Any:
    from ..styles.base import automatic, style

    return automatic()[0] if how.style == AUTO else style(how.style)


def _calibrated(how: PlanOptions, path: str, telling: Telling, loud: bool) -> tuple[PlanOptions, Calibrated]:
    """The options as the weighed cups of the calibration piece say."""
    from ..plan.planner import DISCHARGE
    from ..styles.calibration import weighed

    found: Calibrated = _shape(how).calibrated(weighed(path), how.printer, how.water, DISCHARGE)
    if not telling.quiet:
        click.echo(found.said, err=not loud or telling.as_json)
    stop = how.stop_mm if found.stop_mm is None else found.stop_mm
    return replace(how, printer=found.printer, water=found.water, stop_mm=stop), found


def figures(design: Design) -> Mapping[str, Any]:
    """The figures of the summary, for JSON."""
    from ..fabricate.plates import blocks, pack

    made = blocks(design)
    return {
        "name": design.name,
        "style": design.layout.style,
        "printer": design.printer.name,
        "water": design.water.name,
        "widths": list(design.network.widths),
        "pipes": len(design.pipes),
        "parts": [{"name": block.name, "size_mm": list(block.size_mm)} for block in made],
        "plates": len(pack(made, design.printer)),
        "buckets": [
            {"name": b.name, "label": b.label, "keeps_ml": b.threshold_ml, "sill_mm": b.outlet.sill_mm}
            for b in design.buckets
        ],
        "findings": [str(finding) for finding in design.findings],
    }


def outlook(design: Design, dataset: Dataset | None, found: Calibrated | None = None) -> str:
    """Error budget of every outlet that splits, and the accuracy to expect from real water on the design's data.

    What knives take is as weighed with the calibration piece, if it was: a known loss is an error until it is drawn
    in, and the design keeps the network's own shares.
    """
    from ..check.error_budget import HEAD_MM, KNIFE_MM, budget_text, outlet_budgets, predictions

    lines = [as_built(design, dataset)] if dataset is not None else []
    waters = [WATERS["tap"], WATERS["rinse_aid"]]
    if design.water.name not in WATERS:
        waters.append(design.water)
    for liquid in waters:
        knife = KNIFE_MM if found is None or found.knife_mm is None else found.knife_mm
        rows = outlet_budgets(design, liquid, knife_mm=knife)
        if rows:
            worst = max(outlet_budgets(design, liquid, HEAD_MM, knife), key=lambda b: b.total_pp)
            lines += [
                f"split error with {liquid.name} water, percentage points, over the worst pour:",
                budget_text(rows),
            ]
            lines += [f"  drained from {HEAD_MM:g} mm it is {worst.total_pp:.1f} pp at most, at {worst.bucket}"]
    if dataset is not None:
        lines += [
            f"with {p.water} water {p.accuracy:.2%} of {dataset.name} right, {p.like_ideal:.2%} as the network answers"
            + (f", {p.spilled_ml:.1f} mL spilled" if p.spilled_ml > 0 else "")
            for p in predictions(design, dataset, waters)
        ]
    return "\n".join(lines)


def as_built(design: Design, dataset: Dataset) -> str:
    """Accuracy of the trained network and of the machine's millimetres, ideal water in both."""
    from ..check.agreement import LOST_LIMIT
    from ..plan import share_floor

    dataset = matched(dataset, design.network)
    rows = design.network.encoding.clipped(dataset.features)
    trained, built = (np.mean(one.predict(rows) == dataset.labels) for one in (design.network, design.as_network()))
    fell = built < trained - LOST_LIMIT
    advice = f"; learn again with --min-share {share_floor(design.printer):.3g}, the least that prints" if fell else ""
    return f"{trained:.2%} of {dataset.name} right as trained, {built:.2%} as built{advice}"


def choices(design: Design, dataset: Dataset | None) -> str:
    """What channels in proportion to the shares and compensated ones come to with real water, each planned for it."""
    from .. import plan
    from ..check.error_budget import predictions, typical_pp

    lines = ["channels of this network planned for real water, and how far a typical pour is parted off the shares:"]
    for name in ("tap", "rinse_aid"):
        for compensate in (False, True):
            text = f"  {'compensated' if compensate else 'proportional':<14}{name:<11}"
            try:
                made = plan.design(
                    design.network,
                    style=design.layout.style,
                    printer=design.printer,
                    ml_per_unit=design.ml_per_unit,
                    water=WATERS[name],
                    pour_ml_s=design.pour_ml_s,
                    worst_u=design.worst_ml / design.ml_per_unit,
                    text=False,
                    compensate=compensate,
                )
            except DesignError as error:
                lines.append(f"{text} cannot be built: {error.findings[0]}")
                continue
            text += f"{typical_pp(made, WATERS[name]):5.1f} pp"
            for p in predictions(made, dataset, (name,)) if dataset else ():
                text += f"  {p.accuracy:.2%} of {dataset.name} right, {p.like_ideal:.2%} as the network answers"  # type: ignore[union-attr]
            lines.append(text)
    return "\n".join(lines)


def summary(design: Design) -> str:
    """Size, buckets and pipes in a few lines, and what the planner changed."""
    from ..fabricate.plates import blocks, pack
    from ..styles import style_of

    boxes = design.layout.part_boxes_mm(design)
    filled = pack(blocks(design), design.printer)
    size = " x ".join(
        f"{max(b[1][i] for b in boxes.values()) - min(b[0][i] for b in boxes.values()):.0f}" for i in range(3)
    )
    widths = "-".join(map(str, design.network.widths))
    lines = [
        f"{design.name}: {widths}, {len(design.pipes)} pipes, {design.ml_per_unit:g} mL per unit, style"
        f" {design.layout.style}; {size} mm assembled, parts: {len(boxes)}, plates: {len(filled)},"
        f" for {design.printer.name}"
    ]
    lines += style_of(design).summary(design)
    lines += [
        f"  {b.name}  {b.label:<14} keeps {b.threshold_ml:6.2f} mL below its sill at {b.outlet.sill_mm:6.2f} mm,"
        f" holds {b.capacity_ml:.0f} mL"
        for b in design.buckets
    ]
    lines += [f"  {f.severity}: {f}" for f in design.findings]
    return "\n".join(lines)
