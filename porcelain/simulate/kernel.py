"""The stepping kernel: buckets top to bottom within a step, volumes passed on exactly.

A step of a bucket solves S d(u^2)/dt = q - Q(u), u = sqrt(head), for the volume: the trapezoidal rule with its
endpoint correction (Euler-Maclaurin, fourth order) and Q a parabola in u make u1 the root of a quadratic. What
leaves is what came minus what stayed, so that no water is lost whatever the error in time.
"""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np

STARTS, STOPS, RIM_REACHED, RIM_LEFT = 0, 1, 2, 3
START_PARTS = 256  # the first stretch of a start is (1/16)^2 of the step: u grows as sqrt(t)
GROWTH = 0.25  # a stretch lets the head grow by no more than this
SMALLEST = 1e-9  # of a step: stretches below this are taken as standing still

jit = nb.njit(cache=True, nogil=True, error_model="numpy")


@jit
def _cell(m: Any, band: int, u: float) -> int:
    """Index of the cell of u in a band."""
    i = int((u - m.band_low[band]) * m.band_scale[band])
    return m.band_cell[band] + min(max(i, 0), m.band_cells[band] - 1)


@jit
def _flow(m: Any, band: int, u: float) -> float:
    c = _cell(m, band, u)
    return m.cell_0[c] + u * (m.cell_1[c] + u * m.cell_2[c])


@jit
def _share(m: Any, b: int, j: int, band: int, u: float) -> float:
    """Share of the bucket's j-th branch."""
    c = _cell(m, band, u) - m.band_cell[m.band_at[b]]
    k = m.share_at[b] + c * (m.pipe_at[b + 1] - m.pipe_at[b]) + j
    return m.share_0[k] + m.share_1[k] * u


@jit
def _water(m: Any, band: int, u: float) -> float:
    """Volume above the base for u in a band."""
    low = m.band_low[band]
    return m.band_ml[band] + m.band_area[band] * (u - low) * (u + low)


@jit
def _bend(m: Any, band: int, u: float, q: float) -> float:
    """dQ/dt = Q'(u) (q - Q) / (2 S u)."""
    c = _cell(m, band, u)
    flow = m.cell_0[c] + u * (m.cell_1[c] + u * m.cell_2[c])
    return (m.cell_1[c] + 2.0 * m.cell_2[c] * u) * (q - flow) / (2.0 * m.band_area[band] * u)


@jit
def _damping(m: Any, band: int, u: float, h: float) -> float:
    """b: the u that the outlet takes in half a step."""
    c = _cell(m, band, u)
    return 0.5 * h * (m.cell_1[c] + 2.0 * m.cell_2[c] * u) / m.band_area[band]


@jit
def _next(m: Any, band: int, u0: float, came: float, q0: float, q1: float, h: float) -> float:
    """U after h; below 0 where the water would not have lasted. It may lie outside the band."""
    area = m.band_area[band]
    base = area * u0 * u0 + came - 0.5 * h * _flow(m, band, u0)
    corrected = u0 > _damping(m, band, u0, h)
    bend0 = _bend(m, band, u0, q0) if corrected else 0.0
    u1 = u0
    extra = 0.0
    for k in range(3):
        c = _cell(m, band, u1)
        a = area + 0.5 * h * m.cell_2[c]
        b = 0.5 * h * m.cell_1[c]
        rest = base - 0.5 * h * m.cell_0[c] + extra
        root = b * b + 4.0 * a * rest
        u1 = (math.sqrt(max(root, 0.0)) - b) / (2.0 * a)
        if k == 2 or not corrected or u1 <= _damping(m, band, u1, h):
            break
        extra = h * h / 12.0 * (_bend(m, band, u1, q1) - bend0)
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
    while high - low > 1e-15 * high + 1e-300:
        mid = 0.5 * (low + high)
        if mid in (low, high):
            break
        if _came(mid, came, a, b) < goal:
            low = mid
        else:
            high = mid
    return high


