"""One vessel through one step: a bucket that runs, one whose gate is shut, a cup; and what is poured into them."""

# mypy: disable-error-code="assignment"

from __future__ import annotations

from typing import Any

from .alone import pour_alone, poured, pouring, set_level, take_alone
from .curve import cubic_rate, water_at, when_came
from .looks import AT, open_entry, pass_out, spill_over
from .machine import MOST_U, PIPES, SEGMENTS, SHARE, TARGET
from .state import (  # fmt: skip
    BAND,
    CAME,
    CUP_REST,
    EACH,
    FLOW,
    FLOW0,
    ODD,
    OUT,
    Q0,
    Q1,
    RIM,
    RIM_REACHED,
    RUNS,
    SPILT,
    SPILT_REST,
    STARTS,
    UU,
    WATER,
    U,
    gain,
    inline,
    jit,
    note,
    once,
    vessel_at,
)
from .together import together
from .transfer import set_rates, spill_on, window


@once
def take_bucket(m: Any, o: Any, w: Any, b: int, t0: float, t1: float, look: Any, log: Any) -> None:
    """Take all lanes of one bucket through a step."""
    at = vessel_at(b)
    if not together(m, o, w, b, t1 - t0):
        return
    for lane in range(o.lanes):
        off = U(lane)
        if w[at + ODD + off] == 0.0:
            continue
        if b < o.n_in:
            pour_alone(m, w, o.pipes, b, off, t0, t1, o.pieces, look, log)
        else:
            since, until = window(m, o, w, b, off, t0, t1)
            take_alone(m, w, o.pipes, b, off, t0, t1, since, until, look, log)
        if w[at + OUT + off] > 0.0 and (w[at + FLOW0 + off] <= 0.0 or w[at + FLOW + off] <= 0.0):
            for p in range(m.bucket[b, PIPES], m.bucket[b + 1, PIPES]):  # the buckets below must know when
                if m.part[p, SHARE] * w[at + OUT + off] > o.fuss_ml:
                    w[vessel_at(m.pipe[p, TARGET]) + ODD + off] = 1.0
    spill_on(o, w, b, t1 - t0)


@once
def fill_shut(m: Any, o: Any, w: Any, b: int, t0: float, t1: float, look: Any, log: Any) -> None:
    """Take a bucket whose gate is shut through a step: it fills, and spills."""
    at = vessel_at(b)
    for lane in range(o.lanes):
        i = at + U(lane)
        part = _when_full(w, i, _most(m, b) - w[i + WATER], t1 - t0)
        full = t0 + (t1 - t0) * part
        over = fill(m, o, w, b, U(lane), w[i + CAME], full, log)
        w[i + FLOW0], w[i + OUT] = 0.0, 0.0
        if over > 0.0 or (b < o.n_in and w[i + ODD] > 0.0):
            gain(w, i + SPILT, i + SPILT_REST, -over)
            band, u, h = int(w[i + BAND]), w[i + UU], t1 - t0
            rate = cubic_rate(part, w[i + CAME], w[i + Q0] * h, w[i + Q1] * h) / h
            open_entry(look, b, U(lane))
            pass_out(m, w, o.pipes, b, i, U(lane), band, u, band, u, 0.0, 0.0, 0.0, t0, full, look)
            seen = look.cursor[AT]
            pass_out(m, w, o.pipes, b, i, U(lane), band, u, band, u, 0.0, 0.0, 0.0, full, t1, look)
            spill_over(w, i, over, rate, w[i + Q1], full, t1, seen, look)
    spill_on(o, w, b, t1 - t0)


@jit
def fill_cup(m: Any, o: Any, w: Any, v: int, t0: float, dt: float, log: Any) -> None:
    """Fill a cup, up to its rim."""
    at, most = vessel_at(v), m.base_ml[v]
    over = 0.0
    for off in range(EACH):
        i = at + off
        gain(w, i + WATER, i + CUP_REST, w[i + CAME])
        full = w[i + WATER]
        lost = full - most + w[i + CUP_REST] if full > most else 0.0
        over += lost
        gain(w, i + SPILT, i + SPILT_REST, lost)
        w[i + CUP_REST] = 0.0 if full > most else w[i + CUP_REST]
        w[i + WATER] = full if full < most else most
    if over > 0.0:
        for lane in range(o.lanes):
            i = at + U(lane)
            if w[i + SPILT] > 0.0 and w[i + RIM] == 0.0:
                w[i + RIM] = 1.0
                spare = w[i + CAME] - w[i + SPILT]  # the first water that is spilled
                note(log, v, RIM_REACHED, t0 + dt * _when_full(w, i, spare, dt))


