"""Assembly guide: one HTML page to print on paper, from printing to the first ten rows to pour."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..data import Dataset
from ..encoding import COMPLEMENTED
from ..hydraulics.outlets import kind_of
from ..machine.assembly import Part
from ..machine.design import Design
from ..machine.vessel import Bucket
from ..markup import html_table
from ..styles import style_of
from ..units import MM3_PER_ML
from .floor_plan import floor_plan_html
from .html import counted, document, duration, pictures, section, steps

FIRST_ROWS = 10
CLEAR_ML = 1.0  # a winner by less is not one to start with

Prints = Mapping[str, tuple[float, float]]
"""Hours and grams per part where a slicer has measured them."""


@dataclass(frozen=True)
class Sample:
    """A row to pour first.

    Attributes
    ----------
    row : int
        Number of the row in the data.
    pour_ml : ndarray, shape (n_in,)
        Volumes to pour, mL.
    cups_ml : ndarray, shape (n_out,)
        Volumes that are expected in the cups, mL.
    label : str
        Class of the row.

    Examples
    --------
    >>> Sample(3, np.array([5.0]), np.array([2.0, 3.0]), "setosa").label
    'setosa'
    """

    row: int
    pour_ml: Floats
    cups_ml: Floats
    label: str


def first_rows(design: Design, dataset: Dataset, count: int = FIRST_ROWS) -> list[Sample]:
    """Choose rows to pour first: each class in turn, classified rightly with a clear lead, clearest first.

    Parameters
    ----------
    design : Design
        The machine.
    dataset : Dataset
        The rows.
    count : int
        How many rows.

    Returns
    -------
    list of Sample
        The rows.

    Examples
    --------
    >>> from porcelain import files, load
    >>> [row.label for row in first_rows(files.load("designs/iris", "design"), load("iris"), 3)]
    ['setosa', 'versicolor', 'virginica']
    """
    volumes = design.volumes_ml(design.network.encoding.clipped(dataset.features))
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
    """Rows in even steps from the largest lead to the smallest."""
    ordered = rows[np.argsort(-margin[rows], kind="stable")]
    if not len(ordered):
        return []
    return ordered[np.linspace(0, len(ordered) - 1, min(FIRST_ROWS, len(ordered))).astype(int)].tolist()


def guide_html(
    design: Design,
    parts: Sequence[Part],
    plates: Sequence[Sequence[str]],
    dataset: Dataset | None,
    pngs: Mapping[str, bytes],
    prints: Prints | None = None,
) -> bytes:
    """Write the assembly guide of a machine.

    Parameters
    ----------
    design : Design
        The machine.
    parts : sequence of Part
        Its printable parts.
    plates : sequence of sequence of str
        Names of the parts on each plate.
    dataset : Dataset or None
        Where the first rows to pour come from.
    pngs : mapping of str to bytes
        At most two pictures by caption.
    prints : mapping, optional
        Hours and grams of each part where a slicer has measured them.

    Returns
    -------
    bytes
        An HTML page.

    Examples
    --------
    >>> from porcelain import files
    >>> design = files.load("designs/iris", "design")
    >>> b"Level and prime" in guide_html(design, [], [["t0"]], None, {})
    True
    """
    colours = {part.name: part.colour for part in parts if len(parts) > 1}
    return document(
        f"{design.name}: assembly guide",
        [
            f"<h1>{html.escape(design.name)}</h1>",
            f'<p class="lead">{_lead(design, dataset)}</p>',
            pictures(pngs),
            section(1, "Print", how_to_print(design, parts, plates, prints or {}) + _trial(design)),
            section(2, "Put together", _assemble(design, parts) + floor_plan_html(design, colours)),
            section(3, "Level and prime", _level(design)),
            section(4, "Pour", _pour(design, dataset)),
            section(5, "Read the answer", _read(design)),
            section(6, "When it is wrong", _wrong(design)),
        ],
    )


def _lead(design: Design, dataset: Dataset | None) -> str:
    buckets, ways, cups = len(design.buckets), len(design.pipes), len(design.cups)
    what = f"{counted(buckets, 'bucket')}, {counted(ways, 'way')} between them and {counted(cups, 'cup')}"
    if dataset is None:
        return f"{what}. Pour water in at the top; the fullest cup is the answer."
    names = ", ".join(html.escape(name) for name in design.network.class_names)
    right = np.mean(design.as_network().predict(design.network.encoding.clipped(dataset.features)) == dataset.labels)
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


def how_to_print(design: Design, parts: Sequence[Part], plates: Sequence[Sequence[str]], prints: Prints) -> str:
    """Write the section on printing: parts, plates and settings.

    Parameters
    ----------
    design : Design
        The machine.
    parts : sequence of Part
        Its printable parts.
    plates : sequence of sequence of str
        Names of the parts on each plate.
    prints : mapping
        Hours and grams of each part where a slicer has measured them.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> from porcelain import files
    >>> "0.4 mm nozzle" in how_to_print(files.load("designs/iris", "design"), [], [["t0"]], {})
    True
    """
    plate_of = {name: str(n) for n, plate in enumerate(plates, 1) for name in plate}
    rows = []
    for part in parts:
        size = "\u00a0×\u00a0".join(f"{s:.0f}" for s in part.size_mm)
        hours, grams = prints.get(part.name, (np.nan, np.nan))
        sliced = (duration(hours), f"{grams:.0f} g") if part.name in prints else ("", "")
        plastic = f"{part.volume_mm3 / MM3_PER_ML:.0f} cm³"
        swatch = f'<span class="swatch" style="background:{part.colour}"></span>{html.escape(part.name)}'
        rows.append((swatch, str(part.count), f"{size}\u00a0mm", plate_of.get(part.name, "-"), plastic, *sliced))
    head = ["part", "how many", "size", "plate", "if solid", "time", "weight"]
    columns = 7 if prints else 5
    listed = html_table(head[:columns], [row[:columns] for row in rows], {1, 3, 4, 5, 6})
    p = design.printer
    total = ""
    if prints:
        hours = sum(prints[q.name][0] * q.count for q in parts if q.name in prints)
        grams = sum(prints[q.name][1] * q.count for q in parts if q.name in prints)
        total = f"<p>Together {duration(hours)} and {grams:.0f} g at PrusaSlicer's default speeds.</p>"
    files = "plate-1.3mf" if len(plates) == 1 else f"plate-1.3mf to plate-{len(plates)}.3mf"
    told = (
        f"Open {files}: positions, settings and temperatures for PLA are inside. Or slice the STL files as they stand.",
        f"{p.nozzle_mm:g} mm nozzle, {p.layer_mm:g} mm layers, <b>4 perimeters</b>, 15 % infill, no support,"
        f" a brim if your bed is not clean. Made for {html.escape(p.name)}.",
        "PETG holds water better than PLA. Print slowly and a little hot: leaks come from walls, not from infill.",
        "Remove all strings of plastic from the channels. Fill every vessel once and look for drops below.",
    )
    return f"{listed}{total}{steps(told, ordered=False)}"


def _trial(design: Design) -> str:
    style = style_of(design).calibration_flags
    return (
        f'<p class="note">A new printer, plastic or water? Print the calibration piece first:'
        f" <code>porcelain plan --trial{style} -o trial.json</code>, then <code>porcelain fabricate trial.json -o"
        " trial</code>; <code>porcelain guide trial.json</code> tells how to pour and weigh it, and how to"
        " plan this machine again with the result.</p>"
    )


def _assemble(design: Design, parts: Sequence[Part]) -> str:
    shape = style_of(design)
    screws = shape.levelling(design) or ""
    if len(parts) == 1:
        return f"<p>It is one piece. Put it on a tray, the cups towards you.</p>{screws}"
    return steps(shape.assembly_steps(design, parts)) + screws


def _level(design: Design) -> str:
    rim = " Its outlets let the last millimetres stand; how many depends on the water." if _wets(design) else ""
    it = style_of(design).emptied(design)
    turned = "turn the screws" if style_of(design).levelling(design) else "push paper under it"
    told = (
        f"Put a spirit level on the top rim, along and across; {turned} until the rim is level. Half a degree moves a"
        " split by about two parts in a hundred.",
        "<b>Prime it once:</b> pour water into every input until all cups have got some, wait until nothing drips, and"
        f" empty the cups. Now every bucket is full to its sill, and walls and corners are wet.{rim}",
        "A primed bucket shows whether it is level: water must reach the whole sill at the same time.",
        f"Tip {it} over the sink to empty it. Every pour begins with an empty, wet machine.",
    )
    return f'{steps(told)}<p class="note">{NOTES.get(design.water.name, NOTES["ideal"])}</p>'


def _wets(design: Design) -> bool:
    return design.water.surface_tension_n_m > 0


def _pour(design: Design, dataset: Dataset | None) -> str:
    scale = design.ml_per_unit
    encoding = design.network.encoding
    rules = []
    units = encoding.feature_units
    direct = len(design.tiers[0]) // 2 if encoding.kind in COMPLEMENTED else len(units)
    for n, bucket in enumerate(design.tiers[0]):
        if n < direct:
            f = n % len(units)
            zero = f" above {encoding.zero[f]:g} {html.escape(units[f])}" if encoding.zero[f] else ""
            rule = f"{encoding.gain[f] * scale:.3g} mL for every {html.escape(units[f]) or 'unit'}{zero}"
        elif encoding.kind == "constant":
            rule = f"always {encoding.constant_u * scale:.4g} mL"
        else:
            rule = f"fill up: what {html.escape(design.tiers[0][n - direct].label)} leaves of its whole range"
        rules.append((bucket.name, html.escape(bucket.label), rule))
    how = html_table(("bucket", "input", "how much"), rules)
    told = (
        f"<p>Start with an empty, primed machine. Pour no faster than {design.pour_ml_s:g} mL/s into each input, with a"
        f" kitchen syringe or a small measuring cup. {kind_of(design.buckets[0]).order_advice} Wait until"
        " nothing runs.</p>"
    )
    samples = first_rows(design, dataset) if dataset is not None else []
    if not samples or dataset is None:
        return how + told
    return (
        f"{how}{told}<h3>{len(samples)} to try first</h3>"
        f"<p>Rows of {html.escape(dataset.name)}, one a column, the clear ones first: what to pour, and what to find in"
        f" the cups. The fullest cup is bold.</p>{_first(design, samples)}"
    )


def _first(design: Design, samples: Sequence[Sample]) -> str:
    """A table with a column for each row to try, so that machines with many inputs fit the paper."""

    def line(name: str, cells: Sequence[str], wins: Sequence[bool] | None = None) -> str:
        kinds = ["n win" if win else "n" for win in wins or [False] * len(cells)]
        every = "".join(f'<td class="{kind}">{cell}</td>' for kind, cell in zip(kinds, cells, strict=True))
        return f'<tr><th scope="row">{name}</th>{every}</tr>'

    def group(name: str) -> str:
        return f'<tr class="group"><th scope="row" colspan="{len(samples) + 1}">{name}</th></tr>'

    numbers = "".join(f'<th class="n">{sample.row}</th>' for sample in samples)
    pours = [
        line(html.escape(bucket.label), [f"{sample.pour_ml[n]:.1f}" for sample in samples])
        for n, bucket in enumerate(design.tiers[0])
    ]
    cups = [
        line(
            html.escape(cup.label),
            [f"{sample.cups_ml[j]:.1f}" for sample in samples],
            [int(sample.cups_ml.argmax()) == j for sample in samples],
        )
        for j, cup in enumerate(design.cups)
    ]
    ticks = line("came true", ['<span class="box"></span>'] * len(samples))
    return (
        f'<div class="wide"><table class="first"><thead><tr><th>row</th>{numbers}</tr></thead><tbody>'
        f"{group('pour, mL')}{''.join(pours)}{group('expect, mL')}{''.join(cups)}{ticks}</tbody></table></div>"
    )


def _read(design: Design) -> str:
    names = [f"<b>{html.escape(cup.name)}</b> is <i>{html.escape(cup.label)}</i>" for cup in design.cups]
    kept = [
        (b.name, html.escape(b.label), f"{b.threshold_ml:.1f}", ", ".join(_ways(design, b))) for b in design.buckets
    ]
    how = (
        "The cup in which water stands <b>highest</b> is the answer; its scale says how many millilitres it has"
        if design.even_cups
        else "The cup with the most <b>millilitres</b> is the answer; read the scales and not the heights, for these"
        " cups differ in width"
    )
    return (
        f"<p>{how}: {', '.join(names)}. Cups that differ by less than half a millilitre are a tie.</p>"
        "<p>What a bucket keeps is its threshold; only what is poured above it goes on, in fixed shares:</p>"
        + html_table(("bucket", "what it is", "keeps mL", "passes the rest on to"), kept, {2})
    )


def _ways(design: Design, bucket: Bucket) -> list[str]:
    return [f"{pipe.target} {pipe.share:.0%}" for pipe in design.branches(bucket.name)]


def _wrong(design: Design) -> str:
    told = (
        "<b>All cups too low, by the same share:</b> it was not primed, or walls leak.",
        "<b>One cup too low, its neighbour too high:</b> it leans, or a string of plastic stands in a way.",
        "<b>Drops stay on a sill:</b> the surface tension is high; use rinse aid, or prime again.",
        f"<b>It spills:</b> pour more slowly; every mouth has room for {design.pour_ml_s:g} mL/s.",
        "<b>It leaks through walls:</b> print hotter or with more flow, or seal the inside with thin varnish. This is"
        " a toy: do not drink from it.",
    )
    return steps(told, ordered=False)
