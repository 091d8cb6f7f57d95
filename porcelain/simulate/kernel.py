"""One lane of one bucket through one step, whatever happens in it: the engine's slow and careful half.

A step of a bucket solves S d(u^2)/dt = q - Q(u), u = sqrt(head), for the volume: the trapezoidal rule with its
endpoint correction (Euler-Maclaurin, fourth order) makes u1 the root of a quadratic. What leaves is what came minus
what stayed, so that no water is lost whatever the error in time.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

from .machine import AREA, BANDS, FLOWS, HIGH, LOW, MID, ML, PIPES, SCALE, SHARE, SHARE_ROW, K

STARTS, STOPS, RIM_REACHED, RIM_LEFT = 0, 1, 2, 3
START_PARTS = 256  # the first stretch of a start is (1/16)^2 of the step: u grows as sqrt(t)
GROWTH = 0.25  # a stretch lets the head grow by no more than this
SMALLEST = 1e-7  # of a step: shorter stretches are taken as standing still
NONE = -1.0

LANES = 16  # doubles in four AVX2 registers: enough to hide the latency of a root
U = np.uint64  # unsigned indices into one array: no wraparound and no alias, so that the loops become SIMD
_L = U(LANES)
WATER, UU, FLOW, CAME, Q0, Q1, OUT, TOTAL, ODD, BAND, RUNS, RIM, BEGIN, END, SPILT, OVER, STOPPED, FLOW0 = (
    U(f * LANES) for f in range(18)
)
FIELDS = 18
PASSED, INTO, RATE0, RATE1, ARRIVED = (U(f * LANES) for f in range(5))
PIPE_FIELDS = 5

# No function here makes or keeps an array, so none has to count references to them (_nrt): that counting is atomic
# and took two thirds of the time. The Machine is a long argument: small functions are inlined for its sake.
jit = nb.njit(nogil=True, error_model="numpy", _nrt=False)
inline = nb.njit(nogil=True, error_model="numpy", _nrt=False, forceinline=True)


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
def _slope(m: Any, band: int, u: float) -> float:
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
def _water(m: Any, band: int, u: float) -> float:
    """Volume above the base for u in a band."""
    low = m.bands[band, LOW]
    return m.bands[band, ML] + m.bands[band, AREA] * (u - low) * (u + low)


@inline
def _bend(m: Any, band: int, u: float, q: float) -> float:
    """dQ/dt = Q'(u) (q - Q) / (2 S u)."""
    return _slope(m, band, u) * (q - flow_at(m, band, u)) / (2.0 * m.bands[band, AREA] * u)


@inline
def _damping(m: Any, band: int, u: float, h: float) -> float:
    """b: the u that the outlet takes in half a step."""
    return 0.5 * h * _slope(m, band, u) / m.bands[band, AREA]


@jit
def _next(m: Any, band: int, u0: float, came: float, q0: float, q1: float, h: float) -> float:
    """U after h; below 0 where the water would not have lasted. It may lie outside the band."""
    area = m.bands[band, AREA]
    low, high = m.bands[band, LOW], m.bands[band, HIGH]
    base = area * u0 * u0 + came - 0.5 * h * flow_at(m, band, u0)
    corrected = u0 > _damping(m, band, u0, h)
    bend0 = _bend(m, band, u0, q0) if corrected else 0.0
    u1 = u0
    extra = 0.0
    for _ in range(4):
        at = min(max(u1, low), high)
        slope = _slope(m, band, at)
        b = 0.5 * h * slope
        rest = base + extra - 0.5 * h * (flow_at(m, band, at) - slope * at)
        u1 = (math.sqrt(b * b + 4.0 * area * rest) - b) / (2.0 * area) if rest > 0.0 else -1.0
        at = min(max(u1, low), high)
        # near a stop at full flow u is no smooth measure of it; Q = k u is smooth to the end
        if corrected and at > _damping(m, band, at, h) and (m.bands[band, K] > 0.0 or at > 0.5 * u0):
            extra = h * h / 12.0 * (_bend(m, band, at, q1) - bend0)
        else:
            extra = 0.0
            if m.bands[band, K] > 0.0:
                break
    return u1


@inline
def cubic(s: float, came: float, a: float, b: float) -> float:
    """What has come by the fraction s of a step: the cubic with these end rates (times the step)."""
    t = 1.0 - s
    return s * (t * (t * a - s * b) + s * came * (3.0 - 2.0 * s))


@inline
def cubic_rate(s: float, came: float, a: float, b: float) -> float:
    t = 1.0 - s
    return max(6.0 * s * t * came + a * t * (1.0 - 3.0 * s) + b * s * (3.0 * s - 2.0), 0.0)


