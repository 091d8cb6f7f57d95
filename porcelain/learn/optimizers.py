"""Going downhill: where to start, L-BFGS, and the article's Adam."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from ..arrays import Floats
from ..network import pelu
from .topology import Shape, softmax

one_thread = partial(threadpool_limits, 1)
"""A context in which BLAS uses one thread. The matrices of L-BFGS are small: more threads gain nothing, and on a busy
machine their waiting for each other costs x20. It holds for libraries already loaded, hence scipy's import above."""

LossFunction = Callable[[Floats], tuple[float, Floats]]

STARTS = ((0.6, 0.3), (1.0, 1.0))
"""Kinds of start, taken in turn: a bucket keeps up to this part of its median inflow, its logits spread this much.
Iris 4-3-3 finds its best known loss from 79 % of the first kind and 25 % of the second (standard normal heights and
logits, the article's start: 25 %); XOR 4-4-2 from 4 % and 25 %."""


def random_start(shape: Shape, volumes: Floats, rng: np.random.Generator, kind: int = 0) -> Floats:
    """A trainer's numbers (shape.size,) that keep a moderate part of the water (batch, n_in) u in every bucket."""
    kept, spread = STARTS[kind % len(STARTS)]
    theta = np.empty(shape.size)
    inflow = volumes
    for (height, logits), table in zip(shape.split(theta), shape.pipes, strict=True):
        logits[:] = spread * rng.standard_normal(logits.shape)
        height[:] = np.sqrt(kept * rng.random(len(height)) * np.median(inflow, axis=0))
        inflow = pelu(inflow, height**2, softmax(logits, table))
    return theta


def article_start(shape: Shape, rng: np.random.Generator) -> Floats:
    """The article's start: heights and logits from a standard normal."""
    return rng.standard_normal(shape.size)


def lbfgs(loss: LossFunction, theta: Floats, steps: int = 3000) -> tuple[float, Floats]:
    """The nearest minimum by limited-memory BFGS (scipy): its loss and where it is."""
    options: Any = {"maxcor": 10, "ftol": 1e-9, "gtol": 1e-6, "maxiter": steps, "maxfun": 2 * steps}
    found: Any = minimize(loss, theta, jac=True, method="L-BFGS-B", options=options)
    return float(found.fun), found.x


def adam(
    loss: LossFunction,
    theta: Floats,
    steps: int = 10_000,
    rate: float = 0.01,
) -> tuple[float, Floats]:
    """Full-batch Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1, their constants) for a number of steps."""
    theta = theta.copy()
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, steps + 1):
        gradient = loss(theta)[1]
        mean += 0.1 * (gradient - mean)
        square += 0.001 * (gradient**2 - square)
        theta -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return loss(theta)[0], theta


def descend(
    loss: LossFunction, shape: Shape, volumes: Floats, method: str, rng: np.random.Generator, start: int
) -> tuple[float, Floats]:
    """One start and its way down, by "lbfgs" or by the article's "adam"."""
    if method == "adam":
        return adam(loss, article_start(shape, rng))
    return lbfgs(loss, random_start(shape, volumes, rng, start))
