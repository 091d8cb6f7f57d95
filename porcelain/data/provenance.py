"""Find the data that a network learned from, by its provenance and checked by a hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..datasets import RULES, TABLES
from ..errors import DataError
from .dataset import Dataset
from .loading import load, made
from .matching import Known, matched
from .options import ReadOptions

_DRAWN = re.compile(r"drawn by porcelain, ([0-9]+) points, seed ([0-9]+)")


def recall(
    network: Known,
    data: str | Path | None = None,
    options: ReadOptions | None = None,
    beside: str | Path | None = None,
) -> Dataset:
    """The rows that a network learned from, or those of ``data``, with the network's features and classes by name.

    Parameters
    ----------
    network : whose features, classes and provenance say what is wanted
    data : another data set, as :func:`load` takes it; None: the one it learned from
    options : how to read ``data``
    beside : the network's or design's own file or folder: its data are looked for from there as well

    Returns
    -------
    Dataset
        Rows whose columns and classes stand in the network's order.

    Raises
    ------
    DataError
        Where the data are not here, have changed, or have other columns or classes; it asks for ``--data``.

    Examples
    --------
    >>> from porcelain import load
    >>> from porcelain.learn import fit
    >>> recall(fit(load("iris"), folds=0, restarts=1)) == load("iris")
    True
    """
    told = record(network.provenance)
    if data is not None:
        return load(data, options=_with_recorded(options or ReadOptions(), told), known=network)
    name = str(network.provenance.get("data") or "") or "its data"
    if told.get("kind") == "table" and told.get("name") in TABLES:
        return matched(load(str(told["name"]), options=ReadOptions.from_record(told.get("options", {}))), network)
    if told.get("kind") == "rule" and told.get("name") in RULES:
        return matched(made(str(told["name"]), int(told["rows"]), int(told["seed"])), network)
    if told.get("kind") == "file" and told.get("path"):
        path = _found(told, beside)
        found = load(path, options=ReadOptions.from_record(told.get("options", {})), known=network)
        return replace(found, name=name)
    raise DataError(f"the network does not say where its data ({name}) are; name them with --data")


def record(provenance: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a network says of the table it learned from.

    Parameters
    ----------
    provenance : mapping
        The network's provenance. Before there were records, only its ``source`` told.

    Returns
    -------
    mapping
        The record, as :meth:`Dataset.provenance` makes it; empty where there is none.

    Examples
    --------
    >>> from porcelain import files
    >>> record(files.load("designs/iris", "network").provenance)["name"]
    'iris'
    """
    told = provenance.get("dataset")
    if isinstance(told, Mapping):
        return told
    name, source = str(provenance.get("data") or ""), str(provenance.get("source") or "")
    if name in TABLES and source == TABLES[name].source:
        return {"kind": "table", "name": name}
    drawn = _DRAWN.fullmatch(source)
    if name in RULES and drawn:
        return {"kind": "rule", "name": name, "rows": int(drawn[1]), "seed": int(drawn[2])}
    return {}


def _with_recorded(options: ReadOptions, told: Mapping[str, Any]) -> ReadOptions:
    """Options for other rows of the same kind: what means "no value" there means it here too."""
    na = tuple(told.get("options", {}).get("na", ()))
    return replace(options, na=options.na or na)


def _found(told: Mapping[str, Any], beside: str | Path | None) -> Path:
    """The file that a network learned from: where it was, or where it is from the network's own folder."""
    changed = None
    for path in _places(Path(str(told["path"])), beside):
        if path.is_file():
            if _same(path, told):
                return path
            changed = changed or path
    if changed is not None:
        raise DataError(f"{changed} is not what the network learned from: it has changed since; name rows with --data")
    raise DataError(f"{told['path']}, which the network learned from, is not here; name its rows with --data")


def _places(path: Path, beside: str | Path | None) -> Iterator[Path]:
    yield path
    if beside is not None and str(beside) != "-":
        start = Path(beside).resolve()
        for folder in (start, *start.parents):
            yield folder / path
        yield start.parent / path.name


def _same(path: Path, told: Mapping[str, Any]) -> bool:
    try:
        if path.stat().st_size != told.get("bytes"):
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == told.get("sha256")
    except OSError:
        return False
