"""The loss of a PeLU network and its exact gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..errors import PorcelainError
from .topology import Topology


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
        Factor on the sum of squared logits. None is as strong as the penalty of a logistic regression with C = 10; see
        ``logistic``. It lowers the error on new rows of tables with many features (wine, one layer and a constant
        bucket: 1.7 % with None, 2.3 % at 1e-3, 4.3 % at 0), and it opens pipes: Iris 4-3-3 has 11 pipes above 1 %
        without it and 21 at 1e-3.
    retained : float
        Factor on the mean fraction of water that does not arrive. It favours full cups (0.2 lifts what Iris delivers
        from 25 to 62 %) and costs a little of what survives printing.
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
    retained: float = 0.0
    draws: int = 0
    area_sd: float = 0.05
    threshold_sd_u: float = 0.3

    def __post_init__(self) -> None:
        for what in ("margin_u", "l2", "retained", "draws", "area_sd", "threshold_sd_u"):
            if (value := getattr(self, what)) is not None and not 0 <= value < np.inf:
                raise PorcelainError(f"{what} is {value}; it must be >= 0 and finite")
        if not 0 < self.sharpness < np.inf:
            raise PorcelainError(f"sharpness is {self.sharpness}; it must be > 0 and finite")


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

    def __init__(self, volumes: Floats, labels: Ints, topology: Topology, objective: Objective, seed: int = 0) -> None:
        factors, offsets = _faults(topology, objective, seed)
        buckets = offsets.shape[1]
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
            float(objective.retained),
            logistic(volumes, topology, objective.sharpness)
            if objective.l2 is None
            else np.full(buckets, float(objective.l2)),
        )

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        from .kernel import loss_and_gradient  # numba is loaded with the first loss, not with an Objective

        return loss_and_gradient(theta, *self._fixed)


def logistic(volumes: Floats, topology: Topology, sharpness: float, c: float = 10.0) -> Floats:
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

    Returns
    -------
    ndarray, shape (buckets,)
        One factor for each bucket. A bucket that always gets the same water is the intercept and gets 0. Hidden buckets
        get the mean.

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
    first = weight**2 / (2.0 * c * len(volumes))
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
