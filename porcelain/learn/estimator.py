"""PeLUClassifier: a network of buckets and pipes as a scikit-learn classifier."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats, Ints
from ..classifier import Classifier
from ..data import Dataset
from .objective import Objective
from .recipe import Recipe
from .training import train


class PeLUClassifier(Classifier):
    """A PeLU network as a classifier. Scaling and the constant bucket are inside.

    The defaults are the recipe "table": one layer with a constant bucket, comparable to logistic regression.

    Parameters
    ----------
    hidden : tuple of int
        Buckets of each hidden tier.
    encoding : str
        "plain", "constant" or "dual".
    span_u : float
        Volume of the largest value of a rescaled feature, u.
    sharpness, margin_u, l2, retained, draws : float
        Fields of Objective.
    restarts : int, optional
        Starts at most. None is one start without hidden tiers, and the default of Recipe with them.
    min_share, pipes, planar : float, int, bool
        Fields of Recipe.
    random_state : int, RandomState or None
        Seed of the starts.

    Attributes
    ----------
    network_ : Network
        The trained network, ready for ``porcelain.plan``.
    loss_ : float
        Loss at the end of training.
    classes_ : ndarray
        Labels in the order of the cups.

    Examples
    --------
    >>> from porcelain import load
    >>> iris = load("iris")
    >>> classifier = PeLUClassifier().fit(iris.features, iris.labels)
    >>> classifier.score(iris.features, iris.labels) > 0.94
    True
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (),
        encoding: str = "constant",
        span_u: float = 50.0,
        sharpness: float = 2.0,
        margin_u: float = 0.0,
        l2: float | None = None,
        retained: float = 0.1,
        draws: int = 0,
        restarts: int | None = None,
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

    def _learn(self, rows: Floats, codes: Ints, seed: int) -> None:
        names = tuple(f"x{i}" for i in range(rows.shape[1]))
        classes = tuple(str(c) for c in self.classes_)
        dataset = Dataset("data", rows, codes, names, ("",) * len(names), classes)
        self.network_, self.loss_ = train(dataset, self._recipe(), seed)

    def _outputs(self, rows: Floats) -> Floats:
        """Water in the cups, (n, classes) u."""
        encoding = self.network_.encoding
        return self.network_(encoding.volumes(encoding.clipped(rows)))

    def _recipe(self) -> Recipe:
        return Recipe(
            tuple(self.hidden),
            self.encoding,
            span_u=self.span_u,
            objective=Objective(self.sharpness, self.margin_u, self.l2, self.retained, self.draws),
            restarts=self.restarts or (Recipe.restarts if self.hidden else 1),
            min_share=self.min_share,
            pipes=self.pipes,
            planar=self.planar,
        )
