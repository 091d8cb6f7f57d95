"""From text to cells: delimiter, comments, lines above the table, titles and trailing delimiters."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from ..errors import DataError
from .numerals import looks_numeric, number
from .options import ReadOptions

CANDIDATES = (",", ";", "\t", "|", " ")
LOOKED_AT = 2000  # rows that tell which delimiter and which titles a table has
MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "?"}

Row = tuple[int, list[str]]


@dataclass(frozen=True)
class Grid:
    """Titles and rows of cells.

    Attributes
    ----------
    titles : tuple of str
        Title of each column.
    rows : tuple of tuple (int, list of str)
        Number of the row in its file, and its cells.
    titled : bool
        False where the titles are porcelain's own (x0, x1, ..., class).
    notes : tuple of str
        What was left out or taken for what.

    Examples
    --------
    >>> Grid(("x0", "class"), ((1, ["2.5", "oak"]),), titled=False).notes
    ()
    """

    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    titled: bool
    notes: tuple[str, ...] = field(default=())


def read_grid(text: str, name: str, options: ReadOptions) -> Grid:
    r"""Cut a text into cells.

    Parameters
    ----------
    text : str
        The table.
    name : str
        What messages call it.
    options : ReadOptions
        How to read it where it does not tell by itself.

    Returns
    -------
    Grid
        Its titles and cells.

    Raises
    ------
    DataError
        For an empty table, and for a first row that can be titles or values.

    Examples
    --------
    >>> cells = read_grid("width;kind\n1,5;oak\n2,5;elm\n", "trees.csv", ReadOptions())
    >>> cells.titles, cells.rows[0]
    (('width', 'kind'), (2, ['1,5', 'oak']))
    """
    asked = re.match(r"sep=(.)\r?\n", text)
    text = text[asked.end() :] if asked else text
    delimiter = options.delimiter or (asked[1] if asked else _delimiter(text))
    rows = [(n + bool(asked), row) for n, row in _records(text, delimiter, name) if any(row)]
    rows, above, notes = _body(rows)
    if not rows:
        raise DataError(f"{name} is empty; a table with a column of classes is needed")
    if options.header is not None:
        titled = options.header
    elif above and not _titles(rows, name):
        rows, titled = [above, *rows], True
    else:
        titled = _titles(rows, name)
    rows = _trimmed(rows, titled)
    if titled:
        titles, rows = rows[0][1], rows[1:]
        width = Counter(len(row) for _, row in rows).most_common(1)[0][0] if rows else len(titles)
        if len(titles) == width - 1 >= 2:  # as R writes it: names of rows have no title
            titles = ["", *titles]
    else:
        titles = [f"x{i}" for i in range(len(rows[0][1]) - 1)] + ["class"]
    return Grid(tuple(titles), tuple(rows), titled, tuple(notes))


def _records(text: str, delimiter: str, name: str, most: int | None = None) -> list[Row]:
    """Rows of stripped cells with their numbers from 1, empty ones included."""
    if delimiter == " ":
        lines = io.StringIO("\n".join(" ".join(line.split()) for line in text.splitlines()), newline="")
    else:
        lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        return [(n, [cell.strip() for cell in row]) for n, row in enumerate(islice(reader, most), 1)]
    except csv.Error as error:
        raise DataError(f"{name} is not a table: {error}; save it as plain CSV") from None


def _delimiter(text: str) -> str:
    """The sign that cuts most rows into equally many cells, and into numbers rather than words."""
    best, found = 0.0, ","
    for sign in CANDIDATES:
        try:
            rows = [row for _, row in _records(text, sign, "", LOOKED_AT) if any(row) and not row[0].startswith("#")]
        except DataError:
            continue
        widths = Counter(len(row) for row in rows)
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        if width < 2:
            continue
        cells = [cell for row in rows if len(row) == width for cell in row]
        score = times / len(rows) * (0.2 + sum(map(looks_numeric, cells)) / len(cells)) * (0.5 if sign == " " else 1.0)
        if score > best:
            best, found = score, sign
    return found


def _body(rows: list[Row]) -> tuple[list[Row], Row | None, list[str]]:
    """Rows of the table, a row of titles from a comment right above them, and notes on what stands above."""
    if not rows:
        return [], None, []
    width = Counter(len(row) for _, row in rows).most_common(1)[0][0]
    start, above = 0, None
    skipped = []
    for n, row in rows:
        comment = row[0].startswith("#")
        if not comment and (width < 2 or sum(map(bool, row)) > 1):
            break
        bare = [row[0].lstrip("# "), *row[1:]]
        above = (n, bare) if comment and len(bare) == width and width >= 2 else None
        skipped.append(n)
        start += 1
    body = [(n, row) for n, row in rows[start:] if not (row[0].startswith("#") and len(row) != width)]
    used = above[0] if above else None
    left = [n for n in skipped if n != used]
    notes = [f"left out {_lines(left)} above the table"] if left else []
    return body, above, notes


def _lines(numbers: Sequence[int]) -> str:
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {numbers[0]} to {numbers[-1]}"


def _trimmed(rows: list[Row], titled: bool) -> list[Row]:
    """Rows without the empty cells that trailing delimiters leave."""
    width = len(rows[0][1])
    rows = [(n, row[:width] + _without_empty_end(row[width:])) for n, row in rows]
    while (
        width > 1
        and all(len(row) < width or not row[width - 1] for _, row in rows)
        and (not titled or not rows[0][1][-1])
    ):
        rows = [(n, row[: width - 1] + row[width:]) for n, row in rows]
        width -= 1
    return rows


def _without_empty_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _titles(rows: Sequence[Row], name: str) -> bool:
    """Whether the first row holds titles: by its words above numbers, else by numbers that count, as years do."""
    first, rest = rows[0][1], [row for _, row in rows[1:LOOKED_AT]]
    columns = [[row[i] for row in rest if i < len(row)] for i in range(len(first))]
    pairs = [(cell, below) for cell, below in zip(first, columns, strict=True) if below]
    if not any(number(cell) is not None for cell in first):
        return not (pairs and all(cell in below for cell, below in pairs))
    for cell, below in pairs:
        numbers = sum(map(looks_numeric, below))
        wordy = not looks_numeric(cell) and cell.lower() not in MISSING
        if (wordy and numbers > 0.9 * len(below)) or (looks_numeric(cell) and not numbers and len(below) > 3):
            return True
    return _counting(first, pairs, name)


def _counting(first: list[str], pairs: list[tuple[str, list[str]]], name: str) -> bool:
    """Whether a row of numbers and at most a few words reads as titles: the words are new, the numbers count up."""
    told, repeated = _newcomer(pairs)
    if not told or not repeated:
        return False
    numbers = [value for cell in first if (value := number(cell)) is not None]
    steps = {b - a for a, b in pairwise(numbers)}
    if steps == {1.0}:
        return True
    if all(number(cell) is not None for cell in first):
        return False
    raise DataError(
        f"{name}: the first row ({', '.join(first)}) can be titles or values; say which with --header or --no-header"
    )


def _newcomer(pairs: list[tuple[str, list[str]]]) -> tuple[bool, bool]:
    """Whether the first row's class occurs nowhere below, and whether the classes below recur."""
    words = [pair for pair in pairs if number(pair[0]) is None] or pairs[-1:]
    told = bool(words) and all(cell not in below for cell, below in words)
    repeated = all(len(below) >= 4 and min(Counter(below).values()) >= 2 for _, below in words)
    return told, repeated
