"""Guide of the calibration piece: how to pour it, weigh its cups and give the figures to the planner."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence

import numpy as np

from ..machine.assembly import Part
from ..machine.design import Design
from ..styles import style_of
from .guide import Prints, how_to_print
from .html import document, pictures, section, steps

POURS = 5


def poured_ml(design: Design) -> float | None:
    """Volume to pour into a calibration piece.

    Parameters
    ----------
    design : Design
        A machine.

    Returns
    -------
    float or None
        Volume, mL; None for any other machine.

    Examples
    --------
    >>> from porcelain import files
    >>> poured_ml(files.load("designs/iris", "design")) is None
    True
    """
    found = design.network.provenance.get("trial_ml")
    return float(found) if isinstance(found, int | float) else None


def calibration_html(
    design: Design,
    parts: Sequence[Part],
    plates: Sequence[Sequence[str]],
    pngs: Mapping[str, bytes],
    prints: Prints | None = None,
) -> bytes:
    """Write the guide of a calibration piece.

    Parameters
    ----------
    design : Design
        The piece.
    parts : sequence of Part
        Its printable parts.
    plates : sequence of sequence of str
        Names of the parts on each plate.
    pngs : mapping of str to bytes
        Pictures by caption.
    prints : mapping, optional
        Hours and grams of each part where a slicer has measured them.

    Returns
    -------
    bytes
        An HTML page.

    Examples
    --------
    >>> from porcelain import PRINTERS
    >>> from porcelain.styles import style
    >>> piece = style("tower").calibration_piece(PRINTERS["ender3"], 0.6)
    >>> b"Pour and weigh" in calibration_html(piece, [], [["t0"]], {})
    True
    """
    lead = (
        "One bucket over three cups. The water that stays in the bucket tells how high your water stands on a printed"
        " sill. The volumes in the cups tell how much narrower your printer makes the openings."
    )
    return document(
        f"{design.name}: how to pour and weigh it",
        [
            f"<h1>{html.escape(design.name)}</h1>",
            f'<p class="lead">{lead}</p>',
            pictures(pngs),
            section(1, "Print", how_to_print(design, parts, plates, prints or {})),
            section(2, "Pour and weigh", _weigh(design)),
            section(3, "Tell the planner", _tell(design)),
        ],
    )


def _ideal(design: Design) -> list[float]:
    """Volumes in the cups with ideal water, from left to right, mL."""
    poured = poured_ml(design) or 0.0
    cups: list[float] = design.as_network()([[poured / design.ml_per_unit]])[0].tolist()
    order = np.argsort([-float(cup.at_mm[0]) for cup in design.cups])  # seen from the front x runs to the left
    return [round(cups[n] * design.ml_per_unit, 2) for n in order]


def _weigh(design: Design) -> str:
    gush = style_of(design).calibration_pour.format(rate=design.pour_ml_s)
    told = (
        "Take the printer, the plastic and the <b>water that you mean to use later</b>, and a scale that shows"
        " 0.01 g: a millilitre of water is a gram.",
        "Put the piece on the scale, level, its cups towards you. Wet it: fill it, shake it out, blow the cups dry.",
        f"Set the scale to zero and pour <b>{poured_ml(design):g} mL</b> into the bucket behind, {gush}. Note what the"
        " scale shows; wait until nothing runs.",
        "Empty the left cup with a syringe or the corner of a paper towel: what the scale loses is the left cup. Then"
        " the middle one, then the right one.",
        f"Shake it out and do it again, {POURS} times. Pours that differ by more than 0.05 mL want a steadier hand.",
    )
    left, middle, right = _ideal(design)
    return (
        f"{steps(told)}<p>Water that does not cling would leave {left:g}, {middle:g} and {right:g} mL in the left,"
        " middle and right cup. Yours will leave less.</p>"
    )


def _tell(design: Design) -> str:
    cups = [round(0.8 * cup, 2) for cup in _ideal(design)]
    form = json.dumps({"poured_ml": poured_ml(design), "cups_ml": [cups, 0]}).replace("0]}", "...]}")
    shape = style_of(design)
    flags = shape.calibration_flags + " --water tap" * shape.calibration_needs_water
    told = (
        "Write the volumes of every pour, from left to right, into a file weighed.json, like this:"
        f"<pre>{html.escape(form)}</pre>",
        f"Plan your network with it: <pre>porcelain plan network.json{flags} --printer"
        f" {html.escape(design.printer.name)} --measured weighed.json -o design.json</pre>"
        + (
            "Say with --water whether it was tap water or had rinse_aid in it." if shape.calibration_needs_water else ""
        ),
    )
    return steps(told)
