"""One bucket over the whole time: a scalar equation, dW/dt = inflow(t) - flow(W), solved with steps of its own.

W is the water above the outlet. A step makes what leaves the integral of the polynomial that meets the flow and its
first two derivatives at both ends (Hermite and Obreshkov, sixth order; Hairer, Norsett and Wanner, Solving Ordinary
Differential Equations I, 2nd ed., II.13), by Newton's method on W. What leaves is what came minus what stays: the
balance is exact whatever the error. The quintic through volume, rate and slope is handed on; by how much its third
derivative misses the true one tells its error. Where the root of time is the better variable (a start, a stop), the
step is taken in that.

A level can also stand: at a height at which the flow jumps, at the sill, at the rim (Filippov, Differential Equations
with Discontinuous Righthand Sides, 1988); or it follows its inflow so closely that only the inflow sets the pace.
"""

# mypy: disable-error-code="assignment"

from __future__ import annotations

import math
from typing import Any

from .compiled import inline, jit
from .tables import END, PLAIN, RIM_LEFT, RIM_REACHED, START, STARTS, STOPS
from .trajectory import (
    evaluate,
    inflow,
    mark_corner,
    next_corner,
    same_time,
    when_came,
    write_constant,
    write_piece,
)

EQUAL = 1e-13  # flows that differ by this part of themselves are the same
DUST = 1e-3  # of the permitted error: so little water above an outlet that only fades is left standing
FAR = 10.0  # times the difference that is permitted: no need to look closer
STIFF = 12.0  # relaxation times a step may take; beyond, a level follows its inflow
SAFETY, LEAST, MOST = 0.9, 0.15, 6.0  # of the step size controller
NEWTON = 30
UNSEEN = 0.3  # of what the inflow is off a quintic within a step: so much of it shows in the outflow at most
PART = 0.2  # of a defect in the flow, times the step, that volumes are off by
ROUGH = 30.0  # how much worse a step may be than it seems where a law bends: its third derivative may be infinite there
FAINT = 1e-4  # of the permitted error: what is less need not be exact in time
ROUNDING = 4e-15  # of the water that has come: what rounding makes of it, and of its third derivatives
CORNER = 0.05  # of the permitted error: what jumps by less over a step is no corner


# ---- the outlet ------------------------------------------------------------------------------------------------


@inline
def find_band(m: Any, band: int, first: int, end: int, water: float) -> int:
    """The band of a segment in which ``water`` lies, sought from ``band`` on."""
    band = min(max(band, first), end - 1)
    while band < end - 1 and water > m.band[band].high:
        band += 1
    while band > first and water <= m.band[band - 1].high:
        band -= 1
    return band


@inline
def outlet(m: Any, band: int, row: int, water: float) -> tuple[float, float, float, float]:
    """Flow (mL/s), its first and second derivative by volume, and by z; the middle two are 0 at a root's origin."""
    a = m.band[band]
    above = max(water - a.origin, 0.0)
    z = math.sqrt(above) if a.root else above
    x = (z - a.mid) * a.scale
    n = m.poly.shape[1] - 1
    flow, first, second = m.poly[a.row + row, n], 0.0, 0.0
    for k in range(n - 1, -1, -1):
        second = second * x + first
        first = first * x + flow
        flow = flow * x + m.poly[a.row + row, k]
    by_z, by_zz = first * a.scale, 2.0 * second * a.scale * a.scale
    if not a.root:
        return flow, by_z, by_zz, by_z
    if z == 0.0:
        return flow, 0.0, 0.0, by_z
    by_w = 0.5 * by_z / z
    return flow, by_w, (0.25 * by_zz - 0.5 * by_w) / above, by_z


@inline
def _jet(flow: float, by_w: float, by_ww: float, by_z: float, climb: float, bend: float, at_origin: bool) -> Any:
    """A flow over time, from its derivatives by volume and how the volume climbs."""
    root = by_z * math.sqrt(abs(climb)) if at_origin else 0.0
    return flow, by_w * climb, by_ww * climb * climb + by_w * bend, root


