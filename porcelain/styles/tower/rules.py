"""Rules of a tower: wall thickness, distances between vessels, ends of pipes, and names that can be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np

from ...arrays import Floats
from ...errors import Finding
from ...geometry import channel, stroke_font
from ...machine.design import Design
from ...machine.vessel import Bucket, Pipe, Vessel
from ..common_rules import part_sizes
from ..letter_rules import unreadable
from ..limits import OFF_MM, ROOFS_DEG, between_mm
from ..rules import IDENTITY, MEND, Rule
from .clearance import beside_mm, smallest_gap
from .label_rules import misplaced
from .walls import layout_of

FREE = 1e-3  # of a vessel's plan: nothing stands in a tower's vessels
FLATTER_DEG = 0.5  # than the roofs, for rounding
BARE_MM, CELL_MM = 20.0, 28.0  # the length of a row without any pipes: its mast, and its buckets or cups
UNEVEN = 0.8  # pipes that are left after pruning crowd some buckets more than others


def _sizes(design: Design) -> Iterator[Finding]:
    """Walls that hold, a plane for every tier, a mast where there are parts to carry."""
    layout, lines = layout_of(design), design.printer.two_lines_mm
    for what, value, least in (
        ("wall_mm", layout.wall_mm, design.printer.min_wall_mm),
        ("pipe_wall_mm", layout.pipe_wall_mm, lines),
        ("floor_mm", layout.floor_mm, lines),
        ("foot_mm", layout.foot_mm, lines),
        ("gap_mm", layout.gap_mm, 0.0),
        ("peg_mm", layout.peg_mm, 0.0),
        ("mast_mm", layout.mast_mm or np.inf, 4 * layout.wall_mm + 2 * design.printer.clearance_mm),
    ):
        if value < least - OFF_MM / 10:
            yield Finding("size", f"layout.{what}", f"{value:g} mm", f"{least:g} mm", MEND)
    if not ROOFS_DEG[0] <= layout.roof_deg <= ROOFS_DEG[1]:
        limit = f"{ROOFS_DEG[0]:g} to {ROOFS_DEG[1]:g} deg"
        yield Finding("slope", "layout.roof_deg", f"{layout.roof_deg:g} deg", limit, MEND)
    if len(layout.planes_mm) != len(design.tiers):
        yield Finding("count", "layout.planes_mm", str(len(layout.planes_mm)), str(len(design.tiers)), MEND)
    if not layout.mast_mm and (len(layout.feet_mm) != 1 or len(design.tiers) != 1):
        yield Finding("size", "layout.mast_mm", "0 mm", "above 0 mm", "only a calibration piece stands without a mast")
    for k, (above, below) in enumerate(pairwise(layout.planes_mm), 1):
        if below >= above:
            yield Finding("underside", f"t{k}", f"{below:g} mm", f"below {above:g} mm", MEND)


def _letters(design: Design) -> Iterator[Finding]:
    """Letters of a size that prints."""
    layout = layout_of(design)
    yield from unreadable(layout, layout.wall_mm, design.printer.nozzle_mm)


def _names(design: Design) -> Iterator[Finding]:
    """Every name in an outer wall of its vessel, with no pipe in front."""
    layout = layout_of(design)
    for label in layout.labels if layout.text_mm else ():
        yield from misplaced(design, layout, label)


def _stacked(design: Design) -> Iterator[Finding]:
    """Rims of a row are level and a gap below the tier above, floors lie above their tier's underside."""
    layout = layout_of(design)
    for k, row in enumerate(design.rows):
        rims = [float(v.at_mm[2]) + v.rim_mm for v in row]
        above = k > 0 and layout.mast_mm > 0
        limit = float(layout.planes_mm[k - 1]) - layout.gap_mm if above else max(rims)
        low = float(layout.planes_mm[k]) + layout.floor_mm if k < len(design.tiers) else 0.0
        for vessel, rim in zip(row, rims, strict=True):
            if abs(rim - limit) > OFF_MM:
                yield Finding("height of its rim", vessel.name, f"{rim:.2f} mm", f"{limit:.2f} mm", MEND)
            if vessel.at_mm[2] < low - OFF_MM:
                found = f"{vessel.at_mm[2]:.2f} mm"
                yield Finding("height of its floor", vessel.name, found, f"{low:.2f} mm at least", MEND)


def _seated(design: Design) -> Iterator[Finding]:
    """Cups stand on the base plate, and it reaches under them and the rims of their seats."""
    layout = layout_of(design)
    around = (2 * layout.wall_mm + design.printer.clearance_mm) * (layout.mast_mm > 0)
    foot = layout.foot_mm + (layout.floor_mm if layout.mast_mm else 0.0)
    for cup in design.cups:
        if abs(float(cup.at_mm[2]) - foot) > OFF_MM:
            yield Finding("height of its floor", cup.name, f"{cup.at_mm[2]:.2f} mm", f"{foot:.2f} mm on its seat", MEND)
        half = np.array(cup.size_mm) / 2 + around
        low, high = cup.at_mm[:2] - half, cup.at_mm[:2] + half
        if not np.any(np.all(layout.feet_mm[:, :2] <= low, axis=1) & np.all(layout.feet_mm[:, 2:] >= high, axis=1)):
            at = f"({cup.at_mm[0]:g}, {cup.at_mm[1]:g}) mm"
            yield Finding("place", cup.name, at, "on a rectangle of layout.feet_mm", MEND)