@jit
def _when_rate(rate: float, above: bool, s: float, came: float, a: float, b: float) -> float:
    """The fraction of the step, from s on, at which the rate passes ``rate``; the rate at 1 lies beyond it."""
    low, high = s, 1.0
    for _ in range(60):
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
    c0 = _flow(m, band, u0)
    c1 = _flow(m, band, edge)
    start = _came(s, came, a, b)
    q0 = _rate(s, came, a, b) / dt
    rising = edge > u0
    low, high = 0.0, h
    for _ in range(80):
        mid = 0.5 * (low + high)
        if mid in (low, high):
            break
        end = s + mid / dt
        left = area * (u0 - edge) * (u0 + edge) + _came(end, came, a, b) - start - 0.5 * mid * (c0 + c1)
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
def _pass(m: Any, b: int, band: int, u0: float, u1: float, out: float, turn: float, passed: Any) -> None:
    """Share out a stretch's outflow; ``turn`` is h (Q1 - Q0) / 12, which makes it exact for straight shares."""
    first = m.pipe_at[b]
    for j in range(m.pipe_at[b + 1] - first):
        s0 = _share(m, b, j, band, u0)
        s1 = _share(m, b, j, band, u1)
        passed[first + j] += 0.5 * (s0 + s1) * out + turn * (s1 - s0)


@jit
def advance(
    m: Any, b: int, state: Any, t0: float, dt: float, came: float, q0: float, q1: float, passed: Any, log: Any
) -> float:
    """Take one bucket over dt, in as many stretches as its edges ask for; return what it spilled.

    ``state`` is (water above the base mL, u, band, flow mL/s, running, at the rim); the inflow is ``came`` mL in all,
    at q0 first and q1 last. ``passed`` (P,) gathers what each branch took.
    """
    first, last = m.band_at[b], m.band_at[b + 1] - 1
    # a cubic that never falls (Fritsch and Carlson 1980)
    qa = min(q0 * dt, 3.0 * came)
    qb = min(q1 * dt, 3.0 * came)
    s = 0.0
    spilled = 0.0
    emptied = t0
    while s < 1.0:
        rest = came - _came(s, came, qa, qb)
        water = state[0]
        if water < 0.0:
            if rest <= -water:
                state[0] = min(water + rest, 0.0) if rest < -water else 0.0
                state[1], state[2], state[3] = 0.0, first, 0.0
                break
            s = _when(-water, s, came, qa, qb)
            state[0], state[1], state[2] = 0.0, 0.0, first
            emptied = t0 + s * dt
            if not state[4]:
                state[4] = 1.0
                _note(log, b, STARTS, emptied)
            continue
        u, band = state[1], int(state[2])
        rate = _rate(s, came, qa, qb) / dt
        flow = _flow(m, band, u)
        lowest = m.band_low[band]
        # standing on an edge: the inflow may be too much for the band below and too little for the one above
        slide = False
        floor, roof = 0.0, flow
        if u >= m.band_high[last] and band == last:
            slide, floor, roof = rate >= flow, flow, math.inf
        elif u <= lowest:
            if band > first:
                floor = _flow(m, band - 1, lowest)
            if rate < floor:
                band -= 1
                flow = floor
            else:
                slide = rate <= roof and (rate > 0.0 or rest <= 0.0)
        if slide and (rest > 0.0 or band > first or u > 0.0):
            ends = _rate(1.0, came, qa, qb) / dt
            end = 1.0
            if ends > roof:
                end = _when_rate(roof * dt, True, s, came, qa, qb)
            elif ends < floor:
                end = _when_rate(floor * dt, False, s, came, qa, qb)
            end = max(end, min(1.0, s + SMALLEST))
            amount = _came(end, came, qa, qb) - _came(s, came, qa, qb)
            out = amount
            if roof == math.inf:
                out = min(flow * (end - s) * dt, amount)
                spilled += amount - out
            _pass(m, b, band, u, u, out, 0.0, passed)
            state[3] = min(max(ends, floor), roof) if roof < math.inf else flow
            if not state[4] and out > 0.0:
                state[4] = 1.0
                _note(log, b, STARTS, t0 + s * dt)
            if roof == math.inf and not state[5]:
                state[5] = 1.0
                _note(log, b, RIM_REACHED, t0 + s * dt)
            s = end
            emptied = t0 + s * dt
            continue
        if u <= 0.0 and rest <= 0.0 and band == first:  # at the sill and nothing comes
            state[0], state[3] = 0.0, 0.0
            break
        if state[5]:
            state[5] = 0.0
            _note(log, b, RIM_LEFT, t0 + s * dt)
        if not state[4]:
            state[4] = 1.0
            _note(log, b, STARTS, t0 + s * dt)
        h = (1.0 - s) * dt
        climb = (rate - flow) / m.band_area[band]
        if climb > 0.0:
            h = min(h, max(dt / START_PARTS, GROWTH * u * u / climb))
        elif u <= 0.0:
            h = min(h, dt / START_PARTS)
        end = s + h / dt
        if h >= (1.0 - s) * dt or end > 1.0:
            end = 1.0
        amount = _came(end, came, qa, qb) - _came(s, came, qa, qb)
        goal = _rate(end, came, qa, qb) / dt
        u1 = _next(m, band, u, amount, rate, goal, h)
        edge = -1.0
        if u1 >= m.band_high[band]:
            edge = m.band_high[band]
        elif u1 <= m.band_low[band] and u > m.band_low[band]:
            edge = m.band_low[band]
        elif u1 < m.band_low[band]:  # it cannot leave the lower edge: stand still for a moment
            u1 = u
        if edge >= 0.0:
            h = max(_edge_time(m, band, u, edge, s, h, came, qa, qb, dt), SMALLEST * dt)
            end = min(s + h / dt, 1.0)
            amount = _came(end, came, qa, qb) - _came(s, came, qa, qb)
            u1 = edge
        water1 = _water(m, band, u1)
        out = state[0] + amount - water1
        if out < 0.0:  # rounding: nothing runs back
            water1 += out
            out = 0.0
        flow1 = _flow(m, band, u1)
        _pass(m, b, band, u, u1, out, h * (flow1 - flow) / 12.0, passed)
        state[0], state[1], state[2], state[3] = water1, u1, band, flow1
        s = end
        if u1 <= 0.0:
            state[0], state[1] = min(state[0], 0.0), 0.0
            emptied = t0 + s * dt
        if u1 >= m.band_high[band] and band < last:
            state[2] = band + 1
    if state[4] and state[1] <= 0.0 and q1 <= 0.0 and state[3] <= 0.0:
        state[4] = 0.0
        _note(log, b, STOPS, emptied)
    return spilled


