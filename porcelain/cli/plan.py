"""porcelain plan: a network in, a machine in millimetres out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import click
import numpy as np

from .. import files
from ..arrays import Floats
from ..data import Dataset, ReadOptions
from ..data.matching import matched
from ..errors import DesignError
from ..machine.design import Design
from ..machine.layouts import Terrace
from ..printer import Printer
from ..water import WATERS, water
from .printing import printing
from .reading import reading, rows_if_here

if TYPE_CHECKING:
    from ..styles.terrace.calibration import Reading
    from ..styles.tower.calibration import HoleReading


@click.command(name="plan")
@click.argument("network", required=False)
@click.option("-o", "--output", default="design.json", show_default=True, help="Design to write; - is standard output.")
@click.option(
    "--style", default="auto", show_default=True, help="terrace, pipes, or auto: the terrace where it can be."
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
    help="Bores that part the water as the shares ask, instead of in proportion (pipes; default: if not ideal).",
)
@click.option(
    "--trial",
    is_flag=True,
    help="Plan the small piece to print, pour and weigh first, instead of a network: three holes with --style pipes.",
)
@click.option("--data", "data_name", help="Data set to tell the accuracy on (default: the network's own).")
@reading
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
    data_name: str | None,
    table: ReadOptions,
) -> None:
    """Give NETWORK (network.json, a folder with one, or -) its physical dimensions.

    \b
    Example: porcelain plan network.json --printer mk4 --water rinse_aid -o design.json
    """
    from .. import plan
    from ..plan.planner import DISCHARGE
    from ..styles.terrace import calibration as trials
    from ..styles.tower import calibration as holes

    if trial == (network is not None):
        raise click.UsageError("give a network, or --trial for the piece to print first")
    liquid, quiet = water(water_name), output == "-"
    weighed_with: Reading | None = None
    dataset: Dataset | None = None
    if network is None:
        design = (holes.trial_holes if style == "pipes" else trials.trial)(maker, DISCHARGE)
    else:
        trained = files.load(network, "network")
        files.refuse_overwriting(output, network)
        dataset = rows_if_here(trained, data_name, table, network)
        if measured:
            weighed = trials.weighed(measured)
            if style == "pipes":
                found = holes.read_holes(weighed, holes.trial_holes(maker, DISCHARGE), liquid)
                maker, liquid, said = found.printer(maker), found.water, _hole_reading(found)
            else:
                weighed_with = trials.read(weighed, trials.trial(maker, DISCHARGE))
                said = _reading(weighed_with)
            click.echo(said, err=quiet)
        design = plan.design(
            trained,
            maker,
            ml_per_unit,
            liquid,
            pour_ml_s=pour_rate,
            style=style,
            text=text,
            stop_mm=weighed_with.stop_mm if weighed_with else None,
            compensate=compensate,
            cups=cups,
            lips=lips,
        )
    files.save(output, design)
    click.echo(summary(design), err=quiet)
    if network is not None:
        click.echo(outlook(design, dataset, weighed_with), err=quiet)
        if design.body.style == "pipes":
            click.echo(choices(design, dataset), err=quiet)
    if not quiet:
        click.echo(f"wrote {output}")


def _reading(reading: Reading) -> str:
    shares = " / ".join(f"{share:.1%}" for share in reading.shares)
    return (
        f"measured: water stands {reading.stop_mm:.2f} mm above a sill, knives take {reading.knife_mm:.2f} mm a side,"
        f" split {shares}, scatter {reading.scatter_pp:.1f} points"
    )


def _hole_reading(reading: HoleReading) -> str:
    shares = " / ".join(f"{share:.1%}" for share in reading.shares)
    return (
        f"measured: water stands {reading.stop_mm:.2f} mm above a sill, so it meets the print at"
        f" {reading.water.contact_angle_deg:.0f} degrees;"
        f" split {shares}, scatter {reading.scatter_pp:.1f} points,"
        f" so holes lose {reading.shrink_mm:+.2f} +- {reading.shrink_sd_mm:.2f} mm beyond this printer's record"
    )


def outlook(design: Design, dataset: Dataset | None, weighed: Reading | None = None) -> str:
    """Error budget of every outlet that splits, and the accuracy to expect from real water on the design's data.

    What knives take is as weighed with the trial piece, if it was: a known loss is an error until it is drawn in, and
    the design keeps the network's own shares.
    """
    from ..check.budget import HEAD_MM, KNIFE_MM, as_text, budget, prospects

    lines = [as_built(design, dataset)] if dataset is not None else []
    waters = [WATERS["tap"], WATERS["rinse_aid"]]
    if design.water.name not in WATERS:
        waters.append(design.water)
    for liquid in waters:
        knife = weighed.knife_mm if weighed else KNIFE_MM
        rows = budget(design, liquid, knife_mm=knife)
        if rows:
            worst = max(budget(design, liquid, HEAD_MM, knife), key=lambda b: b.total_pp)
            lines += [f"split error with {liquid.name} water, percentage points, over the worst pour:", as_text(rows)]
            lines += [f"  drained from {HEAD_MM:g} mm it is {worst.total_pp:.1f} pp at most, at {worst.bucket}"]
    if dataset is not None:
        lines += [
            f"with {p.water} water {p.accuracy:.2%} of {dataset.name} right, {p.like_ideal:.2%} as the network answers"
            + (f", {p.spilled_ml:.1f} mL spilled" if p.spilled_ml > 0 else "")
            for p in prospects(design, dataset, waters)
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
    """What bores in proportion to the shares and compensated ones come to with real water, each planned for it."""
    from .. import plan
    from ..check.budget import prospects, typical_pp

    lines = ["bores of this network planned for real water, and how far a typical pour is parted off the shares:"]
    for name in ("tap", "rinse_aid"):
        for compensate in (False, True):
            text = f"  {'compensated' if compensate else 'proportional':<14}{name:<11}"
            try:
                made = plan.design(
                    design.network,
                    design.printer,
                    design.ml_per_unit,
                    WATERS[name],
                    design.pour_ml_s,
                    design.worst_ml / design.ml_per_unit,
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


def _storeys(design: Design, boxes: dict[str, Floats]) -> list[str]:
    """Which rows each storey of a parted terrace carries, and which stands are behind."""
    assert isinstance(design.body, Terrace)
    ranks = max(design.body.ranks, default=-1) + 1
    rows = [f"rank {n}" for n in range(ranks)] + [f"row {k}" for k in range(bool(ranks), len(design.tiers))]
    edges = [0, *(joint.tier for joint in design.body.joints), len(rows)]
    said = {}
    for number, (first, end) in enumerate(pairwise(edges)):
        here = rows[first] if end == first + 1 else f"{rows[first]} to {rows[end - 1]}"
        said[f"t{number}"] = here + " and the cups" * (end == len(rows))
        said[f"s{number + 1}"] = f"the stand of t{number}"
    sizes = {name: " x ".join(f"{side:.0f}" for side in np.ptp(box, axis=0)) for name, box in boxes.items()}
    return [f"  {name}  {said[name]}, {size} mm" for name, size in sizes.items()]


def summary(design: Design) -> str:
    """Size, buckets and pipes in a few lines, and what the planner changed."""
    from ..fabricate.plates import blocks, plates

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
    if isinstance(design.body, Terrace) and design.body.ranks:
        sizes = ", ".join(str(design.body.ranks.count(n)) for n in range(max(design.body.ranks) + 1))
        lines.append(f"  inputs in ranks, from the rear to the front: {sizes}; chutes lead past those in front")
    if isinstance(design.body, Terrace) and design.body.joints:
        lines += _storeys(design, boxes)
    lines += [
        f"  {b.name}  {b.label:<14} keeps {b.threshold_ml:6.2f} mL below its sill at {b.outlet.sill_mm:6.2f} mm,"
        f" holds {b.capacity_ml:.0f} mL"
        for b in design.buckets
    ]
    lines += [f"  {f.severity}: {f}" for f in design.findings]
    return "\n".join(lines)
