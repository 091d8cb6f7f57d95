"""Texts about a terrace for people: its storeys and ranks, and how its parts are put together."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ...arrays import Floats
from ...machine.assembly import Part
from ...machine.design import Design
from .cells import terrace

SCREWS = (
    "<p>Turn an M4 screw, 16 mm or longer, into each of the three ears from above: it cuts its own thread, and"
    " its tip is a foot to level by.</p>"
)


def summary(design: Design) -> list[str]:
    """How many inputs stand in each rank, and which rows each storey carries."""
    layout, lines = terrace(design), []
    if layout.ranks:
        sizes = ", ".join(str(layout.ranks.count(n)) for n in range(max(layout.ranks) + 1))
        lines.append(f"  inputs in ranks, from the rear to the front: {sizes}; chutes lead past those in front")
    if layout.joints:
        lines += _storeys(design, layout.part_boxes_mm(design))
    return lines


def _storeys(design: Design, boxes: dict[str, Floats]) -> list[str]:
    """Which rows each storey carries, and which stands are behind."""
    layout = terrace(design)
    ranks = max(layout.ranks, default=-1) + 1
    rows = [f"rank {n}" for n in range(ranks)] + [f"row {k}" for k in range(bool(ranks), len(design.tiers))]
    edges = [0, *(joint.tier for joint in layout.joints), len(rows)]
    said = {}
    for number, (first, end) in enumerate(pairwise(edges)):
        here = rows[first] if end == first + 1 else f"{rows[first]} to {rows[end - 1]}"
        said[f"t{number}"] = here + " and the cups" * (end == len(rows))
        said[f"s{number + 1}"] = f"the stand of t{number}"
    sizes = {name: " x ".join(f"{side:.0f}" for side in np.ptp(box, axis=0)) for name, box in boxes.items()}
    return [f"  {name}  {said[name]}, {size} mm" for name, size in sizes.items()]


def floor_plan_text(design: Design) -> str:
    """How to read the drawing from above."""
    told = "Seen from above, the cups towards you; water is poured into the blue ones."
    if terrace(design).ranks:
        told += " Dashed ones are chutes that lead past a row: pour nothing there."
    return told


def assembly_steps(parts: Sequence[Part]) -> list[str]:
    """How storeys and stands go together, from the lowest up."""
    order = sorted(parts, key=lambda q: (q.assembled_mm[:, 2].min().round(1), q.kind == "stand", q.name))
    lines = []
    for part in order:
        name = f"<b>{html.escape(part.name)}</b>"
        if part is order[0]:
            lines.append(f"Lay {name} on a tray.")
        elif part.kind == "stand":
            lines.append(f"Let {name} down behind it, its two dovetails into the slots: it carries the rest.")
        else:
            lines.append(
                f"Let {name} down on the end walls behind: two tongues go into its sockets, and its arches stand"
                " astride the walls of the row below and touch none of them. Their edges drip into that row."
            )
    return lines
