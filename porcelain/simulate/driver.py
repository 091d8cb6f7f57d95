"""The driver: one pour through a machine, bucket after bucket from the top, then its dense output.

A machine feeds forward: what flows into a bucket is known once those above are solved. Compiled; the rest of
``simulate`` calls :func:`solve_pours` and nothing else of it.
"""

# mypy: disable-error-code="assignment"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .bucket import solve_bucket
from .compiled import jit, kept
from .tables import Machine, Output, Pouring, Work
from .trajectory import pour_pieces, sample

BLOCK = 256  # times sampled at once: their rows stay in the nearest cache
LATEST_S = 1e10  # by then everything is still
FILL = -1.0  # the gate of a tier that opens once nothing reaches it any more


@jit
def _gates(m: Any, w: Any, n_in: int, tier: int, v: int, pour_end: float) -> int:
    """Set the gates of the tier that begins with vessel ``v``; returns where the next tier begins."""
    opens = pour_end
    for k in range(v):
        opens = max(opens, w.still[k] + m.bucket[k].way)
    while v < len(m.bucket) and m.bucket[v].tier == tier:
        w.gate[v] = opens if m.bucket[v].gate == FILL else m.bucket[v].gate
        v += 1
    return v


@jit
def solve_pour(
    m: Any, w: Any, n_in: int, changes: Any, first: Any, start: Any, until: float, tolerance: float, pour_end: float
) -> bool:
    """Solve every vessel of one pour; false where there is too little room for its trajectories or its events.

    ``changes`` of the pouring into input i are those from ``first[i]`` to ``first[i + 1]``.
    """
    w.used[0], w.used[1], w.used[2] = 0, 0, len(w.piece) - 2
    total = 0.0
    for i in range(n_in):
        if w.used[0] + (first[i + 1] - first[i]) + 8 >= len(w.piece):
            return False
        stream = w.stream[i]
        stream.first, stream.stride = w.used[0], 1
        stream.count = pour_pieces(w.piece, w.used[0], changes[first[i] : first[i + 1]])
        w.used[0] += stream.count
        total += w.piece[stream.first + stream.count - 1].c0
    for v in range(len(m.bucket)):
        total += start[v]
    ready, tier = 0, 0
    for v in range(len(m.bucket)):
        if v == ready:
            ready = _gates(m, w, n_in, tier, v, pour_end)
            tier += 1
        if not solve_bucket(m, w, v, start[v], until, SHARE * tolerance * total, 100.0 * tolerance, TINY * total):
            return False
    return bool(w.used[1] <= len(w.event))


SHARE = 0.1  # of the tolerance that one step may take
TINY = 1e-4  # of the water, less than a drop: so much above outlets that only fade is as good as still


@jit
def vessel_rows(m: Any, w: Any, v: int, start: float, times: Any, room: Any, volumes: Any, late: Any) -> None:
    """What stands in a vessel at ``times``; ``room`` holds what every trajectory has passed by then."""
    n, b = len(times), m.bucket[v]
    for r in range(n):
        volumes[r] = start
    for k in range(b.source_first, b.source_end):
        source = w.source[k]
        if source.delay == 0.0:
            for r in range(n):
                volumes[r] += source.factor * room[source.stream, r]
        else:
            sample(w.piece, w.stream[source.stream], source.delay, times, late, late, False)
            for r in range(n):
                volumes[r] += source.factor * late[r]
    for s in range(b.stream_end - 1, b.stream_first - 1, -1):
        sample(w.piece, w.stream[s], 0.0, times, room[s], late, False)
        for r in range(n):
            room[s, r] = min(room[s, r], volumes[r])  # rounding leaves no vessel less than nothing
            volumes[r] -= room[s, r]


@jit
def _pipe_rows(m: Any, w: Any, times: Any, room: Any, to: int, rate: Any, output: Any) -> None:
    """Rows of every pipe: rate in, what has entered and what has left."""
    n, flows, passed, arrived = len(times), output.flows, output.passed, output.arrived
    for p in range(len(m.pipe_stream)):
        s, factor, delay = m.pipe_stream[p], m.pipe_factor[p], m.pipe_delay[p]
        sample(w.piece, w.stream[s], 0.0, times, rate[0], rate[1], True)
        for r in range(n):
            flows[to + r, p] = factor * rate[1, r]
        if len(passed) > 0:
            for r in range(n):
                passed[to + r, p] = factor * room[s, r]
                arrived[to + r, p] = factor * room[s, r]
            if delay > 0.0:
                sample(w.piece, w.stream[s], delay, times, rate[0], rate[1], False)
                for r in range(n):
                    arrived[to + r, p] = min(factor * rate[0, r], passed[to + r, p])


