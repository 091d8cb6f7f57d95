"""The chain of losses for people: text for a terminal, one page of HTML, and JSON."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..design import Design
from ..files import write_bytes
from ..units import MM3_PER_ML
from .agreement import Agreement, Promise, Step

WHAT = {
    "network": "trained equation",
    "as_network": "equation of the planned millimetres",
    "run": "water simulated in time",
    "mesh": "equation measured on the meshes",
}


def as_text(agreement: Agreement) -> str:
    """The chain and the promises as aligned lines."""
    lines = [f"{agreement.design} on {agreement.data}, {agreement.rows} rows", ""]
    lines.append(f"  {'step':<12}{'accuracy':>9}  {'largest change of a cup':<26}what")
    lines += [f"  {s.name:<12}{s.accuracy:>9.2%}  {change(s):<26}{WHAT[s.name]}" for s in agreement.steps]
    lines.append("")
    lines += [f"  {'ok' if p.holds else 'BROKEN':<8}{p.name:<46}{_value(p)}" for p in agreement.promises]
    return "\n".join(lines)


def change(step: Step) -> str:
    """How far a cup moved at this step; rounding noise is not told apart."""
    if step.name == "network":
        return "-"
    return f"{step.largest_ml:.2g} mL" if step.largest_ml >= NOISE_ML else f"< {NOISE_ML:g} mL"


def _value(promise: Promise) -> str:
    value = f"{promise.value:.1e}" if 0 < promise.value < 1e-3 else f"{promise.value:.3g}"
    return f"{value} (limit {promise.limit:.3g} {promise.unit})"


def write_report(
    folder: str | Path,
    agreement: Agreement,
    design: Design,
    parts_mm3: Mapping[str, float],
    figures: Mapping[str, Path],
) -> list[Path]:
    """Write report.json and report.html into a folder; figures (title: PNG or GIF) are kept inside the page."""
    folder = Path(folder)
    findings = [str(f) for f in design.findings]
    facts = {**agreement.to_dict(), "findings": findings, "provenance": dict(design.network.provenance)}
    facts["parts"] = {name: {"volume_cm3": round(mm3 / MM3_PER_ML, 2)} for name, mm3 in parts_mm3.items()}
    page = _page(agreement, design, parts_mm3, figures)
    files = {"report.json": (json.dumps(facts, indent=2) + "\n").encode(), "report.html": page.encode()}
    for name, data in files.items():
        write_bytes(folder / name, data)
    return [folder / name for name in files]


NOISE_ML = 1e-3

STYLE = """
:root{color-scheme:light dark;--line:#8885;--ink:light-dark(#1d2b36,#e8edf1);--paper:light-dark(#fbfaf7,#14191d);
--good:light-dark(#1b7a4b,#62cf97);--bad:light-dark(#b3261e,#ff8f86)}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:var(--ink);
background:var(--paper)}
h1{margin-bottom:.2rem}h2{margin-top:2.2rem}p.lead{margin-top:0;opacity:.8}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left}
td.n,th.n{text-align:right}.ok{color:var(--good);font-weight:600}.broken{color:var(--bad);font-weight:700}
figure{margin:1rem 0}img{max-width:100%;height:auto;background:#fff;border-radius:6px}
.wide{overflow-x:auto}@media print{body{margin:0;max-width:none}}
"""


def _page(agreement: Agreement, design: Design, parts_mm3: Mapping[str, float], figures: Mapping[str, Path]) -> str:
    title = f"{design.name}: a network of buckets and pipes"
    verdict = "every promise holds" if agreement.holds else "a promise is broken"
    widths = "-".join(str(n) for n in design.network.widths)
    body = [
        f"<h1>{html.escape(title)}</h1>",
        f'<p class="lead">{widths}, {len(design.pipes)} pipes, {design.ml_per_unit:g} mL per unit,'
        f" style {design.body.style}, printer {html.escape(design.printer.name)}: {verdict}.</p>",
        *(
            f"<figure>{_image(path, name)}<figcaption>{html.escape(name)}</figcaption></figure>"
            for name, path in figures.items()
        ),
        "<h2>The chain of losses</h2>",
        _table(
            ("step", "what", "accuracy", "largest change of a cup"),
            [(s.name, WHAT[s.name], f"{s.accuracy:.2%}", change(s)) for s in agreement.steps],
            numeric=(2, 3),
        ),
        "<h2>Promises</h2>",
        _table(
            ("", "promise", "measured"),
            [("ok" if p.holds else "broken", p.name, _value(p)) for p in agreement.promises],
        ),
        "<h2>Buckets and cups</h2>",
        _vessels(design),
        "<h2>Pipes</h2>",
        _pipes(design),
        "<h2>Parts</h2>",
        _table(
            ("part", "file", "plastic if solid"),
            [(name, f"{name}.stl", f"{mm3 / MM3_PER_ML:.1f} cm\u00b3") for name, mm3 in parts_mm3.items()],
            numeric=(2,),
        ),
    ]
    if design.findings:
        items = "".join(f"<li>{html.escape(str(f))}</li>" for f in design.findings)
        body += ["<h2>What the planner changed</h2>", f"<ul>{items}</ul>"]
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
    )
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{"".join(body)}</body></html>\n'
    )


def _vessels(design: Design) -> str:
    buckets = {bucket.name: bucket for bucket in design.buckets}
    rows = []
    for v in design.vessels:
        keeps = f"{buckets[v.name].threshold_ml:.2f}" if v.name in buckets else "all"
        sill = f"{buckets[v.name].outlet.sill_mm:.2f}" if v.name in buckets else "-"
        rows.append((v.name, v.label, keeps, sill, f"{v.rim_mm:.1f}", f"{v.capacity_ml:.1f}"))
    return _table(("name", "label", "keeps mL", "sill mm", "rim mm", "capacity mL"), rows, numeric=(2, 3, 4, 5))


def _pipes(design: Design) -> str:
    rows = [
        (p.name, p.source, p.target, f"{p.share:.3f}", f"{p.area_mm2:.1f}", f"{p.bore_mm:.2f}", f"{p.length_mm:.0f}")
        for p in design.pipes
    ]
    head = ("pipe", "from", "to", "share", "area mm\u00b2", "bore mm", "length mm")
    return _table(head, rows, numeric=(3, 4, 5, 6))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], numeric: tuple[int, ...] = ()) -> str:
    def cell(tag: str, i: int, text: str) -> str:
        kind = "n" if i in numeric else text if text in ("ok", "broken") else ""
        return f'<{tag} class="{kind}">{html.escape(text)}</{tag}>' if kind else f"<{tag}>{html.escape(text)}</{tag}>"

    top = "".join(cell("th", i, text) for i, text in enumerate(head))
    lines = ["<tr>" + "".join(cell("td", i, text) for i, text in enumerate(row)) + "</tr>" for row in rows]
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def _image(path: Path, alt: str) -> str:
    kind = path.suffix.lstrip(".").lower()
    data = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{html.escape(alt)}" src="data:image/{kind};base64,{data}">'
