"""Names of files to write, judged by their endings before any work begins."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import click

from ..errors import PorcelainError

PICTURES = (".png", ".svg", ".pdf")
FILMS = (".gif", ".mp4")

Callback = Callable[[click.Context, click.Parameter, str | None], str | None]


def ending(*kinds: str) -> Callback:
    """A callback for an option that takes a file with one of these endings; "-" is left to the option."""
    wanted = " or ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))

    def judged(_: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value not in (None, "-") and Path(str(value)).suffix.lower() not in kinds:
            raise PorcelainError(f"{parameter.opts[-1]} is {value}; use a name ending in {wanted}")
        if value and value.lower().endswith(".mp4") and not shutil.which("ffmpeg"):
            click.echo("no ffmpeg here: the film becomes a GIF", err=True)
        return value

    return judged
