"""What a tower must be for its meshes to mean anything: a design that was edited by hand may be nothing of it.

The planner keeps these rules by itself. Each is told of the vessel or pipe it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

import numpy as np

from ...errors import Finding
from ...geometry import channel
from ...machine.design import Design
from ...machine.layouts import Tower
from ...machine.vessel import Bucket, Pipe, Vessel
from ..edits import OFF_MM, ROOFS_DEG, UNDO
from ..letter_rules import misplaced, unreadable

FREE = 1e-3  # of a vessel's plan: nothing stands in a tower's vessels


def impossible_tower(design: Design, body: Tower) -> Iterator[Finding]:
    """Every broken rule of a tower's millimetres."""
    if wrong := [*_sizes(design, body), *unreadable(body, body.wall_mm, design.printer.nozzle_mm)]:
        yield from wrong
        return
    vessels = {vessel.name: vessel for vessel in design.vessels}
    line, clear = 2 * design.printer.nozzle_mm, 2 * (body.wall_mm + design.printer.clearance_mm)
    for row in design.tiers:
        yield from _apart(row, body.wall_mm)
    yield from _apart(design.cups, clear if body.mast_mm else line)
    yield from _stacked(design, body)
    yield from _seated(design, body)
    for vessel in design.vessels:
        plan, free = float(np.prod(vessel.size_mm)), vessel.slab_areas_mm2
        if np.any(np.abs(free - plan) > FREE * plan):
            yield Finding("free area", vessel.name, f"{free.max():.0f} mm2", f"its plan's {plan:.0f} mm2", UNDO)
    for pipe in design.pipes:
        source = vessels[pipe.source]
        assert isinstance(source, Bucket)
        yield from _runs(pipe, source, vessels[pipe.target], design.printer.min_bore_mm, body.roof_deg)
        yield from _holed(pipe, source)
        if body.mast_mm:
            yield from _lands(pipe, vessels[pipe.target], float(body.planes_mm[design.tier_of(pipe.source)]))
    for plaque in body.plaques if body.text_mm else ():
        yield from misplaced(design, body, plaque)


def _sizes(design: Design, body: Tower) -> Iterator[Finding]:
    """Walls that hold, a plane for every tier, a mast where there are parts to carry."""
    line = design.printer.nozzle_mm
    for what, value, least in (
        ("wall_mm", body.wall_mm, design.printer.min_wall_mm),
        ("pipe_wall_mm", body.pipe_wall_mm, 2 * line),
        ("floor_mm", body.floor_mm, 2 * line),
        ("foot_mm", body.foot_mm, 2 * line),
        ("gap_mm", body.gap_mm, 0.0),
        ("peg_mm", body.peg_mm, 0.0),
        ("mast_mm", body.mast_mm or np.inf, 4 * body.wall_mm + 2 * design.printer.clearance_mm),
    ):
        if value < least - OFF_MM / 10:
            yield Finding("size", f"body.{what}", f"{value:g} mm", f"{least:g} mm", UNDO)
    if not ROOFS_DEG[0] <= body.roof_deg <= ROOFS_DEG[1]:
        limit = f"{ROOFS_DEG[0]:g} to {ROOFS_DEG[1]:g} deg"
        yield Finding("slope", "body.roof_deg", f"{body.roof_deg:g} deg", limit, UNDO)
    if len(body.planes_mm) != len(design.tiers):
        yield Finding("count", "body.planes_mm", str(len(body.planes_mm)), str(len(design.tiers)), UNDO)
    if not body.mast_mm and (len(body.feet_mm) != 1 or len(design.tiers) != 1):
        yield Finding("size", "body.mast_mm", "0 mm", "above 0 mm", "only a trial piece stands without a mast")
    for k, (above, below) in enumerate(pairwise(body.planes_mm), 1):
        if below >= above:
            yield Finding("underside", f"t{k}", f"{below:g} mm", f"below {above:g} mm", UNDO)


def _stacked(design: Design, body: Tower) -> Iterator[Finding]:
    """Rims of a row are level and a gap below the tier above, floors lie above their tier's underside."""
    for k, row in enumerate(design.rows):
        rims = [float(v.at_mm[2]) + v.rim_mm for v in row]
        above = k > 0 and body.mast_mm > 0
        limit = float(body.planes_mm[k - 1]) - body.gap_mm if above else max(rims)
        low = float(body.planes_mm[k]) + body.floor_mm if k < len(design.tiers) else 0.0
        for vessel, rim in zip(row, rims, strict=True):
            if abs(rim - limit) > OFF_MM:
                yield Finding("height of its rim", vessel.name, f"{rim:.2f} mm", f"{limit:.2f} mm", UNDO)
            if vessel.at_mm[2] < low - OFF_MM:
                found = f"{vessel.at_mm[2]:.2f} mm"
                yield Finding("height of its floor", vessel.name, found, f"{low:.2f} mm at least", UNDO)


