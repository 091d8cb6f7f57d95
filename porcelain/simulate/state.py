"""Where the lanes of a block keep what they know: one flat array, so that loops over lanes become SIMD.

A vessel has FIELDS fields of LANES doubles, a pipe that keeps its own account PIPE_FIELDS; every lane is a pour.
"""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

LANES = 16  # doubles in four AVX2 registers: enough to hide the latency of a root
U = np.uint64  # unsigned indices into one array: no wraparound and no alias, so that the loops become SIMD
EACH = U(LANES)

# came in this step, and the rate last through pipes, in all, and in all first; 1 for a lane to be taken alone
CAME, RATE, Q1, Q0, ODD = (U(f * LANES) for f in range(5))
# left in this step through the outlet, and the rate last and first: what a pipe below hands on, with a share
OUT, FLOW, FLOW0 = (U(f * LANES) for f in range(5, 8))
# volume above the lowest running level (a cup: all of it), now and as the step began; root of that head
WATER, WATER0, UU = (U(f * LANES) for f in range(8, 11))
# whether the outlet runs and the rim is reached; when it began and ended within a step; when it stopped last
RUNS, RIM, BEGIN, END, STOPPED = (U(f * LANES) for f in range(11, 16))
# all that left over the rim, now and as the step began; not yet led on; all that left through the outlet
SPILT, SPILT0, OVER, TOTAL = (U(f * LANES) for f in range(16, 20))
# the stretch of head a lane is in and, copied from the tables, its edges, plan area and water at the lower edge
SEGMENT, LEAST, MOST, PLAN, BASE = (U(f * LANES) for f in range(20, 25))
# the polynomial in force: its band, that band's edges, and flow in x = (u - MIDDLE) * PER_U
BAND, BELOW, ABOVE, MIDDLE, PER_U, F0, F1, F2, F3, F4, F5 = (U(f * LANES) for f in range(25, 36))
# a guess at u; dQ/du as the step began, then h (Q1 - Q0) / 12; what of the step's equation does not hang on the guess
GUESS, TURN, GROUND, BEND, PER_PLAN = (U(f * LANES) for f in range(36, 41))
# what rounding kept back of the water in a cup and of what left over the rim
CUP_REST, SPILT_REST = (U(f * LANES) for f in range(41, 43))
FIELDS = 43  # odd: the same field of all vessels does not fall into a few sets of the cache

# arrived late at the far end in this step, and the rate last and first; went in, and the rate last and first
GOT, GOT1, GOT0, INTO, RATE1, RATE0 = (U(f * LANES) for f in range(6))
# all that went in and all that arrived late; the share now, and its polynomial
PASSED, ARRIVED, PART, S0, S1, S2, S3 = (U(f * LANES) for f in range(6, 13))
PIPE_FIELDS = 13

STARTS, STOPS, RIM_REACHED, RIM_LEFT = range(4)  # what an event may be
NONE = -1.0

# No function here makes or keeps an array, so none has to count references to them (_nrt): that counting is atomic
# and took two thirds of the time. The Machine is a long argument: small functions are inlined for its sake.
jit = nb.njit(nogil=True, error_model="numpy", _nrt=False)
once = nb.njit(nogil=True, error_model="numpy", _nrt=False, inline="always")  # called in one place: compiled there
inline = nb.njit(nogil=True, error_model="numpy", _nrt=False, forceinline=True)


@inline
def vessel_at(v: int) -> Any:
    """Where a vessel's fields begin."""
    return U(v * FIELDS * LANES)


@inline
def pipe_at(pipes: Any, p: int) -> Any:
    """Where a pipe's fields begin; ``pipes`` is where those of all pipes do."""
    return pipes + U(p * PIPE_FIELDS * LANES)


@inline
def gain(w: Any, total: Any, rest: Any, what: float) -> None:
    """w[total] += what, and w[rest] keeps what rounding takes from it (Kahan, Comm. ACM 8 (1965) 40)."""
    more, before = what + w[rest], w[total]
    w[total] = before + more
    w[rest] = more - (w[total] - before)


@jit
def note(log: Any, b: int, what: int, time: float) -> None:
    """Write an event into log (time, vessel, what); row 0 counts."""
    n = int(log[0, 0])
    if n + 1 < log.shape[0]:
        log[n + 1, 0] = time
        log[n + 1, 1] = b
        log[n + 1, 2] = what
    log[0, 0] = n + 1
