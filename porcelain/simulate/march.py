"""Up to LANES pours through all their steps, buckets top to bottom within a step, volumes passed on exactly."""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import numba as nb
import numpy as np

from ..arrays import Floats, Ints
from .alone import set_level
from .looks import AT, ENTRIES, FROM, UNTIL, Looks, room_to_look
from .machine import DELAY, PIPES, SHARE, Machine
from .rows import account, between, hold, remember, row
from .state import (  # fmt: skip
    CAME,
    FIELDS,
    FLOW,
    GOT,
    INTO,
    LANES,
    ODD,
    OUT,
    PIPE_FIELDS,
    Q0,
    Q1,
    RUNS,
    SPILT,
    STOPPED,
    WATER,
    U,
    jit,
    once,
    vessel_at,
)
from .transfer import pass_on, ready_pipes, receive, set_rates
from .vectors import clear
from .vessel import fill, fill_cup, fill_shut, pour_at_once, pour_in, take_bucket

LOOK = 8  # steps between looks whether everything is still


class Orders(NamedTuple):
    """What the lanes of a block are to do.

    ``pieces`` (k, 6, LANES): input, start, duration, volume, rise, 1 / duration; ``spans`` (k, 3) the input all lanes'
    k-th pieces go to, or -1, when the first of them begins and the last ends. ``gate`` (B,) when each outlet opens.
    ``overflow`` (V,) where spill goes, -1 the tray; ``caught`` (V,) whether any goes there. ``plain`` (B,) whether a
    bucket's shares and delays are so that its pipes need no account of their own. ``inlet_from`` and ``inlet_share``
    (P,) where in the state to find what each of ``machine.inlet_pipe`` brings, and how much of it. ``brim_ml_s`` (B,)
    what leaves at once when an outlet begins to run. ``pipes`` where the pipes' fields begin, ``ring`` steps
    remembered. ``tiny_ml`` above an outlet that only fades counts as still, and rows are followed until no more than
    ``least_ml`` is there; ``fuss_ml`` at an uneven rate within a step is too little for the bucket below to be
    taken alone.
    """

    n_in: int
    lanes: int
    pieces: Floats
    spans: Floats
    gate: Floats
    overflow: Ints
    caught: Any
    plain: Any
    inlet_from: Any
    inlet_share: Floats
    brim_ml_s: Floats
    pipes: Any
    ring: int
    tiny_ml: float
    least_ml: float
    fuss_ml: float


def orders(
    m: Machine, n_in: int, pieces: Floats, gate: Floats, overflow: Ints, ring: int,
    tiny_ml: float, least_ml: float, fuss_ml: float,
) -> Orders:  # fmt: skip
    """The Orders of a block; ``pieces`` (k, 6, lanes)."""
    bucket, begin, lasts = pieces[:, 0], pieces[:, 1], pieces[:, 2]
    common = np.where(np.ptp(bucket, axis=1) == 0, bucket[:, 0], -1.0)
    spans = np.column_stack([common, begin.min(axis=1), (begin + lasts).max(axis=1)])
    lanes = pieces.shape[2]
    pieces = np.concatenate([pieces, np.zeros((*pieces.shape[:2], LANES - lanes))], axis=2)
    pipes = len(m.base_ml) * FIELDS * LANES
    source = m.pipe[m.inlet_pipe, 2]
    plain = m.plain
    late = m.part[m.inlet_pipe, DELAY] > 0.0
    own = pipes + m.inlet_pipe * PIPE_FIELDS * LANES + np.where(late, int(GOT), int(INTO))
    return Orders(
        n_in, lanes, pieces, spans, gate, overflow, np.isin(np.arange(len(m.base_ml)), overflow), plain,
        np.where(plain[source], source * FIELDS * LANES + int(OUT), own).astype(np.uint64),
        np.where(plain[source], m.part[m.inlet_pipe, SHARE], 1.0), m.brim_ml_s, np.uint64(pipes), ring,
        tiny_ml, least_ml, fuss_ml,
    )  # fmt: skip


