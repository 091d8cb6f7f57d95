"""Rule loops: one compiled training loop for each local rule and each control."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..arrays import Floats, Ints
from .rules import (
    B,
    F,
    Flow,
    article_change,
    article_run,
    correct,
    delta_follow,
    fall,
    follow,
    rise,
    rows,
    scale_by_slope,
    section,
    target_fall,
    target_follow,
    target_rebuild,
)

LEAD = 2.0  # B learns at this multiple of F's step: a way back that lags behind F points nowhere


@njit(cache=True)
def pour(flow: Flow, points: Floats, labels: Floats, order: Ints, start: int, m: int) -> None:
    """Rows of the batch into level 0 of F and level L of B."""
    last = flow.widths.shape[0] - 1
    x, y = rows(flow.f, 0, m, flow.widths[0]), rows(flow.b, last, m, flow.widths[last])
    for i in range(m):
        x[i] = points[order[start + i]]
        y[i] = labels[order[start + i]]
    for k in range(1, last + 1):
        rise(flow, k, m)


@njit(cache=True)
def target(flow: Flow, points: Floats, labels: Floats, order: Ints, noise: Floats, batch: int, steps: Floats) -> None:
    last = flow.widths.shape[0] - 1
    for turn in range(steps.shape[0]):
        start = turn * batch
        m = min(batch, order.shape[0] - start)
        pour(flow, points, labels, order, start, m)
        column = 0
        for k in range(1, last + 1):
            target_rebuild(flow, k, m, noise[start : start + m, column : column + flow.widths[k]], LEAD * steps[turn])
            column += flow.widths[k]
        for k in range(last, 0, -1):
            target_fall(flow, k, m)
        for k in range(1, last + 1):
            target_follow(flow, k, m, steps[turn])


@njit(cache=True)
def delta(flow: Flow, points: Floats, labels: Floats, order: Ints, noise: Floats, batch: int, steps: Floats) -> None:
    last = flow.widths.shape[0] - 1
    for turn in range(steps.shape[0]):
        start = turn * batch
        m = min(batch, order.shape[0] - start)
        pour(flow, points, labels, order, start, m)
        for k in range(last, 0, -1):
            fall(flow, k, m)
        for k in range(1, last + 1):
            delta_follow(flow, F, k, m, steps[turn])
            delta_follow(flow, B, k, m, steps[turn])


@njit(cache=True)
def article(flow: Flow, points: Floats, labels: Floats, order: Ints, noise: Floats, batch: int, steps: Floats) -> None:
    """Sample by sample; all widths are equal, so that each pipe's weights are one (L, n + 1, n) array."""
    last, n = flow.widths.shape[0] - 1, flow.widths[0]
    forward, backward = flow.forward.reshape(last, n + 1, n), flow.backward.reshape(last, n + 1, n)
    f, b = np.empty((last + 1, n)), np.empty((last + 1, n))
    for turn in range(order.shape[0]):
        for j in range(n):
            f[0, j], b[last, j] = points[order[turn], j], labels[order[turn], j]
        for k in range(last):
            article_run(forward, k, f, k, k + 1)
        for k in range(last - 1, -1, -1):
            article_run(backward, k, b, k + 1, k)
        for k in range(last):
            article_change(forward, k, f, k, k + 1, b, steps[turn])
            article_change(backward, k, b, k + 1, k, f, steps[turn])


@njit(cache=True)
def backprop(flow: Flow, points: Floats, labels: Floats, order: Ints, noise: Floats, batch: int, steps: Floats) -> None:
    """Control, not local: the squared error's gradient runs down F through F's own weights."""
    last = flow.widths.shape[0] - 1
    for turn in range(steps.shape[0]):
        start = turn * batch
        m = min(batch, order.shape[0] - start)
        pour(flow, points, labels, order, start, m)
        error = rows(flow.b, last, m, flow.widths[last])
        error -= rows(flow.f, last, m, flow.widths[last])
        for k in range(last, 0, -1):
            weights, nonlinearity = section(flow, F, k)
            error = rows(flow.b, k, m, flow.widths[k])
            scale_by_slope(error, rows(flow.f, k, m, flow.widths[k]), nonlinearity)
            below, down = rows(flow.f, k - 1, m, flow.widths[k - 1]), rows(flow.b, k - 1, m, flow.widths[k - 1])
            for i in range(m):
                for h in range(down.shape[1]):
                    down[i, h] = 0.0
                    for j in range(error.shape[1]):
                        down[i, h] += error[i, j] * weights[h, j]
            correct(below, error, weights, steps[turn])


@njit(cache=True)
def last_only(
    flow: Flow, points: Floats, labels: Floats, order: Ints, noise: Floats, batch: int, steps: Floats
) -> None:
    """Control: the random sections stay as they are, and only the last learns."""
    last = flow.widths.shape[0] - 1
    for turn in range(steps.shape[0]):
        start = turn * batch
        m = min(batch, order.shape[0] - start)
        pour(flow, points, labels, order, start, m)
        below, own = rows(flow.f, last - 1, m, flow.widths[last - 1]), rows(flow.f, last, m, flow.widths[last])
        follow(flow, F, last, m, below, own, rows(flow.b, last, m, flow.widths[last]), steps[turn])
