"""The equation of one step: what leaves is the integral of a polynomial that meets the flow at both ends.

The polynomial meets the flow and its first two derivatives (Hermite and Obreshkov, sixth order; Hairer, Norsett and
Wanner, Solving Ordinary Differential Equations I, 2nd ed., II.13). Newton's method finds the water at the end. Where
the root of time is the better variable (a start, a stop), the step is taken in that.
"""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import math
from typing import Any

from .compiled import inline, jit
from .outlet_flow import find_band, finite_slope, outlet, permitted, whole_jet
from .tables import END, PLAIN
from .trajectory import inflow, same_time

NEWTON = 30


@inline
def near_end(kind: int, h: float, jet: Any) -> tuple[float, float, float]:
    """Derivatives of cumulative volume by a piece's variable where that is 0."""
    if kind == PLAIN:
        return h * jet[0], h * h * jet[1], h * h * h * jet[2]
    return 0.0, 2.0 * h * jet[0], 4.0 * h * math.sqrt(h) * jet[3]


@inline
def far_end(kind: int, h: float, jet: Any) -> tuple[float, float, float]:
    """The same where it is 1."""
    flow, slope, bend = h * jet[0], h * h * jet[1], h * h * h * jet[2]
    if kind == PLAIN:
        return flow, slope, bend
    if kind == END:  # time runs backwards
        slope = -slope
    return 2.0 * flow, 2.0 * flow + 4.0 * slope, 12.0 * slope + 8.0 * bend


@inline
def ends(kind: int, h: float, jet0: Any, jet1: Any) -> Any:
    """Both, from the jets at the start and the end of a step."""
    if kind == END:
        return near_end(kind, h, jet1), far_end(kind, h, jet0)
    return near_end(kind, h, jet0), far_end(kind, h, jet1)


@inline
def leaves(near: Any, far: Any) -> float:
    """What passes in a step: the integral of the quintic that meets three derivatives at both ends."""
    return 0.5 * (near[0] + far[0]) + 0.1 * (near[1] - far[1]) + (near[2] + far[2]) / 120.0


@inline
def misfit(whole: float, near: Any, far: Any) -> float:
    """How far the piece that is handed on is off: by its third derivatives, which it was not asked to meet."""
    c3 = 10.0 * whole - 6.0 * near[0] - 4.0 * far[0] - 1.5 * near[1] + 0.5 * far[1]
    c4 = -15.0 * whole + 8.0 * near[0] + 7.0 * far[0] + 1.5 * near[1] - far[1]
    c5 = 6.0 * whole - 3.0 * (near[0] + far[0]) - 0.5 * (near[1] - far[1])
    return max(abs(6.0 * c3 - near[2]), abs(6.0 * c3 + 24.0 * c4 + 60.0 * c5 - far[2])) / 384.0


@inline
def _leaves_by_water(kind: int, h: float, by_w: float, by_ww: float, climb: float, slope: float) -> float:
    """How what leaves in a step changes with the water at its end (the third derivative of the law left out)."""
    if kind == END:
        return 0.2 * h * by_w
    first, second = h * by_w, h * h * (by_ww * climb - by_w * by_w)
    third = h * h * h * (by_ww * (slope - 4.0 * by_w * climb) + by_w * by_w * by_w)
    if kind == PLAIN:
        return 0.5 * first - 0.1 * second + third / 120.0
    return first - 0.2 * first - 0.4 * second + 0.1 * second + third / 15.0


@inline
def _first_guess(m: Any, s: Any, h: float, came: float, jet0: Any) -> float:
    """The end of a step by the trapezoidal rule and a law that is straight in z: a closed form."""
    a = m.band[s.band]
    flow, by_w, _, by_z = outlet(m, s.band, 0, s.water)
    if not a.root:
        return s.water + (came - h * flow) / (1.0 + 0.5 * h * by_w)
    above = s.water - a.origin
    rest = above + came - h * flow + 0.5 * h * by_z * math.sqrt(max(above, 0.0))
    half = 0.25 * h * by_z
    if rest <= 0.0:
        return a.origin + 0.01 * above
    z = math.sqrt(half * half + rest) - half
    return a.origin + z * z


@inline
def end_water(
    m: Any, s: Any, low: float, high: float, first: int, end: int,
    kind: int, h: float, came: float, rate: float, slope: float, jet0: Any,
) -> Any:  # fmt: skip
    """The water at the end of a step and its band; beyond ``low`` or ``high`` where it leaves its segment."""
    water = min(max(_first_guess(m, s, h, came, jet0), low), high)
    band = s.band
    close = min(1e-3 * permitted(s, max(jet0[0], max(s.rate, rate))), 1e-10 * came + 1e-300)
    close += 2e-16 * (abs(s.water) + abs(water))
    for _ in range(NEWTON):
        band = find_band(m, band, first, end, water)
        a = m.band[band]
        if a.root and water <= a.origin:  # where the law has no derivative
            water = a.origin + 1e-12 * (s.water + came)
        jet1, by_w, by_ww = whole_jet(m, band, water, rate, slope)
        near, far = ends(kind, h, jet0, jet1)
        off = water - s.water - came + leaves(near, far)
        by_water = max(1.0 + _leaves_by_water(kind, h, by_w, by_ww, rate - jet1[0], slope), 0.5)
        if off < 0.0 and water >= high:
            return math.inf, band
        if off > 0.0 and water <= low + 1e-12 * (s.water + came):
            return -math.inf, band
        before = water
        if a.root:
            z = math.sqrt(water - a.origin)
            z = max(z - 0.5 * off / (by_water * z), 0.1 * z)
            water = a.origin + z * z
        else:
            water -= off / by_water
        water = min(max(water, low), high)
        if abs(water - before) <= close:
            break
    return water, find_band(m, band, first, end, water)


@jit
def reach_edge(m: Any, w: Any, b: Any, s: Any, edge: float, band: int, kind: int, h: float, jet0: Any) -> float:
    """How long, within ``h``, until the water stands at an edge; -1 where it does not get there.

    The root of the step's own balance, by the secant that keeps a bracket (Illinois).
    """
    sign = 1.0 if edge > s.water else -1.0
    low, high, at_low, at_high = 0.0, h, abs(edge - s.water), 0.0
    t, side = h, 0
    for look in range(80):
        came, rate, slope, _ = inflow(w, b.source_first, b.source_end, s.t + t, -1)
        jet1, _, _ = whole_jet(m, band, edge, rate, finite_slope(slope))
        near, far = ends(kind, t, jet0, jet1)
        off = sign * (leaves(near, far) - (came - s.came - (edge - s.water)))
        if look == 0 and off > 0.0:
            return -1.0
        if off == 0.0 or high - low <= same_time(s.t + t):
            break
        if off > 0.0:
            low, at_low, at_high, side = t, off, at_high * (0.5 if side > 0 else 1.0), 1
        else:
            high, at_high, at_low, side = t, off, at_low * (0.5 if side < 0 else 1.0), -1
        before = t
        t = (low * at_high - high * at_low) / (at_high - at_low)
        if not low < t < high or look % 8 == 7:
            t = 0.5 * (low + high)
        if abs(t - before) <= 0.25 * same_time(s.t + t):
            break
    return t


@inline
def turning_point(h: float, y0: float, y1: float, rate0: float, rate1: float) -> float:
    """The highest or lowest value within a step whose rate changes its sign, by Hermite's cubic."""
    x = rate0 / (rate0 - rate1)
    z = 1.0 - x
    return y0 * z * z * (1.0 + 2.0 * x) + y1 * x * x * (1.0 + 2.0 * z) + h * x * z * (z * rate0 - x * rate1)
