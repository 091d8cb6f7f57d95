"""Exchanger: two multi-layer pipes side by side in counterflow, F from inputs to labels, B from labels to inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen, same
from ..errors import PorcelainError, unknown
from .section import Section, sigmoid

SQUASH = ("tanh", "sigmoid")
GAIN = 2.0  # of the random start: below 1.5 ten tanh sections pass too little of the signal to learn from


@dataclass(frozen=True, eq=False)
class Exchanger:
    """Widths (L + 1,) of the levels and the weights of both pipes; level 0 is the input, level L the label.

    Section k of F carries level k - 1 to level k, section k of B carries level k back to k - 1. ``forward`` and
    ``backward`` hold their weights flat, section after section, each (n_in + 1, n_out) row by row, the bias last.
    Every section squashes, but that the first of B is linear where the pipes are of tanh: it ends in the data's own
    units, which no tanh can reach.
    """

    widths: tuple[int, ...]
    forward: Floats
    backward: Floats
    squash: str = "tanh"

    def __post_init__(self) -> None:
        widths = tuple(int(w) for w in self.widths)
        if len(widths) < 2 or min(widths) < 1:
            raise PorcelainError(f"widths are {widths}; an input and a label, each at least 1 wide, are needed")
        if self.squash not in SQUASH:
            raise unknown("squash", self.squash, SQUASH)
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
        """One (n_in + 1, n_out) matrix for each section of B; the first stands beside F's first."""
        return _sections(self.backward, self.widths[1:], self.widths)

    def rise(self, points: ArrayLike) -> tuple[Floats, ...]:
        """What F carries at every level, (n, width) each, for points (n, widths[0])."""
        levels = [self._checked(points, 0, "points")]
        for weights in self.forward_weights:
            levels.append(_flow(levels[-1], weights, self.squash))
        return tuple(levels)

    def fall(self, labels: ArrayLike) -> tuple[Floats, ...]:
        """What B carries at every level, level 0 first, for labels (n, widths[-1])."""
        levels = [self._checked(labels, -1, "labels")]
        for k, weights in reversed(list(enumerate(self.backward_weights))):
            levels.insert(0, _flow(levels[0], weights, self.squash if k or self.squash != "tanh" else "linear"))
        return tuple(levels)

    def predict(self, points: ArrayLike) -> Floats:
        """Labels (n, widths[-1]) that F makes of points (n, widths[0])."""
        return self.rise(points)[-1]

    def predict_backward(self, labels: ArrayLike) -> Floats:
        """Points (n, widths[0]) that B makes of labels (n, widths[-1])."""
        return self.fall(labels)[0]

    def _checked(self, rows: ArrayLike, level: int, what: str) -> Floats:
        return frozen(rows, (None, self.widths[level]), what)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exchanger) and same(self, other)


def _sections(flat: Floats, n_in: Sequence[int], n_out: Sequence[int]) -> tuple[Floats, ...]:
    shapes = [(n + 1, m) for n, m in zip(n_in, n_out, strict=False)]
    blocks = np.split(flat, np.cumsum([n * m for n, m in shapes])[:-1])
    return tuple(block.reshape(shape) for block, shape in zip(blocks, shapes, strict=True))


def _flow(x: Floats, weights: Floats, squash: str) -> Floats:
    y = x @ weights[:-1] + weights[-1]
    if squash == "linear":
        return y
    return np.tanh(y) if squash == "tanh" else sigmoid(y)


def new(widths: Iterable[int], rng: np.random.Generator | int | None = None) -> Exchanger:
    """A random tanh exchanger: weights normal with sd 2 / sqrt(n_in), biases uniform in [-1, 1].

    Without random biases every unit is an odd function of the input, and no odd function knows a circle.
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
    """The exchanger that two pipes of linked Sections are, both listed from the input's side to the label's."""
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