@jit
def _when(volume: float, s: float, came: float, a: float, b: float) -> float:
    """The fraction of the step by which ``volume`` more than at s has come."""
    goal = cubic(s, came, a, b) + volume
    low, high = s, 1.0
    for _ in range(60):
        mid = 0.5 * (low + high)
        if cubic(mid, came, a, b) < goal:
            low = mid
        else:
            high = mid
    return high


@jit
def _when_rate(rate: float, above: bool, s: float, came: float, a: float, b: float) -> float:
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
def _edge_time(
    m: Any, band: int, u0: float, edge: float, s: float, h: float, came: float, a: float, b: float, dt: float
) -> float:
    """How long, within h, until u reaches the edge of its band: the root of the step's volume balance."""
    area = m.bands[band, AREA]
    if came <= 0.0 and m.bands[band, K] > 0.0:
        return 2.0 * area * (u0 - edge) / m.bands[band, K]
    flows = flow_at(m, band, u0) + flow_at(m, band, edge)
    start = cubic(s, came, a, b)
    q0 = cubic_rate(s, came, a, b) / dt
    rising = edge > u0
    low, high = 0.0, h
    for _ in range(60):
        mid = 0.5 * (low + high)
        end = s + mid / dt
        left = area * (u0 - edge) * (u0 + edge) + cubic(end, came, a, b) - start - 0.5 * mid * flows
        if u0 > _damping(m, band, u0, mid) and edge > _damping(m, band, edge, mid):
            q1 = cubic_rate(end, came, a, b) / dt
            left += mid * mid / 12.0 * (_bend(m, band, edge, q1) - _bend(m, band, u0, q0))
        if (left > 0.0) == rising:
            high = mid
        else:
            low = mid
    return 0.5 * (low + high)


@jit
def _note(log: Any, b: int, what: int, time: float) -> None:
    """Write an event into log (time, vessel, what); row 0 counts."""
    n = int(log[0, 0])
    if n + 1 < log.shape[0]:
        log[n + 1, 0] = time
        log[n + 1, 1] = b
        log[n + 1, 2] = what
    log[0, 0] = n + 1


@jit
def _into(
    m: Any, w: Any, pipes: Any, b: int, off: Any, band: int, u0: float, u1: float, out: float, turn: float
) -> None:
    """Share out a stretch's outflow; ``turn`` is h (Q1 - Q0) / 12, which makes it exact for straight shares."""
    if m.bucket[b, SHARE_ROW] < 0:  # constant shares are dealt out for all lanes at once, after the step
        return
    first = m.bucket[b, PIPES]
    for j in range(m.bucket[b + 1, PIPES] - first):
        s0 = share_at(m, b, j, band, u0)
        s1 = share_at(m, b, j, band, u1)
        w[pipes + U((first + j) * PIPE_FIELDS * LANES) + INTO + off] += 0.5 * (s0 + s1) * out + turn * (s1 - s0)


@jit
def set_level(m: Any, w: Any, b: int, at: Any, water: float) -> float:
    """Put this much water above a bucket's base; return what does not fit under the rim."""
    first, last = m.bucket[b, BANDS], m.bucket[b + 1, BANDS] - 1
    most = _water(m, last, m.bands[last, HIGH])
    over = max(water - most, 0.0)
    water -= over
    band = first
    while band < last and water >= m.bands[band + 1, ML]:
        band += 1
    low = m.bands[band, LOW]
    u = math.sqrt(max(low * low + (water - m.bands[band, ML]) / m.bands[band, AREA], 0.0)) if water > 0.0 else 0.0
    if water >= most:
        u = m.bands[last, HIGH]
    w[at + WATER], w[at + UU], w[at + BAND] = water, u, band
    w[at + FLOW] = flow_at(m, band, u) if water > 0.0 else 0.0
    return over


