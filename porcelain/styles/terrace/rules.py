"""Rules of a terrace's rows, walls and fittings; joints, streams and hollows have files of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from ...errors import Finding
from ...geometry import stroke_font
from ...machine.design import Design
from ...machine.layouts import Terrace
from ...machine.vessel import Bucket, Vessel
from ..common_rules import part_sizes
from ..letter_rules import unreadable
from ..limits import OFF_MM, ROOF_DEG, ROOFS_DEG
from ..rules import IDENTITY, MEND, Rule
from . import lips
from .cells import terrace
from .fittings import name_mm
from .gutter_rules import dividers, streams
from .joint_rules import joints
from .proportions import FALL_DEG
from .rank_rows import laid
from .volume_rules import hollows

SLOPES = tuple(float(np.tan(np.radians(deg))) for deg in (FALL_DEG - 0.1, ROOF_DEG + 0.1))  # of floors, rounded
STANDS_DEG = 10.0  # a table is level to a degree; the rest is a sleeve that catches


def _stairs(design: Design, layout: Terrace) -> Iterator[Finding]:
    """As many numbers as vessels, rows one in front of the other, gutters below their sills, walls that hold."""
    for what, count, needed in (
        ("layout.floor_slopes", len(layout.floor_slopes), len(design.buckets)),
        ("layout.pipe_layers", len(layout.pipe_layers), len(design.pipes)),
        ("layout.fronts_mm", len(layout.fronts_mm), len(design.rows)),
        ("layout.cup_walls_mm", len(layout.cup_walls_mm) or len(design.cups) - 1, len(design.cups) - 1),
    ):
        if count != needed:
            yield Finding("count", what, str(count), str(needed), MEND)
    for k, (back, front) in enumerate(pairwise(layout.fronts_mm), 1):
        if front <= back:
            yield Finding("front", design.rows[k][0].name, f"{front:g} mm", f"more than {back:g} mm", MEND)
    for what, value, least in (
        ("wall_mm", layout.wall_mm, design.printer.min_wall_mm),
        ("floor_mm", layout.floor_mm, design.printer.min_wall_mm),
        ("knife_mm", layout.knife_mm, design.printer.two_lines_mm),
        ("plate_mm", layout.plate_mm, design.printer.two_lines_mm),
        ("ear_mm", float(layout.ear_mm[1]) if layout.ear_mm[0] else 2.0, 2.0),
    ):
        if value < least - OFF_MM / 10:
            yield Finding("thickness", f"layout.{what}", f"{value:g} mm", f"{least:g} mm", MEND)


def _lipped(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Lips stand above the rims, no guard dams up the last sills, and the letters on the funnel's back fit it."""
    sill = min(float(b.at_mm[2]) + b.outlet.sill_mm for b in design.tiers[-1])
    fall = sill - max(float(cup.at_mm[2]) + cup.rim_mm for cup in design.cups)
    for what, value, most in (
        ("funnel_mm", layout.funnel_mm, 60.0),
        ("guard_mm", layout.guard_mm, fall - lips.CLEAR_MM),
    ):
        if not 0 <= value <= max(most, 0.0) + OFF_MM:
            yield Finding("height", f"layout.{what}", f"{value:g} mm", f"0 to {most:.2f} mm", MEND)
    foot, head = lips.back(layout, 0.0)
    tall = float(np.linalg.norm(head - foot))
    needed = name_mm(layout.text_mm, layout.stroke_mm)
    if layout.text_mm and layout.funnel_mm > 0 and tall < needed:
        advice = "raise layout.funnel_mm, or plan with --no-text"
        yield Finding("back of the funnel", "layout.funnel_mm", f"{tall:.1f} mm", f"{needed:.1f} mm of letters", advice)


