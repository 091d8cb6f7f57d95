"""How everything looks: one set of colours that stays apart for the colour-blind and in grey print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import PorcelainError
from ..files import write_bytes

# Okabe and Ito, Color Universal Design (2008)
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A7F00", "#5B5B5B")
WATER = "#4FA3D1"
DRY = "#C9D3DA"
WALL = "#46525C"
SILL = "#D55E00"
LEADER = "#E69F00"


def pyplot() -> Any:
    """Matplotlib's pyplot without a window. Raises PorcelainError if the plot extra is missing."""
    try:
        import matplotlib
    except ImportError:
        raise PorcelainError("figures need matplotlib; install porcelain[plot]") from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "porcelain"}
    )
    return plt


def save_figure(figure: Any, path: str | Path, dpi: int = 150) -> None:
    """Write a figure whole or not at all, without a time stamp; the ending says the format (png, svg, pdf)."""
    import io

    kind = Path(path).suffix.lstrip(".").lower()
    if kind not in ("png", "svg", "pdf"):
        raise PorcelainError(f"cannot draw into {Path(path).name!r}; use a name ending in .png, .svg or .pdf")
    stamp: dict[str, Any] = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=dpi, metadata=stamp)
    pyplot().close(figure)
    write_bytes(path, stream.getvalue())
