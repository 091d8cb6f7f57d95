"""The case of a level sill: a pool behind it or a ramp, knives on it, compartments in front."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ...hydraulics import division, weir
from ...machine.outlet_geometry import Baffle, OutletGeometry
from . import inflow
from .mesh import BELOW_MM, FAR_MM, OPEN_MM, Mesh, mesh_of
from .setup import Box, Setup, VofOptions

STRIPS = 8  # along the sill, where the level is measured
STRIP_MM = 3.0  # deep behind the sill wall
DRAIN_FROM_MM = 4.0
NEAR_MM = 0.01  # a face lies in a plane within this
DISCHARGE = 0.61  # for the levels at the start only
POOL = {"cell_mm": 0.5, "end_s": 0.5, "mean_s": 0.25}
RAMP = {"cell_mm": 0.33, "end_s": 0.16, "mean_s": 0.06}


def setup(geometry: OutletGeometry, options: VofOptions) -> Setup:
    """The case of a sill; what the options leave open is filled in for a ramp or a pool."""
    options = options.filled(**(RAMP if geometry.ramp_deg else POOL))
    assert options.cell_mm is not None
    geometry = inflow.shortened(geometry)
    found = inflow.sheets(geometry, options.rate_ml_s, options.speed_mm_s) if options.rate_ml_s else []
    below = options.below_mm or BELOW_MM
    mesh = mesh_of(geometry, options.cell_mm, inflow.lines_mm(geometry, found), below)
    far = 10 * FAR_MM
    pool = (-far, -far, -far), (far, geometry.foot_mm, far)
    return Setup(
        mesh,
        options,
        tuple(inflow.inlets(geometry, mesh, found)),
        _outs(geometry, mesh),
        _strips(geometry, mesh),
        pool,
        () if geometry.ramp_deg else tuple(_wet(geometry, options)),
    )


def _wet(g: OutletGeometry, options: VofOptions) -> Iterator[Box]:
    """Still water at the start: higher behind each baffle by what its openings lose, up to its top."""
    far, level, front = 10 * FAR_MM, _level(g, options), g.foot_mm
    for baffle in reversed(g.baffles):
        yield (-far, baffle.back_mm, -far), (far, front, level)
        front = baffle.back_mm
        if options.level_mm is None and baffle.openings:
            level = min(level + _loss_mm(baffle, options.rate_ml_s), max(level, baffle.top_mm))  # then it runs over
    yield (-far, -far, -far), (far, front, level)


def _loss_mm(baffle: Baffle, rate_ml_s: float) -> float:
    """Head that the flow loses in a baffle's openings."""
    area = sum((o.high_mm - o.low_mm) * (o.height_mm + o.peak_mm) / 2 for o in baffle.openings)
    return division.slot_loss_mm(rate_ml_s, area)


def _level(geometry: OutletGeometry, options: VofOptions) -> float:
    """Where the water stands at the sill at the start, above the table."""
    if options.level_mm is not None:
        return geometry.sill_mm + options.level_mm
    if not options.rate_ml_s:
        return geometry.sill_mm + DRAIN_FROM_MM
    width = sum(c.width_mm for c in geometry.compartments)
    return geometry.sill_mm + float(weir.head_mm(np.array(options.rate_ml_s), np.array(width), DISCHARGE))


def _outs(g: OutletGeometry, mesh: Mesh) -> tuple[tuple[str, tuple[Box, ...]], ...]:
    """Outlets from the left, one a compartment, between the middles of knives: in front, and through the floor there.

    A turned mesh ends at the drop; an upright one has water below it behind the sill wall.
    """
    middles = [(low + high) / 2 for low, high in g.knives_mm]
    ends = [g.left_mm - 2 * OPEN_MM, *middles, g.right_mm + 2 * OPEN_MM]
    front, drop, far = mesh.corners_mm[1][1], mesh.drop_mm, 10 * FAR_MM
    past = g.foot_mm if g.ramp_deg else g.front_mm - NEAR_MM
    return tuple(
        (
            c.pipe,
            (
                ((low, front - NEAR_MM, -far), (high, front + NEAR_MM, far)),
                ((low, past, drop - NEAR_MM), (high, front, drop + NEAR_MM)),
            ),
        )
        for c, (low, high) in zip(g.compartments, pairwise(ends), strict=True)
    )


def _strips(g: OutletGeometry, mesh: Mesh) -> tuple[Box, ...]:
    """Where behind the sill the water above the sill, or the ramp, is measured, box by box."""
    across, along, up = mesh.axes
    behind = max([g.foot_mm - STRIP_MM, *(baffle.front_mm for baffle in g.baffles)])
    back, floor = along.nearest(behind), g.sill_mm
    if g.ramp_deg:
        floor = mesh.frame.point(0.0, g.foot_mm, g.floor_mm)[2]
    top, width = mesh.corners_mm[1][2], g.right_mm - g.left_mm
    ends = [across.nearest(g.left_mm + width * n / STRIPS) for n in range(STRIPS + 1)]
    return tuple(((low, back, up.nearest(floor)), (high, g.foot_mm, top)) for low, high in pairwise(ends))
