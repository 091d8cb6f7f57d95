"""Measure a design's parts on their meshes: the volume of every bucket, the cross-section of every channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import PorcelainError
from ..geometry import channel, surface
from ..hydraulics.outlets import kind_of
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
    """What the meshes of a design are.

    Attributes
    ----------
    held_volume_ml : what each bucket holds; NaN where it leaks
    areas_mm2 : cross-section of each channel, as it prints
    genus : how many ways lead through each part
    one_closed_body : whether each part is one

    Examples
    --------
    >>> Measured({"b0.0": 10.0}, {"p0.0-0": 12.0}, {"body": 1}, {"body": True}).genus["body"]
    1
    """

    held_volume_ml: dict[str, float]
    areas_mm2: dict[str, float]
    genus: dict[str, int]
    one_closed_body: dict[str, bool]

    def as_network(self, design: Design) -> Network:
        """The network that these meshes compute.

        Parameters
        ----------
        design : tells which channels lead where, and how much water is one unit

        Returns
        -------
        Network
            A bucket that leaks keeps nothing in it.
        """
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
    """Measure every bucket, channel and part of a design.

    Parameters
    ----------
    design : where each bucket and channel should be
    parts : meshes to measure

    Returns
    -------
    Measured
        Held volumes, cross-sections and the form of every part.

    Raises
    ------
    PorcelainError
        Where the parts are not this design's.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> found = measure(design, fabricate.parts(design))
    >>> pipe = design.pipes[0]
    >>> abs(found.areas_mm2[pipe.name] / pipe.area_mm2 - 1.0) < 1e-3
    True
    """
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
    """Water that a bucket's mesh holds below the design's sill.

    Parameters
    ----------
    bucket : where its hollow and its sill should be
    part : mesh in which it stands

    Returns
    -------
    float
        mL; NaN where the mesh lets water out below the sill.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> (part,) = fabricate.parts(design)
    >>> bucket = design.buckets[0]
    >>> abs(held_volume_ml(bucket, part) - bucket.threshold_ml) < 0.01
    True
    """
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
    if kind_of(bucket).divided:
        return compartment_mm2(pipe, bucket, part)
    return channel.printed_mm2(area_mm2(pipe, part), design.printer.hole_shrink_mm)


def compartment_mm2(pipe: Pipe, bucket: Bucket, part: Part) -> float:
    """Cross-section of a weir's compartment.

    Parameters
    ----------
    pipe : its first point lies on the sill, in the compartment
    bucket : the sill's height and the depth of its opening
    part : mesh

    Returns
    -------
    float
        Narrowest free width between knives, at five heights above the sill, times the height of the opening; mm2.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> (part,) = fabricate.parts(design)
    >>> pipe = design.branches(design.buckets[0].name)[0]
    >>> abs(compartment_mm2(pipe, design.buckets[0], part) / pipe.area_mm2 - 1.0) < 1e-3
    True
    """
    x, y, z = pipe.path_mm[0] - part.at_mm
    cuts = LevelCuts(part.vertices_mm, part.faces)
    heights = np.array(STATIONS) * bucket.outlet.height_mm
    widths = [free_width_mm(cuts.outlines(z + height), x, y + JUST_OUTSIDE_MM) for height in heights]
    return min(widths) * bucket.outlet.height_mm


def area_mm2(pipe: Pipe, part: Part) -> float:
    """Cross-section of a closed channel.

    Parameters
    ----------
    pipe : its last two points are the axis of the channel
    part : mesh

    Returns
    -------
    float
        Of five cuts square to the axis, the one that is farthest from the design; 0 where the channel is blocked; mm2.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-tower/design.json", "design")
    >>> pipe = design.pipes[0]
    >>> part = next(part for part in fabricate.parts(design) if pipe.name in part.channels)
    >>> drawn = channel.area_mm2(pipe.bore_mm + design.printer.hole_shrink_mm)
    >>> abs(area_mm2(pipe, part) / drawn - 1.0) < 1e-3
    True
    """
    start, end = pipe.path_mm[-2] - part.at_mm, pipe.path_mm[-1] - part.at_mm
    side, up = channel.frame(end - start)
    axis = np.zeros((1, 2))
    found = []
    for station in STATIONS:
        loops = outlines_at(part.vertices_mm, part.faces, start + station * (end - start), side, up)
        areas = [channel.polygon_area(loop) for loop in loops if inside(loop, axis)[0]]
        found.append(min((-area for area in areas if area < 0), default=0.0))  # holes run clockwise
    return float(max(found, key=lambda area: abs(area - pipe.area_mm2)))
