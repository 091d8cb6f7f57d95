"""The chain of losses for people: text for a terminal, one page of HTML, and JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ..files import write_bytes
from ..machine.design import Design
from ..units import MM3_PER_ML
from .agreement import Agreement
from .html_report import WHAT, change, measured, sheet


def as_text(agreement: Agreement) -> str:
    """The chain and the promises as aligned lines."""
    lines = [f"{agreement.design} on {agreement.data}, {agreement.rows} rows", ""]
    lines.append(f"  {'step':<12}{'accuracy':>9}  {'largest change of a cup':<26}what")
    lines += [f"  {s.name:<12}{s.accuracy:>9.2%}  {change(s):<26}{WHAT[s.name]}" for s in agreement.steps]
    lines.append("")
    lines += [f"  {'ok' if p.holds else 'BROKEN':<8}{p.name:<46}{measured(p)}" for p in agreement.promises]
    return "\n".join(lines)


def write_report(
    folder: str | Path,
    agreement: Agreement,
    design: Design,
    parts_mm3: Mapping[str, float],
    chapters: Mapping[str, Mapping[str, Path]],
    links: Mapping[str, str] | None = None,
    sliced: str | None = None,
) -> list[Path]:
    """Write report.json and report.html into a folder.

    ``chapters`` (heading: {title: PNG or GIF}) are kept inside the page; the picture of the chapter without a heading
    opens it. ``links`` (title: file beside the report) lead to the page to play with, the guide and the files to
    print. ``sliced`` is what a slicer says of time and plastic, None where there is none.
    """
    folder = Path(folder)
    findings = [str(f) for f in design.findings]
    facts = {**agreement.to_dict(), "findings": findings, "provenance": dict(design.network.provenance)}
    facts["parts"] = {name: {"volume_cm3": round(mm3 / MM3_PER_ML, 2)} for name, mm3 in parts_mm3.items()}
    facts["sliced"] = sliced
    page = sheet(agreement, design, parts_mm3, chapters, links or {}, sliced)
    files = {"report.json": (json.dumps(facts, indent=2) + "\n").encode(), "report.html": page.encode()}
    for name, data in files.items():
        write_bytes(folder / name, data)
    return [folder / name for name in files]
