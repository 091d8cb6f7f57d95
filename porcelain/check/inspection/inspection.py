"""Read a machine from its meshes: buckets, outlets and channels, and the network that they compute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from ...arrays import Floats, Ints
from ...data import Dataset
from ...data.matching import matched
from ...encoding import Encoding
from ...errors import Finding, PorcelainError
from ...geometry import channel as section
from ...machine.assembly import Assembly, Mouth, Part
from ...machine.design import Design
from ...network import Layer, Network
from ..mesh.channels import Channel, follow, inside
from ..mesh.columns import PITCH_MM
from ..mesh.flood import Wet
from ..mesh.held_volume import held_volume_ml, sill_mm
from ..mesh.walls import overhang, thinnest
from ..mesh.weirs import ABOVE_SILL_MM, compartments, sill_side
from .comparison import compared_with
from .faults import mesh_faults, place, placing_faults
from .flooded import FloodedMachine
from .inspected import BucketInspection, Inspection

STANDING_MM = 1.0  # a channel holds back no more than this: it falls all the way
FALL_MM = 3.0  # water that drops further has left the surface it ran on
NARROW = 0.9  # of its usual cross-section
END_MM = 3.0  # beyond the edge of a channel's last cut, water is not at its end
RIM_MM = 1.0
SAMPLED_MM = 0.6  # a floor of 50 degrees falls by less between two samples

Trails: TypeAlias = dict[tuple[int, int, int], tuple[str, int]]
"""Holes that channels went through, as (part, cut, hole): the channel's name and how many were known before it."""


def inspect(
    parts: Sequence[Part],
    assembly: Assembly,
    dataset: Dataset | None = None,
    design: Design | None = None,
    pitch_mm: float = PITCH_MM,
) -> Inspection:
    """Measure placed meshes, with no design at hand.

    Parameters
    ----------
    parts : meshes
    assembly : parts list; says where each part stands, where vessels are poured into and what feeds what
    dataset : rows that the recovered network classifies, encoded as the parts list says
    design : only compared with, where there is one
    pitch_mm : grid of the flood

    Returns
    -------
    Inspection
        Meshes so broken that no vessel is found in them, as one inside out, are told for that and not poured into.

    Raises
    ------
    PorcelainError
        Where the parts list names no mouths.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> parts = fabricate.parts(design)
    >>> found = inspect(parts, Assembly.of(design, parts))
    >>> found.sound, found.network.widths
    (True, (4, 3))
    """
    walls = {part.name: thinnest(part) for part in parts}
    overhangs = {part.name: overhang(part) for part in parts}
    findings = [fault for part in parts for fault in mesh_faults(part, walls[part.name], assembly.nozzle_mm)]
    try:
        machine = FloodedMachine(parts, assembly, pitch_mm)
    except PorcelainError:
        if not findings or not assembly.mouths:
            raise
        return Inspection(assembly.design, (), tuple(findings), walls, overhangs, None)
    findings += placing_faults(parts, machine.columns)
    buckets: list[BucketInspection] = []
    trails: Trails = {}
    for number, mouth in enumerate(assembly.mouths, 1):
        if mouth.feeds:
            bucket, faults = _read(machine, number, mouth, trails, assembly.hole_shrink_mm)
            buckets.append(bucket)
            findings += faults
        else:
            findings += _cup_faults(machine, number, mouth)
    network = _network(assembly, buckets)
    found = Inspection(
        assembly.design,
        tuple(buckets),
        tuple(findings),
        walls,
        overhangs,
        network,
    )
    if dataset is not None and network is not None:
        if assembly.encoding is not None:
            dataset = matched(dataset, network)
        rows = network.encoding.clipped(dataset.features)
        accuracy = float(np.mean(network.predict(rows) == dataset.labels))
        found = replace(found, accuracy=accuracy)
    return found if design is None else compared_with(found, design, dataset)


# ---- one bucket -------------------------------------------------------------------------------------------------


def _read(
    machine: FloodedMachine, number: int, mouth: Mouth, trails: Trails, shrink_mm: float
) -> tuple[BucketInspection, list[Finding]]:
    c = machine.columns
    wet = machine.pour(number)
    reaches = machine.reached(wet, number)
    faults = list(_strays(machine, wet, mouth, reaches))
    part, corner, floor = machine.home(number)
    body = machine.parts[part]
    sill, _ = sill_mm(body.assembled_mm, body.faces, corner, floor - SAMPLED_MM)
    held = held_volume_ml(body.assembled_mm, body.faces, corner, sill)
    held += machine.above_ml(number, sill, mouth.stop_mm)  # no mesh shows how high water stands on a sill
    outside = np.flatnonzero((wet.level > -np.inf) & (machine.vessel == 0))
    table = np.column_stack([machine.plan_mm[outside], c.floor[outside], c.ceil[outside]])
    side = sill_side(mouth, sill, table[:, :2], table[:, 2], c.pitch_mm)
    blind: list[Floats] = []
    if side is None:
        sections, found = _channels(
            machine, wet, mouth, part, follow(machine.cuts[part], sill, table), trails, shrink_mm
        )
    else:
        sections, found, blind = _compartments(machine, mouth, part, sill, side)
    faults += found
    faults += _standing(machine, wet, outside, mouth, set(mouth.feeds) - reaches, blind)
    ordered = {target: sections[target] for target in mouth.feeds if target in sections}
    return BucketInspection(mouth.name, held, sill, tuple(sorted(reaches)), ordered), faults


