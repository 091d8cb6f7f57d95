"""Task: the data of an exchanger, split into training and test rows, in the form its pipes can carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..data import Dataset, ReadOptions, load, made
from ..datasets import RULES
from ..errors import PorcelainError
from .article import circle, doubled_labels, pipes
from .exchanger import Exchanger, from_sections, new

TRAINING_ROWS, TEST_ROWS = 500, 2000
HIDDEN = (16,) * 9


@dataclass(frozen=True, eq=False)
class Task:
    """Points to learn from and others to be tested on, with features at mean 0 and standard deviation 1.

    The circle is the article's own task, radius 0.8 in [-1, 1]^2, and is not rescaled.

    Attributes
    ----------
    name : str
        Name of the data.
    feature_names, class_names : tuple of str
        Names.
    points, test_points : ndarray, shape (n, f)
        Inputs.
    classes, test_classes : ndarray of int, shape (n,)
        Classes.

    Examples
    --------
    >>> circle_task = load_task("circle")
    >>> circle_task.points.shape, circle_task.test_points.shape
    ((500, 2), (2000, 2))
    """

    name: str
    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    points: Floats
    classes: Ints
    test_points: Floats
    test_classes: Ints

    def labels(self, nonlinearity: str) -> Floats:
        """Labels for pipe B.

        Parameters
        ----------
        nonlinearity : str
            "tanh" or "sigmoid".

        Returns
        -------
        ndarray, shape (n, m)
            -1 and 1, one column for each class. The sigmoid pipes of the article get its doubled label.
        """
        if nonlinearity == "sigmoid":
            return doubled_labels(self.classes.astype(float))
        return 2.0 * np.eye(len(self.class_names))[self.classes] - 1.0

    def accuracy(self, exchanger: Exchanger) -> float:
        """Fraction of the test points whose class F tells.

        Parameters
        ----------
        exchanger : Exchanger
            The exchanger.

        Returns
        -------
        float
            Between 0 and 1.
        """
        return float((classify(exchanger, self.test_points) == self.test_classes).mean())

    def exchanger(self, rule: str, widths: Sequence[int] | None, rng: np.random.Generator) -> Exchanger:
        """Make a random exchanger for this task. The article's rule gets the article's pipes.

        Parameters
        ----------
        rule : str
            Rule of learning.
        widths : sequence of int, optional
            Units at each level.
        rng : Generator
            Source of random numbers.

        Returns
        -------
        Exchanger
            The exchanger.

        Raises
        ------
        PorcelainError
            If the widths do not match the task.
        """
        if rule == "article":
            levels = tuple(widths or (2,) * 10)
            if len(self.class_names) != 2 or set(levels) != {2} or self.points.shape[1] != 2:
                raise PorcelainError(
                    f"the article's machine tells 2 classes by 2 features in sections of 2, not {levels} on"
                    f" {self.name}; use circle with widths 2x10, or the rule 'target'"
                )
            return from_sections(*pipes(len(levels), 2, rng))
        inputs, outputs = self.points.shape[1], len(self.class_names)
        levels = tuple(widths or (inputs, *HIDDEN, outputs))
        if (levels[0], levels[-1]) != (inputs, outputs):
            raise PorcelainError(
                f"widths {levels} do not match {self.name}: its {inputs} features need {inputs} first and its"
                f" {outputs} classes {outputs} last"
            )
        return new(levels, rng)


def classify(exchanger: Exchanger, points: Floats) -> Ints:
    """Classes of points.

    Parameters
    ----------
    exchanger : Exchanger
        The exchanger.
    points : ndarray, shape (n, f)
        Inputs.

    Returns
    -------
    ndarray of int, shape (n,)
        Index of the largest output. For the article's doubled label: 1 where the mean of the outputs is at least a
        half.

    Examples
    --------
    >>> classify(new((2, 4, 3), 0), np.zeros((5, 2))).shape
    (5,)
    """
    outputs = exchanger.predict(points)
    if exchanger.nonlinearity == "sigmoid":
        return (outputs.mean(axis=1) >= 0.5).astype(np.int64)
    return outputs.argmax(axis=1)


def load_task(name: str, seed: int = 0, table: ReadOptions | None = None) -> Task:
    """Make the task for the article's circle, another data set that porcelain knows, or a CSV file.

    Drawn data come as 500 points to learn from and 2,000 to be tested on. A third of a table is held out, with every
    class in proportion.

    Parameters
    ----------
    name : str
        Name of the data or path of a CSV file.
    seed : int
        Seed of the points and of the split.
    table : ReadOptions, optional
        How to read a CSV file.

    Returns
    -------
    Task
        The task.

    Examples
    --------
    >>> load_task("iris").test_points.shape
    (50, 4)
    """
    if name == "circle":
        rng = np.random.default_rng(seed)
        (points, inside), (test_points, test_inside) = circle(TRAINING_ROWS, rng), circle(TEST_ROWS, rng)
        classes = inside.astype(np.int64), test_inside.astype(np.int64)
        return Task(name, ("x", "y"), ("outside", "inside"), points, classes[0], test_points, classes[1])
    if name in RULES:
        both = made(name, TRAINING_ROWS + TEST_ROWS, seed)
        rows = np.random.default_rng(seed).permutation(len(both))
        return _standard(both, rows[:TRAINING_ROWS], rows[TRAINING_ROWS:])
    whole = load(name, options=table)
    return _standard(whole, *next(iter(whole.folds(whole.fewer_folds(3), seed))))


def _standard(data: Dataset, train: Ints, test: Ints) -> Task:
    mean, spread = data.features[train].mean(axis=0), data.features[train].std(axis=0)
    x = (data.features - mean) / np.where(spread > 0, spread, 1.0)
    return Task(
        data.name,
        tuple(f"{name}, in sd" for name in data.feature_names),
        data.class_names,
        x[train],
        data.labels[train],
        x[test],
        data.labels[test],
    )
