"""The machine of the article, exactly: ten sections of two sigmoid units in each pipe, and its own local rule.

The article is "Heat Exchange Network Training" (31 March 2020), after Schmidhuber's Neural Heat Exchanger. The loop
here is plain NumPy on Sections, as written there; :func:`porcelain.exchange.train` with ``rule="article"`` does the
same updates, compiled.

It does not learn. Ten width-2 sigmoid sections pass about 1e-8 of the signal, for each multiplies what is left of
it by w / 4 with |w| < 1; the updates then pull every section to the mean of its neighbours, and a credit of
weight / column sum has a pole wherever a column sums to 0, so that single weights run away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from ..arrays import Floats
from .section import Section

RADIUS = 0.8
STEP = 0.001
EPOCHS = 200


def circle(n: int = 500, rng: np.random.Generator | int | None = None) -> tuple[Floats, Floats]:
    """Points (n, 2) uniform in [-1, 1]^2 and their labels (n,): 1 within 0.8 of the middle, else 0."""
    points = np.random.default_rng(rng).uniform(-1.0, 1.0, (n, 2))
    return points, (np.hypot(*points.T) < RADIUS).astype(np.float64)


def doubled(labels: Floats) -> Floats:
    """Labels (n,) as the article pours them, (n, 2): the same number twice."""
    return np.column_stack([labels, labels])


def pipes(
    sections: int = 10, width: int = 2, rng: np.random.Generator | int | None = None
) -> tuple[list[Section], list[Section]]:
    """Both pipes, linked: F[i] takes F[i-1], B[i] takes B[i+1]."""
    generator = np.random.default_rng(rng)
    forward = [Section(width, generator) for _ in range(sections)]
    backward = [Section(width, generator) for _ in range(sections)]
    for before, after in pairwise(forward):
        after.takes_input(before)
    for after, before in pairwise(backward):
        after.takes_input(before)
    return forward, backward


def update(section: Section, beside: Section, step: float) -> Floats:
    """The change of a section's weights: it sees the section before it and the one beside it, nothing else.

    ``update = (before - own) + (beside - own)``, ``credit = weight / column sum``, change = credit * update * step.
    In the article the update takes the credit's shape where it can; the two numbers of a width-2 section cannot
    fill a (2, 2) credit, so each is broadcast down its column. That case is the one here, at every width.
    """
    assert section.network_input is not None
    before, own, weight = section.network_input.activation, section.activation, section.weight
    difference = (before - own) + (beside.activation - own)
    return weight / weight.sum(axis=0) * difference * step


def learn(
    forward: Sequence[Section],
    backward: Sequence[Section],
    points: Floats,
    labels: Floats,
    epochs: int = EPOCHS,
    step: float = STEP,
    rng: np.random.Generator | int | None = None,
    progress: Callable[[int], object] | None = None,
) -> None:
    """The article's loop, in place: sample by sample in a new order each epoch, all changes together at the end."""
    generator = np.random.default_rng(rng)
    pairs = [*zip(forward[1:], backward[1:], strict=True), *zip(backward[:-1], forward[:-1], strict=True)]
    for epoch in range(epochs):
        for row in generator.permutation(len(points)):
            forward[-1](points[row])
            backward[0](labels[row])
            changes = [update(section, beside, step) for section, beside in pairs]
            for (section, _), change in zip(pairs, changes, strict=True):
                section.weight = section.weight + change
        if progress:
            progress(epoch)
