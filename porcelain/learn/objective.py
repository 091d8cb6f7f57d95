"""The loss of a PeLU network and its exact gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..errors import PorcelainError
from .matrix_loss import MatrixLoss
from .topology import Topology

ONE_LAYER_RETAINED = 0.1
"""Factor on the water that does not arrive in one layer. It keeps thresholds small that change no answer."""

HIDDEN_RELIEF = 100.0
"""How much weaker the penalty of a logistic regression is with hidden tiers. At full strength the shares of a hidden
bucket cannot differ enough: wine with 8 hidden buckets had 88 % of its own training rows right, and 100 % without."""

MATRIX_WORK = 2**17
"""Rows times pipes from which matrix products are used. Every stored design stays below."""


@dataclass(frozen=True)
class Objective:
    """Terms of the loss: softmax cross-entropy of the cup volumes, and terms that each favour something.

    Parameters
    ----------
    sharpness : float
        Factor on the volumes, 1/u. 1 is the loss of the article. The network is homogeneous, so this and the unit of
        volume are one parameter: larger counts errors, smaller spreads the cups.
    margin_u : float
        Volume taken off the right cup before the softmax, u. It favours a distance between the two fullest cups.
    l2 : float or None
        Factor on the sum of squared logits. None is as strong as the penalty of a logistic regression; see
        ``logistic``. It lowers the error on new rows of tables with many features (wine, one layer and a constant
        bucket: 1.7 % with None, 2.3 % at 1e-3, 4.3 % at 0), and it opens pipes: Iris 4-3-3 has 11 pipes above 1 %
        without it and 21 at 1e-3.
    c : float
        Inverse strength of that penalty, as ``C`` in scikit-learn.
    retained : float or None
        Factor on the mean fraction of water that does not arrive. None is ``ONE_LAYER_RETAINED`` without hidden tiers
        and 0 with them, whose thresholds are what they can do that one layer cannot. It favours full cups (0.2 lifts
        what Iris delivers from 25 to 62 %) and costs a little of what survives printing.
    draws : int
        Number of machines with random faults over which the loss is averaged; 0 is one perfect machine. It favours
        answers that survive printing (Iris with 5 % area and 0.3 u threshold noise: 1.9 % error instead of 3.8 %). The
        draws are fixed by the seed, so that the loss stays smooth.
    area_sd : float
        Relative standard deviation of the area of a pipe in these machines.
    threshold_sd_u : float
        Standard deviation of a threshold in these machines, u.

    Raises
    ------
    PorcelainError
        If a value is out of its range.

    Examples
    --------
    >>> Objective(margin_u=2.0).margin_u
    2.0
    """

    sharpness: float = 1.0
    margin_u: float = 0.0
    l2: float | None = 0.0
    c: float = 10.0
    retained: float | None = 0.0
    draws: int = 0
    area_sd: float = 0.05
    threshold_sd_u: float = 0.3

    def __post_init__(self) -> None:
        for what in ("margin_u", "l2", "retained", "draws", "area_sd", "threshold_sd_u"):
            if (value := getattr(self, what)) is not None and not 0 <= value < np.inf:
                raise PorcelainError(f"{what} is {value}; it must be >= 0 and finite")
        for what in ("sharpness", "c"):
            if not 0 < getattr(self, what) < np.inf:
                raise PorcelainError(f"{what} is {getattr(self, what)}; it must be > 0 and finite")

    def retained_in(self, tiers: int) -> float:
        """Factor on the water that does not arrive in a network.

        Parameters
        ----------
        tiers : int
            Its tiers, cups included; 2 is one layer.

        Returns
        -------
        float
            The factor.
        """
        if self.retained is None:
            return ONE_LAYER_RETAINED if tiers == 2 else 0.0
        return float(self.retained)


class Loss:
    """Loss and gradient for given water and labels. Calling it with theta (topology.size,) returns both.

    Parameters
    ----------
    volumes : ndarray, shape (batch, n_in)
        Volumes poured, u.
    labels : ndarray of int, shape (batch,)
        Classes.
    topology : Topology
        Pipes that exist.
    objective : Objective
        Terms of the loss.
    seed : int
        Seed of the faulty machines.
    weights : ndarray, shape (batch,), optional
        Weights of the rows, 0 or more; all rows weigh the same without them. A sum above the number of rows counts as
        that many rows beside the penalty.

    Notes
    -----
    The compiled kernel adds row after row, so that a seed gives the same network on every machine. From ``MATRIX_WORK``
    on, a loss without faulty machines is computed by matrix products, which are several times faster and may differ
    between machines in the last digits.

    Examples
    --------
    >>> import numpy as np
    >>> from porcelain.learn.topology import Topology
    >>> topology = Topology.full((2, 2))
    >>> loss = Loss(np.ones((3, 2)), np.zeros(3, dtype=np.int64), topology, Objective())
    >>> value, gradient = loss(np.zeros(topology.size))
    >>> round(value, 4), gradient.shape
    (0.6931, (6,))
    """

    def __init__(
        self,
        volumes: Floats,
        labels: Ints,
        topology: Topology,
        objective: Objective,
        seed: int = 0,
        weights: Floats | None = None,
    ) -> None:
        self._matrix: MatrixLoss | None = None
        weights = np.ones(len(volumes)) if weights is None else np.ascontiguousarray(weights, dtype=np.float64)
        retained = objective.retained_in(len(topology.widths))
        l2 = _penalties(volumes, topology, objective, max(float(weights.sum()), len(volumes)))
        if not objective.draws and len(volumes) * topology.n_pipes >= MATRIX_WORK:
            terms = (float(objective.sharpness), float(objective.margin_u), retained)
            self._matrix = MatrixLoss(volumes, labels, weights / weights.sum(), topology, *terms, l2)
            return
        factors, offsets = _faults(topology, objective, seed)
        self._fixed = (
            np.ascontiguousarray(volumes, dtype=np.float64),
            labels,
            np.array(topology.widths),
            np.concatenate([table.ravel() for table in topology.pipes]),
            topology.floor,
            factors,
            offsets,
            float(objective.sharpness),
            float(objective.margin_u),
            retained,
            l2,
            weights,
        )

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        if self._matrix is not None:
            return self._matrix(theta)
        from .kernel import loss_and_gradient  # numba is loaded with the first loss, not with an Objective

        return loss_and_gradient(theta, *self._fixed)


def _penalties(volumes: Floats, topology: Topology, objective: Objective, rows: float) -> Floats:
    """Factors on squared logits, (buckets,)."""
    if objective.l2 is None:
        return logistic(volumes, topology, objective.sharpness, objective.c, rows)
    return np.full(sum(topology.widths[:-1]), float(objective.l2))


def logistic(
    volumes: Floats, topology: Topology, sharpness: float, c: float = 10.0, rows: float | None = None
) -> Floats:
    """Factors on squared logits that weigh as the penalty of a logistic regression.

    Parameters
    ----------
    volumes : ndarray, shape (batch, n_in)
        Volumes poured, u.
    topology : Topology
        Pipes that exist.
    sharpness : float
        As in Objective.
    c : float
        Inverse strength, as ``C`` in scikit-learn.
    rows : float, optional
        Rows that the data stands for, from the weights; without it the number of rows.

    Returns
    -------
    ndarray, shape (buckets,)
        One factor for each bucket. A bucket that always gets the same water is the intercept and gets 0. With hidden
        tiers all factors are divided by ``HIDDEN_RELIEF``, and hidden buckets get the mean.

    Notes
    -----
    Near equal shares a logit ``a`` moves a share by ``a / cups``. Over a range of water ``r`` this is the weight
    ``w = sharpness r a / cups`` of a feature rescaled to 0..1. The penalty ``|w|^2 / (2 c rows)`` of scikit-learn
    beside the mean loss follows.

    Examples
    --------
    >>> import numpy as np
    >>> from porcelain.learn.topology import Topology
    >>> logistic(np.array([[0.0, 5.0], [10.0, 5.0]]), Topology.full((2, 2)), 1.0)
    array([0.625, 0.   ])
    """
    weight = sharpness * np.ptp(volumes, axis=0) / topology.widths[-1]
    relief = HIDDEN_RELIEF if len(topology.widths) > 2 else 1.0
    first = weight**2 / (2.0 * c * (rows or len(volumes)) * relief)
    return np.append(first, np.full(sum(topology.widths[1:-1]), first.mean()))


def _faults(topology: Topology, objective: Objective, seed: int) -> tuple[Floats, Floats]:
    """Factors of areas (machines, pipes) and offsets of thresholds (machines, buckets), u, of the faulty machines."""
    pipes, buckets = sum(table.size for table in topology.pipes), sum(topology.widths[:-1])
    if not objective.draws:
        return np.ones((1, pipes)), np.zeros((1, buckets))
    rng = np.random.default_rng([seed, 1])
    factors = 1.0 + objective.area_sd * rng.standard_normal((objective.draws, pipes))
    offsets = objective.threshold_sd_u * rng.standard_normal((objective.draws, buckets))
    return np.maximum(factors, 0.01), offsets
