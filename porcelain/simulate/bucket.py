"""One bucket over the whole time: a scalar equation, dW/dt = inflow(t) - flow(W), solved with steps of its own.

W is the water above the outlet. ``outlet_flow`` gives the flow, ``hermite`` the equation of a step, ``step`` one step,
``motion`` what a bucket does between two corners of its inflow. Here it is put together.
"""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import math
from typing import Any

from .compiled import inline, jit
from .motion import EQUAL, drain, fill, follow, run, stand
from .outlet_flow import find_band, outlet
from .step import hand_on_nothing, hand_on_rest, move_to, note, settle_account
from .tables import RIM_LEFT, RIM_REACHED, STARTS, STOPS
from .trajectory import inflow, next_corner

DUST = 1e-3  # of the permitted error: so little water above an outlet that only fades is left standing


@jit
def _stand_at(m: Any, w: Any, b: Any, s: Any, edge: int, low: float, high: float) -> None:
    """How the branches run while the level stands at an edge: fixed flows, and parts of what else comes."""
    n, rim = b.stream_end - b.stream_first - 1, edge == b.edge_end - 1
    for j in range(n):
        r, row = w.branch[j], (j + 1 if n > 1 else 0)
        before = outlet(m, m.edge_band[edge] - 1, row, s.water)[0] if edge > b.edge_first else 0.0
        after = before if rim else outlet(m, m.edge_band[edge], row, s.water)[0]
        r.fixed, r.part = before, 0.0
        if not rim and high > 0.0:
            r.part = (after - before) / (high - low) if high - low > 1e-12 * high else after / high
            r.fixed = before - r.part * low
    spill = w.branch[n]
    spill.fixed, spill.part = (-low, 1.0) if rim else (0.0, 0.0)


@jit
def turn_from(s: Any, low: float, high: float) -> int:
    """Where a level goes from an edge below which ``low`` flows and above which ``high``: up 1, down -1, nowhere 0."""
    if s.rate > high * (1.0 + EQUAL):
        return 1
    if s.rate < low * (1.0 - EQUAL):
        return -1
    if s.comes != 0 and s.rate >= high * (1.0 - EQUAL) and (s.slope > 0.0 or (high == 0.0 and s.slope == 0.0)):
        return 1
    if low > 0.0 and s.rate <= low * (1.0 + EQUAL) and s.slope < 0.0:
        return -1
    return 0


@jit
def _place(m: Any, b: Any, s: Any) -> int:
    """Find the segment in which the water stands; returns the edge it stands at, or -1."""
    k = min(max(s.segment, b.edge_first), b.edge_end - 2)
    while k < b.edge_end - 2 and s.water >= m.edge[k + 1]:
        k += 1
    while k > b.edge_first and s.water < m.edge[k]:
        k -= 1
    s.segment = k
    if s.water == m.edge[k]:
        return k
    if s.water == m.edge[k + 1]:
        return k + 1
    s.band = find_band(m, s.band, m.edge_band[k], m.edge_band[k + 1], s.water)
    return -1


@jit
def _add_at_once(w: Any, b: Any, s: Any, v: int) -> None:
    """Look at the inflow just after now; of water that came all at once what does not fit goes over the rim."""
    top = b.capacity - b.base
    before = s.came
    move_to(w, b, s, s.t, 1)
    if s.came - before > 4e-15 * s.came:
        s.water += s.came - before
    if s.water > top:
        spill = b.stream_end - b.stream_first - 1
        w.branch[spill].volume += s.water - top
        s.spilt += s.water - top
        s.water = top
        hand_on_nothing(w, b, s, spill)
        _at_rim(w, s, v, True)


@jit
def _at_rim(w: Any, s: Any, v: int, full: bool) -> None:
    """Note when the rim is reached and left."""
    if full and s.rim == 0:
        note(w, s.t, v, RIM_REACHED)
    elif not full and s.rim == 1:
        note(w, s.t, v, RIM_LEFT)
    s.rim = 1 if full else 0


@jit
def _at_sill(w: Any, s: Any, v: int, runs: bool) -> None:
    """Note when the outlet starts and stops."""
    if runs and s.runs == 0:
        note(w, s.t, v, STARTS)
    elif not runs and s.runs == 1:
        note(w, s.t, v, STOPS)
        s.stopped_s = s.t
    s.runs = 1 if runs else 0


@jit
def _rest(w: Any, b: Any, s: Any, until: float) -> None:
    """Nothing comes and nothing leaves."""
    hand_on_rest(w, b, s)
    s.t = until


@jit
def _shut(w: Any, b: Any, s: Any, v: int, until: float) -> None:
    """What happens while nothing can leave: the bucket fills, and spills."""
    top, n = b.capacity - b.base, b.stream_end - b.stream_first - 1
    if s.comes == 0:
        _rest(w, b, s, until)
    elif s.water < top:
        fill(w, b, s, until, top)
    else:
        _at_rim(w, s, v, True)
        for j in range(n):
            w.branch[j].fixed, w.branch[j].part = 0.0, 0.0
        w.branch[n].fixed, w.branch[n].part = 0.0, 1.0
        stand(w, b, s, until, 0.0, math.inf)
        s.spilt = s.start + s.came - s.out - b.capacity


