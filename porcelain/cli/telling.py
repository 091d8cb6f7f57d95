"""Output of a command: text or JSON on standard output, progress on standard error, nothing with --quiet."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import click

from ..errors import PorcelainError
from ..options import option

SILENT_S = 2.0
"""Work that takes longer is announced on a terminal."""


@dataclass(frozen=True)
class Telling:
    """How a verb tells its result."""

    quiet: bool = option(False, "Print nothing but errors.", flag="-q --quiet")
    as_json: bool = option(False, "Print the figures as JSON instead of text.", flag="--json")

    def __post_init__(self) -> None:
        if self.quiet and self.as_json:
            raise PorcelainError("--quiet and --json are both given; choose one")

    def free(self, output: str | None) -> bool:
        """Whether standard output is free for text; raise PorcelainError where JSON and a file both go there."""
        if output == "-" and self.as_json:
            raise PorcelainError("--json and --output - both need standard output; give the output a file name")
        return output != "-"

    def tell(
        self,
        text: str,
        figures: Callable[[], Mapping[str, Any]],
        wrote: Iterable[str | Path] = (),
        to_stdout: bool = True,
    ) -> None:
        """Print a result and the files that were written, once, at the end of a verb."""
        paths = [str(path) for path in wrote]
        if self.as_json:
            click.echo(json.dumps({**figures(), **({"wrote": paths} if paths else {})}, indent=2))
        elif not self.quiet:
            if text:
                click.echo(text, err=not to_stdout)
            if paths:
                click.echo("wrote " + ", ".join(paths), err=not to_stdout)

    @contextmanager
    def bar(self, length: int, label: str) -> Iterator[Callable[[], None]]:
        """A progress bar on a terminal; call what it gives once per step."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda: None
            return
        with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
            yield lambda: bar.update(1)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Announce work of more than SILENT_S on a terminal, with the seconds that it has taken."""
        if self.quiet or not sys.stderr.isatty():
            yield
            return
        done = threading.Event()
        ticking = threading.Thread(target=_tick, args=(what, done), daemon=True)
        ticking.start()
        try:
            yield
        finally:
            done.set()
            ticking.join()


def _tick(what: str, done: threading.Event) -> None:
    started, said = monotonic(), False
    pause = SILENT_S
    while not done.wait(pause):
        sys.stderr.write(f"\r{what}, {monotonic() - started:.0f} s")
        sys.stderr.flush()
        said, pause = True, 1.0
    if said:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
