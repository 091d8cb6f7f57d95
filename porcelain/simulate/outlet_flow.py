"""The flow of one outlet from its table, and how it changes in time: derivatives by volume, and jets."""

from __future__ import annotations

import math
from typing import Any

from .compiled import inline

FAINT = 1e-4  # of the permitted error: what is less need not be exact in time


@inline
def find_band(m: Any, band: int, first: int, end: int, water: float) -> int:
    """The band of a segment in which ``water`` lies, sought from ``band`` on."""
    band = min(max(band, first), end - 1)
    while band < end - 1 and water > m.band[band].high:
        band += 1
    while band > first and water <= m.band[band - 1].high:
        band -= 1
    return band


@inline
def outlet(m: Any, band: int, row: int, water: float) -> tuple[float, float, float, float]:
    """Flow (mL/s), its first and second derivative by volume, and by z; the middle two are 0 at a root's origin."""
    a = m.band[band]
    above = max(water - a.origin, 0.0)
    z = math.sqrt(above) if a.root else above
    x = (z - a.mid) * a.scale
    n = m.poly.shape[1] - 1
    flow, first, second = m.poly[a.row + row, n], 0.0, 0.0
    for k in range(n - 1, -1, -1):
        second = second * x + first
        first = first * x + flow
        flow = flow * x + m.poly[a.row + row, k]
    by_z, by_zz = first * a.scale, 2.0 * second * a.scale * a.scale
    if not a.root:
        return flow, by_z, by_zz, by_z
    if z == 0.0:
        return flow, 0.0, 0.0, by_z
    by_w = 0.5 * by_z / z
    return flow, by_w, (0.25 * by_zz - 0.5 * by_w) / above, by_z


@inline
def _jet(flow: float, by_w: float, by_ww: float, by_z: float, climb: float, bend: float, at_origin: bool) -> Any:
    """A flow over time, from its derivatives by volume and how the volume climbs."""
    root = by_z * math.sqrt(abs(climb)) if at_origin else 0.0
    return flow, by_w * climb, by_ww * climb * climb + by_w * bend, root


@inline
def whole_jet(m: Any, band: int, water: float, rate: float, slope: float) -> Any:
    """The jet of the whole outflow, and dQ/dW and d2Q/dW2, at an inflow with this rate and slope."""
    flow, by_w, by_ww, by_z = outlet(m, band, 0, water)
    climb = rate - flow
    at_origin = m.band[band].root and water <= m.band[band].origin
    return _jet(flow, by_w, by_ww, by_z, climb, slope - by_w * climb, at_origin), by_w, by_ww


@inline
def branch_jet(m: Any, band: int, row: int, water: float, rate: float, slope: float) -> Any:
    """The same of one branch."""
    flow, by_w, _, _ = outlet(m, band, 0, water)
    climb = rate - flow
    at_origin = m.band[band].root and water <= m.band[band].origin
    flow, own, by_ww, by_z = outlet(m, band, row, water)
    return _jet(flow, own, by_ww, by_z, climb, slope - by_w * climb, at_origin)


@inline
def permitted(s: Any, fastest: float) -> float:
    """The error that a step may make (mL): what passes in ``close_s`` at its fastest, and no more than ``close_ml``."""
    return min(s.close_ml, max(s.close_s * fastest, FAINT * s.close_ml))


@inline
def finite_slope(slope: float) -> float:
    """The slope of an inflow; where that grows as the root of time no step needs it."""
    return slope if abs(slope) < math.inf else 0.0
