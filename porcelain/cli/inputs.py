"""Options that several verbs share: which data, which column is the class, where the result goes."""

from __future__ import annotations

from dataclasses import dataclass

from ..data import Dataset, load
from ..network import Network
from ..options import option

PICTURES = (".png", ".svg", ".pdf")
FILMS = (".gif", ".mp4")
PAGES = (".html",)
LABEL = "Column of a CSV that holds the class (default: the last)."


@dataclass(frozen=True)
class Labelled:
    """Which column of a table holds the class."""

    label: str | None = option(None, LABEL, kind="column")


@dataclass(frozen=True)
class Rows:
    """Rows to follow: of the network's own data set, or of another."""

    data: str | None = option(None, "Data set (default: the one the network was trained on).", kind="data")
    label: str | None = option(None, LABEL, kind="column")

    def of(self, network: Network) -> Dataset:
        """The data set. Raises DataError where neither option nor network names one that can be read."""
        return load(self.data or str(network.provenance.get("data", "")), self.label)
