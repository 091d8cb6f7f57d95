"""What is kept at the times somebody asks for: at a step's end as it stands, between by cubics."""

from __future__ import annotations

from typing import Any

from .alone import poured
from .looks import ABREAST, BUCKET, ENTRIES, FROM, LANE, UNTIL
from .machine import DELAY, ORDER, PIPES, SHARE, SHARE_ROW, SOURCE, TARGET
from .state import (  # fmt: skip
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
)
from .vectors import stream, streamed

SLIGHT = 0.01  # of what is a fuss: by so little rows are not bent


@jit
def row(m: Any, o: Any, w: Any, rows: Any, r: int, lane0: int) -> None:
    """Write everything that is kept, as it stands."""
    volumes, flows, passed, arrived, spilled = rows
    n_b = len(m.bucket) - 1
    for v in range(len(m.base_ml)):
        base = m.base_ml[v] if v < n_b else 0.0
        for i in range(o.lanes):
            at = vessel_at(v) + U(i)
            if r < volumes.shape[1]:
                volumes[lane0 + i, r, v] = w[at + WATER] + base
            if r < spilled.shape[1]:
                spilled[lane0 + i, r, v] = w[at + SPILT]
    for p in range(len(m.pipe) if r < max(flows.shape[1], passed.shape[1]) else 0):
        for i in range(o.lanes):
            rate = pipe_rate(m, o, w, p, U(i))
            went, came = account(m, o, w, p, U(i))
            if r < flows.shape[1]:
                flows[lane0 + i, r, m.pipe[p, ORDER]] = rate
            if r < passed.shape[1]:
                passed[lane0 + i, r, m.pipe[p, ORDER]], arrived[lane0 + i, r, m.pipe[p, ORDER]] = went, came


@jit
def hold(o: Any, rows: Any, last: int, lane0: int) -> None:
    """All is still: every later row is the last one written."""
    for part in rows:
        _hold(part, last, lane0, o.lanes)
    streamed()


@jit
def _hold(part: Any, last: int, lane0: int, lanes: int) -> None:
    _, n_rows, width = part.shape
    for i in range(lane0, lane0 + lanes):
        for r in range(last + 1, n_rows):
            to = U((i * n_rows + r) * width)
            for k in range(width):
                stream(part, to + U(k), part[i, last, k])


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
    went = w[at + PASSED]
    return went, w[at + ARRIVED] if m.part[p, DELAY] > 0.0 else went


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
    h, n_b, n_v = t1 - t0, len(m.bucket) - 1, len(m.base_ml)
    volumes = rows[0]
    if rows[1].shape[1] + rows[2].shape[1] + rows[4].shape[1] > 0:
        _between_accounts(m, o, w, rows, look, lane0, t0, h)
    for first in range(look.cursor[FROM], look.cursor[UNTIL], ABREAST):
        last = min(first + ABREAST, look.cursor[UNTIL])
        if volumes.shape[1] > 0:
            _between_volumes(m, w, look, first, last, t0, h)
        for e in range(look.cursor[ENTRIES]):
            _bend(m, o, w, rows, look, e, first, last, lane0, t0, h)
        for v in range(n_b, n_v):
            for i in range(o.lanes):
                if w[vessel_at(v) + SPILT + U(i)] > w[vessel_at(v) + SPILT0 + U(i)]:
                    _brim(m, w, rows, look, v, i, first, last, lane0, t0, h)
        if volumes.shape[1] > 0:
            for i in range(o.lanes):
                for r in range(first, last):
                    for v in range(n_v):
                        to = U(((lane0 + i) * volumes.shape[1] + r) * n_v + v)
                        stream(volumes, to, look.aside[_aside(n_v, r - first, v) + U(i)])


@inline
def _aside(n_v: int, k: int, v: int) -> Any:
    """Where the lanes of vessel v wait in the k-th of the rows written at a time."""
    return U((k * n_v + v) * LANES)


@jit
def _between_volumes(m: Any, w: Any, look: Any, first: int, last: int, t0: float, h: float) -> None:
    """Volumes by the cubic through volume and rate at both ends of the step, for some rows, set aside."""
    n_b, n_v = len(m.bucket) - 1, len(m.base_ml)
    for r in range(first, last):
        a, b, c = _weights((look.times[r] - t0) / h, h)
        look.weights[r - first, 0], look.weights[r - first, 1], look.weights[r - first, 2] = a, b, c
    for v in range(n_v):
        at = vessel_at(v)
        base = m.base_ml[v] if v < n_b else 0.0
        for r in range(first, last):
            a, b, c = look.weights[r - first, 0], look.weights[r - first, 1], look.weights[r - first, 2]
            to = _aside(n_v, r - first, v)
            for off in range(EACH):
                i = at + off
                rise = a * (w[i + WATER] - w[i + WATER0])
                rise += b * (w[i + Q0] - w[i + FLOW0]) + c * (w[i + Q1] - w[i + FLOW])
                look.aside[to + off] = w[i + WATER0] + base + rise


