"""Choice: encoding and hidden buckets by cross-validation on a sample, the small networks first, within a budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from ..evaluation import predictions
from .objective import Objective
from .recipe import Recipe
from .training import train

SAMPLE = 600
"""Rows that the choice looks at, at most."""

FOLDS = 3
FEWEST = 30
"""Rows below which nothing is tried: folds of fewer than 20 rows tell one network from another by luck."""

BUDGET = 5e6
"""Work of all trials: rows times pipes times folds. One evaluation of all losses then takes some 0.02 s."""

LINEAR_SHARPNESS, HIDDEN_SHARPNESS = 2.0, 10.0
"""Sharpness without and with hidden tiers, where half the water or less takes the way that matters."""

KNOTS_C = 100.0
"""Inverse penalty for the encoding "knots". At 10 its thresholds cannot bend a border enough: moons 6 % and 3 %."""

HIDDEN_C = 250.0
"""Inverse penalty with hidden tiers: the sharpness there is 5 times as large, and the penalty goes with its square."""

NEAR_ENOUGH = 0.02
"""Error of a small network at which no larger one is tried."""

TRIAL_STEPS = 200
"""Iterations of L-BFGS in a trial at most."""

HIDDEN_TOLERANCE = 1e-8
"""The same with hidden tiers, whose loss hardly falls at first where the start lies between equal ways (xor)."""

STEPS, TOLERANCE = 300, 1e-5
"""Where L-BFGS stops in an estimator. Held-out errors do not change beyond: digits 3.1 % at 1e-5 and at 1e-6."""


@dataclass(frozen=True)
class Trial:
    """A network that was tried.

    Attributes
    ----------
    encoding : str
        Kind of encoding.
    hidden : tuple of int
        Buckets of each hidden tier.
    error : float or None
        Weighted fraction of wrong rows on held-out rows of the sample; None if it was not tried.

    Examples
    --------
    >>> print(Trial("knots", (), 0.05))
    knots 5.0%
    """

    encoding: str
    hidden: tuple[int, ...]
    error: float | None

    def __str__(self) -> str:
        hidden = f" hidden {','.join(map(str, self.hidden))}" if self.hidden else ""
        return f"{self.encoding}{hidden} " + ("not tried" if self.error is None else f"{self.error:.1%}")


@dataclass(frozen=True)
class Choice:
    """What was chosen, and from what.

    Attributes
    ----------
    chosen : Trial
        The choice.
    trials : tuple of Trial
        Everything that was considered, small networks first.
    rows, folds : int
        Rows and folds of the cross-validation; 0 if there was none.

    Examples
    --------
    >>> print(Choice(Trial("knots", (), 0.05), (Trial("constant", (), 0.2), Trial("knots", (), 0.05)), 300, 3))
    knots 5.0% of constant 20.0%, knots 5.0% (3 folds of 300 rows)
    """

    chosen: Trial
    trials: tuple[Trial, ...]
    rows: int
    folds: int

    def __str__(self) -> str:
        if not self.folds:
            return f"{self.chosen.encoding} without a trial"
        return f"{self.chosen} of {', '.join(map(str, self.trials))} ({self.folds} folds of {self.rows} rows)"


def candidates(recipe: Recipe, classes: int, encoding: str | None, hidden: tuple[int, ...] | None) -> list[Recipe]:
    """Recipes to choose from, small networks first.

    Parameters
    ----------
    recipe : Recipe
        Everything else.
    classes : int
        Number of classes.
    encoding : str, optional
        The only encoding to consider.
    hidden : tuple of int, optional
        The only hidden tiers to consider.

    Returns
    -------
    list of Recipe
        At least one.

    Examples
    --------
    >>> [(one.encoding, one.hidden) for one in candidates(Recipe(), 3, None, None)]
    [('constant', ()), ('knots', ()), ('dual', (19,)), ('dual', (35,))]
    >>> [(one.encoding, one.hidden) for one in candidates(Recipe(), 3, None, (4,))]
    [('constant', (4,)), ('dual', (4,)), ('knots', (4,))]
    """
    if hidden is not None:
        kinds = ("constant", "knots") if not hidden else ("constant", "dual", "knots")
        pairs = [(kind, hidden) for kind in kinds]
    else:
        pairs = [("constant", ()), ("knots", ()), ("dual", (16 + classes,)), ("dual", (32 + classes,))]
    if encoding is not None:
        pairs = list(dict.fromkeys((encoding, tier) for _, tier in pairs))
    return [replace(recipe, encoding=kind, hidden=tier) for kind, tier in pairs]


def suited(recipe: Recipe, sharpness: float | None) -> Recipe:
    """A recipe with a sharpness and a penalty that suit its tiers and encoding, unless a sharpness is given.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    sharpness : float, optional
        The sharpness.

    Returns
    -------
    Recipe
        The same recipe with it.

    Examples
    --------
    >>> suited(Recipe(hidden=()), None).objective.sharpness
    2.0
    """
    own = HIDDEN_SHARPNESS if recipe.hidden else LINEAR_SHARPNESS
    c = KNOTS_C if recipe.encoding == "knots" and not recipe.hidden else HIDDEN_C if recipe.hidden else Objective.c
    terms = replace(recipe.objective, sharpness=own if sharpness is None else sharpness, c=c)
    return replace(recipe, objective=terms, tolerance=HIDDEN_TOLERANCE if recipe.hidden else recipe.tolerance)


def choose(
    dataset: Dataset,
    recipes: list[Recipe],
    seed: int,
    weights: Floats | None = None,
    budget: float = BUDGET,
    near_enough: float = NEAR_ENOUGH,
) -> tuple[Recipe, Choice]:
    """Choose among recipes by their error on held-out rows of a sample.

    Parameters
    ----------
    dataset : Dataset
        The rows.
    recipes : list of Recipe
        Small networks first.
    seed : int
        Seed of the sample, the folds and the starts.
    weights : ndarray, shape (n,), optional
        Weights of the rows.
    budget : float
        Work of all tries at most: rows times pipes times folds. The first recipe is always tried.
    near_enough : float
        Error at which no larger network is tried.

    Returns
    -------
    tuple of Recipe and Choice
        The smallest network that is not clearly worse than the best: a larger one must lower the error by more than
        its standard error.

    Examples
    --------
    >>> from porcelain import load
    >>> recipe, choice = choose(load("moons"), candidates(Recipe(start="grown", restarts=1), 2, None, None), 0)
    >>> recipe.encoding
    'knots'
    """
    if len(recipes) == 1 or len(dataset) < FEWEST or dataset.smallest_class < FOLDS:
        first = Trial(recipes[0].encoding, recipes[0].hidden, None)
        return recipes[0], Choice(first, (first,), 0, 0)
    rows = dataset.sample(SAMPLE, seed)
    sample, heavy = dataset.take(rows), np.ones(len(rows)) if weights is None else weights[rows]
    folds = list(sample.folds(FOLDS, seed)) if sample.smallest_class >= FOLDS else list(_halves(sample, seed))
    best, least, wider = 0, 1.0, True
    trials: list[Trial] = []
    for recipe in recipes:
        work = len(folds) * len(sample) * _pipes(sample, recipe)
        budget -= work
        if trials and (budget < 0 or not wider):
            budget += work
            trials.append(Trial(recipe.encoding, recipe.hidden, None))
            continue
        error = _error(sample, heavy, replace(recipe, steps=min(recipe.steps, TRIAL_STEPS)), folds, seed)
        trials.append(Trial(recipe.encoding, recipe.hidden, error))
        if error < least - np.sqrt(least * (1.0 - least) / len(sample)) or len(trials) == 1:
            best, least = len(trials) - 1, error
        wider = least > near_enough and (near_enough == 0 or not recipe.hidden or best == len(trials) - 1)
    return recipes[best], Choice(trials[best], tuple(trials), len(sample), len(folds))


def _halves(sample: Dataset, seed: int) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """Three random pairs of rows to learn from and rows held out, where a class is too small for folds."""
    for fold in range(FOLDS):
        rows = np.random.default_rng([seed, 4, fold]).permutation(len(sample))
        yield rows[len(rows) // 3 :], rows[: len(rows) // 3]


def _pipes(dataset: Dataset, recipe: Recipe) -> int:
    widths = (len(recipe.encode(dataset).names), *recipe.hidden, len(dataset.class_names))
    return sum(n * m for n, m in pairwise(widths))


def _error(
    sample: Dataset, weights: Floats, recipe: Recipe, folds: Iterable[tuple[np.ndarray, np.ndarray]], seed: int
) -> float:
    wrong = 0.0
    total = 0.0
    for learned, held_out in folds:
        network, _ = train(sample.take(learned), recipe, seed, weights[learned])
        missed = predictions(network, sample.take(held_out)) != sample.labels[held_out]
        wrong += float(weights[held_out][missed].sum())
        total += float(weights[held_out].sum())
    return wrong / total
