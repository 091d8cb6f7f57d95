"""From cells to a Dataset: numbers and classes by title, and every fault with its row and column."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arrays import Floats
from ..errors import DataError, TableError, unknown
from . import numerals
from .dataset import Dataset
from .grid import MISSING, Grid, Row, read_grid
from .matching import Known, matched_classes, matched_columns
from .options import ReadOptions

UNIT = re.compile(r"(.*\S)\s*\(([^()]+)\)")  # a column titled "name (unit)"
MOST_FAULTS = 20
MOST_MEASURED, MOST_COUNTED = 10, 50
"""Values at most that a column of classes may hold where they are decimals, and where they are whole numbers."""
NO_NUMBER = "features are numbers; if it means that there is no value, name it with --na"
COUNTERS = {"", "id", "index", "idx", "row", "nr", "no", "no.", "#", "number", "unnamed: 0", "rownames"}


@dataclass(frozen=True)
class Column:
    """A column of features.

    Attributes
    ----------
    index : int
        Where it stands in the file.
    title : str
        Its title, as in "width (mm)".
    name, unit : str
        The parts of the title.

    Examples
    --------
    >>> Column(0, "width (mm)", "width", "mm").unit
    'mm'
    """

    index: int
    title: str
    name: str
    unit: str


class Faults:
    """What is wrong with a table, a line each. The first twenty are raised together, with a count of the others.

    Parameters
    ----------
    name : str
        What messages call the table.

    Examples
    --------
    >>> faults = Faults("trees.csv")
    >>> faults.add(3, "width", "value missing")
    >>> faults.lines
    ["trees.csv, row 3, column 'width': value missing"]
    """

    def __init__(self, name: str) -> None:
        self.name, self.lines = name, list[str]()

    def add(self, row: int, column: str, said: str) -> None:
        """Note what is wrong with a cell or a row.

        Parameters
        ----------
        row : int
            Number of the row in its file.
        column : str
            Title of the column; "" for the whole row.
        said : str
            What is wrong.
        """
        self.lines.append(f"{self.name}, row {row}" + (f", column {column!r}: {said}" if column else f": {said}"))

    def check(self) -> None:
        """Raise what was noted.

        Raises
        ------
        TableError
            If there are any faults.
        """
        if self.lines:
            more = len(self.lines) - MOST_FAULTS
            told = self.lines[:MOST_FAULTS] + ([f"{self.name}: {more} more faults like these"] if more > 0 else [])
            raise TableError(told)


def parse(
    text: str,
    name: str,
    options: ReadOptions,
    known: Known | None = None,
    file: str = "",
    **facts: Any,
) -> Dataset:
    r"""Read a table's text.

    Parameters
    ----------
    text : str
        The table.
    name : str
        Name of the data set.
    options : ReadOptions
        How to read it.
    known : Known, optional
        A network whose columns and classes are found by title and name, in whatever order they stand.
    file : str
        What messages call the file.
    **facts : Any
        Other fields of the Dataset.

    Returns
    -------
    Dataset
        The rows.

    Raises
    ------
    DataError
        With a line for every fault.

    Examples
    --------
    >>> parse("width (mm),kind\n1.5,oak\n2.5,elm\n", "trees", ReadOptions())
    <Dataset 'trees': 2 rows, 1 features, classes elm, oak>
    """
    file = file or name
    cut = read_grid(text, file, options)
    label = _label(cut, file, options, known)
    columns, notes = _columns(cut, label, file, options, known)
    rows, left = _whole_rows(cut, [*(c.index for c in columns), label], file, options)
    called = {cell: numerals.class_name(cell) for cell in {row[label] for _, row in rows}}
    classes = [called[row[label]] for _, row in rows]
    if known is None:
        _refuse_measurements(classes, cut, label, file)
    else:
        matched_classes(classes, known, file)
    faults = Faults(file)
    features = np.empty((len(rows), len(columns)))
    decimal = options.decimal or _decimal(rows, columns, file)
    for k, column in enumerate(columns):
        features[:, k] = _values(rows, column, decimal, faults)
    faults.check()
    if known is None:
        notes += _counters(columns, features)
    class_names = tuple(dict.fromkeys(sorted(classes, key=_natural))) if known is None else known.class_names
    index = {one: k for k, one in enumerate(class_names)}
    if left:
        notes.append(f"left out {left} rows with missing values")
    return Dataset(
        name,
        features,
        np.array([index[one] for one in classes], dtype=np.int64),
        tuple(column.name for column in columns),
        tuple(column.unit for column in columns),
        class_names,
        label_name=cut.titles[label] if cut.titled else "",
        notes=(*cut.notes, *notes),
        partial=known is not None,
        **facts,
    )


def _label(cut: Grid, file: str, options: ReadOptions, known: Known | None) -> int:
    """The column of classes: as told, else as the network's own data had it, else the last."""
    titles = cut.titles
    twice = next((title for title in titles if title and titles.count(title) > 1), None)
    if twice is not None:
        raise DataError(f"{file} has two columns titled {twice!r}; give every column its own title")
    if options.label is not None:
        if options.label not in titles:
            raise unknown("column", options.label, titles, DataError)
        return titles.index(options.label)
    recorded = str(_record(known).get("label", "")) if known is not None else ""
    if cut.titled and recorded and recorded in titles:
        return titles.index(recorded)
    last = [i for i, title in enumerate(titles) if title not in options.drop]
    if not last:
        raise DataError(f"{file} has no column left; drop fewer")
    return last[-1]