@jit
def _brim(
    m: Any, w: Any, rows: Any, look: Any, v: int, lane: int, first: int, last: int, lane0: int, t0: float, h: float
) -> None:
    """Let a cup that runs over within a step stand at its rim from when it is full, and no higher."""
    volumes, spilled = rows[0], rows[4]
    at = vessel_at(v) + U(lane)
    for r in range(first, last):
        x, _, _ = _weights((look.times[r] - t0) / h, h)
        if r < volumes.shape[1]:
            to = _aside(len(m.base_ml), r - first, v) + U(lane)
            total = look.aside[to] + w[at + SPILT0] + x * (w[at + SPILT] - w[at + SPILT0])
            look.aside[to] = min(total, m.base_ml[v])
            if r < spilled.shape[1]:
                spilled[lane0 + lane, r, v] = total - look.aside[to]


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
            for v in range(len(m.base_ml) if r < spilled.shape[1] else 0):
                at = vessel_at(v) + U(i)
                spilled[lane0 + i, r, v] = w[at + SPILT0] + a * (w[at + SPILT] - w[at + SPILT0])
            for p in range(len(m.pipe)):
                share, went, rate0, rate1, all_in, got, got0, got1, all_out = _pipe(m, o, w, p, U(i))
                at = m.pipe[p, ORDER]
                if r < flows.shape[1]:
                    flows[lane0 + i, r, at] = max(share * (d * went + e * rate0 + f * rate1), 0.0)
                if r < passed.shape[1]:
                    passed[lane0 + i, r, at] = share * (all_in - went + a * went + b * rate0 + c * rate1)
                    arrived[lane0 + i, r, at] = share * (all_out - got + a * got + b * got0 + c * got1)


@inline
def _pipe(m: Any, o: Any, w: Any, p: int, off: Any) -> Any:
    """A pipe's account of the step: what of the following is its, what went in, rates, all; what came out, likewise."""
    if o.plain[m.pipe[p, SOURCE]]:
        at = vessel_at(m.pipe[p, SOURCE]) + off
        out = (w[at + OUT], w[at + FLOW0], w[at + FLOW], w[at + TOTAL])
        return (m.part[p, SHARE],) + out + out  # noqa: RUF005 (numba would make a list of *out)
    at = pipe_at(o.pipes, p) + off
    into = (w[at + INTO], w[at + RATE0], w[at + RATE1], w[at + PASSED])
    if m.part[p, DELAY] <= 0.0:
        return (1.0,) + into + into  # noqa: RUF005
    return (1.0,) + into + (w[at + GOT], w[at + GOT0], w[at + GOT1], w[at + ARRIVED])  # noqa: RUF005


@inline
def _bend_account(rows: Any, p: int, lane: int, r: int, more: float, rate: float, here: bool) -> None:
    _, flows, passed, arrived, _ = rows
    if r < flows.shape[1]:
        flows[lane, r, p] = rate
    if r < passed.shape[1]:
        passed[lane, r, p] += more
        arrived[lane, r, p] += more if here else 0.0


@jit
def _bend(
    m: Any, o: Any, w: Any, rows: Any, look: Any, e: int, first: int, last: int, lane0: int, t0: float, h: float
) -> None:
    """Put right, in the rows within a step, one lane of a bucket that was taken alone, and what it passed on."""
    volumes, flows, passed, _, spilled = rows
    n_v = len(m.base_ml)
    b, lane = look.who[e, BUCKET], look.who[e, LANE]
    at, i = vessel_at(b) + U(lane), lane0 + lane
    pipe0 = m.bucket[b, PIPES]
    fan = m.bucket[b + 1, PIPES] - pipe0
    constant = m.bucket[b, SHARE_ROW] < 0
    accounts = flows.shape[1] + passed.shape[1] > 0
    over = w[at + SPILT] - w[at + SPILT0]
    for r in range(first, last):
        n = r - look.cursor[FROM]
        s = (look.times[r] - t0) / h
        x, y, z = _weights(s, h)
        left = 0.0
        if constant:
            more = look.amount[e, 0, n] - (x * w[at + OUT] + y * w[at + FLOW0] + z * w[at + FLOW])
            if abs(more) > SLIGHT * o.fuss_ml:
                left = more
        for j in range(fan if left != 0.0 or not constant or accounts else 0):
            p = pipe0 + j
            if constant:
                more, rate = m.part[p, SHARE] * left, m.part[p, SHARE] * look.rate[e, 0, n]
            else:
                k = pipe_at(o.pipes, p) + U(lane)
                more = look.amount[e, j, n] - (x * w[k + INTO] + y * w[k + RATE0] + z * w[k + RATE1])
                rate = look.rate[e, j, n]
                left += more
            here = m.part[p, DELAY] <= 0.0
            if here and r < volumes.shape[1]:
                look.aside[_aside(n_v, r - first, m.pipe[p, TARGET]) + U(lane)] += more
            if accounts:
                _bend_account(rows, m.pipe[p, ORDER], i, r, more, rate, here)
        spilt = look.amount[e, look.amount.shape[1] - 1, n]
        if r < spilled.shape[1]:
            spilled[i, r, b] += spilt - x * over
        if r < volumes.shape[1]:
            came = 0.0
            if b < o.n_in:  # the rows of the others were put right by those above them
                for k in range(len(o.pieces)):
                    if o.pieces[k, 0, lane] == b:
                        came += poured(look.times[r], o.pieces, k, lane) - poured(t0, o.pieces, k, lane)
                came -= x * w[at + CAME] + y * w[at + Q0] + z * w[at + Q1]
            look.aside[_aside(n_v, r - first, b) + U(lane)] += came - left - (spilt - x * over)
            if o.overflow[b] >= 0:
                look.aside[_aside(n_v, r - first, o.overflow[b]) + U(lane)] += spilt - s * over
