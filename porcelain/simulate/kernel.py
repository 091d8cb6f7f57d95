"""The stepping kernel: LANES pours side by side, buckets top to bottom within a step, volumes passed on exactly.

A step of a bucket solves S d(u^2)/dt = q - Q(u), u = sqrt(head), for the volume: the trapezoidal rule with its
endpoint correction (Euler-Maclaurin, fourth order) makes u1 the root of a quadratic. What leaves is what came minus
what stayed, so that no water is lost whatever the error in time. Steps in which nothing special happens are taken
by all lanes at once; where an outlet starts, stops or meets an edge, its lane is taken through the step alone.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

STARTS, STOPS, RIM_REACHED, RIM_LEFT = 0, 1, 2, 3
START_PARTS = 256  # the first stretch of a start is (1/16)^2 of the step: u grows as sqrt(t)
GROWTH = 0.25  # a stretch lets the head grow by no more than this
SMALLEST = 1e-7  # of a step: shorter stretches are taken as standing still
NONE = -1.0

LANES = 16  # doubles in four AVX2 registers: enough to hide the latency of a root
U = np.uint64  # unsigned indices into one array: no wraparound and no alias, so that the loops become SIMD
_L = U(LANES)
WATER, UU, FLOW, CAME, Q0, Q1, OUT, FLOW1, ODD, BAND, RUNS, RIM, BEGIN, END, SPILT, OVER, STOPPED = (
    U(f * LANES) for f in range(17)
)
FIELDS = 17
PASSED, INTO, RATE0, RATE1, ARRIVED = (U(f * LANES) for f in range(5))
PIPE_FIELDS = 5
DEGREE = 5
SHARES = 4

jit = nb.njit(cache=True, nogil=True, error_model="numpy")


@jit
def _flow(m: Any, band: int, u: float) -> float:
    """Q(u), mL/s."""
    k = m.band_k[band]
    if k > 0.0:
        return k * u
    x = (u - m.band_mid[band]) * m.band_scale[band]
    c = band * (DEGREE + 1)
    f = m.band_flow
    return f[c] + x * (f[c + 1] + x * (f[c + 2] + x * (f[c + 3] + x * (f[c + 4] + x * f[c + 5]))))


@jit
def _slope(m: Any, band: int, u: float) -> float:
    """dQ/du."""
    k = m.band_k[band]
    if k > 0.0:
        return k
    s = m.band_scale[band]
    x = (u - m.band_mid[band]) * s
    c = band * (DEGREE + 1)
    f = m.band_flow
    return s * (f[c + 1] + x * (2.0 * f[c + 2] + x * (3.0 * f[c + 3] + x * (4.0 * f[c + 4] + x * 5.0 * f[c + 5]))))


@jit
def _share(m: Any, b: int, j: int, band: int, u: float) -> float:
    """Share of the bucket's j-th branch."""
    at = m.share_at[b]
    if at < 0:
        return m.share[m.pipe_at[b] + j]
    x = (u - m.band_mid[band]) * m.band_scale[band]
    c = (at + (band - m.band_at[b]) * (m.pipe_at[b + 1] - m.pipe_at[b]) + j) * SHARES
    f = m.band_share
    return f[c] + x * (f[c + 1] + x * (f[c + 2] + x * f[c + 3]))


@jit
def _water(m: Any, band: int, u: float) -> float:
    """Volume above the base for u in a band."""
    low = m.band_low[band]
    return m.band_ml[band] + m.band_area[band] * (u - low) * (u + low)


@jit
def _bend(m: Any, band: int, u: float, q: float) -> float:
    """dQ/dt = Q'(u) (q - Q) / (2 S u)."""
    return _slope(m, band, u) * (q - _flow(m, band, u)) / (2.0 * m.band_area[band] * u)


@jit
def _damping(m: Any, band: int, u: float, h: float) -> float:
    """b: the u that the outlet takes in half a step."""
    return 0.5 * h * _slope(m, band, u) / m.band_area[band]


@jit
def _next(m: Any, band: int, u0: float, came: float, q0: float, q1: float, h: float) -> float:
    """U after h; below 0 where the water would not have lasted. It may lie outside the band."""
    area = m.band_area[band]
    low, high = m.band_low[band], m.band_high[band]
    base = area * u0 * u0 + came - 0.5 * h * _flow(m, band, u0)
    corrected = u0 > _damping(m, band, u0, h)
    bend0 = _bend(m, band, u0, q0) if corrected else 0.0
    u1 = u0
    extra = 0.0
    for _ in range(4):
        at = min(max(u1, low), high)
        slope = _slope(m, band, at)
        b = 0.5 * h * slope
        rest = base + extra - 0.5 * h * (_flow(m, band, at) - slope * at)
        u1 = (math.sqrt(max(b * b + 4.0 * area * rest, 0.0)) - b) / (2.0 * area)
        at = min(max(u1, low), high)
        if corrected and at > _damping(m, band, at, h):
            extra = h * h / 12.0 * (_bend(m, band, at, q1) - bend0)
        elif m.band_k[band] > 0.0:
            break
    return u1