def _record(known: Known | None) -> Mapping[str, Any]:
    """What a network says of the table it learned from."""
    told = known.provenance.get("dataset") if known is not None else None
    return told if isinstance(told, Mapping) else {}


def _columns(
    cut: Grid, label: int, file: str, options: ReadOptions, known: Known | None
) -> tuple[list[Column], list[str]]:
    """The columns of features in the order they are wanted, and notes on those left out."""
    for title in options.drop:
        if title not in cut.titles:
            raise unknown("column", title, cut.titles, DataError)
    found = [
        _column(i, title)
        for i, title in enumerate(cut.titles)
        if i != label and (not title or title not in options.drop)
    ]
    names = [column.name for column in found]
    found = [c if names.count(c.name) == 1 else Column(c.index, c.title, c.title, "") for c in found]
    if known is not None:
        return matched_columns(found, known, cut.titled, file)
    kept = [column for column in found if not _is_index(column, cut)]
    notes = [
        f"left out column {column.index + 1}, which has no title of its own and counts the rows, as pandas writes its"
        " index; give it a title to learn from it"
        for column in found
        if column not in kept
    ]
    if not kept:
        raise DataError(
            f"{file} has {len(cut.titles)} column; at least one feature and a class are needed, so name its --delimiter"
            " if it has more"
        )
    return kept, notes


def _column(index: int, title: str) -> Column:
    parts = UNIT.fullmatch(title)
    name = parts[1] if parts else title or f"column {index + 1}"
    return Column(index, title or name, name, parts[2] if parts else "")


def _is_index(column: Column, cut: Grid) -> bool:
    """Whether a column is the index that pandas writes: the first one, untitled, with numbers that count up from 0."""
    untitled = cut.titled and (not cut.titles[column.index] or cut.titles[column.index].startswith("Unnamed: "))
    cells = [row[column.index] for _, row in cut.rows if column.index < len(row)]
    counts = cells in ([str(i + first) for i in range(len(cells))] for first in (0, 1))
    return untitled and column.index == 0 and counts and len(cells) > 1


def _whole_rows(cut: Grid, wanted: Sequence[int], file: str, options: ReadOptions) -> tuple[list[Row], int]:
    """Rows with a cell for every title and a value in every column that is wanted, and how many were left out."""
    faults, rows, missing = Faults(file), [], {"", *(cell.lower() for cell in options.na)}
    longest = max(map(len, missing | MISSING))
    label, width = wanted[-1], len(cut.titles)
    for number, row in cut.rows:
        if len(row) != width:
            faults.add(number, "", f"{len(row)} values for {width} columns; fill the row, or name the --delimiter")
            continue
        empty = [
            i
            for i in wanted
            if len(row[i]) <= longest and ((cell := row[i].lower()) in missing or (i != label and cell in MISSING))
        ]
        if empty and not options.drop_missing:
            for i in empty:
                advice = "fill it, or leave out such rows with --drop-missing"
                faults.add(number, cut.titles[i] or f"column {i + 1}", f"value missing; {advice}")
        elif not empty:
            rows.append((number, row))
    faults.check()
    if not rows:
        raise DataError(f"{file} has no rows below its titles; at least one row is needed")
    return rows, len(cut.rows) - len(rows)