@jit
def _calm_s(m: Any, w: Any) -> float:
    """From when on nothing changes any more."""
    calm = 0.0
    for stream in w.stream:
        calm = max(calm, w.piece[stream.first + (stream.count - 1) * stream.stride].start)
    longest = 0.0
    for source in w.source:
        longest = max(longest, source.delay)
    return (calm + longest) * (1.0 + 1e-9)


@jit
def _repeat(rows: Any, first: int) -> None:
    """Make all rows after the first of ``rows[first:]`` like that."""
    width = rows.shape[1]
    for r in range(first + 1, len(rows)):
        for k in range(width):
            rows[r, k] = rows[first, k]


@jit
def write_rows(m: Any, w: Any, n_in: int, start: Any, times: Any, room: Any, output: Any) -> None:
    """Dense output of one pour: volumes, and where asked for spilled, flows, passed and arrived."""
    calm = _calm_s(m, w)
    moving = len(times)
    while moving > 0 and times[moving - 1] > calm:
        moving -= 1
    last = min(moving + 1, len(times))
    for to in range(0, last, BLOCK):
        some = times[to : min(to + BLOCK, last)]
        _write_block(m, w, n_in, start, some, to, room, output)
    for rows in (output.volumes, output.spilled, output.flows, output.passed, output.arrived):
        _repeat(rows, moving)


@jit
def _write_block(m: Any, w: Any, n_in: int, start: Any, some: Any, to: int, room: Any, output: Any) -> None:
    """The rows from ``to`` on, at ``some`` times."""
    n, n_v = len(some), len(m.bucket)
    held, late = room[len(w.stream) + 2 :], room[len(w.stream) + 1]
    for i in range(n_in):
        sample(w.piece, w.stream[i], 0.0, some, room[i], late, False)
    for v in range(n_v):
        vessel_rows(m, w, v, start[v], some, room, held[v], late)
    for r in range(n if len(output.volumes) > 0 else 0):
        for v in range(n_v):
            output.volumes[to + r, v] = held[v, r]
    for r in range(n if len(output.spilled) > 0 else 0):
        for v in range(n_v):
            output.spilled[to + r, v] = room[m.bucket[v].stream_end - 1, r]
    if len(output.flows) > 0:
        _pipe_rows(m, w, some, room, to, room[len(w.stream) :], output)


@jit
def _write_ends(m: Any, w: Any, n_in: int, start: Any, until: Any, room: Any, output: Any) -> None:
    """Volumes and spilled at one time, what is in the pipes below each bucket then, and when it came to rest."""
    ends, none = output.ends, output.ends[:0]
    write_rows(m, w, n_in, start, until, room, Output(ends, ends[:1], ends[1:2], none, none, none))
    here, late = room[len(w.stream)], room[len(w.stream) + 1]
    for v in range(len(m.bucket)):
        ends[2, v], ends[3, v] = 0.0, w.still[v]
    for p in range(len(m.pipe_stream)):
        if m.pipe_delay[p] > 0.0:
            stream = w.stream[m.pipe_stream[p]]
            sample(w.piece, stream, 0.0, until, here, late, False)
            sample(w.piece, stream, m.pipe_delay[p], until, late, late, False)
            ends[2, m.pipe_source[p]] += m.pipe_factor[p] * (here[0] - late[0])


@jit
def _one(output: Any, k: int) -> Any:
    """The output of pour ``k``."""
    return Output(
        output.ends[k], output.volumes[k], output.spilled[k], output.flows[k], output.passed[k], output.arrived[k]
    )


def _stamped(stamp: str) -> Callable[..., int]:
    """The entry, compiled once and kept; ``stamp`` tells one version of the source from another."""

    def solve_pours(
        m: Machine, w: Work, pouring: Pouring, start: Any, until: Any, tolerance: float, begin: int, end: int,
        rows_only: bool, times: Any, room: Any, output: Output,
    ) -> int:  # fmt: skip
        """Solve pours ``begin`` to ``end``; returns the first for which there was too little room, or ``end``.

        ``start`` (n, V), ``until`` (n,) the times of the ends. ``rows_only`` writes the rows of the last pour.
        """
        n_in = pouring.first.shape[1] - 1
        for k in range(begin, end):
            if stamp == "":
                return k
            if not rows_only and not solve_pour(
                m, w, n_in, pouring.changes, pouring.first[k], start[k], LATEST_S, tolerance, pouring.end_s[k]
            ):
                return k
            one = _one(output, k)
            _write_ends(m, w, n_in, start[k], until[k : k + 1], room, one)
            if len(times) > 0:
                write_rows(m, w, n_in, start[k], times, room, one)
        return end

    return solve_pours


solve_pours = kept(_stamped)