@inline
def whole_jet(m: Any, band: int, water: float, rate: float, slope: float) -> Any:
    """The jet of the whole outflow, and dQ/dW and d2Q/dW2, at an inflow with this rate and slope."""
    flow, by_w, by_ww, by_z = outlet(m, band, 0, water)
    climb = rate - flow
    at_origin = m.band[band].root and water <= m.band[band].origin
    return _jet(flow, by_w, by_ww, by_z, climb, slope - by_w * climb, at_origin), by_w, by_ww


@inline
def branch_jet(m: Any, band: int, row: int, water: float, rate: float, slope: float) -> Any:
    """The same of one branch."""
    flow, by_w, _, _ = outlet(m, band, 0, water)
    climb = rate - flow
    at_origin = m.band[band].root and water <= m.band[band].origin
    flow, own, by_ww, by_z = outlet(m, band, row, water)
    return _jet(flow, own, by_ww, by_z, climb, slope - by_w * climb, at_origin)


@inline
def permitted(s: Any, fastest: float) -> float:
    """The error that a step may make (mL): what passes in ``close_s`` at its fastest, and no more than ``close_ml``."""
    return min(s.close_ml, max(s.close_s * fastest, FAINT * s.close_ml))


@inline
def _finite(slope: float) -> float:
    """The slope of an inflow; where that grows as the root of time no step needs it."""
    return slope if abs(slope) < math.inf else 0.0


# ---- one step --------------------------------------------------------------------------------------------------


@inline
def near_end(kind: int, h: float, jet: Any) -> tuple[float, float, float]:
    """Derivatives of cumulative volume by a piece's variable where that is 0."""
    if kind == PLAIN:
        return h * jet[0], h * h * jet[1], h * h * h * jet[2]
    return 0.0, 2.0 * h * jet[0], 4.0 * h * math.sqrt(h) * jet[3]


@inline
def far_end(kind: int, h: float, jet: Any) -> tuple[float, float, float]:
    """The same where it is 1."""
    flow, slope, bend = h * jet[0], h * h * jet[1], h * h * h * jet[2]
    if kind == PLAIN:
        return flow, slope, bend
    if kind == END:  # time runs backwards
        slope = -slope
    return 2.0 * flow, 2.0 * flow + 4.0 * slope, 12.0 * slope + 8.0 * bend


@inline
def ends(kind: int, h: float, jet0: Any, jet1: Any) -> Any:
    """Both, from the jets at the start and the end of a step."""
    if kind == END:
        return near_end(kind, h, jet1), far_end(kind, h, jet0)
    return near_end(kind, h, jet0), far_end(kind, h, jet1)


@inline
def leaves(near: Any, far: Any) -> float:
    """What passes in a step: the integral of the quintic that meets three derivatives at both ends."""
    return 0.5 * (near[0] + far[0]) + 0.1 * (near[1] - far[1]) + (near[2] + far[2]) / 120.0


@inline
def misfit(whole: float, near: Any, far: Any) -> float:
    """How far the piece that is handed on is off: by its third derivatives, which it was not asked to meet."""
    c3 = 10.0 * whole - 6.0 * near[0] - 4.0 * far[0] - 1.5 * near[1] + 0.5 * far[1]
    c4 = -15.0 * whole + 8.0 * near[0] + 7.0 * far[0] + 1.5 * near[1] - far[1]
    c5 = 6.0 * whole - 3.0 * (near[0] + far[0]) - 0.5 * (near[1] - far[1])
    return max(abs(6.0 * c3 - near[2]), abs(6.0 * c3 + 24.0 * c4 + 60.0 * c5 - far[2])) / 384.0


@inline
def _leaves_by_water(kind: int, h: float, by_w: float, by_ww: float, climb: float, slope: float) -> float:
    """How what leaves in a step changes with the water at its end (the third derivative of the law left out)."""
    if kind == END:
        return 0.2 * h * by_w
    first, second = h * by_w, h * h * (by_ww * climb - by_w * by_w)
    third = h * h * h * (by_ww * (slope - 4.0 * by_w * climb) + by_w * by_w * by_w)
    if kind == PLAIN:
        return 0.5 * first - 0.1 * second + third / 120.0
    return first - 0.2 * first - 0.4 * second + 0.1 * second + third / 15.0


