"""Options that several verbs share: which data, which column is the class, where the result goes."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import click

from ..data import Dataset, ReadOptions, load, recall
from ..encoding import KINDS
from ..errors import DataError
from ..network import Network
from ..options import option
from .options import Verb

PICTURES = (".png", ".svg", ".pdf")
FILMS = (".gif", ".mp4")
PAGES = (".html",)

BESIDE_ENCODING: Mapping[str, Mapping[str, Any]] = {"text_encoding": {"flag": "--text-encoding"}}
"""How a verb spells the encoding of a text when --encoding is that of features."""


@dataclass(frozen=True)
class Rows(ReadOptions):
    """Rows to follow: of the network's own data set, or of another, and how to read that."""

    data: str | None = option(None, "Data set (default: the one the network was trained on).", kind="data")

    def of(self, network: Network, beside: str) -> Dataset:
        """The rows with the network's features and classes. Raises DataError where there are none to be found."""
        return told(recall(network, self.data, reading(self), beside), self.data is not None)

    def if_here(self, network: Network, beside: str) -> Dataset | None:
        """The same for what needs no rows: None where the network's own are not here, which is told."""
        try:
            return self.of(network, beside)
        except DataError as error:
            if self.data is not None:
                raise
            if network.provenance.get("data"):
                click.echo(f"note: without rows of data, since {error}", err=True)
            return None


def reading(options: ReadOptions) -> ReadOptions:
    """The options of a table alone."""
    return ReadOptions(**{f.name: getattr(options, f.name) for f in fields(ReadOptions)})


def read(name: str, options: ReadOptions) -> Dataset:
    """A data set, its notes told on standard error."""
    return told(load(name, options=reading(options)))


def told(dataset: Dataset, new: bool = True) -> Dataset:
    """A data set whose notes have been told on standard error, if it is new to the person."""
    for note in dataset.notes if new else ():
        click.echo(f"warning: {dataset.source or dataset.name}: {note}", err=True)
    return dataset


class Taught(Verb):
    """A verb whose --encoding takes an encoding of features, and one of a text as well: no name is both."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Spell the encoding of a text as the option it is."""
        return super().parse_args(ctx, _spelled(args))


def _spelled(args: Sequence[str]) -> list[str]:
    found = list(args)
    for k, word in enumerate(args):
        flag, sign, value = word.partition("=")
        value = value if sign else args[k + 1] if k + 1 < len(args) else ""
        if flag == "--encoding" and value not in KINDS and _is_text(value):
            found[k] = f"--text-encoding{sign}{value if sign else ''}"
    return found


def _is_text(name: str) -> bool:
    try:
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True
