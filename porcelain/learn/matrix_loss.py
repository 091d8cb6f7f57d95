"""Matrix loss: the loss of one faultless machine over many rows, and its exact gradient, by matrix products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..arrays import Bools, Floats, Ints
from ..network import overflow
from .topology import Topology, softmax


@dataclass(frozen=True, eq=False)
class MatrixLoss:
    """Loss and gradient by matrix products. Calling it with theta (topology.size,) returns both.

    Parameters
    ----------
    water : ndarray, shape (rows, n_in)
        Volumes poured, u.
    labels : ndarray of int, shape (rows,)
        Classes.
    weights : ndarray, shape (rows,)
        Weights of the rows, which add up to 1.
    topology : Topology
        Pipes that exist.
    sharpness, margin, retained : float
        As in Objective.
    l2 : ndarray, shape (buckets,)
        Factors on squared logits.

    Notes
    -----
    The terms are those of ``porcelain.learn.kernel``, which tests compare with this class.

    Examples
    --------
    >>> none, half = np.zeros(2), np.full(2, 0.5)
    >>> loss = MatrixLoss(np.ones((2, 2)), np.array([0, 1]), half, Topology.full((2, 2)), 1, 0, 0, none)
    >>> round(loss(np.zeros(6))[0], 4)
    0.6931
    """

    water: Floats
    labels: Ints
    weights: Floats
    topology: Topology
    sharpness: float
    margin: float
    retained: float
    l2: Floats

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        passed, shares, inflow = [], [], self.water
        for (height, logits), table in zip(self.topology.split(theta), self.topology.pipes, strict=True):
            passed.append(overflow(inflow, height**2))
            shares.append(self.topology.lifted(softmax(logits, table), table))
            inflow = passed[-1] @ shares[-1]
        loss, slope = self._cups(inflow)
        gradient = np.empty_like(theta)
        at = len(self.l2)
        for k in range(len(shares) - 1, -1, -1):
            table = self.topology.pipes[k]
            (height, logits), (by_height, by_logits) = self._layer(theta, k), self._layer(gradient, k)
            at -= len(height)
            l2 = self.l2[at : at + len(height), None] * table
            loss += float((l2 * logits**2).sum())
            by_logits[:] = self._by_logits(logits, table, passed[k].T @ slope) + 2.0 * l2 * logits
            slope = (slope @ shares[k].T) * (passed[k] > 0.0)
            by_height[:] = -2.0 * height * slope.sum(axis=0)
        return loss, gradient

    def _layer(self, theta: Floats, k: int) -> tuple[Floats, Floats]:
        return self.topology.split(theta)[k]

    def _by_logits(self, logits: Floats, table: Bools, by_share: Floats) -> Floats:
        free, by_free = softmax(logits, table), self.topology.room(table) * by_share
        return np.asarray(free * (by_free - (free * by_free).sum(axis=1, keepdims=True)))

    def _cups(self, cups: Floats) -> tuple[float, Floats]:
        """Loss of what stands in the cups, (rows, cups) u, and its slope by every volume."""
        rows, poured = np.arange(len(cups)), np.maximum(self.water.sum(axis=1), 1e-300)
        scores = self.sharpness * cups
        scores[rows, self.labels] -= self.sharpness * self.margin
        scores -= scores.max(axis=1, keepdims=True)
        slope = np.exp(scores)
        partition = slope.sum(axis=1)
        lost = np.log(partition) - scores[rows, self.labels] + self.retained * (1.0 - cups.sum(axis=1) / poured)
        slope *= (self.sharpness * self.weights / partition)[:, None]
        slope -= (self.retained * self.weights / poured)[:, None]
        slope[rows, self.labels] -= self.sharpness * self.weights
        return float(self.weights @ lost), slope