@inline
def _first_guess(m: Any, s: Any, h: float, came: float, jet0: Any) -> float:
    """The end of a step by the trapezoidal rule and a law that is straight in z: a closed form."""
    a = m.band[s.band]
    flow, by_w, _, by_z = outlet(m, s.band, 0, s.water)
    if not a.root:
        return s.water + (came - h * flow) / (1.0 + 0.5 * h * by_w)
    above = s.water - a.origin
    rest = above + came - h * flow + 0.5 * h * by_z * math.sqrt(max(above, 0.0))
    half = 0.25 * h * by_z
    if rest <= 0.0:
        return a.origin + 0.01 * above
    z = math.sqrt(half * half + rest) - half
    return a.origin + z * z


@inline
def end_water(
    m: Any, s: Any, low: float, high: float, first: int, end: int,
    kind: int, h: float, came: float, rate: float, slope: float, jet0: Any,
) -> Any:  # fmt: skip
    """The water at the end of a step and its band; beyond ``low`` or ``high`` where it leaves its segment."""
    water = min(max(_first_guess(m, s, h, came, jet0), low), high)
    band = s.band
    close = min(1e-3 * permitted(s, max(jet0[0], max(s.rate, rate))), 1e-10 * came + 1e-300)
    close += 2e-16 * (abs(s.water) + abs(water))
    for _ in range(NEWTON):
        band = find_band(m, band, first, end, water)
        a = m.band[band]
        if a.root and water <= a.origin:  # where the law has no derivative
            water = a.origin + 1e-12 * (s.water + came)
        jet1, by_w, by_ww = whole_jet(m, band, water, rate, slope)
        near, far = ends(kind, h, jet0, jet1)
        off = water - s.water - came + leaves(near, far)
        by_water = max(1.0 + _leaves_by_water(kind, h, by_w, by_ww, rate - jet1[0], slope), 0.5)
        if off < 0.0 and water >= high:
            return math.inf, band
        if off > 0.0 and water <= low + 1e-12 * (s.water + came):
            return -math.inf, band
        before = water
        if a.root:
            z = math.sqrt(water - a.origin)
            z = max(z - 0.5 * off / (by_water * z), 0.1 * z)
            water = a.origin + z * z
        else:
            water -= off / by_water
        water = min(max(water, low), high)
        if abs(water - before) <= close:
            break
    return water, find_band(m, band, first, end, water)


@jit
def reach_edge(m: Any, w: Any, b: Any, s: Any, edge: float, band: int, kind: int, h: float, jet0: Any) -> float:
    """How long, within ``h``, until the water stands at an edge; -1 where it does not get there.

    The root of the step's own balance, by the secant that keeps a bracket (Illinois).
    """
    sign = 1.0 if edge > s.water else -1.0
    low, high, at_low, at_high = 0.0, h, abs(edge - s.water), 0.0
    t, side = h, 0
    for look in range(80):
        came, rate, slope, _ = inflow(w, b.source_first, b.source_end, s.t + t, -1)
        jet1, _, _ = whole_jet(m, band, edge, rate, _finite(slope))
        near, far = ends(kind, t, jet0, jet1)
        off = sign * (leaves(near, far) - (came - s.came - (edge - s.water)))
        if look == 0 and off > 0.0:
            return -1.0
        if off == 0.0 or high - low <= same_time(s.t + t):
            break
        if off > 0.0:
            low, at_low, at_high, side = t, off, at_high * (0.5 if side > 0 else 1.0), 1
        else:
            high, at_high, at_low, side = t, off, at_low * (0.5 if side < 0 else 1.0), -1
        before = t
        t = (low * at_high - high * at_low) / (at_high - at_low)
        if not low < t < high or look % 8 == 7:
            t = 0.5 * (low + high)
        if abs(t - before) <= 0.25 * same_time(s.t + t):
            break
    return t


