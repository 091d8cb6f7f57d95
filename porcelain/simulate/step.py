"""One step of a bucket: tried, its error estimated, and handed on to the trajectories below.

What leaves is what came minus what stays, so that the balance is exact whatever the error. The quintic through volume,
rate and slope is handed on. Three figures tell its error: by how much its third derivative misses the true one, by how
much the inflow is off a quintic, and by how much its flow misses the law's at half the time.
"""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import math
from typing import Any

from .compiled import inline, jit
from .hermite import end_water, ends, leaves, misfit, reach_edge, turning_point
from .outlet_flow import branch_jet, find_band, finite_slope, outlet, whole_jet
from .tables import END, PLAIN, START
from .trajectory import evaluate, inflow, mark_corner, write_constant, write_piece

UNSEEN = 0.3  # of what the inflow is off a quintic within a step: so much of it shows in the outflow at most
PART = 0.2  # of a defect in the flow, times the step, that volumes are off by
ROUGH = 30.0  # how much worse a step may be than it seems where a law bends: its third derivative may be infinite there
CORNER = 0.05  # of the permitted error: what jumps by less over a step is no corner


@inline
def _append(w: Any, stream: Any) -> int:
    """The place of a further piece of a trajectory."""
    i = stream.first + stream.count * stream.stride
    stream.count += 1
    if stream.stride < 0:
        w.used[2] -= 1
    else:
        w.used[0] += 1
    return i


@inline
def _finish(w: Any, stream: Any, i: int, least_ml: float) -> None:
    if stream.count > 1:
        mark_corner(w.piece, i, i - stream.stride, least_ml)


@inline
def hand_on(w: Any, b: Any, s: Any, j: int, t: float, h: float, kind: int, whole: float, near: Any, far: Any) -> None:
    """Write a piece of the j-th trajectory of a bucket."""
    stream, branch = w.stream[b.stream_first + j], w.branch[j]
    i = _append(w, stream)
    write_piece(w.piece, i, t, h, kind, branch.volume, branch.volume + whole, near, far)
    branch.volume += whole
    _finish(w, stream, i, CORNER * s.close_ml)


@inline
def has_ended(w: Any, b: Any, j: int) -> bool:
    """Whether it has been written that nothing more passes into the j-th trajectory."""
    stream = w.stream[b.stream_first + j]
    if stream.count == 0:
        return False
    last = w.piece[stream.first + (stream.count - 1) * stream.stride]
    return last.per_s == 0.0 and last.c0 == w.branch[j].volume


@jit
def hand_on_nothing(w: Any, b: Any, s: Any, j: int) -> None:
    """Write that nothing passes into the j-th trajectory from now on."""
    stream = w.stream[b.stream_first + j]
    i = _append(w, stream)
    write_constant(w.piece, i, s.t, w.branch[j].volume)
    w.piece[i].corner = 1


@jit
def hand_on_rest(w: Any, b: Any, s: Any) -> None:
    """Write that nothing leaves from now on, unless that has been written; branches are written side by side."""
    n, rests = b.stream_end - b.stream_first - 1, True
    for j in range(n):
        rests = rests and has_ended(w, b, j)
    if not rests:
        for j in range(n):
            hand_on_nothing(w, b, s, j)
    if not has_ended(w, b, n):
        hand_on_nothing(w, b, s, n)


@jit
def note(w: Any, t: float, vessel: int, what: int) -> None:
    """Write down an event."""
    if w.used[1] < len(w.event):
        event = w.event[w.used[1]]
        event.time, event.vessel, event.what = t, vessel, what
    w.used[1] += 1


@jit
def settle_account(b: Any, s: Any) -> None:
    """What has left, by the balance: whatever rounding did before is made good."""
    s.out = s.start + s.came - s.spilt - b.base - s.water


@inline
def move_to(w: Any, b: Any, s: Any, t: float, side: int) -> None:
    """Look at the inflow at ``t``."""
    s.t = t
    s.came, s.rate, s.slope, comes = inflow(w, b.source_first, b.source_end, t, side)
    s.comes = 1 if comes else 0


@inline
def set_branches(m: Any, w: Any, b: Any, s: Any) -> None:
    """The jets of all branches at both ends of a step."""
    n = b.stream_end - b.stream_first - 1
    for j in range(n):
        r, row = w.branch[j], (j + 1 if n > 1 else 0)
        r.flow0, r.slope0, r.bend0, r.root0 = branch_jet(m, s.band, row, s.water, s.rate, finite_slope(s.slope))
        r.flow1, r.slope1, r.bend1, r.root1 = branch_jet(m, s.band1, row, s.water1, s.rate1, finite_slope(s.slope1))


@jit
def set_following(m: Any, w: Any, b: Any, s: Any, by_w0: float, by_w1: float) -> None:
    """The same of a level that follows its inflow: flows change as that does, whatever rounding made of the level."""
    n = b.stream_end - b.stream_first - 1
    for j in range(n):
        r, row = w.branch[j], (j + 1 if n > 1 else 0)
        flow0, own0, _, _ = outlet(m, s.band, row, s.water)
        flow1, own1, _, _ = outlet(m, s.band1, row, s.water1)
        if n == 1:
            flow0, flow1 = s.rate - s.slope / by_w0, s.rate1 - finite_slope(s.slope1) / by_w1
        r.flow0, r.slope0, r.flow1, r.slope1 = (
            flow0,
            own0 / by_w0 * s.slope,
            flow1,
            own1 / by_w1 * finite_slope(s.slope1),
        )
        # so that what leaves in a step is Hermite's fourth order
        h = s.t1 - s.t
        r.bend0, r.root0, r.root1 = 0.0, 0.0, 0.0
        r.bend1 = -2.0 * (r.slope0 - r.slope1) / h


