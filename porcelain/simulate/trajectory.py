"""A trajectory: cumulative volume as a piecewise polynomial of time, the dense output of a bucket and of a jug.

A piece is the quintic through volume, rate and slope at both of its ends (Hermite). Its variable is time; where an
outlet starts or stops the flow grows as the root of time, and the variable is that root: the same quintic is then
as exact there as elsewhere. A delay is a shift of time, an event a root, and volume is never lost, whatever the error.
"""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import math
from typing import Any

from .compiled import inline, jit
from .tables import END, PLAIN, START

SLACK = 4e-15
"""Times that differ by this part of themselves are the same: a delay added and taken off again rounds."""

BENT = 1e-4
"""Part of a jump of the third derivative that counts beside those of rate and slope: errors alone make it jump."""


@inline
def same_time(t: float) -> float:
    """By how much two equal times near ``t`` may differ."""
    return SLACK * (1.0 + abs(t))


@inline
def evaluate(pieces: Any, i: int, t: float) -> tuple[float, float, float]:
    """Volume, rate and slope of piece ``i`` at ``t``; the slope is infinite where a flow starts as a root of time."""
    p = pieces[i]
    per_s = p.per_s
    if per_s == 0.0:
        return p.c0, 0.0, 0.0
    part = min(max((t - p.start) * per_s, 0.0), 1.0)
    if p.kind == PLAIN:
        x = part
        volume = p.c0 + x * (p.c1 + x * (p.c2 + x * (p.c3 + x * (p.c4 + x * p.c5))))
        rate = p.c1 + x * (2.0 * p.c2 + x * (3.0 * p.c3 + x * (4.0 * p.c4 + x * 5.0 * p.c5)))
        slope = 2.0 * p.c2 + x * (6.0 * p.c3 + x * (12.0 * p.c4 + x * 20.0 * p.c5))
        return volume, rate * per_s, slope * per_s * per_s
    x = math.sqrt(part if p.kind == START else 1.0 - part)
    volume = p.c0 + x * x * (p.c2 + x * (p.c3 + x * (p.c4 + x * p.c5)))
    rate = p.c2 + x * (1.5 * p.c3 + x * (2.0 * p.c4 + x * 2.5 * p.c5))
    slope = 2.0 * p.c4 + 3.75 * p.c5 * x
    if p.c3 != 0.0:
        slope = slope + 0.75 * p.c3 / x if x > 0.0 else math.copysign(math.inf, p.c3)
    return volume, (rate if p.kind == START else -rate) * per_s, slope * per_s * per_s


@inline
def write_piece(pieces: Any, i: int, t: float, h: float, kind: int, v0: float, v1: float, near: Any, far: Any) -> None:
    """Write the quintic from ``v0`` at ``t`` to ``v1`` at ``t + h``.

    ``near`` and ``far`` are first and second derivatives by the piece's own variable where that is 0 and 1: of what
    has come since the start or, for END, of what still comes until the end.
    """
    p = pieces[i]
    whole = v1 - v0
    g0, d0, g1, d1 = near[0], near[1], far[0], far[1]
    sign = -1.0 if kind == END else 1.0
    p.start, p.per_s, p.kind, p.corner = t, 1.0 / h, kind, 0
    p.c0 = v1 if kind == END else v0
    p.c1 = sign * g0
    p.c2 = sign * 0.5 * d0
    p.c3 = sign * (10.0 * whole - 6.0 * g0 - 4.0 * g1 - 1.5 * d0 + 0.5 * d1)
    p.c4 = sign * (-15.0 * whole + 8.0 * g0 + 7.0 * g1 + 1.5 * d0 - d1)
    p.c5 = sign * (6.0 * whole - 3.0 * (g0 + g1) - 0.5 * (d0 - d1))


@jit
def write_constant(pieces: Any, i: int, t: float, volume: float) -> None:
    """Write a piece in which nothing passes."""
    p = pieces[i]
    p.start, p.per_s, p.kind, p.corner = t, 0.0, PLAIN, 0
    p.c0, p.c1, p.c2, p.c3, p.c4, p.c5 = volume, 0.0, 0.0, 0.0, 0.0, 0.0


@inline
def mark_corner(pieces: Any, i: int, before: int, least_ml: float) -> None:
    """Mark the start of piece ``i`` if volume, rate or slope jump there by what matters: ``least_ml`` over a piece."""
    p, b = pieces[i], pieces[before]
    h = 0.0
    if b.per_s > 0.0:
        h = 1.0 / b.per_s
    if p.per_s > 0.0:
        h = max(h, 1.0 / p.per_s)
    v0, q0, s0 = evaluate(pieces, before, p.start)
    v1, q1, s1 = evaluate(pieces, i, p.start)
    jump = abs(q1 - q0) * h
    if s0 != s1:
        jump += 0.5 * abs(s1 - s0) * h * h
    if p.kind == PLAIN and b.kind == PLAIN:  # and the third derivative, beyond what errors make of it
        bend = 6.0 * p.c3 * p.per_s**3 - (6.0 * b.c3 + 24.0 * b.c4 + 60.0 * b.c5) * b.per_s**3
        jump += BENT * abs(bend) * h * h * h
    if jump > least_ml or abs(v1 - v0) > least_ml:
        p.corner = 1


@inline
def _starts(pieces: Any, stream: Any, i: int, t: float, side: int) -> bool:
    """Whether the i-th piece of a trajectory has begun by ``t``; side 1 looks just after it, -1 just before."""
    return pieces[stream.first + i * stream.stride].start <= t + side * same_time(t)


