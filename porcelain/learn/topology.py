"""Shape: which pipes exist, and how a trainer's free numbers become thresholds and shares.

The article's parameters (a height and a row of logits per bucket) stay here: water knows only the threshold
``height ** 2`` and the shares ``softmax(logits)``, which can be neither negative nor unbalanced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..arrays import Floats
from ..errors import PorcelainError
from ..network import Layer

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shape:
    """The pipes that exist, one (n_in, n_out) table of booleans per layer, and the least share one may have.

    With a floor the ``k`` pipes of a bucket carry ``floor + (1 - k floor) softmax(logits)``: the floor holds
    during training, at every step.
    """

    pipes: tuple[Bools, ...]
    floor: float = 0.0

    def __post_init__(self) -> None:
        for k, layer in enumerate(self.pipes):
            count = layer.sum(axis=1)
            if count.min() < 1:
                raise PorcelainError(f"bucket b{k}.{int(count.argmin())} has no pipe; its water needs one way out")
            if count.max() * self.floor > 1:
                raise PorcelainError(
                    f"bucket b{k}.{int(count.argmax())} has {count.max()} pipes of at least {self.floor:g} each,"
                    f" more than all its water; allow {int(1 / self.floor)} pipes or a smaller share"
                )

    @staticmethod
    def full(widths: Sequence[int]) -> Shape:
        """Every bucket pours into every bucket of the next tier."""
        return Shape(tuple(np.ones(size, dtype=bool) for size in pairwise(widths)))

    @property
    def widths(self) -> tuple[int, ...]:
        """Buckets per tier, cups last."""
        return tuple(len(layer) for layer in self.pipes) + self.pipes[-1].shape[1:]

    @property
    def n_pipes(self) -> int:
        return sum(int(layer.sum()) for layer in self.pipes)

    @property
    def size(self) -> int:
        """How many numbers a trainer turns: a height per bucket and a logit per possible pipe."""
        return sum(n + n * m for n, m in (layer.shape for layer in self.pipes))

    def split(self, theta: Floats) -> list[tuple[Floats, Floats]]:
        """Views of the flat vector (size,): heights (n_in,) and logits (n_in, n_out) of every layer."""
        out, at = [], 0
        for n, m in (layer.shape for layer in self.pipes):
            out.append((theta[at : at + n], theta[at + n : at + n + n * m].reshape(n, m)))
            at += n + n * m
        return out

    def without(self, layer: int, source: int, target: int) -> Shape:
        """The same shape with one pipe closed."""
        pipes = tuple(table.copy() for table in self.pipes)
        pipes[layer][source, target] = False
        return Shape(pipes, self.floor)

    def layers(self, theta: Floats) -> tuple[Layer, ...]:
        """The network's layers for a trainer's numbers (size,)."""
        layers = []
        for (height, logits), table in zip(self.split(theta), self.pipes, strict=True):
            shares = self.lifted(softmax(logits, table), table)
            layers.append(Layer(height**2, shares / shares.sum(axis=1, keepdims=True)))
        return tuple(layers)

    def room(self, table: Bools) -> Floats:
        """What the floor leaves to be shared freely, (n_in, 1)."""
        return 1.0 - self.floor * table.sum(axis=1, keepdims=True)

    def lifted(self, free: Floats, table: Bools) -> Floats:
        """Free shares (n_in, n_out) squeezed above the floor."""
        return self.floor * table + self.room(table) * free


def softmax(logits: Floats, table: Bools) -> Floats:
    """Shares over the pipes that exist, rows sum to 1; 0 elsewhere."""
    open_logits = np.where(table, logits, -np.inf)
    e = np.exp(open_logits - open_logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
