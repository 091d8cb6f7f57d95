"""Measurement: a design's parts as their meshes really are: what every bucket holds, how wide every way is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import PorcelainError
from ..geometry import channel, surface
from ..machine.assembly import Part
from ..machine.design import Design
from ..machine.vessel import Bucket, Pipe
from ..network import Layer, Network
from .mesh.channels import inside
from .mesh.cuts import LevelCuts, outlines_at
from .mesh.held_volume import above_ml, wetted
from .mesh.weirs import free_width_mm

BELOW_SILL_MM = 0.01
JUST_OUTSIDE_MM = 0.15  # of a sill's edge: where its knives stand
STATIONS = (0.2, 0.35, 0.5, 0.65, 0.8)


@dataclass(frozen=True)
class Measured:
    """What the meshes are: what each bucket holds, each channel's section as printed, and the form of every part."""

    held_volume_ml: dict[str, float]
    areas_mm2: dict[str, float]
    genus: dict[str, int]
    one_closed_body: dict[str, bool]

    def as_network(self, design: Design) -> Network:
        """The network that these meshes compute."""
        layers = []
        for row, below in zip(design.rows, design.rows[1:], strict=False):
            names = [vessel.name for vessel in below]
            areas = np.zeros((len(row), len(below)))
            for i, bucket in enumerate(row):
                for pipe in design.branches(bucket.name):
                    areas[i, names.index(pipe.target)] += self.areas_mm2[pipe.name]
            held = np.nan_to_num([self.held_volume_ml[bucket.name] for bucket in row])  # a leaking bucket keeps nothing
            layers.append(Layer(held / design.ml_per_unit, areas / areas.sum(axis=1, keepdims=True)))
        return Network(tuple(layers), design.network.encoding, design.network.class_names, design.network.name)


def measure(design: Design, parts: list[Part]) -> Measured:
    """Measure every bucket, channel and part. Raises PorcelainError if the parts are not this design's."""
    by_channel = {name: part for part in parts for name in part.channels}
    missing = {pipe.name for pipe in design.pipes} - set(by_channel)
    if missing:
        raise PorcelainError(f"no part carries {min(missing)}; fabricate this design again")
    homes = {bucket.name: by_channel[design.branches(bucket.name)[0].name] for bucket in design.buckets}
    return Measured(
        {bucket.name: held_volume_ml(bucket, homes[bucket.name]) for bucket in design.buckets},
        {pipe.name: _area_mm2(design, pipe, by_channel[pipe.name]) for pipe in design.pipes},
        {part.name: surface.genus(part.faces) for part in parts},
        {part.name: surface.one_closed_body(part.faces) for part in parts},
    )


def held_volume_ml(bucket: Bucket, part: Part) -> float:
    """Water (mL) that a bucket's mesh holds below the design's sill; NaN if the mesh lets it out lower down."""
    sill = bucket.outlet.sill_mm
    if sill <= BELOW_SILL_MM:
        return bucket.threshold_ml
    level = float(bucket.at_mm[2] - part.at_mm[2]) + sill - BELOW_SILL_MM
    corner = bucket.at_mm - part.at_mm + np.array([*bucket.size_mm, 0.0]) / 2
    away = np.linalg.norm(part.vertices_mm - corner, axis=1)
    start = int(np.where(part.vertices_mm[:, 2] < level, away, np.inf).argmin())
    triangles = wetted(part.vertices_mm, part.faces, start, level)
    half = np.array(bucket.size_mm) / 2 + 0.05
    if np.any(np.abs(triangles[..., :2] + part.at_mm[:2] - bucket.at_mm[:2]) > half):
        return float("nan")
    film = bucket.threshold_ml - bucket.volume_ml(sill - BELOW_SILL_MM)  # up to where the design's water stops
    return above_ml(triangles, level) + float(film)


def _area_mm2(design: Design, pipe: Pipe, part: Part) -> float:
    bucket = next(b for b in design.buckets if b.name == pipe.source)
    if bucket.outlet.kind == "weir":
        return compartment_mm2(pipe, bucket, part)
    return channel.printed_mm2(area_mm2(pipe, part), design.printer.hole_shrink_mm)


def compartment_mm2(pipe: Pipe, bucket: Bucket, part: Part) -> float:
    """Cross-section of a weir's compartment on the mesh (mm2): narrowest free width above its sill, knife to knife."""
    x, y, z = pipe.path_mm[0] - part.at_mm
    cuts = LevelCuts(part.vertices_mm, part.faces)
    heights = np.array(STATIONS) * bucket.outlet.height_mm
    widths = [free_width_mm(cuts.outlines(z + height), x, y + JUST_OUTSIDE_MM) for height in heights]
    return min(widths) * bucket.outlet.height_mm


def area_mm2(pipe: Pipe, part: Part) -> float:
    """Cross-section of a channel on the mesh (mm2): of all cuts, the one farthest from the design; 0 if blocked."""
    start, end = pipe.path_mm[-2] - part.at_mm, pipe.path_mm[-1] - part.at_mm
    side, up = channel.frame(end - start)
    axis = np.zeros((1, 2))
    found = []
    for station in STATIONS:
        loops = outlines_at(part.vertices_mm, part.faces, start + station * (end - start), side, up)
        areas = [channel.polygon_area(loop) for loop in loops if inside(loop, axis)[0]]
        found.append(min((-area for area in areas if area < 0), default=0.0))  # holes run clockwise
    return float(max(found, key=lambda area: abs(area - pipe.area_mm2)))
