"""The card of a design: what it scores, what each arrow loses, its machine and how to print it, as Markdown."""

from __future__ import annotations

from ..data import Dataset
from ..learn.scores import as_markdown
from ..machine.design import Design
from .agreement import Agreement
from .report import WHAT, change


def as_card(design: Design, dataset: Dataset, agreement: Agreement, sliced: str | None = None) -> str:
    """README.md of a folder under designs/: the picture, the scores, the chain of losses, the machine, the printing.

    ``sliced`` is what a slicer says of time and plastic, as :func:`porcelain.check.slicer.time_and_plastic` puts it.
    """
    lines = [
        f"# {design.name}",
        "",
        "![The machine](machine.png)",
        "",
        "## Network",
        "",
        as_markdown(design.network, dataset),
        "## Machine",
        "",
        f"Body style {design.body.style}, {len(design.pipes)} pipes, {design.ml_per_unit:g} mL per unit.",
        "",
        "| step | what | accuracy | largest change of a cup |",
        "|---|---|---|---|",
        *(f"| {s.name} | {WHAT[s.name]} | {s.accuracy:.2%} | {change(s)} |" for s in agreement.steps),
        "",
        "| bucket | label | keeps mL | sill mm | capacity mL |",
        "|---|---|---|---|---|",
        *(
            f"| {b.name} | {b.label} | {b.threshold_ml:.2f} | {b.outlet.sill_mm:.2f} | {b.capacity_ml:.1f} |"
            for b in design.buckets
        ),
        "",
        "| pipe | from | to | share | area mm² |",
        "|---|---|---|---|---|",
        *(f"| {q.name} | {q.source} | {q.target} | {q.share:.3f} | {q.area_mm2:.2f} |" for q in design.pipes),
        "",
        *(["What the planner changed:", "", *(f"- {f}" for f in design.findings), ""] if design.findings else []),
        "## Print",
        "",
        f"Made for {design.printer.name} ({design.printer.bed_text}),"
        f" {design.printer.nozzle_mm:g} mm nozzle, {design.printer.layer_mm:g} mm layers, 4 perimeters, no support."
        " PETG keeps water better than PLA.",
        *([f"Sliced by {sliced}."] if sliced else []),
        "",
        f"`porcelain fabricate designs/{design.name} -o parts` writes the meshes, `scripts/make_designs {design.name}`"
        " makes this folder anew.",
        "",
    ]
    return "\n".join(lines)


def sliced_by(card: str) -> str | None:
    """What a slicer said of a design when its card was written; None if there was none."""
    said = [line for line in card.splitlines() if line.startswith("Sliced by ")]
    return said[0].removeprefix("Sliced by ").removesuffix(".") if said else None
