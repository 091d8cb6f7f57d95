"""One stretch of one bucket: flow and water from the root of the head, and the next root from a volume.

A step of a bucket solves S d(u^2)/dt = q - Q(u), u = sqrt(head), for the volume: the trapezoidal rule with its
endpoint correction (Euler-Maclaurin, fourth order) makes u1 the root of a quadratic. What leaves is what came minus
what stayed, so that no water is lost whatever the error in time.
"""

from __future__ import annotations

import math
from typing import Any

from .machine import (
    BANDS,
    BASE_ML,
    FLOWS,
    HIGH,
    LEAST_U,
    LOW,
    MID,
    MOST_U,
    PIPES,
    PLAN_AREA,
    SCALE,
    SHARE,
    SHARE_ROW,
    K,
)
from .state import inline, jit

CLOSE = 1e-15  # of the interval: roots are found as well as doubles tell them
SAME = 1e-8  # of u: what another correction would change is less than its square
LOOKS = 60  # for a root, at most; secants need about eight


@inline
def near(m: Any, segment: int, band: int, u: float) -> int:
    """The band of a segment in which u lies, sought from another one on."""
    first, last = m.segment_bands[segment], m.segment_bands[segment + 1] - 1
    band = min(max(band, first), last)
    while band < last and u > m.bands[band, HIGH]:
        band += 1
    while band > first and u < m.bands[band, LOW]:
        band -= 1
    return band


@inline
def flow_at(m: Any, band: int, u: float) -> float:
    """Q(u), mL/s."""
    k = m.bands[band, K]
    if k > 0.0:
        return k * u
    x = (u - m.bands[band, MID]) * m.bands[band, SCALE]
    f = m.bands[band, FLOWS:]
    return f[0] + x * (f[1] + x * (f[2] + x * (f[3] + x * (f[4] + x * f[5]))))


@inline
def slope_at(m: Any, band: int, u: float) -> float:
    """dQ/du."""
    k = m.bands[band, K]
    if k > 0.0:
        return k
    s = m.bands[band, SCALE]
    x = (u - m.bands[band, MID]) * s
    f = m.bands[band, FLOWS:]
    return s * (f[1] + x * (2.0 * f[2] + x * (3.0 * f[3] + x * (4.0 * f[4] + x * 5.0 * f[5]))))


@inline
def share_at(m: Any, b: int, j: int, band: int, u: float) -> float:
    """Share of the bucket's j-th branch."""
    at = m.bucket[b, SHARE_ROW]
    if at < 0:
        return m.part[m.bucket[b, PIPES] + j, SHARE]
    x = (u - m.bands[band, MID]) * m.bands[band, SCALE]
    c = at + (band - m.bucket[b, BANDS]) * (m.bucket[b + 1, PIPES] - m.bucket[b, PIPES]) + j
    f = m.shares[c]
    return f[0] + x * (f[1] + x * (f[2] + x * f[3]))


@inline
def between_bands(m: Any, b: int, j: int, below: int, above: int, u: float) -> tuple[float, float]:
    """How the j-th branch runs while the level stands on the edge u between two bands: what it gets whatever comes,
    mL/s, and its part of what else comes.

    What leaves jumps at the edge; between both, branches run as below it for some of the time, as above it for the
    rest (Filippov, Differential Equations with Discontinuous Righthand Sides, 1988).
    """
    low, high = flow_at(m, below, u), flow_at(m, above, u)
    before, after = share_at(m, b, j, below, u) * low, share_at(m, b, j, above, u) * high
    part = (after - before) / (high - low) if high - low > 1e-12 * high else share_at(m, b, j, above, u)
    return before - part * low, part


@inline
def water_at(m: Any, segment: int, u: float) -> float:
    """Volume above the base for u in a segment."""
    low = m.segments[segment, LEAST_U]
    return m.segments[segment, BASE_ML] + m.segments[segment, PLAN_AREA] * (u - low) * (u + low)


@inline
def u_at(m: Any, segment: int, water: float) -> float:
    """The root of the head for a volume above the base, in a segment."""
    low, area = m.segments[segment, LEAST_U], m.segments[segment, PLAN_AREA]
    return math.sqrt(max(low * low + (water - m.segments[segment, BASE_ML]) / area, low * low))


@inline
def next_u(m: Any, segment: int, band: int, u0: float, came: float, q0: float, q1: float, h: float) -> float:
    """U after h; below 0 where the water would not have lasted. It may lie outside the segment."""
    area = m.segments[segment, PLAN_AREA]
    low, high = m.segments[segment, LEAST_U], m.segments[segment, MOST_U]
    if m.bands[band, K] > 0.0 and m.segment_bands[segment + 1] == m.segment_bands[segment] + 1:
        return _next_straight(area, m.bands[band, K], low, high, u0, came, q0, q1, h)
    flow, slope = flow_at(m, band, u0), slope_at(m, band, u0)
    linear = m.bands[band, K] > 0.0
    part = 0.5 * h / area
    base = u0 * u0 + came / area - part * flow
    # the correction divides by u: in the last drops it would blow up
    corrected = u0 > part * slope
    bend0 = slope * (q0 - flow) / u0 if corrected else 0.0
    u1, extra = u0, 0.0
    for _ in range(4):
        before = u1
        at = min(max(u1, low), high)
        band = near(m, segment, band, at)
        flow, slope = flow_at(m, band, at), slope_at(m, band, at)
        b = part * slope
        rest = b * b + 4.0 * (base + extra - part * (flow - slope * at))
        u1 = 0.5 * (math.sqrt(rest) - b) if rest > b * b else -1.0
        at = min(max(u1, low), high)
        band = near(m, segment, band, at)
        slope = slope_at(m, band, at)
        # near a stop at full flow u is no smooth measure of it; Q = k u is smooth to the end
        if corrected and at > part * slope and (linear or at > 0.5 * u0):
            extra = h * h / (24.0 * area * area) * (slope * (q1 - flow_at(m, band, at)) / at - bend0)
        else:
            extra = 0.0
            if linear:
                break
        if abs(u1 - before) <= SAME * u0:
            break
    return u1


