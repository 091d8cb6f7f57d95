"""ExchangerClassifier: the Neural Heat Exchanger behind scikit-learn's interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from ..arrays import Floats
from ..errors import PorcelainError
from .exchanger import new
from .train import train


class ExchangerClassifier(ClassifierMixin, BaseEstimator):
    """Two tanh pipes in counterflow that teach each other: one output per class, the largest is the answer.

    Features are brought to mean 0 and sd 1 first; labels are poured as 1 for the class and -1 for the rest.

    Parameters
    ----------
    hidden : widths of the levels between input and label
    rule : "target" or "delta", or the controls "backprop" and "last"; see :func:`porcelain.exchange.train`
    epochs, step, batch, noise : as there; step None is the rule's own
    random_state : seed of the start, the order and the noise

    Attributes
    ----------
    classes_ : the labels seen
    exchanger_ : the trained :class:`porcelain.exchange.Exchanger`
    training_ : its :class:`porcelain.exchange.Training`, with status and agreement before and after
    """

    def __init__(
        self,
        hidden: Sequence[int] = (16,) * 9,
        rule: str = "target",
        epochs: int = 200,
        step: float | None = None,
        batch: int = 10,
        noise: float = 0.3,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.rule = rule
        self.epochs = epochs
        self.step = step
        self.batch = batch
        self.noise = noise
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> ExchangerClassifier:
        """Learn from X (n, f) and labels y (n,)."""
        from sklearn.utils import check_random_state

        rows, targets = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(targets)
        self.classes_, codes = np.unique(targets, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has {len(self.classes_)} class; an ExchangerClassifier needs at least 2 to tell apart")
        self.mean_, spread = rows.mean(axis=0), rows.std(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        rng = np.random.default_rng(check_random_state(self.random_state).randint(2**31))
        pipes = new((rows.shape[1], *self.hidden, len(self.classes_)), rng)
        labels = 2.0 * np.eye(len(self.classes_))[codes] - 1.0
        self.training_ = train(
            pipes,
            (rows - self.mean_) / self.scale_,
            labels,
            self.rule,
            self.epochs,
            self.step,
            self.batch,
            self.noise,
            rng,
            log=False,
        )
        if self.training_.status == "diverged":
            raise PorcelainError(self.training_.message)
        self.exchanger_ = self.training_.exchanger
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Outputs of F in [-1, 1], (n, classes); for two classes the second's lead over the first, (n,)."""
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=np.float64, reset=False)
        outputs = self.exchanger_.predict((rows - self.mean_) / self.scale_)
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Labels (n,) for X (n, f)."""
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(int) if scores.ndim == 1 else scores.argmax(axis=1)]
