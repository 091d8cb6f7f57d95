"""All lanes of one bucket through one step in which nothing special happens: the engine's fast half, SIMD."""

from __future__ import annotations

from typing import Any

import numba as nb
from numba.extending import intrinsic

from .curve import between_bands, near
from .machine import (
    BANDS,
    BASE_ML,
    FLOWS,
    HIGH,
    LEAST_U,
    LOW,
    MID,
    MOST_U,
    PIPES,
    PLAN_AREA,
    SCALE,
    SEGMENTS,
    SHARE_ROW,
    K,
)
from .state import (  # fmt: skip
    ABOVE,
    BAND,
    BASE,
    BELOW,
    BEND,
    CAME,
    F0,
    F1,
    F2,
    F3,
    F4,
    F5,
    FLOW,
    FLOW0,
    GROUND,
    GUESS,
    INTO,
    LEAST,
    MIDDLE,
    MOST,
    NONE,
    ODD,
    OUT,
    PART,
    PER_PLAN,
    PER_U,
    PLAN,
    Q0,
    Q1,
    RATE1,
    RIM,
    RUNS,
    S0,
    S1,
    S2,
    S3,
    SEGMENT,
    TURN,
    UU,
    WATER,
    U,
    inline,
    jit,
    pipe_at,
    vessel_at,
)
from .vectors import Place, Row, lanewise, some

GROWTH = 0.25  # a stretch lets the head grow by no more than this
STEADY = 1e-6  # of a flow: by so little a rate may have jumped between two steps
SHRINK = 0.65  # and u fall to no less while water comes: nothing coming is solved exactly


@inline
def together(m: Any, o: Any, w: Any, b: int, h: float) -> bool:
    """Take every lane of a bucket that can be taken with others; return whether any are left, marked ODD."""
    at = vessel_at(b)
    strict = 1.0 if b < o.n_in else 0.0  # a lane marked before must be taken alone even if its outlet is dry
    segment = m.bucket[b, SEGMENTS]
    area, k = m.segments[segment, PLAN_AREA], m.bands[m.segment_bands[segment], K]
    if m.bucket[b + 1, SEGMENTS] == segment + 1 and k > 0.0:
        half = 0.25 * h * k / area
        bend = 2.0 * half * half / (3.0 * k)
        _straight(w, at, half, bend, 0.5 * h / area, area, 1.0 / area, k, m.segments[segment, MOST_U], strict)
        return bool(some(w, at + ODD))
    _begin(w, at, 0.5 * h, o.brim_ml_s[b], strict)
    if not some(w, at + ODD):
        return False
    _tune(m, o, w, b)
    _correct(w, at, 0.5 * h)
    _tune(m, o, w, b)
    _accept(w, at, h / 12.0)
    return bool(some(w, at + ODD))


@intrinsic
def _straight(
    typing: Any, w: Any, at: Any, half: Any, bend: Any, glide: Any, area: Any, per_area: Any, k: Any, high: Any,
    strict: Any,
) -> Any:  # fmt: skip
    """A step of all lanes where Q = k u in one segment: u1 + ``half`` is a root, corrected by ``bend``."""

    def kernel(
        v: Place, half: Row, bend: Row, glide: Row, area: Row, per_area: Row, k: Row, high: Row, strict: Row
    ) -> None:
        water, u0, came, qa, qb, flow0 = v[WATER], v[UU], v[CAME], v[Q0], v[Q1], v[FLOW]
        most = half * 2.0
        rest, fast = u0 - half, u0 > most
        g = rest * rest + came * per_area
        r0 = qa / u0
        p = u0 + glide * (r0 - k)
        u1 = (g + (fast & (p > most)).then(bend * (qb / p - r0), 0.0)).root() - half
        u1 = (g + (fast & (u1 > most)).then(bend * (qb / u1 - r0), 0.0)).root() - half
        runs, plain = v[RUNS] > 0.0, v[ODD].equals(0.0)
        dead = (water + came <= 0.0) & (v[ODD] * strict).equals(0.0) & v[RUNS].equals(0.0)
        whole = plain | (strict.equals(0.0) & (qa > 0.0) & (qb > 0.0))
        water1 = area * u1 * u1
        out = came + (water - water1)
        fine = (water > 0.0) & (u1 > 0.0) & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u1 < high)
        fine = fine & whole & runs & v[RIM].equals(0.0)
        fine = fine & (out >= 0.0) & ((u1 >= SHRINK * u0) | (came <= 0.0))
        v[FLOW0] = flow0
        v[OUT] = fine.then(out, 0.0)
        v[WATER] = fine.then(water1, dead.then(water + came, water))
        v[UU] = fine.then(u1, u0)
        v[FLOW] = fine.then(k * u1, flow0)
        v[ODD] = (fine | dead).then(0.0, 1.0)

    return lanewise(kernel, w, at, half, bend, glide, area, per_area, k, high, strict)


