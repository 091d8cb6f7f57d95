"""Up to LANES pours through all their steps, buckets top to bottom within a step, volumes passed on exactly."""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numba as nb
import numpy as np

from ..arrays import Floats, Ints
from .kernel import (
    _L,
    ARRIVED,
    BAND,
    BEGIN,
    CAME,
    END,
    FIELDS,
    FLOW,
    FLOW0,
    INTO,
    LANES,
    ODD,
    OUT,
    OVER,
    PASSED,
    PIPE_FIELDS,
    Q0,
    Q1,
    RATE0,
    RATE1,
    RIM,
    RIM_REACHED,
    RUNS,
    SPILT,
    STARTS,
    STOPPED,
    TOTAL,
    UU,
    WATER,
    U,
    _note,
    cubic,
    cubic_rate,
    inline,
    jit,
    pour_alone,
    poured,
    pouring,
    set_level,
    share_at,
    take_alone,
)  # fmt: skip
from .lanes import add, arrive, arrive_constant, copy, dead_or_alive, deal, together, together_linear
from .machine import AREA, BANDS, DELAY, FLOWS, HIGH, LOW, MID, ML, ORDER, PIPES, SCALE, SHARE, SHARE_ROW, TARGET, K

LOOK = 8  # steps between looks whether everything is still


class Orders(NamedTuple):
    """What the lanes of a block are to do.

    ``pieces`` (k, 6, lanes): input, start, duration, volume, rise, 1 / duration. ``gate`` (B,) when each outlet opens.
    ``overflow`` (V,) where spill goes, -1 the tray. ``plain`` (B,) whether a bucket's shares and delays are so that
    its pipes need no account of their own. ``pipes`` where the pipes' fields begin, ``ring`` steps remembered.
    ``tiny_ml`` above an outlet that only fades counts as still.
    """

    n_in: int
    lanes: int
    pieces: Floats
    gate: Floats
    overflow: Ints
    plain: Any
    pipes: Any
    ring: int
    tiny_ml: float


@inline
def _at(v: int) -> Any:
    """Where a vessel's fields begin."""
    return U(v * FIELDS * LANES)


@inline
def _pipe(o: Any, p: int) -> Any:
    """Where a pipe's fields begin."""
    return o.pipes + U(p * PIPE_FIELDS * LANES)


@jit
def _window(m: Any, o: Any, w: Any, v: int, off: Any, t0: float, t1: float) -> tuple[float, float]:
    """From when to when water came into vessel v in this step: between the first start and the last stop above."""
    since, until = t1, t0
    for b in range(len(m.bucket) - 1):
        feeds = False
        for p in range(m.bucket[b, PIPES], m.bucket[b + 1, PIPES]):
            feeds = feeds or (m.pipe[p, TARGET] == v and m.part[p, DELAY] <= 0.0)
            if m.pipe[p, TARGET] == v and m.part[p, DELAY] > 0.0 and w[_at(v) + CAME + off] > 0.0:
                return t0, t1
        i = _at(b) + off
        if not feeds or w[i + OUT] <= 0.0:
            if o.overflow[b] == v:
                return t0, t1
            continue
        since = min(since, t0 if w[i + FLOW0] > 0.0 else max(w[i + BEGIN], t0))
        until = max(until, t1 if w[i + FLOW] > 0.0 else w[i + END])
    return since, until


@inline
def _together(m: Any, o: Any, w: Any, b: int, dt: float) -> float:
    """Take every lane of a bucket that can be taken with others; return whether some are left."""
    at = _at(b)
    first, last = m.bucket[b, BANDS], m.bucket[b + 1, BANDS] - 1
    if first == last and m.bands[first, K] > 0.0:
        return together_linear(w, at, dt, m.bands[first, AREA], m.bands[first, K], m.bands[first, HIGH])
    if dead_or_alive(w, at) == 0.0:
        return 0.0
    for band in range(first, last + 1):
        here = False
        for i in range(o.lanes):
            here = here or w[at + BAND + U(i)] == band
        if not here:
            continue
        k = m.bands[band, K]
        f = m.bands[band, FLOWS:]
        mid = 0.0 if k > 0.0 else m.bands[band, MID]
        scale = 1.0 if k > 0.0 else m.bands[band, SCALE]
        slope = k if k > 0.0 else f[1]
        together(
            w, at, dt, float(band), m.bands[band, AREA], m.bands[band, ML], m.bands[band, LOW], m.bands[band, HIGH],
            mid, scale, f[0], slope, f[2], f[3], f[4], f[5],
        )  # fmt: skip
    left = 0.0
    for i in range(o.lanes):
        left += w[at + ODD + U(i)]
    return left


