"""The planner: prune what cannot be printed, size, place, and refuse with reasons what cannot be built."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..errors import DesignError, PorcelainError, unknown
from ..machine.design import Design
from ..network import Network
from ..printer import PRINTERS, Printer
from ..styles import limits
from ..styles.precheck import close_small_shares, precheck
from ..styles.requirements import Brief
from ..styles.terrace import search as terrace
from ..styles.terrace.cups import CUPS
from ..styles.tower import layout as place
from ..styles.tower import sizes
from ..styles.validate import accepted
from ..water import WATERS, Water

POUR_ML_S = 10.0  # a steady hand with a measuring cup; every input at once
HANDS_ML_S = 160.0  # and into all of them: many hands, or a few that take one input after another
STYLES = ("pipes", "terrace", "auto")
DISCHARGE = 0.61  # sharp-edged opening; Unwin in Encyclopaedia Britannica (1911): 0.60 to 0.64


def design(
    network: Network,
    printer: Printer = PRINTERS["ender3"],
    ml_per_unit: float = 1.0,
    water: Water = WATERS["ideal"],
    pour_ml_s: float | None = None,
    worst_u: ArrayLike | None = None,
    name: str | None = None,
    style: str = "pipes",
    text: bool = True,
    stop_mm: float | None = None,
    compensate: bool | None = None,
    cups: str = "auto",
    lips: bool = True,
) -> Design:
    """Give a network millimetres.

    ``style`` is "pipes" (a tower of tiers with channels, as in the article), "terrace" (a stair, in one piece or in
    storeys) or "auto": the terrace where it can be built, else the tower with a Finding that says why not. ``text``
    embosses names and scales. ``lips`` widen a terrace's mouths to a funnel and raise the walls round its cups against
    splashes, and ``stop_mm`` is how high the water stands on its sills, where that was measured. Its ``cups`` are of
    one width where that takes little more plastic ("auto"), "equal" in any case, or "free": as wide as their mouths.
    ``compensate`` makes a tower's bores part the design's water as the shares ask instead of being in proportion to
    them. ``worst_u`` (n_in,) is the largest pour the machine must hold without spilling, by default the top of the
    data's range; all inputs arrive at once at ``pour_ml_s`` each, by default 10 and no more than 160 mL/s in all.
    Inputs that do not fit the bed side by side stand in ranks (terrace). Shares below the printable floor are closed
    and their rows renormalised; the Design's ``findings`` say so. Raises DesignError with Findings for a machine that
    cannot be built and PorcelainError for impossible arguments.
    """
    if pour_ml_s is None:
        pour_ml_s = min(POUR_ML_S, HANDS_ML_S / network.widths[0])
    for what, value in (("ml_per_unit", ml_per_unit), ("pour_ml_s", pour_ml_s)):
        if not (np.isfinite(value) and value > 0):
            raise PorcelainError(f"{what} is {value}; it must be a finite number above 0")
    most = np.asarray(network.encoding.most_u if worst_u is None else worst_u, dtype=float)
    if most.shape != network.widths[:1] or not np.all(np.isfinite(most)) or np.any(most < 0):
        raise PorcelainError(f"worst_u has shape {most.shape}; {network.widths[0]} finite volumes >= 0 are needed")

    if style not in STYLES:
        raise unknown("style", style, STYLES)
    if cups not in CUPS:
        raise unknown("kind of cups", cups, CUPS)
    if style == "auto":
        try:
            return design(
                network,
                printer,
                ml_per_unit,
                water,
                pour_ml_s,
                most,
                name,
                "terrace",
                text,
                stop_mm,
                cups=cups,
                lips=lips,
            )
        except DesignError as error:
            try:
                tower = design(
                    network, printer, ml_per_unit, water, pour_ml_s, most, name, "pipes", text, compensate=compensate
                )
            except DesignError as other:
                raise DesignError([*error.findings, *other.findings]) from None
            why = error.findings[0]
            taken = replace(why, advice="so it is planned as a tower of pipes", severity="warning")
            return replace(tower, findings=(taken, *tower.findings))

    floor = limits.share_floor(printer) if style == "pipes" else terrace.share_floor(printer)
    refused = precheck(network, floor)
    refused += terrace.precheck(network, printer) if style == "terrace" else place.precheck(network, printer)
    if refused:
        raise DesignError(refused)
    printable, warnings = close_small_shares(network, floor)
    worst_ml = most * ml_per_unit
    brief = Brief(printable, printer, ml_per_unit, worst_ml, pour_ml_s, DISCHARGE, water)
    if style == "pipes":
        real = water.surface_tension_n_m > 0 if compensate is None else compensate
        placed = place.tower(printable, printer, sizes.sizes(brief, real), text)
    else:
        placed = terrace.terrace(brief, terrace.Habits(text=text, stop_mm=stop_mm, cups=cups, lips=lips))
    planned = Design(
        name=name or network.name,
        network=network,
        printer=printer,
        water=water,
        ml_per_unit=ml_per_unit,
        pour_ml_s=pour_ml_s,
        worst_ml=worst_ml,
        tiers=placed.tiers,
        pipes=placed.pipes,
        cups=placed.cups,
        body=placed.body,
    )
    return accepted(planned, warnings)
