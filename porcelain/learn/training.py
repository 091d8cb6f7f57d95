"""Dataset to Network: restarts, pruning, and an honest score beside the training error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import chain
from time import perf_counter
from typing import Any

import numpy as np

from .. import evaluation
from ..arrays import Floats
from ..data import Dataset
from ..errors import PorcelainError
from ..network import Network, overflow
from . import optimizers
from .objective import Loss
from .options import LearnOptions
from .planar import heaviest_planar
from .prune import Fitted, close_one_by_one, enforce_floor, refit
from .recipe import Recipe, named, suited
from .topology import Shape

AGREEMENT = 1e-3
"""Two starts found the same minimum when their losses differ by less than this, relative."""

LEAST_STARTS = 8
"""Starts before that counts: poor minima are found again and again too, on XOR for one."""

TOP = 3
"""Minima that are pruned: the best before pruning is not always the best after it."""


def fit(
    dataset: Dataset,
    hidden: tuple[int, ...] | None = None,
    *,
    seed: int = LearnOptions.seed,
    recipe: Recipe | str | None = LearnOptions.recipe,
    folds: int = LearnOptions.folds,
    repeats: int = LearnOptions.repeats,
    report: Callable[[], None] | None = None,
    jobs: int = 1,
    **changes: Any,
) -> Network:
    """Train a network on a data set; the same seed gives the same network.

    ``recipe`` is a Recipe or the name of one (None: the one that suits the data), ``hidden`` and ``changes`` replace
    its fields. The provenance keeps
    the loss, the training error and the error on held-out rows: ``repeats`` times stratified ``folds``-fold
    cross-validation of the whole recipe, pruning included (0 folds: none). ``report`` is called after each of the
    ``1 + folds * repeats`` fits, which ``jobs`` processes may share once the first has taken over a second.
    Raises DataError for data that cannot be learned from, PorcelainError for a recipe that cannot be cooked.
    """
    recipe = recipe or suited(dataset)
    chosen = named(recipe) if isinstance(recipe, str) else recipe
    if hidden is not None:
        changes["hidden"] = tuple(hidden)
    chosen = replace(chosen, **changes)
    if folds == LearnOptions.folds:  # nobody's choice
        folds = dataset.fewer_folds(folds)
    if folds:
        next(dataset.folds(folds, seed))  # an impossible number is refused before the work begins
    started = perf_counter()
    network, loss = train(dataset, chosen, seed)
    jobs = jobs if perf_counter() - started > 1.0 else 1
    if report:
        report()
    scores = cross_validate(dataset, chosen, seed, folds, repeats, report, jobs) if folds else {}
    provenance = evaluation.provenance(
        network,
        dataset,
        seed=seed,
        recipe=recipe if isinstance(recipe, str) and chosen == named(recipe) else "own",
        training=asdict(chosen) | {"hidden": list(chosen.hidden)},  # as JSON gives it back
        loss=loss,
        scores=scores,
        libraries=("numpy", "scipy"),
    )
    return replace(network, provenance=provenance)


def train(dataset: Dataset, recipe: Recipe, seed: int) -> tuple[Network, float]:
    """A network without scores, and its loss."""
    *_, (network, loss) = trained(dataset, recipe, seed)
    return network, loss


def trained(dataset: Dataset, recipe: Recipe, seed: int, whole_front: bool = False) -> Iterator[tuple[Network, float]]:
    """The network a recipe asks for, with its loss; or, for the whole front, one network for every number of pipes.

    Raises PorcelainError where the recipe asks for fewer pipes than there are buckets.
    """
    encoding = recipe.encode(dataset)
    volumes = encoding.volumes(dataset.features)
    full = Shape.full((volumes.shape[1], *recipe.hidden, len(dataset.class_names)))
    fewest = sum(full.widths[:-1])
    if recipe.pipes is not None and recipe.pipes < fewest:
        raise PorcelainError(
            f"pipes is {recipe.pipes}; {'-'.join(map(str, full.widths))} needs {fewest}, one from every bucket:"
            " ask for that many, or for fewer hidden buckets"
        )

    def make_loss(shape: Shape) -> Loss:
        return Loss(volumes, dataset.labels, shape, recipe.objective, seed)

    with optimizers.one_thread():
        minima = _minima(make_loss, full, volumes, recipe, seed)
        if recipe.planar:
            minima = sorted((_planar(fit, volumes, make_loss) for fit in minima), key=_loss)
        fits: Iterable[Fitted] = [minima[0]]
        if whole_front:
            fits = chain(fits, close_one_by_one(minima[0], make_loss))
        elif recipe.pipes is not None:
            pruned = min((_with_pipes(fit, recipe.pipes, make_loss) for fit in _distinct(minima)[:TOP]), key=_loss)
            again = replace(recipe, method="lbfgs", restarts=LEAST_STARTS)
            fits = [min(pruned, _minima(make_loss, pruned[1], volumes, again, seed)[0], key=_loss)]
        for fit in fits:
            loss, shape, theta = enforce_floor(fit, recipe.min_share, make_loss) if recipe.min_share else fit
            yield Network(shape.layers(theta), encoding, dataset.class_names, dataset.name), loss


def _loss(fit: Fitted) -> float:
    return fit[0]


def _distinct(minima: list[Fitted]) -> list[Fitted]:
    """One of each minimum, told apart by the loss."""
    found = minima[:1]
    for fit in minima[1:]:
        if fit[0] - found[-1][0] >= AGREEMENT * found[-1][0]:
            found.append(fit)
    return found


def _minima(
    make_loss: Callable[[Shape], Loss], shape: Shape, volumes: Floats, recipe: Recipe, seed: int
) -> list[Fitted]:
    """What the starts led to, best first; no more starts once the best has been found three times."""
    loss = make_loss(shape)
    found: list[Fitted] = []
    for start in range(recipe.restarts):
        rng = np.random.default_rng([seed, 0, start])
        value, theta = optimizers.descend(loss, shape, volumes, recipe.method, rng, start)
        found.append((value, shape, theta))
        found.sort(key=_loss)
        agreed = sum(fit[0] - found[0][0] < AGREEMENT * found[0][0] for fit in found)
        if agreed >= 3 and len(found) >= LEAST_STARTS:
            break
    return found


def _planar(fit: Fitted, volumes: Floats, make_loss: Callable[[Shape], Loss]) -> Fitted:
    """The layout without crossings that keeps most of the water on its way, refitted."""
    _, shape, theta = fit
    flows = []
    for layer in shape.layers(theta):
        passed = overflow(volumes, layer.thresholds)
        flows.append(passed.mean(axis=0)[:, None] * layer.shares + np.finfo(float).tiny)
        volumes = layer(volumes)
    flat = Shape(heaviest_planar(flows))
    return refit(flat, theta, make_loss)


def _with_pipes(fit: Fitted, pipes: int, make_loss: Callable[[Shape], Loss]) -> Fitted:
    """The first network on its greedy path that has no more than ``pipes``."""
    path = chain([fit], close_one_by_one(fit, make_loss))
    return next(one for one in path if one[1].n_pipes <= pipes)


def cross_validate(
    dataset: Dataset,
    recipe: Recipe,
    seed: int,
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
    jobs: int = 1,
) -> dict[str, Any]:
    """Error on held-out rows of stratified k-fold, the whole recipe run anew in every fold.

    ``error`` is the mean over all rows and repeats, ``fold_sd`` the standard deviation between folds, and
    ``repeat_errors`` the error of every repeat. ``jobs`` processes share the folds; the result is the same.
    """

    def networks(parts: Sequence[Dataset]) -> Iterator[Network]:
        return shared_out(jobs, _train_rows, [(part, recipe, seed) for part in parts])

    return evaluation.cross_validation(dataset, networks, seed, folds, repeats, report)


def _train_rows(task: tuple[Dataset, Recipe, int]) -> Network:
    return train(*task)[0]


def shared_out(jobs: int, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
    """Results of ``work`` on every task, in order, by up to ``jobs`` processes."""
    if jobs < 2 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    try:
        with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=get_context("spawn")) as pool:
            yield from pool.map(work, tasks)
    except BrokenProcessPool:
        raise PorcelainError(
            'a worker process died; call from under `if __name__ == "__main__":`, or use jobs=1'
        ) from None
