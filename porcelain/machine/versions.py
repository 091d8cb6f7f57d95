"""Older versions of a design's file: what its fields were, as this version has them."""

from __future__ import annotations

from typing import Any

from .layouts import LAYOUTS


def design_from_1(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 1, as version 2 has them.

    Styles have other names now, and each layout says itself what became of its fields.
    """
    body = dict(fields["body"])
    now = {old: name for name, layout in LAYOUTS.items() for old in layout.formerly}
    style = str(body.get("style"))
    style = now.get(style, style)
    if style in LAYOUTS:
        body = LAYOUTS[style].upgraded(body | {"style": style})
    return fields | {"body": body}
