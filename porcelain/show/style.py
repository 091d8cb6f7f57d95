"""Colours and settings of all figures, and how figures are written."""

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
    """Import matplotlib's pyplot without a window.

    Returns
    -------
    module
        ``matplotlib.pyplot`` with porcelain's settings.

    Raises
    ------
    PorcelainError
        If matplotlib is not installed.

    Examples
    --------
    >>> pyplot().get_backend().lower()
    'agg'
    """
    try:
        import matplotlib
    except ImportError:
        raise PorcelainError("figures need matplotlib, which is not installed; pip install matplotlib") from None
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "porcelain"}
    )
    return plt


def save_figure(figure: Any, path: str | Path, dpi: int = 150) -> None:
    """Write a figure whole or not at all, without a time stamp, and close it.

    Parameters
    ----------
    figure : Figure
        A matplotlib figure.
    path : str or Path
        Picture to write: .png, .svg or .pdf.
    dpi : int
        Dots per inch of a .png.

    Raises
    ------
    PorcelainError
        If the name has another ending.

    Examples
    --------
    >>> try:
    ...     save_figure(pyplot().figure(), "a.bmp")
    ... except PorcelainError as error:
    ...     print(error)
    cannot draw into 'a.bmp'; use a name ending in .png, .svg or .pdf
    """
    import io

    kind = Path(path).suffix.lstrip(".").lower()
    if kind not in ("png", "svg", "pdf"):
        raise PorcelainError(f"cannot draw into {Path(path).name!r}; use a name ending in .png, .svg or .pdf")
    stamp: dict[str, Any] = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[kind]
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=dpi, metadata=stamp)
    pyplot().close(figure)
    write_bytes(path, stream.getvalue())