@inline
def _bucket(m: Any, o: Any, w: Any, b: int, t0: float, t1: float, log: Any) -> None:
    """Take all lanes of one bucket through a step."""
    at = _at(b)
    first, last = m.bucket[b, PIPES], m.bucket[b + 1, PIPES]
    if m.bucket[b, SHARE_ROW] >= 0:
        for p in range(first, last):
            for off in range(_L):
                w[_pipe(o, p) + INTO + off] = 0.0
    if _together(m, o, w, b, t1 - t0) == 0.0:
        return
    for i in range(o.lanes):
        off = U(i)
        if w[at + ODD + off] == 0.0:
            continue
        if b < o.n_in:
            pour_alone(m, w, o.pipes, b, at + off, off, t0, t1, o.pieces, i, log)
        else:
            since, until = _window(m, o, w, b, off, t0, t1)
            take_alone(m, w, o.pipes, b, at + off, off, t0, t1, since, until, log)
        if w[at + OUT + off] > 0.0 and (w[at + FLOW0 + off] <= 0.0 or w[at + FLOW + off] <= 0.0):
            for p in range(first, last):  # the buckets below must know when
                w[_at(m.pipe[p, TARGET]) + ODD + off] = 1.0


@jit
def _deal(m: Any, o: Any, w: Any, b: int) -> None:
    """Split what left a bucket over pipes that keep their own account."""
    at = _at(b)
    first, last = m.bucket[b, BANDS], m.bucket[b + 1, BANDS] - 1
    fan = m.bucket[b + 1, PIPES] - m.bucket[b, PIPES]
    for j in range(fan):
        p = _pipe(o, m.bucket[b, PIPES] + j)
        if m.bucket[b, SHARE_ROW] < 0:
            share = m.part[m.bucket[b, PIPES] + j, SHARE]
            for off in range(_L):
                w[p + INTO + off] = 0.0
                w[p + RATE1 + off] = 0.0
            add(w, p + INTO, at + OUT, share)
            add(w, p + RATE1, at + FLOW, share)
            continue
        for band in range(first, last + 1):
            here = False
            for i in range(o.lanes):
                here = here or (w[at + BAND + U(i)] == band and w[at + ODD + U(i)] == 0.0)
            if here:
                f = m.shares[m.bucket[b, SHARE_ROW] + (band - first) * fan + j]
                deal(w, at, p, float(band), m.bands[band, MID], m.bands[band, SCALE], f[0], f[1], f[2], f[3])
        for i in range(o.lanes):
            off = U(i)
            if w[at + ODD + off] > 0.0:
                w[p + RATE1 + off] = w[at + FLOW + off] * share_at(m, b, j, int(w[at + BAND + off]), w[at + UU + off])


@jit
def _rates(m: Any, o: Any, w: Any, b: int, off: Any) -> None:
    """The rates at which a step begins, after the state was changed from outside."""
    at = _at(b) + off
    for j in range(m.bucket[b + 1, PIPES] - m.bucket[b, PIPES]):
        rate = w[at + FLOW] * share_at(m, b, j, int(w[at + BAND]), w[at + UU])
        w[_pipe(o, m.bucket[b, PIPES] + j) + RATE0 + off] = rate


@jit
def _delayed(m: Any, o: Any, w: Any, p: int, past: Any, place: Any, grid: Any, step: int) -> None:
    """What branch p delivers now went in ``delay_s`` ago: from its past by cubic interpolation."""
    at, target = _pipe(o, p), _at(m.pipe[p, TARGET])
    ring = o.ring
    for i in range(o.lanes):
        off = U(i)
        if step == 0:
            past[p, 0, 0, i], past[p, 1, 0, i] = 0.0, w[at + RATE0 + off]
        w[at + PASSED + off] += w[at + INTO + off]
        past[p, 0, (step + 1) % ring, i] = w[at + PASSED + off]
        past[p, 1, (step + 1) % ring, i] = w[at + RATE1 + off]
    for side in range(2):
        t = grid[step + side] - m.part[p, DELAY]
        while place[p] < step and grid[place[p] + 1] <= t:
            place[p] += 1
        k = place[p]
        h = grid[k + 1] - grid[k]
        s = (t - grid[k]) / h
        for i in range(o.lanes):
            off = U(i)
            amount, rate = 0.0, 0.0
            if s >= 0.0:
                start = past[p, 0, k % ring, i]
                gain = past[p, 0, (k + 1) % ring, i] - start
                a, b = min(past[p, 1, k % ring, i] * h, 3.0 * gain), min(past[p, 1, (k + 1) % ring, i] * h, 3.0 * gain)
                amount = start + cubic(s, gain, a, b)
                rate = cubic_rate(s, gain, a, b) / h
            if side == 0:
                w[target + Q0 + off] += rate
                continue
            # what has arrived never shrinks, and never passes what went in
            amount = min(max(amount, w[at + ARRIVED + off]), w[at + PASSED + off])
            w[target + Q1 + off] += rate
            w[target + CAME + off] += amount - w[at + ARRIVED + off]
            w[at + ARRIVED + off] = amount
    for off in range(_L):
        w[at + RATE0 + off] = w[at + RATE1 + off]


