"""Local rules: what a section learns from itself, the section before it and the section beside it.

Every function gets all of both pipes but reads and writes at section ``k`` and its neighbours only. The tests fill the
rest with NaN. Section k of F leads from level k - 1 to level k, and section k of B leads from k back to k - 1. The
loops are compiled by numba. They are faster than BLAS at small widths only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..arrays import Floats, Ints

LINEAR, TANH, SIGMOID = 0, 1, 2
F, B = 0, 1


class Flow(NamedTuple):
    """Both pipes while a batch runs through them. Arrays are flat so that one compiled rule serves every shape."""

    widths: Ints  # (L + 1,)
    at: Ints  # (2, L + 1) where section k of F and of B starts in its weights
    forward: Floats  # weights of F, biases last in each section
    backward: Floats
    f: Floats  # (L + 1, batch * widest) what F carries at each level
    b: Floats  # the same of B
    scratch: Floats  # (3, batch * widest)
    nonlinearity: NDArray[np.int64]  # (2, L + 1) how section k of F and of B squashes


@njit(cache=True)
def rows(store: Floats, k: int, m: int, width: int) -> Floats:
    """Level k of a store as (m, width)."""
    return store[k, : m * width].reshape(m, width)


@njit(cache=True)
def section(flow: Flow, pipe: int, k: int) -> tuple[Floats, int]:
    """Weights of section k, (n_in + 1, n_out), and how it squashes."""
    low, high = flow.widths[k - 1], flow.widths[k]
    start = flow.at[pipe, k]
    if pipe == F:
        return flow.forward[start : start + (low + 1) * high].reshape(low + 1, high), flow.nonlinearity[F, k]
    return flow.backward[start : start + (high + 1) * low].reshape(high + 1, low), flow.nonlinearity[B, k]


@njit(cache=True)
def run(x: Floats, weights: Floats, nonlinearity: int, out: Floats) -> None:
    """One section: ``out`` (m, n_out) from ``x`` (m, n_in)."""
    n = weights.shape[0] - 1
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = weights[n, j]
        for h in range(n):
            for j in range(out.shape[1]):
                out[i, j] += x[i, h] * weights[h, j]
        if nonlinearity == TANH:
            for j in range(out.shape[1]):
                out[i, j] = np.tanh(out[i, j])
        elif nonlinearity == SIGMOID:
            for j in range(out.shape[1]):
                out[i, j] = 1.0 / (1.0 + np.exp(-out[i, j]))


@njit(cache=True)
def scale_by_slope(error: Floats, own: Floats, nonlinearity: int) -> None:
    """Turn an error at a section's outlet into one before its nonlinearity."""
    for i in range(error.shape[0]):
        for j in range(error.shape[1]):
            if nonlinearity == TANH:
                error[i, j] *= 1.0 - own[i, j] ** 2
            elif nonlinearity == SIGMOID:
                error[i, j] *= own[i, j] * (1.0 - own[i, j])


@njit(cache=True)
def correct(x: Floats, error: Floats, weights: Floats, step: float) -> None:
    """Widrow and Hoff's correction: weights += step * mean of x error.

    The step is held below 2 / (1 + mean |x|^2), where a section would overshoot its own samples.
    """
    m, n = x.shape[0], weights.shape[0] - 1
    power = 0.0
    for i in range(m):
        for h in range(n):
            power += x[i, h] ** 2
    rate = min(step, 2.0 / (1.0 + power / m)) / m
    for i in range(m):
        for h in range(n):
            for j in range(weights.shape[1]):
                weights[h, j] += rate * x[i, h] * error[i, j]
        for j in range(weights.shape[1]):
            weights[n, j] += rate * error[i, j]


@njit(cache=True)
def follow(flow: Flow, pipe: int, k: int, m: int, x: Floats, own: Floats, wanted: Floats, step: float) -> None:
    """The delta rule: section k moves what it gave, ``own``, towards ``wanted``, given ``x``."""
    weights, nonlinearity = section(flow, pipe, k)
    error = rows(flow.scratch, 2, m, own.shape[1])
    for i in range(m):
        for j in range(own.shape[1]):
            error[i, j] = wanted[i, j] - own[i, j]
    scale_by_slope(error, own, nonlinearity)
    correct(x, error, weights, step)


@njit(cache=True)
def rise(flow: Flow, k: int, m: int) -> None:
    """F carries the batch from level k - 1 to k."""
    weights, nonlinearity = section(flow, F, k)
    below, above = rows(flow.f, k - 1, m, flow.widths[k - 1]), rows(flow.f, k, m, flow.widths[k])
    run(below, weights, nonlinearity, above)