@jit
def _came(s: float, came: float, a: float, b: float) -> float:
    """What has come by the fraction s of a step: the cubic with these end rates (times the step)."""
    t = 1.0 - s
    return s * (t * (t * a - s * b) + s * came * (3.0 - 2.0 * s))


@jit
def _rate(s: float, came: float, a: float, b: float) -> float:
    t = 1.0 - s
    return max(6.0 * s * t * came + a * t * (1.0 - 3.0 * s) + b * s * (3.0 * s - 2.0), 0.0)


@jit
def _when(volume: float, s: float, came: float, a: float, b: float) -> float:
    """The fraction of the step by which ``volume`` more than at s has come."""
    goal = _came(s, came, a, b) + volume
    low, high = s, 1.0
    for _ in range(60):
        mid = 0.5 * (low + high)
        if _came(mid, came, a, b) < goal:
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
        if (_rate(mid, came, a, b) > rate) == above:
            high = mid
        else:
            low = mid
    return high


@jit
def _edge_time(
    m: Any, band: int, u0: float, edge: float, s: float, h: float, came: float, a: float, b: float, dt: float
) -> float:
    """How long, within h, until u reaches the edge of its band: the root of the step's volume balance."""
    area = m.band_area[band]
    flows = _flow(m, band, u0) + _flow(m, band, edge)
    start = _came(s, came, a, b)
    q0 = _rate(s, came, a, b) / dt
    rising = edge > u0
    low, high = 0.0, h
    for _ in range(60):
        mid = 0.5 * (low + high)
        end = s + mid / dt
        left = area * (u0 - edge) * (u0 + edge) + _came(end, came, a, b) - start - 0.5 * mid * flows
        if u0 > _damping(m, band, u0, mid) and edge > _damping(m, band, edge, mid):
            q1 = _rate(end, came, a, b) / dt
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
    if m.share_at[b] < 0:  # constant shares are dealt out for all lanes at once, after the step
        return
    first = m.pipe_at[b]
    for j in range(m.pipe_at[b + 1] - first):
        s0 = _share(m, b, j, band, u0)
        s1 = _share(m, b, j, band, u1)
        w[pipes + U((first + j) * PIPE_FIELDS * LANES) + INTO + off] += 0.5 * (s0 + s1) * out + turn * (s1 - s0)


