"""Dataset to Network: restarts, pruning, and an honest score beside the training error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from importlib import metadata
from typing import Any

import numpy as np

from ..arrays import Floats, Ints
from ..data import Dataset
from ..network import Network
from . import descent
from .objective import Loss
from .prune import Fitted, enforce_floor
from .recipe import Recipe, named
from .shape import Shape

AGREEMENT = 1e-3
"""Two starts found the same minimum when their losses differ by less than this, relative."""


def fit(
    dataset: Dataset,
    hidden: tuple[int, ...] | None = None,
    *,
    seed: int = 0,
    recipe: Recipe | str = "plain",
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
    **changes: Any,
) -> Network:
    """Train a network on a data set; the same seed gives the same network.

    ``recipe`` is a Recipe or the name of one, ``hidden`` and ``changes`` replace its fields. The provenance keeps
    the loss, the training error and the error on held-out rows: ``repeats`` times stratified ``folds``-fold
    cross-validation of the whole recipe, pruning included (0 folds: none). ``report`` is called after each of the
    ``1 + folds * repeats`` fits. Raises DataError for data that cannot be learned from, PorcelainError for a recipe
    that cannot be cooked.
    """
    chosen = named(recipe) if isinstance(recipe, str) else recipe
    if hidden is not None:
        changes["hidden"] = tuple(hidden)
    chosen = replace(chosen, **changes)
    network, loss = train(dataset, chosen, seed)
    if report:
        report()
    scores = cross_validate(dataset, chosen, seed, folds, repeats, report) if folds else {}
    provenance = {
        "data": dataset.name,
        "source": dataset.source,
        "rows": len(dataset),
        "seed": seed,
        "recipe": recipe if isinstance(recipe, str) and chosen == named(recipe) else "own",
        "training": asdict(chosen),
        "loss": loss,
        "training_error": error_rate(network, dataset),
        "cross_validation": scores,
        "versions": {name: metadata.version(name) for name in ("porcelain", "numpy", "scipy")},
    }
    return replace(network, provenance=provenance)


def train(dataset: Dataset, recipe: Recipe, seed: int) -> tuple[Network, float]:
    """A network without scores, and its loss."""
    from threadpoolctl import threadpool_limits

    encoding = recipe.encode(dataset)
    volumes = encoding.volumes(dataset.features)
    shape = Shape.full((volumes.shape[1], *recipe.hidden, len(dataset.class_names)))

    def make_loss(shape: Shape) -> Loss:
        return Loss(volumes, dataset.labels, shape, recipe.objective, seed)

    # These matrices are small: threads of BLAS gain nothing, and on a busy machine their waiting costs x20.
    with threadpool_limits(1):
        fitted = _best_start(make_loss, shape, volumes, recipe, seed)
        if recipe.min_share:
            fitted = enforce_floor(fitted, recipe.min_share, make_loss)
    loss, shape, theta = fitted
    return Network(shape.layers(theta), encoding, dataset.class_names, dataset.name), loss


def _best_start(make_loss: Callable[[Shape], Loss], shape: Shape, volumes: Floats, recipe: Recipe, seed: int) -> Fitted:
    loss = make_loss(shape)
    found: list[tuple[float, Floats]] = []
    for start in range(recipe.restarts):
        rng = np.random.default_rng([seed, 0, start])
        if recipe.method == "adam":
            found.append(descent.adam(loss, descent.article_start(shape, rng)))
        else:
            found.append(descent.lbfgs(loss, descent.random_start(shape, volumes, rng)))
        best = min(value for value, _ in found)
        if sum(value - best < AGREEMENT * best for value, _ in found) >= 3:
            break
    value, theta = min(found, key=lambda one: one[0])
    return value, shape, theta


def cross_validate(
    dataset: Dataset,
    recipe: Recipe,
    seed: int,
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Error on held-out rows of stratified k-fold, the whole recipe run anew in every fold.

    ``error`` is the mean over all rows and repeats, ``fold_sd`` the standard deviation between folds, and
    ``repeat_errors`` the error of every repeat.
    """
    errors = np.empty((repeats, folds))
    wrong = np.empty(repeats)
    for r in range(repeats):
        missed = 0
        for k, (learn, held_out) in enumerate(dataset.folds(folds, seed + r)):
            network, _ = train(dataset.take(learn), recipe, seed)
            rate = error_rate(network, dataset.take(held_out))
            errors[r, k] = rate
            missed += round(rate * len(held_out))
            if report:
                report()
        wrong[r] = missed / len(dataset)
    return {
        "folds": folds,
        "repeats": repeats,
        "error": float(wrong.mean()),
        "fold_sd": float(errors.std(ddof=1)),
        "repeat_errors": wrong.tolist(),
    }


def predictions(network: Network, dataset: Dataset) -> Ints:
    """Index of the fullest cup (n,). Features beyond the encoding's range are poured as its nearest end."""
    return network.predict(network.encoding.clipped(dataset.features))


def error_rate(network: Network, dataset: Dataset) -> float:
    """Fraction of rows whose fullest cup is not their class."""
    return float(np.mean(predictions(network, dataset) != dataset.labels))
