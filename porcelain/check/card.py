"""The card of a design: what it scores, what it keeps and shares, and how to print it, as Markdown."""

from __future__ import annotations

from ..design import Design
from ..files import VERSION
from .agreement import Agreement
from .report import WHAT, change


def as_card(design: Design, agreement: Agreement) -> str:
    """README.md of a folder under designs/: scores first, then the picture, the tables and the print settings."""
    p = design.network.provenance
    cv = p["cross_validation"]
    widths = "-".join(str(n) for n in design.network.widths)
    lines = [
        f"# {design.name}",
        "",
        f"{widths}, {len(design.pipes)} pipes, {design.ml_per_unit:g} mL per unit, body style {design.body.style}.",
        "",
        "![The machine](machine.png)",
        "",
        "## Score",
        "",
        f"- error on rows it has not seen: **{cv['error']:.2%}** ({cv['repeats']} x {cv['folds']}-fold"
        f" stratified cross-validation of the whole recipe, standard deviation between folds {cv['fold_sd']:.2%})",
        f"- training error: {p['training_error']:.2%}, loss {p['loss']:.4f}, seed {p['seed']}",
        f"- data: {p['source']}",
        "",
        "| step | what | accuracy | largest change of a cup |",
        "|---|---|---|---|",
        *(f"| {s.name} | {WHAT[s.name]} | {s.accuracy:.2%} | {change(s)} |" for s in agreement.steps),
        "",
        "## Buckets",
        "",
        "| bucket | label | keeps mL | sill mm | capacity mL |",
        "|---|---|---|---|---|",
        *(
            f"| {b.name} | {b.label} | {b.threshold_ml:.2f} | {b.outlet.sill_mm:.2f} | {b.capacity_ml:.1f} |"
            for b in design.buckets
        ),
        "",
        "## Pipes",
        "",
        "| pipe | from | to | share | area mm² |",
        "|---|---|---|---|---|",
        *(f"| {q.name} | {q.source} | {q.target} | {q.share:.3f} | {q.area_mm2:.2f} |" for q in design.pipes),
        "",
        "## Print",
        "",
        f"Made for {design.printer.name} ({' x '.join(f'{b:g}' for b in design.printer.bed_mm)} mm),"
        f" {design.printer.nozzle_mm:g} mm nozzle, {design.printer.layer_mm:g} mm layers, 4 perimeters, no support:"
        f" every overhang is {design.body.roof_deg:g} degrees or steeper. PETG keeps water better than PLA.",
        "",
        "Rebuild this folder with `scripts/make_designs`; write the meshes with"
        f" `porcelain fabricate designs/{design.name} -o parts`. File version {VERSION}.",
        "",
    ]
    return "\n".join(lines)
