"""The loss of a PeLU network and its exact gradient, by the chain rule layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
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


class Loss:
    """Loss and gradient at a trainer's numbers, for given water and labels.

    ``volumes`` (batch, n_in) u, ``labels`` (batch,). Calling it with theta (shape.size,) returns the loss and its
    gradient (shape.size,).
    """

    def __init__(self, volumes: Floats, labels: Ints, shape: Shape, objective: Objective, seed: int = 0) -> None:
        self.volumes, self.shape, self.objective = volumes, shape, objective
        self.right = np.zeros((len(labels), shape.pipes[-1].shape[1]))
        self.right[np.arange(len(labels)), labels] = 1.0
        self.poured = np.maximum(volumes.sum(axis=1), np.finfo(float).tiny)
        self.faults = _faults(shape, objective, seed) if objective.draws else None

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        tiers: list[Floats] = [self.volumes]
        rows, kept = [], []
        for k, (height, logits) in enumerate(self.shape.split(theta)):
            table = self.shape.pipes[k]
            free = softmax(logits, table)
            room = 1.0 - self.shape.floor * table.sum(axis=1, keepdims=True)
            shares = self.shape.floor * table + room * free
            threshold = height**2
            if self.faults is not None:
                factor, offset = self.faults[k]
                shares = shares * factor
                total = shares.sum(axis=-1, keepdims=True)
                shares = shares / total
                threshold = np.maximum(threshold + offset, 0.0)[:, None, :]
                room = room * factor / total
            passed = np.maximum(tiers[-1] - threshold, 0.0)
            tiers.append(passed @ shares)
            rows.append((free, room, shares))
            kept.append(passed)
        loss, slope = self._cross_entropy(tiers[-1])
        gradient = np.zeros_like(theta)
        for k, (d_height, d_logits) in reversed(list(enumerate(self.shape.split(gradient)))):
            free, room, shares = rows[k]
            d_shares = np.swapaxes(kept[k], -1, -2) @ slope
            d_shares = room * (d_shares - (d_shares * shares).sum(axis=-1, keepdims=True))
            slope = (slope @ np.swapaxes(shares, -1, -2)) * (kept[k] > 0)
            d_threshold = -slope.sum(axis=-2)
            if self.faults is not None:
                height = self.shape.split(theta)[k][0]
                d_threshold = (d_threshold * (height**2 + self.faults[k][1] > 0)).sum(axis=0)
                d_shares = d_shares.sum(axis=0)
            d_logits += free * (d_shares - (free * d_shares).sum(axis=1, keepdims=True))
            d_height += 2.0 * self.shape.split(theta)[k][0] * d_threshold
        return loss + self._l2(theta, gradient), gradient

    def _cross_entropy(self, cups: Floats) -> tuple[float, Floats]:
        """Mean over rows (and machines) of the cross-entropy and the retained fraction; slope as ``cups``."""
        terms = self.objective
        y = terms.sharpness * (cups - terms.margin_u * self.right)
        y -= y.max(axis=-1, keepdims=True)
        e = np.exp(y)
        total = e.sum(axis=-1, keepdims=True)
        n = y.size // y.shape[-1]
        loss = float((np.log(total[..., 0]) - (y * self.right).sum(axis=-1)).sum()) / n
        slope = (e / total - self.right) * (terms.sharpness / n)
        if terms.retained:
            loss += terms.retained * float(np.sum(1.0 - cups.sum(axis=-1) / self.poured)) / n
            slope = slope - (terms.retained / n / self.poured)[:, None]
        return loss, slope

    def _l2(self, theta: Floats, gradient: Floats) -> float:
        if not self.objective.l2:
            return 0.0
        total = 0.0
        for (_, logits), (_, d), table in zip(
            self.shape.split(theta), self.shape.split(gradient), self.shape.pipes, strict=True
        ):
            total += float(np.sum(logits[table] ** 2))
            d += 2.0 * self.objective.l2 * logits * table
        return self.objective.l2 * total


def _faults(shape: Shape, objective: Objective, seed: int) -> Sequence[tuple[Floats, Floats]]:
    """Fixed random machines: area factors (draws, n_in, n_out) and threshold offsets (draws, n_in) per layer."""
    rng = np.random.default_rng([seed, 1])
    out = []
    for table in shape.pipes:
        factor = 1.0 + objective.area_sd * rng.standard_normal((objective.draws, *table.shape))
        offset = objective.threshold_sd_u * rng.standard_normal((objective.draws, len(table)))
        out.append((np.maximum(factor, 0.01), offset))
    return out
