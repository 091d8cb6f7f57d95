"""porcelain plan: a network in, a machine in millimetres out."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from .. import files
from ..errors import DesignError, PorcelainError
from ..machine.design import Design
from ..printer import Printer
from ..water import WATERS, water
from .printing import printing

if TYPE_CHECKING:
    from ..styles.calibration import Calibrated


FORMER_STYLES = {"pipes": "tower"}  # names that the command line still takes


@click.command(name="plan")
@click.argument("network", required=False)
@click.option("-o", "--output", default="design.json", show_default=True, help="Design to write; - is standard output.")
@click.option(
    "--style", default="auto", show_default=True, help="terrace, tower, or auto: the terrace where it can be."
)
@printing
@click.option("--ml-per-unit", default=1.0, show_default=True, help="Millilitres of water per unit of the network.")
@click.option("--water", "water_name", default="ideal", show_default=True, help=f"One of {', '.join(WATERS)}.")
@click.option(
    "--pour-rate", type=float, help="Worst pour, mL/s into every input at once (default: 10, and at most 160 in all)."
)
@click.option("--text/--no-text", default=True, show_default=True, help="Emboss names and scales.")
@click.option("--lips/--no-lips", default=True, show_default=True, help="Funnel and rims against splashes (terrace).")
@click.option(
    "--cups",
    default="auto",
    show_default=True,
    help="equal: of one width, to compare by eye; free: as wide as their mouths; auto: equal where cheap (terrace).",
)
@click.option(
    "--compensate/--no-compensate",
    default=None,
    help="Bores that part the water as the shares ask, instead of in proportion (tower; default: if not ideal).",
)
@click.option(
    "--trial",
    is_flag=True,
    help="Plan the small piece to print, pour and weigh first, instead of a network: three holes with --style tower.",
)
@click.option("--measured", help="JSON with its weighed cups: poured_ml, and cups_ml from left to right for each pour.")
def command(
    network: str | None,
    output: str,
    style: str,
    maker: Printer,
    ml_per_unit: float,
    water_name: str,
    pour_rate: float | None,
    text: bool,
    cups: str,
    lips: bool,
    compensate: bool | None,
    trial: bool,
    measured: str | None,
) -> None:
    """Give NETWORK (network.json, a folder with one, or -) its physical dimensions.

    \b
    Example: porcelain plan network.json --printer mk4 --water rinse_aid -o design.json
    """
    from .. import plan
    from ..plan.planner import DISCHARGE
    from ..styles.base import automatic, style_of
    from ..styles.base import style as style_named
    from ..styles.calibration import weighed

    style = known_style(style)
    if trial == (network is not None):
        raise click.UsageError("give a network, or --trial for the piece to print first")
    liquid, quiet = water(water_name), output == "-"
    shape = automatic()[0] if style == plan.AUTO else style_named(style)
    found: Calibrated | None = None
    if network is None:
        design = shape.calibration_piece(maker, DISCHARGE)
    else:
        if measured:
            found = shape.calibrated(weighed(measured), maker, liquid, DISCHARGE)
            maker, liquid = found.printer, found.water
            click.echo(found.said, err=quiet)
        design = plan.design(
            files.load(network, "network"),
            printer=maker,
            ml_per_unit=ml_per_unit,
            water=liquid,
            pour_ml_s=pour_rate,
            style=style,
            text=text,
            stop_mm=found.stop_mm if found else None,
            compensate=compensate,
            cups=cups,
            lips=lips,
        )
    files.save(output, design)
    click.echo(summary(design), err=quiet)
    if network is not None:
        click.echo(outlook(design, found), err=quiet)
        if style_of(design).compensates:
            click.echo(choices(design), err=quiet)
    if not quiet:
        click.echo(f"wrote {output}")


def known_style(name: str) -> str:
    """A style by the name that it has now; a name that it had before is taken too, with a note."""
    if name in FORMER_STYLES:
        click.echo(f"--style {name} is called --style {FORMER_STYLES[name]} now", err=True)
    return FORMER_STYLES.get(name, name)


def outlook(design: Design, found: Calibrated | None = None) -> str:
    """Error budget of every outlet that splits, and the accuracy to expect from real water on the design's data.

    What knives take is as weighed with the trial piece, if it was: a known loss is an error until it is drawn in, and
    the design keeps the network's own shares.
    """
    from ..check.budget import HEAD_MM, KNIFE_MM, as_text, budget, prospects
    from ..data import load

    lines = []
    waters = [WATERS["tap"], WATERS["rinse_aid"]]
    if design.water.name not in WATERS:
        waters.append(design.water)
    for liquid in waters:
        knife = KNIFE_MM if found is None or found.knife_mm is None else found.knife_mm
        rows = budget(design, liquid, knife_mm=knife)
        if rows:
            worst = max(budget(design, liquid, HEAD_MM, knife), key=lambda b: b.total_pp)
            lines += [f"split error with {liquid.name} water, percentage points, over the worst pour:", as_text(rows)]
            lines += [f"  drained from {HEAD_MM:g} mm it is {worst.total_pp:.1f} pp at most, at {worst.bucket}"]
    data = design.network.provenance.get("data")
    if data:
        try:
            dataset = load(str(data))
        except PorcelainError:
            return "\n".join(lines)  # trained on a file that is not here
        lines += [
            f"with {p.water} water {p.accuracy:.2%} of {data} right, {p.like_ideal:.2%} as the network answers"
            + (f", {p.spilled_ml:.1f} mL spilled" if p.spilled_ml > 0 else "")
            for p in prospects(design, dataset, waters)
        ]
    return "\n".join(lines)


def choices(design: Design) -> str:
    """What bores in proportion to the shares and compensated ones come to with real water, each planned for it."""
    from .. import plan
    from ..check.budget import prospects, typical_pp
    from ..data import load

    dataset = None
    with suppress(PorcelainError):  # trained on a file that is not here
        dataset = load(str(design.network.provenance.get("data") or ""))
    lines = ["bores of this network planned for real water, and how far a typical pour is parted off the shares:"]
    for name in ("tap", "rinse_aid"):
        for compensate in (False, True):
            text = f"  {'compensated' if compensate else 'proportional':<14}{name:<11}"
            try:
                made = plan.design(
                    design.network,
                    style=design.body.style,
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
            for p in prospects(made, dataset, (name,)) if dataset else ():
                text += f"  {p.accuracy:.2%} of {dataset.name} right, {p.like_ideal:.2%} as the network answers"  # type: ignore[union-attr]
            lines.append(text)
    return "\n".join(lines)


def summary(design: Design) -> str:
    """Size, buckets and pipes in a few lines, and what the planner changed."""
    from ..fabricate.plates import blocks, plates
    from ..styles import style_of

    boxes = design.body.part_boxes_mm(design)
    filled = plates(blocks(design), design.printer)
    size = " x ".join(
        f"{max(b[1][i] for b in boxes.values()) - min(b[0][i] for b in boxes.values()):.0f}" for i in range(3)
    )
    widths = "-".join(map(str, design.network.widths))
    lines = [
        f"{design.name}: {widths}, {len(design.pipes)} pipes, {design.ml_per_unit:g} mL per unit, style"
        f" {design.body.style}; {size} mm assembled, parts: {len(boxes)}, plates: {len(filled)},"
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
