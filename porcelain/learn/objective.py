"""The loss of a PeLU network and its exact gradient, by the chain rule layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..errors import PorcelainError
from .topology import Shape


@dataclass(frozen=True)
class Objective:
    """What is made small: softmax cross-entropy of the raw cup volumes, plus terms that each buy something.

    Attributes
    ----------
    sharpness : per u; 1 is the article's loss. The network is homogeneous, so this and the water scale are one
        knob: larger counts errors, smaller spreads the cups.
    margin_u : water taken off the right cup before the softmax; buys distance between the two fullest cups.
    l2 : times the sum of squared logits; None is as strong as the penalty of a logistic regression with C = 10, see
        ``logistic``. Buys a lower error on rows never seen where features are many (wine, one layer and a constant
        bucket: 1.7 % with None, 2.3 % at 1e-3, 4.3 % at 0) and costs pipes: Iris 4-3-3 has 11 that carry over 1 %
        without it, 21 at 1e-3.
    retained : times the mean fraction of the water that never arrives; buys fuller cups from the same pour (0.2 lifts
        what Iris delivers from 25 to 62 %) and costs a little of what survives printing.
    draws : how many machines with random faults the loss is averaged over (0: one perfect machine); buys
        answers that survive printing (Iris with 5 % area and 0.3 u threshold noise: 1.9 % error instead of 3.8 %).
        The draws are fixed by the seed, so that the loss stays smooth.
    area_sd : relative standard deviation of a pipe's area in those machines.
    threshold_sd_u : standard deviation of a bucket's threshold in those machines.
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
    """Loss and gradient at a trainer's numbers, for given water and labels.

    ``volumes`` (batch, n_in) u, ``labels`` (batch,). Calling it with theta (shape.size,) returns the loss and its
    gradient (shape.size,).
    """

    def __init__(self, volumes: Floats, labels: Ints, shape: Shape, objective: Objective, seed: int = 0) -> None:
        factors, offsets = _faults(shape, objective, seed)
        buckets = offsets.shape[1]
        self._fixed = (
            np.ascontiguousarray(volumes, dtype=np.float64),
            labels,
            np.array(shape.widths),
            np.concatenate([table.ravel() for table in shape.pipes]),
            shape.floor,
            factors,
            offsets,
            float(objective.sharpness),
            float(objective.margin_u),
            float(objective.retained),
            logistic(volumes, shape, objective.sharpness)
            if objective.l2 is None
            else np.full(buckets, float(objective.l2)),
        )

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        from .kernel import loss_and_gradient  # numba is loaded with the first loss, not with an Objective

        return loss_and_gradient(theta, *self._fixed)


def logistic(volumes: Floats, shape: Shape, sharpness: float, c: float = 10.0) -> Floats:
    """The l2 of every bucket (buckets,) that weighs on a single layer as logistic regression's does on its weights.

    Near equal shares a logit ``a`` moves a share by ``a / cups``, so over a range of water ``r`` it is the weight
    ``w = sharpness r a / cups`` of a feature rescaled to 0..1, and scikit-learn's ``|w|^2 / (2 c rows)`` beside the
    mean loss follows. A bucket that always gets the same water is the intercept and goes free. Hidden buckets get
    the mean.
    """
    weight = sharpness * np.ptp(volumes, axis=0) / shape.widths[-1]
    first = weight**2 / (2.0 * c * len(volumes))
    return np.append(first, np.full(sum(shape.widths[1:-1]), first.mean()))


def _faults(shape: Shape, objective: Objective, seed: int) -> tuple[Floats, Floats]:
    """Fixed machines: factors of the areas (machines, pipes) and offsets of the thresholds (machines, buckets), u."""
    pipes, buckets = sum(table.size for table in shape.pipes), sum(shape.widths[:-1])
    if not objective.draws:
        return np.ones((1, pipes)), np.zeros((1, buckets))
    rng = np.random.default_rng([seed, 1])
    factors = 1.0 + objective.area_sd * rng.standard_normal((objective.draws, pipes))
    offsets = objective.threshold_sd_u * rng.standard_normal((objective.draws, buckets))
    return np.maximum(factors, 0.01), offsets