def _apart(design: Design) -> Iterator[Finding]:
    """A wall stands between any two vessels of a row, and two walls with play between loose cups."""
    layout, printer = layout_of(design), design.printer
    loose = 2 * (layout.wall_mm + printer.clearance_mm)
    for row in design.tiers:
        yield from _wall_between(row, layout.wall_mm)
    yield from _wall_between(design.cups, loose if layout.mast_mm else printer.two_lines_mm)


def _wall_between(row: Sequence[Vessel], least: float) -> Iterator[Finding]:
    for a, b in combinations(row, 2):
        reach = (np.array(a.size_mm) + np.array(b.size_mm)) / 2
        gap = float((np.abs(a.at_mm[:2] - b.at_mm[:2]) - reach).max())
        if gap < least - OFF_MM:
            yield Finding("wall between them", f"{a.name} and {b.name}", f"{gap:.2f} mm", f"{least:g} mm", MEND)


def _free(design: Design) -> Iterator[Finding]:
    """Nothing stands in a tower's vessels: what is free of them is their plan."""
    for vessel in design.vessels:
        plan, free = float(np.prod(vessel.size_mm)), vessel.slab_areas_mm2
        if np.any(np.abs(free - plan) > FREE * plan):
            yield Finding("free area", vessel.name, f"{free.max():.0f} mm2", f"its plan's {plan:.0f} mm2", MEND)


def _ways(design: Design) -> Iterator[tuple[Pipe, Bucket, Vessel]]:
    """Every pipe with its bucket and the vessel below."""
    vessels = {vessel.name: vessel for vessel in design.vessels}
    for pipe in design.pipes:
        source = vessels[pipe.source]
        assert isinstance(source, Bucket)
        yield pipe, source, vessels[pipe.target]


def _bores(design: Design) -> Iterator[Finding]:
    """Water runs freely through every channel."""
    limit, advice = design.printer.min_bore_mm - 0.01, "close the pipe or widen the outlet"
    for pipe in design.pipes:
        if pipe.bore_mm < limit:
            yield Finding("bore", pipe.name, f"{pipe.bore_mm:.2f} mm", f"{limit:.2f} mm", advice)


def _slopes(design: Design) -> Iterator[Finding]:
    """Every pipe is as steep as the roofs, so that it prints without support."""
    limit = layout_of(design).roof_deg - FLATTER_DEG
    for pipe in design.pipes:
        if pipe.slope_deg < limit:
            yield Finding("slope", pipe.name, f"{pipe.slope_deg:.1f} deg", f"{limit:.1f} deg", "raise the tier")


def _distances(design: Design) -> Iterator[Finding]:
    """Between any two channels of a tier stand their walls, and air."""
    limit = between_mm(layout_of(design).pipe_wall_mm, design.printer.nozzle_mm)
    for row in design.tiers:
        gap, pair = smallest_gap([pipe for bucket in row for pipe in design.branches(bucket.name)])
        if gap < limit:
            names, advice = " and ".join(pipe.name for pipe in pair), "fewer pipes, or a smaller outlet"
            yield Finding("distance between channels", names, f"{gap:.2f} mm", f"{limit:.2f} mm", advice)


def _holes(design: Design) -> Iterator[Finding]:
    """A channel's lowest point in its bucket's wall is where the sill is, or as far above it as its invert says."""
    for pipe, source, _ in _ways(design):
        first = pipe.path_mm[1] - pipe.path_mm[0]
        if run := float(np.hypot(first[0], first[1])):
            low = float(pipe.path_mm[0, 2]) + channel.mouth_mm(pipe.bore_mm, -float(first[2]) / run)[0]
            sill = float(source.at_mm[2]) + source.outlet.sill_mm + pipe.invert_mm
            if abs(low - sill) > OFF_MM:
                yield Finding("lowest point", pipe.name, f"{low:.2f} mm", f"{sill:.2f} mm by its sill and invert", MEND)