def _cup_faults(machine: FloodedMachine, number: int, mouth: Mouth) -> Iterator[Finding]:
    """A cup that runs out below its rim."""
    part, corner, floor = machine.home(number)
    body = machine.parts[part]
    brim, at = sill_mm(body.assembled_mm, body.faces, corner, floor - SAMPLED_MM)
    if brim < mouth.at_mm[2] - RIM_MM:
        where = f"{mouth.name} at {place(body.assembled_mm[at])}"
        value = f"{mouth.at_mm[2] - brim:.1f} mm below its rim"
        yield Finding("cup runs out", where, value, f"{RIM_MM} mm", "close the hole")


def _channels(
    machine: FloodedMachine,
    wet: Wet,
    mouth: Mouth,
    part: int,
    channels: list[Channel],
    trails: Trails,
    shrink_mm: float,
) -> tuple[dict[str, float], list[Finding]]:
    """Cross-section (mm2), as it prints, that leads to every target through closed channels."""
    sections: dict[str, float] = {}
    ends = [_end(machine, channel, mouth) for channel in channels]
    faults = list(_dripping(machine, wet, mouth, part, channels)) if all(targets for targets, _ in ends) else []
    for channel, (targets, fault) in zip(channels, ends, strict=True):
        faults += fault
        faults += _joined(trails, part, mouth.name, targets, channel)
        for target in targets:
            printed_mm2 = section.printed_mm2(channel.area_mm2, shrink_mm)
            sections[target] = sections.get(target, 0.0) + printed_mm2 / len(targets)
    return sections, faults


def _compartments(
    machine: FloodedMachine, mouth: Mouth, part: int, sill: float, side: tuple[int, int]
) -> tuple[dict[str, float], list[Finding], list[Floats]]:
    """Width (mm) of a sill that leads to every target, and places that lead to none."""
    sections: dict[str, float] = {}
    faults: list[Finding] = []
    blind: list[Floats] = []
    for middle, width in zip(*compartments(machine.parts[part], mouth, sill, side), strict=True):
        targets = sorted(
            machine.reached_from(float(middle[0]), float(middle[1]), sill + ABOVE_SILL_MM) & set(mouth.feeds)
        )
        for target in targets:
            sections[target] = sections.get(target, 0.0) + float(width) / len(targets)
        if len(targets) != 1:
            at = place((*middle, sill))
            value = " and ".join(targets) or "nowhere"
            faults.append(Finding("compartment", f"{mouth.name} at {at}", f"leads to {value}", "one vessel", "part it"))
        if not targets:
            blind.append(np.array([*middle, sill]))
    return sections, faults, blind


def _strays(machine: FloodedMachine, wet: Wet, mouth: Mouth, reaches: set[str]) -> Iterator[Finding]:
    """Water on the table or in a vessel that is not fed."""
    c = machine.columns
    spilt = np.flatnonzero((wet.level > -np.inf) & (c.part < 0))
    if len(spilt):
        where = f"{mouth.name}, leaves at {place(_leaves(machine, wet, int(spilt[0])))}"
        yield Finding("water on the table", where, f"{len(spilt)} columns wet", "dry", "close the way out")
    for stray in sorted(reaches - set(mouth.feeds)):
        into = 1 + [m.name for m in machine.mouths].index(stray)
        node = int(np.flatnonzero((wet.level > -np.inf) & (machine.vessel == into))[0])
        where = f"{mouth.name}, leaves at {place(_leaves(machine, wet, node))}"
        yield Finding("water in a wrong vessel", where, stray, ", ".join(mouth.feeds), "part the ways")


def _leaves(machine: FloodedMachine, wet: Wet, node: int) -> tuple[float, float, float]:
    """Where water on its way to a stretch first drops off what it ran on."""
    way = wet.way(node)
    for above, below in pairwise(way):
        if machine.columns.floor[above] - machine.columns.floor[below] > FALL_MM:
            return machine.columns.at_mm(above)
    return machine.columns.at_mm(way[0])


def _standing(
    machine: FloodedMachine, wet: Wet, outside: Ints, mouth: Mouth, missing: set[str], blind: Sequence[Floats]
) -> Iterator[Finding]:
    """Water that stands in a channel, and targets that none reaches."""
    c = machine.columns
    depth = machine.runs_off[outside] - c.floor[outside]
    deepest = int(depth.argmax()) if len(depth) else -1
    stands = deepest >= 0 and depth[deepest] > STANDING_MM
    where = place(c.at_mm(int(outside[deepest])) if stands else next(iter(blind), mouth.at_mm))
    for target in sorted(missing):
        advice = "open the channel"
        yield Finding("way to a vessel", f"{mouth.name} to {target}, blocked at {where}", "none", "open", advice)
    if stands and not missing:
        value = f"{depth[deepest]:.1f} mm"
        yield Finding(
            "standing water", f"{mouth.name} at {where}", value, f"{STANDING_MM} mm", "let it fall all the way"
        )


