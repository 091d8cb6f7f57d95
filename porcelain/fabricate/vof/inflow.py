"""How fast and how thick the sheets of water are that fall into a bucket or run down its ramp."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
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
    back = geometry.foot_mm - geometry.flat_mm - (high - geometry.floor_mm) / geometry.slope
    landings = [
        replace(p, at_mm=max(p.at_mm, back), fall_mm=p.fall_mm + max(geometry.rim_mm - high, 0.0) * (p.at_mm < back))
        for p in geometry.landings
    ]
    return replace(geometry, back_mm=back, landings=tuple(landings))


@dataclass(frozen=True)
class Sheet:
    """What falls or runs in: where, how thick and how fast."""

    landing: Landing
    thick_mm: float
    speed_mm_s: float


def falling(
    landings: Iterable[Landing],
    rate_ml_s: float,
    speed_mm_s: float | None = None,
    further_mm: Callable[[float], float] = lambda _: 0.0,
) -> list[Sheet]:
    """Sheets side by side; landings that overlap in one plane are added.

    Parameters
    ----------
    landings : iterable of Landing
    rate_ml_s : float
        Of all of them together.
    speed_mm_s : float, optional
        Of every sheet, in place of what its fall gives.
    further_mm : callable, optional
        How far a sheet at this y falls on below the rim, before it enters the mesh.
    """
    found = []
    for at in sorted({landing.at_mm for landing in landings}):
        here = [landing for landing in landings if landing.at_mm == at]
        marks = sorted({m for landing in here for m in (landing.low_mm, landing.high_mm)})
        for low, high in pairwise(marks):
            over = [p for p in here if p.low_mm <= low + 1e-9 and p.high_mm >= high - 1e-9]
            part = sum(p.part * (high - low) / (p.high_mm - p.low_mm) for p in over)
            if part > 0:
                fall = max(p.fall_mm for p in over) + further_mm(at)
                flow = part * rate_ml_s * MM3_PER_ML / (high - low)
                speed = speed_mm_s or film_mm_s(flow, fall)
                found.append(Sheet(Landing(low, high, at, fall, part), max(flow / speed, THINNEST_MM), speed))
    return found


def sheets(geometry: OutletGeometry, rate_ml_s: float, speed_mm_s: float | None = None) -> list[Sheet]:
    """Sheets into a pool, or down to a ramp."""

    def further(at_mm: float) -> float:
        return geometry.rim_mm - geometry.floor_at_mm(at_mm) if geometry.ramp_deg else 0.0

    return falling(geometry.landings, rate_ml_s, speed_mm_s, further)


def lines_mm(geometry: OutletGeometry, found: Iterable[Sheet]) -> list[float]:
    """Lines between cells that the sheets need: above a ramp, or along y in a pool."""
    if geometry.ramp_deg:
        return [sheet.thick_mm for sheet in found]
    return [m for sheet in found for m in (sheet.landing.at_mm, sheet.landing.at_mm + sheet.thick_mm)]


def inlets(geometry: OutletGeometry, mesh: Mesh, found: Iterable[Sheet]) -> list[Inlet]:
    """Faces of the mesh through which the sheets enter."""
    across, along, up = mesh.axes
    (_, start, _), (_, _, top) = mesh.corners_mm
    surface = mesh.frame.point(0.0, geometry.foot_mm, geometry.floor_mm)[2]
    made = []
    for sheet in found:
        landing = sheet.landing
        low, high = across.nearest(landing.low_mm), across.nearest(landing.high_mm)
        if geometry.ramp_deg:
            box = (low, start, up.nearest(surface)), (high, start, up.nearest(surface + sheet.thick_mm))
        else:
            back, front = along.nearest(landing.at_mm), along.nearest(landing.at_mm + sheet.thick_mm)
            box = (low, back, top), (high, front, top)
        made.append(Inlet(*box, landing.part, sheet.speed_mm_s))
    return made
