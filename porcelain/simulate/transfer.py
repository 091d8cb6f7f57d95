"""What leaves a vessel reaches another: pipes, the time water takes in them, and spill."""

from __future__ import annotations

from typing import Any

from .curve import cubic, cubic_rate, share_at
from .machine import DELAY, PIPES, SHARE, SHARE_ROW, SOURCE
from .state import (  # fmt: skip
    ARRIVED,
    BAND,
    BEGIN,
    CAME,
    EACH,
    END,
    FLOW,
    FLOW0,
    GOT,
    GOT0,
    GOT1,
    INTO,
    ODD,
    OUT,
    OVER,
    PART,
    PASSED,
    Q0,
    Q1,
    RATE,
    RATE0,
    RATE1,
    TOTAL,
    UU,
    U,
    inline,
    jit,
    pipe_at,
    vessel_at,
)
from .together import deal
from .vectors import add, clear, gather, move


@inline
def receive(m: Any, o: Any, w: Any, v: int, fresh: bool) -> None:
    """Add up what vessel v gets from above in this step.

    It comes at first as fast as it came last in the step before; ``fresh``: unless something was changed since.
    """
    at, first, last = vessel_at(v), m.inlets[v], m.inlets[v + 1]
    if first == last:
        return
    if not fresh:
        add(w, at + Q0, at + RATE, 1.0)
    clear(w, at + RATE)
    gather(w, at + CAME, o.inlet_from, U(0), o.inlet_share, first, last)
    if fresh:
        gather(w, at + Q1, o.inlet_from, EACH, o.inlet_share, first, last)
    else:
        add(w, at + Q1, at + RATE, 1.0)


@jit
def window(m: Any, o: Any, w: Any, v: int, off: Any, t0: float, t1: float) -> tuple[float, float]:
    """From when to when water came into vessel v in this step: between the first start and the last stop above."""
    since, until = t1, t0
    for k in range(m.inlets[v], m.inlets[v + 1]):
        p = m.inlet_pipe[k]
        if m.part[p, DELAY] > 0.0:
            if w[vessel_at(v) + CAME + off] > 0.0:
                return t0, t1
            continue
        i = vessel_at(m.pipe[p, SOURCE]) + off
        if w[i + OUT] > 0.0:
            since = min(since, t0 if w[i + FLOW0] > 0.0 else max(w[i + BEGIN], t0))
            until = max(until, t1 if w[i + FLOW] > 0.0 else w[i + END])
    if o.caught[v]:
        return t0, t1
    return since, until


@inline
def ready_pipes(m: Any, o: Any, w: Any, b: int) -> None:
    """Before a step: what ran at its end runs at its beginning, and nothing has gone in yet."""
    for p in range(m.bucket[b, PIPES], m.bucket[b + 1, PIPES]):
        at = pipe_at(o.pipes, p)
        move(w, at + RATE0, at + RATE1)
        clear(w, at + INTO)


@inline
def pass_on(m: Any, o: Any, w: Any, b: int, past: Any, place: Any, grid: Any, step: int) -> None:
    """Split what left a bucket over its pipes, as far as these keep their own account."""
    at = vessel_at(b)
    if o.plain[b]:
        add(w, at + TOTAL, at + OUT, 1.0)
        return
    first = m.bucket[b, PIPES]
    for j in range(m.bucket[b + 1, PIPES] - first):
        p = pipe_at(o.pipes, first + j)
        _split(m, o, w, b, j)
        if m.part[first + j, DELAY] > 0.0:
            _delay(m, o, w, first + j, past, place, grid, step)
            continue
        add(w, p + PASSED, p + INTO, 1.0)


@jit
def _split(m: Any, o: Any, w: Any, b: int, j: int) -> None:
    """What went into the j-th pipe of a bucket, and at what rate at the end."""
    at, p = vessel_at(b), pipe_at(o.pipes, m.bucket[b, PIPES] + j)
    if m.bucket[b, SHARE_ROW] < 0:
        share = m.part[m.bucket[b, PIPES] + j, SHARE]
        clear(w, p + RATE1)
        add(w, p + INTO, at + OUT, share)
        add(w, p + RATE1, at + FLOW, share)
        return
    deal(w, at, p)


@jit
def set_rates(m: Any, o: Any, w: Any, b: int, off: Any) -> None:
    """The rates at which the pipes run, after the state was changed from outside."""
    at = vessel_at(b) + off
    for j in range(m.bucket[b + 1, PIPES] - m.bucket[b, PIPES]):
        p = pipe_at(o.pipes, m.bucket[b, PIPES] + j) + off
        w[p + PART] = share_at(m, b, j, int(w[at + BAND]), w[at + UU])
        w[p + RATE1] = w[at + FLOW] * w[p + PART]


@jit
def _delay(m: Any, o: Any, w: Any, p: int, past: Any, place: Any, grid: Any, step: int) -> None:
    """What pipe p delivers now went in ``delay_s`` ago: from its past by cubic interpolation."""
    at = pipe_at(o.pipes, p)
    ring = o.ring
    for lane in range(o.lanes):
        i = at + U(lane)
        if step == 0:
            past[p, 0, 0, lane], past[p, 1, 0, lane] = 0.0, w[i + RATE0]
        w[i + PASSED] += w[i + INTO]
        past[p, 0, (step + 1) % ring, lane] = w[i + PASSED]
        past[p, 1, (step + 1) % ring, lane] = w[i + RATE1]
    for side in range(2):
        t = grid[step + side] - m.part[p, DELAY]
        while place[p] < step and grid[place[p] + 1] <= t:
            place[p] += 1
        k = place[p]
        h = grid[k + 1] - grid[k]
        s = (t - grid[k]) / h
        for lane in range(o.lanes):
            i = at + U(lane)
            amount, rate = 0.0, 0.0
            if s >= 0.0:
                start = past[p, 0, k % ring, lane]
                gain = past[p, 0, (k + 1) % ring, lane] - start
                a = min(past[p, 1, k % ring, lane] * h, 3.0 * gain)
                b = min(past[p, 1, (k + 1) % ring, lane] * h, 3.0 * gain)
                amount = start + cubic(s, gain, a, b)
                rate = cubic_rate(s, gain, a, b) / h
            if side == 0:
                w[i + GOT0] = rate
                continue
            # what has arrived never shrinks, and never passes what went in
            amount = min(max(amount, w[i + ARRIVED]), w[i + PASSED])
            got = amount - w[i + ARRIVED]
            most = 3.0 * got / (grid[step + 1] - grid[step])  # a cubic between these rates never falls
            w[i + GOT], w[i + GOT0], w[i + GOT1] = got, min(w[i + GOT0], most), min(rate, most)
            w[i + ARRIVED] = amount


@inline
def spill_on(o: Any, w: Any, b: int, dt: float) -> None:
    """Lead what went over a rim to where it is caught."""
    at = vessel_at(b)
    for lane in range(o.lanes):
        i = U(lane)
        over = w[at + OVER + i]
        if over > 0.0:
            w[at + OVER + i] = 0.0
            if o.overflow[b] >= 0:
                to = vessel_at(o.overflow[b]) + i
                w[to + CAME] += over
                w[to + Q0] += over / dt
                w[to + Q1] += over / dt
                w[to + ODD] = 1.0
