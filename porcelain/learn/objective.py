"""The loss of a PeLU network and its exact gradient, by the chain rule layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..errors import PorcelainError
from .kernel import slopes
from .shape import Shape, softmax


@dataclass(frozen=True)
class Objective:
    """What is made small: softmax cross-entropy of the raw cup volumes, plus terms that each buy something.

    Attributes
    ----------
    sharpness : per u; 1 is the article's loss. The network is homogeneous, so this and the water scale are one
        knob: larger counts errors, smaller spreads the cups.
    margin_u : water taken off the right cup before the softmax; buys distance between the two fullest cups.
    l2 : times the sum of squared logits; buys a lower error on rows never seen (and costs more pipes).
    retained : times the mean fraction of the water that never arrives; buys fuller cups from the same pour.
    draws : how many machines with random faults the loss is averaged over (0: one perfect machine); buys
        answers that survive printing. The draws are fixed by the seed, so that the loss stays smooth.
    area_sd : relative standard deviation of a pipe's area in those machines.
    threshold_sd_u : standard deviation of a bucket's threshold in those machines.
    """

    sharpness: float = 1.0
    margin_u: float = 0.0
    l2: float = 0.0
    retained: float = 0.0
    draws: int = 0
    area_sd: float = 0.05
    threshold_sd_u: float = 0.3

    def __post_init__(self) -> None:
        for what in ("margin_u", "l2", "retained", "draws", "area_sd", "threshold_sd_u"):
            if not 0 <= getattr(self, what) < np.inf:
                raise PorcelainError(f"{what} is {getattr(self, what)}; it must be >= 0 and finite")
        if not 0 < self.sharpness < np.inf:
            raise PorcelainError(f"sharpness is {self.sharpness}; it must be > 0 and finite")


class Loss:
    """Loss and gradient at a trainer's numbers, for given water and labels.

    ``volumes`` (batch, n_in) u, ``labels`` (batch,). Calling it with theta (shape.size,) returns the loss and its
    gradient (shape.size,).
    """

    def __init__(self, volumes: Floats, labels: Ints, shape: Shape, objective: Objective, seed: int = 0) -> None:
        self.volumes = np.ascontiguousarray(volumes, dtype=np.float64)
        self.labels, self.shape, self.objective = labels, shape, objective
        self.widths = np.array(shape.widths)
        self.faults = _faults(shape, objective, seed)

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        terms, machines = self.objective, len(self.faults[0][1])
        free, total, shares, thresholds = [], [], [], []
        for (height, logits), table, (factor, offset) in zip(
            self.shape.split(theta), self.shape.pipes, self.faults, strict=True
        ):
            free.append(softmax(logits, table))
            areas = self.shape.lifted(free[-1], table) * factor
            total.append(areas.sum(axis=2, keepdims=True))
            shares.append(areas / total[-1])
            thresholds.append(np.maximum(height**2 + offset, 0.0))
        loss, by_threshold, by_share = slopes(
            self.volumes,
            self.labels,
            self.widths,
            np.concatenate(thresholds, axis=1),
            np.concatenate([s.reshape(machines, -1) for s in shares], axis=1),
            terms.sharpness,
            terms.margin_u,
            terms.retained,
        )
        gradient = np.zeros_like(theta)
        bucket, pipe = 0, 0
        for k, (d_height, d_logits) in enumerate(self.shape.split(gradient)):
            table, (factor, _) = self.shape.pipes[k], self.faults[k]
            height, logits = self.shape.split(theta)[k]
            d_threshold = by_threshold[:, bucket : bucket + len(table)] * (thresholds[k] > 0)
            d_share = by_share[:, pipe : pipe + table.size].reshape(machines, *table.shape)
            d_area = (d_share - (d_share * shares[k]).sum(axis=2, keepdims=True)) * factor / total[k]
            d_free = d_area.sum(axis=0) * self.shape.room(table)
            d_height += 2.0 * height * d_threshold.sum(axis=0)
            d_logits += free[k] * (d_free - (free[k] * d_free).sum(axis=1, keepdims=True))
            if terms.l2:
                loss += terms.l2 * float(np.sum(logits[table] ** 2))
                d_logits += 2.0 * terms.l2 * logits * table
            bucket, pipe = bucket + len(table), pipe + table.size
        return loss, gradient


def _faults(shape: Shape, objective: Objective, seed: int) -> list[tuple[Floats, Floats]]:
    """Fixed machines: area factors (machines, n_in, n_out) and threshold offsets (machines, n_in) per layer."""
    if not objective.draws:
        return [(np.ones((1, *table.shape)), np.zeros((1, len(table)))) for table in shape.pipes]
    rng = np.random.default_rng([seed, 1])
    out = []
    for table in shape.pipes:
        factor = 1.0 + objective.area_sd * rng.standard_normal((objective.draws, *table.shape))
        offset = objective.threshold_sd_u * rng.standard_normal((objective.draws, len(table)))
        out.append((np.maximum(factor, 0.01), offset))
    return out
