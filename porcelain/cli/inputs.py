"""Options that several verbs share: which data, which column is the class, where the result goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..data import Dataset, load
from ..errors import DataError
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
        name = self.data or str(network.provenance.get("data", ""))
        if not name:
            raise DataError("the network does not say which data it was trained on; name a data set with --data")
        return suited_to(load(name, self.label), network)


def suited_to(dataset: Dataset, network: Network) -> Dataset:
    """A data set that a network can classify. Raises DataError for one with other features or classes."""
    same_features(dataset, network.encoding.feature_names)
    if len(dataset.class_names) != len(network.class_names):
        raise DataError(
            f"{dataset.name} has {len(dataset.class_names)} classes, and {network.name} tells"
            f" {len(network.class_names)}; choose data of the same kind"
        )
    return dataset


def same_features(dataset: Dataset, names: Sequence[str]) -> None:
    """Raise DataError for a data set with another number of features."""
    if len(dataset.feature_names) != len(names):
        raise DataError(
            f"{dataset.name} has {len(dataset.feature_names)} features, and the machine takes {len(names)}"
            f" ({', '.join(names)}); choose data of the same kind"
        )
