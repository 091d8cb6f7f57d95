"""Films: a figure drawn frame by frame, as GIF everywhere and as MP4 where ffmpeg is."""

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
    """The path, if it can be filmed into: a .gif, or an .mp4. Raises PorcelainError otherwise."""
    path = Path(path)
    if path.suffix.lower() not in KINDS:
        raise PorcelainError(f"cannot film into {path.name!r}; use a name ending in .gif or .mp4")
    return path


def film(figure: Any, draw: Callable[[Any], None], frames: Iterable[Any], path: str | Path) -> list[Path]:
    """Draw every frame into the figure and close it. Returns what was written.

    That is a GIF, and for a path ending in .mp4 the MP4 too if ffmpeg is installed. Raises PorcelainError for other
    endings.
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