def _decimal(rows: Sequence[Row], columns: Sequence[Column], file: str) -> str:
    sign, cell = numerals.decimal_sign(row[column.index] for column in columns for _, row in rows)
    if sign is None:
        raise DataError(f"{file}: {cell!r} can be a thousand or a decimal; say which with --decimal . or --decimal ,")
    return sign


def _values(rows: Sequence[Row], column: Column, decimal: str, faults: Faults) -> Floats:
    """The numbers of one column; faults take what is none."""
    cells = [row[column.index] for _, row in rows]
    quick = numerals.column(cells, decimal)
    if quick is not None:
        return quick
    words = numerals.words(cells)
    if words is not None:
        return np.array([words[cell.lower()] for cell in cells])
    values = [numerals.number(cell, decimal) for cell in cells]
    wrong = [k for k, value in enumerate(values) if value is None]
    if len(wrong) == len(cells) > 2:
        number, cell = rows[0][0], cells[0]
        advice = _advice(cell, decimal)
        if advice == NO_NUMBER:
            advice = f"features are numbers; leave the column out with --drop {column.title!r}"
        faults.add(number, column.title, f"{cell!r} is not a finite number, nor is any below; {advice}")
        return np.zeros(len(cells))
    for k in wrong:
        faults.add(rows[k][0], column.title, f"{cells[k]!r} is not a finite number; {_advice(cells[k], decimal)}")
    return np.array([math.nan if value is None else value for value in values])


def _advice(cell: str, decimal: str) -> str:
    other = "," if decimal == "." else "."
    if numerals.number(cell, other) is not None:
        return f"the table's decimal sign is {decimal!r}, so write it so, or use --decimal {other}"
    if "_" in cell and numerals.number(cell.replace("_", "")) is not None:
        return "write it without underscores"
    return NO_NUMBER


def _counters(columns: Sequence[Column], features: Floats) -> list[str]:
    """A warning for each column that numbers the rows: its values say where a row stands and not what it is."""
    found = []
    for k, column in enumerate(columns):
        values = features[:, k]
        whole = len(values) >= 8 and np.all(values == np.round(values)) and len(np.unique(values)) == len(values)
        counts = whole and np.ptp(values) == len(values) - 1
        if counts or (whole and column.title.strip().lower() in COUNTERS):
            found.append(
                f"column {column.title!r} has another whole number in every row, as numbers of rows have: what it"
                f" teaches is true of this file only; leave it out with --drop {column.title!r}"
            )
    return found


def _refuse_measurements(classes: Sequence[str], cut: Grid, label: int, file: str) -> None:
    """Raises DataError for a column of classes that holds measurements or a name for every row."""
    rows, kinds = len(classes), set(classes)
    values = [numerals.number(one) for one in kinds]
    measured = all(value is not None for value in values)
    decimals = measured and any(value != round(value) for value in values if value is not None)
    many = (
        (decimals and len(kinds) > MOST_MEASURED)
        or (measured and len(kinds) > MOST_COUNTED)
        or (rows >= 10 and len(kinds) > rows / 2)
        or (len(kinds) > 20 and rows / len(kinds) < 5)
    )
    if not many:
        return
    few = [
        title
        for i, title in enumerate(cut.titles)
        if i != label and title and 2 <= len({row[i] for _, row in cut.rows if i < len(row)}) <= 20
    ]
    other = f"name another column with --label, such as {few[0]!r}" if few else "name another column with --label"
    raise DataError(
        f"{file}: column {cut.titles[label]!r} holds {len(kinds)} different values in {rows} rows, which"
        f" {'are measurements' if measured else 'are names'} and no classes; {other}, or put its values into a few"
        " ranges first"
    )


def _natural(cell: str) -> tuple[float, str]:
    """Classes in numeric order where they are numbers, by name otherwise."""
    value = numerals.number(cell)
    return (math.inf if value is None else value, cell)
