"""What porcelain says when something cannot be done: what, the value, the limit and the next step."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


class PorcelainError(Exception):
    """Wrong use or impossible input, told in one line. The command line prints it and exits with 2."""


class DataError(PorcelainError):
    """A data set that cannot be read or learned from."""


class TableError(DataError):
    """A table with faults; carries a line for each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class FileError(PorcelainError):
    """A file that is missing, truncated, foreign or in the wrong place; names the path inside the file."""


@dataclass(frozen=True)
class Finding:
    """One broken design rule.

    ``rule`` names it, ``where`` the part it concerns, ``value`` and ``limit`` say how far off it is,
    ``advice`` what to turn. ``severity`` is "error" (cannot be made) or "warning" (made, with a change).
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
    """A machine that cannot be built; carries the Findings that say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(str(f) for f in self.findings))


def unknown(what: str, name: str, known: Iterable[str], error: type[PorcelainError] = PorcelainError) -> PorcelainError:
    """The error for a name nobody knows, with the nearest one that exists."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
    return error(f"unknown {what} {name!r}; {hint}")
