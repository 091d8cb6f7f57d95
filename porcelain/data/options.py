"""ReadOptions: how a table is read where its file alone does not tell."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, fields
from typing import Any

from ..errors import DataError
from ..options import option

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t", "pipe": "|", "space": " ", "blank": " "}


@dataclass(frozen=True)
class ReadOptions:
    """How to read a table; None and empty values leave the choice to the reader.

    Parameters
    ----------
    label : title of the column of classes; by default the last column
    delimiter : the sign between two cells, or its name (comma, semicolon, tab, pipe, space)
    decimal : "." or ","
    text_encoding : a text encoding that Python knows, such as utf-8 or cp1252
    na : cells that mean "no value" besides the usual ones; these are missing as a class too
    drop : titles of columns to leave out
    drop_missing : leave out rows with a missing value
    header : whether the first row holds titles

    Examples
    --------
    >>> ReadOptions(delimiter="semicolon").delimiter
    ';'
    >>> ReadOptions(label="kind").recorded()
    {'label': 'kind'}
    """

    label: str | None = option(None, "Column of a table that holds the class (default: the last).", kind="column")
    delimiter: str | None = option(None, "Sign between cells, or its name: comma, semicolon, tab, pipe or space.")
    decimal: str | None = option(None, "Decimal sign, . or , (default: the one that the numbers show).")
    text_encoding: str | None = option(None, "Encoding of a text file, as in utf-8 or cp1252.", flag="--encoding")
    na: tuple[str, ...] = option((), "A cell that means no value; again for more.")
    drop: tuple[str, ...] = option((), "Leave a column out; again for more.", metavar="COLUMN")
    drop_missing: bool = option(False, "Leave out rows with a missing value.")
    header: bool | None = option(None, "Whether the first row holds titles (default: as it looks).")

    def __post_init__(self) -> None:
        if self.delimiter is not None:
            sign = DELIMITERS.get(self.delimiter.lower(), self.delimiter)
            if len(sign) != 1 or sign in '"\r\n':
                raise DataError(f"delimiter is {self.delimiter!r}; one sign or {', '.join(DELIMITERS)} is needed")
            object.__setattr__(self, "delimiter", sign)
        if self.decimal not in (None, ".", ","):
            raise DataError(f"decimal is {self.decimal!r}; '.' or ',' is needed")
        if self.decimal == "," == self.delimiter:
            raise DataError("delimiter and decimal are both ','; a table needs two different signs")
        if self.text_encoding is not None:
            try:
                text = codecs.lookup(self.text_encoding)._is_text_encoding
            except (LookupError, ValueError):
                text = False
            if not text:
                raise DataError(f"unknown encoding {self.text_encoding!r}; utf-8, utf-16 and cp1252 are common ones")

    def recorded(self) -> dict[str, Any]:
        """The fields that differ from their defaults.

        Returns
        -------
        dict
            As JSON gives it back.
        """
        told = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}

    @classmethod
    def from_record(cls, recorded: dict[str, Any]) -> ReadOptions:
        """Read what :meth:`recorded` told.

        Parameters
        ----------
        recorded : dict
            Fields by name.

        Returns
        -------
        ReadOptions
            The options.

        Raises
        ------
        DataError
            For a name that is no option.
        """
        known = {f.name for f in fields(cls)}
        told: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in recorded.items()}
        if not known.issuperset(told):
            raise DataError(f"unknown options of a table: {', '.join(sorted(set(told) - known))}")
        return cls(**told)
