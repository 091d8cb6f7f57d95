"""Frontier: how the error grows as pipes are closed, each number of pipes scored on rows it never saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..data import Dataset
from ..evaluation import error_rate, splits
from ..network import Network
from .recipe import Recipe
from .training import shared_out, trained


@dataclass(frozen=True)
class Front:
    """One number of pipes: loss and training error of the network with that many, and the error on held-out rows."""

    pipes: int
    loss: float
    training_error: float
    cv_error: float
    fold_sd: float


def frontier(
    dataset: Dataset,
    recipe: Recipe,
    seed: int = 0,
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
    jobs: int = 1,
) -> list[Front]:
    """Close pipes one by one, most first, and again inside every fold; one entry per number of pipes.

    Where a floor closes several at once, the fold's network with the next smaller number is scored.
    """
    pairs = splits(dataset, folds, repeats, seed)
    tasks = [(dataset, recipe, seed), *((learned, recipe, seed) for learned, _ in pairs)]
    paths = []
    for path in shared_out(jobs, _path, tasks):
        paths.append(path)
        if report:
            report()
    fronts: dict[int, Front] = {}
    for network, loss in paths[0]:
        errors = [
            error_rate(_with_at_most(network.n_pipes, path), held_out)
            for path, (_, held_out) in zip(paths[1:], pairs, strict=True)
        ]
        rows = [len(held_out) for _, held_out in pairs]
        fronts[network.n_pipes] = Front(
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
