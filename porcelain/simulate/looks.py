"""What a lane that is taken alone had passed by the times at which somebody looks.

Between the ends of a step, volumes follow the cubic through volume and rate at both ends. Where a lane starts, stops
or meets a break in the pouring it is taken in stretches, each with a cubic of its own; what that differs from the
plain cubic is kept here and put right when the rows are written.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arrays import Floats, Ints
from .curve import between_bands, cubic, cubic_rate, rising, share_at
from .machine import PIPES, SHARE_ROW
from .state import INTO, LANES, OUT, OVER, SPILT, SPILT0, SPILT_REST, gain, inline, jit, pipe_at

FROM, UNTIL, AT, ENTRIES = range(4)  # columns of Looks.cursor
ABREAST = 4  # rows of volumes written at a time
BUCKET, LANE = range(2)  # columns of Looks.who


class Looks(NamedTuple):
    """``times`` (T,) s; ``cursor`` (4,) those inside this step, the next of them, and how many lanes are noted.

    ``who`` (E, 2) bucket and lane; ``amount`` and ``rate`` (E, fan + 1, K): by each of the K times in the step, out of
    each branch (the first: all, where shares are constant) and over the rim. ``aside`` (ABREAST * V * LANES,) rows of
    volumes on their way, ``weights`` (ABREAST, 3) what they are made with.
    """

    times: Floats
    cursor: Ints
    who: Ints
    amount: Floats
    rate: Floats
    aside: Floats
    weights: Floats


def room_to_look(times: Floats, most: int, lanes: int, fan: int, vessels: int) -> Looks:
    """Room for as many lanes as there are, with ``most`` times in a step."""
    shape = (lanes if most else 0, fan + 1, most)
    aside = np.zeros((ABREAST if most else 0) * vessels * LANES)
    who = np.zeros((lanes, 2), dtype=np.int64)
    return Looks(
        times, np.zeros(4, dtype=np.int64), who, np.zeros(shape), np.zeros(shape), aside, np.zeros((ABREAST, 3))
    )


@inline
def open_entry(look: Any, b: int, lane: int) -> None:
    """Begin to note what a lane of a bucket does in this step."""
    if look.cursor[UNTIL] > look.cursor[FROM]:
        e = look.cursor[ENTRIES]
        look.who[e, BUCKET], look.who[e, LANE] = b, lane
        look.cursor[ENTRIES] = e + 1
        look.cursor[AT] = look.cursor[FROM]


@inline
def pass_out(
    m: Any, w: Any, pipes: Any, b: int, at: Any, off: Any, band0: int, u0: float, band1: int, u1: float,
    out: float, q0: float, q1: float, t0: float, t1: float, look: Any,
) -> None:  # fmt: skip
    """Let a stretch's outflow leave, and note what had left by the times at which somebody looks.

    The outflow begins at the rate q0 and ends at q1. Two bands at one u: the level stands between them.
    """
    if look.cursor[AT] < look.cursor[UNTIL] or m.bucket[b, SHARE_ROW] >= 0:
        _note_and_split(m, w, pipes, b, at, off, band0, u0, band1, u1, out, q0, q1, t0, t1, look)
    w[at + OUT] += out


@inline
def _branch(
    m: Any, b: int, j: int, band0: int, u0: float, band1: int, u1: float, out: float, q0: float, q1: float, h: float
) -> tuple[float, float, float]:
    """What goes into the j-th branch of a bucket in a stretch, and at what rate first and last."""
    if band0 != band1 and u0 == u1:
        fixed, part = between_bands(m, b, j, band0, band1, u0)
        return fixed * h + part * out, fixed + part * q0, fixed + part * q1
    s0, s1 = share_at(m, b, j, band0, u0), share_at(m, b, j, band1, u1)
    # makes the split exact for straight shares; no branch gets less than nothing
    turn = min(max(h * (q1 - q0) / 12.0, -0.5 * out), 0.5 * out)
    return 0.5 * (s0 + s1) * out + turn * (s1 - s0), s0 * q0, s1 * q1


@jit
def _note_and_split(
    m: Any, w: Any, pipes: Any, b: int, at: Any, off: Any, band0: int, u0: float, band1: int, u1: float,
    out: float, q0: float, q1: float, t0: float, t1: float, look: Any,
) -> None:  # fmt: skip
    h = t1 - t0
    first = m.bucket[b, PIPES]
    fan = m.bucket[b + 1, PIPES] - first
    constant = m.bucket[b, SHARE_ROW] < 0
    k = look.cursor[AT]
    while k < look.cursor[UNTIL] and look.times[k] <= t1:
        e, n = look.cursor[ENTRIES] - 1, k - look.cursor[FROM]
        s = (look.times[k] - t0) / h if h > 0.0 else 1.0
        if constant:
            look.amount[e, 0, n] = w[at + OUT] + rising(s, out, q0 * h, q1 * h)
            look.rate[e, 0, n] = cubic_rate(s, out, q0 * h, q1 * h) / h if h > 0.0 else q1
        else:
            for j in range(fan):
                into, rate0, rate1 = _branch(m, b, j, band0, u0, band1, u1, out, q0, q1, h)
                before = w[pipe_at(pipes, first + j) + INTO + off]
                look.amount[e, j, n] = before + rising(s, into, rate0 * h, rate1 * h)
                look.rate[e, j, n] = cubic_rate(s, into, rate0 * h, rate1 * h) / h if h > 0.0 else rate1
        look.amount[e, look.amount.shape[1] - 1, n] = w[at + SPILT] - w[at + SPILT0]
        k += 1
    look.cursor[AT] = k
    if not constant:
        for j in range(fan):
            into, _, _ = _branch(m, b, j, band0, u0, band1, u1, out, q0, q1, h)
            w[pipe_at(pipes, first + j) + INTO + off] += into


@jit
def spill_over(w: Any, at: Any, over: float, q0: float, q1: float, t0: float, t1: float, k: int, look: Any) -> None:
    """Let water go over the rim in a stretch, whose outflow was noted at the times from the k-th on."""
    h = t1 - t0
    while k < look.cursor[AT]:
        e, n = look.cursor[ENTRIES] - 1, k - look.cursor[FROM]
        s = (look.times[k] - t0) / h
        look.amount[e, look.amount.shape[1] - 1, n] += cubic(s, over, q0 * h, q1 * h)
        k += 1
    gain(w, at + SPILT, at + SPILT_REST, over)
    w[at + OVER] += over
