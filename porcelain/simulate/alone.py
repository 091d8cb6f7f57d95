"""One lane of one bucket through one step, whatever happens in it: the engine's slow and careful half."""

from __future__ import annotations

import math
from typing import Any

from .curve import cubic, cubic_rate, edge_time, flow_at, near, next_u, slope_at, u_at, water_at, when_came, when_rate
from .looks import AT, open_entry, pass_out, spill_over
from .machine import BASE_ML, LEAST_U, MOST_U, PLAN_AREA, SEGMENTS
from .state import (  # fmt: skip
    BAND,
    BEGIN,
    CAME,
    END,
    FLOW,
    NONE,
    OUT,
    Q0,
    Q1,
    RIM,
    RIM_LEFT,
    RIM_REACHED,
    RUNS,
    SEGMENT,
    STARTS,
    STOPPED,
    STOPS,
    UU,
    WATER,
    inline,
    jit,
    note,
    once,
    vessel_at,
)
from .together import GROWTH, place_lane, stand_between

START_PARTS = 256  # the first stretch of a start is (1/16)^2 of the step: u grows as sqrt(t)
FAILING = 0.7
RELAX = 0.7  # of the time in which a head follows its inflow, while that fails
NEARER = 0.25  # of what is left of the step, where that head follows faster still: it does so ever more closely
SMALLEST = 1e-7  # of a step: shorter stretches are taken as standing still


@jit
def set_level(m: Any, w: Any, pipes: Any, b: int, off: Any, water: float) -> float:
    """Put this much water above a bucket's base; return what does not fit under the rim."""
    at = vessel_at(b) + off
    first, last = m.bucket[b, SEGMENTS], m.bucket[b + 1, SEGMENTS] - 1
    most = water_at(m, last, m.segments[last, MOST_U])
    over = max(water - most, 0.0)
    water -= over
    segment = first
    while segment < last and water >= m.segments[segment + 1, BASE_ML]:
        segment += 1
    u = u_at(m, segment, water) if water > 0.0 else 0.0
    if water >= most:
        u = m.segments[last, MOST_U]
    band = near(m, segment, 0, u)
    w[at + WATER], w[at + UU] = water, u
    w[at + FLOW] = flow_at(m, band, u) if water > 0.0 else 0.0
    place_lane(m, pipes, w, b, off, segment, band)
    return over


