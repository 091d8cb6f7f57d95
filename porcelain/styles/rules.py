"""Design rules: what a printer and falling water allow. Each broken rule is a Finding."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from ..arrays import Floats, Ints
from ..errors import Finding
from ..geometry import channel, stroke_font
from ..machine.design import Design
from ..machine.layouts import Terrace, Tower
from ..machine.vessel import Pipe, Vessel
from ..network import Layer, Network
from ..printer import Printer

MAX_OUTLET_MM2 = 110.0  # a wider outlet drains a hand-sized bucket in under a second and outgrows its wall
ROOF_DEG = 50.0  # overhangs at 45 degrees still draw support here and there; at 50 none
MAX_PIPES = 300  # booleans over long slanted pipes grow steeply beyond; measured with manifold3d
MAX_TIERS = 4
SAMPLE_MM = 0.5
MOST_SAMPLES = 300  # a stretch longer than 150 mm fits no printer whose pipes this close would matter to
AIR_MM = 1.0  # more than a nozzle is wide, or a slicer bridges it; and knees stand out a little
BARE_MM, CELL_MM = 20.0, 28.0  # the length of a row without any pipes: its mast, and its buckets or cups
UNEVEN = 0.8  # pipes that are left after pruning crowd some buckets more than others
STANDS_DEG = 10.0  # a table is level to a degree; the rest is a sleeve that catches
LOST_SHARE_WARNING = 0.15
KEPT_ML = 0.05


def up_mm(value: Any) -> Any:
    """To the next tenth of a millimetre, number or array."""
    return np.ceil(value * 10 - 1e-9) / 10


def between_mm(pipe_wall_mm: float) -> float:
    """Least distance between two bores: their walls, and air, so that a tier has no holes but its channels."""
    return 2 * pipe_wall_mm + AIR_MM


def share_floor(printer: Printer) -> float:
    """The smallest share that a printable bore of a printable outlet can carry."""
    return channel.area_mm2(printer.min_bore_mm) / MAX_OUTLET_MM2


def before(network: Network, floor: float) -> list[Finding]:
    """What can be refused at a glance, before anything is sized."""
    findings = []
    if len(network.layers) > MAX_TIERS:
        findings.append(
            Finding("rows of buckets", network.name, str(len(network.layers)), str(MAX_TIERS), "train fewer layers")
        )
    if network.n_pipes > MAX_PIPES:
        advice = f"train with fewer buckets or with --pipes {MAX_PIPES}"
        findings.append(Finding("number of pipes", network.name, str(network.n_pipes), str(MAX_PIPES), advice))
    for k, layer in enumerate(network.layers):
        for i in np.flatnonzero(layer.shares.max(axis=1) < floor):
            best = f"{layer.shares[i].max():.3f}"
            advice = "use fewer targets or a printer with a finer bore"
            findings.append(Finding("largest share", f"b{k}.{i}", best, f"{floor:.3f}", advice))
    best = network.layers[-1].shares.max(axis=0)
    advice = f"its cup would stay dry; train with --min-share {floor:.3f}, or without that class"
    dry = np.flatnonzero(best < floor)
    return findings + [Finding("largest share", f"c{j}", f"{best[j]:.3f}", f"{floor:.3f}", advice) for j in dry]


def close_small_shares(network: Network, floor: float) -> tuple[Network, list[Finding]]:
    """The network without pipes below the printable floor, rows renormalised, and what was closed."""
    layers, findings = [], []
    for k, layer in enumerate(network.layers):
        shares = layer.shares.copy()
        for i, j in np.argwhere((shares > 0) & (shares < floor)):
            advice = (
                f"closed, and the other branches of b{k}.{i} widened; train with --min-share {floor:.3f} to keep it"
            )
            findings.append(Finding("share", f"p{k}.{i}-{j}", f"{shares[i, j]:.4f}", f"{floor:.3f}", advice, "warning"))
            shares[i, j] = 0.0
        layers.append(Layer(layer.thresholds, shares / shares.sum(axis=1, keepdims=True)))
    return replace(network, layers=tuple(layers)), findings


def after(design: Design) -> list[Finding]:
    """What is wrong with a placed machine: parts off the bed, pipes too close or too flat, thin bores."""
    if isinstance(design.body, Terrace):
        return [
            *_off_the_bed(design),
            *_too_slender(design),
            *_too_narrow(design),
            *_too_long(design, design.body),
            *_uneven(design),
            *_too_shallow(design),
        ]
    if not isinstance(design.body, Tower):
        return _off_the_bed(design)
    return [
        *_off_the_bed(design),
        *_too_close(design, design.body),
        *_too_flat(design, design.body),
        *_too_thin(design),
        *_missing(design),
        *_nameless(design, design.body),
        *_too_shallow(design),
    ]


def _off_the_bed(design: Design) -> list[Finding]:
    bed = " x ".join(f"{b:g}" for b in design.printer.bed_mm) + " mm"
    sizes = {part: np.ptp(box, axis=0) for part, box in design.body.part_boxes_mm(design).items()}
    advice = "use a larger printer, fewer buckets or fewer mL per unit"
    if isinstance(design.body, Tower):
        advice = _would_stand(design, np.array(list(sizes.values())))
    findings = []
    for part, size in sizes.items():
        if not design.printer.fits(tuple(size)):
            findings.append(Finding("size", part, " x ".join(f"{s:.0f}" for s in size) + " mm", bed, advice))
    return findings


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


def _too_slender(design: Design) -> list[Finding]:
    """A machine that a nudge knocks over: half full it weighs as much above as below half its height."""
    boxes = np.array(list(design.body.part_boxes_mm(design).values())).reshape(-1, 3)
    width, depth, height = np.ptp(boxes, axis=0)
    tips_deg = float(np.degrees(np.arctan2(min(width, depth), height)))
    if tips_deg >= STANDS_DEG:
        return []
    advice = "train fewer layers or prune pipes, so that fewer gutters cross, or use fewer mL per unit"
    return [Finding("tilt at which it tips", design.name, f"{tips_deg:.0f} deg", f"{STANDS_DEG:g} deg", advice)]


def _too_close(design: Design, body: Tower) -> list[Finding]:
    limit = between_mm(body.pipe_wall_mm)
    findings = []
    for row in design.tiers:
        pipes = [pipe for bucket in row for pipe in design.branches(bucket.name)]
        gap, pair = smallest_gap(pipes)
        if gap < limit:
            names, advice = " and ".join(pipe.name for pipe in pair), "fewer pipes, or a smaller outlet"
            findings.append(Finding("distance between bores", names, f"{gap:.2f} mm", f"{limit:.2f} mm", advice))
    return findings


def _too_flat(design: Design, body: Tower) -> list[Finding]:
    limit = body.roof_deg - 0.5
    return [
        Finding("slope", p.name, f"{p.slope_deg:.1f} deg", f"{limit:.1f} deg", "raise the tier")
        for p in design.pipes
        if p.slope_deg < limit
    ]


def _too_thin(design: Design) -> list[Finding]:
    limit = design.printer.min_bore_mm - 0.01
    return [
        Finding("bore", p.name, f"{p.bore_mm:.2f} mm", f"{limit:.2f} mm", "close the pipe or widen the outlet")
        for p in design.pipes
        if p.bore_mm < limit
    ]


def _missing(design: Design) -> list[Finding]:
    vessels = {vessel.name: vessel for vessel in design.vessels}
    return [
        Finding("water beside the mouth", p.name, f"{beside:.2f} mm", "0 mm", "fewer pipes, or a smaller outlet")
        for p in design.pipes
        if (beside := beside_mm(p, vessels[p.target])) > 0
    ]


def beside_mm(pipe: Pipe, vessel: Vessel) -> float:
    """How far a pipe's water reaches over the edge of the mouth below; below 0 inside it.

    It leaves through the whole bore, cut level, and goes on in the pipe's direction down to the rim.
    """
    direction = pipe.path_mm[-1] - pipe.path_mm[-2]
    end, rim = pipe.path_mm[-1], vessel.at_mm[2] + vessel.rim_mm
    jet = direction[:2] * (rim - end[2]) / direction[2]
    outline = channel.footprint_mm(pipe.bore_mm, direction) + end[:2] - vessel.at_mm[:2]
    reach = np.maximum(np.abs(outline), np.abs(outline + jet)).max(axis=0)
    return float((reach - np.array(vessel.size_mm) / 2).max())


def _too_narrow(design: Design) -> list[Finding]:
    limit = design.printer.min_bore_mm - 0.01
    heights = {bucket.name: bucket.outlet.height_mm for bucket in design.buckets}
    return [
        Finding("compartment", p.name, f"{p.area_mm2 / heights[p.source]:.2f} mm", f"{limit:.2f} mm", "widen its sill")
        for p in design.pipes
        if p.area_mm2 / heights[p.source] < limit
    ]


def _too_shallow(design: Design) -> list[Finding]:
    """Buckets that keep more than their threshold, because this water stands higher on a sill than they are deep."""
    advice = f"pour water that wets better than {design.water.name}, or plan more mL per unit"
    findings = []
    for layer, row in zip(design.network.layers, design.tiers, strict=True):
        for bucket, threshold in zip(row, layer.thresholds * design.ml_per_unit, strict=True):
            over = bucket.threshold_ml - float(threshold)
            if bucket.outlet.stop_mm and over > KEPT_ML:
                value, limit = f"{bucket.threshold_ml:.2f} mL", f"{threshold:.2f} mL"
                findings.append(Finding("water kept", bucket.name, value, limit, advice, "warning"))
    return findings


def _too_long(design: Design, body: Terrace) -> list[Finding]:
    """Names that do not fit above their buckets or on their cups: buckets then show their short name."""
    if not body.text_mm:
        return []
    advice = "use a shorter name; the short name of the vessel is embossed instead"
    rear = [b for n, b in enumerate(design.tiers[0]) if not body.ranks or body.ranks[n] == 0]
    found = [
        Finding("name", v.name, repr(v.label), f"{lines} lines in {v.size_mm[0]:.0f} mm", advice, "warning")
        for row, lines in ((rear, 2), (design.cups, 1))
        for v in row
        if stroke_font.lines(v.label, body.text_mm, v.size_mm[0] - 3 * body.stroke_mm, lines) is None
    ]
    if body.ranks:
        advice = "find these by their short names on the end wall, or on the map in the guide"
        front = f"{len(design.tiers[0]) - len(rear)} inputs in front"
        found.append(Finding("names above buckets", front, "none", "behind the rear rank only", advice, "warning"))
    return found


def _nameless(design: Design, body: Tower) -> list[Finding]:
    """Vessels of a tower whose names fit no free wall, and show short or not at all."""
    if not body.text_mm:
        return []
    own = {plaque.vessel: " ".join(plaque.lines) for plaque in body.plaques}
    shown = {word for lines in own.values() for word in lines.split()}
    findings = []
    for vessel in (*design.tiers[0], *design.cups):
        short = vessel.name.upper()
        if short in shown and own.get(vessel.name) != " ".join(stroke_font.plain(vessel.label).split()):
            advice = f"use a shorter name; {short} is embossed instead"
            limit = f"a free wall of {vessel.size_mm[0]:.0f} x {vessel.size_mm[1]:.0f} mm"
            findings.append(Finding("name", vessel.name, repr(vessel.label), limit, advice, "warning"))
    if bare := [v.name for v in design.vessels if v.name not in own and v.name.upper() not in shown]:
        advice = "write them on by hand, or train with fewer pipes"
        findings.append(Finding("name", ", ".join(bare), "not embossed", "a free wall", advice, "warning"))
    return findings


def _uneven(design: Design) -> list[Finding]:
    """Cups that do not compare by eye."""
    if design.even_cups:
        return []
    widths = [cup.size_mm[0] for cup in design.cups]
    advice = "compare their scales and not their levels, or plan --cups equal for a little more plastic"
    return [Finding("width", "cups", f"{min(widths):.0f} to {max(widths):.0f} mm", "one for all", advice, "warning")]


def smallest_gap(pipes: list[Pipe]) -> tuple[float, tuple[Pipe, ...]]:
    """Thinnest material between the bores of any two pipes, and which these are; sampled along their axes.

    Pairs are taken in the order of how near they may be at most, so that few are sampled.
    """
    first, second = np.triu_indices(len(pipes), 1)
    apex = np.array([pipe.bore_mm / np.sqrt(2.0) for pipe in pipes])
    least = _apart_mm(pipes, first, second) - apex[first] - apex[second]
    smallest = np.inf
    pair: tuple[Pipe, ...] = ()
    for n in np.argsort(least, kind="stable"):
        if least[n] >= smallest:
            break
        a, b = pipes[first[n]], pipes[second[n]]
        gap = _gap(a, _samples(a), b, _samples(b))
        if gap < smallest:
            smallest, pair = gap, (a, b)
    return smallest, pair


def _apart_mm(pipes: list[Pipe], first: Ints, second: Ints) -> Floats:
    """Distance (n,) of the axes of pairs of pipes: the least over all pairs of their straight stretches.

    Nearest points of two segments as in Ericson, Real-Time Collision Detection (2005), 5.1.9.
    """
    found = np.full(len(first), np.inf)
    stretches = range(max((len(pipe.path_mm) for pipe in pipes), default=1) - 1)
    starts = [np.array([pipe.path_mm[min(i, len(pipe.path_mm) - 2)] for pipe in pipes]) for i in stretches]
    ends = [np.array([pipe.path_mm[min(i, len(pipe.path_mm) - 2) + 1] for pipe in pipes]) for i in stretches]
    for i, j in product(stretches, stretches):
        p, q = starts[i][first], starts[j][second]
        u, v = ends[i][first] - p, ends[j][second] - q
        uu, vv, uv = (u * u).sum(axis=1), (v * v).sum(axis=1), (u * v).sum(axis=1)
        ur, vr = (u * (p - q)).sum(axis=1), (v * (p - q)).sum(axis=1)
        along = np.clip((uv * vr - ur * vv) / np.maximum(uu * vv - uv**2, 1e-9), 0.0, 1.0)
        other = np.clip((uv * along + vr) / vv, 0.0, 1.0)
        along = np.clip((uv * other - ur) / uu, 0.0, 1.0)
        found = np.minimum(found, np.linalg.norm(p + along[:, None] * u - q - other[:, None] * v, axis=1))
    return found


def _samples(pipe: Pipe) -> tuple[Floats, Floats]:
    """Points (n, 3) along a pipe's axis and the unit direction there."""
    points, directions = [], []
    for start, end in zip(pipe.path_mm, pipe.path_mm[1:], strict=False):
        n = int(np.clip(np.linalg.norm(end - start) / SAMPLE_MM, 2, MOST_SAMPLES))
        points.append(start + np.linspace(0, 1, n)[:, None] * (end - start))
        directions.append(np.tile((end - start) / np.linalg.norm(end - start), (n, 1)))
    return np.concatenate(points), np.concatenate(directions)


def _gap(a: Pipe, at_a: tuple[Floats, Floats], b: Pipe, at_b: tuple[Floats, Floats]) -> float:
    """Distance of the axes where they are nearest, less how far each teardrop reaches towards the other."""
    distance = cdist(at_a[0], at_b[0])
    i, j = np.unravel_index(distance.argmin(), distance.shape)
    nearest = float(distance[i, j])
    if nearest == 0.0:
        return -np.inf
    towards = (at_b[0][j] - at_a[0][i]) / nearest
    return nearest - _reach(a, at_a[1][i], towards) - _reach(b, at_b[1][j], -towards)


def _reach(pipe: Pipe, direction: Floats, towards: Floats) -> float:
    """How far a pipe's section reaches in a direction (its support function)."""
    side, up = channel.frame(direction)
    return float((channel.teardrop(pipe.bore_mm) @ [side @ towards, up @ towards]).max())
