"""PeLUClassifier: a network of buckets and pipes as a scikit-learn classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ..data import Dataset
from .objective import Objective
from .recipe import Recipe
from .training import train


class PeLUClassifier(ClassifierMixin, BaseEstimator):
    """The network's cups as a decision function; scaling and the constant bucket are inside.

    Parameters are the fields of Recipe and Objective of the same names; ``random_state`` seeds the starts. The
    defaults are a single layer with a constant bucket and a little l2, which suits small tables.

    Attributes
    ----------
    network_ : the trained Network, ready for ``porcelain.plan``
    loss_ : what training made small
    classes_ : labels in the order of the cups
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (),
        encoding: str = "constant",
        span_u: float = 50.0,
        sharpness: float = 1.0,
        margin_u: float = 0.0,
        l2: float = 1e-3,
        retained: float = 0.0,
        draws: int = 0,
        restarts: int = 3,
        min_share: float = 0.0,
        pipes: int | None = None,
        planar: bool = False,
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
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> PeLUClassifier:
        """Train on features (n, f) and labels (n,); raises ValueError for a single class, as scikit-learn does."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"the labels hold {len(self.classes_)} class; at least 2 are needed to learn")
        names = tuple(f"x{i}" for i in range(X.shape[1]))
        classes = tuple(str(c) for c in self.classes_)
        dataset = Dataset("data", X, labels, names, ("",) * len(names), classes)
        self.network_, self.loss_ = train(dataset, self._recipe(), self._seed())
        return self

    def decision_function(self, X: Any) -> Any:
        """Water in the cups, (n, classes) u; for two classes the second less the first, (n,)."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        encoding = self.network_.encoding
        cups = self.network_(encoding.volumes(encoding.clipped(X)))
        return cups[:, 1] - cups[:, 0] if len(self.classes_) == 2 else cups

    def predict(self, X: Any) -> Any:
        """The class of the fullest cup, (n,)."""
        cups = self.decision_function(X)
        fullest = (cups > 0).astype(np.int64) if cups.ndim == 1 else np.argmax(cups, axis=1)
        return self.classes_[fullest]

    def _recipe(self) -> Recipe:
        return Recipe(
            tuple(self.hidden),
            self.encoding,
            span_u=self.span_u,
            objective=Objective(self.sharpness, self.margin_u, self.l2, self.retained, self.draws),
            restarts=self.restarts,
            min_share=self.min_share,
            pipes=self.pipes,
            planar=self.planar,
        )

    def _seed(self) -> int:
        from sklearn.utils import check_random_state

        if isinstance(self.random_state, int):
            return self.random_state
        return int(check_random_state(self.random_state).randint(2**31 - 1))