@jit
def _advance(
    m: Any,
    w: Any,
    pipes: Any,
    b: int,
    at: Any,
    off: Any,
    t0: float,
    dt: float,
    came: float,
    q0: float,
    q1: float,
    log: Any,
) -> None:
    """Take one lane of a bucket over dt, in as many stretches as its edges ask for.

    The inflow is ``came`` mL in all, at q0 first and q1 last. The state and what went over the rim are left in w.
    """
    first, last = m.bucket[b, BANDS], m.bucket[b + 1, BANDS] - 1
    # a cubic that never falls (Fritsch and Carlson, SIAM J. Numer. Anal. 17 (1980) 238)
    qa = min(q0 * dt, 3.0 * came)
    qb = min(q1 * dt, 3.0 * came)
    s = 0.0
    water, u, band = w[at + WATER], w[at + UU], int(w[at + BAND])
    shown = w[at + FLOW]
    spilled = 0.0
    while s < 1.0:
        rest = came - cubic(s, came, qa, qb)
        if water < 0.0:
            if rest < -water:
                water += rest
                break
            s = _when(-water, s, came, qa, qb)
            water, u, band = 0.0, 0.0, first
            continue
        if band == first and u <= 0.0 and rest <= 0.0:  # at the sill and nothing comes
            if water > 0.0:  # rounding
                _into(m, w, pipes, b, off, band, u, u, water, 0.0)
                w[at + OUT] += water
                water = 0.0
            shown = 0.0
            break
        rate = cubic_rate(s, came, qa, qb) / dt
        flow = flow_at(m, band, u)
        if w[at + RUNS] == 0.0:
            w[at + RUNS] = 1.0
            if w[at + BEGIN] == NONE:
                w[at + BEGIN] = t0 + s * dt
            _note(log, b, STARTS, t0 + s * dt)
        # standing on an edge: the inflow may be too much for the band below and too little for the one above
        slide, floor, roof = False, 0.0, flow
        if band == last and u >= m.bands[last, HIGH]:
            slide, floor, roof = rate >= flow, flow, math.inf
        elif u <= m.bands[band, LOW]:
            if band > first:
                floor = flow_at(m, band - 1, u)
            if rate < floor * (1.0 - 1e-13):
                band -= 1
                flow = floor
            else:
                slide = rate <= roof and roof > 0.0
        if slide:
            ends = cubic_rate(1.0, came, qa, qb) / dt
            end = 1.0
            if ends > roof:
                end = _when_rate(roof * dt, True, s, came, qa, qb)
            elif ends < floor:
                end = _when_rate(floor * dt, False, s, came, qa, qb)
            end = min(1.0, max(end, s + SMALLEST))
            out = cubic(end, came, qa, qb) - cubic(s, came, qa, qb)
            shown = min(max(ends, floor), roof)
            if roof == math.inf:
                over = max(out - flow * (end - s) * dt, 0.0)
                spilled += over
                out -= over
                shown = flow
                if w[at + RIM] == 0.0:
                    w[at + RIM] = 1.0
                    _note(log, b, RIM_REACHED, t0 + s * dt)
            _into(m, w, pipes, b, off, band, u, u, out, 0.0)
            w[at + OUT] += out
            s = end
            continue
        if w[at + RIM] > 0.0:
            w[at + RIM] = 0.0
            _note(log, b, RIM_LEFT, t0 + s * dt)
        h = (1.0 - s) * dt
        climb = (rate - flow) / m.bands[band, AREA]
        if climb > 0.0:
            h = min(h, max(dt / START_PARTS, GROWTH * u * u / climb))
        elif u <= 0.0:
            h = min(h, dt / START_PARTS)
        end = 1.0 if h >= (1.0 - s) * dt else min(s + h / dt, 1.0)
        amount = cubic(end, came, qa, qb) - cubic(s, came, qa, qb)
        u1 = _next(m, band, u, amount, rate, cubic_rate(end, came, qa, qb) / dt, h)
        edge, there = -1.0, t0 + end * dt
        if u1 >= m.bands[band, HIGH]:
            edge = m.bands[band, HIGH]
        elif u1 <= m.bands[band, LOW]:
            edge = m.bands[band, LOW]
        if edge >= 0.0 and edge != u:
            h = _edge_time(m, band, u, edge, s, h, came, qa, qb, dt)
            there = t0 + s * dt + h
            end = min(s + max(h / dt, SMALLEST), 1.0)
            amount = cubic(end, came, qa, qb) - cubic(s, came, qa, qb)
            u1 = edge
        elif edge >= 0.0:  # it cannot leave the edge: stand still for a moment
            h = min(h, dt / START_PARTS)
            end = min(s + h / dt, 1.0)
            amount = cubic(end, came, qa, qb) - cubic(s, came, qa, qb)
            u1 = edge
        water1 = _water(m, band, u1)
        out = water + amount - water1
        if out < 0.0:  # nothing runs back
            water1, out = water + amount, 0.0
            low = m.bands[band, LOW]
            u1 = math.sqrt(max(low * low + (water1 - m.bands[band, ML]) / m.bands[band, AREA], low * low))
            u1 = min(u1, m.bands[band, HIGH])
        shown = flow_at(m, band, u1)
        _into(m, w, pipes, b, off, band, u, u1, out, h * (shown - flow) / 12.0)
        w[at + OUT] += out
        water, u = water1, u1
        s = end
        if band == first and u <= 0.0:
            water, u = min(water, 0.0), 0.0
            w[at + END] = max(w[at + END], there)
        elif band < last and u >= m.bands[band, HIGH]:
            band += 1
            shown = flow_at(m, band, u)
    w[at + WATER], w[at + UU], w[at + BAND], w[at + FLOW] = water, u, band, shown
    w[at + SPILT] += spilled
    w[at + OVER] += spilled


