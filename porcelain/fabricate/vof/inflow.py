"""How fast and how thick the sheets of water are that fall into a bucket or run down its ramp."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from ...machine.outlet_geometry import Landing, OutletGeometry
from ...units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2, WATER_KINEMATIC_VISCOSITY_MM2_S
from .mesh import Inlet, Mesh

RISE_MM = 5.0  # of a pool's floor above the sill, at most, in a mesh
THINNEST_MM = 0.2  # a thinner sheet enters as one cell, and more slowly


def film_mm_s(flow_mm2_s: float, fall_mm: float) -> float:
    """Speed of a sheet of this flow per width after a fall along a wall.

    Free fall, sqrt(2 g H), and no faster than a laminar film at rest with gravity, g d^2 / (3 nu) with
    d = (3 nu q / g)^(1/3) (Nusselt, Z. VDI 60, 1916).

    >>> round(film_mm_s(400.0, 20.0)), round(film_mm_s(40.0, 20.0))
    (626, 173)
    """
    g, nu = STANDARD_GRAVITY_MM_S2, WATER_KINEMATIC_VISCOSITY_MM2_S
    thick = (3.0 * nu * flow_mm2_s / g) ** (1.0 / 3.0)
    return min(math.sqrt(2.0 * g * fall_mm), flow_mm2_s / thick)


def shortened(geometry: OutletGeometry) -> OutletGeometry:
    """A pool's geometry without the part of its floor that rises far above the sill.

    What lands there runs down as a film; it enters the mesh where the floor comes below that height, as a falling
    sheet. A ramp's own mesh ends where it must.
    """
    high = geometry.sill_mm + RISE_MM
    if geometry.ramp_deg or geometry.floor_at_mm(geometry.back_mm) <= high:
        return geometry
    back = geometry.foot_mm - (high - geometry.floor_mm) / geometry.slope
    landings = [
        replace(p, at_mm=max(p.at_mm, back), fall_mm=p.fall_mm + max(geometry.rim_mm - high, 0.0) * (p.at_mm < back))
        for p in geometry.landings
    ]
    return replace(geometry, back_mm=back, landings=tuple(landings))


def sheets(
    geometry: OutletGeometry, rate_ml_s: float, speed_mm_s: float | None = None
) -> list[tuple[Landing, float, float]]:
    """Sheets side by side as (landing, thickness mm, speed mm/s); landings that overlap in one plane are added."""
    found = []
    for at in sorted({landing.at_mm for landing in geometry.landings}):
        here = [landing for landing in geometry.landings if landing.at_mm == at]
        marks = sorted({m for landing in here for m in (landing.low_mm, landing.high_mm)})
        for low, high in pairwise(marks):
            over = [p for p in here if p.low_mm <= low + 1e-9 and p.high_mm >= high - 1e-9]
            part = sum(p.part * (high - low) / (p.high_mm - p.low_mm) for p in over)
            if part > 0:
                fall = max(p.fall_mm for p in over) + _to_surface_mm(geometry, at)
                flow = part * rate_ml_s * MM3_PER_ML / (high - low)
                speed = speed_mm_s or film_mm_s(flow, fall)
                found.append((Landing(low, high, at, fall, part), max(flow / speed, THINNEST_MM), speed))
    return found


def _to_surface_mm(geometry: OutletGeometry, at_mm: float) -> float:
    """From the rim to a ramp; the sheet enters a pool's mesh at about the rim."""
    if not geometry.ramp_deg:
        return 0.0
    return geometry.rim_mm - geometry.floor_at_mm(at_mm)


def lines_mm(geometry: OutletGeometry, found: list[tuple[Landing, float, float]]) -> list[float]:
    """Lines between cells that the sheets need: above a ramp, or along y in a pool."""
    if geometry.ramp_deg:
        return [thick for _, thick, _ in found]
    return [m for landing, thick, _ in found for m in (landing.at_mm, landing.at_mm + thick)]


def inlets(geometry: OutletGeometry, mesh: Mesh, found: list[tuple[Landing, float, float]]) -> list[Inlet]:
    """Faces of the mesh through which the sheets enter."""
    across, along, up = mesh.axes
    (_, start, _), (_, _, top) = mesh.corners_mm
    surface = mesh.frame.point(0.0, geometry.foot_mm, geometry.floor_mm)[2]
    made = []
    for landing, thick, speed in found:
        low, high = across.nearest(landing.low_mm), across.nearest(landing.high_mm)
        if geometry.ramp_deg:
            box = (low, start, up.nearest(surface)), (high, start, up.nearest(surface + thick))
        else:
            box = (low, along.nearest(landing.at_mm), top), (high, along.nearest(landing.at_mm + thick), top)
        made.append(Inlet(*box, landing.part, speed))
    return made
