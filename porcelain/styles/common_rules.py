"""Rules of every design: names in the network's order, water as the millimetres say, parts that fit the bed.

A design names its vessels and says what they keep, how they share and what they must hold. The planner keeps all of it;
by hand one number is easily changed without the rest. Each broken rule is told of its vessel or pipe.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from ..errors import Finding
from ..hydraulics.outlets import KINDS, kind_of
from ..machine.design import Design
from ..printer import Printer
from .base import style_of
from .rules import MEND, Rule

KEPT = (0.005, 0.1)  # relative, and mL
SHARE = 1e-3
WIDTH_MM = 0.02  # lengths are rounded to a hundredth
STOP_MM = 0.02
SMALLER = "use a larger printer, fewer buckets or fewer mL per unit"
KEPT_ML = 0.05  # more than its threshold
POURED = (0.01, 0.2)  # what rounded thresholds leave of the worst pour: relative, and mL


def _named(design: Design) -> Iterator[Finding]:
    """Vessels stand in the network's order: what is poured goes by place, and what is written on them by label."""
    encoding, last = design.network.encoding.names, len(design.tiers)
    for k, row in enumerate(design.rows):
        told = {0: encoding, last: design.network.class_names}.get(k)
        for i, vessel in enumerate(row):
            name = f"c{i}" if k == last else f"b{k}.{i}"
            if vessel.name != name:
                yield Finding("name", vessel.name, repr(vessel.name), f"{name!r} in its place", MEND)
            elif told is not None and vessel.label != told[i]:
                yield Finding("label", name, repr(vessel.label), f"{told[i]!r} of its network", MEND)


def _poured(design: Design) -> Iterator[Finding]:
    """A worst pour for every input."""
    inputs = len(design.tiers[0])
    if len(design.worst_ml) != inputs:
        yield Finding("count", "worst_ml", str(len(design.worst_ml)), str(inputs), MEND)
    elif design.worst_ml.min() < 0:
        bucket = design.tiers[0][int(design.worst_ml.argmin())]
        yield Finding("worst pour", bucket.name, f"{design.worst_ml.min():g} mL", "0 mL at least", MEND)


def _outlets(design: Design) -> Iterator[Finding]:
    """Sills on a terrace and holes on a tower; a sill's opening is higher than its water stands."""
    kind = style_of(design).outlet
    for bucket in design.buckets:
        outlet = bucket.outlet
        if outlet.kind != kind:
            yield Finding("outlet", bucket.name, repr(outlet.kind), f"{kind!r} for this style", MEND)
        elif KINDS[kind].divided and not outlet.height_mm > outlet.stop_mm:
            limit = f"more than the {outlet.stop_mm:.2f} mm that its water stands"
            yield Finding("opening", bucket.name, f"{outlet.height_mm:g} mm", limit, MEND)


def _kept(design: Design) -> Iterator[Finding]:
    """A bucket keeps what its network asks, or what its water leaves on a floor that is as high as its sill."""
    for layer, row in zip(design.network.layers, design.tiers, strict=True):
        for bucket, asked in zip(row, layer.thresholds * design.ml_per_unit, strict=True):
            off, limit = bucket.threshold_ml - float(asked), max(KEPT[0] * float(asked), KEPT[1])
            if abs(off) > limit and not (off > 0 and bucket.outlet.sill_mm == 0):
                found = f"{bucket.threshold_ml:.4g} mL"
                yield Finding("water kept", bucket.name, found, f"{asked:.4g} mL of its network", MEND)


def _shared(design: Design) -> Iterator[Finding]:
    """Branches have the network's shares, of those that are open; on a sill their widths have them too."""
    for k, (layer, row) in enumerate(zip(design.network.layers, design.tiers, strict=True)):
        places = {vessel.name: j for j, vessel in enumerate(design.rows[k + 1])}
        for bucket, shares in zip(row, layer.shares, strict=True):
            pipes = design.branches(bucket.name)
            asked = np.array([shares[places[pipe.target]] for pipe in pipes])
            areas, outlet = np.array([pipe.area_mm2 for pipe in pipes]), bucket.outlet
            divided = kind_of(bucket).divided
            if divided and abs(areas.sum() / outlet.height_mm - outlet.width_mm) > WIDTH_MM:
                found, wide = f"{outlet.width_mm:g} mm", areas.sum() / outlet.height_mm
                yield Finding("width of its sill", bucket.name, found, f"{wide:.2f} mm of its branches", MEND)
            for n, pipe in enumerate(pipes):
                part, wide = float(asked[n] / max(asked.sum(), 1e-300)), float(areas[n] / areas.sum())
                if abs(pipe.share - part) > SHARE:
                    yield Finding("share", pipe.name, f"{pipe.share:.4f}", f"{part:.4f} of its network", MEND)
                elif divided and abs(wide - part) > SHARE:
                    yield Finding("part of its sill", pipe.name, f"{wide:.4f}", f"its share {part:.4f}", MEND)


