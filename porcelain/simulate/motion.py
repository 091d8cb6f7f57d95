"""What a bucket does until its inflow has a corner: it fills, drains, runs, follows its inflow, or stands.

A level stands at a height at which the flow jumps, at the sill or at the rim (Filippov, Differential Equations with
Discontinuous Righthand Sides, 1988). It follows its inflow where it answers so quickly that only that sets the pace.
"""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import math
from typing import Any

from .compiled import inline, jit
from .hermite import ends, turning_point
from .outlet_flow import find_band, finite_slope, outlet, permitted, whole_jet
from .step import (
    hand_on,
    hand_on_all,
    hand_on_rest,
    look_ahead,
    move_to,
    set_branches,
    set_following,
    settle_account,
    try_step,
)
from .tables import END, PLAIN, START
from .trajectory import evaluate, inflow, same_time, when_came, write_piece

EQUAL = 1e-13  # flows that differ by this part of themselves are the same
FAR = 10.0  # times the difference that is permitted: no need to look closer
STIFF = 12.0  # relaxation times a step may take; beyond, a level follows its inflow
SAFETY, LEAST, MOST = 0.9, 0.15, 6.0  # of the step size controller
ROUNDING = 4e-15  # of the water that has come: what rounding makes of it, and of its third derivatives


@jit
def fill(w: Any, b: Any, s: Any, until: float, goal: float) -> None:
    """Nothing leaves; the water climbs until it has reached ``goal``."""
    hand_on_rest(w, b, s)
    need = s.came + goal - s.water
    t0 = s.t
    move_to(w, b, s, until, -1)
    if s.came < need:
        s.water = s.start + s.came - s.spilt - s.out - b.base
        return
    t = when_came(w, b.source_first, b.source_end, t0, until, need)
    move_to(w, b, s, t, -1)
    s.water = goal
    # what rounding makes of the moment is not lost: it stands in the account of what leaves


@jit
def drain(m: Any, w: Any, b: Any, s: Any, until: float, low: float) -> None:
    """Nothing comes and the flow is a straight line through z = 0: z falls in a straight line."""
    a = m.band[s.band]
    flow, _, _, by_z = outlet(m, s.band, 0, s.water)
    z, least = math.sqrt(s.water - a.origin), math.sqrt(max(low - a.origin, 0.0))
    h = 2.0 * (z - least) / by_z
    t = s.t + h
    if t > until:
        t, h = until, until - s.t
        least = z - 0.5 * by_z * h
        low = a.origin + least * least
    t0, s.t, s.water = s.t, t, low
    settle_account(b, s)
    slope = -0.5 * by_z * by_z * h * h
    near, far = (h * flow, slope, 0.0), (h * by_z * least, slope, 0.0)
    hand_on(w, b, s, 0, t0, h, PLAIN, s.out - w.branch[0].volume, near, far)


@inline
def run(m: Any, w: Any, b: Any, s: Any, until: float) -> None:
    """One accepted step of a running outlet, to ``until`` or to the edge of its segment at most."""
    a = m.band[s.band]
    jet0, by_w, _ = whole_jet(m, s.band, s.water, s.rate, finite_slope(s.slope))
    begins = (a.root and s.water <= a.origin) or math.isinf(s.slope)
    h = min(s.h, until - s.t)
    if not begins and by_w > 0.0:
        h = min(h, STIFF / by_w)
    for _ in range(200):
        t1 = s.t + h
        if t1 >= until - same_time(until):
            t1 = until
        if h <= same_time(s.t) or not try_step(m, w, b, s, t1, jet0, begins):
            h *= 0.5
            continue
        h = s.t1 - s.t
        flow1, _, _, _ = outlet(m, s.band1, 0, s.water1)
        most = permitted(s, max(max(jet0[0], flow1), max(s.rate, s.rate1))) + ROUNDING * (s.start + s.came1)
        power = 1.0 / 6.0 if s.kind == PLAIN else 1.0 / 3.0
        growth = SAFETY * (most / max(s.error, 1e-300)) ** power
        if s.error <= most or h <= 8.0 * same_time(s.t):
            s.h = h * min(MOST, max(growth, LEAST))
            break
        h *= max(LEAST, growth)
    else:  # between two segments, by rounding: it stands for a moment
        look_ahead(w, b, s, min(until, s.t + 1e-9 * (1.0 + s.t)))
        s.water1, s.band1, s.kind, s.h = s.water, s.band, PLAIN, until - s.t
    set_branches(m, w, b, s)
    _step_over(w, b, s)