@jit
def settle_state(m: Any, b: int, water: float, state: Any) -> float:
    """Set the state of a bucket to this much water above its base; return what does not fit under the rim."""
    first, last = m.band_at[b], m.band_at[b + 1] - 1
    most = _water(m, last, m.band_high[last])
    spilled = max(water - most, 0.0)
    water -= spilled
    band = first
    while band < last and water >= m.band_ml[band + 1]:
        band += 1
    low = m.band_low[band]
    u = math.sqrt(max(low * low + (water - m.band_ml[band]) / m.band_area[band], 0.0)) if water > 0.0 else 0.0
    if water >= most:
        u = m.band_high[last]
    state[0], state[1], state[2] = water, u, band
    state[3] = _flow(m, band, u) if water > 0.0 else 0.0
    return spilled


@jit
def _poured(t: float, start: float, duration: float, volume: float, rise: float) -> float:
    if duration <= 0.0:
        return volume if t >= start else 0.0
    done = min(max((t - start) / duration, 0.0), 1.0)
    return volume * done * (1.0 - rise * (1.0 - done))


@jit
def _pouring(t: float, start: float, duration: float, volume: float, rise: float) -> float:
    done = (t - start) / duration
    return volume / duration * (1.0 + rise * (2.0 * done - 1.0))