@inline
def seek(pieces: Any, stream: Any, i: int, t: float, side: int) -> int:
    """The piece of a trajectory in force just after (side 1) or just before (-1) ``t``, sought from the i-th on."""
    while i + 1 < stream.count and _starts(pieces, stream, i + 1, t, side):
        i += 1
    while i > 0 and not _starts(pieces, stream, i, t, side):
        i -= 1
    return i


@inline
def inflow(w: Any, first: int, end: int, t: float, side: int) -> tuple[float, float, float, bool]:
    """What sources ``first`` to ``end`` bring: volume so far, rate, slope, and whether any water comes at all."""
    volume, rate, slope, comes = 0.0, 0.0, 0.0, False
    for k in range(first, end):
        source = w.source[k]
        stream = w.stream[source.stream]
        there = t - source.delay
        i = seek(w.piece, stream, source.cursor, there, side)
        source.cursor = i
        at = stream.first + i * stream.stride
        if w.piece[at].per_s == 0.0:
            volume += source.factor * w.piece[at].c0
            continue
        v, q, s = evaluate(w.piece, at, there)
        volume += source.factor * v
        rate += source.factor * q
        slope += source.factor * s
        comes = True
    return volume, max(rate, 0.0), slope, comes


@jit
def next_corner(w: Any, first: int, end: int, t: float) -> float:
    """When the inflow of these sources has its next corner after ``t``; infinite if it has none."""
    soonest = math.inf
    for k in range(first, end):
        source = w.source[k]
        stream = w.stream[source.stream]
        i = source.corner
        while i < stream.count:
            at = stream.first + i * stream.stride
            when = w.piece[at].start + source.delay
            if w.piece[at].corner != 0 and when > t + same_time(t):
                soonest = min(soonest, when)
                break
            i += 1
        source.corner = i
    return soonest


@jit
def when_came(w: Any, first: int, end: int, low: float, high: float, goal: float) -> float:
    """The time in [low, high] by which sources have brought ``goal`` mL: a Newton step that must stay in a bracket."""
    t = 0.5 * (low + high)
    for _ in range(100):
        volume, rate, _, _ = inflow(w, first, end, t, -1)
        if volume < goal:
            low = t
        else:
            high = t
        if high - low <= same_time(t):
            break
        before = t
        if rate > 0.0:
            t -= (volume - goal) / rate
        if not low < t < high:
            t = 0.5 * (low + high)
        if abs(t - before) <= 0.25 * same_time(t):
            break
    return t


@jit
def pour_pieces(pieces: Any, first: int, changes: Any) -> int:
    """Write the trajectory of a jug from its sorted ``changes``; return how many pieces it has."""
    write_constant(pieces, first, 0.0, 0.0)
    n, t, volume, rest, rate, slope, running = 1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for c in range(len(changes)):
        change = changes[c]
        if change.time > t:
            h = change.time - t
            # compensated (Kahan, Comm. ACM 8 (1965) 40): a thousand pieces lose no more than one
            more = h * (rate + 0.5 * h * slope) + rest
            if running > 0.0:
                v1 = volume + more
                near, far = (h * rate, h * h * slope), (h * (rate + h * slope), h * h * slope)
                write_piece(pieces, first + n, t, h, PLAIN, volume, v1, near, far)
                rest = more - (v1 - volume)
                volume = v1
            else:
                write_constant(pieces, first + n, t, volume)
            pieces[first + n].corner = 1
            t, rate = change.time, rate + h * slope
            n += 1
        more = change.volume + rest
        rest = more - ((volume + more) - volume)
        volume += more
        running += change.count
        rate = max(rate + change.rate, 0.0) if running > 0.0 else 0.0
        slope = slope + change.slope if running > 0.0 else 0.0
    write_constant(pieces, first + n, t, volume)
    pieces[first + n].corner = 1
    return n + 1


@jit
def sample(pieces: Any, stream: Any, delay: float, times: Any, volume: Any, rate: Any, rates: bool) -> None:
    """Dense output: volume and, if wanted, rate of a trajectory at ascending ``times``, just after each of them."""
    n, k, i = len(times), 0, 0
    while k < n:
        i = seek(pieces, stream, i, times[k] - delay, 1)
        at = stream.first + i * stream.stride
        last = n
        if i + 1 < stream.count:
            until = pieces[at + stream.stride].start
            last = k + 1
            while last < n and times[last] - delay + same_time(times[last] - delay) < until:
                last += 1
        _sample_piece(pieces, at, delay, times, k, last, volume)
        if rates:
            for r in range(k, last):
                _, q, _ = evaluate(pieces, at, times[r] - delay)
                rate[r] = max(q, 0.0)
        k = last


@jit
def _sample_piece(pieces: Any, at: int, delay: float, times: Any, first: int, last: int, volume: Any) -> None:
    p = pieces[at]
    c0, c1, c2, c3, c4, c5 = p.c0, p.c1, p.c2, p.c3, p.c4, p.c5
    start, per_s = p.start + delay, p.per_s
    if per_s == 0.0:
        for r in range(first, last):
            volume[r] = c0
    elif p.kind == PLAIN:
        for r in range(first, last):
            x = min(max((times[r] - start) * per_s, 0.0), 1.0)
            volume[r] = c0 + x * (c1 + x * (c2 + x * (c3 + x * (c4 + x * c5))))
    else:
        for r in range(first, last):
            part = min(max((times[r] - start) * per_s, 0.0), 1.0)
            x = math.sqrt(part if p.kind == START else 1.0 - part)
            volume[r] = c0 + x * x * (c2 + x * (c3 + x * (c4 + x * c5)))
