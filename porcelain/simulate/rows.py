"""What is kept at the times somebody asks for: at a step's end as it stands, between by cubics."""

from __future__ import annotations

from typing import Any

from .alone import poured
from .looks import BUCKET, ENTRIES, FROM, LANE, UNTIL
from .machine import DELAY, ORDER, PIPES, SHARE, SHARE_ROW, SOURCE, TARGET
from .state import (
    ARRIVED,
    CAME,
    EACH,
    FLOW,
    FLOW0,
    GOT,
    GOT0,
    GOT1,
    INTO,
    LANES,
    OUT,
    PASSED,
    Q0,
    Q1,
    RATE0,
    RATE1,
    RISE,
    RISES0,
    RISES1,
    SPILT,
    SPILT0,
    TOTAL,
    WATER,
    WATER0,
    U,
    inline,
    jit,
    pipe_at,
    vessel_at,
)  # fmt: skip
from .vectors import put


@jit
def row(m: Any, o: Any, w: Any, rows: Any, r: int, lane0: int) -> None:
    """Write everything that is kept, as it stands."""
    volumes, flows, passed, arrived, spilled = rows
    n_b = len(m.bucket) - 1
    for v in range(len(m.base_ml)):
        base = m.base_ml[v] if v < n_b else 0.0
        for i in range(o.lanes):
            at = vessel_at(v) + U(i)
            if r < len(volumes):
                volumes[r, v, lane0 + i] = w[at + WATER] + base
            if r < len(spilled):
                spilled[r, v, lane0 + i] = w[at + SPILT]
    for p in range(len(m.pipe) if r < max(len(flows), len(passed)) else 0):
        for i in range(o.lanes):
            rate = pipe_rate(m, o, w, p, U(i))
            went, came = account(m, o, w, p, U(i))
            if r < len(flows):
                flows[r, m.pipe[p, ORDER], lane0 + i] = rate
            if r < len(passed):
                passed[r, m.pipe[p, ORDER], lane0 + i], arrived[r, m.pipe[p, ORDER], lane0 + i] = went, came


@inline
def pipe_rate(m: Any, o: Any, w: Any, p: int, off: Any) -> float:
    """What runs into pipe p now."""
    if o.plain[m.pipe[p, SOURCE]]:
        return m.part[p, SHARE] * w[vessel_at(m.pipe[p, SOURCE]) + FLOW + off]
    return w[pipe_at(o.pipes, p) + RATE1 + off]


@inline
def account(m: Any, o: Any, w: Any, p: int, off: Any) -> tuple[float, float]:
    """What has gone into pipe p and what has come out."""
    if o.plain[m.pipe[p, SOURCE]]:
        went = m.part[p, SHARE] * w[vessel_at(m.pipe[p, SOURCE]) + TOTAL + off]
        return went, went
    at = pipe_at(o.pipes, p) + off
    return w[at + PASSED], w[at + ARRIVED]


@jit
def remember(m: Any, w: Any) -> None:
    """Before a step within which somebody looks: what stands where."""
    for v in range(len(m.base_ml)):
        at = vessel_at(v)
        for off in range(EACH):
            i = at + off
            w[i + WATER0] = w[i + WATER]
            w[i + SPILT0] = w[i + SPILT]


@jit
def between(m: Any, o: Any, w: Any, rows: Any, look: Any, lane0: int, t0: float, t1: float) -> None:
    """Write the rows whose times lie within the step just taken."""
    volumes = rows[0]
    first, last, h = look.cursor[FROM], look.cursor[UNTIL], t1 - t0
    n_b = len(m.bucket) - 1
    n_v = len(m.base_ml)
    for v in range(n_v):
        at = vessel_at(v)
        for off in range(EACH):
            i = at + off
            w[i + RISE] = w[i + WATER] - w[i + WATER0]
            w[i + RISES0] = w[i + Q0] - w[i + FLOW0]
            w[i + RISES1] = w[i + Q1] - w[i + FLOW]
    for r in range(first, min(last, len(volumes))):
        a, b, c = _weights((look.times[r] - t0) / h, h)
        for v in range(n_v):
            at = vessel_at(v)
            base = m.base_ml[v] if v < n_b else 0.0
            if o.lanes == LANES:
                to = U((r * n_v + v) * volumes.shape[2] + lane0)
                put(w, at + WATER0, at + RISE, base, a, b, c, volumes, to)
                continue
            for i in range(o.lanes):
                j = at + U(i)
                rise = a * w[j + RISE] + b * w[j + RISES0] + c * w[j + RISES1]
                volumes[r, v, lane0 + i] = w[j + WATER0] + base + rise
    if len(rows[1]) + len(rows[2]) + len(rows[4]) > 0:
        _between_accounts(m, o, w, rows, look, lane0, t0, h)
    for e in range(look.cursor[ENTRIES]):
        _bend(m, o, w, rows, look, e, lane0, t0, h)
    for v in range(n_b, len(m.base_ml)):
        for i in range(o.lanes):
            if w[vessel_at(v) + SPILT + U(i)] > w[vessel_at(v) + SPILT0 + U(i)]:
                _brim(m, w, rows, look, v, i, lane0, t0, h)


@jit
def _brim(m: Any, w: Any, rows: Any, look: Any, v: int, lane: int, lane0: int, t0: float, h: float) -> None:
    """Let a cup that runs over within a step stand at its rim from when it is full, and no higher."""
    volumes, spilled = rows[0], rows[4]
    at, i = vessel_at(v) + U(lane), lane0 + lane
    for r in range(look.cursor[FROM], look.cursor[UNTIL]):
        x, _, _ = _weights((look.times[r] - t0) / h, h)
        if r < len(volumes):
            total = volumes[r, v, i] + w[at + SPILT0] + x * (w[at + SPILT] - w[at + SPILT0])
            volumes[r, v, i] = min(total, m.base_ml[v])
            if r < len(spilled):
                spilled[r, v, i] = total - volumes[r, v, i]


