"""Rules of a terrace's gutters: branches lie side by side on a sill, and each has a layer and a cell of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ...errors import Finding
from ...machine.design import Design
from ...machine.joint import fork_mm
from ...machine.layouts import Terrace
from ...machine.vessel import Bucket, Pipe, Vessel
from ..limits import OFF_MM
from ..rules import MEND

ROUND_MM = 0.05  # and a mouth's height over a joint to a tenth


def streams(design: Design, layout: Terrace) -> Iterator[Finding]:
    """Every broken rule of the water's ways from row to row."""
    for k, row in enumerate(design.tiers):
        yield from _gutters(design, layout, k)
        for bucket in row:
            yield from _cut(design, layout, bucket)
        yield from _parted(design, layout, k)
    vessels = {vessel.name: vessel for vessel in design.vessels}
    for pipe, layer in zip(design.pipes, layout.pipe_layers, strict=True):
        source = vessels[pipe.source]
        assert isinstance(source, Bucket)
        yield from _runs(design, layout, pipe, layer, source)


def _gutters(design: Design, layout: Terrace, k: int) -> Iterator[Finding]:
    """Between the mouths below and the opening's top, over the row below and wide enough for water."""
    bucket, cell = design.tiers[k][0], design.rows[k + 1][0]
    rims = max(float(v.at_mm[2]) + v.rim_mm for v in design.rows[k + 1])
    mouth, top = float(layout.mouths_mm[k]), float(layout.tops_mm[k])
    joint = layout.joint(k + 1)  # over one, dividers stand on arches that straddle the walls of the row below
    foot = rims + (fork_mm(layout.wall_mm, layout.plate_mm, joint.air_mm, joint.prong_mm) if joint else 0.0)
    if abs(mouth - foot) > OFF_MM + ROUND_MM * (foot > rims) or mouth >= top:
        limit = f"{foot:.2f} mm, and below {top:g} mm"
        yield Finding("mouth of its gutters", cell.name, f"{mouth:g} mm", limit, MEND)
    high = float(bucket.at_mm[2]) + bucket.outlet.sill_mm + bucket.outlet.height_mm
    if abs(top - high) > OFF_MM:
        yield Finding("top of its opening", bucket.name, f"{top:g} mm", f"{high:.2f} mm, its sill's and height's", MEND)
    deep, least = float(layout.gutters_mm[k]), design.printer.min_bore_mm
    if deep < least:
        yield Finding("depth of its gutters", bucket.name, f"{deep:g} mm", f"{least:g} mm at least", MEND)
    end, front = layout.layer_mm(k, layout.layers[k]), float(layout.fronts_mm[k + 1]) - layout.wall_mm
    if end > front + OFF_MM:
        yield Finding("front of its gutters", cell.name, f"{end:.2f} mm", f"{front:.2f} mm, its front wall", MEND)


def dividers(design: Design, layout: Terrace) -> Iterator[Finding]:
    """One divider of every layer for every wall of the row below, and no other; told of the first that is not so."""
    found = Counter((d.tier, d.layer, d.wall) for d in layout.dividers)
    wanted = Counter(
        (k, n, wall)
        for k, row in enumerate(design.rows[1:])
        for n in range(layout.layers[k])
        for wall in range(len(row) + 1)
    )
    for tier, layer, wall in sorted((found - wanted) + (wanted - found))[:1]:
        where, count = f"tier {tier}, layer {layer}, wall {wall}", found[tier, layer, wall]
        yield Finding("dividers", f"layout.dividers of {where}", f"{count}", f"{wanted[tier, layer, wall]}", MEND)


def _cut(design: Design, layout: Terrace, bucket: Bucket) -> Iterator[Finding]:
    """A bucket's branches lie side by side over its whole sill, each as wide as water runs through."""
    least = design.printer.min_bore_mm - 0.01
    pipes = sorted(design.branches(bucket.name), key=lambda pipe: float(pipe.path_mm[0, 0]))
    at = float(bucket.at_mm[0]) - bucket.size_mm[0] / 2
    for pipe in pipes:
        left, right = _edges(pipe, bucket)
        if right - left < least:
            yield Finding("compartment", pipe.name, f"{right - left:.2f} mm", f"{least:.2f} mm", "widen its sill")
        if abs(left - at) > OFF_MM:
            yield Finding("left end of its sill", pipe.name, f"{left:.2f} mm", f"{at:.2f} mm", MEND)
        at = right + layout.knife_mm
    end = float(bucket.at_mm[0]) + bucket.size_mm[0] / 2 + layout.knife_mm
    if pipes and abs(at - end) > OFF_MM:
        yield Finding("right end of its sill", pipes[-1].name, f"{at:.2f} mm", f"{end:.2f} mm", MEND)


