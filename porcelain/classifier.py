"""Base class of the scikit-learn estimators. Importing this module imports scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .arrays import Floats, Ints


class Classifier(ClassifierMixin, BaseEstimator):
    """Classifier by the largest of several outputs.

    A subclass implements ``_learn`` and ``_outputs``.

    Attributes
    ----------
    classes_ : ndarray
        The labels seen in ``fit``.

    Examples
    --------
    >>> from porcelain import PeLUClassifier
    >>> issubclass(PeLUClassifier, Classifier)
    True
    """

    random_state: Any

    def fit(self, X: Any, y: Any) -> Any:
        """Learn from features and labels.

        Parameters
        ----------
        X : array_like, shape (n, f)
            Features.
        y : array_like, shape (n,)
            Labels.

        Returns
        -------
        Classifier
            This estimator.

        Raises
        ------
        ValueError
            If there are fewer than two classes, as in scikit-learn.
        """
        rows, codes = self._checked(X, y)
        self._learn(rows, codes, self._seed())
        return self

    def decision_function(self, X: Any) -> Floats:
        """Lead of every class over the best of the others.

        Parameters
        ----------
        X : array_like, shape (n, f)
            Features.

        Returns
        -------
        ndarray, shape (n, classes) or (n,)
            Output of the class less the largest other output. For two classes it is the lead of the second class.
        """
        outputs = self._cups(X)
        if len(self.classes_) == 2:
            return outputs[:, 1] - outputs[:, 0]
        second, first = np.sort(outputs, axis=1)[:, -2:].T[:, :, None]
        return np.where(outputs == first, outputs - second, outputs - first)

    def predict(self, X: Any) -> Any:
        """Class of the largest output.

        Parameters
        ----------
        X : array_like, shape (n, f)
            Features.

        Returns
        -------
        ndarray, shape (n,)
            Labels.
        """
        scores = self.decision_function(X)
        return self.classes_[(scores > 0).astype(np.int64) if scores.ndim == 1 else scores.argmax(axis=1)]

    def _cups(self, X: Any) -> Floats:
        check_is_fitted(self)
        return self._outputs(validate_data(self, X, dtype=np.float64, reset=False))

    def _checked(self, X: Any, y: Any) -> tuple[Floats, Ints]:
        """Rows and indices of their classes, which are kept in ``classes_``."""
        rows, targets = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(targets)
        self.classes_, codes = np.unique(targets, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"the labels hold {len(self.classes_)} class; at least 2 are needed to tell apart")
        return rows, codes

    def _seed(self) -> int:
        if isinstance(self.random_state, int):
            return self.random_state
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _learn(self, rows: Floats, codes: Ints, seed: int) -> None:
        """Learn from rows (n, f) and their classes' indices (n,)."""
        raise NotImplementedError

    def _outputs(self, rows: Floats) -> Floats:
        """One output per class, (n, classes)."""
        raise NotImplementedError
