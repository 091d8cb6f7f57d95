"""Exchanger: two pipes side by side in counterflow, F from inputs to labels and B from labels to inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen, same
from ..errors import PorcelainError, unknown
from .section import Section, sigmoid

NONLINEARITIES = ("tanh", "sigmoid")
GAIN = 2.0  # of the random start: below 1.5 ten tanh sections pass too little of the signal to learn from


@dataclass(frozen=True, eq=False)
class Exchanger:
    """Widths of the levels and weights of both pipes. Level 0 is the input, level L the label.

    Section k of F carries level k - 1 to level k, and section k of B carries level k back to k - 1. Every section has
    the nonlinearity, except the first of B in tanh pipes: it is linear, because it ends in the units of the data.

    Parameters
    ----------
    widths : tuple of int
        Units at each of the L + 1 levels.
    forward, backward : ndarray
        Weights of F and B, flat, section after section, each (n_in + 1, n_out) row by row with the bias last.
    nonlinearity : str
        "tanh" or "sigmoid".

    Raises
    ------
    PorcelainError
        If there are fewer than two levels or the weights have another size.

    Examples
    --------
    >>> exchanger = new((2, 16, 2), 0)
    >>> exchanger
    <Exchanger: 2-16-2, tanh>
    >>> exchanger.predict([[0.1, 0.2]]).shape
    (1, 2)
    """

    widths: tuple[int, ...]
    forward: Floats
    backward: Floats
    nonlinearity: str = "tanh"

    def __post_init__(self) -> None:
        widths = tuple(int(w) for w in self.widths)
        if len(widths) < 2 or min(widths) < 1:
            raise PorcelainError(f"widths are {widths}; an input and a label, each at least 1 wide, are needed")
        if self.nonlinearity not in NONLINEARITIES:
            raise unknown("nonlinearity", self.nonlinearity, NONLINEARITIES)
        object.__setattr__(self, "widths", widths)
        pairs = list(pairwise(widths))
        for name, size in (
            ("forward", sum((a + 1) * b for a, b in pairs)),
            ("backward", sum((b + 1) * a for a, b in pairs)),
        ):
            object.__setattr__(self, name, frozen(getattr(self, name), (size,), name))

    @property
    def forward_weights(self) -> tuple[Floats, ...]:
        """One (n_in + 1, n_out) matrix for each section of F, in the order of its flow."""
        return _sections(self.forward, self.widths, self.widths[1:])

    @property
    def backward_weights(self) -> tuple[Floats, ...]:
        """One (n_in + 1, n_out) matrix for each section of B. The first stands beside the first of F."""
        return _sections(self.backward, self.widths[1:], self.widths)

    def carry_forward(self, points: ArrayLike) -> tuple[Floats, ...]:
        """Values of F at every level.

        Parameters
        ----------
        points : array_like, shape (n, widths[0])
            Inputs.

        Returns
        -------
        tuple of ndarray
            One array (n, width) for each level.
        """
        levels = [self._checked(points, 0, "points")]
        for weights in self.forward_weights:
            levels.append(_flow(levels[-1], weights, self.nonlinearity))
        return tuple(levels)

    def carry_backward(self, labels: ArrayLike) -> tuple[Floats, ...]:
        """Values of B at every level.

        Parameters
        ----------
        labels : array_like, shape (n, widths[-1])
            Labels.

        Returns
        -------
        tuple of ndarray
            One array (n, width) for each level, level 0 first.
        """
        levels = [self._checked(labels, -1, "labels")]
        for k, weights in reversed(list(enumerate(self.backward_weights))):
            levels.insert(
                0, _flow(levels[0], weights, self.nonlinearity if k or self.nonlinearity != "tanh" else "linear")
            )
        return tuple(levels)

    def predict(self, points: ArrayLike) -> Floats:
        """Labels that F makes of points.

        Parameters
        ----------
        points : array_like, shape (n, widths[0])
            Inputs.

        Returns
        -------
        ndarray, shape (n, widths[-1])
            Labels.
        """
        return self.carry_forward(points)[-1]

    def predict_backward(self, labels: ArrayLike) -> Floats:
        """Points that B makes of labels.

        Parameters
        ----------
        labels : array_like, shape (n, widths[-1])
            Labels.

        Returns
        -------
        ndarray, shape (n, widths[0])
            Inputs.
        """
        return self.carry_backward(labels)[0]

    def _checked(self, rows: ArrayLike, level: int, what: str) -> Floats:
        return frozen(rows, (None, self.widths[level]), what)

    def __repr__(self) -> str:
        return f"<Exchanger: {'-'.join(map(str, self.widths))}, {self.nonlinearity}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exchanger) and same(self, other)


def _sections(flat: Floats, n_in: Sequence[int], n_out: Sequence[int]) -> tuple[Floats, ...]:
    shapes = [(n + 1, m) for n, m in zip(n_in, n_out, strict=False)]
    blocks = np.split(flat, np.cumsum([n * m for n, m in shapes])[:-1])
    return tuple(block.reshape(shape) for block, shape in zip(blocks, shapes, strict=True))


def _flow(x: Floats, weights: Floats, nonlinearity: str) -> Floats:
    y = x @ weights[:-1] + weights[-1]
    if nonlinearity == "linear":
        return y
    return np.tanh(y) if nonlinearity == "tanh" else sigmoid(y)


def new(widths: Iterable[int], rng: np.random.Generator | int | None = None) -> Exchanger:
    """Make a random tanh exchanger.

    Weights are normal with standard deviation 2 / sqrt(n_in), and biases are uniform in [-1, 1]. Without random
    biases every unit would be an odd function of the input, and no odd function tells a circle from its outside.

    Parameters
    ----------
    widths : iterable of int
        Units at each level.
    rng : Generator or int, optional
        Source of random numbers, or its seed.

    Returns
    -------
    Exchanger
        The exchanger.

    Raises
    ------
    PorcelainError
        If there are fewer than two levels or a width is below 1.

    Examples
    --------
    >>> new((2, 4, 2), 0).forward.size
    22
    """
    levels = tuple(widths)
    generator = np.random.default_rng(rng)

    def draw(n: int, m: int) -> Floats:
        weights = generator.normal(0.0, GAIN / np.sqrt(n), (n, m))
        return np.vstack([weights, generator.uniform(-1.0, 1.0, (1, m))]).ravel()

    if len(levels) < 2 or min(levels) < 1:
        raise PorcelainError(f"widths are {levels}; an input and a label, each at least 1 wide, are needed")
    pairs = list(pairwise(levels))
    forward = np.concatenate([draw(a, b) for a, b in pairs])
    return Exchanger(levels, forward, np.concatenate([draw(b, a) for a, b in pairs]))


def from_sections(forward: Sequence[Section], backward: Sequence[Section]) -> Exchanger:
    """Make the exchanger that computes what two pipes of linked sections compute.

    Parameters
    ----------
    forward, backward : sequence of Section
        Both pipes, listed from the input's side to the label's.

    Returns
    -------
    Exchanger
        With sigmoid sections and biases of 0.

    Raises
    ------
    PorcelainError
        If facing sections have different widths, or a section is not linked.

    Examples
    --------
    >>> from porcelain.exchange.article import pipes
    >>> from_sections(*pipes(3, 2, 0))
    <Exchanger: 2-2-2, sigmoid>
    """
    widths = tuple(section.dim for section in forward)
    if tuple(section.dim for section in backward) != widths:
        raise PorcelainError(
            f"the pipes are {widths} and {tuple(s.dim for s in backward)} wide; sections that face must be equal"
        )

    def flat(sections: Sequence[Section]) -> Floats:
        if any(section.network_input is None for section in sections):
            raise PorcelainError("a section has no input; link the pipe with a > b > c, or a < b < c, first")
        return np.concatenate([np.vstack([s.weight, np.zeros((1, s.dim))]).ravel() for s in sections])

    return Exchanger(widths, flat(forward[1:]), flat(backward[:-1]), "sigmoid")