@inline
def _pass_on(m: Any, o: Any, w: Any, b: int, past: Any, place: Any, grid: Any, step: int) -> None:
    """Let what left a bucket reach the vessels below."""
    if o.plain[b]:
        add(w, _at(b) + TOTAL, _at(b) + OUT, 1.0)
        for p in range(m.bucket[b, PIPES], m.bucket[b + 1, PIPES]):
            arrive_constant(w, _at(m.pipe[p, TARGET]), _at(b), m.part[p, SHARE])
        return
    _deal(m, o, w, b)
    for p in range(m.bucket[b, PIPES], m.bucket[b + 1, PIPES]):
        if m.part[p, DELAY] > 0.0:
            _delayed(m, o, w, p, past, place, grid, step)
        else:
            arrive(w, _at(m.pipe[p, TARGET]), _pipe(o, p))


@inline
def _spill_on(m: Any, o: Any, w: Any, b: int, dt: float) -> None:
    """Lead what went over a rim to where it is caught."""
    at = _at(b)
    for i in range(o.lanes):
        over = w[at + OVER + U(i)]
        if over > 0.0:
            w[at + OVER + U(i)] = 0.0
            if o.overflow[b] >= 0:
                to = _at(o.overflow[b]) + U(i)
                w[to + CAME] += over
                w[to + Q0] += over / dt
                w[to + Q1] += over / dt
                w[to + ODD] = 1.0


@jit
def _fill(m: Any, o: Any, w: Any, v: int, off: Any, volume: float, t: float, log: Any) -> float:
    """Put a volume into a vessel at once; return what went over its rim."""
    at = _at(v) + off
    if v >= len(m.bucket) - 1:
        full = w[at + WATER] + volume
        w[at + WATER] = min(full, m.base_ml[v])
        over = full - w[at + WATER]
    else:
        over = set_level(m, w, v, at, w[at + WATER] + volume)
        if t < o.gate[v]:
            w[at + FLOW] = 0.0
        elif w[at + FLOW] > 0.0 and w[at + RUNS] == 0.0:
            w[at + RUNS] = 1.0
            _note(log, v, STARTS, t)
        _rates(m, o, w, v, off)
    if over > 0.0:
        w[at + SPILT] += over
        if w[at + RIM] == 0.0:
            w[at + RIM] = 1.0
            _note(log, v, RIM_REACHED, t)
    return over


@jit
def _at_once(m: Any, o: Any, w: Any, t: float, given: Any, log: Any) -> None:
    """Everything that is poured at once at this time."""
    for k in range(len(o.pieces)):
        for i in range(o.lanes):
            start, lasts, volume = o.pieces[k, 1, i], o.pieces[k, 2, i], o.pieces[k, 3, i]
            if lasts <= 0.0 and volume > 0.0 and start <= t and given[k, i] == 0.0:
                given[k, i] = volume
                v = int(o.pieces[k, 0, i])
                while volume > 0.0 and v >= 0:
                    volume = _fill(m, o, w, v, U(i), volume, t, log)
                    v = o.overflow[v]


@jit
def _open(m: Any, o: Any, w: Any, b: int, t: float, log: Any) -> None:
    """Open a bucket's gate."""
    for i in range(o.lanes):
        _fill(m, o, w, b, U(i), 0.0, t, log)


@jit
def _still(m: Any, o: Any, w: Any, lane: int) -> bool:
    """Whether no water moves in a lane."""
    for b in range(len(m.bucket) - 1):
        at = _at(b) + U(lane)
        if w[at + WATER] > o.tiny_ml or (o.tiny_ml == 0.0 and w[at + RUNS] > 0.0):
            return False
    for p in range(len(m.pipe)):
        at = _pipe(o, p) + U(lane)
        if m.part[p, DELAY] > 0.0 and w[at + PASSED] > w[at + ARRIVED]:
            return False
    return True


