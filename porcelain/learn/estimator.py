"""PeLUClassifier: a network of buckets and pipes as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import _check_sample_weight

from ..arrays import Floats, Ints
from ..classifier import Classifier
from ..data import Dataset
from .choice import BUDGET, LINEAR_SHARPNESS, STEPS, TOLERANCE, candidates, choose, suited
from .objective import Objective
from .recipe import Recipe
from .topology import softmax
from .training import train


class PeLUClassifier(Classifier):
    """A PeLU network as a classifier. Scaling and the constant bucket are inside.

    Encoding and hidden tiers are chosen by cross-validation on a sample of the rows, unless they are given. The
    smallest choice is one layer with a constant bucket, comparable to logistic regression.

    Parameters
    ----------
    hidden : tuple of int, optional
        Buckets of each hidden tier; () is none. None chooses.
    encoding : str, optional
        "plain", "constant", "dual" or "knots". None chooses.
    span_u : float
        Volume of the largest value of a rescaled feature, u.
    sharpness : float, optional
        Factor on the volumes in the loss, 1/u. None is 2 without hidden tiers and 10 with them.
    margin_u, l2, retained, draws : float
        Fields of Objective.
    restarts : int, optional
        Starts at most. None is one start.
    min_share, pipes, planar : float, int, bool
        Fields of Recipe. With one of them nothing is chosen: the default is one layer with a constant bucket.
    class_weight : mapping or "balanced", optional
        Weights of the classes, as in scikit-learn.
    budget : float
        Work of the choice at most: rows times pipes times folds.
    random_state : int, RandomState or None
        Seed of the starts, the sample and its folds.

    Attributes
    ----------
    network_ : Network
        The trained network, ready for ``porcelain.plan``.
    loss_ : float
        Loss at the end of training.
    recipe_ : Recipe
        How it was trained.
    choice_ : Choice
        What was tried, with the errors on held-out rows.
    classes_ : ndarray
        Labels in the order of the cups.

    Notes
    -----
    Equal rows of one class are merged and weigh as much together, so that a weight of 2 and a repeated row give the
    same network.

    Examples
    --------
    >>> from porcelain import load
    >>> iris = load("iris")
    >>> classifier = PeLUClassifier().fit(iris.features, iris.labels)
    >>> classifier.score(iris.features, iris.labels) > 0.94
    True
    >>> classifier.choice_.chosen.encoding
    'constant'
    """

    def __init__(
        self,
        hidden: tuple[int, ...] | None = None,
        encoding: str | None = None,
        span_u: float = 50.0,
        sharpness: float | None = None,
        margin_u: float = 0.0,
        l2: float | None = None,
        retained: float | None = None,
        draws: int = 0,
        restarts: int | None = None,
        min_share: float = 0.0,
        pipes: int | None = None,
        planar: bool = False,
        class_weight: Mapping[Any, float] | str | None = None,
        budget: float = BUDGET,
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.hidden = hidden
        self.encoding = encoding
        self.span_u = span_u
        self.sharpness = sharpness
        self.margin_u = margin_u
        self.l2 = l2
        self.retained = retained
        self.draws = draws
        self.restarts = restarts
        self.min_share = min_share
        self.pipes = pipes
        self.planar = planar
        self.class_weight = class_weight
        self.budget = budget
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Learn from features and labels.

        Parameters
        ----------
        X : array_like, shape (n, f)
            Features. The columns of a data frame name the features of the network.
        y : array_like, shape (n,)
            Labels.
        sample_weight : array_like, shape (n,), optional
            Weights of the rows, 0 or more.

        Returns
        -------
        PeLUClassifier
            This estimator.

        Raises
        ------
        ValueError
            If fewer than two classes have any weight, or a weight is negative.
        """
        rows, codes = self._checked(X, y)
        weights = _check_sample_weight(sample_weight, rows, dtype=np.float64, ensure_non_negative=True)
        weights = weights * compute_sample_weight(self.class_weight, self.classes_[codes])
        heavy = weights > 0.0
        if len(np.unique(codes[heavy])) < 2:
            raise ValueError("fewer than 2 classes have rows of a weight above 0; at least 2 classes are needed")
        rows, codes, weights = _merged(rows[heavy], codes[heavy], weights[heavy])
        self._train(rows, codes, weights, self._seed())
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities of the classes: the softmax of sharpness times the volumes in the cups.

        Parameters
        ----------
        X : array_like, shape (n, f)
            Features.

        Returns
        -------
        ndarray, shape (n, classes)
            Rows add up to 1.
        """
        cups = self._cups(X)
        return np.asarray(softmax(self.recipe_.objective.sharpness * cups, np.ones_like(cups, dtype=bool)))

    def _train(self, rows: Floats, codes: Ints, weights: Floats, seed: int) -> None:
        names = tuple(str(name) for name in getattr(self, "feature_names_in_", ()))
        names = names or tuple(f"x{i}" for i in range(rows.shape[1]))
        classes = tuple(str(c) for c in self.classes_)
        dataset = Dataset("data", rows, codes, names, ("",) * len(names), classes)
        self.recipe_, self.choice_ = choose(dataset, self._recipes(len(classes)), seed, weights, self.budget)
        self.network_, self.loss_ = train(dataset, self.recipe_, seed, weights)

    def _outputs(self, rows: Floats) -> Floats:
        """Water in the cups, (n, classes) u."""
        encoding = self.network_.encoding
        return self.network_(encoding.volumes(encoding.clipped(rows)))

    def _recipes(self, classes: int) -> list[Recipe]:
        """What there is to choose from."""
        hidden, encoding = None if self.hidden is None else tuple(self.hidden), self.encoding
        if self.min_share or self.pipes is not None or self.planar:
            hidden, encoding = hidden or (), encoding or "constant"
        base = Recipe(
            span_u=self.span_u,
            objective=Objective(LINEAR_SHARPNESS, self.margin_u, self.l2, retained=self.retained, draws=self.draws),
            restarts=self.restarts or 1,
            min_share=self.min_share,
            pipes=self.pipes,
            planar=self.planar,
            start="grown",
            steps=STEPS,
            tolerance=TOLERANCE,
        )
        return [suited(one, self.sharpness) for one in candidates(base, classes, encoding, hidden)]


def _merged(rows: Floats, codes: Ints, weights: Floats) -> tuple[Floats, Ints, Floats]:
    """Rows in an order that does not depend on theirs, equal ones of a class merged."""
    keyed = np.column_stack([rows, codes]) + 0.0  # -0.0 and 0.0 are one number
    _, first, which = np.unique(keyed, axis=0, return_index=True, return_inverse=True)
    return rows[first] + 0.0, codes[first], np.asarray(np.bincount(which.ravel(), weights), dtype=np.float64)
