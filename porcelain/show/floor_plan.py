"""Floor plan: where every bucket and cup stands, seen from above, as small drawings with names."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np

from ..arrays import Floats
from ..machine.design import Design
from ..machine.vessel import Bucket, Vessel
from ..styles import FloorPlan, style_of

SCALE, SHOWN = 4.0, 0.75  # px per mm, and how much smaller it is shown where there is room
FONT, LETTER, LINE = 15.0, 0.56, 1.2  # px, and width and height of a letter by the font's
EDGE_MM = 2.0


def floor_plan_html(design: Design, colours: Mapping[str, str]) -> str:
    """Draw the floor plan of a design as HTML figures: one for a terrace, one for each row of a tower.

    Parameters
    ----------
    design : Design
        The machine.
    colours : mapping of str to str
        Colours of parts that are printed on their own, by name.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> from porcelain import files
    >>> "<svg" in floor_plan_html(files.load("designs/iris", "design"), {})
    True
    """
    shape = style_of(design)
    maps = [_figure(_map(plan, colours, design.tiers[0]), plan.title) for plan in shape.floor_plans(design)]
    return f'<p>{shape.floor_plan_text(design)}</p><div class="maps">{"".join(maps)}</div>'


def _box(vessel: Vessel, faces: Floats) -> Floats:
    middle, half = vessel.at_mm[:2] * faces, np.array(vessel.size_mm) / 2
    return np.array([middle - half, middle + half])


def _map(plan: FloorPlan, colours: Mapping[str, str], inputs: Sequence[Vessel]) -> str:
    vessels, mast = plan.vessels, plan.mast_mm
    boxes = [_box(vessel, np.array(plan.signs)) for vessel in vessels]
    corners = np.concatenate(boxes if mast is None else [*boxes, mast])
    low, size = corners.min(axis=0) - EDGE_MM, np.ptp(corners, axis=0) + 2 * EDGE_MM
    lines = [] if mast is None else [_rect((mast - low) * SCALE, 'fill="none" stroke-dasharray="5 4" opacity=".5"')]
    for vessel, box in zip(vessels, boxes, strict=True):
        colour = colours.get(vessel.name)
        fill = "var(--pool)" if vessel in inputs else f'{colour}" fill-opacity=".35' if colour else "none"
        dashed = ' stroke-dasharray="5 4"' if vessel.is_chute else ""
        lines.append(_rect((box - low) * SCALE, f'fill="{fill}"{dashed}'))
        lines += _words(vessel, (box - low) * SCALE)
    width, height = size * SCALE
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{SHOWN * width:.0f}" font-size="{FONT:g}"'
        f' font-family="system-ui,sans-serif" fill="currentColor" text-anchor="middle" role="img">'
        f"{''.join(lines)}</svg>"
    )


def _rect(box: Floats, style: str) -> str:
    (x, y), (w, h) = box[0], box[1] - box[0]
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="2" stroke="currentColor" {style}/>'


def _words(vessel: Vessel, box: Floats) -> list[str]:
    """The name of a vessel, and its label below it if that fits."""
    (x, y), (wide, high) = box.mean(axis=0), box[1] - box[0]
    name = f"to {vessel.leads_to}" if isinstance(vessel, Bucket) and vessel.is_chute else vessel.name
    font = min(FONT, (wide - 4) / (LETTER * 1.1 * len(name)))
    words = _broken(vessel.label, (wide - 4) / (LETTER * FONT))
    if words is None or (len(words) + 1) * LINE * FONT > high:
        words = []
    top = y - len(words) * LINE * FONT / 2 + 0.35 * font
    said = [f'<text x="{x:.1f}" y="{top:.1f}" font-weight="600" font-size="{font:.1f}">{html.escape(name)}</text>']
    for n, word in enumerate(words, 1):
        said.append(f'<text x="{x:.1f}" y="{top + n * LINE * FONT:.1f}">{html.escape(word)}</text>')
    return said


def _broken(label: str, letters: float) -> list[str] | None:
    """A label broken at its spaces into lines of at most so many letters; None if a word is longer."""
    lines: list[str] = []
    for word in label.split():
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if all(len(line) <= letters for line in lines) else None


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}{f'<figcaption>{html.escape(caption)}</figcaption>' if caption else ''}</figure>"
