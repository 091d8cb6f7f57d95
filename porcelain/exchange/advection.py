"""Compiled finite-volume steps of heat in two touching pipes, used by :mod:`porcelain.exchange.thermal`."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..arrays import Floats


@njit(cache=True)
def faces(u: Floats, inlet: float, out: Floats) -> None:
    """Values (n + 1,) at the faces of cells with means ``u`` (n,), water running to higher indices.

    Koren's limited formula inside. The parabola through the inlet and the first two means, and the one through the
    last three, stand in for it at the ends, held to the same limits.
    """
    n = u.shape[0]
    out[0] = inlet
    for c in range(n):
        behind = u[c] - (u[c - 1] if c > 0 else 2.0 * inlet - u[0])
        if c == 0:
            ahead, lift = u[1] - u[0], (u[0] + u[1] - 2.0 * inlet) / 4.0
        elif c == n - 1:
            ahead, lift = behind, (2.0 * u[c - 2] - 7.0 * u[c - 1] + 5.0 * u[c]) / 6.0
        else:
            ahead = u[c + 1] - u[c]
            lift = ahead / 3.0 + behind / 6.0
        if ahead * behind <= 0.0:
            lift = 0.0
        elif ahead > 0.0:
            lift = max(0.0, min(lift, ahead, behind))
        else:
            lift = min(0.0, max(lift, ahead, behind))
        out[c + 1] = u[c] + lift


@njit(cache=True)
def change(
    state: Floats,
    inlets: Floats,
    speeds: Floats,
    stored: Floats,
    rate: Floats,
    dx: float,
    mirrored: bool,
    out: Floats,
    face: Floats,
    moved: Floats,
) -> None:
    """Rate of change (2, n) of both pipes, each in the order of its own flow, and of the heat moved (3,), W."""
    n = state.shape[1]
    moved[:] = 0.0
    for s in range(2):
        faces(state[s], inlets[s], face)
        moved[0] += speeds[s] * stored[s] * face[0]
        moved[1] += speeds[s] * stored[s] * face[n]
        for i in range(n):
            other = state[1 - s, n - 1 - i if mirrored else i]
            heat = rate[0] * (other - state[s, i]) - rate[1] * state[s, i]
            out[s, i] = -speeds[s] * (face[i + 1] - face[i]) / dx + heat / stored[s]
            moved[2] += rate[1] * state[s, i] * dx


@njit(cache=True)
def advance(
    state: Floats,
    inlets: Floats,
    speeds: Floats,
    stored: Floats,
    rate: Floats,
    dx: float,
    dt: float,
    steps: int,
    mirrored: bool,
) -> Floats:
    """Step ``state`` (2, n), K above the room, in place; what entered, left and was lost meanwhile, (3,) J.

    ``rate`` is exchange and loss, W/(mm K); ``stored`` J/(mm K) of each pipe; ``speeds`` mm/s.
    """
    slope, first, second = np.empty_like(state), np.empty_like(state), np.empty_like(state)
    face, moved, total = np.empty(state.shape[1] + 1), np.empty(3), np.zeros(3)
    for _ in range(steps):
        change(state, inlets, speeds, stored, rate, dx, mirrored, slope, face, moved)
        total += dt * moved / 6.0
        first[:] = state + dt * slope
        change(first, inlets, speeds, stored, rate, dx, mirrored, slope, face, moved)
        total += dt * moved / 6.0
        second[:] = 0.75 * state + 0.25 * (first + dt * slope)
        change(second, inlets, speeds, stored, rate, dx, mirrored, slope, face, moved)
        total += dt * moved * (2.0 / 3.0)
        state[:] = state / 3.0 + (second + dt * slope) * (2.0 / 3.0)
    return total


@njit(cache=True)
def outlets(state: Floats, inlets: Floats) -> Floats:
    """What leaves both pipes, (2,) K above the room."""
    face, out = np.empty(state.shape[1] + 1), np.empty(2)
    for s in range(2):
        faces(state[s], inlets[s], face)
        out[s] = face[-1]
    return out