def _ends(design: Design) -> Iterator[Finding]:
    """A pipe begins in its bucket's wall and ends over the mouth below, at its tier's underside."""
    layout = layout_of(design)
    for pipe, source, target in _ways(design):
        start, end = pipe.path_mm[0], pipe.path_mm[-1]
        (x, y, z), foot = start.tolist(), float(source.at_mm[2])
        if abs(_beyond(start[:2], source)) > OFF_MM or not foot - pipe.bore_mm < z < foot + source.rim_mm:
            yield Finding("upper end", pipe.name, f"({x:g}, {y:g}, {z:g}) mm", f"in a wall of {source.name}", MEND)
        x, y, z = end.tolist()
        plane = float(layout.planes_mm[design.tier_of(pipe.source)])
        if _beyond(end[:2], target) > OFF_MM or z < target.at_mm[2]:
            yield Finding("lower end", pipe.name, f"({x:g}, {y:g}, {z:g}) mm", f"over the mouth of {target.name}", MEND)
        elif layout.mast_mm and abs(z - plane) > OFF_MM:
            yield Finding("lower end", pipe.name, f"{z:g} mm", f"{plane:g} mm, its tier's underside", MEND)


def _landings(design: Design) -> Iterator[Finding]:
    """Water falls from a tier into the mouths below, and not beside them."""
    advice = "fewer pipes, or a smaller outlet"
    for pipe, _, target in _ways(design) if layout_of(design).mast_mm else ():
        if (beside := beside_mm(pipe, target)) > 0:
            yield Finding("water beside the mouth", pipe.name, f"{beside:.2f} mm", "0 mm", advice)


def _beyond(place: np.ndarray, vessel: Vessel) -> float:
    """How far a place in plan lies outside a vessel's mouth; below 0 inside it."""
    return float((np.abs(place - vessel.at_mm[:2]) - np.array(vessel.size_mm) / 2).max())


def _nameless(design: Design) -> Iterator[Finding]:
    """Vessels of a tower whose names fit no free wall, and show short or not at all."""
    layout = layout_of(design)
    if not layout.text_mm or not layout.mast_mm:  # the calibration piece says left, middle and right by its places
        return
    own = {label.vessel: " ".join(label.lines) for label in layout.labels}
    shown = {word for lines in own.values() for word in lines.split()}
    for vessel in (*design.tiers[0], *design.cups):
        short = vessel.name.upper()
        if short in shown and own.get(vessel.name) != " ".join(stroke_font.plain(vessel.label).split()):
            advice = f"use a shorter name; {short} is embossed instead"
            limit = f"a free wall of {vessel.size_mm[0]:.0f} x {vessel.size_mm[1]:.0f} mm"
            yield Finding("name", vessel.name, repr(vessel.label), limit, advice, "warning")
    if bare := [v.name for v in design.vessels if v.name not in own and v.name.upper() not in shown]:
        advice = "write them on by hand, or train with fewer pipes"
        yield Finding("name", ", ".join(bare), "not embossed", "a free wall", advice, "warning")


def _part_sizes(design: Design) -> Iterator[Finding]:
    """Every part fits the bed."""
    sizes = np.array([np.ptp(box, axis=0) for box in design.layout.part_boxes_mm(design).values()])
    yield from part_sizes(design, _would_stand(design, sizes))


def _would_stand(design: Design, sizes_mm: Floats) -> str:
    """What a tower too large for its printer would need: a bed, fewer pipes or another style.

    A tier of many pipes is as long as they need side by side, and falls as far as they run.
    """
    sizes = np.column_stack([np.sort(sizes_mm[:, :2], axis=1), sizes_mm[:, 2]]).max(axis=0)
    bed = np.array([*sorted(design.printer.bed_mm[:2]), design.printer.bed_mm[2]])
    need = "x".join(f"{10 * np.ceil(size / 10):.0f}" for size in np.maximum(sizes, bed))
    ways = [f"plan for a bed of --bed {need}"]
    bare = BARE_MM + CELL_MM * max(len(row) for row in design.rows)
    part = UNEVEN * float(((bed - bare) / np.maximum(sizes - bare, 1.0))[sizes > bed].min(initial=1.0))
    if int(part * len(design.pipes)) >= len(design.buckets):
        ways.append(f"train with --pipes {int(part * len(design.pipes))} or so")
    else:
        ways.append("use fewer buckets or fewer mL per unit")
    return ", ".join([*ways, "or try --style terrace"])


SIZES = (*IDENTITY, "thicknesses", "letters")
PIPES = (*SIZES, "ends of pipes")

TOWER_RULES = (
    Rule("thicknesses", _sizes),
    Rule("letters", _letters),
    Rule("walls between vessels", _apart, SIZES),
    Rule("rims and floors", _stacked, SIZES),
    Rule("seats", _seated, SIZES),
    Rule("free areas", _free, SIZES),
    Rule("bores", _bores, SIZES),
    Rule("slopes of pipes", _slopes, SIZES),
    Rule("ends of pipes", _ends, SIZES),
    Rule("holes in walls", _holes, SIZES),
    Rule("distances between channels", _distances, PIPES),
    Rule("landings of water", _landings, PIPES),
    Rule("places of names", _names, SIZES),
    Rule("names that do not fit", _nameless, SIZES),
    Rule("part sizes", _part_sizes, SIZES),
)