def _parted(design: Design, layout: Terrace, k: int) -> Iterator[Finding]:
    """Every stream of a tier falls through its own layer, between that layer's dividers, into its own cell."""
    cells = sorted(design.rows[k + 1], key=lambda v: float(v.at_mm[0]))
    places = {v.name: p for p, v in enumerate(cells)}
    ends = {(d.layer, d.wall): d.top_mm for d in layout.dividers if d.tier == k}
    sources = {bucket.name: bucket for bucket in design.tiers[k]}
    middles, rise = [line[-1][0] for line in layout.walls_mm(cells)], float(np.tan(np.radians(layout.roof_deg)))
    for pipe, n in zip(design.pipes, layout.pipe_layers, strict=True):
        if (source := sources.get(pipe.source)) is None:
            continue
        low, high = _edges(pipe, source)
        left, right = (ends.get((n, places[pipe.target] + side)) for side in (0, 1))
        if left is None or right is None:
            yield Finding("gutter layer", pipe.name, str(n), f"one of 0 to {layout.layers[k] - 1}", MEND)
        elif left > low + OFF_MM or right < high - OFF_MM:
            limit = f"its dividers at {left:.2f} and {right:.2f} mm"
            yield Finding("water", pipe.name, f"{low:.2f} to {high:.2f} mm", limit, MEND)
        else:
            place = places[pipe.target]
            leans = max(abs(left - middles[place]), abs(right - middles[place + 1]))
            sill = float(source.at_mm[2]) + source.outlet.sill_mm
            ramp = sill - layout.lip_mm - rise * (layout.layer_mm(k, n) - float(layout.fronts_mm[k]))
            needed = float(layout.mouths_mm[k]) + rise * leans
            if ramp < needed - 2 * OFF_MM:
                advice = MEND
                yield Finding("end of its ramp", pipe.name, f"{ramp:.2f} mm", f"{needed:.2f} mm", advice)


def _runs(design: Design, layout: Terrace, pipe: Pipe, layer: int, source: Bucket) -> Iterator[Finding]:
    """A stream's path begins on its sill, keeps to its layer and ends over the mouth of its cell."""
    k = design.tier_of(source.name)
    start, end = pipe.path_mm[0], pipe.path_mm[-1]
    edge = float(layout.fronts_mm[k]) - layout.wall_mm + layout.edge_mm, float(source.at_mm[2]) + source.outlet.sill_mm
    if np.abs(start[1:] - edge).max() > OFF_MM:
        limit = f"({edge[0]:.2f}, {edge[1]:.2f}) mm, its sill's edge"
        yield Finding("upper end", pipe.name, f"({start[1]:g}, {start[2]:g}) mm", limit, MEND)
    left, right = layout.mouth_mm(design.rows[k + 1], _cell(design, k + 1, pipe.target))
    mouth = float(layout.mouths_mm[k])
    if not left - OFF_MM <= end[0] <= right + OFF_MM or abs(end[2] - mouth) > OFF_MM:
        limit = f"{left:.2f} to {right:.2f} mm, at {mouth:g} mm"
        yield Finding("lower end", pipe.name, f"{end[0]:g} mm, at {end[2]:g} mm", limit, MEND)
    near = layout.layer_mm(k, layer)
    far, across = near + float(layout.gutters_mm[k]), sorted((float(start[0]), float(end[0])))
    for x, y, _ in pipe.path_mm[1:].tolist():
        if not (near - OFF_MM <= y <= far + OFF_MM and across[0] - OFF_MM <= x <= across[1] + OFF_MM):
            limit = f"x {across[0]:.2f} to {across[1]:.2f} mm, y {near:.2f} to {far:.2f} mm"
            yield Finding("way", pipe.name, f"({x:g}, {y:g}) mm", limit, MEND)
            break


def _edges(pipe: Pipe, bucket: Bucket) -> tuple[float, float]:
    """Left and right end of a branch on its sill."""
    half = pipe.area_mm2 / bucket.outlet.height_mm / 2
    return float(pipe.path_mm[0, 0]) - half, float(pipe.path_mm[0, 0]) + half


def _cell(design: Design, k: int, name: str) -> Vessel:
    return next(vessel for vessel in design.rows[k] if vessel.name == name)
