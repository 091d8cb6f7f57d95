"""Where data come from: the tables porcelain knows, points drawn by a rule, files and standard input."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..datasets import RULES, TABLES
from ..errors import DataError, unknown
from .dataset import Dataset
from .matching import Known, matched
from .options import ReadOptions
from .table import parse
from .text import MOST_BYTES, decoded

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".data", ".tab", ".gz", ".bz2", ".xz")


def load(
    name: str | Path, label: str | None = None, options: ReadOptions | None = None, known: Known | None = None
) -> Dataset:
    """A table porcelain knows, points drawn by a rule, or any table in a file.

    Parameters
    ----------
    name : a built-in name such as "iris", a path, or "-" for standard input
    label : title of the column of classes, short for ``ReadOptions(label=...)``; by default the last column
    options : how to read a file where it does not tell by itself
    known : a network whose features and classes are wanted, by name and in its order; rows of only a few of its
        classes are enough then

    Returns
    -------
    Dataset
        Features, labels and names. A title such as "bill length (mm)" states a unit. ``notes`` say what was left out
        or looks doubtful.

    Raises
    ------
    DataError
        For an unknown name, a file that cannot be read, and every fault in it, with its row and column.

    Examples
    --------
    >>> load("iris").features.shape
    (150, 4)
    """
    options = options or ReadOptions()
    if label is not None:
        options = replace(options, label=label)
    if str(name) in TABLES or str(name) in RULES:
        built_in = _table(str(name), options) if str(name) in TABLES else made(str(name))
        return matched(built_in, known) if known is not None else built_in
    return _file(name, options, known)


def made(name: str, rows: int = 500, seed: int = 0) -> Dataset:
    """Draw points by a rule.

    Parameters
    ----------
    name : str
        "xor", "circle" or "moons".
    rows : int
        How many points.
    seed : int
        Draws the points.

    Returns
    -------
    Dataset
        Features x and y.

    Raises
    ------
    DataError
        For another name.

    Examples
    --------
    >>> made("moons", rows=20, seed=1).features.shape
    (20, 2)
    """
    if name not in RULES:
        raise unknown("rule", name, RULES, DataError)
    points, labels = RULES[name].points(rows, seed)
    source = f"drawn by porcelain, {rows} points, seed {seed}"
    origin = {"kind": "rule", "name": name, "rows": rows, "seed": seed}
    return Dataset(name, points, labels, ("x", "y"), ("", ""), RULES[name].class_names, source, origin=origin)


def _table(name: str, options: ReadOptions) -> Dataset:
    table = TABLES[name]
    text = table.text(name)
    origin = {"kind": "table", "name": name, **_fingerprint(text.encode())} | _asked(options)
    return parse(text, name, options, source=table.source, gain=table.gain, origin=origin)


def _file(name: str | Path, options: ReadOptions, known: Known | None) -> Dataset:
    path, piped = Path(name), str(name) == "-"
    there = os.path.exists(path) and not os.path.isdir(path)
    if not piped and not there and path.suffix.lower() not in ENDINGS:
        raise unknown("data set", str(name), [*TABLES, *RULES], DataError)
    data = _bytes(path, piped)
    called = "standard input" if piped else path.name
    text, encoding = decoded(data, called, options.text_encoding)
    origin: dict[str, Any] = {"kind": "file", "path": None if piped or not path.is_file() else path.as_posix()}
    origin |= _fingerprint(data) | _asked(options)
    stem = "input" if piped else path.name.removesuffix("".join(path.suffixes[-2:])) or path.stem
    found = parse(text, stem, options, known, called, source=called, origin=origin)
    if encoding == "cp1252" and options.text_encoding is None:
        found = found.noting(f"{called} is no UTF-8 text and was read as cp1252; --encoding names another")
    return found


def _bytes(path: Path, piped: bool) -> bytes:
    try:
        if piped:
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with path.open("rb") as stream:
                data = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}; check the name") from None
    return data


def _fingerprint(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _asked(options: ReadOptions) -> dict[str, Any]:
    """The options that a table was read with, where there are any."""
    recorded = options.recorded()
    return {"options": recorded} if recorded else {}
