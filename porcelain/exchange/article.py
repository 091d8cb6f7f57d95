"""The machine of the article: ten sections of two sigmoid units in each pipe, and its own local rule.

The article is "Heat Exchange Network Training" (31 March 2020), after Schmidhuber's Neural Heat Exchanger. The loop
here is plain NumPy on Sections, as written there. :func:`porcelain.exchange.train` with ``rule="article"`` does the
same updates, compiled.

The machine does not learn. Ten sigmoid sections of width 2 pass about 1e-8 of the signal, because each multiplies
what is left of it by w / 4 with |w| < 1. The updates then pull every section to the mean of its neighbours. A credit
of weight / column sum has a pole wherever a column sums to 0, so single weights grow without limit.
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
    """Draw points and tell which lie inside a circle.

    Parameters
    ----------
    n : int
        Number of points.
    rng : Generator or int, optional
        Source of random numbers, or its seed.

    Returns
    -------
    tuple of ndarray
        Points (n, 2), uniform in [-1, 1]^2, and labels (n,): 1 within 0.8 of the middle, else 0.

    Examples
    --------
    >>> points, labels = circle(4, 0)
    >>> points.shape, labels
    ((4, 2), array([1., 0., 0., 1.]))
    """
    points = np.random.default_rng(rng).uniform(-1.0, 1.0, (n, 2))
    return points, (np.hypot(*points.T) < RADIUS).astype(np.float64)


def doubled_labels(labels: Floats) -> Floats:
    """Labels as the article feeds them: the same number twice.

    Parameters
    ----------
    labels : ndarray, shape (n,)
        Labels.

    Returns
    -------
    ndarray, shape (n, 2)
        Labels, twice.

    Examples
    --------
    >>> doubled_labels(np.array([0.0, 1.0]))
    array([[0., 0.],
           [1., 1.]])
    """
    return np.column_stack([labels, labels])


def pipes(
    sections: int = 10, width: int = 2, rng: np.random.Generator | int | None = None
) -> tuple[list[Section], list[Section]]:
    """Make both pipes and link their sections.

    Parameters
    ----------
    sections : int
        Sections of each pipe.
    width : int
        Units of each section.
    rng : Generator or int, optional
        Source of random numbers, or its seed.

    Returns
    -------
    tuple of list of Section
        F, in which section i takes its input from i - 1, and B, in which section i takes it from i + 1.

    Examples
    --------
    >>> forward, backward = pipes(3, 2, 0)
    >>> forward[1].network_input is forward[0], backward[1].network_input is backward[2]
    (True, True)
    """
    generator = np.random.default_rng(rng)
    forward = [Section(width, generator) for _ in range(sections)]
    backward = [Section(width, generator) for _ in range(sections)]
    for before, after in pairwise(forward):
        after.takes_input(before)
    for after, before in pairwise(backward):
        after.takes_input(before)
    return forward, backward


def update(section: Section, beside: Section, step: float) -> Floats:
    """Change of a section's weights. It depends on the section before it and the one beside it only.

    Parameters
    ----------
    section : Section
        The section that learns.
    beside : Section
        The section of the other pipe that faces it.
    step : float
        Step size.

    Returns
    -------
    ndarray
        Change of the weights.

    Notes
    -----
    ``update = (before - own) + (beside - own)``, ``credit = weight / column sum``, change = credit * update * step.
    In the article the update takes the credit's shape where it can. The two numbers of a width-2 section cannot fill
    a (2, 2) credit, so each is broadcast down its column. That case is the one here, at every width.

    Examples
    --------
    >>> forward, backward = pipes(2, 2, 0)
    >>> _ = forward[-1]([0.2, 0.4]), backward[0]([1.0, 1.0])
    >>> update(forward[1], backward[1], 0.001).shape
    (2, 2)
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
    """Run the article's loop in place: sample by sample in a new order each epoch, all changes together at the end.

    Parameters
    ----------
    forward, backward : sequence of Section
        Both pipes.
    points : ndarray, shape (n, f)
        Inputs.
    labels : ndarray, shape (n, m)
        Labels.
    epochs : int
        Number of epochs.
    step : float
        Step size.
    rng : Generator or int, optional
        Source of random numbers, or its seed.
    progress : callable, optional
        Called with the number of each epoch.

    Examples
    --------
    >>> forward, backward = pipes(3, 2, 0)
    >>> before = forward[1].weight.copy()
    >>> learn(forward, backward, np.ones((2, 2)), np.zeros((2, 2)), epochs=1, rng=0)
    >>> bool((forward[1].weight != before).any())
    True
    """
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