@inline
def _weights(s: float, h: float) -> tuple[float, float, float]:
    """Of the change over a step and of the rates at both ends, in what has changed by its fraction s."""
    t = 1.0 - s
    return s * s * (3.0 - 2.0 * s), h * s * t * t, -h * s * s * t


@inline
def _rate_weights(s: float, h: float) -> tuple[float, float, float]:
    """The same in the rate at s."""
    t = 1.0 - s
    return 6.0 * s * t / h, t * (1.0 - 3.0 * s), s * (3.0 * s - 2.0)


@jit
def _between_accounts(m: Any, o: Any, w: Any, rows: Any, look: Any, lane0: int, t0: float, h: float) -> None:
    """The rows of flows, passed, arrived and spilled within a step."""
    _, flows, passed, arrived, spilled = rows
    for r in range(look.cursor[FROM], look.cursor[UNTIL]):
        s = (look.times[r] - t0) / h
        a, b, c = _weights(s, h)
        d, e, f = _rate_weights(s, h)
        for i in range(o.lanes):
            for v in range(len(m.base_ml) if r < len(spilled) else 0):
                at = vessel_at(v) + U(i)
                spilled[r, v, lane0 + i] = w[at + SPILT0] + a * (w[at + SPILT] - w[at + SPILT0])
            for p in range(len(m.pipe)):
                share, went, rate0, rate1, all_in, got, got0, got1, all_out = _pipe(m, o, w, p, U(i))
                at = m.pipe[p, ORDER]
                if r < len(flows):
                    flows[r, at, lane0 + i] = max(share * (d * went + e * rate0 + f * rate1), 0.0)
                if r < len(passed):
                    passed[r, at, lane0 + i] = share * (all_in - went + a * went + b * rate0 + c * rate1)
                    arrived[r, at, lane0 + i] = share * (all_out - got + a * got + b * got0 + c * got1)


@inline
def _pipe(m: Any, o: Any, w: Any, p: int, off: Any) -> Any:
    """A pipe's account of the step: what of the following is its, what went in, rates, all; what came out, likewise."""
    if o.plain[m.pipe[p, SOURCE]]:
        at = vessel_at(m.pipe[p, SOURCE]) + off
        out = (w[at + OUT], w[at + FLOW0], w[at + FLOW], w[at + TOTAL])
        return (m.part[p, SHARE],) + out + out  # noqa: RUF005 (numba would make a list of *out)
    at = pipe_at(o.pipes, p) + off
    into = (w[at + INTO], w[at + RATE0], w[at + RATE1], w[at + PASSED])
    return (1.0,) + into + (w[at + GOT], w[at + GOT0], w[at + GOT1], w[at + ARRIVED])  # noqa: RUF005


@jit
def _bend(m: Any, o: Any, w: Any, rows: Any, look: Any, e: int, lane0: int, t0: float, h: float) -> None:
    """Put right, in the rows within a step, one lane of a bucket that was taken alone, and what it passed on."""
    volumes, flows, passed, _, spilled = rows
    b, lane = look.who[e, BUCKET], look.who[e, LANE]
    at, i = vessel_at(b) + U(lane), lane0 + lane
    pipe0 = m.bucket[b, PIPES]
    fan = m.bucket[b + 1, PIPES] - pipe0
    constant = m.bucket[b, SHARE_ROW] < 0
    over = w[at + SPILT] - w[at + SPILT0]
    for r in range(look.cursor[FROM], look.cursor[UNTIL]):
        n = r - look.cursor[FROM]
        s = (look.times[r] - t0) / h
        x, y, z = _weights(s, h)
        left = 0.0
        for j in range(fan):
            p = pipe0 + j
            if constant:
                share = m.part[p, SHARE]
                more = look.amount[e, 0, n] - (x * w[at + OUT] + y * w[at + FLOW0] + z * w[at + FLOW])
                more, rate = share * more, share * look.rate[e, 0, n]
            else:
                k = pipe_at(o.pipes, p) + U(lane)
                more = look.amount[e, j, n] - (x * w[k + INTO] + y * w[k + RATE0] + z * w[k + RATE1])
                rate = look.rate[e, j, n]
            left += more
            if r < len(flows):
                flows[r, m.pipe[p, ORDER], i] = rate
            if r < len(passed):
                passed[r, m.pipe[p, ORDER], i] += more
            if m.part[p, DELAY] <= 0.0:
                if r < len(passed):
                    rows[3][r, m.pipe[p, ORDER], i] += more
                if r < len(volumes):
                    volumes[r, m.pipe[p, TARGET], i] += more
        spilt = look.amount[e, look.amount.shape[1] - 1, n]
        if r < len(spilled):
            spilled[r, b, i] += spilt - x * over
        if r < len(volumes):
            came = 0.0
            if b < o.n_in:  # the rows of the others were put right by those above them
                for k in range(len(o.pieces)):
                    if o.pieces[k, 0, lane] == b:
                        came += poured(look.times[r], o.pieces, k, lane) - poured(t0, o.pieces, k, lane)
                came -= x * w[at + CAME] + y * w[at + Q0] + z * w[at + Q1]
            volumes[r, b, i] += came - left - (spilt - x * over)
            if o.overflow[b] >= 0:
                volumes[r, o.overflow[b], i] += spilt - s * over