@jit
def _still(m: Any, o: Any, w: Any, lane: int, tiny_ml: float) -> bool:
    """Whether no water moves in a lane, but ``tiny_ml`` above an outlet."""
    n_b = len(m.bucket) - 1
    for i in range(n_b):  # from the lowest up: what moves last stands there
        at = vessel_at(n_b - 1 - i) + U(lane)
        if w[at + WATER] > tiny_ml or (tiny_ml == 0.0 and w[at + RUNS] > 0.0):
            return False
    for p in range(len(m.pipe)):
        if m.part[p, DELAY] > 0.0:
            went, came = account(m, o, w, p, U(lane))
            if went - came > tiny_ml:
                return False
    return True


@jit
def _all_still(m: Any, o: Any, w: Any, tiny_ml: float) -> bool:
    still = True
    for lane in range(o.lanes):
        still = still and _still(m, o, w, lane, tiny_ml)
    return still


@jit
def _begin(m: Any, o: Any, w: Any, start: Any) -> None:
    """Stand the water in the vessels."""
    n_b = len(m.bucket) - 1
    for v in range(len(m.base_ml)):
        for i in range(LANES):
            at = vessel_at(v) + U(i)
            volume = start[v, i] if i < o.lanes else 0.0
            if v >= n_b:
                w[at + WATER] = min(volume, m.base_ml[v])
                w[at + SPILT] = volume - w[at + WATER]
                continue
            w[at + SPILT] = set_level(m, w, o.pipes, v, U(i), volume - m.base_ml[v])
            if o.gate[v] > 0.0:
                w[at + FLOW] = 0.0
            elif w[at + FLOW] > 0.0:
                w[at + RUNS] = 1.0
            if not o.plain[v]:
                set_rates(m, o, w, v, U(i))


@jit
def _finish(m: Any, o: Any, w: Any, ends: Any, lane0: int, t: float, over: bool, calm: float) -> None:
    """Write the ends: volumes, passed, arrived, spilled, and when the last outlet stopped or -1.

    From ``calm`` on no water moved to speak of.
    """
    row(m, o, w, (ends[0], ends[5], ends[1], ends[2], ends[3]), 0, lane0)
    for i in range(o.lanes):
        last = 0.0
        for v in range(len(m.base_ml)):
            at = vessel_at(v) + U(i)
            last = max(last, calm if w[at + RUNS] > 0.0 else w[at + STOPPED])
        ends[4][lane0 + i, 0, 0] = last if over and _still(m, o, w, i, o.tiny_ml) else -1.0
        ends[4][lane0 + i, 0, 1] = t


Room = tuple[Floats, Floats, Floats, Ints, Looks]


def room_for(m: Machine, o: Orders, times: Floats, most: int) -> Room:
    """Zeroed space for one block: the lanes' fields, what was given, the pipes' past and the place in it, looks.

    ``most`` of the ``times`` at which somebody looks lie in one step.
    """
    n_v, n_p = len(m.base_ml), len(m.pipe)
    fan = int(np.diff(m.bucket[:, PIPES]).max())
    return (
        np.zeros((n_v * FIELDS + n_p * PIPE_FIELDS) * LANES),
        np.zeros((len(o.pieces), LANES)),
        np.zeros((n_p if o.ring > 1 else 0, 2, o.ring, LANES)),
        np.zeros(n_p, dtype=np.int64),
        room_to_look(times, most, (len(m.bucket) - 1) * LANES, fan, n_v),
    )


@once
def _step(
    m: Any, o: Any, w: Any, grid: Any, step: int, fresh: bool, past: Any, place: Any, given: Any, look: Any, log: Any
) -> None:
    """Take every vessel over one step, top to bottom; ``fresh`` after anything changed between steps."""
    n_b, n_v = len(m.bucket) - 1, len(m.base_ml)
    t0, t1 = grid[step], grid[step + 1]
    for v in range(n_v):
        for field in (CAME, Q1, Q0, ODD):
            clear(w, vessel_at(v) + field)
    look.cursor[ENTRIES] = 0
    pour_in(m, o, w, t0, t1, given)
    for b in range(n_b):
        receive(m, o, w, b, fresh)
        if not o.plain[b]:
            ready_pipes(m, o, w, b)
        if t0 < o.gate[b]:
            fill_shut(m, o, w, b, t0, t1, look, log)
        else:
            take_bucket(m, o, w, b, t0, t1, look, log)
        pass_on(m, o, w, b, past, place, grid, step)
    for v in range(n_b, n_v):
        receive(m, o, w, v, fresh)
        fill_cup(m, o, w, v, t0, t1 - t0, log)