def _details(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Sizes of what a row is fitted out with: some of each, and no more than it has room for."""
    line, lines = design.printer.nozzle_mm, design.printer.two_lines_mm
    depth = min(v.size_mm[1] for v in design.buckets)
    text = layout.text_mm > 0
    for what, value, low, high in (
        ("lip_mm", layout.lip_mm, 0.0, 20.0),
        ("edge_mm", layout.edge_mm, line, layout.wall_mm - 2 * OFF_MM),
        ("plate_mm", layout.plate_mm, lines, layout.wall_mm),
        ("roof_deg", layout.roof_deg, *ROOFS_DEG),
        ("baffle_mm", layout.baffle_mm, lines, depth / 4),
        ("baffle_at_mm", layout.baffle_at_mm, 0.0, depth - layout.baffle_mm),
        ("baffle_top_mm", layout.baffle_top_mm, 0.0, 20.0),
        ("step_mm", layout.step_mm, design.printer.min_wall_mm, 20.0),
        ("frame_mm", layout.frame_mm, lines, 50.0),
        ("foot_mm[0]", float(layout.foot_mm[0]), line, float(layout.fronts_mm[-2]) - layout.wall_mm - layout.heel_mm),
        ("foot_mm[1]", float(layout.foot_mm[1]), line, layout.frame_mm),
        ("ear_mm[0]", float(layout.ear_mm[0]), 0.0, 40.0),
        ("ear_mm[1]", float(layout.ear_mm[1]), 0.0, 10.0),
        ("screw_mm", layout.screw_mm, 0.0, float(layout.ear_mm[0]) - 2 * layout.wall_mm if layout.ear_mm[0] else 5.0),
        ("slot_mm", float(layout.slot_mm.min()), line, 20.0),
        ("board_mm", float(layout.board_mm[0]), line * text, 10.0),
        ("level_mm", layout.level_mm * text, 0.0, min(cup.rim_mm for cup in design.cups)),
    ):
        if not low - OFF_MM <= value <= high + OFF_MM:
            yield Finding("size", f"layout.{what}", f"{value:g}", f"{low:.3g} to {high:.3g}", MEND)


def _letters(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Letters of a size that prints."""
    yield from unreadable(layout, layout.wall_mm, design.printer.nozzle_mm)


def _layers(design: Design, layout: Terrace) -> Iterator[Finding]:
    """As many gutter layers as the streams of a row use."""
    for k, row in enumerate(design.tiers):
        leaving = {bucket.name for bucket in row}
        used = [n for pipe, n in zip(design.pipes, layout.pipe_layers, strict=True) if pipe.source in leaving]
        if layout.layers[k] > max(used) + 1 and min(used) >= 0:
            yield Finding("gutter layers", row[0].name, str(layout.layers[k]), str(max(used) + 1), MEND)


def _side_by_side(cells: list[Vessel], layout: Terrace) -> Iterator[Finding]:
    """A row's cells stand with one wall between them and at both ends."""
    right = 0.0
    for cell in cells:
        left = float(cell.at_mm[0]) - cell.size_mm[0] / 2
        if abs(left - right - layout.wall_mm) > OFF_MM:
            yield Finding("wall on its left", cell.name, f"{left - right:.2f} mm", f"{layout.wall_mm:g} mm", MEND)
        right = left + cell.size_mm[0]
    if abs(layout.width_mm - right - layout.wall_mm) > OFF_MM:
        found = f"{layout.width_mm - right:.2f} mm"
        yield Finding("wall on its right", cells[-1].name, found, f"{layout.wall_mm:g} mm", MEND)


def _on_one_level(cells: list[Vessel], layout: Terrace, front: float) -> Iterator[Finding]:
    """A row's sills and rims are level, its cells end at one wall and none reaches below the table."""
    for rule, at in (
        ("height of its rim", [float(v.at_mm[2]) + v.rim_mm for v in cells]),
        ("height of its sill", [float(v.at_mm[2]) + v.outlet.sill_mm for v in cells if isinstance(v, Bucket)]),
    ):
        usual = float(np.median(at)) if at else 0.0
        for cell, height in zip(cells, at, strict=False):
            if abs(height - usual) > OFF_MM:
                yield Finding(rule, cell.name, f"{height:.2f} mm", f"its row's {usual:.2f} mm", MEND)
    for cell in cells:
        end = float(cell.at_mm[1]) + cell.size_mm[1] / 2
        if abs(end - front) > OFF_MM:
            yield Finding("front wall", cell.name, f"{end:.2f} mm", f"its row's {front:.2f} mm", MEND)
        if cell.at_mm[2] < layout.floor_mm - OFF_MM:
            found = f"{float(cell.at_mm[2]):.2f} mm"
            yield Finding("height of its floor", cell.name, found, f"{layout.floor_mm:g} mm", MEND)


def _cells(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Cells of a row stand side by side and on one level."""
    for k, row in enumerate(design.rows):
        cells = sorted(row, key=lambda v: float(v.at_mm[0]))
        yield from _side_by_side(cells, layout)
        yield from _on_one_level(cells, layout, float(layout.fronts_mm[k]) - layout.wall_mm)


def _floors(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Floors fall to the sill: steep enough for drops, flat enough to be printed from below."""
    for bucket, slope in zip(design.buckets, layout.floor_slopes, strict=True):
        if not SLOPES[0] <= slope <= SLOPES[1]:
            limit = f"{SLOPES[0]:.2f} to {SLOPES[1]:.2f}"
            yield Finding("fall of the floor", bucket.name, f"{slope:.2f}", limit, MEND)


def _cup_walls(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Walls between cups lean above their floors, to mouths that water falls into."""
    for cup, (left, right) in zip(
        sorted(design.cups, key=lambda v: float(v.at_mm[0])), pairwise(layout.walls_mm(design.cups)), strict=True
    ):
        starts = min(line[1][1] for line in (left, right))
        if starts < float(cup.at_mm[2]):
            yield Finding("foot of its leaning wall", cup.name, f"{starts:.2f} mm", "above its floor", MEND)
        wide = right[-1][0] - left[-1][0] - layout.wall_mm
        if wide < design.printer.min_bore_mm:
            yield Finding("mouth", cup.name, f"{wide:.2f} mm", f"{design.printer.min_bore_mm:g} mm", MEND)


def _slender(design: Design) -> Iterator[Finding]:
    """A machine that a nudge knocks over: half full it weighs as much above as below half its height."""
    boxes = np.array(list(design.layout.part_boxes_mm(design).values())).reshape(-1, 3)
    width, depth, height = np.ptp(boxes, axis=0)
    tips_deg = float(np.degrees(np.arctan2(min(width, depth), height)))
    if tips_deg < STANDS_DEG:
        advice = "train fewer layers or prune pipes, so that fewer gutters cross, or use fewer mL per unit"
        yield Finding("tilt at which it tips", design.name, f"{tips_deg:.0f} deg", f"{STANDS_DEG:g} deg", advice)


def _long_names(design: Design) -> Iterator[Finding]:
    """Names that do not fit above their buckets or on their cups: buckets then show their short name."""
    layout = terrace(design)
    if not layout.text_mm:
        return
    advice = "use a shorter name; the short name of the vessel is embossed instead"
    rear = [b for n, b in enumerate(design.tiers[0]) if not layout.ranks or layout.ranks[n] == 0]
    for row, lines in ((rear, 2), (design.cups, 1)):
        for v in row:
            if stroke_font.lines(v.label, layout.text_mm, v.size_mm[0] - 3 * layout.stroke_mm, lines) is None:
                limit = f"{lines} lines in {v.size_mm[0]:.0f} mm"
                yield Finding("name", v.name, repr(v.label), limit, advice, "warning")
    if layout.ranks:
        advice = "find these by their short names on the end wall, or on the map in the guide"
        front = f"{len(design.tiers[0]) - len(rear)} inputs in front"
        yield Finding("names above buckets", front, "none", "behind the rear rank only", advice, "warning")


def _uneven(design: Design) -> Iterator[Finding]:
    """Cups that do not compare by eye."""
    if design.even_cups:
        return
    widths = [cup.size_mm[0] for cup in design.cups]
    advice = "compare their scales and not their levels, or plan --cups equal for a little more plastic"
    found = f"{min(widths):.0f} to {max(widths):.0f} mm"
    yield Finding("width", "cups", found, "one for all", advice, "warning")


def of_rows(find: Callable[[Design, Terrace], Iterator[Finding]]) -> Callable[[Design], Iterator[Finding]]:
    """A rule of the rows that stand in a machine: every rank is one, and chutes are among its buckets."""

    def found(design: Design) -> Iterator[Finding]:
        rows = laid(design)
        yield from find(rows, terrace(rows))

    return found


COUNTS = (*IDENTITY, "counts and thicknesses")
FITTINGS = (*COUNTS, "fittings", "letters", "gutter layers")
PARTING = (*FITTINGS, "dividers", "joints")
CELLS = ("cells", "cup walls", "floors", "streams", "lips")

TERRACE_RULES = (
    Rule("counts and thicknesses", of_rows(_stairs)),
    Rule("fittings", of_rows(_details), COUNTS),
    Rule("letters", of_rows(_letters), COUNTS),
    Rule("gutter layers", of_rows(_layers), COUNTS),
    Rule("dividers", of_rows(dividers), FITTINGS),
    Rule("joints", of_rows(joints), FITTINGS),
    Rule("cells", of_rows(_cells), PARTING),
    Rule("cup walls", of_rows(_cup_walls), PARTING),
    Rule("floors", of_rows(_floors), PARTING),
    Rule("streams", of_rows(streams), PARTING),
    Rule("lips", of_rows(_lipped), PARTING),
    Rule("held water", of_rows(hollows), (*PARTING, *CELLS)),
    Rule("tilt", _slender, COUNTS),
    Rule("part sizes", part_sizes, COUNTS),
    Rule("names that do not fit", _long_names, COUNTS),
    Rule("widths of cups", _uneven, COUNTS),
)
