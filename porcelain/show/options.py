"""Options of ``show``, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import check, option

VIEWS = ("diagram", "machine", "page", "levels", "movie", "scores", "history", "tolerance")


@dataclass(frozen=True)
class ShowOptions:
    """What is drawn of a noun, and how.

    >>> ShowOptions().parts
    True
    """

    view: str | None = option(None, "What to draw (default: by the noun and the ending of the output).", choices=VIEWS)
    exploded: bool = option(False, "Lift the parts of a machine apart.")
    parts: bool = option(True, "Put the printable parts into a page.")

    def __post_init__(self) -> None:
        check(self)
