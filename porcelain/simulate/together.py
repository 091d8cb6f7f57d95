"""All lanes of one bucket through one step in which nothing special happens: the engine's fast half, SIMD."""

from __future__ import annotations

import math
from typing import Any

from .curve import near
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
    SEGMENTS,
    SHARE_ROW,
    K,
)
from .state import (
    ABOVE,
    BAND,
    BASE,
    BELOW,
    BEND,
    CAME,
    EACH,
    F0,
    F1,
    F2,
    F3,
    F4,
    F5,
    FLOW,
    FLOW0,
    GROUND,
    GUESS,
    LEAST,
    MIDDLE,
    MOST,
    ODD,
    OUT,
    PER_PLAN,
    PER_U,
    PLAN,
    Q0,
    Q1,
    RIM,
    RUNS,
    S0,
    S1,
    S2,
    S3,
    SEGMENT,
    TURN,
    UU,
    WATER,
    U,
    inline,
    jit,
    pipe_at,
    vessel_at,
)  # fmt: skip
from .vectors import above, some

GROWTH = 0.25  # a stretch lets the head grow by no more than this
STEADY = 1e-6  # of a flow: by so little a rate may have jumped between two steps
SHRINK = 0.65  # and u fall to no less while water comes: nothing coming is solved exactly


@inline
def together(m: Any, o: Any, w: Any, b: int, dt: float) -> bool:
    """Take every lane of a bucket that can be taken with others; return whether any are left, marked ODD."""
    at = vessel_at(b)
    strict = 1.0 if b < o.n_in else 0.0  # a lane marked before must be taken alone even if its outlet is dry
    segment = m.bucket[b, SEGMENTS]
    first = m.segment_bands[segment]
    if m.bucket[b + 1, SEGMENTS] == segment + 1 and m.bands[first, K] > 0.0:
        _straight(w, at, dt, m.segments[segment, PLAN_AREA], m.bands[first, K], m.segments[segment, MOST_U], strict)
        return bool(some(w, at + ODD))
    _begin(w, at, dt, o.brim_ml_s[b], strict)
    if not some(w, at + ODD):
        return False
    _tune(m, o, w, b)
    _correct(w, at, dt)
    _tune(m, o, w, b)
    _accept(w, at, dt)
    return bool(some(w, at + ODD))


@jit
def _straight(w: Any, at: Any, h: float, area: float, k: float, high: float, strict: float) -> None:
    """A step of all lanes where Q = k u in one segment."""
    half = 0.25 * h * k / area
    f = 2.0 * half * half / (3.0 * k)
    per_area = 1.0 / area
    glide = 0.5 * h * per_area
    for off in range(EACH):
        i = at + off
        water, u0, came = w[i + WATER], w[i + UU], w[i + CAME]
        qa, qb = w[i + Q0], w[i + Q1]
        d = u0 - half
        g = d * d + came * per_area
        r0 = qa / u0
        p = u0 + glide * (r0 - k)
        fits = (u0 > 2.0 * half) & (p > 2.0 * half)
        u1 = math.sqrt(g + (f * (qb / p - r0) if fits else 0.0)) - half
        fits = (u0 > 2.0 * half) & (u1 > 2.0 * half)
        u1 = math.sqrt(g + (f * (qb / u1 - r0) if fits else 0.0)) - half
        dead = (water + came <= 0.0) & (w[i + ODD] * strict == 0.0)
        dead = dead & (w[i + RUNS] == 0.0)
        fine = (water > 0.0) & (u1 > 0.0) & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u1 < high)
        whole = (w[i + ODD] == 0.0) | ((strict == 0.0) & (qa > 0.0) & (qb > 0.0))
        fine = fine & whole & (w[i + RUNS] > 0.0) & (w[i + RIM] == 0.0)
        water1 = area * u1 * u1
        out = came + water - water1
        fine = fine & (out >= 0.0) & ((u1 >= SHRINK * u0) | (came <= 0.0))
        w[i + FLOW0] = w[i + FLOW]
        w[i + OUT] = out if fine else 0.0
        w[i + WATER] = water1 if fine else (water + came if dead else water)
        w[i + UU] = u1 if fine else u0
        w[i + FLOW] = k * u1 if fine else w[i + FLOW]
        w[i + ODD] = 0.0 if (fine | dead) else 1.0