@inline
def _begin(w: Any, at: Any, t0: float) -> None:
    """Before a lane is taken alone: nothing has left yet."""
    w[at + OUT] = 0.0
    w[at + BEGIN] = NONE if w[at + RUNS] == 0.0 else t0
    w[at + END] = t0


@inline
def _end(w: Any, b: int, at: Any, t1: float, more: bool, log: Any) -> None:
    """After a lane was taken alone: did its outlet stop? ``more``: water still comes at t1."""
    if w[at + RUNS] > 0.0:
        if w[at + UU] <= 0.0 and w[at + WATER] <= 0.0 and not more:
            w[at + RUNS] = 0.0
            w[at + FLOW] = 0.0
            w[at + STOPPED] = w[at + END]
            _note(log, b, STOPS, w[at + END])
        else:
            w[at + END] = t1


@jit
def take_alone(
    m: Any, w: Any, pipes: Any, b: int, at: Any, off: Any, t0: float, t1: float, since: float, until: float, log: Any
) -> None:
    """Take one lane through a step whose inflow runs from ``since`` to ``until`` only."""
    came, q0, q1 = w[at + CAME], w[at + Q0], w[at + Q1]
    _begin(w, at, t0)
    if came <= 0.0 or until <= since:
        _advance(m, w, pipes, b, at, off, t0, t1 - t0, came, 0.0, 0.0, log)
        _end(w, b, at, t1, False, log)
        return
    if since > t0:
        _advance(m, w, pipes, b, at, off, t0, since - t0, 0.0, 0.0, 0.0, log)
    _advance(m, w, pipes, b, at, off, since, until - since, came, q0, q1, log)
    if until < t1:
        _advance(m, w, pipes, b, at, off, until, t1 - until, 0.0, 0.0, 0.0, log)
    _end(w, b, at, t1, q1 > 0.0 and until >= t1, log)


@inline
def poured(t: float, pieces: Any, k: int, lane: int) -> float:
    """What piece k has poured by t."""
    per_s, volume, rise = pieces[k, 5, lane], pieces[k, 3, lane], pieces[k, 4, lane]
    done = min(max((t - pieces[k, 1, lane]) * per_s, 0.0), 1.0)
    return volume * done * (1.0 - rise * (1.0 - done)) if per_s > 0.0 else 0.0


@inline
def pouring(t: float, side: int, pieces: Any, k: int, lane: int) -> float:
    """The rate of piece k just after (side 1) or just before (-1) t."""
    start, per_s = pieces[k, 1, lane], pieces[k, 5, lane]
    end = start + pieces[k, 2, lane]
    if not (start <= t < end if side > 0 else start < t <= end):
        return 0.0
    return pieces[k, 3, lane] * per_s * (1.0 + pieces[k, 4, lane] * (2.0 * (t - start) * per_s - 1.0))


@jit
def pour_alone(
    m: Any, w: Any, pipes: Any, b: int, at: Any, off: Any, t0: float, t1: float, pieces: Any, lane: int, log: Any
) -> None:
    """Take one lane of an input bucket through a step, cut wherever a piece begins or ends."""
    _begin(w, at, t0)
    t = t0
    more = False
    while t < t1:
        cut = t1
        for k in range(len(pieces)):
            if pieces[k, 0, lane] == b:
                start = pieces[k, 1, lane]
                end = start + pieces[k, 2, lane]
                if t < start < cut:
                    cut = start
                if t < end < cut:
                    cut = end
        came, q0, q1 = 0.0, 0.0, 0.0
        for k in range(len(pieces)):
            if pieces[k, 0, lane] == b:
                came += poured(cut, pieces, k, lane) - poured(t, pieces, k, lane)
                q0 += pouring(t, 1, pieces, k, lane)
                q1 += pouring(cut, -1, pieces, k, lane)
                more = more or pouring(cut, 1, pieces, k, lane) > 0.0
        if cut < t1:
            more = False
        _advance(m, w, pipes, b, at, off, t, cut - t, came, q0, q1, log)
        t = cut
    _end(w, b, at, t1, more, log)
