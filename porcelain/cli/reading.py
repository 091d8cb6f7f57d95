"""How a table is read, as options of a command; and the rows that a network learned from, found again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from ..data import Dataset, ReadOptions, load, recall
from ..errors import DataError
from ..network import Network

OPTIONS = (
    click.option("--label", help="Column of a table that holds the class (default: the last)."),
    click.option("--delimiter", help="Sign between cells, or its name: comma, semicolon, tab, pipe, space."),
    click.option("--decimal", help="Decimal sign, . or , (default: the one that the numbers show)."),
    click.option("--na", multiple=True, metavar="TEXT", help="A cell that means no value; again for more."),
    click.option("--drop", multiple=True, metavar="COLUMN", help="Leave a column out; again for more."),
    click.option("--drop-missing", is_flag=True, help="Leave out rows with a missing value."),
    click.option(
        "--header/--no-header", default=None, help="Whether the first row holds titles (default: as it looks)."
    ),
)

ENCODING = click.option("--encoding", "text_encoding", help="Encoding of a text file, as in utf-8 or cp1252.")


def reading(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options, and call it with the ReadOptions they make as ``table``."""
    return ENCODING(reading_but_encoding(command))


def reading_but_encoding(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a command that has an --encoding of its own and hands the text's on as ``text_encoding``."""

    @wraps(command)
    def called(
        *,
        label: str | None,
        delimiter: str | None,
        decimal: str | None,
        text_encoding: str | None,
        na: tuple[str, ...],
        drop: tuple[str, ...],
        drop_missing: bool,
        header: bool | None,
        **others: Any,
    ) -> Any:
        table = ReadOptions(label, delimiter, decimal, text_encoding, na, drop, drop_missing, header)
        return command(table=table, **others)

    for option in reversed(OPTIONS):
        called = option(called)
    return called


def read(name: str, table: ReadOptions) -> Dataset:
    """A data set, its notes told on standard error."""
    return _noted(load(name, options=table))


def rows(network: Network, data: str | None, table: ReadOptions, beside: str) -> Dataset:
    """The rows that a network learned from, or those of ``data``, its notes told on standard error."""
    return _noted(recall(network, data, table, beside), data is None)


def rows_if_here(network: Network, data: str | None, table: ReadOptions, beside: str) -> Dataset | None:
    """The same for what needs no rows: None where the network's own are not here, which is told."""
    try:
        return rows(network, data, table, beside)
    except DataError as error:
        if data is not None:
            raise
        if network.provenance.get("data"):
            click.echo(f"note: without rows of data, since {error}", err=True)
        return None


def _noted(found: Dataset, again: bool = False) -> Dataset:
    for note in found.notes if not again else ():
        click.echo(f"warning: {found.source or found.name}: {note}", err=True)
    return found
