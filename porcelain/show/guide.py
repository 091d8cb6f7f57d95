"""The assembly guide: one HTML page to print out, from the exploded picture to the ten rows to pour first."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..body import Terrace
from ..data import Dataset
from ..design import Design
from ..part import Part
from ..units import MM3_PER_ML
from ..vessel import Bucket

FIRST_ROWS = 10
CLEAR_ML = 1.0  # a winner by less is not one to start with

STYLE = """
:root{color-scheme:light dark;--line:#9996;--ink:light-dark(#1d2b36,#e8edf1);--paper:light-dark(#fff,#14191d);
--water:light-dark(#2f7fc4,#6db3ec);--soft:light-dark(#f2f5f7,#1d252b)}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;max-width:54rem;margin:2rem auto;padding:0 1.2rem;color:var(--ink);
background:var(--paper)}
h1{font-size:2rem;line-height:1.15;margin:0 0 .3rem}h2{margin:2.4rem 0 .6rem;padding-top:.5rem;
border-top:2px solid var(--ink)}h2 b{color:var(--water);margin-right:.5rem}
.lead{font-size:1.1rem;margin:.2rem 0 1rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;margin:.6rem 0}
th,td{padding:.3rem .55rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;border-bottom-width:2px}td.n,th.n{text-align:right}td.win{font-weight:700;color:var(--water)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem;align-items:end}
figure{margin:.8rem 0;text-align:center}img{max-width:100%;max-height:30rem;background:#fff;border-radius:6px}
figcaption{font-size:.9rem;opacity:.8}ol li,ul li{margin:.35rem 0}
.note{background:var(--soft);border-left:4px solid var(--water);padding:.6rem .9rem;margin:1rem 0}
.wide{overflow-x:auto}.swatch{display:inline-block;width:.9em;height:.9em;border-radius:50%;
border:1px solid var(--line);vertical-align:-.1em;margin-right:.4em}
.box{display:inline-block;width:1em;height:1em;border:1.5px solid var(--ink);border-radius:2px;vertical-align:-.15em}
@media (max-width:36rem){.pair{grid-template-columns:1fr}}
@media print{@page{size:A4;margin:16mm}:root{color-scheme:light}body{margin:0;padding:0;max-width:none;font-size:10.5pt}
h2{break-after:avoid}h2,figure,table,.note,li{break-inside:avoid}img{max-height:95mm}.pour{break-before:page}
a{color:inherit;text-decoration:none}}
"""


@dataclass(frozen=True)
class Sample:
    """A row to pour: its number in the data, volumes to pour (n_in,) mL, cups expected (n_out,) mL, and its class."""

    row: int
    pour_ml: Floats
    cups_ml: Floats
    label: str


def first_rows(design: Design, dataset: Dataset, count: int = FIRST_ROWS) -> list[Sample]:
    """Rows to try first: every class in turn, each won by a clear margin and classified rightly, clearest first."""
    volumes = design.volumes_ml(dataset.features)
    cups = design.as_network()(volumes / design.ml_per_unit) * design.ml_per_unit
    ranked = np.sort(cups, axis=1)
    margin = np.where(cups.argmax(axis=1) == dataset.labels, ranked[:, -1] - ranked[:, -2], -np.inf)
    queues = [_spread(np.flatnonzero((dataset.labels == c) & (margin > CLEAR_ML)), margin) for c in _classes(dataset)]
    chosen: list[int] = []
    while len(chosen) < count and any(queues):
        for queue in queues:
            if queue and len(chosen) < count:
                chosen.append(queue.pop(0))
    return [Sample(row, volumes[row], cups[row], dataset.class_names[dataset.labels[row]]) for row in chosen]


def _classes(dataset: Dataset) -> range:
    return range(len(dataset.class_names))


def _spread(rows: Ints, margin: Floats) -> list[int]:
    """Rows from the clearest to the closest in even steps: easy ones first, then ones that are worth watching."""
    ordered = rows[np.argsort(-margin[rows], kind="stable")]
    if not len(ordered):
        return []
    return ordered[np.linspace(0, len(ordered) - 1, min(FIRST_ROWS, len(ordered))).astype(int)].tolist()


def guide_html(
    design: Design,
    parts: Sequence[Part],
    plates: Sequence[Sequence[str]],
    dataset: Dataset | None,
    pictures: Mapping[str, bytes],
    prints: Mapping[str, tuple[float, float]] | None = None,
) -> bytes:
    """The guide. ``plates`` name the parts on each plate; ``pictures`` are PNGs by caption, at most two.

    ``prints`` has hours and grams per part where a slicer has measured them.
    """
    title = f"{design.name}: assembly guide"
    body = [
        f"<h1>{html.escape(design.name)}</h1>",
        f'<p class="lead">{_lead(design, dataset)}</p>',
        f'<div class="pair">{"".join(_picture(name, png) for name, png in pictures.items())}</div>',
        _section(1, "Print", _print(design, parts, plates, prints or {})),
        _section(2, "Put together", _assemble(design, parts)),
        _section(3, "Level and prime", _level(design)),
        _section(4, "Pour", _pour(design, dataset), "pour"),
        _section(5, "Read the answer", _read(design)),
        _section(6, "When it is wrong", _wrong(design)),
    ]
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
    )
    page = (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{"".join(body)}</body></html>\n'
    )
    return page.encode()


def _section(number: int, title: str, content: str, kind: str = "") -> str:
    return f'<section class="{kind}"><h2><b>{number}</b>{title}</h2>{content}</section>'


def _picture(name: str, png: bytes) -> str:
    data = base64.b64encode(png).decode()
    caption = html.escape(name)
    return (
        f'<figure><img alt="{caption}" src="data:image/png;base64,{data}"><figcaption>{caption}</figcaption></figure>'
    )


def _lead(design: Design, dataset: Dataset | None) -> str:
    buckets, cups = len(design.buckets), len(design.cups)
    what = f"{buckets} buckets, {len(design.pipes)} ways between them and {cups} cups"
    if dataset is None:
        return f"{what}. Pour water in at the top; the fullest cup is the answer."
    names = ", ".join(html.escape(name) for name in design.network.class_names)
    right = np.mean(design.as_network().predict(dataset.features) == dataset.labels)
    poured = WATER.get(design.water.name, html.escape(design.water.name))
    return (
        f"{what}. Measure something, pour that much water in at the top, and the fullest cup names it: {names}."
        f" With {poured} these millimetres get {right:.0%} of {len(dataset)} rows of"
        f" {html.escape(dataset.name)} right."
    )


WATER = {"rinse_aid": "water with rinse aid", "tap": "tap water", "ideal": "ideal water"}
NOTES = {
    "ideal": "Tap water clings: two drops of dishwasher rinse aid in a litre make it run like ideal water.",
    "rinse_aid": "It is made for <b>water with rinse aid</b>: two drops of dishwasher rinse aid in a litre. Plain tap"
    " water clings, stands higher on every sill and answers worse.",
    "tap": "It is made for <b>plain tap water</b>, which clings: its sills stand lower by what stays on them. With"
    " rinse aid its buckets would keep too little.",
}


# ---- sections ---------------------------------------------------------------------------------------------------


def _print(
    design: Design,
    parts: Sequence[Part],
    plates: Sequence[Sequence[str]],
    prints: Mapping[str, tuple[float, float]],
) -> str:
    plate_of = {name: str(n) for n, plate in enumerate(plates, 1) for name in plate}
    rows = []
    for part in parts:
        size = "\u00a0×\u00a0".join(f"{s:.0f}" for s in part.size_mm)
        hours, grams = prints.get(part.name, (np.nan, np.nan))
        sliced = (f"{hours:.1f} h", f"{grams:.0f} g") if part.name in prints else ("", "")
        plastic = f"{part.volume_mm3 / MM3_PER_ML:.0f} cm³"
        swatch = f'<span class="swatch" style="background:{part.colour}"></span>{html.escape(part.name)}'
        rows.append((swatch, str(part.count), f"{size}\u00a0mm", plate_of.get(part.name, "-"), plastic, *sliced))
    head = ["part", "how many", "size", "plate", "if solid", "time", "weight"]
    columns = 7 if prints else 5
    table = _table(head[:columns], [row[:columns] for row in rows], {1, 3, 4, 5, 6}, plain=True)
    p = design.printer
    total = ""
    if prints:
        hours = sum(prints[q.name][0] * q.count for q in parts if q.name in prints)
        grams = sum(prints[q.name][1] * q.count for q in parts if q.name in prints)
        total = f"<p>Together {hours:.1f} h and {grams:.0f} g at PrusaSlicer's default speeds.</p>"
    files = "plate-1.3mf" if len(plates) == 1 else f"plate-1.3mf to plate-{len(plates)}.3mf"
    return (
        f"{table}{total}<ul><li>Open {files}: places and settings are inside. Or slice the STL files as they"
        f" stand.</li>"
        f"<li>{p.nozzle_mm:g} mm nozzle, {p.layer_mm:g} mm layers, <b>4 perimeters</b>, 15 % infill, no support,"
        f" a brim if your bed is not clean. Made for {html.escape(p.name)}.</li>"
        "<li>PETG holds water better than PLA. Print slowly and a little hot: leaks come from walls, not from"
        " infill.</li>"
        "<li>Pull every string out of the ways that water takes. Fill every vessel once and look for drops"
        " below.</li></ul>"
    )


def _assemble(design: Design, parts: Sequence[Part]) -> str:
    body = design.body
    screws = ""
    if isinstance(body, Terrace) and body.ear_mm[0]:
        screws = (
            "<p>Turn an M4 screw, 16 mm or longer, into each of the three ears from above: it cuts its own thread, and"
            " its tip is a foot to level by.</p>"
        )
    if len(parts) == 1:
        return f"<p>It is one piece. Put it on a tray, the cups towards you.</p>{screws}"
    names = {cup.name: cup.label for cup in design.cups}
    stair = design.body.style == "terrace"
    order = sorted(parts, key=lambda q: (q.assembled_mm[:, 2].min().round(1), stair and q.name.startswith("s"), q.name))
    steps = []
    for part in order:
        name = f"<b>{html.escape(part.name)}</b>"
        if part.name in names:
            steps.append(f"Stand {name} on its seat: it is the cup for <i>{html.escape(names[part.name])}</i>.")
        elif part is order[0]:
            steps.append(f"Lay {name} on a tray.")
        elif stair and part.name.startswith("s"):
            steps.append(f"Let {name} down behind it, its two dovetails into the slots: it carries the rest.")
        elif stair:
            steps.append(
                f"Let {name} down on the end walls behind: two tongues go into its sockets, and its arches stand"
                " astride the walls of the row below and touch none of them. Their edges drip into that row."
            )
        else:
            above = (
                f"its {len(part.channels)} pipes end above the mouths below" if part.channels else "it carries the rest"
            )
            steps.append(f"Set {name} on top, down to its shoulder; {above}.")
    return "<ol>" + "".join(f"<li>{step}</li>" for step in steps) + f"</ol>{screws}"


def _level(design: Design) -> str:
    rim = " Its outlets let the last millimetres stand; how many depends on the water." if _wets(design) else ""
    parted = isinstance(design.body, Terrace) and design.body.joints
    it = "one storey after another, from the top down," if parted else "the machine"
    return (
        "<ol><li>Put a spirit level on the top rim, along and across; turn the screws or push paper under the"
        " feet until"
        " both bubbles stand. Half a degree moves a split by about two parts in a hundred.</li>"
        "<li><b>Prime it once:</b> pour water into every input until all cups have got some, wait until nothing"
        " drips, and"
        f" empty the cups. Now every bucket is full to its sill: wet walls and corners are no longer"
        f" missing.{rim}</li>"
        "<li>A primed bucket is a level of its own: water must reach the whole sill at the same time.</li>"
        f"<li>Tip {it} over the sink to empty it; it is then empty and wet, which is how every"
        " pour begins.</li></ol>"
        f'<p class="note">{NOTES.get(design.water.name, NOTES["ideal"])}</p>'
    )


def _wets(design: Design) -> bool:
    return design.water.surface_tension_n_m > 0


def _pour(design: Design, dataset: Dataset | None) -> str:
    scale = design.ml_per_unit
    encoding = design.network.encoding
    rules = []
    units = encoding.feature_units
    for n, bucket in enumerate(design.tiers[0]):
        if n < len(units):
            zero = f" above {encoding.zero[n]:g} {html.escape(units[n])}" if encoding.zero[n] else ""
            rule = f"{encoding.gain[n] * scale:.3g} mL for every {html.escape(units[n]) or 'unit'}{zero}"
        elif encoding.kind == "constant":
            rule = f"always {encoding.constant_u * scale:.4g} mL"
        else:
            rule = f"fill up: what {html.escape(design.tiers[0][n - len(units)].label)} leaves of its whole range"
        rules.append((bucket.name, html.escape(bucket.label), rule))
    how = _table(("bucket", "input", "how much"), rules, set(), plain=True)
    steps = (
        f"<p>All inputs at the same time or one after another, no faster than {design.pour_ml_s:g} mL/s each: a"
        f" kitchen"
        " syringe or a small measuring cup. The order does not change the answer. Start empty, wait until nothing"
        " runs.</p>"
    )
    samples = first_rows(design, dataset) if dataset is not None else []
    if not samples:
        return how + steps
    head = ["", "row", *(b.label for b in design.tiers[0]), *design.network.class_names, "it is"]
    rows = []
    for sample in samples:
        best = int(sample.cups_ml.argmax())
        cups = [f"{'*' if j == best else ''}{v:.1f}" for j, v in enumerate(sample.cups_ml)]
        rows.append(("[]", str(sample.row), *(f"{v:.1f}" for v in sample.pour_ml), *cups, sample.label))
    numeric = set(range(1, len(head) - 1))
    name = html.escape(dataset.name) if dataset is not None else ""
    return (
        f"{how}{steps}<h3>{len(samples)} to try first</h3>"
        f"<p>Rows of {name}, the clear ones first. Pour the middle columns (mL); the cups to expect are on the"
        f" right (mL).</p>" + _table(head, rows, numeric)
    )


def _read(design: Design) -> str:
    names = [f"<b>{html.escape(cup.name)}</b> is <i>{html.escape(cup.label)}</i>" for cup in design.cups]
    kept = [
        (b.name, html.escape(b.label), f"{b.threshold_ml:.1f}", ", ".join(_ways(design, b))) for b in design.buckets
    ]
    return (
        f"<p>The cup with the most <b>millilitres</b> is the answer: {', '.join(names)}. Read the scale and not"
        f" the height"
        " where cups differ in width. Cups that differ by less than half a millilitre are a tie.</p>"
        "<p>What a bucket keeps is its threshold; only what is poured above it goes on, in fixed shares:</p>"
        + _table(("bucket", "what it is", "keeps mL", "passes the rest on to"), kept, {2}, plain=True)
    )


def _ways(design: Design, bucket: Bucket) -> list[str]:
    return [f"{pipe.target} {pipe.share:.0%}" for pipe in design.branches(bucket.name)]


def _wrong(design: Design) -> str:
    return (
        "<ul><li><b>All cups too low, by the same share:</b> it was not primed, or walls leak.</li>"
        "<li><b>One cup too low, its neighbour too high:</b> it leans, or a string of plastic stands in a way.</li>"
        "<li><b>Drops stay on a sill:</b> the water clings; use rinse aid, or prime again.</li>"
        "<li><b>It spills:</b> pour more slowly; every mouth has room for "
        f"{design.pour_ml_s:g} mL/s.</li><li><b>It leaks through walls:</b> print hotter or with more flow, or"
        f" seal the"
        " inside with thin varnish. This is a toy: do not drink from it.</li></ul>"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numeric: set[int], plain: bool = False) -> str:
    """A table; ``plain`` cells are HTML already. "*" before a number marks the winner, "[]" is a box to tick."""

    def cell(tag: str, column: int, text: str) -> str:
        kind = "n" if column in numeric else ""
        kind += " win" if text.startswith("*") else ""
        shown = '<span class="box"></span>' if text == "[]" else text.lstrip("*")
        shown = shown if plain or text == "[]" else html.escape(shown)
        return f'<{tag} class="{kind.strip()}">{shown}</{tag}>' if kind else f"<{tag}>{shown}</{tag}>"

    top = "".join(cell("th", n, html.escape(text) if plain else text) for n, text in enumerate(head))
    lines = ["<tr>" + "".join(cell("td", n, text) for n, text in enumerate(row)) + "</tr>" for row in rows]
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
