"""ExchangerClassifier: the Neural Heat Exchanger as a scikit-learn classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays import Floats, Ints
from ..classifier import Classifier
from ..errors import PorcelainError
from .exchanger import new
from .training import train


class ExchangerClassifier(Classifier):
    """Two tanh pipes in counterflow that teach each other. The largest of the outputs is the class.

    Features are brought to mean 0 and standard deviation 1. Labels are 1 for the class and -1 for the others.

    Parameters
    ----------
    hidden : sequence of int
        Widths of the levels between input and label.
    rule : str
        "target" or "delta", or the controls "backprop" and "last"; see :func:`porcelain.exchange.train`.
    epochs, step, batch, noise : int, float, int, float
        As in :func:`porcelain.exchange.train`. A step of None is the rule's own.
    random_state : int, RandomState or None
        Seed of the start, the order and the noise.

    Attributes
    ----------
    classes_ : ndarray
        The labels seen.
    exchanger_ : Exchanger
        The trained exchanger.
    training_ : Training
        Status, and agreement before and after.

    Examples
    --------
    >>> from porcelain import load
    >>> iris = load("iris")
    >>> classifier = ExchangerClassifier(hidden=(8,), epochs=30, random_state=0).fit(iris.features, iris.labels)
    >>> classifier.score(iris.features, iris.labels) > 0.9
    True
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

    def _learn(self, rows: Floats, codes: Ints, seed: int) -> None:
        self.mean_, spread = rows.mean(axis=0), rows.std(axis=0)
        self.scale_ = np.where(spread > 0, spread, 1.0)
        rng = np.random.default_rng(seed)
        pipes = new((rows.shape[1], *self.hidden, len(self.classes_)), rng)
        self.training_ = train(
            pipes,
            (rows - self.mean_) / self.scale_,
            2.0 * np.eye(len(self.classes_))[codes] - 1.0,
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

    def _outputs(self, rows: Floats) -> Floats:
        """Outputs of F in [-1, 1], (n, classes)."""
        return self.exchanger_.predict((rows - self.mean_) / self.scale_)