@jit
def _when_calm(w: Any, b: Any, s: Any, t0: float) -> float:
    """When in the step from ``t0`` that was handed on the water fell below what counts as still, by bisection."""
    low, high = t0, s.t
    while high - low > same_time(high):
        t = 0.5 * (low + high)
        came, _, _, _ = inflow(w, b.source_first, b.source_end, t, -1)
        water = s.start + came - s.spilt - b.base
        for j in range(b.stream_first, b.stream_end - 1):
            stream = w.stream[j]
            water -= evaluate(w.piece, stream.first + (stream.count - 1) * stream.stride, t)[0]
        if not low < t < high:
            break
        if water > s.calm_ml:
            low = t
        else:
            high = t
    return high


@jit
def _step_over(w: Any, b: Any, s: Any) -> None:
    """Take the step that was tried, and hand it on."""
    t0, before = s.t, s.water
    s.t, s.came, s.water, s.band = s.t1, s.came1, s.water1, s.band1
    settle_account(b, s)
    hand_on_all(w, b, s, t0, s.t1 - t0)
    if before > s.calm_ml >= s.water:
        s.calm_s = _when_calm(w, b, s, t0)


@jit
def _follows(m: Any, s: Any, first: int, end: int, rate: float, slope: float) -> tuple[float, float, int]:
    """The water at which a level that only follows its inflow stands, how fast it answers, and its band.

    Its flow is the inflow less what the level itself takes up: Q = q - q' / (dQ/dW).
    """
    band, water, goal, by_w = s.band, s.water, rate, 0.0
    for look in range(40):
        flow, by_w, _, by_z = outlet(m, band, 0, water)
        if by_w <= 0.0:
            return -1.0, 0.0, band
        if look > 0:
            goal = rate - slope / by_w
        before, a = water, m.band[band]
        if a.root:
            z = math.sqrt(water - a.origin)
            z = max(z + (goal - flow) / by_z, 0.1 * z)
            water = a.origin + z * z
        else:
            water += (goal - flow) / by_w
        if not m.edge[s.segment] < water < m.edge[s.segment + 1]:
            return -1.0, 0.0, band
        band = find_band(m, band, first, end, water)
        if look > 1 and abs(water - before) <= 1e-15 * water + 1e-3 * s.close_ml:
            break
    return water, by_w, band


@inline
def follow(m: Any, w: Any, b: Any, s: Any, until: float) -> bool:
    """One step of a level that follows its inflow within the permitted error; false where it does not."""
    first, end = m.edge_band[s.segment], m.edge_band[s.segment + 1]
    near_ml = 0.1 * permitted(s, s.rate)
    if s.comes == 0 or math.isinf(s.slope) or s.rate <= 0.0:
        return False
    flow, by_w, _, _ = outlet(m, s.band, 0, s.water)
    if by_w * (until - s.t) < STIFF or abs(flow - s.rate + s.slope / by_w) > FAR * by_w * near_ml + FAR * EQUAL * flow:
        return False
    water, by_w0, _ = _follows(m, s, first, end, s.rate, s.slope)
    if abs(water - s.water) > near_ml or by_w0 * (until - s.t) < STIFF:
        return False
    h = until - s.t
    flow0 = s.rate - s.slope / by_w0
    for _ in range(8):
        if by_w0 * h < STIFF:
            return False
        look_ahead(w, b, s, s.t + h if h < until - s.t else until)
        if math.isinf(s.slope1):
            h *= 0.4
            continue
        s.water1, by_w1, s.band1 = _follows(m, s, first, end, s.rate1, finite_slope(s.slope1))
        lag = abs(s.slope1 / (by_w1 * by_w1) - s.slope / (by_w0 * by_w0)) / (h * by_w1) if by_w1 > 0.0 else math.inf
        if s.water1 > 0.0 and lag <= near_ml:
            flow1 = s.rate1 - finite_slope(s.slope1) / by_w1
            whole = s.came1 - s.came - (s.water1 - s.water)
            near, far = (h * flow0, h * h * s.slope, 0.0), (h * flow1, h * h * s.slope1, 0.0)
            write_piece(w.piece, len(w.piece) - 1, s.t, h, PLAIN, 0.0, whole, near, far)
            middle = s.t + 0.5 * h
            came, rate, slope, _ = inflow(w, b.source_first, b.source_end, middle, -1)
            passed, _, _ = evaluate(w.piece, len(w.piece) - 1, middle)
            water, _, _ = _follows(m, s, first, end, rate, finite_slope(slope))
            straight = abs(0.5 * (near[0] + far[0]) + (near[1] - far[1]) / 12.0 - whole)
            if max(abs(s.water + came - s.came - passed - water), straight) <= 0.5 * s.close_ml:
                break
        h *= 0.4
    else:
        return False
    s.kind = PLAIN
    set_following(m, w, b, s, by_w0, by_w1)
    _step_over(w, b, s)
    return True


