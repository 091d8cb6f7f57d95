"""Dataset: a table of features with a class for every row; a name porcelain knows, or any CSV."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from .arrays import Floats, Ints, frozen, same
from .datasets import RULES, TABLES
from .errors import DataError, unknown

UNIT = re.compile(r"(.*\S)\s*\(([^()]+)\)")  # a column titled "name (unit)"
MISSING = {"", "na", "n/a", "nan", "null", "none", "?"}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Features (n, f) in ``feature_units`` and labels (n,), indices into ``class_names``.

    ``gain`` is the water per feature unit that this data is poured with by custom (u), or None: rescale it.
    """

    name: str
    features: Floats
    labels: Ints
    feature_names: tuple[str, ...]
    feature_units: tuple[str, ...]
    class_names: tuple[str, ...]
    source: str = ""
    gain: float | None = None

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
        if present < 2 or labels.min() < 0 or labels.max() >= len(self.class_names):
            raise DataError(f"{self.name} has {present} class(es) in its labels; at least 2 are needed to learn")

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Ints) -> Dataset:
        """The same table with these rows only."""
        return replace(self, features=self.features[rows], labels=self.labels[rows])

    def folds(self, k: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
        """(train, test) row indices of k stratified folds: every class is spread evenly, shuffled by the seed."""
        smallest = int(np.bincount(self.labels, minlength=len(self.class_names)).min())
        if not 2 <= k <= smallest:
            raise DataError(f"{self.name}: {k} folds of a smallest class of {smallest} rows; use 2 to {smallest}")
        rng = np.random.default_rng(seed)
        fold = np.empty(len(self), dtype=np.int64)
        start = 0
        for c in range(len(self.class_names)):
            rows = rng.permutation(np.flatnonzero(self.labels == c))
            fold[rows] = (start + np.arange(len(rows))) % k
            start += len(rows)
        for i in range(k):
            yield np.flatnonzero(fold != i), np.flatnonzero(fold == i)

    def __repr__(self) -> str:
        n, f = self.features.shape
        return f"<Dataset {self.name!r}: {n} rows, {f} features, classes {', '.join(self.class_names)}>"

    def __eq__(self, other: object) -> bool:
        return same(self, other)


def load(name: str | Path, label: str | None = None) -> Dataset:
    """A built-in data set by name, or a CSV by path.

    A CSV may have a header or not; the class is the last column, or the one that ``label`` names. A header such as
    "bill length (mm)" states a unit. Raises DataError for an unknown name, a missing file, a missing or non-numeric
    value (with row and column) or a single class.
    """
    path = Path(name)
    if str(name) in TABLES:
        table = TABLES[str(name)]
        return _parse(table.text(str(name)), str(name), label, table.source, table.gain)
    if str(name) in RULES:
        return made(str(name))
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") and not path.is_file():
        raise unknown("data set", str(name), [*TABLES, *RULES], DataError)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise DataError(f"cannot read {path}: {reason}; check the name") from None
    return _parse(text, path.stem, label, path.name, None)


def made(name: str, rows: int = 500, seed: int = 0) -> Dataset:
    """Points drawn by a rule: "xor", "circle" or "moons". Raises DataError for another name."""
    if name not in RULES:
        raise unknown("rule", name, RULES, DataError)
    points, labels = RULES[name].points(rows, seed)
    source = f"drawn by porcelain, {rows} points, seed {seed}"
    return Dataset(name, points, labels, ("x", "y"), ("", ""), RULES[name].class_names, source)


def _parse(text: str, name: str, label: str | None, source: str, gain: float | None) -> Dataset:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    try:
        table = list(csv.reader(io.StringIO(text), dialect))
    except csv.Error as error:
        raise DataError(f"{name} is not a table: {error}; save it as plain CSV") from None
    rows = [(i, row) for i, row in enumerate(table, 1) if any(c.strip() for c in row)]
    if not rows:
        raise DataError(f"{name} is empty; a table with a column of classes is needed")
    first = [cell.strip() for cell in rows[0][1]]
    has_header = not any(_number(cell) is not None for cell in first)
    header = first if has_header else [f"x{i}" for i in range(len(first) - 1)] + ["class"]
    rows = rows[1:] if has_header else rows
    column = len(header) - 1
    if label is not None:
        if label not in header:
            raise unknown("column", label, header, DataError)
        column = header.index(label)
    if len(set(header)) < len(header):
        twice = next(title for title in header if header.count(title) > 1)
        raise DataError(f"{name} has two columns titled {twice!r}; give every column its own title")
    if len(header) < 2:
        raise DataError(f"{name} has {len(header)} column; at least one feature and a class are needed")
    names = [n for i, n in enumerate(header) if i != column]
    features, classes = [], []
    for number, row in rows:
        if len(row) != len(header):
            raise DataError(f"{name}, row {number}: {len(row)} values for {len(header)} columns; fill the row")
        cells = [cell.strip() for cell in row]
        for cell, title in zip(cells, header, strict=True):
            if cell.lower() in MISSING:
                raise DataError(f"{name}, row {number}, column {title!r}: value missing; fill it or drop the row")
        classes.append(cells.pop(column))
        features.append([_cell(cell, name, number, title) for cell, title in zip(cells, names, strict=True)])
    titles = [UNIT.fullmatch(title) for title in names]
    class_names = tuple(dict.fromkeys(sorted(classes, key=_natural)))
    labels = [class_names.index(c) for c in classes]
    return Dataset(
        name,
        np.array(features, dtype=float).reshape(len(labels), len(names)),
        np.array(labels, dtype=np.int64),
        tuple(found[1] if found else title for title, found in zip(names, titles, strict=True)),
        tuple(found[2] if found else "" for found in titles),
        class_names,
        source,
        gain,
    )


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _natural(cell: str) -> tuple[float, str]:
    """Classes in numeric order where they are numbers, by name otherwise."""
    value = _number(cell)
    return (math.inf if value is None else value, cell)


def _cell(cell: str, name: str, row: int, title: str) -> float:
    value = _number(cell)
    if value is None or not math.isfinite(value):
        raise DataError(f"{name}, row {row}, column {title!r}: {cell!r} is not a finite number; features are numbers")
    return value