@jit
def set_level(m: Any, w: Any, b: int, at: Any, water: float) -> float:
    """Put this much water above a bucket's base; return what does not fit under the rim."""
    first, last = m.band_at[b], m.band_at[b + 1] - 1
    most = _water(m, last, m.band_high[last])
    over = max(water - most, 0.0)
    water -= over
    band = first
    while band < last and water >= m.band_ml[band + 1]:
        band += 1
    low = m.band_low[band]
    u = math.sqrt(max(low * low + (water - m.band_ml[band]) / m.band_area[band], 0.0)) if water > 0.0 else 0.0
    if water >= most:
        u = m.band_high[last]
    w[at + WATER], w[at + UU], w[at + BAND] = water, u, band
    w[at + FLOW] = _flow(m, band, u) if water > 0.0 else 0.0
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
    first, last = m.band_at[b], m.band_at[b + 1] - 1
    # a cubic that never falls (Fritsch and Carlson, SIAM J. Numer. Anal. 17 (1980) 238)
    qa = min(q0 * dt, 3.0 * came)
    qb = min(q1 * dt, 3.0 * came)
    s = 0.0
    water, u, band = w[at + WATER], w[at + UU], int(w[at + BAND])
    shown = w[at + FLOW]
    spilled = 0.0
    while s < 1.0:
        rest = came - _came(s, came, qa, qb)
        if water < 0.0:
            if rest < -water:
                water += rest
                break
            s = _when(-water, s, came, qa, qb)
            water, u, band = 0.0, 0.0, first
            continue
        if band == first and u <= 0.0 and rest <= 0.0:  # at the sill and nothing comes
            shown = 0.0
            break
        rate = _rate(s, came, qa, qb) / dt
        flow = _flow(m, band, u)
        if w[at + RUNS] == 0.0:
            w[at + RUNS] = 1.0
            if w[at + BEGIN] == NONE:
                w[at + BEGIN] = t0 + s * dt
            _note(log, b, STARTS, t0 + s * dt)
        # standing on an edge: the inflow may be too much for the band below and too little for the one above
        slide, floor, roof = False, 0.0, flow
        if band == last and u >= m.band_high[last]:
            slide, floor, roof = rate >= flow, flow, math.inf
        elif u <= m.band_low[band]:
            if band > first:
                floor = _flow(m, band - 1, u)
            if rate < floor * (1.0 - 1e-13):
                band -= 1
                flow = floor
            else:
                slide = rate <= roof and roof > 0.0
        if slide:
            ends = _rate(1.0, came, qa, qb) / dt
            end = 1.0
            if ends > roof:
                end = _when_rate(roof * dt, True, s, came, qa, qb)
            elif ends < floor:
                end = _when_rate(floor * dt, False, s, came, qa, qb)
            end = min(1.0, max(end, s + SMALLEST))
            out = _came(end, came, qa, qb) - _came(s, came, qa, qb)
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
        climb = (rate - flow) / m.band_area[band]
        if climb > 0.0:
            h = min(h, max(dt / START_PARTS, GROWTH * u * u / climb))
        elif u <= 0.0:
            h = min(h, dt / START_PARTS)
        end = 1.0 if h >= (1.0 - s) * dt else min(s + h / dt, 1.0)
        amount = _came(end, came, qa, qb) - _came(s, came, qa, qb)
        u1 = _next(m, band, u, amount, rate, _rate(end, came, qa, qb) / dt, h)
        edge = -1.0
        if u1 >= m.band_high[band]:
            edge = m.band_high[band]
        elif u1 <= m.band_low[band]:
            edge = m.band_low[band]
        if edge >= 0.0 and edge != u:
            h = max(_edge_time(m, band, u, edge, s, h, came, qa, qb, dt), SMALLEST * dt)
            end = min(s + h / dt, 1.0)
            amount = _came(end, came, qa, qb) - _came(s, came, qa, qb)
            u1 = edge
        elif edge >= 0.0:  # it cannot leave the edge: stand still for a moment
            h = min(h, dt / START_PARTS)
            end = min(s + h / dt, 1.0)
            amount = _came(end, came, qa, qb) - _came(s, came, qa, qb)
            u1 = edge
        water1 = _water(m, band, u1)
        out = water + amount - water1
        if out < 0.0:  # rounding: nothing runs back
            water1 += out
            out = 0.0
        shown = _flow(m, band, u1)
        _into(m, w, pipes, b, off, band, u, u1, out, h * (shown - flow) / 12.0)
        w[at + OUT] += out
        water, u = water1, u1
        s = end
        if band == first and u <= 0.0:
            water, u = min(water, 0.0), 0.0
            if w[at + END] < t0 + s * dt:
                w[at + END] = t0 + s * dt
        elif band < last and u >= m.band_high[band]:
            band += 1
            shown = _flow(m, band, u)
    w[at + WATER], w[at + UU], w[at + BAND], w[at + FLOW] = water, u, band, shown
    w[at + SPILT] += spilled
    w[at + OVER] += spilled


@jit
def _begin(w: Any, at: Any, t0: float) -> None:
    """Before a lane is taken alone: nothing has left yet."""
    w[at + OUT] = 0.0
    w[at + BEGIN] = NONE if w[at + RUNS] == 0.0 else t0
    w[at + END] = t0