@jit
def _begin(w: Any, at: Any, h: float, brim: float, strict: float) -> None:
    """Take the lanes in which a bucket only fills, or stands at its outlet and passes on what comes; GUESS the rest.

    It stands while no more comes than leaves it at once (``brim``, mL/s: under a full pipe, or the last water that
    surface tension lets go). The other lanes are marked 2, or 1 where they must be taken alone; the guess is where u
    would be as it moves now, and as that changes, within the segment.
    """
    for off in range(EACH):
        i = at + off
        water, came, u0, flow0, qa, qb = w[i + WATER], w[i + CAME], w[i + UU], w[i + FLOW], w[i + Q0], w[i + Q1]
        flows = (qa > 0.0) & (qb > 0.0)
        dead = (water + came <= 0.0) & (w[i + RUNS] == 0.0) & (w[i + ODD] * strict == 0.0)
        whole = (w[i + ODD] == 0.0) | ((strict == 0.0) & flows)
        stands = (w[i + RUNS] > 0.0) & (u0 <= 0.0) & (water >= 0.0) & whole & flows
        stands = stands & (qa <= brim) & (qb <= brim) & (abs(qa - flow0) <= STEADY * brim)
        w[i + WATER] = water + came if dead else water
        w[i + FLOW0] = flow0
        w[i + FLOW] = qb if stands else flow0
        w[i + OUT] = came if stands else 0.0
        w[i + ODD] = 0.0 if (dead | stands) else (2.0 if whole else 1.0)
        slope0, per_u0, moves = _slope(w, i, u0), 1.0 / u0, qa - flow0
        part = 0.5 * h * w[i + PER_PLAN]
        w[i + TURN] = slope0
        w[i + BEND] = slope0 * moves * per_u0
        w[i + GROUND] = u0 * u0 + came * w[i + PER_PLAN] - part * flow0
        step = part * moves * per_u0
        u1 = u0 + step + 0.5 * per_u0 * (part * (qb - qa - slope0 * step) - step * step)
        u1 = u1 if u1 > w[i + LEAST] else w[i + LEAST]
        w[i + GUESS] = u1 if u1 < w[i + MOST] else w[i + MOST]


@inline
def _slope(w: Any, i: Any, u: float) -> float:
    """dQ/du of the polynomial in force."""
    x = (u - w[i + MIDDLE]) * w[i + PER_U]
    return w[i + PER_U] * (
        w[i + F1] + x * (2.0 * w[i + F2] + x * (3.0 * w[i + F3] + x * (4.0 * w[i + F4] + x * 5.0 * w[i + F5])))
    )


@inline
def _flow(w: Any, i: Any, u: float) -> float:
    """Q(u) of the polynomial in force."""
    x = (u - w[i + MIDDLE]) * w[i + PER_U]
    return w[i + F0] + x * (w[i + F1] + x * (w[i + F2] + x * (w[i + F3] + x * (w[i + F4] + x * w[i + F5]))))


@jit
def _tune(m: Any, o: Any, w: Any, b: int) -> None:
    """Bring into force, in every lane, the polynomial of the band in which the guess lies."""
    at = vessel_at(b)
    if above(w, at + GUESS, at + ABOVE) or above(w, at + BELOW, at + GUESS):
        for lane in range(o.lanes):
            i = at + U(lane)
            u = w[i + GUESS]
            if w[i + ODD] == 2.0 and (u > w[i + ABOVE] or u < w[i + BELOW]):
                tune_lane(m, o.pipes, w, b, U(lane), near(m, int(w[i + SEGMENT]), int(w[i + BAND]), u))