@inline
def _advance(
    m: Any, w: Any, pipes: Any, b: int, off: Any,
    t0: float, dt: float, came: float, q0: float, q1: float, look: Any, log: Any,
) -> None:  # fmt: skip
    """Take one lane of a bucket over dt, in as many stretches as its edges ask for.

    The inflow is ``came`` mL in all, at q0 first and q1 last. The state and what went over the rim are left in w.
    """
    at = vessel_at(b) + off
    first, last = m.bucket[b, SEGMENTS], m.bucket[b + 1, SEGMENTS] - 1
    # a cubic that never falls (Fritsch and Carlson, SIAM J. Numer. Anal. 17 (1980) 238)
    qa = min(q0 * dt, 3.0 * came)
    qb = min(q1 * dt, 3.0 * came)
    s = 0.0
    water, u, segment = w[at + WATER], w[at + UU], int(w[at + SEGMENT])
    band = near(m, segment, int(w[at + BAND]), u)
    shown = w[at + FLOW]
    below = -1  # the band below the edge on which the level stands between two
    while s < 1.0:
        here = t0 + s * dt
        rest = came - cubic(s, came, qa, qb)
        if water < 0.0:
            if rest < -water:
                water += rest
                pass_out(m, w, pipes, b, at, off, band, u, band, u, 0.0, 0.0, 0.0, here, t0 + dt, look)
                break
            goal = cubic(s, came, qa, qb) - water
            s = when_came(goal, s, came, qa, qb)
            pass_out(m, w, pipes, b, at, off, band, u, band, u, 0.0, 0.0, 0.0, here, t0 + s * dt, look)
            water, u, segment = max(cubic(s, came, qa, qb) - goal, 0.0), 0.0, first
            band = near(m, segment, 0, u)
            continue
        if segment == first and u <= 0.0 and rest <= 0.0:  # at the sill and nothing comes; the water is rounding
            out = max(water, 0.0)
            pass_out(m, w, pipes, b, at, off, band, u, band, u, out, 0.0, 0.0, here, t0 + dt, look)
            water, shown = water - out, 0.0
            break
        rate = cubic_rate(s, came, qa, qb) / dt
        flow = flow_at(m, band, u)
        if w[at + RUNS] == 0.0:
            w[at + RUNS] = 1.0
            if w[at + BEGIN] == NONE:
                w[at + BEGIN] = here
            note(log, b, STARTS, here)
        # standing on an edge: the inflow may be too much for the segment below and too little for the one above
        slide, floor, roof, below = False, 0.0, flow, -1
        if segment == last and u >= m.segments[last, MOST_U]:
            slide, floor, roof = rate >= flow, flow, math.inf
        elif u <= m.segments[segment, LEAST_U]:
            if segment > first:
                below = near(m, segment - 1, band, u)
                floor = flow_at(m, below, u)
            if segment > first and rate < floor * (1.0 - 1e-13):
                segment, band, flow = segment - 1, below, floor
            else:
                slide = rate <= roof and roof > 0.0
        if not slide:
            below = -1
        if slide:
            ends = cubic_rate(1.0, came, qa, qb) / dt
            end = 1.0
            if ends > roof:
                end = when_rate(roof * dt, True, s, came, qa, qb)
            elif ends < floor:
                end = when_rate(floor * dt, False, s, came, qa, qb)
            end = min(1.0, max(end, s + SMALLEST))
            out = cubic(end, came, qa, qb) - cubic(s, came, qa, qb)
            shown = min(max(ends, floor), roof)
            there, seen, rate1 = t0 + end * dt, look.cursor[AT], cubic_rate(end, came, qa, qb) / dt
            if roof == math.inf:
                over = max(out - flow * (end - s) * dt, 0.0)
                pass_out(m, w, pipes, b, at, off, band, u, band, u, out - over, flow, flow, here, there, look)
                spill_over(w, at, over, rate - flow, rate1 - flow, here, there, seen, look)
                shown = flow
                if w[at + RIM] == 0.0:
                    w[at + RIM] = 1.0
                    note(log, b, RIM_REACHED, here)
            else:
                lower = below if below >= 0 else band
                pass_out(m, w, pipes, b, at, off, lower, u, band, u, out, rate, rate1, here, there, look)
            s = end
            continue
        if w[at + RIM] > 0.0:
            w[at + RIM] = 0.0
            note(log, b, RIM_LEFT, here)
        h = (1.0 - s) * dt
        climb = (rate - flow) / m.segments[segment, PLAN_AREA]
        if climb > 0.0:
            least = dt / START_PARTS  # the next ones grow u by as much again
            h = min(h, max(least + 2.0 * u * math.sqrt(least / climb), GROWTH * u * u / climb))
        elif u <= 0.0:
            h = min(h, dt / START_PARTS)
        elif (
            rest > 0.0 and cubic_rate(1.0, came, qa, qb) < FAILING * rate * dt
        ):  # a head that follows a failing inflow does so ever faster
            follows = RELAX * m.segments[segment, PLAN_AREA] * u / slope_at(m, band, u)
            h = min(h, max(dt / START_PARTS, follows, NEARER * h))
        end = 1.0 if h >= (1.0 - s) * dt else min(s + h / dt, 1.0)
        amount = cubic(end, came, qa, qb) - cubic(s, came, qa, qb)
        u1 = next_u(m, segment, band, u, amount, rate, cubic_rate(end, came, qa, qb) / dt, h)
        edge, there = NONE, t0 + end * dt
        if u1 >= m.segments[segment, MOST_U]:
            edge = m.segments[segment, MOST_U]
        elif u1 <= m.segments[segment, LEAST_U]:
            edge = m.segments[segment, LEAST_U]
        if edge >= 0.0:
            if edge != u:
                h = edge_time(m, segment, band, u, edge, s, h, came, qa, qb, dt)
                there = here + h
                end = min(s + max(h / dt, SMALLEST), 1.0)
            else:  # it cannot leave the edge: stand still for a moment
                h = min(h, dt / START_PARTS)
                end = min(s + h / dt, 1.0)
            amount = cubic(end, came, qa, qb) - cubic(s, came, qa, qb)
            u1 = edge
        water1 = water_at(m, segment, u1)
        out = amount + (water - water1)
        if out < 0.0:  # nothing runs back
            water1, out = water + amount, 0.0
            u1 = min(u_at(m, segment, water1), m.segments[segment, MOST_U])
        before, band = band, near(m, segment, band, u1)
        shown = flow_at(m, band, u1)
        pass_out(m, w, pipes, b, at, off, before, u, band, u1, out, flow, shown, here, t0 + end * dt, look)
        water, u = water1, u1
        s = end
        if segment == first and u <= 0.0:
            water, u = min(water, 0.0), 0.0
            w[at + END] = max(w[at + END], there)
        elif segment < last and u >= m.segments[segment, MOST_U]:
            segment += 1
            band = near(m, segment, band, u)
            shown = flow_at(m, band, u)
    w[at + WATER], w[at + UU], w[at + FLOW] = water, u, shown
    if segment != w[at + SEGMENT] or band != w[at + BAND] or below >= 0:
        place_lane(m, pipes, w, b, off, segment, band)
    if below >= 0 and shown > 0.0:
        stand_between(m, pipes, w, b, off, below, band)