@jit
def _leaves_bounds(w: Any, b: Any, s: Any, low: float, high: float, t1: float) -> float:
    """When the rate of the inflow leaves [low, high] before ``t1``, at which it is outside."""
    t0 = s.t
    for _ in range(60):
        if t1 - t0 <= same_time(t1):
            break
        middle = 0.5 * (t0 + t1)
        _, rate, _, _ = inflow(w, b.source_first, b.source_end, middle, -1)
        if low <= rate <= high:
            t0 = middle
        else:
            t1 = middle
    return t1


@jit
def stand(w: Any, b: Any, s: Any, until: float, low: float, high: float) -> None:
    """One step of a level that stands while its inflow lies between two rates: as much leaves as comes."""
    t0, scratch, h = s.t, len(w.piece) - 1, until - s.t
    jet0 = (s.rate, finite_slope(s.slope), 0.0, 0.0)
    for _ in range(200):
        look_ahead(w, b, s, t0 + h if h < until - t0 else until)
        if s.slope * s.slope1 < 0.0 and not math.isinf(s.slope * s.slope1):
            most = turning_point(s.t1 - t0, s.rate, s.rate1, s.slope, s.slope1)
            if not low * (1.0 - EQUAL) <= most <= high * (1.0 + EQUAL) and h > 8.0 * same_time(t0):
                h *= 0.5
                continue
        if not low * (1.0 - EQUAL) <= s.rate1 <= high * (1.0 + EQUAL):
            t1 = _leaves_bounds(w, b, s, low * (1.0 - EQUAL), high * (1.0 + EQUAL), s.t1)
            look_ahead(w, b, s, max(t1, t0 + 8.0 * same_time(t0)))
            h = s.t1 - t0
        begins, fades = math.isinf(s.slope), math.isinf(s.slope1)
        s.kind = START if begins else (END if fades else PLAIN)
        jet1 = (s.rate1, finite_slope(s.slope1), 0.0, 0.0)
        near, far = ends(s.kind, h, jet0, jet1)
        write_piece(w.piece, scratch, t0, h, s.kind, s.came, s.came1, near, far)
        s.error = 0.0
        for part in (0.25, 0.5, 0.75):
            came, _, _, _ = inflow(w, b.source_first, b.source_end, t0 + part * h, -1)
            s.error = max(s.error, abs(evaluate(w.piece, scratch, t0 + part * h)[0] - came))
        if (s.error <= 0.3 * s.close_ml and not (begins and fades)) or h <= 8.0 * same_time(t0):
            break
        h *= max(0.3, min(SAFETY * (0.3 * s.close_ml / max(s.error, 1e-300)) ** (1.0 / 6.0), 0.7))
    for j in range(b.stream_end - b.stream_first):
        r = w.branch[j]
        if j == b.stream_end - b.stream_first - 1 and r.part == 0.0:
            continue
        jet = (r.fixed + r.part * jet0[0], r.part * jet0[1], 0.0, 0.0)
        end = (r.fixed + r.part * s.rate1, r.part * finite_slope(s.slope1), 0.0, 0.0)
        near, far = ends(s.kind, h, jet, end)
        hand_on(w, b, s, j, t0, h, s.kind, r.fixed * h + r.part * (s.came1 - s.came), near, far)
    s.t, s.came = s.t1, s.came1
