"""History: the loss at every evaluation on the way down, start by start."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from . import optimizers
from .objective import Loss
from .recipe import Recipe
from .topology import Shape


def history(dataset: Dataset, recipe: Recipe, seed: int = 0, starts: int = 5) -> list[Floats]:
    """Losses (evaluations,) of each start of a recipe, before any pruning; the starts are those that ``fit`` makes."""
    volumes = recipe.encode(dataset).volumes(dataset.features)
    shape = Shape.full((volumes.shape[1], *recipe.hidden, len(dataset.class_names)))
    loss = Loss(volumes, dataset.labels, shape, recipe.objective, seed)
    runs = []
    with optimizers.one_thread():
        for start in range(starts):
            seen: list[float] = []

            def noted(theta: Floats, seen: list[float] = seen) -> tuple[float, Floats]:
                value, gradient = loss(theta)
                seen.append(value)
                return value, gradient

            optimizers.descend(noted, shape, volumes, recipe.method, np.random.default_rng([seed, 0, start]), start)
            runs.append(np.array(seen))
    return runs