@jit
def fill(m: Any, o: Any, w: Any, v: int, off: Any, volume: float, t: float, log: Any) -> float:
    """Put a volume into a vessel at once; return what went over its rim."""
    at = vessel_at(v) + off
    if v >= len(m.bucket) - 1:
        full = w[at + WATER] + volume
        w[at + WATER] = min(full, m.base_ml[v])
        over = full - w[at + WATER]
    else:
        over = set_level(m, w, o.pipes, v, off, w[at + WATER] + volume)
        if t < o.gate[v]:
            w[at + FLOW] = 0.0
        elif w[at + FLOW] > 0.0 and w[at + RUNS] == 0.0:
            w[at + RUNS] = 1.0
            note(log, v, STARTS, t)
        if not o.plain[v]:
            set_rates(m, o, w, v, off)
    if over > 0.0:
        gain(w, at + SPILT, at + SPILT_REST, over)
        if w[at + RIM] == 0.0:
            w[at + RIM] = 1.0
            note(log, v, RIM_REACHED, t)
    return over


@once
def pour_at_once(m: Any, o: Any, w: Any, t: float, given: Any, log: Any) -> None:
    """Everything that is poured at once at this time."""
    for k in range(len(o.pieces)):
        for i in range(o.lanes):
            start, lasts, volume = o.pieces[k, 1, i], o.pieces[k, 2, i], o.pieces[k, 3, i]
            if lasts <= 0.0 and volume > 0.0 and start <= t and given[k, i] == 0.0:
                given[k, i] = volume
                v = int(o.pieces[k, 0, i])
                while volume > 0.0 and v >= 0:
                    volume = fill(m, o, w, v, U(i), volume, t, log)
                    v = o.overflow[v]


@once
def pour_in(m: Any, o: Any, w: Any, t0: float, t1: float, given: Any) -> None:
    """What is poured in this step, and at what rates it begins and ends."""
    for k in range(len(o.pieces)):
        if t1 <= o.spans[k, 1] or t0 >= o.spans[k, 2]:
            continue
        if o.spans[k, 0] >= 0.0:
            _pour_together(w, vessel_at(int(o.spans[k, 0])), o.pieces[k], t0, t1, given[k])
            continue
        for i in range(o.lanes):
            begin = o.pieces[k, 1, i]
            end = begin + o.pieces[k, 2, i]
            if t1 <= begin or t0 >= end:
                continue
            at = vessel_at(int(o.pieces[k, 0, i])) + U(i)
            total = poured(t1, o.pieces, k, i)
            w[at + CAME] += total - given[k, i]
            given[k, i] = total
            w[at + Q0] += pouring(t0, 1, o.pieces, k, i)
            w[at + Q1] += pouring(t1, -1, o.pieces, k, i)
            if begin > t0 or end < t1:
                w[at + ODD] = 1.0


@jit
def _pour_together(w: Any, at: Any, piece: Any, t0: float, t1: float, given: Any) -> None:
    """The same for the k-th pieces of all lanes, which go to one bucket."""
    for off in range(EACH):
        i = at + off
        begin, volume, rise, per_s = piece[1, off], piece[3, off], piece[4, off], piece[5, off]
        end = begin + piece[2, off]
        now = (t1 > begin) & (t0 < end)
        s0, s1 = (t0 - begin) * per_s, (t1 - begin) * per_s
        done = s1 if s1 < 1.0 else 1.0
        total = volume * done * (1.0 - rise * (1.0 - done))
        w[i + CAME] += total - given[off] if now else 0.0
        given[off] = total if now else given[off]
        w[i + Q0] += volume * per_s * (1.0 + rise * (2.0 * s0 - 1.0)) if now & (begin <= t0) else 0.0
        w[i + Q1] += volume * per_s * (1.0 + rise * (2.0 * s1 - 1.0)) if now & (t1 <= end) else 0.0
        w[i + ODD] = 1.0 if now & ((begin > t0) | (end < t1)) else w[i + ODD]


@inline
def _most(m: Any, b: int) -> float:
    """The water above a bucket's base when it stands at the rim."""
    last = m.bucket[b + 1, SEGMENTS] - 1
    return water_at(m, last, m.segments[last, MOST_U])


@inline
def _when_full(w: Any, i: Any, spare: float, dt: float) -> float:
    """The fraction of a step after which ``spare`` mL have come."""
    came = w[i + CAME]
    if spare <= 0.0 or spare >= came:
        return 0.0
    return when_came(spare, 0.0, came, min(w[i + Q0] * dt, 3.0 * came), min(w[i + Q1] * dt, 3.0 * came))