def _seated(design: Design, body: Tower) -> Iterator[Finding]:
    """Cups stand on the base plate, and it reaches under them and the rims of their seats."""
    around = (2 * body.wall_mm + design.printer.clearance_mm) * (body.mast_mm > 0)
    foot = body.foot_mm + (body.floor_mm if body.mast_mm else 0.0)
    for cup in design.cups:
        if abs(float(cup.at_mm[2]) - foot) > OFF_MM:
            yield Finding("height of its floor", cup.name, f"{cup.at_mm[2]:.2f} mm", f"{foot:.2f} mm on its seat", UNDO)
        half = np.array(cup.size_mm) / 2 + around
        low, high = cup.at_mm[:2] - half, cup.at_mm[:2] + half
        if not np.any(np.all(body.feet_mm[:, :2] <= low, axis=1) & np.all(body.feet_mm[:, 2:] >= high, axis=1)):
            at = f"({cup.at_mm[0]:g}, {cup.at_mm[1]:g}) mm"
            yield Finding("place", cup.name, at, "on a rectangle of body.feet_mm", UNDO)


def _apart(row: Sequence[Vessel], least: float) -> Iterator[Finding]:
    """A wall stands between any two vessels of a row."""
    for a, b in combinations(row, 2):
        reach = (np.array(a.size_mm) + np.array(b.size_mm)) / 2
        gap = float((np.abs(a.at_mm[:2] - b.at_mm[:2]) - reach).max())
        if gap < least - OFF_MM:
            advice = UNDO
            yield Finding("wall between them", f"{a.name} and {b.name}", f"{gap:.2f} mm", f"{least:g} mm", advice)


def _holed(pipe: Pipe, source: Bucket) -> Iterator[Finding]:
    """A bore's lowest point in its bucket's wall is where the sill is, or as far above it as its invert says."""
    first = pipe.path_mm[1] - pipe.path_mm[0]
    if run := float(np.hypot(first[0], first[1])):
        low = float(pipe.path_mm[0, 2]) + channel.mouth_mm(pipe.bore_mm, -float(first[2]) / run)[0]
        sill = float(source.at_mm[2]) + source.outlet.sill_mm + pipe.invert_mm
        if abs(low - sill) > OFF_MM:
            yield Finding("lowest point", pipe.name, f"{low:.2f} mm", f"{sill:.2f} mm by its sill and invert", UNDO)


def _runs(pipe: Pipe, source: Bucket, target: Vessel, bore_mm: float, roof_deg: float) -> Iterator[Finding]:
    """A pipe begins in its bucket's wall and ends over the mouth below, wide and steep enough."""
    start, end = pipe.path_mm[0], pipe.path_mm[-1]
    if pipe.bore_mm < bore_mm - 0.01:
        yield Finding("bore", pipe.name, f"{pipe.bore_mm:.2f} mm", f"{bore_mm:g} mm", "widen it, or close the pipe")
    if pipe.slope_deg < roof_deg - 0.6:
        yield Finding("slope", pipe.name, f"{pipe.slope_deg:.1f} deg", f"{roof_deg:g} deg", "raise its tier")
    off = abs(_beyond(start[:2], source))
    if off > OFF_MM or not source.at_mm[2] - pipe.bore_mm < start[2] < source.at_mm[2] + source.rim_mm:
        x, y, z = start.tolist()
        yield Finding("upper end", pipe.name, f"({x:g}, {y:g}, {z:g}) mm", f"in a wall of {source.name}", UNDO)
    if _beyond(end[:2], target) > OFF_MM or end[2] < target.at_mm[2]:
        x, y, z = end.tolist()
        yield Finding("lower end", pipe.name, f"({x:g}, {y:g}, {z:g}) mm", f"over the mouth of {target.name}", UNDO)


def _lands(pipe: Pipe, target: Vessel, plane: float) -> Iterator[Finding]:
    """A pipe is cut off at its tier's underside, its bore wholly over the mouth below."""
    x, y, z = pipe.path_mm[-1].tolist()
    if abs(z - plane) > OFF_MM:
        yield Finding("lower end", pipe.name, f"{z:g} mm", f"{plane:g} mm, its tier's underside", UNDO)
    elif -pipe.bore_mm / 2 + OFF_MM < _beyond(pipe.path_mm[-1, :2], target) <= OFF_MM:
        limit = f"its {pipe.bore_mm:.1f} mm bore over the mouth of {target.name}"
        yield Finding("lower end", pipe.name, f"({x:g}, {y:g}) mm", limit, UNDO)


def _beyond(place: np.ndarray, vessel: Vessel) -> float:
    """How far a place in plan lies outside a vessel's mouth; below 0 inside it."""
    return float((np.abs(place - vessel.at_mm[:2]) - np.array(vessel.size_mm) / 2).max())
