"""Films: a figure drawn frame by frame, as a GIF and, where ffmpeg is installed, as an MP4."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..errors import PorcelainError
from ..files import write_bytes
from .style import pyplot

FRAMES_PER_S = 10
REST_S = 1.0  # the last frame stands still before the film begins again
KINDS = (".gif", ".mp4")


def film_path(path: str | Path) -> Path:
    """Check the name of a film.

    Parameters
    ----------
    path : str or Path
        File to write.

    Returns
    -------
    Path
        The same path.

    Raises
    ------
    PorcelainError
        If it does not end in .gif or .mp4.

    Examples
    --------
    >>> film_path("pour.gif").name
    'pour.gif'
    """
    path = Path(path)
    if path.suffix.lower() not in KINDS:
        raise PorcelainError(f"cannot film into {path.name!r}; use a name ending in .gif or .mp4")
    return path


def write_film(
    figure: Any,
    draw: Callable[[Any], None],
    frames: Iterable[Any],
    path: str | Path,
    wait: Callable[[], object] | None = None,
) -> list[Path]:
    """Draw every frame into a figure, write the film and close the figure.

    Parameters
    ----------
    figure : Figure
        A matplotlib figure.
    draw : callable
        Draws one frame into the figure.
    frames : iterable
        Arguments of ``draw``.
    path : str or Path
        File to write: a .gif, or an .mp4 with a .gif beside it.
    wait : callable, optional
        Called after each frame.

    Returns
    -------
    list of Path
        What was written. Without ffmpeg an .mp4 becomes a .gif.

    Examples
    --------
    >>> import tempfile
    >>> figure, axes = pyplot().subplots()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_film(figure, lambda x: axes.plot([0, x]), [1.0, 2.0], f"{folder}/a.gif")]
    ['a.gif']
    """
    from matplotlib.animation import FFMpegWriter, PillowWriter

    path = film_path(path)
    writers: dict[str, Any] = {".gif": PillowWriter(fps=FRAMES_PER_S)}
    if path.suffix.lower() == ".mp4" and shutil.which("ffmpeg"):
        # phones and browsers want even sides and this pixel format
        even = ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white", "-pix_fmt", "yuv420p"]
        writers[".mp4"] = FFMpegWriter(fps=FRAMES_PER_S, extra_args=even)
    with tempfile.TemporaryDirectory() as folder:
        scratch = {kind: Path(folder) / f"film{kind}" for kind in writers}
        for kind, writer in writers.items():
            writer.setup(figure, str(scratch[kind]), dpi=100)
        for frame in frames:
            draw(frame)
            if wait:
                wait()
            for writer in writers.values():
                writer.grab_frame()
        for _ in range(int(REST_S * FRAMES_PER_S)):
            for writer in writers.values():
                writer.grab_frame()
        for writer in writers.values():
            writer.finish()
        pyplot().close(figure)
        for kind, made in scratch.items():
            write_bytes(path.with_suffix(kind), made.read_bytes())
    return [path.with_suffix(kind) for kind in writers]
