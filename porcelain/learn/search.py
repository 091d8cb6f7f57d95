"""Search for recipes with Optuna that have a small error on held-out rows and few pipes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..data import Dataset
from ..errors import PorcelainError
from .objective import Objective
from .recipe import Recipe
from .training import cross_validate, train

HIDDEN = ((), (2,), (3,), (4,), (6,), (3, 3), (4, 4))


@dataclass(frozen=True)
class Candidate:
    """A recipe for which no other one tried has both a smaller error and fewer pipes.

    Attributes
    ----------
    recipe : Recipe
        The recipe.
    cv_error : float
        Fraction of wrong rows on held-out rows.
    pipes : int
        Number of pipes.

    Examples
    --------
    >>> Candidate(Recipe(), 0.03, 10).pipes
    10
    """

    recipe: Recipe
    cv_error: float
    pipes: int


def search_recipes(
    dataset: Dataset,
    recipe: Recipe | None = None,
    trials: int = 40,
    seed: int = 0,
    folds: int = 5,
    report: Callable[[], None] | None = None,
    jobs: int = 1,
) -> list[Candidate]:
    """Try topologies, encodings, numbers of pipes and terms around a recipe.

    The floor, planarity, faults and gain of the recipe are kept. The same seed tries the same recipes.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    recipe : Recipe, optional
        Where to start.
    trials : int
        Number of recipes to try.
    seed : int
        Seed of the search and of the training.
    folds : int
        Folds of the cross-validation.
    report : callable, optional
        Called after each trial.
    jobs : int
        Processes that share the folds.

    Returns
    -------
    list of Candidate
        The best compromises, fewest pipes first. The smallest error among many is too optimistic: score the chosen
        recipe again with another seed.

    Raises
    ------
    PorcelainError
        If Optuna is not installed.

    Examples
    --------
    >>> import pytest; _ = pytest.importorskip("optuna")
    >>> from porcelain import load
    >>> len(search_recipes(load("iris"), trials=1, folds=2))
    1
    """
    try:
        import optuna
    except ImportError:
        raise PorcelainError("the search needs Optuna; pip install 'porcelain[learn]'") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    base, tried = recipe or Recipe(min_share=0.08), {}

    def judge(trial: Any) -> tuple[float, int]:
        candidate = _suggest(trial, base, dataset)
        if candidate not in tried:
            network, _ = train(dataset, candidate, seed)
            error = cross_validate(dataset, candidate, seed, folds, jobs=jobs)["error"]
            tried[candidate] = Candidate(candidate, error, network.n_pipes)
        if report:
            report()
        return tried[candidate].cv_error, tried[candidate].pipes

    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=min(10, trials))
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    study.optimize(judge, n_trials=trials)
    every = set(tried.values())
    front = [one for one in every if not any(_beats(other, one) for other in every)]
    best = {(one.pipes, one.cv_error): one for one in sorted(front, key=repr)}
    return sorted(best.values(), key=lambda one: one.pipes)


def _beats(a: Candidate, b: Candidate) -> bool:
    return a.cv_error <= b.cv_error and a.pipes <= b.pipes and (a.cv_error, a.pipes) != (b.cv_error, b.pipes)


def _suggest(trial: Any, base: Recipe, dataset: Dataset) -> Recipe:
    hidden = HIDDEN[trial.suggest_categorical("hidden", range(len(HIDDEN)))]
    encoding = trial.suggest_categorical("encoding", ["plain", "constant"])
    inputs = len(dataset.feature_names) + (encoding == "constant")
    fewest = inputs + sum(hidden)
    spare = trial.suggest_int("spare_pipes", 0, 8)
    terms = Objective(
        sharpness=trial.suggest_categorical("sharpness", [0.5, 1.0, 2.0, 4.0]),
        margin_u=trial.suggest_categorical("margin_u", [0.0, 2.0, 5.0]),
        l2=trial.suggest_categorical("l2", [0.0, 1e-3, None]),
    )
    kept = base.objective
    terms = replace(terms, draws=kept.draws, area_sd=kept.area_sd, threshold_sd_u=kept.threshold_sd_u)
    return replace(base, hidden=hidden, encoding=encoding, pipes=fewest + spare, objective=terms, restarts=4)