# ---- what is handed on -----------------------------------------------------------------------------------------


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
def _rests(w: Any, b: Any, j: int) -> bool:
    """Whether it has been written that nothing more passes into the j-th trajectory."""
    stream = w.stream[b.stream_first + j]
    if stream.count == 0:
        return False
    last = w.piece[stream.first + (stream.count - 1) * stream.stride]
    return last.per_s == 0.0 and last.c0 == w.branch[j].volume


@jit
def _hand_on_nothing(w: Any, b: Any, s: Any, j: int) -> None:
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
        rests = rests and _rests(w, b, j)
    if not rests:
        for j in range(n):
            _hand_on_nothing(w, b, s, j)
    if not _rests(w, b, n):
        _hand_on_nothing(w, b, s, n)


@jit
def note(w: Any, t: float, vessel: int, what: int) -> None:
    """Write down an event."""
    if w.used[1] < len(w.event):
        event = w.event[w.used[1]]
        event.time, event.vessel, event.what = t, vessel, what
    w.used[1] += 1


# ---- what a bucket does until its inflow has a corner ------------------------------------------------------------


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


@jit
def fill(w: Any, b: Any, s: Any, until: float, goal: float) -> None:
    """Nothing leaves; the water climbs until it has reached ``goal``."""
    hand_on_rest(w, b, s)
    need = s.came + goal - s.water
    t0 = s.t
    move_to(w, b, s, until, -1)
    if s.came < need:
        s.water = s.start + s.came - s.spilt - s.out - b.base
        return
    t = when_came(w, b.source_first, b.source_end, t0, until, need)
    move_to(w, b, s, t, -1)
    s.water = goal
    # what rounding makes of the moment is not lost: it stands in the account of what leaves


@jit
def drain(m: Any, w: Any, b: Any, s: Any, until: float, low: float) -> None:
    """Nothing comes and the flow is a straight line through z = 0: z falls in a straight line."""
    a = m.band[s.band]
    flow, _, _, by_z = outlet(m, s.band, 0, s.water)
    z, least = math.sqrt(s.water - a.origin), math.sqrt(max(low - a.origin, 0.0))
    h = 2.0 * (z - least) / by_z
    t = s.t + h
    if t > until:
        t, h = until, until - s.t
        least = z - 0.5 * by_z * h
        low = a.origin + least * least
    t0, s.t, s.water = s.t, t, low
    settle_account(b, s)
    slope = -0.5 * by_z * by_z * h * h
    near, far = (h * flow, slope, 0.0), (h * by_z * least, slope, 0.0)
    hand_on(w, b, s, 0, t0, h, PLAIN, s.out - w.branch[0].volume, near, far)


@inline
def _set_branches(m: Any, w: Any, b: Any, s: Any) -> None:
    """The jets of all branches at both ends of a step."""
    n = b.stream_end - b.stream_first - 1
    for j in range(n):
        r, row = w.branch[j], (j + 1 if n > 1 else 0)
        r.flow0, r.slope0, r.bend0, r.root0 = branch_jet(m, s.band, row, s.water, s.rate, _finite(s.slope))
        r.flow1, r.slope1, r.bend1, r.root1 = branch_jet(m, s.band1, row, s.water1, s.rate1, _finite(s.slope1))


@jit
def _set_following(m: Any, w: Any, b: Any, s: Any, by_w0: float, by_w1: float) -> None:
    """The same of a level that follows its inflow: flows change as that does, whatever rounding made of the level."""
    n = b.stream_end - b.stream_first - 1
    for j in range(n):
        r, row = w.branch[j], (j + 1 if n > 1 else 0)
        flow0, own0, _, _ = outlet(m, s.band, row, s.water)
        flow1, own1, _, _ = outlet(m, s.band1, row, s.water1)
        if n == 1:
            flow0, flow1 = s.rate - s.slope / by_w0, s.rate1 - _finite(s.slope1) / by_w1
        r.flow0, r.slope0, r.flow1, r.slope1 = flow0, own0 / by_w0 * s.slope, flow1, own1 / by_w1 * _finite(s.slope1)
        # so that what leaves in a step is Hermite's fourth order
        h = s.t1 - s.t
        r.bend0, r.root0, r.root1 = 0.0, 0.0, 0.0
        r.bend1 = -2.0 * (r.slope0 - r.slope1) / h


