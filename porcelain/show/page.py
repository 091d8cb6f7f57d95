"""The page: a machine to play with, as one HTML file that needs no server and no other file."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from ..data import Dataset
from ..errors import PorcelainError
from ..file_names import machine_stem
from ..files import to_json, write_bytes
from ..hydraulics.outlets import law_of
from ..machine.assembly import Part
from ..machine.design import Design
from ..styles import STYLES
from ..water import WATERS
from .water import machine_table

SOLVER = ("constants.js", "trajectory.js", "outlet.js", "step.js", "motion.js", "bucket.js")
SCRIPTS = ("text.js", *SOLVER, "engine.js", "state.js", "file.js", "view.js", "solid.js", "page.js")
MOST_TABLE_BYTES = 400_000  # a law's table for a large machine would outgrow the page; it is left out
MOST_ROWS = 2000


def write_page(
    design: Design,
    path: str | Path,
    parts: Sequence[Part] = (),
    made: Mapping[str, bytes] | None = None,
    data: Dataset | None = None,
) -> None:
    """Write the page of a design, whole or not at all.

    Parameters
    ----------
    design : Design
        The machine.
    path : str or Path
        File to write.
    parts, made, data : sequence of Part, mapping, Dataset
        As in :func:`page_html`.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain import files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_page(files.load("designs/iris-mini", "design"), f"{folder}/iris.html")
    """
    write_bytes(path, page_html(design, parts, made, data).encode())


def page_html(
    design: Design,
    parts: Sequence[Part] = (),
    made: Mapping[str, bytes] | None = None,
    data: Dataset | None = None,
) -> str:
    """Write the page of a design as text. The same machine gives the same bytes.

    Parameters
    ----------
    design : Design
        The machine.
    parts : sequence of Part
        Parts to show in 3D.
    made : mapping of str to bytes, optional
        Files that the parts became, such as "t0.stl" and "iris.3mf", to be saved from the page.
    data : Dataset, optional
        Rows to pour by name.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    PorcelainError
        If a part has no file.

    Examples
    --------
    >>> from porcelain import files
    >>> "<title>iris: a network of buckets and pipes</title>" in page_html(files.load("designs/iris", "design"))
    True
    """
    made = made or {}
    missing = [part.name for part in parts if f"{part.name}.stl" not in made]
    if missing:
        raise PorcelainError(f"part {missing[0]} has no STL file for the page; write the parts first")
    payload = {
        "design": json.loads(to_json(design)),
        "machines": _machines(design),
        "facing": {name: shape.view.facing for name, shape in STYLES.items()},
        "parts": [_part(part, made[f"{part.name}.stl"]) for part in parts],
        "package": base64.b64encode(made.get(f"{machine_stem(design.name)}.3mf", b"")).decode(),
        "data": _rows(design, data),
        "first": 0 if data is None else min(len(data), MOST_ROWS) // 2,
    }
    scripts = "\n".join(f"<script>{_source(name)}</script>" for name in SCRIPTS)
    fill = {
        "TITLE": html.escape(f"{design.name}: a network of buckets and pipes"),
        "STYLE": _source("style.css"),
        "PAYLOAD": _inert(json.dumps(payload, separators=(",", ":"), ensure_ascii=False)),
        "THREE": _licence() + _source("three.bundle.js") if parts else "",
        "SCRIPTS": scripts,
    }
    text = _source("template.html")
    for what, value in fill.items():
        text = text.replace(f"@@{what}@@", value)
    return text


def _machines(design: Design) -> dict[str, Any]:
    """Tables for the page's engine by "law water". The page makes the table of Torricelli's law itself."""
    name, tables = law_of(design), {}
    for liquid in WATERS:
        try:
            table = machine_table(design, name, liquid)
        except PorcelainError:  # a law these outlets do not obey, or a water they hold back to the rim
            continue
        if len(json.dumps(table)) <= MOST_TABLE_BYTES:
            tables[f"{name} {liquid}"] = table
    return tables


def _part(part: Part, stl: bytes) -> dict[str, Any]:
    packed = base64.b64encode(gzip.compress(stl, mtime=0)).decode()
    return {"name": part.name, "colour": part.colour, "at_mm": part.at_mm.tolist(), "stl": packed}


def _rows(design: Design, data: Dataset | None) -> dict[str, Any] | None:
    """Rows of the data; None if the machine was made for other features or classes."""
    encoding = design.network.encoding
    if data is None or data.feature_names != encoding.feature_names or data.class_names != design.network.class_names:
        return None
    return {"features": data.features[:MOST_ROWS].tolist(), "labels": data.labels[:MOST_ROWS].tolist()}


def _source(name: str) -> str:
    return (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")


def _licence() -> str:
    return "/*\n" + _source("three.LICENSE") + "*/\n"


def _inert(text: str) -> str:
    """Escape JSON so that no HTML parser finds the end of a script in it."""
    return text.replace("<", "\\u003c")
