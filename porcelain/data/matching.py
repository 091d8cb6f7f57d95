"""Rows matched to a network by the names of its features and classes, never by their order."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import numpy as np

from ..errors import DataError
from .dataset import Dataset


class Named(Protocol):
    """What has features, in this order."""

    @property
    def feature_names(self) -> tuple[str, ...]:
        """What each feature is called."""

    @property
    def feature_units(self) -> tuple[str, ...]:
        """The unit of each feature; "" for none."""


class Known(Protocol):
    """A network, as far as its data are concerned."""

    @property
    def encoding(self) -> Named:
        """Names and units of its features."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """What its cups are called."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where it comes from."""


class Title(Protocol):
    """A column of a table."""

    @property
    def name(self) -> str:
        """Its title without the unit."""

    @property
    def unit(self) -> str:
        """Its unit; "" for none."""


C = TypeVar("C", bound=Title)


def matched_columns(found: Sequence[C], known: Known, titled: bool, file: str) -> tuple[list[C], list[str]]:
    """Find the columns that a network asks for.

    Parameters
    ----------
    found : sequence of Title
        Columns of a table.
    known : Known
        The network.
    titled : bool
        Whether the columns have titles of their own. Columns without titles are matched by position, and so are those
        of a network that learned from such columns.
    file : str
        What messages call the file.

    Returns
    -------
    tuple (list of Title, list of str)
        The columns in the network's order, and a note on the others.

    Raises
    ------
    DataError
        For a column that is not there, or whose unit is another.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data.table import Column
    >>> network = files.load("designs/xor", "network")
    >>> columns = [Column(0, "y", "y", ""), Column(1, "x", "x", ""), Column(2, "z", "z", "")]
    >>> wanted, notes = matched_columns(columns, network, True, "points.csv")
    >>> [column.index for column in wanted], notes
    ([1, 0], ["not asked for by the network and left out: 'z'"])
    """
    names, units = known.encoding.feature_names, known.encoding.feature_units
    if not titled or all(re.fullmatch(r"x[0-9]+", name) for name in names):
        if len(found) == len(names):
            return list(found), []
        raise DataError(f"{file} has {len(found)} columns of features; {len(names)} are needed: {', '.join(names)}")
    by_name = {column.name: column for column in found}
    absent = [name for name in names if name not in by_name]
    if absent:
        spare = [column.name for column in found if column.name not in names]
        raise DataError(f"{file} has no column {_told(absent, spare)}; the network asks for {', '.join(names)}")
    for name, unit in zip(names, units, strict=True):
        if unit and by_name[name].unit and by_name[name].unit != unit:
            raise DataError(f"{file}: {name!r} is in {by_name[name].unit} and the network asks for {unit}; convert it")
    more = [column.name for column in found if column.name not in names]
    notes = [f"not asked for by the network and left out: {', '.join(map(repr, more))}"] if more else []
    return [by_name[name] for name in names], notes


def matched_classes(classes: Iterable[str], known: Known, file: str) -> None:
    """Refuse classes that a network has no cup for.

    Parameters
    ----------
    classes : iterable of str
        Classes of a table.
    known : Known
        The network.
    file : str
        What messages call the file.

    Raises
    ------
    DataError
        For classes that the network does not know, each by its name.

    Examples
    --------
    >>> from porcelain import files
    >>> matched_classes(["virginica"], files.load("designs/iris", "network"), "flowers.csv")
    """
    strange = sorted(set(classes) - set(known.class_names))
    if strange:
        raise DataError(
            f"{file} has {len(strange)} class{'es' * (len(strange) > 1)} that the network does not know:"
            f" {_told(strange, known.class_names)}; its cups are {', '.join(known.class_names)}"
        )


def matched(dataset: Dataset, known: Known) -> Dataset:
    """A data set with a network's features and classes, in the network's order.

    Parameters
    ----------
    dataset : Dataset
        Rows.
    known : Known
        The network.

    Returns
    -------
    Dataset
        The same rows; columns that the network does not ask for are left out, with a note.

    Raises
    ------
    DataError
        For columns that are not there and for classes that the network has no cup for.

    Examples
    --------
    >>> from porcelain import Encoding, Layer, Network, load
    >>> iris = load("iris")
    >>> asked = Encoding.of_buckets(iris.feature_names[::-1], "cm")
    >>> network = Network((Layer([0.0] * 4, [[1.0, 0.0, 0.0]] * 4),), asked, iris.class_names[::-1])
    >>> rows = matched(iris, network)
    >>> rows.feature_names[0], rows.class_names[0], int(rows.labels[0])
    ('petal width', 'virginica', 2)
    """
    if dataset.feature_names == known.encoding.feature_names and dataset.class_names == known.class_names:
        return dataset
    present = [dataset.class_names[k] for k in np.unique(dataset.labels)]
    matched_classes(present, known, dataset.name)
    columns = [
        _Column(k, name, unit)
        for k, (name, unit) in enumerate(zip(dataset.feature_names, dataset.feature_units, strict=True))
    ]
    titled = not all(re.fullmatch(r"x[0-9]+", name) for name in dataset.feature_names)
    wanted, notes = matched_columns(columns, known, titled, dataset.name)
    order = [column.index for column in wanted]
    codes = np.array([known.class_names.index(c) if c in present else -1 for c in dataset.class_names])
    return replace(
        dataset,
        features=dataset.features[:, order],
        labels=codes[dataset.labels],
        feature_names=tuple(column.name for column in wanted),
        feature_units=tuple(column.unit for column in wanted),
        class_names=tuple(known.class_names),
        notes=(*dataset.notes, *notes),
        partial=True,
    )


class _Column:
    def __init__(self, index: int, name: str, unit: str) -> None:
        self.index, self.name, self.unit = index, name, unit


def _told(names: Sequence[str], others: Iterable[str]) -> str:
    """Names in quotes, each with the nearest other one."""
    near = {name: _nearest(name, list(others)) for name in names[:5]}
    told = [f"{name!r}" + (f" (did you mean {other!r}?)" if other else "") for name, other in near.items()]
    return ", ".join(told) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _nearest(name: str, others: Sequence[str]) -> str | None:
    folded = {other.casefold(): other for other in others}
    if name.casefold() in folded:
        return folded[name.casefold()]
    return next(iter(difflib.get_close_matches(name, others, n=1, cutoff=0.6)), None)
