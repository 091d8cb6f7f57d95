"""Upgrade design files of older versions."""

from __future__ import annotations

from typing import Any

from .layouts import LAYOUTS


def design_from_1(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 1, as version 2 has them.

    The layout was called body, styles have other names now, and each layout says itself what became of its fields.
    A digest is of the fields of its own version, so it is dropped.
    """
    fields = {key: value for key, value in fields.items() if key != "digest"}
    layout = dict(fields.pop("body"))
    now = {old: name for name, layout in LAYOUTS.items() for old in layout.formerly}
    style = str(layout.get("style"))
    style = now.get(style, style)
    if style in LAYOUTS:
        layout = LAYOUTS[style].upgraded(layout | {"style": style})
    return fields | {"layout": layout}
