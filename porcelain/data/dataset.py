"""Dataset: a table of features with a class for every row, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..arrays import Floats, Ints, frozen, same
from ..errors import DataError


@dataclass(frozen=True, eq=False)
class Dataset:
    """A table of features with a class for every row.

    Attributes
    ----------
    name : str
        Name of the data.
    features : array (n, f)
        Values in ``feature_units``.
    labels : array (n,)
        Class of each row, an index into ``class_names``.
    feature_names, feature_units, class_names : tuple of str
        Names and units; the unit "" is none.
    source : str
        Where the data come from, for people.
    gain : float or None
        Water per unit of a feature that these data are poured with by custom, u; None: rescale them.
    label_name : str
        Title of the column of classes.
    origin : mapping
        What is needed to find the data again (see :meth:`provenance`).
    notes : tuple of str
        What a reader left out or found doubtful.
    partial : bool
        Whether the rows are there to examine a network and not to learn from, so that classes may lack.

    Raises
    ------
    DataError
        If the sizes do not fit, or there are too few classes.

    Examples
    --------
    >>> Dataset("coins", [[1.0], [2.0], [5.0]], [0, 0, 1], ("weight",), ("g",), ("copper", "silver"))
    <Dataset 'coins': 3 rows, 1 features, classes copper, silver>
    """

    name: str
    features: Floats
    labels: Ints
    feature_names: tuple[str, ...]
    feature_units: tuple[str, ...]
    class_names: tuple[str, ...]
    source: str = ""
    gain: float | None = None
    label_name: str = ""
    origin: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    partial: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", frozen(self.features, (None, None), f"{self.name}: features"))
        labels = np.array(self.labels, dtype=np.int64)
        labels.flags.writeable = False
        object.__setattr__(self, "labels", labels)
        if not len(labels) or self.features.shape != (len(labels), len(self.feature_names)):
            raise DataError(
                f"{self.name}: {self.features.shape} features for {len(labels)} labels and"
                f" {len(self.feature_names)} names; at least one row, and one label a row, are needed"
            )
        present = len(np.unique(labels))
        if present < (1 if self.partial else 2) or labels.min() < 0 or labels.max() >= len(self.class_names):
            raise DataError(f"{self.name} has {present} class(es) in its labels; at least 2 are needed to learn")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Ints) -> Dataset:
        """The same table with some of its rows.

        Parameters
        ----------
        rows : array of int or bool
            Which rows.

        Returns
        -------
        Dataset
            The smaller table.
        """
        return replace(self, features=self.features[rows], labels=self.labels[rows])

    def noting(self, note: str) -> Dataset:
        """The same table with one more note.

        Parameters
        ----------
        note : str
            What a reader left out or found doubtful.

        Returns
        -------
        Dataset
            The table with the note.
        """
        return replace(self, notes=(*self.notes, note))

    @property
    def built_in(self) -> str | None:
        """Its name among the data sets porcelain comes with, or None for anybody else's."""
        return str(self.origin["name"]) if self.origin.get("kind") in ("table", "rule") else None

    def __repr__(self) -> str:
        n, f = self.features.shape
        return f"<Dataset {self.name!r}: {n} rows, {f} features, classes {', '.join(self.class_names)}>"

    def provenance(self) -> dict[str, Any]:
        """What a network keeps of the data it learned from.

        Returns
        -------
        dict
            As JSON gives it back. ``data``, ``source`` and ``rows`` are for people. ``dataset`` finds the data again:
            kind (table, rule, file or arrays), name or path, SHA-256 and size in bytes, how it was read, titles and
            classes.
        """
        return {
            "data": self.name,
            "source": self.source,
            "rows": len(self),
            "dataset": {
                "kind": "arrays",
                **self.origin,
                "columns": list(self.feature_names),
                "units": list(self.feature_units),
                "label": self.label_name,
                "classes": list(self.class_names),
            },
        }

    @property
    def smallest_class(self) -> int:
        """Rows of the class that has fewest, of those that have any."""
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        return int(counts[counts > 0].min())

    def fewer_folds(self, k: int) -> int:
        """As many folds as the rows of the smallest class allow.

        Parameters
        ----------
        k : int
            Folds that are wanted.

        Returns
        -------
        int
            ``k``, or the rows of the smallest class, but 2 at least. The one row of a class is then held out once.
        """
        return min(k, max(2, self.smallest_class))

    def sample(self, rows: int, seed: int) -> Ints:
        """Indices of a stratified sample, sorted: about ``rows`` of them, at least one of each class that has any.

        Parameters
        ----------
        rows : int
            How many rows are wanted. A table that has no more is taken whole.
        seed : int
            Chooses the rows.

        Returns
        -------
        ndarray of int
            The indices.
        """
        if len(self) <= rows:
            return np.arange(len(self))
        rng = np.random.default_rng([seed, 3])
        chosen = []
        for c in range(len(self.class_names)):
            of_class = np.flatnonzero(self.labels == c)
            many = min(len(of_class), max(1, round(rows * len(of_class) / len(self))))
            chosen.append(rng.choice(of_class, many, replace=False))
        return np.sort(np.concatenate(chosen))

    def folds(self, k: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
        """Stratified folds: every class is spread evenly over them.

        Parameters
        ----------
        k : int
            How many.
        seed : int
            Shuffles the rows of each class.

        Yields
        ------
        tuple of array (train, test)
            Indices of rows.

        Raises
        ------
        DataError
            If the smallest class has fewer rows than there are folds.
        """
        smallest, most = self.smallest_class, self.fewer_folds(len(self))
        if not 2 <= k <= most:
            raise DataError(f"{self.name}: {k} folds of a smallest class of {smallest} rows; use 2 to {most}")
        rng = np.random.default_rng(seed)
        fold = np.empty(len(self), dtype=np.int64)
        start = 0
        for c in range(len(self.class_names)):
            rows = rng.permutation(np.flatnonzero(self.labels == c))
            fold[rows] = (start + np.arange(len(rows))) % k
            start += len(rows)
        for i in range(k):
            yield np.flatnonzero(fold != i), np.flatnonzero(fold == i)

    def __eq__(self, other: object) -> bool:
        return same(self, other)