@inline
def _branch_ends(r: Any, kind: int, h: float) -> Any:
    return ends(kind, h, (r.flow0, r.slope0, r.bend0, r.root0), (r.flow1, r.slope1, r.bend1, r.root1))


@inline
def _hand_on_all(w: Any, b: Any, s: Any, t0: float, h: float) -> None:
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
def _look(w: Any, b: Any, s: Any, t: float) -> None:
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
    _look(w, b, s, s.t + h)
    return True


@inline
def turning_point(h: float, y0: float, y1: float, rate0: float, rate1: float) -> float:
    """The highest or lowest value within a step whose rate changes its sign, by Hermite's cubic."""
    x = rate0 / (rate0 - rate1)
    z = 1.0 - x
    return y0 * z * z * (1.0 + 2.0 * x) + y1 * x * x * (1.0 + 2.0 * z) + h * x * z * (z * rate0 - x * rate1)


@inline
def _try_step(m: Any, w: Any, b: Any, s: Any, t1: float, jet0: Any, begins: bool) -> bool:
    """Try a step to ``t1``, or to the edge of the segment if that comes first; false where it is too long for that."""
    low, high = m.edge[s.segment], m.edge[s.segment + 1]
    first, end = m.edge_band[s.segment], m.edge_band[s.segment + 1]
    _look(w, b, s, t1)
    s.kind = START if begins else PLAIN
    if math.isinf(s.slope1):
        if begins:
            return False
        s.kind = END
    came, h = s.came1 - s.came, t1 - s.t
    slope1 = _finite(s.slope1)
    s.water1, s.band1 = end_water(m, s, low, high, first, end, s.kind, h, came, s.rate1, slope1, jet0)
    if math.isinf(s.water1) and not _try_edge(m, w, b, s, h, jet0, begins):
        return False
    jet1, _, _ = whole_jet(m, s.band1, s.water1, s.rate1, _finite(s.slope1))
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
    near, far = ends(s.kind, h, (s.rate, _finite(s.slope), 0.0, 0.0), (s.rate1, _finite(s.slope1), 0.0, 0.0))
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


@inline
def run(m: Any, w: Any, b: Any, s: Any, until: float) -> None:
    """One accepted step of a running outlet, to ``until`` or to the edge of its segment at most."""
    a = m.band[s.band]
    jet0, by_w, _ = whole_jet(m, s.band, s.water, s.rate, _finite(s.slope))
    begins = (a.root and s.water <= a.origin) or math.isinf(s.slope)
    h = min(s.h, until - s.t)
    if not begins and by_w > 0.0:
        h = min(h, STIFF / by_w)
    for _ in range(200):
        t1 = s.t + h
        if t1 >= until - same_time(until):
            t1 = until
        if h <= same_time(s.t) or not _try_step(m, w, b, s, t1, jet0, begins):
            h *= 0.5
            continue
        h = s.t1 - s.t
        flow1, _, _, _ = outlet(m, s.band1, 0, s.water1)
        most = permitted(s, max(max(jet0[0], flow1), max(s.rate, s.rate1))) + ROUNDING * (s.start + s.came1)
        power = 1.0 / 6.0 if s.kind == PLAIN else 1.0 / 3.0
        growth = SAFETY * (most / max(s.error, 1e-300)) ** power
        if s.error <= most or h <= 8.0 * same_time(s.t):
            s.h = h * min(MOST, max(growth, LEAST))
            break
        h *= max(LEAST, growth)
    else:  # between two segments, by rounding: it stands for a moment
        _look(w, b, s, min(until, s.t + 1e-9 * (1.0 + s.t)))
        s.water1, s.band1, s.kind, s.h = s.water, s.band, PLAIN, until - s.t
    _set_branches(m, w, b, s)
    _step_over(w, b, s)