@inline
def _branch_ends(r: Any, kind: int, h: float) -> Any:
    return ends(kind, h, (r.flow0, r.slope0, r.bend0, r.root0), (r.flow1, r.slope1, r.bend1, r.root1))


@inline
def hand_on_all(w: Any, b: Any, s: Any, t0: float, h: float) -> None:
    """Hand on what each branch passed in a step; the one that runs fastest bears what rounding leaves."""
    n = b.stream_end - b.stream_first - 1
    rest, most = s.out, 0
    for j in range(n):
        r = w.branch[j]
        near, far = _branch_ends(r, s.kind, h)
        r.part = leaves(near, far)
        rest -= r.volume + r.part
        if r.flow0 + r.flow1 > w.branch[most].flow0 + w.branch[most].flow1:
            most = j
    w.branch[most].part += rest
    for j in range(n):
        near, far = _branch_ends(w.branch[j], s.kind, h)
        hand_on(w, b, s, j, t0, h, s.kind, w.branch[j].part, near, far)


@inline
def look_ahead(w: Any, b: Any, s: Any, t: float) -> None:
    """The inflow at the end of a step that is tried."""
    s.t1 = t
    s.came1, s.rate1, s.slope1, _ = inflow(w, b.source_first, b.source_end, t, -1)


@jit
def _try_edge(m: Any, w: Any, b: Any, s: Any, h: float, jet0: Any, begins: bool) -> bool:
    """Shorten a step that leaves its segment so that it ends on the edge; false where it has to be tried anew."""
    up = s.water1 > 0.0
    edge = m.edge[s.segment + 1] if up else m.edge[s.segment]
    s.band1 = m.edge_band[s.segment + 1] - 1 if up else m.edge_band[s.segment]
    a = m.band[s.band1]
    if not up and a.root and edge <= a.origin:
        if begins:
            return False
        s.kind = END
    h = reach_edge(m, w, b, s, edge, s.band1, s.kind, h, jet0)
    if h <= 0.0:
        return False
    s.water1 = edge
    look_ahead(w, b, s, s.t + h)
    return True


@inline
def try_step(m: Any, w: Any, b: Any, s: Any, t1: float, jet0: Any, begins: bool) -> bool:
    """Try a step to ``t1``, or to the edge of the segment if that comes first; false where it is too long for that."""
    low, high = m.edge[s.segment], m.edge[s.segment + 1]
    first, end = m.edge_band[s.segment], m.edge_band[s.segment + 1]
    look_ahead(w, b, s, t1)
    s.kind = START if begins else PLAIN
    if math.isinf(s.slope1):
        if begins:
            return False
        s.kind = END
    came, h = s.came1 - s.came, t1 - s.t
    slope1 = finite_slope(s.slope1)
    s.water1, s.band1 = end_water(m, s, low, high, first, end, s.kind, h, came, s.rate1, slope1, jet0)
    if math.isinf(s.water1) and not _try_edge(m, w, b, s, h, jet0, begins):
        return False
    jet1, _, _ = whole_jet(m, s.band1, s.water1, s.rate1, finite_slope(s.slope1))
    climb0, climb1 = s.rate - jet0[0], s.rate1 - jet1[0]
    if climb0 * climb1 < 0.0 and not low <= turning_point(s.t1 - s.t, s.water, s.water1, climb0, climb1) <= high:
        return False
    near, far = ends(s.kind, s.t1 - s.t, jet0, jet1)
    whole = s.came1 - s.came - (s.water1 - s.water)
    s.error = max(misfit(whole, near, far), UNSEEN * _unseen(w, b, s))
    s.error = max(s.error, _defect(m, w, b, s, first, end, whole, near, far))
    if not m.band[s.band].exact and (s.water == low or s.water == high or s.water1 == low or s.water1 == high):
        s.error *= ROUGH
    return True


@inline
def _unseen(w: Any, b: Any, s: Any) -> float:
    """How far the inflow in the middle of a step is off the quintic through its ends: the solver sees only those."""
    h, scratch = s.t1 - s.t, len(w.piece) - 1
    came, _, _, _ = inflow(w, b.source_first, b.source_end, s.t + 0.5 * h, -1)
    near, far = ends(s.kind, h, (s.rate, finite_slope(s.slope), 0.0, 0.0), (s.rate1, finite_slope(s.slope1), 0.0, 0.0))
    write_piece(w.piece, scratch, s.t, h, s.kind, s.came, s.came1, near, far)
    return abs(came - evaluate(w.piece, scratch, s.t + 0.5 * h)[0])


@jit
def _defect(m: Any, w: Any, b: Any, s: Any, first: int, end: int, whole: float, near: Any, far: Any) -> float:
    """By how much the flow of the piece that is handed on misses the law's at half the time, times the step."""
    h, scratch = s.t1 - s.t, len(w.piece) - 1
    came, _, _, _ = inflow(w, b.source_first, b.source_end, s.t + 0.5 * h, -1)
    write_piece(w.piece, scratch, s.t, h, s.kind, 0.0, whole, near, far)
    passed, rate, _ = evaluate(w.piece, scratch, s.t + 0.5 * h)
    water = max(s.water + came - s.came - passed, 0.0)
    flow, _, _, _ = outlet(m, find_band(m, s.band, first, end, water), 0, water)
    return PART * h * abs(flow - rate)
