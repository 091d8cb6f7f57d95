"""Optimizers: random starts, L-BFGS, and the Adam of the article."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from ..arrays import Floats
from ..network import pelu
from .topology import Topology, softmax

one_thread = partial(threadpool_limits, 1)
"""A context in which BLAS uses one thread. The matrices of L-BFGS are small: more threads gain nothing, and on a busy
machine their waiting for each other costs x20. It holds for libraries already loaded, hence scipy's import above."""

LossFunction = Callable[[Floats], tuple[float, Floats]]

STARTS = ((0.6, 0.3), (1.0, 1.0))
"""Kinds of start, taken in turn: a bucket keeps up to this part of its median inflow, its logits spread this much.
Iris 4-3-3 finds its best known loss from 79 % of the first kind and 25 % of the second (standard normal heights and
logits, the article's start: 25 %); XOR 4-4-2 from 4 % and 25 %."""


def random_start(topology: Topology, volumes: Floats, rng: np.random.Generator, kind: int = 0) -> Floats:
    """Draw free numbers that let every bucket keep a moderate part of its water.

    Parameters
    ----------
    topology : Topology
        Pipes that exist.
    volumes : ndarray, shape (batch, n_in)
        Volumes poured, u.
    rng : Generator
        Source of random numbers.
    kind : int
        Kind of start, an index into STARTS.

    Returns
    -------
    ndarray, shape (topology.size,)
        Heights and logits.

    Examples
    --------
    >>> import numpy as np
    >>> from porcelain.learn.topology import Topology
    >>> random_start(Topology.full((2, 2)), np.ones((3, 2)), np.random.default_rng(0)).shape
    (6,)
    """
    kept, spread = STARTS[kind % len(STARTS)]
    theta = np.empty(topology.size)
    inflow = volumes
    for (height, logits), table in zip(topology.split(theta), topology.pipes, strict=True):
        logits[:] = spread * rng.standard_normal(logits.shape)
        height[:] = np.sqrt(kept * rng.random(len(height)) * np.median(inflow, axis=0))
        inflow = pelu(inflow, height**2, softmax(logits, table))
    return theta


def article_start(topology: Topology, rng: np.random.Generator) -> Floats:
    """Draw heights and logits from a standard normal, as the article does.

    Parameters
    ----------
    topology : Topology
        Pipes that exist.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    ndarray, shape (topology.size,)
        Heights and logits.

    Examples
    --------
    >>> import numpy as np
    >>> from porcelain.learn.topology import Topology
    >>> article_start(Topology.full((4, 3)), np.random.default_rng(0)).shape
    (16,)
    """
    return rng.standard_normal(topology.size)


def lbfgs(loss: LossFunction, theta: Floats, steps: int = 3000, tolerance: float = 1e-9) -> tuple[float, Floats]:
    """Find the nearest minimum by limited-memory BFGS (SciPy).

    Parameters
    ----------
    loss : callable
        Gives loss and gradient at a vector.
    theta : ndarray
        Start.
    steps : int
        Iterations at most.
    tolerance : float
        Relative fall of the loss in one iteration at which it stops.

    Returns
    -------
    tuple of float and ndarray
        Loss at the minimum, and the minimum.

    Examples
    --------
    >>> import numpy as np
    >>> value, theta = lbfgs(lambda t: (float((t - 3) @ (t - 3)), 2 * (t - 3)), np.zeros(2))
    >>> theta.round(6)
    array([3., 3.])
    """
    options: Any = {"maxcor": 10, "ftol": tolerance, "gtol": 1e-6, "maxiter": steps, "maxfun": 2 * steps}
    found: Any = minimize(loss, theta, jac=True, method="L-BFGS-B", options=options)
    return float(found.fun), found.x


def adam(
    loss: LossFunction,
    theta: Floats,
    steps: int = 10_000,
    rate: float = 0.01,
) -> tuple[float, Floats]:
    """Run full-batch Adam for a number of steps.

    Parameters
    ----------
    loss : callable
        Gives loss and gradient at a vector.
    theta : ndarray
        Start.
    steps : int
        Number of steps.
    rate : float
        Step size.

    Returns
    -------
    tuple of float and ndarray
        Loss at the end, and where it is.

    Notes
    -----
    Kingma and Ba 2015, arXiv 1412.6980, algorithm 1 with the constants given there.

    Examples
    --------
    >>> import numpy as np
    >>> value, theta = adam(lambda t: (float((t - 3) @ (t - 3)), 2 * (t - 3)), np.zeros(1), steps=2000)
    >>> theta.round(3)
    array([3.])
    """
    theta = theta.copy()
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    for step in range(1, steps + 1):
        gradient = loss(theta)[1]
        mean += 0.1 * (gradient - mean)
        square += 0.001 * (gradient**2 - square)
        theta -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return loss(theta)[0], theta


def optimize(
    loss: LossFunction, topology: Topology, volumes: Floats, method: str, rng: np.random.Generator, start: int
) -> tuple[float, Floats]:
    """Minimize a loss from one random start.

    Parameters
    ----------
    loss : callable
        Gives loss and gradient at a vector.
    topology : Topology
        Pipes that exist.
    volumes : ndarray, shape (batch, n_in)
        Volumes poured, u.
    method : str
        "lbfgs", or "adam" from the start of the article.
    rng : Generator
        Source of random numbers.
    start : int
        Number of the start; it chooses the kind.

    Returns
    -------
    tuple of float and ndarray
        Loss at the end, and where it is.

    Examples
    --------
    >>> import numpy as np
    >>> from porcelain.learn.topology import Topology
    >>> def bowl(t):
    ...     return float(t @ t), 2 * t
    >>> value, theta = optimize(bowl, Topology.full((2, 2)), np.ones((3, 2)), "lbfgs", np.random.default_rng(0), 0)
    >>> value < 1e-9
    True
    """
    if method == "adam":
        return adam(loss, article_start(topology, rng))
    return lbfgs(loss, random_start(topology, volumes, rng, start))