@jit
def _when_calm(w: Any, b: Any, s: Any, t0: float) -> float:
    """When in the step from ``t0`` that was handed on the water fell below what counts as still, by bisection."""
    low, high = t0, s.t
    while high - low > same_time(high):
        t = 0.5 * (low + high)
        came, _, _, _ = inflow(w, b.source_first, b.source_end, t, -1)
        water = s.start + came - s.spilt - b.base
        for j in range(b.stream_first, b.stream_end - 1):
            stream = w.stream[j]
            water -= evaluate(w.piece, stream.first + (stream.count - 1) * stream.stride, t)[0]
        if not low < t < high:
            break
        if water > s.calm_ml:
            low = t
        else:
            high = t
    return high


@jit
def _step_over(w: Any, b: Any, s: Any) -> None:
    """Take the step that was tried, and hand it on."""
    t0, before = s.t, s.water
    s.t, s.came, s.water, s.band = s.t1, s.came1, s.water1, s.band1
    settle_account(b, s)
    _hand_on_all(w, b, s, t0, s.t1 - t0)
    if before > s.calm_ml >= s.water:
        s.calm_s = _when_calm(w, b, s, t0)


@jit
def _follows(m: Any, s: Any, first: int, end: int, rate: float, slope: float) -> tuple[float, float, int]:
    """The water at which a level that only follows its inflow stands, how fast it answers, and its band.

    Its flow is the inflow less what the level itself takes up: Q = q - q' / (dQ/dW).
    """
    band, water, goal, by_w = s.band, s.water, rate, 0.0
    for look in range(40):
        flow, by_w, _, by_z = outlet(m, band, 0, water)
        if by_w <= 0.0:
            return -1.0, 0.0, band
        if look > 0:
            goal = rate - slope / by_w
        before, a = water, m.band[band]
        if a.root:
            z = math.sqrt(water - a.origin)
            z = max(z + (goal - flow) / by_z, 0.1 * z)
            water = a.origin + z * z
        else:
            water += (goal - flow) / by_w
        if not m.edge[s.segment] < water < m.edge[s.segment + 1]:
            return -1.0, 0.0, band
        band = find_band(m, band, first, end, water)
        if look > 1 and abs(water - before) <= 1e-15 * water + 1e-3 * s.close_ml:
            break
    return water, by_w, band


@inline
def follow(m: Any, w: Any, b: Any, s: Any, until: float) -> bool:
    """One step of a level that follows its inflow within the permitted error; false where it does not."""
    first, end = m.edge_band[s.segment], m.edge_band[s.segment + 1]
    near_ml = 0.1 * permitted(s, s.rate)
    if s.comes == 0 or math.isinf(s.slope) or s.rate <= 0.0:
        return False
    flow, by_w, _, _ = outlet(m, s.band, 0, s.water)
    if by_w * (until - s.t) < STIFF or abs(flow - s.rate + s.slope / by_w) > FAR * by_w * near_ml + FAR * EQUAL * flow:
        return False
    water, by_w0, _ = _follows(m, s, first, end, s.rate, s.slope)
    if abs(water - s.water) > near_ml or by_w0 * (until - s.t) < STIFF:
        return False
    h = until - s.t
    flow0 = s.rate - s.slope / by_w0
    for _ in range(8):
        if by_w0 * h < STIFF:
            return False
        _look(w, b, s, s.t + h if h < until - s.t else until)
        if math.isinf(s.slope1):
            h *= 0.4
            continue
        s.water1, by_w1, s.band1 = _follows(m, s, first, end, s.rate1, _finite(s.slope1))
        lag = abs(s.slope1 / (by_w1 * by_w1) - s.slope / (by_w0 * by_w0)) / (h * by_w1) if by_w1 > 0.0 else math.inf
        if s.water1 > 0.0 and lag <= near_ml:
            flow1 = s.rate1 - _finite(s.slope1) / by_w1
            whole = s.came1 - s.came - (s.water1 - s.water)
            near, far = (h * flow0, h * h * s.slope, 0.0), (h * flow1, h * h * s.slope1, 0.0)
            write_piece(w.piece, len(w.piece) - 1, s.t, h, PLAIN, 0.0, whole, near, far)
            middle = s.t + 0.5 * h
            came, rate, slope, _ = inflow(w, b.source_first, b.source_end, middle, -1)
            passed, _, _ = evaluate(w.piece, len(w.piece) - 1, middle)
            water, _, _ = _follows(m, s, first, end, rate, _finite(slope))
            straight = abs(0.5 * (near[0] + far[0]) + (near[1] - far[1]) / 12.0 - whole)
            if max(abs(s.water + came - s.came - passed - water), straight) <= 0.5 * s.close_ml:
                break
        h *= 0.4
    else:
        return False
    s.kind = PLAIN
    _set_following(m, w, b, s, by_w0, by_w1)
    _step_over(w, b, s)
    return True