@jit
def tune_lane(m: Any, pipes: Any, w: Any, b: int, off: Any, band: int) -> None:
    """Bring a band's polynomials into force in one lane."""
    i = vessel_at(b) + off
    row = m.bands[band]
    w[i + BAND], w[i + BELOW], w[i + ABOVE] = band, row[LOW], row[HIGH]
    if row[K] > 0.0:
        w[i + MIDDLE], w[i + PER_U], w[i + F0], w[i + F1] = 0.0, 1.0, 0.0, row[K]
        w[i + F2], w[i + F3], w[i + F4], w[i + F5] = 0.0, 0.0, 0.0, 0.0
    else:
        w[i + MIDDLE], w[i + PER_U] = row[MID], row[SCALE]
        f = row[FLOWS:]
        w[i + F0], w[i + F1], w[i + F2], w[i + F3], w[i + F4], w[i + F5] = f[0], f[1], f[2], f[3], f[4], f[5]
    if m.bucket[b, SHARE_ROW] >= 0:
        first = m.bucket[b, PIPES]
        fan = m.bucket[b + 1, PIPES] - first
        shares = m.bucket[b, SHARE_ROW] + (band - m.bucket[b, BANDS]) * fan
        for j in range(fan):
            p = pipe_at(pipes, first + j) + off
            c = m.shares[shares + j]
            w[p + S0], w[p + S1], w[p + S2], w[p + S3] = c[0], c[1], c[2], c[3]


@jit
def place_lane(m: Any, pipes: Any, w: Any, b: int, off: Any, segment: int, band: int) -> None:
    """Note in which segment and band a lane stands."""
    i = vessel_at(b) + off
    row = m.segments[segment]
    w[i + SEGMENT], w[i + LEAST], w[i + MOST] = segment, row[LEAST_U], row[MOST_U]
    w[i + PLAN], w[i + PER_PLAN], w[i + BASE] = row[PLAN_AREA], 1.0 / row[PLAN_AREA], row[BASE_ML]
    tune_lane(m, pipes, w, b, off, band)


@jit
def _correct(w: Any, at: Any, h: float) -> None:
    """A better GUESS: the root of the quadratic with flow and slope at the last one."""
    for off in range(EACH):
        i = at + off
        u0 = w[i + UU]
        p = w[i + GUESS] if w[i + GUESS] > w[i + LEAST] else w[i + LEAST]
        p = p if p < w[i + MOST] else w[i + MOST]
        part = 0.5 * h * w[i + PER_PLAN]
        flow, slope = _flow(w, i, p), _slope(w, i, p)
        b = part * slope
        extra = part * part * (1.0 / 6.0) * (slope * (w[i + Q1] - flow) / p - w[i + BEND])
        fits = (u0 > part * w[i + TURN]) & (p > b) & (p > 0.5 * u0)
        rest = w[i + GROUND] + (extra if fits else 0.0) - part * (flow - slope * p)
        w[i + GUESS] = 0.5 * (math.sqrt(b * b + 4.0 * rest) - b)


@jit
def _accept(w: Any, at: Any, h: float) -> None:
    """Take the guess as u where it stays in the segment and grows gently."""
    twelfth = h / 12.0
    for off in range(EACH):
        i = at + off
        water, u0, u1, flow0 = w[i + WATER], w[i + UU], w[i + GUESS], w[i + FLOW]
        flow = _flow(w, i, u1)
        water1 = w[i + BASE] + w[i + PLAN] * (u1 - w[i + LEAST]) * (u1 + w[i + LEAST])
        out = w[i + CAME] + water - water1
        fine = (w[i + ODD] == 2.0) & (water > 0.0) & (u1 > w[i + LEAST]) & (u1 < w[i + MOST]) & (out >= 0.0)
        fine = fine & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u0 > w[i + LEAST])
        fine = fine & (w[i + RUNS] > 0.0) & (w[i + RIM] == 0.0)
        fine = fine & ((u1 >= SHRINK * u0) | (w[i + CAME] <= 0.0))
        w[i + OUT] = out if fine else w[i + OUT]
        w[i + TURN] = twelfth * (flow - flow0) if fine else 0.0
        w[i + WATER] = water1 if fine else water
        w[i + UU] = u1 if fine else u0
        w[i + FLOW] = flow if fine else flow0
        w[i + ODD] = 0.0 if fine else w[i + ODD]