def _stopped(design: Design) -> Iterator[Finding]:
    """Water stops on every sill where this water does, or everywhere as high as it was measured to stand."""
    measured = len({bucket.outlet.stop_mm for bucket in design.buckets}) == 1
    for bucket in design.buckets:
        stop = kind_of(bucket).stop_mm(bucket, design.branches(bucket.name), design.water)
        if not measured and abs(bucket.outlet.stop_mm - stop) > STOP_MM:
            limit = f"{stop:.2f} mm of {design.water.name} water"
            yield Finding("level at which it stops", bucket.name, f"{bucket.outlet.stop_mm:.2f} mm", limit, MEND)


def _worst(design: Design) -> Iterator[Finding]:
    """The worst pour spills nowhere: outlets pass it as it arrives or buckets hold it whole, and cups hold the rest."""
    network = design.as_network()
    rates = np.full(len(design.tiers[0]), design.pour_ml_s)
    arriving = [volumes[0] * design.ml_per_unit for volumes in network.inflows(design.worst_ml / design.ml_per_unit)]
    for row, layer, volumes in zip(design.tiers, network.layers, arriving, strict=False):
        for bucket, rate, volume in zip(row, rates, volumes, strict=True):
            passes = kind_of(bucket).passes_ml_s(bucket, design.branches(bucket.name))
            if rate > (1 + POURED[0]) * passes and volume > bucket.capacity_ml:
                yield Finding("worst pour", bucket.name, f"{rate:.4g} mL/s", f"{passes:.4g} mL/s of its outlet", MEND)
        rates = rates @ layer.shares
    for cup, volume in zip(design.cups, arriving[-1], strict=True):
        if volume > (1 + POURED[0]) * cup.capacity_ml + POURED[1]:
            yield Finding("worst pour", cup.name, f"{volume:.4g} mL", f"the {cup.capacity_ml:.4g} mL it holds", MEND)


def _shallow(design: Design) -> Iterator[Finding]:
    """Buckets that keep more than their threshold, because this water stands higher on a sill than they are deep."""
    advice = f"pour water that wets better than {design.water.name}, or plan more mL per unit"
    for layer, row in zip(design.network.layers, design.tiers, strict=True):
        for bucket, threshold in zip(row, layer.thresholds * design.ml_per_unit, strict=True):
            over = bucket.threshold_ml - float(threshold)
            if bucket.outlet.stop_mm and over > KEPT_ML:
                value, limit = f"{bucket.threshold_ml:.2f} mL", f"{threshold:.2f} mL"
                yield Finding("water kept", bucket.name, value, limit, advice, "warning")


def part_sizes(design: Design, advice: str = SMALLER) -> Iterator[Finding]:
    """Every part fits the bed, turned by a quarter if that helps."""
    for part, box in design.layout.part_boxes_mm(design).items():
        yield from too_large(design.printer, part, np.ptp(box, axis=0), advice)


def too_large(printer: Printer, part: str, size_mm: ArrayLike, advice: str) -> Iterator[Finding]:
    """A part that does not fit the bed."""
    size = tuple(float(side) for side in np.asarray(size_mm))
    if not printer.fits((size[0], size[1], size[2])):
        found = " x ".join(f"{side:.0f}" for side in size)
        yield Finding("size", part, f"{found} mm", printer.bed_text, advice)


COMMON_RULES = (
    Rule("names", _named, ()),
    Rule("pours", _poured, ()),
    Rule("outlets", _outlets, ()),
    Rule("water kept", _kept),
    Rule("shares", _shared),
    Rule("levels at which water stops", _stopped),
    Rule("worst pour", _worst),
    Rule("sills lower than water stands", _shallow),
    Rule("part sizes", part_sizes),
)