@inline
def _begin(w: Any, b: int, off: Any, t0: float, look: Any) -> None:
    """Before a lane is taken alone: nothing has left yet."""
    at = vessel_at(b) + off
    w[at + OUT] = 0.0
    w[at + BEGIN] = NONE if w[at + RUNS] == 0.0 else t0
    w[at + END] = t0
    open_entry(look, b, off)


@inline
def _end(m: Any, w: Any, pipes: Any, b: int, off: Any, t1: float, more: bool, look: Any, log: Any) -> None:
    """After a lane was taken alone: did its outlet stop? ``more``: water still comes at t1."""
    at = vessel_at(b) + off
    u, flow = w[at + UU], w[at + FLOW]
    band = near(m, int(w[at + SEGMENT]), int(w[at + BAND]), u)
    pass_out(m, w, pipes, b, at, off, band, u, band, u, 0.0, flow, flow, t1, t1, look)  # rounding left some
    if w[at + RUNS] > 0.0:
        if w[at + UU] <= 0.0 and w[at + WATER] <= 0.0 and not more:
            w[at + RUNS] = 0.0
            w[at + FLOW] = 0.0
            w[at + STOPPED] = w[at + END]
            note(log, b, STOPS, w[at + END])
        else:
            w[at + END] = t1


@once
def take_alone(
    m: Any, w: Any, pipes: Any, b: int, off: Any,
    t0: float, t1: float, since: float, until: float, look: Any, log: Any,
) -> None:  # fmt: skip
    """Take one lane through a step whose inflow runs from ``since`` to ``until`` only."""
    at = vessel_at(b) + off
    came, q0, q1 = w[at + CAME], w[at + Q0], w[at + Q1]
    _begin(w, b, off, t0, look)
    if came <= 0.0 or until <= since:
        q0, q1, since, until = 0.0, 0.0, t0, t1
    t = t0
    for part in range(3):  # before, while and after it comes
        end = since if part == 0 else (until if part == 1 else t1)
        if end > t:
            now = part == 1
            _advance(
                m, w, pipes, b, off, t, end - t, came if now else 0.0, q0 if now else 0.0, q1 if now else 0.0,
                look, log,
            )  # fmt: skip
            t = end
    _end(m, w, pipes, b, off, t1, q1 > 0.0 and until >= t1, look, log)


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


@once
def pour_alone(
    m: Any, w: Any, pipes: Any, b: int, off: Any, t0: float, t1: float, pieces: Any, look: Any, log: Any
) -> None:
    """Take one lane of an input bucket through a step, cut wherever a piece begins or ends."""
    lane = int(off)
    _begin(w, b, off, t0, look)
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
        _advance(m, w, pipes, b, off, t, cut - t, came, q0, q1, look, log)
        t = cut
    _end(m, w, pipes, b, off, t1, more, look, log)
