"""Fit the networks of a recipe: starts, minima, layouts without crossings, and pruned topologies."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from ..arrays import Floats, Ints
from ..data import Dataset
from ..errors import PorcelainError
from ..network import Network, overflow
from . import optimizers
from .growth import embedded, even_start, fits_in, grown_start
from .objective import Loss
from .planar import heaviest_planar
from .prune import Fitted, close_one_by_one, enforce_floor, refit
from .recipe import Recipe
from .topology import Topology

AGREEMENT = 1e-3
"""Two starts found the same minimum when their losses differ by less than this, relative."""

LEAST_STARTS = 8
"""Starts before that counts: poor minima are found again and again too, on XOR for one."""

MOST_RESTARTED = 64
"""Pipes of a topology that is trained from new starts after pruning, at most."""

MOST_PLANAR = 10_000
"""Product of the widths of a network whose layouts without crossings are looked at too, although pipes may cross."""

TOP = 3
"""Minima that are pruned: the best before pruning is not always the best after it."""


def trained(
    dataset: Dataset, recipe: Recipe, seed: int, whole_front: bool = False, weights: Floats | None = None
) -> Iterator[tuple[Network, float]]:
    """Train the network that a recipe asks for, or one network for every number of pipes.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    recipe : Recipe
        How to train.
    seed : int
        Seed of starts and faults.
    whole_front : bool
        Close pipes one by one and give every network on the way.
    weights : ndarray, shape (n,), optional
        Weights of the rows.

    Yields
    ------
    tuple of Network and float
        A network and its loss.

    Raises
    ------
    PorcelainError
        If the recipe asks for fewer pipes than there are buckets.

    Examples
    --------
    >>> from porcelain import load
    >>> recipe = Recipe(hidden=(), restarts=1)
    >>> [network.n_pipes for network, _ in trained(load("iris"), recipe, 0, whole_front=True)][-1]
    4
    """
    encoding = recipe.encode(dataset)
    volumes = encoding.volumes(dataset.features)
    full = Topology.full((volumes.shape[1], *recipe.hidden, len(dataset.class_names)))
    fewest = sum(full.widths[:-1])
    if recipe.pipes is not None and recipe.pipes < fewest:
        raise PorcelainError(
            f"pipes is {recipe.pipes}; {'-'.join(map(str, full.widths))} needs {fewest}, one from every bucket:"
            " ask for that many, or for fewer hidden buckets"
        )

    def make_loss(topology: Topology) -> Loss:
        return Loss(volumes, dataset.labels, topology, recipe.objective, seed, weights)

    def wrong(fit: Fitted) -> float:
        return _wrong(fit, volumes, dataset.labels, weights)

    with optimizers.one_thread():
        minima = _minima(make_loss, full, volumes, recipe, seed)
        if recipe.hidden and fits_in(full.widths) and not recipe.objective.draws:
            minima = _no_worse_than_none(minima, make_loss, full, volumes, recipe, seed, wrong)
        if recipe.planar:
            minima = sorted((_planar(fit, volumes, make_loss) for fit in minima), key=_loss)
        fits: Iterable[Fitted] = [minima[0]]
        if whole_front or recipe.pipes is not None:
            groups = _to_prune(minima, recipe, volumes, make_loss)
            numbers = range(full.n_pipes, fewest - 1, -1) if whole_front else [int(recipe.pipes or 0)]
            fits = chain(fits if whole_front else (), _sparse(groups, numbers, recipe, volumes, make_loss, seed))
        for fit in fits:
            loss, topology, theta = enforce_floor(fit, recipe.min_share, make_loss) if recipe.min_share else fit
            yield Network(topology.layers(theta), encoding, dataset.class_names, dataset.name), loss


def _loss(fit: Fitted) -> float:
    return fit[0]


def _distinct(minima: list[Fitted]) -> list[Fitted]:
    """One fit for each minimum. Minima with nearly equal losses count as one."""
    found = minima[:1]
    for fit in minima[1:]:
        if fit[0] - found[-1][0] >= AGREEMENT * found[-1][0]:
            found.append(fit)
    return found


def _minima(
    make_loss: Callable[[Topology], Loss], topology: Topology, volumes: Floats, recipe: Recipe, seed: int
) -> list[Fitted]:
    """Fits from all starts, best first. It stops once the best has been found three times."""
    loss = make_loss(topology)
    found: list[Fitted] = []
    for start in range(recipe.restarts):
        rng = np.random.default_rng([seed, 0, start])
        if start == 0 and recipe.start == "grown":
            value, theta = _grown(make_loss, topology, volumes, recipe, seed)
        else:
            value, theta = optimizers.optimize(loss, topology, volumes, recipe.method, rng, start)
        found.append((value, topology, theta))
        found.sort(key=_loss)
        agreed = sum(fit[0] - found[0][0] < AGREEMENT * found[0][0] for fit in found)
        if agreed >= 3 and len(found) >= LEAST_STARTS:
            break
    return found


def _none(make_loss: Callable[[Topology], Loss], topology: Topology, volumes: Floats, recipe: Recipe) -> Fitted:
    """The trained network without hidden tiers."""
    small = Topology.full((topology.widths[0], topology.widths[-1]))
    theta = even_start(small, volumes, recipe.encoding == "knots")
    loss, theta = optimizers.lbfgs(make_loss(small), theta, recipe.steps, recipe.tolerance)
    return loss, small, theta


def _grown(
    make_loss: Callable[[Topology], Loss], topology: Topology, volumes: Floats, recipe: Recipe, seed: int
) -> tuple[float, Floats]:
    """Loss and free numbers of a fit that does not start at random, or starts there for want of buckets."""
    rng = np.random.default_rng([seed, 2])
    if not recipe.hidden:
        start = even_start(topology, volumes, recipe.encoding == "knots")
    elif fits_in(topology.widths):
        start = grown_start(_none(make_loss, topology, volumes, recipe)[2], topology, volumes, rng)
    else:
        start = optimizers.random_start(topology, volumes, rng)
    return optimizers.lbfgs(make_loss(topology), start, recipe.steps, recipe.tolerance)


def _no_worse_than_none(
    minima: list[Fitted],
    make_loss: Callable[[Topology], Loss],
    topology: Topology,
    volumes: Floats,
    recipe: Recipe,
    seed: int,
    wrong: Callable[[Fitted], float],
) -> list[Fitted]:
    """Minima whose first has no more wrong rows than the network without hidden tiers.

    Where it had more, training starts from that network, and that network itself is the last resort.
    """
    none = _none(make_loss, topology, volumes, recipe)
    least = wrong(none)
    if wrong(minima[0]) <= least:
        return minima
    loss, theta = _grown(make_loss, topology, volumes, recipe, seed)
    pipes, same = embedded(none[2], topology.widths)
    ways = [*minima, (loss, topology, theta), (make_loss(pipes)(same)[0], pipes, same)]
    return sorted((fit for fit in ways if wrong(fit) <= least), key=_loss)


def _wrong(fit: Fitted, volumes: Floats, labels: Ints, weights: Floats | None) -> float:
    """Weight of the rows whose fullest cup is not their class."""
    _, topology, theta = fit
    for layer in topology.layers(theta):
        volumes = layer(volumes)
    missed = volumes.argmax(axis=1) != labels
    return float(missed.sum() if weights is None else weights[missed].sum())


def _planar(fit: Fitted, volumes: Floats, make_loss: Callable[[Topology], Loss]) -> Fitted:
    """The layout without crossings that carries the most water, refitted."""
    _, topology, theta = fit
    flows = []
    for layer in topology.layers(theta):
        passed = overflow(volumes, layer.thresholds)
        flows.append(passed.mean(axis=0)[:, None] * layer.shares + np.finfo(float).tiny)
        volumes = layer(volumes)
    flat = Topology(heaviest_planar(flows))
    return refit(flat, theta, make_loss)


def _to_prune(
    minima: list[Fitted], recipe: Recipe, volumes: Floats, make_loss: Callable[[Topology], Loss]
) -> list[list[Fitted]]:
    """Fits whose pipes are closed, in two groups: minima, and layouts without crossings.

    The second group is there although pipes may cross: greedy closing from it is often better.
    """
    groups = [minima]
    if not recipe.planar and math.prod(minima[0][1].widths) <= MOST_PLANAR:
        groups.append(sorted((_planar(fit, volumes, make_loss) for fit in minima), key=_loss))
    return [_distinct(group)[:TOP] for group in groups]


def _sparse(
    groups: list[list[Fitted]],
    numbers: Iterable[int],
    recipe: Recipe,
    volumes: Floats,
    make_loss: Callable[[Topology], Loss],
    seed: int,
) -> Iterator[Fitted]:
    """The best fit found for each number of pipes, numbers descending.

    Pipes are closed one by one from every fit of a group. The best topology of a group is trained from new starts too,
    while it is small enough to be made.
    """
    again = replace(recipe, method="lbfgs", start="random", restarts=LEAST_STARTS)
    paths = [[iter(chain([fit], close_one_by_one(fit, make_loss))) for fit in group] for group in groups]
    at = [[next(path) for path in group] for group in paths]
    for number in numbers:
        found = []
        for group, fits in zip(paths, at, strict=True):
            for k, path in enumerate(group):
                while fits[k][1].n_pipes > number:
                    fits[k] = next(path)
            found.append(min(fits, key=_loss))
            if found[-1][1].n_pipes <= MOST_RESTARTED:
                found.append(_minima(make_loss, found[-1][1], volumes, again, seed)[0])
        yield min(found, key=_loss)