@jit
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
def _alone(
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


@jit
def _poured(t: float, pieces: Any, k: int, lane: int) -> float:
    """What piece k has poured by t."""
    start, duration, volume, rise = pieces[k, 1, lane], pieces[k, 2, lane], pieces[k, 3, lane], pieces[k, 4, lane]
    if duration <= 0.0:
        return 0.0
    done = min(max((t - start) / duration, 0.0), 1.0)
    return volume * done * (1.0 - rise * (1.0 - done))


@jit
def _pouring(t: float, side: int, pieces: Any, k: int, lane: int) -> float:
    """The rate of piece k just after (side 1) or just before (-1) t."""
    start, duration = pieces[k, 1, lane], pieces[k, 2, lane]
    end = start + duration
    if duration <= 0.0 or not (start <= t < end if side > 0 else start < t <= end):
        return 0.0
    return pieces[k, 3, lane] / duration * (1.0 + pieces[k, 4, lane] * (2.0 * (t - start) / duration - 1.0))


@jit
def _pour_alone(
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
                came += _poured(cut, pieces, k, lane) - _poured(t, pieces, k, lane)
                q0 += _pouring(t, 1, pieces, k, lane)
                q1 += _pouring(cut, -1, pieces, k, lane)
                more = more or _pouring(cut, 1, pieces, k, lane) > 0.0
        if cut < t1:
            more = False
        _advance(m, w, pipes, b, at, off, t, cut - t, came, q0, q1, log)
        t = cut
    _end(w, b, at, t1, more, log)


@jit
def _together_linear(w: Any, at: Any, h: float, area: float, k: float, high: float) -> float:
    """A step of all lanes where Q = k u in one band; returns how many have to be taken alone (ODD)."""
    half = 0.25 * h * k / area
    f = 2.0 * half * half / (3.0 * k)
    per_area = 1.0 / area
    glide = 0.5 * h * per_area
    for off in range(_L):
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
        dead = water + came <= 0.0
        dead = dead & (w[i + RUNS] == 0.0)
        fine = (water > 0.0) & (u1 > 0.0) & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u1 < high)
        fine = fine & (w[i + ODD] == 0.0) & (w[i + RUNS] > 0.0)
        water1 = area * u1 * u1
        out = came + water - water1
        fine = fine & (out >= 0.0)
        w[i + OUT] = out if fine else 0.0
        w[i + WATER] = water1 if fine else (water + came if dead else water)
        w[i + UU] = u1 if fine else u0
        w[i + FLOW] = k * u1 if fine else w[i + FLOW]
        w[i + ODD] = 0.0 if (fine | dead) else 1.0
    odd = 0.0
    for off in range(_L):
        odd += w[at + ODD + off]
    return odd


@jit
def _together(
    w: Any, at: Any, h: float, band: float, area: float, ml: float, low: float, high: float, mid: float, scale: float,
    f0: float, f1: float, f2: float, f3: float, f4: float, f5: float,
) -> None:  # fmt: skip
    """A step of the lanes that stand in this band and stay in it; ODD is cleared for those taken."""
    glide = 0.5 * h / area
    part = 0.5 * h / area
    turn = h * h / (24.0 * area * area)
    for off in range(_L):
        i = at + off
        water, u0, came = w[i + WATER], w[i + UU], w[i + CAME]
        qa, qb = w[i + Q0], w[i + Q1]
        x = (u0 - mid) * scale
        flow0 = w[i + FLOW]
        slope0 = scale * (f1 + x * (2.0 * f2 + x * (3.0 * f3 + x * (4.0 * f4 + x * 5.0 * f5))))
        base = u0 * u0 + came / area - part * flow0
        bend0 = slope0 * (qa - flow0) / u0
        can = u0 > part * slope0
        u1 = u0 + glide * (qa - flow0) / u0
        for _ in range(2):
            p = u1 if u1 > low else low
            p = p if p < high else high
            x = (p - mid) * scale
            flow = f0 + x * (f1 + x * (f2 + x * (f3 + x * (f4 + x * f5))))
            slope = scale * (f1 + x * (2.0 * f2 + x * (3.0 * f3 + x * (4.0 * f4 + x * 5.0 * f5))))
            b = part * slope
            extra = turn * (slope * (qb - flow) / p - bend0) if can & (p > b) else 0.0
            u1 = 0.5 * (math.sqrt(b * b + 4.0 * (base + extra - part * (flow - slope * p))) - b)
        x = (u1 - mid) * scale
        flow = f0 + x * (f1 + x * (f2 + x * (f3 + x * (f4 + x * f5))))
        water1 = ml + area * (u1 - low) * (u1 + low)
        out = came + water - water1
        fine = (w[i + ODD] == 2.0) & (w[i + BAND] == band) & (water > 0.0) & (u1 > low) & (u1 < high) & (out >= 0.0)
        fine = fine & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u0 > low) & (w[i + RUNS] > 0.0)
        w[i + OUT] = out if fine else w[i + OUT]
        w[i + WATER] = water1 if fine else water
        w[i + Q0] = u0 if fine else qa  # the shares need both ends; the inflow's rates are done with
        w[i + Q1] = h * (flow - flow0) / 12.0 if fine else qb
        w[i + UU] = u1 if fine else u0
        w[i + FLOW] = flow if fine else flow0
        w[i + ODD] = 0.0 if fine else w[i + ODD]


@jit
def _dead_or_alive(w: Any, at: Any) -> float:
    """Fill what stays below its outlet; mark the other lanes 2, or 1 where they must be taken alone."""
    alive = 0.0
    for off in range(_L):
        i = at + off
        dead = (w[i + WATER] + w[i + CAME] <= 0.0) & (w[i + RUNS] == 0.0)
        w[i + WATER] = w[i + WATER] + w[i + CAME] if dead else w[i + WATER]
        w[i + OUT] = 0.0
        w[i + ODD] = 0.0 if dead else (2.0 if w[i + ODD] == 0.0 else 1.0)
        w[i + Q0] = w[i + UU] if dead else w[i + Q0]
        w[i + Q1] = 0.0 if dead else w[i + Q1]
    for off in range(_L):
        alive += w[at + ODD + off]
    return alive


@jit
def _deal_constant(w: Any, at: Any, p: Any, share: float) -> None:
    """Branch p takes its constant share of what left, for all lanes."""
    for off in range(_L):
        w[p + INTO + off] = share * w[at + OUT + off]
        w[p + RATE1 + off] = share * w[at + FLOW + off]


