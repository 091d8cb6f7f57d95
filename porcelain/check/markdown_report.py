"""The Markdown card of a stored design: its scores, the losses of each step, and how to print it."""

from __future__ import annotations

from ..data import Dataset
from ..learn.scores import as_markdown
from ..machine.design import Design
from ..markup import markdown_table
from .agreement import Agreement
from .text_report import WHAT, change


def report_markdown(design: Design, dataset: Dataset, agreement: Agreement, sliced: str | None = None) -> str:
    """The report of a design as README.md of its folder.

    Parameters
    ----------
    design : machine
    dataset : rows that its scores are of
    agreement : result of :func:`porcelain.check.report`
    sliced : what a slicer says of time and plastic, as :func:`porcelain.check.slicer.time_and_plastic` puts it

    Returns
    -------
    str
        Picture, scores, steps, machine and printing as Markdown.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> text = report_markdown(design, load("iris"), Agreement("iris-mini", "iris", 150, (), ()))
    >>> text.splitlines()[0]
    '# iris-mini'
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
        f"Style {design.layout.style}, {len(design.pipes)} pipes, {design.ml_per_unit:g} mL per unit.",
        "",
        *markdown_table(
            ["step", "what", "accuracy", "largest change of a cup"],
            [(s.name, WHAT[s.name], f"{s.accuracy:.2%}", change(s)) for s in agreement.steps],
        ),
        "",
        *markdown_table(
            ["bucket", "label", "keeps mL", "sill mm", "capacity mL"],
            [
                (b.name, b.label, f"{b.threshold_ml:.2f}", f"{b.outlet.sill_mm:.2f}", f"{b.capacity_ml:.1f}")
                for b in design.buckets
            ],
        ),
        "",
        *markdown_table(
            ["pipe", "from", "to", "share", "area mm²"],
            [(p.name, p.source, p.target, f"{p.share:.3f}", f"{p.area_mm2:.2f}") for p in design.pipes],
        ),
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
    """What a slicer said of a design when its report was written.

    Parameters
    ----------
    card : the Markdown report

    Returns
    -------
    str or None
        None where no slicer was asked.

    Examples
    --------
    >>> sliced_by("Sliced by PrusaSlicer 2.9: 10 h, 115 g, no support.")
    'PrusaSlicer 2.9: 10 h, 115 g, no support'
    """
    said = [line for line in card.splitlines() if line.startswith("Sliced by ")]
    return said[0].removeprefix("Sliced by ").removesuffix(".") if said else None
