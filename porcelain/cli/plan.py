"""porcelain plan: a network in, a machine in millimetres out."""

from __future__ import annotations

import click

from .. import files
from ..design import Design
from ..printer import PRINTERS, printer
from ..water import WATERS, water


@click.command(name="plan")
@click.argument("network")
@click.option("-o", "--output", default="design.json", show_default=True, help="Design to write; - is standard output.")
@click.option("--printer", "printer_name", default="ender3", show_default=True, help=f"One of {', '.join(PRINTERS)}.")
@click.option("--ml-per-unit", default=1.0, show_default=True, help="Millilitres of water per unit of the network.")
@click.option("--water", "water_name", default="ideal", show_default=True, help=f"One of {', '.join(WATERS)}.")
@click.option("--pour-rate", default=10.0, show_default=True, help="Worst pour, mL/s into every input at once.")
def command(
    network: str, output: str, printer_name: str, ml_per_unit: float, water_name: str, pour_rate: float
) -> None:
    """Give NETWORK (network.json, a folder with one, or -) its physical dimensions.

    \b
    Example: porcelain plan network.json --printer mk4 --ml-per-unit 1 -o design.json
    """
    from ..plan import plan

    design = plan(
        files.load(network, "network"), printer(printer_name), ml_per_unit, water(water_name), pour_ml_s=pour_rate
    )
    files.save(output, design)
    click.echo(summary(design), err=output == "-")
    if output != "-":
        click.echo(f"wrote {output}")


def summary(design: Design) -> str:
    """Size, buckets and pipes in a few lines, and what the planner changed."""
    boxes = design.body.part_boxes_mm(design)
    size = " x ".join(
        f"{max(b[1][i] for b in boxes.values()) - min(b[0][i] for b in boxes.values()):.0f}" for i in range(3)
    )
    widths = "-".join(map(str, design.network.widths))
    lines = [
        f"{design.name}: {widths}, {len(design.pipes)} pipes, {design.ml_per_unit:g} mL per unit, style"
        f" {design.body.style}; {size} mm assembled, {len(boxes)} parts for {design.printer.name}"
    ]
    lines += [
        f"  {b.name}  {b.label:<14} keeps {b.threshold_ml:6.2f} mL below its sill at {b.outlet.sill_mm:6.2f} mm,"
        f" holds {b.capacity_ml:.0f} mL"
        for b in design.buckets
    ]
    lines += [f"  {f.severity}: {f}" for f in design.findings]
    return "\n".join(lines)