@jit
def _deal(
    w: Any, at: Any, p: Any, band: float, mid: float, scale: float, c0: float, c1: float, c2: float, c3: float
) -> None:
    """Branch p takes its share of what left the lanes that took the step together in this band."""
    for off in range(_L):
        i = at + off
        x0 = (w[i + Q0] - mid) * scale
        x1 = (w[i + UU] - mid) * scale
        s0 = c0 + x0 * (c1 + x0 * (c2 + x0 * c3))
        s1 = c0 + x1 * (c1 + x1 * (c2 + x1 * c3))
        mine = (w[i + ODD] == 0.0) & (w[i + BAND] == band)
        w[p + INTO + off] = 0.5 * (s0 + s1) * w[i + OUT] + w[i + Q1] * (s1 - s0) if mine else w[p + INTO + off]
        w[p + RATE1 + off] = s1 * w[i + FLOW] if mine else w[p + RATE1 + off]


@jit
def _arrive(w: Any, at: Any, p: Any) -> None:
    """What branch p took reaches its target."""
    for off in range(_L):
        w[p + PASSED + off] += w[p + INTO + off]
        w[p + ARRIVED + off] += w[p + INTO + off]
        w[at + CAME + off] += w[p + INTO + off]
        w[at + Q0 + off] += w[p + RATE0 + off]
        w[at + Q1 + off] += w[p + RATE1 + off]
        w[p + RATE0 + off] = w[p + RATE1 + off]


@jit
def _window(
    m: Any, w: Any, pipes: Any, v: int, off: Any, t0: float, t1: float, before: Any, lane: int
) -> tuple[float, float]:
    """From when to when water came into vessel v in this step: between the first start and the last stop above."""
    since, until = t1, t0
    for b in range(len(m.pipe_at) - 1):
        feeds = False
        for p in range(m.pipe_at[b], m.pipe_at[b + 1]):
            feeds = feeds or m.target[p] == v
        i = U(b * FIELDS * LANES) + off
        if not feeds or w[i + OUT] <= 0.0:
            continue
        since = min(since, t0 if before[b, lane] > 0.0 else max(w[i + BEGIN], t0))
        until = max(until, t1 if w[i + FLOW] > 0.0 else w[i + END])
    return since, until


@jit
def _bucket(
    m: Any, w: Any, pipes: Any, b: int, n_in: int, t0: float, t1: float, pieces: Any, lanes: int, before: Any, log: Any
) -> None:
    """Take all lanes of one bucket through a step and deal out what leaves."""
    at = U(b * FIELDS * LANES)
    first, last = m.band_at[b], m.band_at[b + 1] - 1
    dt = t1 - t0
    for i in range(lanes):
        before[b, i] = w[at + FLOW + U(i)]
    varying = m.share_at[b] >= 0
    if first == last and m.band_k[first] > 0.0 and not varying:
        odd = _together_linear(w, at, dt, m.band_area[first], m.band_k[first], m.band_high[first])
    else:
        odd = _dead_or_alive(w, at)
        if odd > 0.0:
            for band in range(first, last + 1):
                here = False
                for i in range(lanes):
                    here = here or w[at + BAND + U(i)] == band
                if not here:
                    continue
                k = m.band_k[band]
                f = m.band_flow
                c = band * (DEGREE + 1)
                mid, scale = m.band_mid[band], m.band_scale[band]
                if k > 0.0:
                    mid, scale = 0.0, 1.0
                    _together(
                        w, at, dt, band, m.band_area[band], m.band_ml[band], m.band_low[band], m.band_high[band],
                        mid, scale, 0.0, k, 0.0, 0.0, 0.0, 0.0,
                    )  # fmt: skip
                else:
                    _together(
                        w, at, dt, band, m.band_area[band], m.band_ml[band], m.band_low[band], m.band_high[band],
                        mid, scale, f[c], f[c + 1], f[c + 2], f[c + 3], f[c + 4], f[c + 5],
                    )  # fmt: skip
            odd = 0.0
            for i in range(lanes):
                odd += w[at + ODD + U(i)]
    pipe0 = m.pipe_at[b]
    fan = m.pipe_at[b + 1] - pipe0
    if varying:
        for j in range(fan):
            p = pipes + U((pipe0 + j) * PIPE_FIELDS * LANES)
            for off in range(_L):
                w[p + INTO + off] = 0.0
    if odd > 0.0:
        for i in range(lanes):
            off = U(i)
            if w[at + ODD + off] > 0.0:
                if b < n_in:
                    _pour_alone(m, w, pipes, b, at + off, off, t0, t1, pieces, i, log)
                else:
                    since, until = _window(m, w, pipes, b, off, t0, t1, before, i)
                    _alone(m, w, pipes, b, at + off, off, t0, t1, since, until, log)
                starts = before[b, i] <= 0.0
                stops = w[at + FLOW + off] <= 0.0
                if (starts or stops) and w[at + OUT + off] > 0.0:
                    for j in range(fan):
                        w[U(m.target[pipe0 + j] * FIELDS * LANES) + ODD + off] = 1.0
    for j in range(fan):
        p = pipes + U((pipe0 + j) * PIPE_FIELDS * LANES)
        if not varying:
            _deal_constant(w, at, p, m.share[pipe0 + j])
            continue
        for band in range(first, last + 1):
            here = False
            for i in range(lanes):
                here = here or (w[at + BAND + U(i)] == band and w[at + ODD + U(i)] == 0.0)
            if here:
                c = (m.share_at[b] + (band - first) * fan + j) * SHARES
                f = m.band_share
                _deal(w, at, p, band, m.band_mid[band], m.band_scale[band], f[c], f[c + 1], f[c + 2], f[c + 3])
        for i in range(lanes):
            off = U(i)
            if w[at + ODD + off] > 0.0:
                w[p + RATE1 + off] = w[at + FLOW + off] * _share(m, b, j, int(w[at + BAND + off]), w[at + UU + off])


