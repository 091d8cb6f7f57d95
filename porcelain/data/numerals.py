"""Read cells as numbers: ASCII digits, one decimal sign, thousands in groups of three, and nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

import numpy as np

from ..arrays import Floats

_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
PLAIN = rf"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}"
_PLAIN = re.compile(PLAIN)
_PLAIN_COLUMN = re.compile(rf"(?:{PLAIN}\n)*")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:([,' \u00a0\u2009\u202f’])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]*)?")
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")  # 1,234 and 1.234: a thousand, or one and a bit
_SWAPPED = str.maketrans(",.", ".,")
WORDS = ({"true": 1.0, "false": 0.0}, {"yes": 1.0, "no": 0.0})
"""Columns of two words that are numbers too."""


def number(cell: str, decimal: str = ".") -> float | None:
    """Read a cell as a number.

    Parameters
    ----------
    cell : str
        The cell.
    decimal : str
        The decimal sign, "." or ",".

    Returns
    -------
    float or None
        The finite number; None where the cell is none.

    Examples
    --------
    >>> number("1,234.5"), number("1.234,5", decimal=","), number("1_000"), number("nan")
    (1234.5, 1234.5, None, None)
    """
    cell = cell.replace("\u2212", "-")
    if decimal == ",":
        cell = cell.translate(_SWAPPED)
    if _PLAIN.fullmatch(cell):
        value = float(cell)
    elif _GROUPED.fullmatch(cell):
        value = float(re.sub(r"[^0-9.+-]", "", cell))
    else:
        return None
    return value if math.isfinite(value) else None


def looks_numeric(cell: str) -> bool:
    """Whether a cell is a number by either decimal sign.

    Parameters
    ----------
    cell : str
        The cell.

    Returns
    -------
    bool
        True for a number.

    Examples
    --------
    >>> looks_numeric("1,5"), looks_numeric("oak")
    (True, False)
    """
    return number(cell) is not None or number(cell, ",") is not None


def decimal_sign(cells: Iterable[str]) -> tuple[str | None, str]:
    """Find the decimal sign of a table.

    Parameters
    ----------
    cells : iterable of str
        Cells of all its columns of features.

    Returns
    -------
    tuple (str or None, str)
        The sign, and a cell that shows it. None where the cells can be read either way.

    Examples
    --------
    >>> decimal_sign(["1,5", "1.234"])
    (',', '1,5')
    >>> decimal_sign(["1,234", "2"])
    (None, '1,234')
    """
    comma = either = ""
    for cell in cells:
        if "," not in cell and "." not in cell:
            continue
        if _EITHER.fullmatch(cell):
            either = either or (cell if "," in cell else "")
            continue
        point, other = number(cell), number(cell, ",")
        if point is not None and other is None:
            return ".", cell
        if other is not None and point is None:
            comma = comma or cell
    if comma:
        return ",", comma
    return (None, either) if either else (".", "")


def column(cells: Sequence[str], decimal: str) -> Floats | None:
    """Read all numbers of a column at once.

    Parameters
    ----------
    cells : iterable of str
        Cells of a column.
    decimal : str
        The decimal sign.

    Returns
    -------
    array (n,) or None
        The numbers; None where a cell needs a closer look.

    Examples
    --------
    >>> column(["1.5", "2"], ".").tolist(), column(["1.5", "oak"], ".")
    ([1.5, 2.0], None)
    """
    if decimal == "." and _PLAIN_COLUMN.fullmatch("\n".join([*cells, ""])):
        values = np.array(cells, dtype=str).astype(np.float64)
        return values if np.all(np.isfinite(values)) else None
    return None


def words(cells: Iterable[str]) -> dict[str, float] | None:
    """Find the two words that a column is made of.

    Parameters
    ----------
    cells : iterable of str
        Cells of a column.

    Returns
    -------
    dict or None
        Numbers of the words true and false, or yes and no; None for another column.

    Examples
    --------
    >>> words(["yes", "No"]), words(["yes", "oak"])
    ({'yes': 1.0, 'no': 0.0}, None)
    """
    found = {cell.lower() for cell in cells}
    return next((pair for pair in WORDS if found and found <= set(pair)), None)


def class_name(cell: str) -> str:
    """The name of a class: numbers of one value have one name, and codes such as 007 stay as they are.

    Parameters
    ----------
    cell : str
        The cell in the column of classes.

    Returns
    -------
    str
        The name.

    Examples
    --------
    >>> class_name("1.0"), class_name("1"), class_name("2.50"), class_name("007"), class_name("oak")
    ('1', '1', '2.5', '007', 'oak')
    """
    if not re.fullmatch(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?", cell):
        return cell
    value = float(cell)
    return str(int(value)) if value == int(value) else repr(value)