@inline
def _next_straight(
    area: float, k: float, low: float, high: float, u0: float, came: float, q0: float, q1: float, h: float
) -> float:
    """The same where Q = k u all along: u1 + k h / 4S is a root."""
    half = 0.25 * h * k / area
    least = half * half
    g = (u0 - half) * (u0 - half) + came / area
    if u0 <= 2.0 * half:
        return math.sqrt(g) - half if g > least else -1.0
    f = 2.0 * least / (3.0 * k)
    bend0 = q0 / u0
    u1, extra = u0, 0.0
    for _ in range(4):
        before = u1
        u1 = math.sqrt(g + extra) - half if g + extra > least else -1.0
        at = min(max(u1, low), high)
        if at <= 2.0 * half:
            return math.sqrt(g) - half if g > least else -1.0
        extra = f * (q1 / at - bend0)
        if abs(u1 - before) <= SAME * u0:
            break
    return u1


@inline
def cubic(s: float, came: float, a: float, b: float) -> float:
    """What has come by the fraction s of a step: the cubic with these end rates (times the step)."""
    t = 1.0 - s
    return s * (t * (t * a - s * b) + s * came * (3.0 - 2.0 * s))


@inline
def rising(s: float, came: float, a: float, b: float) -> float:
    """The same with its end rates held back so that it never falls (Fritsch and Carlson, 1980)."""
    return cubic(s, came, min(a, 3.0 * came), min(b, 3.0 * came))


@inline
def cubic_rate(s: float, came: float, a: float, b: float) -> float:
    """Its rate of change, never below 0."""
    t = 1.0 - s
    return max(6.0 * s * t * came + a * t * (1.0 - 3.0 * s) + b * s * (3.0 * s - 2.0), 0.0)


@inline
def _between(low: float, high: float, at_low: float, at_high: float, look: int) -> float:
    """Where to look for a root next: where the secant meets zero, every fourth time in the middle."""
    mid = (low * at_high - high * at_low) / (at_high - at_low)
    if look % 4 == 3 or not low < mid < high:
        mid = 0.5 * (low + high)
    return mid


@jit
def when_came(goal: float, s: float, came: float, a: float, b: float) -> float:
    """The fraction of the step, from s on, by which ``goal`` has come; 1 where it comes later."""
    low, high = s, 1.0
    at_low, at_high = cubic(s, came, a, b) - goal, came - goal
    mid, side = 1.0, 0
    for look in range(LOOKS):
        if at_high <= 0.0:
            break
        before, mid = mid, _between(low, high, at_low, at_high, look)
        off = cubic(mid, came, a, b) - goal
        if off == 0.0 or abs(mid - before) <= CLOSE:
            break
        if off < 0.0:  # Illinois: an end that stays twice must not hold the secant back
            low, at_low, at_high, side = mid, off, at_high * (0.5 if side < 0 else 1.0), -1
        else:
            high, at_high, at_low, side = mid, off, at_low * (0.5 if side > 0 else 1.0), 1
    return mid


@jit
def when_rate(rate: float, above: bool, s: float, came: float, a: float, b: float) -> float:
    """The fraction of the step, from s on, at which the rate passes ``rate``; the rate at 1 lies beyond it."""
    low, high = s, 1.0
    for _ in range(50):
        mid = 0.5 * (low + high)
        if (cubic_rate(mid, came, a, b) > rate) == above:
            high = mid
        else:
            low = mid
    return high


@jit
def edge_time(
    m: Any, segment: int, band: int, u0: float, edge: float,
    s: float, h: float, came: float, a: float, b: float, dt: float,
) -> float:  # fmt: skip
    """How long, within h, until u reaches the edge of its segment: the root of the step's volume balance."""
    area = m.segments[segment, PLAN_AREA]
    if came <= 0.0 and m.bands[band, K] > 0.0:
        return 2.0 * area * (u0 - edge) / m.bands[band, K]
    there = near(m, segment, band, edge)
    flow0, flow1 = flow_at(m, band, u0), flow_at(m, there, edge)
    slope0, slope1 = slope_at(m, band, u0), slope_at(m, there, edge)
    start = cubic(s, came, a, b)
    q0 = cubic_rate(s, came, a, b) / dt
    gap = area * (u0 - edge) * (u0 + edge)
    sign = 1.0 if edge > u0 else -1.0
    low, high, at_low, at_high = 0.0, h, sign * gap, 0.0
    mid, side = h, 0
    for look in range(LOOKS):
        end = s + mid / dt
        left = gap + cubic(end, came, a, b) - start - 0.5 * mid * (flow0 + flow1)
        part = 0.5 * mid / area
        if u0 > part * slope0 and edge > max(part * slope1, 0.0):  # a fitted slope may be a shade below 0
            q1 = cubic_rate(end, came, a, b) / dt
            bends = slope1 * (q1 - flow1) / edge - slope0 * (q0 - flow0) / u0
            left += mid * mid / (24.0 * area) * bends
        left *= sign
        if left > 0.0:
            high, at_high, at_low, side = mid, left, at_low * (0.5 if side > 0 else 1.0), 1
        elif look == 0 or left == 0.0:  # at the end it is not quite there
            break
        else:
            low, at_low, at_high, side = mid, left, at_high * (0.5 if side < 0 else 1.0), -1
        before, mid = mid, _between(low, high, at_low, at_high, look)
        if abs(mid - before) <= CLOSE * h:
            break
    return mid