@jit
def _rates(m: Any, w: Any, pipes: Any, b: int, off: Any, open_: bool) -> None:
    """The rates at which a step begins, after the state was changed from outside."""
    at = U(b * FIELDS * LANES) + off
    if not open_:
        w[at + FLOW] = 0.0
    for j in range(m.pipe_at[b + 1] - m.pipe_at[b]):
        p = pipes + U((m.pipe_at[b] + j) * PIPE_FIELDS * LANES) + off
        w[p + RATE0] = w[at + FLOW] * _share(m, b, j, int(w[at + BAND]), w[at + UU])


@jit
def _delayed(m: Any, w: Any, pipes: Any, p: int, past: Any, place: Any, grid: Any, step: int, lanes: int) -> None:
    """What branch p delivers now went in ``delay_s`` ago: from its past by cubic interpolation."""
    at = pipes + U(p * PIPE_FIELDS * LANES)
    target = U(m.target[p] * FIELDS * LANES)
    ring = past.shape[2]
    for i in range(lanes):
        off = U(i)
        w[at + PASSED + off] += w[at + INTO + off]
        if step == 0:
            past[p, 0, 0, i], past[p, 1, 0, i] = 0.0, w[at + RATE0 + off]
        past[p, 0, (step + 1) % ring, i] = w[at + PASSED + off]
        past[p, 1, (step + 1) % ring, i] = w[at + RATE1 + off]
    for side in range(2):
        t = grid[step + side] - m.delay_s[p]
        while place[p] < step and grid[place[p] + 1] <= t:
            place[p] += 1
        k = place[p]
        h = grid[k + 1] - grid[k]
        s = (t - grid[k]) / h
        for i in range(lanes):
            off = U(i)
            amount, rate = 0.0, 0.0
            if s >= 0.0:
                c0, c1 = past[p, 0, k % ring, i], past[p, 0, (k + 1) % ring, i]
                a, b = past[p, 1, k % ring, i] * h, past[p, 1, (k + 1) % ring, i] * h
                a, b = min(a, 3.0 * (c1 - c0)), min(b, 3.0 * (c1 - c0))
                amount = c0 + _came(s, c1 - c0, a, b)
                rate = _rate(s, c1 - c0, a, b) / h
            if side == 0:
                w[target + Q0 + off] += rate
            else:
                # what has arrived never shrinks, and never passes what went in
                amount = min(max(amount, w[at + ARRIVED + off]), w[at + PASSED + off])
                w[target + Q1 + off] += rate
                w[target + CAME + off] += amount - w[at + ARRIVED + off]
                w[at + ARRIVED + off] = amount
    for off in range(_L):
        w[at + RATE0 + off] = w[at + RATE1 + off]


