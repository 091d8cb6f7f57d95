"""Texts about a tower for people: its rows from above, and how its parts are put together."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from ...machine.assembly import Part
from ...machine.design import Design
from ..base import FloorPlan
from .walls import layout_of

TOWARDS_YOU = (-1.0, 1.0)  # x runs to the left of one who looks at the cups


def floor_plans(design: Design) -> list[FloorPlan]:
    """Every row round the mast; without a mast one drawing of all."""
    layout = layout_of(design)
    if not layout.mast_mm:
        return [FloorPlan([v for row in design.rows for v in row], "", TOWARDS_YOU)]
    half = layout.mast_mm / 2
    mast = np.array([[-half, -half], [half, half]])
    titles = [f"tier t{k}" for k in range(len(design.tiers))] + ["cups"]
    return [FloorPlan(row, title, (1.0, -1.0), mast) for row, title in zip(design.rows, titles, strict=True)]


def floor_plan_text(design: Design) -> str:
    """How to read the drawings from above."""
    if layout_of(design).mast_mm:
        return "Row by row from above. The pictures look at it from below and a little from the right."
    return "Seen from above, the cups towards you; water is poured into the blue ones."


def assembly_steps(design: Design, parts: Sequence[Part]) -> list[str]:
    """How the base, the cups and the tiers go together, from the lowest up."""
    names = {cup.name: cup.label for cup in design.cups}
    named = {label.vessel for label in layout_of(design).labels}
    order = sorted(parts, key=lambda q: (q.assembled_mm[:, 2].min().round(1), False, q.name))
    lines = []
    for part in order:
        name = f"<b>{html.escape(part.name)}</b>"
        if part.name in names:
            turned = ", its name towards you" * (part.name in named)
            lines.append(f"Stand {name} on its seat{turned}: it is the cup for <i>{html.escape(names[part.name])}</i>.")
        elif part is order[0]:
            lines.append(f"Lay {name} on a tray.")
        else:
            ways = f"{len(part.channels)} pipe{'s' * (len(part.channels) != 1)}"
            above = (
                f"its {ways} end above the mouths below, or else turn it" if part.channels else "it carries the rest"
            )
            lines.append(f"Set {name} on top, down to its shoulder; {above}.")
    return lines
