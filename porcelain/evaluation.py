"""Evaluation: how often a network is right on the rows it learned from and on rows it has never seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any

import numpy as np

from .arrays import Ints
from .data import Dataset
from .network import Network


def predictions(network: Network, dataset: Dataset) -> Ints:
    """Class that a network gives every row.

    Parameters
    ----------
    network : its fullest cup is the answer
    dataset : features beyond the encoding's range are poured as the nearest end of that range

    Returns
    -------
    array (n,)
        Index of the fullest cup.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> network = files.load("designs/iris-mini/network.json", "network")
    >>> predictions(network, load("iris"))[:3].tolist()
    [0, 0, 0]
    """
    return network.predict(network.encoding.clipped(dataset.features))


def error_rate(network: Network, dataset: Dataset) -> float:
    """Fraction of rows whose fullest cup is not their class.

    Parameters
    ----------
    network, dataset : as for :func:`predictions`

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> error_rate(files.load("designs/iris-mini/network.json", "network"), load("iris")) < 0.1
    True
    """
    return float(np.mean(predictions(network, dataset) != dataset.labels))


def confusion(labels: Ints, answers: Ints, classes: int) -> Ints:
    """How many rows of each class got each answer.

    Parameters
    ----------
    labels, answers : (n,) true class and answer of every row, 0 to ``classes`` - 1
    classes : how many classes there are

    Returns
    -------
    array (classes, classes)
        Row: true class. Column: answer.

    Examples
    --------
    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def splits(dataset: Dataset, folds: int, repeats: int, seed: int) -> list[tuple[Dataset, Dataset]]:
    """Data to learn from and data held out, for every fold of every repeat.

    Parameters
    ----------
    dataset : table to split
    folds : stratified folds of each repeat; every class is spread evenly over them
    repeats : how often the whole table is split, each time with another seed
    seed : of the first repeat; the next ones add 1

    Returns
    -------
    list of pairs, ``folds * repeats`` long
        Rows to learn from and rows held out.

    Raises
    ------
    DataError
        Where the smallest class has fewer rows than there are folds.
    """
    rows = (pair for repeat in range(repeats) for pair in dataset.folds(folds, seed + repeat))
    return [(dataset.take(learned), dataset.take(held_out)) for learned, held_out in rows]


def cross_validation(
    dataset: Dataset,
    train: Callable[[Sequence[Dataset]], Iterable[Network]],
    seed: int,
    folds: int = 5,
    repeats: int = 1,
    report: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Error on held-out rows by stratified k-fold cross-validation.

    Parameters
    ----------
    dataset : table whose rows are held out in turn
    train : makes one network from each data set it is given, in order
    seed, folds, repeats : as in :func:`splits`
    report : called after every network

    Returns
    -------
    dict
        ``error`` is the mean over all rows and repeats, ``fold_sd`` the standard deviation between folds,
        ``repeat_errors`` the error of every repeat; ``folds`` and ``repeats`` as given.
    """
    pairs = splits(dataset, folds, repeats, seed)
    errors = []
    for network, (_, held_out) in zip(train([learned for learned, _ in pairs]), pairs, strict=True):
        errors.append(error_rate(network, held_out))
        if report:
            report()
    rows = np.array([len(held_out) for _, held_out in pairs])
    wrong = (np.array(errors) * rows).reshape(repeats, folds).sum(axis=1)
    return {
        "folds": folds,
        "repeats": repeats,
        "error": float(wrong.mean() / len(dataset)),
        "fold_sd": float(np.std(errors, ddof=1)),
        "repeat_errors": (wrong / len(dataset)).tolist(),
    }


def provenance(
    network: Network,
    dataset: Dataset,
    *,
    seed: int,
    recipe: str,
    training: Mapping[str, Any],
    loss: float,
    scores: Mapping[str, Any],
    libraries: Sequence[str],
) -> dict[str, Any]:
    """Where a network's numbers come from, as its file keeps it.

    Parameters
    ----------
    network, dataset : what was trained, and on what
    seed, recipe, training : the seed, the recipe's name and every option of the training
    loss : what training made small
    scores : result of :func:`cross_validation`; empty where there was none
    libraries : installed packages whose versions decide the numbers

    Returns
    -------
    dict
        Plain values for JSON.
    """
    return {
        **dataset.provenance(),
        "seed": seed,
        "recipe": recipe,
        "training": dict(training),
        "loss": loss,
        "training_error": error_rate(network, dataset),
        "cross_validation": dict(scores),
        "versions": {name: metadata.version(name) for name in ("porcelain", *libraries)},
    }