def _dripping(machine: FloodedMachine, wet: Wet, mouth: Mouth, part: int, channels: list[Channel]) -> Iterator[Finding]:
    """Water that drops out of a channel before its end."""
    c = machine.columns
    drops = np.flatnonzero((wet.level > -np.inf) & (wet.before >= 0) & bool(channels))
    above = wet.before[drops]
    drops = drops[(c.floor[above] - c.floor[drops] > FALL_MM) & (machine.vessel[above] == 0)]
    drops = drops[[not any(_at_end_or_in(machine, part, channel, node) for channel in channels) for node in drops]]
    if len(drops):
        highest = int(wet.before[drops][c.floor[wet.before[drops]].argmax()])
        where = f"{mouth.name} at {place(c.at_mm(highest))}"
        yield Finding("water out of a channel", where, f"{len(drops)} columns drip", "dry", "close the hole")


def _at_end_or_in(machine: FloodedMachine, part: int, channel: Channel, node: int) -> bool:
    """Whether water lands on the floor of a channel itself, or falls past its lower end."""
    at, floor = machine.plan_mm[node], float(machine.columns.floor[node])
    if floor < channel.centres_mm[-1, 2]:
        return bool(np.linalg.norm(at - channel.centres_mm[-1, :2]) < np.sqrt(channel.area_mm2) + END_MM)
    cuts = machine.cuts[part]
    numbers = channel.holes[channel.holes[:, 0] == cuts.below(floor) + 1, 1]
    return any(bool(inside(cuts.holes(cuts.below(floor) + 1)[n][0], at[None])[0]) for n in numbers)


def _end(machine: FloodedMachine, channel: Channel, mouth: Mouth) -> tuple[list[str], list[Finding]]:
    """Vessels that a channel's lower end leads to, and what is wrong with the channel."""
    faults = []
    x, y, z = channel.centres_mm[-1]
    targets = sorted(machine.reached_from(x, y, z) & set(mouth.feeds))
    name = f"{mouth.name} to {' and '.join(targets) or 'nowhere'}"
    if not targets:
        faults.append(Finding("channel", f"{name} at {place((x, y, z))}", "ends", "leads to a vessel", "open it"))
    narrow, at = channel.narrowest()
    if narrow < NARROW * channel.area_mm2:
        limit = f"{NARROW * channel.area_mm2:.1f} mm2"
        where = f"{name} at {place(at)}"
        faults.append(Finding("narrowest cross-section", where, f"{narrow:.1f} mm2", limit, "clear the channel"))
    return targets, faults


def _joined(trails: Trails, part: int, source: str, targets: list[str], channel: Channel) -> list[Finding]:
    """The first place where a channel is one with another that was followed before."""
    name = f"{source} to {' and '.join(targets) or 'nowhere'}"
    others = [trails.setdefault((part, int(cut), int(hole)), (name, len(trails))) for cut, hole in channel.holes]
    own = others[0][1]
    for (other, number), centre in zip(others, channel.centres_mm, strict=True):
        if number < own:
            where = f"{name} and {other} at {place(centre)}"
            return [Finding("channels", where, "merged", "apart", "keep a wall between them")]
    return []


# ---- the whole ---------------------------------------------------------------------------------------------------


def _network(assembly: Assembly, buckets: Sequence[BucketInspection]) -> Network | None:
    """The network these buckets compute; None if a bucket's water finds no target."""
    by_name = {bucket.name: bucket for bucket in buckets}
    if not all(bucket.sections for bucket in buckets):
        return None
    rows = _rows(assembly)
    layers = []
    for row, below in pairwise(rows):
        shares = np.array([[by_name[a].shares().get(b, 0.0) for b in below] for a in row])
        held = np.array([max(by_name[a].held_volume_ml, 0.0) for a in row])
        layers.append(Layer(held / assembly.ml_per_unit, shares))
    labels = {mouth.name: mouth.label for mouth in assembly.mouths}
    encoding = assembly.encoding or Encoding.of_buckets([labels[name] for name in rows[0]], "u")
    return Network(tuple(layers), encoding, tuple(labels[name] for name in rows[-1]), assembly.design)


def _rows(assembly: Assembly) -> list[list[str]]:
    """Vessels row by row, by their steps above the cups: a vessel that none feeds has its row too."""
    steps: dict[str, int] = {}
    for mouth in reversed(assembly.mouths):  # they stand top to bottom
        steps[mouth.name] = max((1 + steps[below] for below in mouth.feeds), default=0)
    top = max(steps.values())
    return [[m.name for m in assembly.mouths if steps[m.name] == top - row] for row in range(top + 1)]