@jit
def _inflow(m: Any, o: Any, w: Any, t0: float, t1: float, given: Any) -> None:
    """What is poured in this step, and at what rates it begins and ends."""
    for k in range(len(o.pieces)):
        for i in range(o.lanes):
            begin = o.pieces[k, 1, i]
            end = begin + o.pieces[k, 2, i]
            if t1 <= begin or t0 >= end:
                continue
            at = _at(int(o.pieces[k, 0, i])) + U(i)
            total = poured(t1, o.pieces, k, i)
            w[at + CAME] += total - given[k, i]
            given[k, i] = total
            w[at + Q0] += pouring(t0, 1, o.pieces, k, i)
            w[at + Q1] += pouring(t1, -1, o.pieces, k, i)
            if begin > t0 or end < t1:
                w[at + ODD] = 1.0


@jit
def _row(m: Any, o: Any, w: Any, rows: Any, r: int, lane0: int) -> None:
    """Write one row of everything that is kept."""
    volumes, flows, passed, arrived, spilled = rows
    n_b = len(m.bucket) - 1
    if r < len(volumes):
        for v in range(len(m.base_ml)):
            base = m.base_ml[v] if v < n_b else 0.0
            if o.lanes == LANES:
                to = U((r * volumes.shape[1] + v) * volumes.shape[2] + lane0)
                copy(w, _at(v) + WATER, volumes, to, base)
                continue
            for i in range(o.lanes):
                volumes[r, v, lane0 + i] = w[_at(v) + WATER + U(i)] + base
    if r < len(spilled):
        for v in range(len(m.base_ml)):
            for i in range(o.lanes):
                spilled[r, v, lane0 + i] = w[_at(v) + SPILT + U(i)]
    if r < len(flows):
        for b in range(n_b):
            for p in range(m.bucket[b, PIPES], m.bucket[b + 1, PIPES]):
                for i in range(o.lanes):
                    rate = m.part[p, SHARE] * w[_at(b) + FLOW + U(i)] if o.plain[b] else w[_pipe(o, p) + RATE0 + U(i)]
                    flows[r, m.pipe[p, ORDER], lane0 + i] = rate
    if r < len(passed):
        for i in range(o.lanes):
            for p in range(len(m.pipe)):
                passed[r, m.pipe[p, ORDER], lane0 + i], arrived[r, m.pipe[p, ORDER], lane0 + i] = _account(
                    m, o, w, p, U(i)
                )


@jit
def _account(m: Any, o: Any, w: Any, p: int, off: Any) -> tuple[float, float]:
    """What has gone into pipe p and what has come out."""
    b = 0
    while m.bucket[b + 1, PIPES] <= p:
        b += 1
    if o.plain[b]:
        passed = m.part[p, SHARE] * w[_at(b) + TOTAL + off]
        return passed, passed
    return w[_pipe(o, p) + PASSED + off], w[_pipe(o, p) + ARRIVED + off]


@jit
def _begin(m: Any, o: Any, w: Any, start: Any) -> None:
    """Stand the water in the vessels."""
    n_b = len(m.bucket) - 1
    for v in range(len(m.base_ml)):
        for i in range(LANES):
            at = _at(v) + U(i)
            volume = start[v, i] if i < o.lanes else 0.0
            if v >= n_b:
                w[at + WATER] = min(volume, m.base_ml[v])
                w[at + SPILT] = volume - w[at + WATER]
                continue
            w[at + SPILT] = set_level(m, w, v, at, volume - m.base_ml[v])
            if o.gate[v] > 0.0:
                w[at + FLOW] = 0.0
            elif w[at + FLOW] > 0.0:
                w[at + RUNS] = 1.0
            _rates(m, o, w, v, U(i))


@jit
def _finish(m: Any, o: Any, w: Any, ends: Any, lane0: int, t: float, over: bool) -> None:
    """Write the ends: volumes, passed, arrived, spilled, and when the last outlet stopped or -1."""
    for i in range(o.lanes):
        last = 0.0
        for v in range(len(m.base_ml)):
            at = _at(v) + U(i)
            ends[0][v, lane0 + i] = w[at + WATER] + (m.base_ml[v] if v < len(m.bucket) - 1 else 0.0)
            ends[3][v, lane0 + i] = w[at + SPILT]
            last = max(last, t if w[at + RUNS] > 0.0 else w[at + STOPPED])
        for p in range(len(m.pipe)):
            ends[1][m.pipe[p, ORDER], lane0 + i], ends[2][m.pipe[p, ORDER], lane0 + i] = _account(m, o, w, p, U(i))
        ends[4][0, lane0 + i] = last if over and _still(m, o, w, i) else -1.0
        ends[4][1, lane0 + i] = t