@intrinsic
def _begin(typing: Any, w: Any, at: Any, half_h: Any, brim: Any, strict: Any) -> Any:
    """Take the lanes in which a bucket only fills, or stands at its outlet and passes on what comes; GUESS the rest.

    It stands while no more comes than leaves it at once (``brim``, mL/s: under a full pipe, or the last water that
    surface tension lets go). The other lanes are marked 2, or 1 where they must be taken alone; the guess is where u
    would be as it moves now, and as that changes, within the segment.
    """

    def kernel(v: Place, half_h: Row, brim: Row, strict: Row) -> None:
        water, came, u0, flow0, qa, qb = v[WATER], v[CAME], v[UU], v[FLOW], v[Q0], v[Q1]
        flows, runs = (qa > 0.0) & (qb > 0.0), v[RUNS] > 0.0
        dead = (water + came <= 0.0) & v[RUNS].equals(0.0) & (v[ODD] * strict).equals(0.0)
        whole = v[ODD].equals(0.0) | (strict.equals(0.0) & flows)
        stands = runs & (u0 <= 0.0) & (water >= 0.0) & whole & flows
        stands = stands & (qa <= brim) & (qb <= brim) & ((qa - flow0).size() <= STEADY * brim)
        v[WATER] = dead.then(water + came, water)
        v[FLOW0] = flow0
        v[FLOW] = stands.then(qb, flow0)
        v[OUT] = stands.then(came, 0.0)
        v[ODD] = (dead | stands).then(0.0, whole.then(2.0, 1.0))
        slope0, per_u0, moves = _slope(v, u0), 1.0 / u0, qa - flow0
        part = half_h * v[PER_PLAN]
        v[TURN] = slope0
        v[BEND] = slope0 * moves * per_u0
        v[GROUND] = u0 * u0 + came * v[PER_PLAN] - part * flow0
        step = part * moves * per_u0
        u1 = u0 + step + 0.5 * per_u0 * (part * (qb - qa - slope0 * step) - step * step)
        v[GUESS] = u1.within(v[LEAST], v[MOST])

    return lanewise(kernel, w, at, half_h, brim, strict)


def _slope(v: Place, u: Row) -> Row:
    """dQ/du of the polynomial in force."""
    x = (u - v[MIDDLE]) * v[PER_U]
    slope = 5.0 * v[F5]
    for field, degree in ((F4, 4.0), (F3, 3.0), (F2, 2.0), (F1, 1.0)):
        slope = (degree * v[field]).grown(x, slope)
    return v[PER_U] * slope


def _flow(v: Place, u: Row) -> Row:
    """Q(u) of the polynomial in force."""
    x = (u - v[MIDDLE]) * v[PER_U]
    flow = v[F5]
    for field in (F4, F3, F2, F1, F0):
        flow = v[field].grown(x, flow)
    return flow


@intrinsic
def _astray(typing: Any, w: Any, at: Any) -> Any:
    """Whether any guess lies outside the band whose polynomial is in force."""
    return lanewise(lambda v: ((v[GUESS] > v[ABOVE]) | (v[GUESS] < v[BELOW])).any(), w, at, result=nb.boolean)


@jit
def _tune(m: Any, o: Any, w: Any, b: int) -> None:
    """Bring into force, in every lane, the polynomial of the band in which the guess lies."""
    at = vessel_at(b)
    if _astray(w, at):
        for lane in range(o.lanes):
            i = at + U(lane)
            u = w[i + GUESS]
            if w[i + ODD] == 2.0 and (u > w[i + ABOVE] or u < w[i + BELOW]):
                tune_lane(m, o.pipes, w, b, U(lane), near(m, int(w[i + SEGMENT]), int(w[i + BAND]), u))


@jit
def tune_lane(m: Any, pipes: Any, w: Any, b: int, off: Any, band: int) -> None:
    """Bring a band's polynomials into force in one lane."""
    i = vessel_at(b) + off
    row = m.bands[band]
    w[i + BAND], w[i + BELOW], w[i + ABOVE] = band, row[LOW], row[HIGH]
    if row[K] > 0.0:
        w[i + MIDDLE], w[i + PER_U], w[i + F0], w[i + F1] = 0.0, 1.0, 0.0, row[K]
        w[i + F2], w[i + F3], w[i + F4], w[i + F5] = 0.0, 0.0, 0.0, 0.0
    else:
        w[i + MIDDLE], w[i + PER_U] = row[MID], row[SCALE]
        f = row[FLOWS:]
        w[i + F0], w[i + F1], w[i + F2], w[i + F3], w[i + F4], w[i + F5] = f[0], f[1], f[2], f[3], f[4], f[5]
    if m.bucket[b, SHARE_ROW] >= 0:
        first = m.bucket[b, PIPES]
        fan = m.bucket[b + 1, PIPES] - first
        shares = m.bucket[b, SHARE_ROW] + (band - m.bucket[b, BANDS]) * fan
        for j in range(fan):
            p = pipe_at(pipes, first + j) + off
            c = m.shares[shares + j]
            w[p + S0], w[p + S1], w[p + S2], w[p + S3] = c[0], c[1], c[2], c[3]


