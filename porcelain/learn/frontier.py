"""Frontier: the error of a network for every number of pipes, measured on rows held out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..data import Dataset
from ..evaluation import error_rate, splits
from ..network import Network
from .fitting import trained
from .recipe import Recipe
from .training import map_jobs


@dataclass(frozen=True)
class FrontierPoint:
    """Scores of a network with a certain number of pipes.

    Attributes
    ----------
    pipes : int
        Number of pipes.
    loss, training_error : float
        Loss and fraction of wrong rows on the rows learned from.
    cv_error, fold_sd : float
        Fraction of wrong rows on held-out rows, and its standard deviation between folds.

    Examples
    --------
    >>> FrontierPoint(10, 0.05, 0.02, 0.03, 0.01).pipes
    10
    """

    pipes: int
    loss: float
    training_error: float
    cv_error: float
    fold_sd: float


def pruning_frontier(
    dataset: Dataset,
    recipe: Recipe,
    seed: int = 0,
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
    jobs: int = 1,
) -> list[FrontierPoint]:
    """Close pipes one by one, on all rows and again in every fold.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    recipe : Recipe
        How to train.
    seed : int
        Seed of starts and folds.
    folds, repeats : int
        Folds of the cross-validation, and how often they are drawn.
    report : callable, optional
        Called after each fit.
    jobs : int
        Processes that share the fits.

    Returns
    -------
    list of FrontierPoint
        One for each number of pipes, most first. Where a floor closes several pipes at once, the network of a fold with
        the next smaller number is scored.

    Examples
    --------
    >>> from porcelain import load
    >>> from porcelain.learn import Recipe
    >>> points = pruning_frontier(load("iris"), Recipe(hidden=(), restarts=1), folds=2)
    >>> points[0].pipes, points[-1].pipes
    (12, 4)
    """
    pairs = splits(dataset, folds, repeats, seed)
    tasks = [(dataset, recipe, seed), *((learned, recipe, seed) for learned, _ in pairs)]
    paths = []
    for path in map_jobs(jobs, _path, tasks):
        paths.append(path)
        if report:
            report()
    fronts: dict[int, FrontierPoint] = {}
    for network, loss in paths[0]:
        errors = [
            error_rate(_with_at_most(network.n_pipes, path), held_out)
            for path, (_, held_out) in zip(paths[1:], pairs, strict=True)
        ]
        rows = [len(held_out) for _, held_out in pairs]
        fronts[network.n_pipes] = FrontierPoint(
            network.n_pipes,
            loss,
            error_rate(network, dataset),
            float(np.average(errors, weights=rows)),
            float(np.std(errors, ddof=1)),
        )
    return sorted(fronts.values(), key=lambda front: -front.pipes)


def _path(task: tuple[Dataset, Recipe, int]) -> list[tuple[Network, float]]:
    return list(trained(*task, whole_front=True))


def _with_at_most(pipes: int, path: list[tuple[Network, float]]) -> Network:
    return next((network for network, _ in path if network.n_pipes <= pipes), path[-1][0])
