"""Options of a verb as frozen dataclasses: each field carries its default, its help, its choices and its limits.

The library checks the fields and the command line builds its flags from them, so that the two cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import Field, dataclass, field, fields
from functools import cache
from numbers import Real
from typing import Any

import numpy as np

from .errors import PorcelainError, unknown

MOST_SEED = 2**32 - 1
"""Largest seed that every generator in use accepts."""

SHOWN = 40  # characters of a wrong value in an error


@dataclass(frozen=True)
class Option:
    """What is known about one option besides its type and default.

    Attributes
    ----------
    help : one sentence for ``--help``; empty for a field that has no flag
    flag : spelling on the command line, as in "--span" or "-o --output"; empty for the field's own name
    choices : names that the value may have, or a function that gives them
    aliases : older names of choices, {old: new}
    least, above, most : limits of a number; ``above`` is not allowed itself
    group : section of the help in which the option stands; empty for the section of its dataclass
    metavar : what stands for the value in the help
    kind : what a word names, for shell completion: "data", "file", "folder", "machine" or ""
    endings : file endings that an output may have
    """

    help: str = ""
    flag: str = ""
    choices: Iterable[str] | Callable[[], Iterable[str]] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    least: float | None = None
    above: float | None = None
    most: float | None = None
    group: str = ""
    metavar: str = ""
    kind: str = ""
    endings: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The choices, evaluated."""
        return tuple(self.choices() if callable(self.choices) else self.choices)

    def refusal(self, name: str, value: Any, whole: bool) -> str | None:
        """Why a number is refused, in one line; None if it is not. ``whole``: the option takes whole numbers only."""
        if np.isfinite(value) and self._holds(value) and not (whole and value != int(value)):
            return None
        return f"{name} is {shown(value)}; {self.wanted(whole)} is needed"

    def _holds(self, value: float) -> bool:
        return (
            (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
        )

    def wanted(self, whole: bool) -> str:
        """The allowed numbers in words, as in "a whole number from 0 to 9"."""
        kind = "a whole number" if whole else "a finite number"
        if self.above is not None:
            return f"{kind} above {self.above:g}" + ("" if self.most is None else f" and up to {self.most:.10g}")
        if self.least is None:
            return kind + ("" if self.most is None else f" up to {self.most:.10g}")
        return f"{kind} from {self.least:g} " + ("up" if self.most is None else f"to {self.most:.10g}")


def option(default: Any, help: str = "", **known: Any) -> Any:
    """A dataclass field whose metadata are the fields of an :class:`Option`.

    Parameters
    ----------
    default
        Default of the field; it has to be immutable.
    help : str
        One sentence for ``--help``; empty for a field without a flag.
    **known
        Other fields of the Option by name.

    Returns
    -------
    dataclasses.Field
        The field, for the body of a dataclass.

    >>> @dataclass(frozen=True)
    ... class Options:
    ...     machines: int = option(100, "Number of machines.", least=1)
    >>> Options().machines
    100
    """
    return field(default=default, metadata={"help": help, **known})


@cache
def known(one: Field[Any]) -> Option:
    """The Option of a dataclass field: the entries of its metadata that are an Option's fields."""
    return Option(**{f.name: one.metadata[f.name] for f in fields(Option) if f.name in one.metadata})


def check(options: Any) -> None:
    """Raise PorcelainError for the first field of an options dataclass outside its limits or choices.

    >>> @dataclass(frozen=True)
    ... class Limited:
    ...     machines: int = option(100, "Number of machines.", least=1)
    >>> check(Limited(-1))
    Traceback (most recent call last):
    porcelain.errors.PorcelainError: machines is -1; a whole number from 1 up is needed
    """
    for one in fields(options):
        value, limits = getattr(options, one.name), known(one)
        if isinstance(value, Real) and not isinstance(value, bool):
            if refused := limits.refusal(one.name, value, whole="float" not in str(one.type)):
                raise PorcelainError(refused)
        elif limits.names and isinstance(value, str | tuple):
            for name in (value,) if isinstance(value, str) else value:
                if name not in limits.names:
                    raise unknown(one.name.replace("_", " "), name, limits.names)


def shown(value: Any) -> str:
    """A value for an error message, cut where it is long."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."