@jit
def run_block(
    m: Any, n_in: int, grid: Any, asked: Any, pieces: Any, gate: Any, overflow: Any, ring: int, start: Any, out: Any,
    lane0: int, lanes: int, ends: Any, log: Any,
) -> None:  # fmt: skip
    """Up to LANES pours through all steps.

    ``asked`` (steps + 1,) says which steps are rows of ``out``; ``pieces`` (k, 5, lanes): input, start, duration,
    volume, rise; ``gate`` (B,) when each outlet opens; ``overflow`` (V,) where spill goes, -1 the tray; ``start``
    (V, lanes) mL. ``out`` is (volumes (T, V, n), flows, passed, arrived (T, P, n), spilled (T, V, n)), each of no
    rows if not wanted; lanes are written from ``lane0`` on. ``ends`` is (volumes (V, n), passed, arrived (P, n),
    spilled (V, n), (2, n): when the last outlet stopped or -1 if water moves still, the last time reached).
    """
    volumes, flows, passed, arrived, spilled = out
    n_b, n_v, n_p = len(m.pipe_at) - 1, len(m.base_ml), len(m.target)
    n_steps = len(grid) - 1
    pipes = U(n_v * FIELDS * LANES)
    w = np.zeros(n_v * FIELDS * LANES + n_p * PIPE_FIELDS * LANES)
    before = np.zeros((n_b, LANES))
    given = np.zeros((len(pieces), LANES))
    delays = m.delay_s.max() > 0.0
    past = np.zeros((n_p if delays else 0, 2, ring, LANES))
    place = np.zeros(n_p, dtype=np.int64)
    for b in range(n_b):
        for i in range(LANES):
            at = U(b * FIELDS * LANES + i)
            w[at + WATER] = -m.base_ml[b]
            w[at + BAND] = m.band_at[b]
            if i < lanes:
                over = set_level(m, w, b, at, start[b, i] - m.base_ml[b])
                w[at + SPILT] = over
                if w[at + FLOW] > 0.0 and gate[b] <= 0.0:
                    w[at + RUNS] = 1.0
                _rates(m, w, pipes, b, U(i), gate[b] <= 0.0)
    for v in range(n_b, n_v):
        for i in range(lanes):
            at = U(v * FIELDS * LANES + i)
            w[at + WATER] = min(start[v, i], m.base_ml[v])
            w[at + SPILT] = start[v, i] - w[at + WATER]
    pour_end = 0.0
    for k in range(len(pieces)):
        for i in range(lanes):
            pour_end = max(pour_end, pieces[k, 1, i] + pieces[k, 2, i])
    written = 0
    done = False
    for step in range(n_steps + 1):
        t0 = grid[step]
        # what is poured at once, and gates that open, before the step
        for k in range(len(pieces)):
            for i in range(lanes):
                if pieces[k, 2, i] <= 0.0 and given[k, i] == 0.0 and pieces[k, 1, i] <= t0 and pieces[k, 3, i] > 0.0:
                    b = int(pieces[k, 0, i])
                    given[k, i] = pieces[k, 3, i]
                    at = U(b * FIELDS * LANES + i)
                    over = set_level(m, w, b, at, w[at + WATER] + pieces[k, 3, i])
                    w[at + SPILT] += over
                    if over > 0.0 and w[at + RIM] == 0.0:
                        w[at + RIM] = 1.0
                        _note(log, b, RIM_REACHED, t0)
                    if overflow[b] >= 0 and over > 0.0:
                        v = overflow[b]
                        to = U(v * FIELDS * LANES + i)
                        if v < n_b:
                            w[to + SPILT] += set_level(m, w, v, to, w[to + WATER] + over)
                            _rates(m, w, pipes, v, U(i), t0 >= gate[v])
                        else:
                            full = w[to + WATER] + over
                            w[to + WATER] = min(full, m.base_ml[v])
                            w[to + SPILT] += full - w[to + WATER]
                    if w[at + FLOW] > 0.0 and w[at + RUNS] == 0.0 and t0 >= gate[b]:
                        w[at + RUNS] = 1.0
                        _note(log, b, STARTS, t0)
                    _rates(m, w, pipes, b, U(i), t0 >= gate[b])
        moving = False
        for b in range(n_b):
            if gate[b] > 0.0 and t0 >= gate[b] and grid[max(step - 1, 0)] < gate[b]:
                for i in range(lanes):
                    at = U(b * FIELDS * LANES + i)
                    set_level(m, w, b, at, w[at + WATER])
                    if w[at + FLOW] > 0.0:
                        w[at + RUNS] = 1.0
                        _note(log, b, STARTS, t0)
                    _rates(m, w, pipes, b, U(i), True)
            for i in range(lanes):
                at = U(b * FIELDS * LANES + i)
                if w[at + RUNS] > 0.0 or w[at + WATER] > 0.0:
                    moving = True
        if delays:
            for p in range(n_p):
                for i in range(lanes):
                    at = pipes + U(p * PIPE_FIELDS * LANES + i)
                    if w[at + PASSED] - w[at + ARRIVED] > 0.0:
                        moving = True
            done = not moving and t0 >= pour_end
        upto = written + 1 if asked[step] and len(asked) > 0 else written
        if done:  # once all is still, every later row is this one
            upto = max(len(volumes), len(flows))
        for r in range(written, upto):
            if len(volumes) > 0:
                for v in range(n_v):
                    at = U(v * FIELDS * LANES)
                    base = m.base_ml[v] if v < n_b else 0.0
                    for i in range(lanes):
                        volumes[r, v, lane0 + i] = w[at + WATER + U(i)] + base
            if len(spilled) > 0:
                for v in range(n_v):
                    at = U(v * FIELDS * LANES)
                    for i in range(lanes):
                        spilled[r, v, lane0 + i] = w[at + SPILT + U(i)]
            if len(flows) > 0:
                for p in range(n_p):
                    at = pipes + U(p * PIPE_FIELDS * LANES)
                    for i in range(lanes):
                        flows[r, m.order[p], lane0 + i] = w[at + RATE0 + U(i)]
            if len(passed) > 0:
                for p in range(n_p):
                    at = pipes + U(p * PIPE_FIELDS * LANES)
                    for i in range(lanes):
                        passed[r, m.order[p], lane0 + i] = w[at + PASSED + U(i)]
                        arrived[r, m.order[p], lane0 + i] = w[at + ARRIVED + U(i)]
        written = upto
        if done or step == n_steps:
            break
        t1 = grid[step + 1]
        for v in range(n_v):
            at = U(v * FIELDS * LANES)
            for off in range(_L):
                w[at + CAME + off] = 0.0
                w[at + Q0 + off] = 0.0
                w[at + Q1 + off] = 0.0
                w[at + ODD + off] = 0.0
        if t0 < pour_end:
            for k in range(len(pieces)):
                for i in range(lanes):
                    begin = pieces[k, 1, i]
                    end = begin + pieces[k, 2, i]
                    if t1 <= begin or t0 >= end:
                        continue
                    at = U(int(pieces[k, 0, i]) * FIELDS * LANES + i)
                    total = _poured(t1, pieces, k, i)
                    w[at + CAME] += total - given[k, i]
                    given[k, i] = total
                    w[at + Q0] += _pouring(t0, 1, pieces, k, i)
                    w[at + Q1] += _pouring(t1, -1, pieces, k, i)
                    if begin > t0 or end < t1:
                        w[at + ODD] = 1.0
        for b in range(n_b):
            at = U(b * FIELDS * LANES)
            if t0 < gate[b]:
                for i in range(lanes):
                    off = U(i)
                    over = set_level(m, w, b, at + off, w[at + WATER + off] + w[at + CAME + off])
                    w[at + FLOW + off] = 0.0
                    w[at + SPILT + off] += over
                    w[at + OVER + off] = over
            else:
                _bucket(m, w, pipes, b, n_in, t0, t1, pieces, lanes, before, log)
                for p in range(m.pipe_at[b], m.pipe_at[b + 1]):
                    if m.delay_s[p] > 0.0:
                        _delayed(m, w, pipes, p, past, place, grid, step, lanes)
                    else:
                        _arrive(w, U(m.target[p] * FIELDS * LANES), pipes + U(p * PIPE_FIELDS * LANES))
            for i in range(lanes):
                over = w[at + OVER + U(i)]
                if over > 0.0:
                    w[at + OVER + U(i)] = 0.0
                    if overflow[b] >= 0:
                        to = U(overflow[b] * FIELDS * LANES + i)
                        w[to + CAME] += over
                        w[to + Q0] += over / (t1 - t0)
                        w[to + Q1] += over / (t1 - t0)
        for v in range(n_b, n_v):
            at = U(v * FIELDS * LANES)
            most = m.base_ml[v]
            for off in range(_L):
                full = w[at + WATER + off] + w[at + CAME + off]
                w[at + WATER + off] = full if full < most else most
                w[at + SPILT + off] += full - most if full > most else 0.0
    for i in range(lanes):
        for v in range(n_v):
            at = U(v * FIELDS * LANES + i)
            ends[0][v, lane0 + i] = w[at + WATER] + (m.base_ml[v] if v < n_b else 0.0)
            ends[3][v, lane0 + i] = w[at + SPILT]
        for p in range(n_p):
            at = pipes + U(p * PIPE_FIELDS * LANES + i)
            ends[1][m.order[p], lane0 + i] = w[at + PASSED]
            ends[2][m.order[p], lane0 + i] = w[at + ARRIVED]
        last = 0.0
        for b in range(n_b):
            last = max(last, w[U(b * FIELDS * LANES + i) + STOPPED])
        ends[4][0, lane0 + i] = last
        if not done:
            for b in range(n_b):
                at = U(b * FIELDS * LANES + i)
                if w[at + RUNS] > 0.0 or w[at + WATER] > 0.0:
                    ends[4][0, lane0 + i] = -1.0
            for p in range(n_p):
                at = pipes + U(p * PIPE_FIELDS * LANES + i)
                if w[at + PASSED] - w[at + ARRIVED] > 0.0:
                    ends[4][0, lane0 + i] = -1.0
            for k in range(len(pieces)):
                if pieces[k, 1, i] + pieces[k, 2, i] > grid[n_steps]:
                    ends[4][0, lane0 + i] = -1.0
        ends[4][1, lane0 + i] = grid[step]