@jit
def run_one(
    m: Any, n_in: int, grid: Any, row: Any, pieces: Any, gate: Any, overflow: Any, start: Any, out: Any, log: Any
) -> tuple[float, int]:
    """One pour through all steps; returns when all was still (or -1) and the steps taken.

    ``pieces`` (k, 5): input, start, duration, volume, rise. ``gate`` (B,) when each outlet opens. ``overflow`` (V,)
    where spill goes, -1 the tray. ``start`` (V,) mL. ``out`` is (volumes, flows, passed, spilled), a row per time.
    """
    volumes, flows, passed_rows, spilled_rows = out
    n_b = len(m.pipe_at) - 1
    n_v = len(m.base_ml)
    n_p = len(m.target)
    state = np.zeros((n_b, 6))
    cups = np.zeros(n_v)
    spilled = np.zeros(n_v)
    passed = np.zeros(n_p)
    before = np.zeros(n_p)
    flow0 = np.zeros(n_p)
    flow1 = np.zeros(n_p)
    came = np.zeros(n_v)
    q0 = np.zeros(n_v)
    q1 = np.zeros(n_v)
    poured = np.zeros(len(pieces))
    for b in range(n_b):
        spilled[b] += settle_state(m, b, start[b] - m.base_ml[b], state[b])
        if state[b, 3] > 0.0:
            state[b, 4] = 1.0
    for v in range(n_b, n_v):
        cups[v] = min(start[v], m.base_ml[v])
        spilled[v] = start[v] - cups[v]
    pour_end = 0.0
    for k in range(len(pieces)):
        pour_end = max(pour_end, pieces[k, 1] + pieces[k, 2])
    still = -1.0
    n_steps = len(grid) - 1
    for step in range(n_steps + 1):
        t0 = grid[step]
        # what is poured at once, and gates that open, before the step
        for k in range(len(pieces)):
            if pieces[k, 2] <= 0.0 and poured[k] == 0.0 and pieces[k, 1] <= t0 and pieces[k, 3] > 0.0:
                b = int(pieces[k, 0])
                poured[k] = pieces[k, 3]
                over = settle_state(m, b, state[b, 0] + pieces[k, 3], state[b])
                spilled[b] += over
                if over > 0.0 and not state[b, 5]:
                    state[b, 5] = 1.0
                    _note(log, b, RIM_REACHED, t0)
                if state[b, 3] > 0.0 and not state[b, 4] and t0 >= gate[b]:
                    state[b, 4] = 1.0
                    _note(log, b, STARTS, t0)
        moving = False
        for b in range(n_b):
            shut = t0 < gate[b]
            u, band = state[b, 1], int(state[b, 2])
            q = 0.0 if shut else state[b, 3]
            if not shut and gate[b] > 0.0 and grid[max(step - 1, 0)] < gate[b]:
                q = _flow(m, band, u) if state[b, 0] > 0.0 else 0.0
            first = m.pipe_at[b]
            for j in range(m.pipe_at[b + 1] - first):
                flow0[first + j] = q * _share(m, b, j, band, u)
            if q > 0.0 or state[b, 0] > 0.0:
                moving = True
        r = row[step]
        if r >= 0:
            for b in range(n_b):
                volumes[r, b] = state[b, 0] + m.base_ml[b]
            for v in range(n_b, n_v):
                volumes[r, v] = cups[v]
            for v in range(n_v):
                spilled_rows[r, v] = spilled[v]
            for p in range(n_p):
                flows[r, m.order[p]] = flow0[p]
                passed_rows[r, m.order[p]] = passed[p]
        if not moving and t0 >= pour_end:
            still = t0
            return still, step
        if step == n_steps:
            break
        t1 = grid[step + 1]
        dt = t1 - t0
        for v in range(n_v):
            came[v] = 0.0
            q0[v] = 0.0
            q1[v] = 0.0
        for k in range(len(pieces)):
            begin, lasts = pieces[k, 1], pieces[k, 2]
            if lasts <= 0.0 or pieces[k, 3] <= 0.0:
                continue
            b = int(pieces[k, 0])
            total = _poured(t1, begin, lasts, pieces[k, 3], pieces[k, 4])
            came[b] += total - poured[k]
            poured[k] = total
            if begin <= t0 < begin + lasts:
                q0[b] += _pouring(t0, begin, lasts, pieces[k, 3], pieces[k, 4])
            if begin < t1 <= begin + lasts:
                q1[b] += _pouring(t1, begin, lasts, pieces[k, 3], pieces[k, 4])
        for b in range(n_b):
            first = m.pipe_at[b]
            fan = m.pipe_at[b + 1] - first
            for j in range(fan):
                before[first + j] = passed[first + j]
            over = 0.0
            if t0 < gate[b]:
                over = settle_state(m, b, state[b, 0] + came[b], state[b])
                state[b, 4] = 0.0
                for j in range(fan):
                    flow1[first + j] = 0.0
            elif came[b] > 0.0 or state[b, 0] > 0.0 or state[b, 4] > 0.0:
                over = advance(m, b, state[b], t0, dt, came[b], q0[b], q1[b], passed, log)
                for j in range(fan):
                    flow1[first + j] = state[b, 3] * _share(m, b, j, int(state[b, 2]), state[b, 1])
            else:
                for j in range(fan):
                    flow1[first + j] = 0.0
            for j in range(fan):
                v = m.target[first + j]
                came[v] += passed[first + j] - before[first + j]
                q0[v] += flow0[first + j]
                q1[v] += flow1[first + j]
            if over > 0.0:
                spilled[b] += over
                if overflow[b] >= 0:
                    v = overflow[b]
                    came[v] += over
                    q0[v] += over / dt
                    q1[v] += over / dt
        for v in range(n_b, n_v):
            full = cups[v] + came[v]
            cups[v] = min(full, m.base_ml[v])
            if full > cups[v]:
                spilled[v] += full - cups[v]
    return still, n_steps