@jit
def _leaves_bounds(w: Any, b: Any, s: Any, low: float, high: float, t1: float) -> float:
    """When the rate of the inflow leaves [low, high] before ``t1``, at which it is outside."""
    t0 = s.t
    for _ in range(60):
        if t1 - t0 <= same_time(t1):
            break
        middle = 0.5 * (t0 + t1)
        _, rate, _, _ = inflow(w, b.source_first, b.source_end, middle, -1)
        if low <= rate <= high:
            t0 = middle
        else:
            t1 = middle
    return t1


@jit
def stand(w: Any, b: Any, s: Any, until: float, low: float, high: float) -> None:
    """One step of a level that stands while its inflow lies between two rates: as much leaves as comes."""
    t0, scratch, h = s.t, len(w.piece) - 1, until - s.t
    jet0 = (s.rate, _finite(s.slope), 0.0, 0.0)
    for _ in range(200):
        _look(w, b, s, t0 + h if h < until - t0 else until)
        if s.slope * s.slope1 < 0.0 and not math.isinf(s.slope * s.slope1):
            most = turning_point(s.t1 - t0, s.rate, s.rate1, s.slope, s.slope1)
            if not low * (1.0 - EQUAL) <= most <= high * (1.0 + EQUAL) and h > 8.0 * same_time(t0):
                h *= 0.5
                continue
        if not low * (1.0 - EQUAL) <= s.rate1 <= high * (1.0 + EQUAL):
            t1 = _leaves_bounds(w, b, s, low * (1.0 - EQUAL), high * (1.0 + EQUAL), s.t1)
            _look(w, b, s, max(t1, t0 + 8.0 * same_time(t0)))
            h = s.t1 - t0
        begins, fades = math.isinf(s.slope), math.isinf(s.slope1)
        s.kind = START if begins else (END if fades else PLAIN)
        jet1 = (s.rate1, _finite(s.slope1), 0.0, 0.0)
        near, far = ends(s.kind, h, jet0, jet1)
        write_piece(w.piece, scratch, t0, h, s.kind, s.came, s.came1, near, far)
        s.error = 0.0
        for part in (0.25, 0.5, 0.75):
            came, _, _, _ = inflow(w, b.source_first, b.source_end, t0 + part * h, -1)
            s.error = max(s.error, abs(evaluate(w.piece, scratch, t0 + part * h)[0] - came))
        if (s.error <= 0.3 * s.close_ml and not (begins and fades)) or h <= 8.0 * same_time(t0):
            break
        h *= max(0.3, min(SAFETY * (0.3 * s.close_ml / max(s.error, 1e-300)) ** (1.0 / 6.0), 0.7))
    for j in range(b.stream_end - b.stream_first):
        r = w.branch[j]
        if j == b.stream_end - b.stream_first - 1 and r.part == 0.0:
            continue
        jet = (r.fixed + r.part * jet0[0], r.part * jet0[1], 0.0, 0.0)
        end = (r.fixed + r.part * s.rate1, r.part * _finite(s.slope1), 0.0, 0.0)
        near, far = ends(s.kind, h, jet, end)
        hand_on(w, b, s, j, t0, h, s.kind, r.fixed * h + r.part * (s.came1 - s.came), near, far)
    s.t, s.came = s.t1, s.came1


# ---- the whole time --------------------------------------------------------------------------------------------


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
def _turn(s: Any, low: float, high: float) -> int:
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
        _hand_on_nothing(w, b, s, spill)
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
    turn = _turn(s, low, high)
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
        _hand_on_nothing(w, b, s, b.stream_end - b.stream_first - 1)
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