def room_for(m: Any, o: Orders) -> tuple[Any, ...]:
    """Zeroed space for one block: the lanes' fields, what was given, the pipes' past and the place in it."""
    n_v, n_p = len(m.base_ml), len(m.pipe)
    return (
        np.zeros((n_v * FIELDS + n_p * PIPE_FIELDS) * LANES),
        np.zeros((len(o.pieces), LANES)),
        np.zeros((n_p if o.ring > 1 else 0, 2, o.ring, LANES)),
        np.zeros(n_p, dtype=np.int64),
    )


@jit
def _march(
    m: Any, o: Any, grid: Any, asked: Any, start: Any, rows: Any, lane0: int, ends: Any, room: Any, log: Any
) -> int:
    """Follow the lanes over the grid; return the last row written: once all is still, every later row is that one.

    ``asked`` (steps + 1,) says which steps are rows; ``start`` (V, lanes) mL. ``rows`` is (volumes (T, V, n), flows,
    passed, arrived (T, P, n), spilled (T, V, n)), each of no rows if not wanted, written from lane ``lane0`` on.
    ``room`` is empty space to work in, see :func:`room_for`.
    ``ends`` is (volumes (V, n), passed, arrived (P, n), spilled (V, n), (settled or -1, last time) (2, n)).
    """
    n_b, n_v = len(m.bucket) - 1, len(m.base_ml)
    n_steps = len(grid) - 1
    w, given, past, place = room
    pour_end, last_at_once, last_gate = 0.0, -1.0, 0.0
    for b in range(n_b):
        last_gate = max(last_gate, o.gate[b])
    for k in range(len(o.pieces)):
        for i in range(o.lanes):
            pour_end = max(pour_end, o.pieces[k, 1, i] + o.pieces[k, 2, i])
            if o.pieces[k, 2, i] <= 0.0:
                last_at_once = max(last_at_once, o.pieces[k, 1, i])
    _begin(m, o, w, start)
    written = 0
    for step in range(n_steps + 1):
        t0 = grid[step]
        if t0 <= last_at_once:
            _at_once(m, o, w, t0, given, log)
        if last_gate > 0.0 and step > 0 and grid[step - 1] < last_gate:
            for b in range(n_b):
                if grid[step - 1] < o.gate[b] <= t0:
                    _open(m, o, w, b, t0, log)
        done = False
        if t0 >= pour_end and (step % LOOK == 0 or step == n_steps):
            done = True
            for i in range(o.lanes):
                done = done and _still(m, o, w, i)
        upto = written + 1 if asked[step] else written
        if upto > written or done:
            _row(m, o, w, rows, written, lane0)
        row, written = written, upto
        if done or step == n_steps:
            _finish(m, o, w, ends, lane0, t0, t0 >= pour_end)
            return row if done else written - 1
        t1 = grid[step + 1]
        for v in range(n_v):
            for off in range(_L):
                i = _at(v) + off
                w[i + CAME] = 0.0
                w[i + Q0] = 0.0
                w[i + Q1] = 0.0
                w[i + ODD] = 0.0
        if t0 < pour_end:
            _inflow(m, o, w, t0, t1, given)
        for b in range(n_b):
            if t0 < o.gate[b]:
                for i in range(o.lanes):
                    at = _at(b) + U(i)
                    w[at + OVER] = _fill(m, o, w, b, U(i), w[at + CAME], t0, log)
            else:
                _bucket(m, o, w, b, t0, t1, log)
                _pass_on(m, o, w, b, past, place, grid, step)
            _spill_on(m, o, w, b, t1 - t0)
        for v in range(n_b, n_v):
            most = m.base_ml[v]
            for off in range(_L):
                i = _at(v) + off
                full = w[i + WATER] + w[i + CAME]
                w[i + WATER] = full if full < most else most
                w[i + SPILT] += full - most if full > most else 0.0
    return written - 1


def _stamped(stamp: str) -> Any:
    """Follow the lanes, compiled once and kept: numba looks for changes in one file only, the stamp knows them all."""

    def run_block(
        m: Any, o: Any, grid: Any, asked: Any, start: Any, rows: Any, lane0: int, ends: Any, room: Any, log: Any
    ) -> int:
        if stamp != "":
            return _march(m, o, grid, asked, start, rows, lane0, ends, room, log)
        return -1

    return nb.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(run_block)


_SOURCES = [Path(__file__).with_name(f"{name}.py").read_bytes() for name in ("machine", "kernel", "lanes", "march")]
run_block = _stamped(hashlib.sha256(b"".join(_SOURCES)).hexdigest())
