"""Topology: which pipes exist, and how the free numbers of training become thresholds and shares.

The parameters of the article stay here: a height and a row of logits for each bucket. A network knows only the
threshold ``height ** 2`` and the shares ``softmax(logits)``, which are never negative and sum to 1.
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
class Topology:
    """The pipes that exist, and the least share that a pipe may have.

    With a floor the ``k`` pipes of a bucket carry ``floor + (1 - k floor) softmax(logits)``, so the floor holds at
    every step of training.

    Parameters
    ----------
    pipes : tuple of ndarray of bool
        For each layer a table (n_in, n_out).
    floor : float
        Least share.

    Raises
    ------
    PorcelainError
        If a bucket has no pipe, or more pipes than the floor allows.

    Examples
    --------
    >>> topology = Topology.full((4, 3, 3))
    >>> topology.n_pipes, topology.without(0, 1, 2).n_pipes
    (21, 20)
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
    def full(widths: Sequence[int]) -> Topology:
        """All pipes between rows of these widths.

        Parameters
        ----------
        widths : sequence of int
            Buckets of each tier, cups last.

        Returns
        -------
        Topology
            Without a floor.
        """
        return Topology(tuple(np.ones(size, dtype=bool) for size in pairwise(widths)))

    @property
    def widths(self) -> tuple[int, ...]:
        """Buckets of each tier, cups last."""
        return tuple(len(layer) for layer in self.pipes) + self.pipes[-1].shape[1:]

    @property
    def n_pipes(self) -> int:
        """Number of pipes that exist."""
        return sum(int(layer.sum()) for layer in self.pipes)

    @property
    def size(self) -> int:
        """Number of free numbers: a height for each bucket and a logit for each possible pipe."""
        return sum(n + n * m for n, m in (layer.shape for layer in self.pipes))

    def split(self, theta: Floats) -> list[tuple[Floats, Floats]]:
        """Divide the flat vector of free numbers into layers.

        Parameters
        ----------
        theta : ndarray, shape (size,)
            Heights and logits.

        Returns
        -------
        list of tuple of ndarray
            Views of heights (n_in,) and logits (n_in, n_out) for each layer.
        """
        out, at = [], 0
        for n, m in (layer.shape for layer in self.pipes):
            out.append((theta[at : at + n], theta[at + n : at + n + n * m].reshape(n, m)))
            at += n + n * m
        return out

    def without(self, layer: int, source: int, target: int) -> Topology:
        """Close one pipe.

        Parameters
        ----------
        layer, source, target : int
            The pipe.

        Returns
        -------
        Topology
            The others.
        """
        pipes = tuple(table.copy() for table in self.pipes)
        pipes[layer][source, target] = False
        return Topology(pipes, self.floor)

    def layers(self, theta: Floats) -> tuple[Layer, ...]:
        """Turn free numbers into the layers of a network.

        Parameters
        ----------
        theta : ndarray, shape (size,)
            Heights and logits.

        Returns
        -------
        tuple of Layer
            The layers.
        """
        layers = []
        for (height, logits), table in zip(self.split(theta), self.pipes, strict=True):
            shares = self.lifted(softmax(logits, table), table)
            layers.append(Layer(height**2, shares / shares.sum(axis=1, keepdims=True)))
        return tuple(layers)

    def room(self, table: Bools) -> Floats:
        """What the floor leaves to be shared freely.

        Parameters
        ----------
        table : ndarray of bool, shape (n_in, n_out)
            Pipes of one layer.

        Returns
        -------
        ndarray, shape (n_in, 1)
            Fraction for each bucket.
        """
        return 1.0 - self.floor * table.sum(axis=1, keepdims=True)

    def lifted(self, free: Floats, table: Bools) -> Floats:
        """Raise free shares above the floor.

        Parameters
        ----------
        free : ndarray, shape (n_in, n_out)
            Shares that sum to 1.
        table : ndarray of bool, shape (n_in, n_out)
            Pipes of one layer.

        Returns
        -------
        ndarray, shape (n_in, n_out)
            Shares of at least the floor that sum to 1.
        """
        return self.floor * table + self.room(table) * free


def softmax(logits: Floats, table: Bools) -> Floats:
    """Shares over the pipes that exist.

    Parameters
    ----------
    logits : ndarray, shape (n_in, n_out)
        Free numbers.
    table : ndarray of bool, shape (n_in, n_out)
        Pipes that exist.

    Returns
    -------
    ndarray, shape (n_in, n_out)
        Shares; rows sum to 1, and pipes that do not exist have 0.

    Examples
    --------
    >>> softmax(np.zeros((1, 3)), np.array([[True, False, True]]))
    array([[0.5, 0. , 0.5]])
    """
    open_logits = np.where(table, logits, -np.inf)
    e = np.exp(open_logits - open_logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