@jit
def place_lane(m: Any, pipes: Any, w: Any, b: int, off: Any, segment: int, band: int) -> None:
    """Note in which segment and band a lane stands."""
    i = vessel_at(b) + off
    row = m.segments[segment]
    w[i + SEGMENT], w[i + LEAST], w[i + MOST] = segment, row[LEAST_U], row[MOST_U]
    w[i + PLAN], w[i + PER_PLAN], w[i + BASE] = row[PLAN_AREA], 1.0 / row[PLAN_AREA], row[BASE_ML]
    tune_lane(m, pipes, w, b, off, band)


@jit
def stand_between(m: Any, pipes: Any, w: Any, b: int, off: Any, below: int, above: int) -> None:
    """Bring the shares into force with which a lane stands on the edge between two bands; it is in no band then."""
    i, first = vessel_at(b) + off, m.bucket[b, PIPES]
    if m.bucket[b, SHARE_ROW] < 0:
        return
    w[i + BAND] = NONE
    for j in range(m.bucket[b + 1, PIPES] - first):
        p = pipe_at(pipes, first + j) + off
        fixed, part = between_bands(m, b, j, below, above, w[i + UU])
        w[p + S0], w[p + S1], w[p + S2], w[p + S3] = part + fixed / w[i + FLOW], 0.0, 0.0, 0.0


@intrinsic
def _correct(typing: Any, w: Any, at: Any, half_h: Any) -> Any:
    """A better GUESS: the root of the quadratic with flow and slope at the last one."""

    def kernel(v: Place, half_h: Row) -> None:
        u0, p = v[UU], v[GUESS].within(v[LEAST], v[MOST])
        part = half_h * v[PER_PLAN]
        flow, slope = _flow(v, p), _slope(v, p)
        b = part * slope
        extra = part * part * (1.0 / 6.0) * (slope * (v[Q1] - flow) / p - v[BEND])
        fits = (u0 > part * v[TURN]) & (p > b) & (p > 0.5 * u0)
        rest = v[GROUND] + fits.then(extra, 0.0) - part * (flow - slope * p)
        v[GUESS] = 0.5 * ((b * b + 4.0 * rest).root() - b)

    return lanewise(kernel, w, at, half_h)


@intrinsic
def _accept(typing: Any, w: Any, at: Any, twelfth: Any) -> Any:
    """Take the guess as u where it stays in the segment and grows gently."""

    def kernel(v: Place, twelfth: Row) -> None:
        water, came, u0, u1, flow0, least = v[WATER], v[CAME], v[UU], v[GUESS], v[FLOW], v[LEAST]
        flow = _flow(v, u1)
        water1 = v[BASE] + v[PLAN] * (u1 - least) * (u1 + least)
        out = came + (water - water1)
        fine = v[ODD].equals(2.0) & (water > 0.0) & (u1 > least) & (u1 < v[MOST]) & (out >= 0.0)
        fine = fine & (u1 * u1 <= (1.0 + GROWTH) * u0 * u0) & (u0 > least) & (v[RUNS] > 0.0) & v[RIM].equals(0.0)
        fine = fine & ((u1 >= SHRINK * u0) | (came <= 0.0))
        v[OUT] = fine.then(out, v[OUT])
        v[TURN] = fine.then(twelfth * (flow - flow0), 0.0)
        v[WATER] = fine.then(water1, water)
        v[UU] = fine.then(u1, u0)
        v[FLOW] = fine.then(flow, flow0)
        v[ODD] = fine.then(0.0, v[ODD])

    return lanewise(kernel, w, at, twelfth)


@intrinsic
def deal(typing: Any, w: Any, bucket: Any, pipe: Any) -> Any:
    """A branch takes its share of what left a bucket.

    With the share s0 as the step began and s1 now: INTO = OUT (s0 + s1) / 2 + TURN (s1 - s0), exact where the share
    changes evenly, but where a lane was taken alone (ODD), stretch by stretch; RATE1 = s1 FLOW; PART = s1.
    """

    def kernel(v: Place, p: Place) -> None:
        x = (v[UU] - v[MIDDLE]) * v[PER_U]
        before, now = p[PART], p[S3]
        for field in (S2, S1, S0):
            now = p[field].grown(x, now)
        into = (0.5 * (before + now) * v[OUT]).grown(v[TURN], now - before)
        p[INTO] = v[ODD].equals(0.0).then(into, p[INTO])
        p[RATE1] = now * v[FLOW]
        p[PART] = now

    return lanewise(kernel, w, bucket, pipe)
