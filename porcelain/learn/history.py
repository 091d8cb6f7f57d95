"""History: the loss at every evaluation of a training, for each start."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from . import optimizers
from .objective import Loss
from .recipe import Recipe
from .topology import Topology


def loss_histories(dataset: Dataset, recipe: Recipe, seed: int = 0, starts: int = 5) -> list[Floats]:
    """Losses of each start of a recipe before any pruning. The starts are those of ``fit``.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    recipe : Recipe
        How to train.
    seed : int
        Seed of the starts.
    starts : int
        Number of starts.

    Returns
    -------
    list of ndarray
        For each start the loss at every evaluation.

    Examples
    --------
    >>> from porcelain import load
    >>> from porcelain.learn import Recipe
    >>> (losses,) = loss_histories(load("iris"), Recipe(hidden=()), starts=1)
    >>> bool(losses[-1] < losses[0])
    True
    """
    volumes = recipe.encode(dataset).volumes(dataset.features)
    topology = Topology.full((volumes.shape[1], *recipe.hidden, len(dataset.class_names)))
    loss = Loss(volumes, dataset.labels, topology, recipe.objective, seed)
    runs = []
    with optimizers.one_thread():
        for start in range(starts):
            seen: list[float] = []

            def noted(theta: Floats, seen: list[float] = seen) -> tuple[float, Floats]:
                value, gradient = loss(theta)
                seen.append(value)
                return value, gradient

            optimizers.optimize(noted, topology, volumes, recipe.method, np.random.default_rng([seed, 0, start]), start)
            runs.append(np.array(seen))
    return runs