@once
def _march(m: Any, o: Any, grid: Any, start: Any, rows: Any, lane0: int, ends: Any, room: Any, log: Any) -> None:
    """Follow the lanes over the grid.

    ``start`` (V, lanes) mL. ``rows`` is (volumes (n, T, V), flows, passed, arrived (n, T, P), spilled (n, T, V)), each
    of no rows if not wanted, written from lane ``lane0`` on. ``room`` is empty space to work in: :func:`room_for`.
    ``ends`` is (volumes (n, 1, V), passed, arrived (n, 1, P), spilled (n, 1, V), (settled or -1, last time) (n, 1, 2),
    flows of no rows).
    """
    n_b, n_steps = len(m.bucket) - 1, len(grid) - 1
    w, given, past, place, look = room
    pour_end, last_at_once, last_gate = 0.0, -1.0, 0.0
    for b in range(n_b):
        last_gate = max(last_gate, o.gate[b])
    for k in range(len(o.pieces)):
        for i in range(o.lanes):
            pour_end = max(pour_end, o.pieces[k, 1, i] + o.pieces[k, 2, i])
            if o.pieces[k, 2, i] <= 0.0:
                last_at_once = max(last_at_once, o.pieces[k, 1, i])
    _begin(m, o, w, start)
    written, calm = 0, -1.0
    for step in range(n_steps + 1):
        t0 = grid[step]
        fresh = step == 0 or o.ring > 1  # late pipes are clipped at each step of their own
        if t0 <= last_at_once:
            fresh = True
            pour_at_once(m, o, w, t0, given, log)
        if last_gate > 0.0 and step > 0 and grid[step - 1] < last_gate:
            fresh = True
            for b in range(n_b):
                if grid[step - 1] < o.gate[b] <= t0:
                    for i in range(o.lanes):
                        fill(m, o, w, b, U(i), 0.0, t0, log)
        while written < len(look.times) and look.times[written] <= t0:
            row(m, o, w, rows, written, lane0)
            written += 1
        done = False
        if t0 >= pour_end and (step % LOOK == 0 or step == n_steps):
            if calm < 0.0 and _all_still(m, o, w, o.tiny_ml):
                calm = t0
            done = calm >= 0.0 and _all_still(m, o, w, o.least_ml)
        if done or step == n_steps:
            if written < len(look.times):
                row(m, o, w, rows, written, lane0)
                written += 1
            hold(o, rows, written - 1, lane0)
            _finish(m, o, w, ends, lane0, t0, t0 >= pour_end, calm if calm >= 0.0 else t0)
            return
        look.cursor[FROM], look.cursor[UNTIL] = written, written
        while look.cursor[UNTIL] < len(look.times) and look.times[look.cursor[UNTIL]] < grid[step + 1]:
            look.cursor[UNTIL] += 1
        look.cursor[AT] = look.cursor[UNTIL]
        if look.cursor[UNTIL] > written:
            remember(m, w)
        _step(m, o, w, grid, step, fresh, past, place, given, look, log)
        if look.cursor[UNTIL] > written:
            between(m, o, w, rows, look, lane0, t0, grid[step + 1])
            written = look.cursor[UNTIL]


_SOURCES = ("machine", "state", "vectors", "curve", "looks", "together", "alone", "transfer", "rows", "vessel", "march")


def _stamped(stamp: str) -> Any:
    """Follow the lanes, compiled once and kept: numba looks for changes in one file only, the stamp knows them all."""

    def run_block(m: Any, o: Any, grid: Any, start: Any, rows: Any, lane0: int, ends: Any, room: Any, log: Any) -> None:
        if stamp != "":
            _march(m, o, grid, start, rows, lane0, ends, room, log)

    return nb.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(run_block)


run_block = _stamped(
    hashlib.sha256(b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in _SOURCES)).hexdigest()
)