@njit(cache=True)
def fall(flow: Flow, k: int, m: int) -> None:
    """B carries the batch from level k to k - 1."""
    weights, nonlinearity = section(flow, B, k)
    run(rows(flow.b, k, m, flow.widths[k]), weights, nonlinearity, rows(flow.b, k - 1, m, flow.widths[k - 1]))


# --- difference target propagation, strict: Lee, Zhang, Fischer, Bengio, ECML 2015, doi 10.1007/978-3-319-23528-8_31


@njit(cache=True)
def target_rebuild(flow: Flow, k: int, m: int, noise: Floats, step: float) -> None:
    """Section k of B learns to rebuild what F carries below it from a noisy copy of what F carries above it.

    ``noise`` (m, width) is added; rebuilding from around a point, not at it, is what teaches B the way back for
    targets F never reached.
    """
    below, above = rows(flow.f, k - 1, m, flow.widths[k - 1]), rows(flow.f, k, m, flow.widths[k])
    noisy, rebuilt = rows(flow.scratch, 0, m, above.shape[1]), rows(flow.scratch, 1, m, below.shape[1])
    for i in range(m):
        for j in range(above.shape[1]):
            noisy[i, j] = above[i, j] + noise[i, j]
    weights, nonlinearity = section(flow, B, k)
    run(noisy, weights, nonlinearity, rebuilt)
    follow(flow, B, k, m, noisy, rebuilt, below, step)


@njit(cache=True)
def target_fall(flow: Flow, k: int, m: int) -> None:
    """B carries the target down: F's own value plus B(target) - B(F), the way back less B's error on the way."""
    fall(flow, k, m)
    below, target = rows(flow.f, k - 1, m, flow.widths[k - 1]), rows(flow.b, k - 1, m, flow.widths[k - 1])
    echo = rows(flow.scratch, 1, m, below.shape[1])
    weights, nonlinearity = section(flow, B, k)
    run(rows(flow.f, k, m, flow.widths[k]), weights, nonlinearity, echo)
    for i in range(m):
        for j in range(below.shape[1]):
            target[i, j] += below[i, j] - echo[i, j]


@njit(cache=True)
def target_follow(flow: Flow, k: int, m: int, step: float) -> None:
    """Section k of F follows the target that B carries beside it."""
    below, own = rows(flow.f, k - 1, m, flow.widths[k - 1]), rows(flow.f, k, m, flow.widths[k])
    follow(flow, F, k, m, below, own, rows(flow.b, k, m, flow.widths[k]), step)


# --- the neighbour rule: J. Schmidhuber, The Neural Heat Exchanger, ICONIP 1996, in the words of its abstract


@njit(cache=True)
def delta_follow(flow: Flow, pipe: int, k: int, m: int, step: float) -> None:
    """Section k follows the one across, and the one before it where their widths agree, by the delta rule."""
    low, high = flow.widths[k - 1], flow.widths[k]
    if pipe == F:
        before, own, beside = rows(flow.f, k - 1, m, low), rows(flow.f, k, m, high), rows(flow.b, k, m, high)
    else:
        before, own, beside = rows(flow.b, k, m, high), rows(flow.b, k - 1, m, low), rows(flow.f, k - 1, m, low)
    wanted = rows(flow.scratch, 0, m, own.shape[1])
    for i in range(m):
        for j in range(own.shape[1]):
            wanted[i, j] = beside[i, j]
            if low == high:
                wanted[i, j] += before[i, j] - own[i, j]
    follow(flow, pipe, k, m, before, own, wanted, step)


# --- the article's rule; porcelain.exchange.article has it in plain NumPy. ``weights`` (L, n + 1, n) of one pipe,
# ``carries`` and ``facing`` (L + 1, n) of both; the section leads from level ``source`` to level ``outlet``. Indices,
# not views: at width 2 a view costs more than the section.


@njit(cache=True)
def article_run(weights: Floats, k: int, carries: Floats, source: int, outlet: int) -> None:
    """One sigmoid section carries one sample on."""
    n = carries.shape[1]
    for j in range(n):
        total = weights[k, n, j]
        for h in range(n):
            total += carries[source, h] * weights[k, h, j]
        carries[outlet, j] = 1.0 / (1.0 + np.exp(-total))


@njit(cache=True)
def article_change(
    weights: Floats, k: int, carries: Floats, source: int, outlet: int, facing: Floats, step: float
) -> None:
    """Weights change by weight / column sum * ((before - own) + (beside - own)) * step."""
    n = carries.shape[1]
    for j in range(n):
        own = carries[outlet, j]
        difference = (carries[source, j] - own) + (facing[outlet, j] - own)
        total = 0.0
        for h in range(n):
            total += weights[k, h, j]
        for h in range(n):
            weights[k, h, j] += weights[k, h, j] / total * difference * step
