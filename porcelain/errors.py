"""Exceptions and findings. A message says what is wrong, the value, the limit and the next step."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class PorcelainError(Exception):
    """Wrong use or impossible input, told in one line.

    The command line prints the message and exits with code 2.

    Examples
    --------
    >>> from porcelain import PorcelainError, Layer
    >>> try:
    ...     Layer([-1.0], [[1.0]])
    ... except PorcelainError as error:
    ...     print(error)
    thresholds has -1.0; water cannot be less than 0
    """


class DataError(PorcelainError):
    """A data set that cannot be read or learned from.

    Examples
    --------
    >>> import porcelain
    >>> try:
    ...     porcelain.load("irish")
    ... except DataError as error:
    ...     print(error)
    unknown data set 'irish'; did you mean 'iris'?
    """


class TableError(DataError):
    """A table with faults.

    Parameters
    ----------
    faults : iterable of str
        One line for each fault. The attribute ``faults`` keeps them as a tuple.

    Examples
    --------
    >>> TableError(["row 2: value missing", "row 5: not a number"]).faults[1]
    'row 5: not a number'
    """

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class FileError(PorcelainError):
    """A file that is missing, truncated, of another kind, or wrong at a path that the message names.

    Examples
    --------
    >>> from porcelain import files
    >>> try:
    ...     files.from_json(b"{}")
    ... except FileError as error:
    ...     print(type(error).__name__)
    FileError
    """


@dataclass(frozen=True)
class Finding:
    """One broken design rule.

    Parameters
    ----------
    rule : str
        Name of the rule.
    where : str
        The part that the rule concerns.
    value, limit : str
        What the part has, and what the rule asks for.
    advice : str
        What to change.
    severity : str
        "error": the machine cannot be made. "warning": it can be made, and something should be changed.

    Examples
    --------
    >>> print(Finding("wall", "b0.0", "0.8 mm", "1.6 mm", "ask for thicker walls"))
    b0.0: wall is 0.8 mm, limit 1.6 mm; ask for thicker walls
    """

    rule: str
    where: str
    value: str
    limit: str
    advice: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.rule} is {self.value}, limit {self.limit}; {self.advice}"


class DesignError(PorcelainError):
    """A machine that cannot be built. It carries the findings that say why.

    Parameters
    ----------
    findings : iterable of Finding
        The broken rules. The attribute ``findings`` keeps them as a tuple.

    Examples
    --------
    >>> DesignError([Finding("height", "t0", "300 mm", "250 mm", "choose a taller printer")])
    DesignError('t0: height is 300 mm, limit 250 mm; choose a taller printer')
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(str(f) for f in self.findings))


def unknown(what: str, name: str, known: Iterable[str], error: type[PorcelainError] = PorcelainError) -> PorcelainError:
    """Make the error for an unknown name, with the nearest known name.

    Parameters
    ----------
    what : str
        Kind of the name, such as "water".
    name : str
        The unknown name.
    known : iterable of str
        All known names.
    error : type
        Class of the error.

    Returns
    -------
    PorcelainError
        The error. The caller raises it.

    Examples
    --------
    >>> unknown("water", "tab", ["ideal", "tap"])
    PorcelainError("unknown water 'tab'; did you mean 'tap'?")
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return error(f"unknown {what} {name!r}; {hint}")