@jit
def _stand_or_turn(m: Any, w: Any, b: Any, s: Any, v: int, edge: int, until: float) -> bool:
    """At an edge: stand there for a step, or enter the segment above or below and return false."""
    rim, t0 = edge == b.edge_end - 1, s.t
    low = outlet(m, m.edge_band[edge] - 1, 0, s.water)[0] if edge > b.edge_first else 0.0
    high = math.inf if rim else outlet(m, m.edge_band[edge], 0, s.water)[0]
    turn = turn_from(s, low, high)
    if turn != 0:
        s.segment = edge if turn > 0 else edge - 1
        s.band = m.edge_band[edge] - (0 if turn > 0 else 1)
        return False
    if edge == b.edge_first and s.comes == 0:
        _at_sill(w, s, v, False)
        _rest(w, b, s, until)
        return True
    if s.rate > 0.0 or low > 0.0:
        _at_sill(w, s, v, True)
    if rim:
        _at_rim(w, s, v, True)
    _stand_at(m, w, b, s, edge, low, high)
    stand(w, b, s, until, low, high)
    if rim:
        s.out += low * (s.t - t0)
        s.spilt = s.start + s.came - s.out - b.capacity
    settle_account(b, s)
    return True


@inline
def _open(m: Any, w: Any, b: Any, s: Any, v: int, until: float) -> None:
    """What an open bucket with water at or above its outlet does next."""
    edge = _place(m, b, s)
    if edge >= 0 and _stand_or_turn(m, w, b, s, v, edge, until):
        return
    _at_sill(w, s, v, True)
    if s.rim:
        _at_rim(w, s, v, False)
        hand_on_nothing(w, b, s, b.stream_end - b.stream_first - 1)
    if s.comes == 0 and m.band[s.band].exact:
        drain(m, w, b, s, until, m.edge[s.segment])
    elif s.comes == 0 and s.water <= DUST * s.close_ml:
        _rest(w, b, s, until)
    elif not follow(m, w, b, s, until):
        run(m, w, b, s, until)


@jit
def _begin(m: Any, w: Any, b: Any, s: Any, start: float) -> None:
    """An empty account, and trajectories of nothing."""
    n, first = b.stream_end - b.stream_first, w.used[0]
    s.t, s.came, s.out, s.spilt, s.start, s.water = 0.0, 0.0, 0.0, 0.0, start, start - b.base
    s.segment, s.band, s.runs, s.rim = b.edge_first, b.band_first, 0, 0
    s.h, s.calm_s, s.stopped_s = math.inf, 0.0, 0.0
    for j in range(n):
        stream = w.stream[b.stream_first + j]
        stream.count, stream.stride, stream.first = 0, n - 1, first + j
        if j == n - 1:
            stream.stride, stream.first = -1, w.used[2]
        w.branch[j].volume = 0.0
    hand_on_rest(w, b, s)
    for k in range(b.source_first, b.source_end):
        w.source[k].cursor, w.source[k].corner = 0, 0


@jit
def has_room(w: Any, n: int) -> bool:
    """Whether another step of ``n`` trajectories can be written down."""
    return w.used[0] + 2 * n + 2 < w.used[2] - 4


@jit
def _never_reached(w: Any, b: Any, s: Any, until: float, gate: float) -> bool:
    """Whether so little comes in all that neither the outlet nor, while that is shut, the rim is ever reached."""
    came, _, _, _ = inflow(w, b.source_first, b.source_end, until, 1)
    return s.water + came < (b.capacity - b.base if gate > until else 0.0)


@jit
def solve_bucket(
    m: Any, w: Any, v: int, start: float, until: float, close_ml: float, close_s: float, calm_ml: float
) -> bool:
    """Take vessel ``v`` from time 0, when ``start`` mL stand in it, to ``until``; false where there is too little room.

    A step may be off by ``close_ml`` and by what passes in ``close_s``; an outlet that only fades counts as still
    once no more than ``calm_ml`` stands above it.
    """
    b, s, gate = m.bucket[v], w.state[0], w.gate[v]
    s.close_ml, s.close_s, s.calm_ml = close_ml, close_s, calm_ml
    if not has_room(w, b.stream_end - b.stream_first):
        return False
    _begin(m, w, b, s, start)
    if _never_reached(w, b, s, until, gate):
        move_to(w, b, s, until, 1)
    while s.t < until:
        if not has_room(w, b.stream_end - b.stream_first):
            return False
        _add_at_once(w, b, s, v)
        corner = min(next_corner(w, b.source_first, b.source_end, s.t), until)
        if s.t < gate:
            _shut(w, b, s, v, min(corner, gate))
        elif s.water < 0.0:
            if s.comes == 0:
                _rest(w, b, s, corner)
            else:
                fill(w, b, s, corner, 0.0)
        else:
            _open(m, w, b, s, v, corner)
    _add_at_once(w, b, s, v)
    hand_on_rest(w, b, s)
    still = s.stopped_s
    if s.runs:
        still = s.calm_s if s.water <= calm_ml and s.comes == 0 else math.inf
    w.still[v] = still
    return True
