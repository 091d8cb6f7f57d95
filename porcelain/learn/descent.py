"""Going downhill: where to start, L-BFGS, and the article's Adam."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arrays import Floats
from .shape import Shape, softmax

LossFunction = Callable[[Floats], tuple[float, Floats]]

KEPT_AT_START = 0.6
"""A start keeps up to this part of a bucket's median inflow. On Iris 0.6 finds the best known loss in three of four
starts, 0.3 or 0.9 in half of them, standard normal heights (the article's) in a quarter."""

SPREAD_AT_START = 0.3
"""Standard deviation of a start's logits: pipes begin nearly even, so that no path is closed by chance."""


def random_start(shape: Shape, volumes: Floats, rng: np.random.Generator) -> Floats:
    """A trainer's numbers (shape.size,) that keep a moderate part of the water (batch, n_in) u in every bucket."""
    theta = np.empty(shape.size)
    inflow = volumes
    for (height, logits), table in zip(shape.split(theta), shape.pipes, strict=True):
        logits[:] = SPREAD_AT_START * rng.standard_normal(logits.shape)
        height[:] = np.sqrt(KEPT_AT_START * rng.random(len(height)) * np.median(inflow, axis=0))
        inflow = np.maximum(inflow - height**2, 0.0) @ softmax(logits, table)
    return theta


def article_start(shape: Shape, rng: np.random.Generator) -> Floats:
    """The article's start: heights and logits from a standard normal."""
    return rng.standard_normal(shape.size)


def lbfgs(loss: LossFunction, theta: Floats, steps: int = 3000) -> tuple[float, Floats]:
    """The nearest minimum by limited-memory BFGS (scipy): its loss and where it is."""
    from scipy.optimize import minimize

    options: Any = {"maxcor": 10, "ftol": 1e-9, "gtol": 1e-6, "maxiter": steps, "maxfun": 2 * steps}
    found: Any = minimize(loss, theta, jac=True, method="L-BFGS-B", options=options)
    return float(found.fun), found.x


def adam(
    loss: LossFunction,
    theta: Floats,
    steps: int = 10_000,
    rate: float = 0.01,
    report: Callable[[int], None] | None = None,
) -> tuple[float, Floats]:
    """Full-batch Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1, their constants) for a number of steps."""
    theta = theta.copy()
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, steps + 1):
        gradient = loss(theta)[1]
        mean += 0.1 * (gradient - mean)
        square += 0.001 * (gradient**2 - square)
        theta -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        if report and step % 100 == 0:
            report(100)
    return loss(theta)[0], theta
