"""The HTML report of a machine: the criteria it meets, figures, and links to its files."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ..files import write_bytes
from ..machine.design import Design
from ..machine.vessel import Bucket
from ..markup import html_figure, html_page, html_table
from ..units import MM3_PER_ML
from .agreement import Agreement, Step
from .text_report import NOISE_ML, WHAT, measured

STYLE = """
:root{color-scheme:light dark;--paper:light-dark(#f6f3ec,#10161c);--card:light-dark(#fffdf9,#18212a);
--line:light-dark(#ddd6c8,#2c3843);--ink:light-dark(#1c2833,#e9eef2);--soft:light-dark(#54616d,#a7b4bf);
--main:light-dark(#0b5d99,#1d6fab);--link:light-dark(#0b5d99,#8ccdf2);--good:light-dark(#146c40,#62cf97);
--bad:light-dark(#b3261e,#ff9188);--serif:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,serif}
*{box-sizing:border-box}body{font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;margin:0;
color:var(--ink);background:var(--paper)}main{max-width:72rem;margin:0 auto;padding:2rem 1.2rem 3rem}
h1,h2{font-family:var(--serif);line-height:1.2;font-weight:600}h1{font-size:2.3rem;margin:0}
h2{font-size:1.35rem;margin:2.6rem 0 .8rem}.lead{color:var(--soft);margin:.4rem 0 1rem;font-size:1.08rem}
a{color:var(--link)}:focus-visible{outline:3px solid #d55e00;outline-offset:2px;border-radius:6px}
.hero{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,6fr);gap:2rem;align-items:center}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1rem 1.2rem}
.picture{background:#fff;border:1px solid var(--line);border-radius:14px;padding:.6rem;margin:0;color:#54616d}
.picture img,.picture svg{display:block;width:100%;height:auto;max-height:34rem;object-fit:contain}
figcaption{font-size:.86rem;text-align:center;padding-top:.4rem}
.verdict{display:inline-block;font-weight:650;padding:.15rem .8rem;border-radius:99px;border:2px solid currentColor}
.ok{color:var(--good);font-weight:650}.failed{color:var(--bad);font-weight:700}
.doors{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.2rem 0 0;padding:0;list-style:none}
.doors a{display:block;padding:.6rem 1.1rem;border-radius:10px;text-decoration:none;border:1px solid var(--line);
background:var(--card);font-weight:600}
.doors li:first-child a{background:var(--main);color:#fff;border-color:var(--main)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.7rem;margin:1.2rem 0}
.facts div{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.6rem .9rem}
.facts b{display:block;font:600 1.45rem/1.3 var(--serif)}.facts span{font-size:.85rem;color:var(--soft)}
.chain{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.7rem;list-style:none;padding:0;margin:0}
.chain li{position:relative;background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.8rem 1rem}
.chain b{display:block;font:600 1.5rem/1.3 var(--serif)}.chain span{display:block;font-size:.86rem;color:var(--soft)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(24rem,100%),1fr));gap:1rem;align-items:start}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.94rem}
th{color:var(--soft);font-weight:500;font-size:.85rem}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left}td.n,th.n{text-align:right}
.wide{overflow-x:auto}details{margin:.7rem 0}summary{cursor:pointer;font:600 1.1rem var(--serif);padding:.3rem 0}
pre{overflow-x:auto;font-size:.82rem;white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:760px){.hero{grid-template-columns:1fr}h1{font-size:1.8rem}.picture img{max-height:22rem}}
@media print{main{padding:0;max-width:none}.doors{display:none}.card,.chain li,figure{break-inside:avoid}}
"""


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

    Parameters
    ----------
    folder : where to write
    agreement : result of :func:`porcelain.check.report`
    design : machine
    parts_mm3 : volume of plastic of each part by its name
    chapters : headings with pictures, {heading: {caption: PNG or GIF}}, kept inside the page. The picture of
        the chapter without a heading opens it.
    links : {title: file beside the report}, as to the page to play with and the files to print
    sliced : what a slicer says of time and plastic, None where there is none

    Returns
    -------
    list of paths
        The files written.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain import files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> found = Agreement("iris-mini", "iris", 150, (Step("network", 0.98, 0.0),), ())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_report(folder, found, design, {"body": 1000.0}, {})]
    ['report.json', 'report.html']
    """
    folder = Path(folder)
    findings = [str(f) for f in design.findings]
    facts = {**agreement.to_dict(), "findings": findings, "provenance": dict(design.network.provenance)}
    facts["parts"] = {name: {"volume_cm3": round(mm3 / MM3_PER_ML, 2)} for name, mm3 in parts_mm3.items()}
    facts["sliced"] = sliced
    page = report_html(agreement, design, parts_mm3, chapters, links or {}, sliced)
    files = {"report.json": (json.dumps(facts, indent=2) + "\n").encode(), "report.html": page.encode()}
    for name, data in files.items():
        write_bytes(folder / name, data)
    return [folder / name for name in files]


def report_html(
    agreement: Agreement,
    design: Design,
    parts_mm3: Mapping[str, float],
    chapters: Mapping[str, Mapping[str, Path]],
    links: Mapping[str, str],
    sliced: str | None = None,
) -> str:
    """The report as one page that needs no file beside it.

    Parameters
    ----------
    agreement, design, parts_mm3, chapters, links, sliced : as for :func:`write_report`

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> from porcelain import files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> found = Agreement("iris-mini", "iris", 150, (Step("network", 0.98, 0.0),), ())
    >>> "The iris-mini machine" in report_html(found, design, {"body": 1000.0}, {}, {})
    True
    """
    title = f"The {design.name} machine"
    opening = "".join(_figure(*figure) for figure in chapters.get("", {}).items())
    hero = opening or f'<figure class="picture">{design.to_svg()}</figure>'
    body = [
        f'<div class="hero">{hero}<div>{_opening(title, agreement, design, parts_mm3, sliced)}'
        f"{_doors(links)}</div></div>",
        "<h2>From data to plastic, and what is lost on the way</h2>",
        _chain(agreement),
        *(_chapter(heading, figures) for heading, figures in chapters.items() if heading),
        f'<h2>Criteria</h2><div class="card">{_criteria(agreement)}</div>',
        _findings(design),
        "<h2>Every number</h2>",
        _details("Buckets and cups", _vessels(design)),
        _details("Pipes", _pipes(design)),
        _details("Parts", _parts(parts_mm3)),
        _details("Where the numbers come from", f"<pre>{html.escape(_provenance(design))}</pre>"),
    ]
    return html_page(title, STYLE, ["<main>", *body, "</main>"])


def _opening(
    title: str, agreement: Agreement, design: Design, parts_mm3: Mapping[str, float], sliced: str | None
) -> str:
    widths = "-".join(str(n) for n in design.network.widths)
    holds = "every criterion is met" if agreement.holds else "a criterion is not met"
    boxes = np.array(list(design.layout.part_boxes_mm(design).values())).reshape(-1, 3)
    size = " × ".join(f"{side:.0f}" for side in np.ptp(boxes, axis=0))
    facts = [
        (f"{agreement.steps[-1].accuracy:.1%}", f"of {agreement.rows} rows end in the right cup"),
        *_held_out(design),
        (widths, f"buckets a row, {len(design.pipes)} pipes"),
        (f"{size}", "mm, width, depth, height"),
        (f"{sum(parts_mm3.values()) / MM3_PER_ML:.0f} cm³", f"of plastic if solid; parts: {len(parts_mm3)}"),
        *([printed(sliced)] if sliced else []),
    ]
    cards = "".join(f"<div><b>{html.escape(value)}</b><span>{html.escape(what)}</span></div>" for value, what in facts)
    return (
        f'<h1>{html.escape(title)}</h1><p class="lead">A neural network of buckets and pipes, style'
        f" {design.layout.style}, {design.ml_per_unit:g} mL per unit,"
        f" planned for {html.escape(design.printer.name)}.</p>"
        f'<p class="verdict {"ok" if agreement.holds else "failed"}">{holds}</p><div class="facts">{cards}</div>'
    )


def printed(sliced: str) -> tuple[str, str]:
    """Split a slicer's line into a figure and words.

    Parameters
    ----------
    sliced : "slicer: time, grams, support"

    Returns
    -------
    pair of str
        Time, and what else the slicer says of the print.

    Examples
    --------
    >>> printed("PrusaSlicer 2.9: 9 h 39 min, 111 g, no support")
    ('9 h 39 min', 'to print, 111 g, no support (PrusaSlicer 2.9)')
    """
    by, told = sliced.split(": ", 1)
    hours, rest = told.split(", ", 1)
    return hours, f"to print, {rest} ({by})"


def _held_out(design: Design) -> list[tuple[str, str]]:
    """What the network scores on rows it did not learn from, where that was measured."""
    found = design.network.provenance.get("cross_validation")
    error = found.get("error") if isinstance(found, Mapping) else None
    return [(f"{1 - error:.1%}", "of rows never seen, by cross-validation")] if isinstance(error, float) else []


def _doors(links: Mapping[str, str]) -> str:
    items = "".join(f'<li><a href="{html.escape(to)}">{html.escape(title)}</a></li>' for title, to in links.items())
    return f'<ul class="doors">{items}</ul>' if items else ""


def _chapter(heading: str, figures: Mapping[str, Path]) -> str:
    return f'<h2>{html.escape(heading)}</h2><div class="pair">{"".join(_figure(*one) for one in figures.items())}</div>'


def _chain(agreement: Agreement) -> str:
    def item(step: Step) -> str:
        least = step.largest_ml < NOISE_ML
        moved = f"less than {NOISE_ML:g} mL" if least else f"{step.largest_ml:.2g} mL at most"
        moved = "where it starts" if step.name == "network" else f"the cups move by {moved}"
        what = f"<span>{WHAT[step.name]}</span><b>{step.accuracy:.2%}</b><span>{html.escape(moved)}</span>"
        return f"<li><code>{step.name}</code>{what}</li>"

    return f'<ol class="chain">{"".join(item(step) for step in agreement.steps)}</ol>'


def _criteria(agreement: Agreement) -> str:
    rows = [("ok" if p.holds else "failed", p.name, measured(p)) for p in agreement.criteria]
    return _table(("", "criterion", "measured"), rows)


def _findings(design: Design) -> str:
    items = "".join(f"<li>{html.escape(str(finding))}</li>" for finding in design.findings)
    return f'<h2>What the planner changed</h2><div class="card"><ul>{items}</ul></div>' if items else ""


def _details(title: str, content: str) -> str:
    return f'<details class="card"><summary>{title}</summary>{content}</details>'


def _provenance(design: Design) -> str:
    return json.dumps(dict(design.network.provenance), indent=2, ensure_ascii=False)


def _vessels(design: Design) -> str:
    rows = []
    for v in design.vessels:
        keeps, sill = (f"{v.threshold_ml:.2f}", f"{v.outlet.sill_mm:.2f}") if isinstance(v, Bucket) else ("all", "-")
        rows.append((v.name, v.label, keeps, sill, f"{v.rim_mm:.1f}", f"{v.capacity_ml:.1f}"))
    return _table(("name", "label", "keeps mL", "sill mm", "rim mm", "capacity mL"), rows, numeric=(2, 3, 4, 5))


def _pipes(design: Design) -> str:
    rows = [
        (p.name, p.source, p.target, f"{p.share:.3f}", f"{p.area_mm2:.1f}", f"{p.bore_mm:.2f}", f"{p.length_mm:.0f}")
        for p in design.pipes
    ]
    head = ("pipe", "from", "to", "share", "area mm²", "bore mm", "length mm")
    return _table(head, rows, numeric=(3, 4, 5, 6))


def _parts(parts_mm3: Mapping[str, float]) -> str:
    rows = [(name, f"{name}.stl", f"{mm3 / MM3_PER_ML:.1f} cm³") for name, mm3 in parts_mm3.items()]
    return _table(("part", "file", "plastic if solid"), rows, numeric=(2,))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], numeric: tuple[int, ...] = ()) -> str:
    """A table of plain text."""
    cells = [[html.escape(text) for text in row] for row in rows]
    return html_table(head, cells, numeric, {"ok": "ok", "failed": "failed"})


def _figure(title: str, path: Path) -> str:
    return html_figure(title, path.read_bytes(), path.suffix.lstrip(".").lower(), "picture")
