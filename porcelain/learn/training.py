"""Train a network on a data set: restarts, pruning, and scores on held-out rows beside the training error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from time import perf_counter
from typing import Any

from .. import evaluation
from ..arrays import Floats
from ..data import Dataset
from ..errors import PorcelainError
from ..network import Network
from .fitting import trained
from .options import LearnOptions
from .recipe import Recipe, default_recipe, named


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
    """Train a network on a data set. The same seed gives the same network.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    hidden : tuple of int, optional
        Buckets of each hidden tier, instead of the recipe's.
    seed : int
        Seed of starts, faults and folds.
    recipe : Recipe or str, optional
        How to train. None is the default recipe for this data.
    folds, repeats : int
        Stratified folds of the cross-validation, and how often they are drawn. 0 folds: no cross-validation.
    report : callable, optional
        Called after each of the ``1 + folds * repeats`` fits.
    jobs : int
        Processes that share the folds, once a fit takes more than a second.
    **changes : object
        Other fields of the recipe to replace.

    Returns
    -------
    Network
        Its provenance has the loss, the training error and the error on held-out rows. Cross-validation repeats the
        whole recipe, pruning included.

    Raises
    ------
    DataError
        If the data cannot be learned from.
    PorcelainError
        If the recipe is impossible.

    Examples
    --------
    >>> from porcelain import load
    >>> network = fit(load("iris"), (), folds=0)
    >>> network.widths, network.provenance["training_error"] < 0.1
    ((4, 3), True)
    """
    recipe = recipe or default_recipe(dataset)
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


def train(dataset: Dataset, recipe: Recipe, seed: int, weights: Floats | None = None) -> tuple[Network, float]:
    """Train a network without scoring it on held-out rows.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    recipe : Recipe
        How to train.
    seed : int
        Seed of starts and faults.
    weights : ndarray, shape (n,), optional
        Weights of the rows.

    Returns
    -------
    tuple of Network and float
        The network and its loss.

    Examples
    --------
    >>> from porcelain import load
    >>> network, loss = train(load("iris"), Recipe(hidden=(), restarts=1), 0)
    >>> network.widths
    (4, 3)
    """
    *_, (network, loss) = trained(dataset, recipe, seed, weights=weights)
    return network, loss


def cross_validate(
    dataset: Dataset,
    recipe: Recipe,
    seed: int,
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
    jobs: int = 1,
) -> dict[str, Any]:
    """Error on held-out rows of stratified k-fold. The whole recipe runs again in every fold.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    recipe : Recipe
        How to train.
    seed : int
        Seed of starts, faults and folds.
    folds, repeats : int
        Number of folds, and how often they are drawn.
    report : callable, optional
        Called after each fold.
    jobs : int
        Processes that share the folds. The result does not depend on it.

    Returns
    -------
    dict
        ``error``, the mean over all rows and repeats; ``fold_sd``, the standard deviation between folds;
        ``repeat_errors``, the error of every repeat; ``folds`` and ``repeats``.

    Examples
    --------
    >>> from porcelain import load
    >>> scores = cross_validate(load("iris"), Recipe(hidden=(), restarts=1), 0, folds=2)
    >>> scores["folds"], scores["error"] < 0.2
    (2, True)
    """

    def networks(parts: Sequence[Dataset]) -> Iterator[Network]:
        return map_jobs(jobs, _train_rows, [(part, recipe, seed) for part in parts])

    return evaluation.cross_validation(dataset, networks, seed, folds, repeats, report)


def _train_rows(task: tuple[Dataset, Recipe, int]) -> Network:
    return train(*task)[0]


def map_jobs(jobs: int, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[Any]:
    """Apply a function to every task, by several processes if asked.

    Parameters
    ----------
    jobs : int
        Processes at most.
    work : callable
        The function.
    tasks : sequence
        Its arguments.

    Yields
    ------
    object
        The results in the order of the tasks.

    Raises
    ------
    PorcelainError
        If a process died.

    Examples
    --------
    >>> list(map_jobs(1, len, ["a", "bb"]))
    [1, 2]
    """
    if jobs < 2 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=get_context("spawn"))
    try:
        yield from pool.map(work, tasks)
    except BrokenProcessPool:
        raise PorcelainError(
            'a worker process died; call from under `if __name__ == "__main__":`, or use jobs=1'
        ) from None
    except BaseException:
        for process in list(pool._processes.values()):  # else they go on for as long as their task takes
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
