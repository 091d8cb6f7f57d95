"""Growth: starts of training that are not random, among them the network without hidden tiers in one that has some."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..arrays import Bools, Floats
from ..encoding import KNOTS
from ..network import pelu
from .topology import Topology, softmax

LEAST_HEIGHT = 0.5
"""Least height of a start, sqrt(u). The slope by a height of 0 is 0, so such a bucket would never keep any water."""

KEPT = 0.5
"""Part of its water that an input bucket sends the old way in a start; the new buckets get the rest."""

IDENTITY = 4.0
"""Logit of the pipe from a bucket of the old way to the next one; the others on this way have 0."""

SPREAD = 1.0
"""Standard deviation of the logits that lead to new buckets, wide enough that the buckets differ."""


def even_start(topology: Topology, volumes: Floats, knots: bool) -> Floats:
    """Free numbers of one layer that divides all water evenly.

    Parameters
    ----------
    topology : Topology
        Pipes of one layer.
    volumes : ndarray, shape (batch, n_in)
        Volumes poured, u.
    knots : bool
        The encoding pours every feature several times: the thresholds of its buckets start at different quantiles.

    Returns
    -------
    ndarray, shape (topology.size,)
        Heights and logits.

    Examples
    --------
    >>> even_start(Topology.full((2, 2)), np.ones((3, 2)), False)
    array([0.5, 0.5, 0. , 0. , 0. , 0. ])
    """
    theta = np.zeros(topology.size)
    ((height, _),) = topology.split(theta)
    if knots:
        part = np.tile(np.repeat(np.arange(KNOTS) / KNOTS, len(height) // (2 * KNOTS)), 2)
        height[:] = [np.sqrt(np.quantile(water, q)) if q else 0.0 for water, q in zip(volumes.T, part, strict=True)]
    np.maximum(height, LEAST_HEIGHT, out=height)
    return theta


def fits_in(widths: tuple[int, ...]) -> bool:
    """Tell whether every hidden tier has at least as many buckets as there are cups.

    Parameters
    ----------
    widths : tuple of int
        Buckets of each tier, cups last.

    Returns
    -------
    bool
        True if a network without hidden tiers can be a part of one with these widths.

    Examples
    --------
    >>> fits_in((4, 3, 3)), fits_in((4, 2, 3))
    (True, False)
    """
    return min(widths[1:]) == widths[-1]


def embedded(theta: Floats, widths: tuple[int, ...]) -> tuple[Topology, Floats]:
    """The same network with hidden tiers that pass all water on.

    Parameters
    ----------
    theta : ndarray
        Free numbers of the network without hidden tiers.
    widths : tuple of int
        Widths of the network with them.

    Returns
    -------
    tuple of Topology and ndarray
        Pipes and free numbers. The two networks give the same volumes.

    Examples
    --------
    >>> small = Topology.full((2, 2))
    >>> topology, theta = embedded(np.ones(small.size), (2, 3, 2))
    >>> topology.n_pipes, topology.layers(theta)[1].shares.tolist()
    (7, [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    """
    cups = widths[-1]
    pipes: list[Bools] = [np.arange(widths[1])[None, :] < np.full((widths[0], 1), cups)]
    for n, m in pairwise(widths[1:]):
        pipes.append(np.arange(m)[None, :] == np.arange(n)[:, None] % cups)
    topology = Topology(tuple(pipes))
    grown = np.zeros(topology.size)
    ((height, logits),) = Topology.full((widths[0], cups)).split(theta)
    first = topology.split(grown)[0]
    first[0][:], first[1][:, :cups] = height, logits
    return topology, grown


def grown_start(theta: Floats, topology: Topology, volumes: Floats, rng: np.random.Generator) -> Floats:
    """Free numbers that begin near a network without hidden tiers and send half of the water new ways.

    Parameters
    ----------
    theta : ndarray
        Free numbers of the network without hidden tiers.
    topology : Topology
        Pipes of the network with them.
    volumes : ndarray, shape (batch, n_in)
        Volumes poured, u.
    rng : Generator
        Source of random numbers.

    Returns
    -------
    ndarray, shape (topology.size,)
        Heights and logits.

    Examples
    --------
    >>> topology = Topology.full((2, 3, 2))
    >>> grown_start(np.ones(6), topology, np.ones((3, 2)), np.random.default_rng(0)).shape == (topology.size,)
    True
    """
    cups = topology.widths[-1]
    old = Topology.full((topology.widths[0], cups))
    ((heights, logits),) = old.split(theta)
    out = np.empty(topology.size)
    layers = topology.split(out)
    layers[0][0][:] = np.maximum(np.abs(heights), LEAST_HEIGHT)
    _divide(layers[0][1], softmax(logits, old.pipes[0]), rng)
    inflow = pelu(volumes, layers[0][0] ** 2, softmax(layers[0][1], topology.pipes[0]))
    for (height, logits), table in zip(layers[1:], topology.pipes[1:], strict=True):
        height[:] = LEAST_HEIGHT
        for j in range(cups, len(height)):
            height[j] = max(np.sqrt(np.quantile(inflow[:, j], rng.uniform(0.1, 0.9))), LEAST_HEIGHT)
        logits[:] = 0.3 * rng.standard_normal(logits.shape)
        logits[:cups] = IDENTITY * np.eye(cups, logits.shape[1])
        inflow = pelu(inflow, height**2, softmax(logits, table))
    return out


def _divide(logits: Floats, shares: Floats, rng: np.random.Generator) -> None:
    """Write logits that send a part of the water by the shares of the old way and the rest to the new buckets."""
    cups = shares.shape[1]
    new = SPREAD * rng.standard_normal((len(logits), logits.shape[1] - cups))
    new_shares = np.exp(new) / np.exp(new).sum(axis=1, keepdims=True)
    every = np.concatenate([(KEPT if new.shape[1] else 1.0) * shares, (1.0 - KEPT) * new_shares], axis=1)
    logits[:] = np.log(every + 1e-6)
    logits -= logits.mean(axis=1, keepdims=True)
