"""Figures of the physical heat exchanger: temperatures along the pipes and over time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..exchange.thermal import WarmUp
from .exchange import COLD, HOT
from .film import write_film
from .style import pyplot, save_figure

FRAMES = 80
NEARLY = 0.005  # of the inlets' difference: the movie ends when no temperature is farther from its last


def profile_figure(run: WarmUp, path: str | Path) -> None:
    """Draw temperatures along both pipes at some times, the steady state, and the outlets over time.

    Parameters
    ----------
    run : WarmUp
        What to draw.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain.exchange.thermal import HeatExchanger, Stream, warm_up
    >>> run = warm_up(HeatExchanger(Stream(80.0, 10.0), Stream(20.0, 10.0)), cells=20, frames=20)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     profile_figure(run, f"{folder}/profile.svg")
    """
    plt = pyplot()
    figure, (along, over) = plt.subplots(1, 2, figsize=(8.0, 3.4), layout="constrained", sharey=True)
    end = _nearly_settled(run)
    for share in (0.08, 0.2, 0.4):
        k = int(share * end)
        along.plot(run.x_mm, run.hot_c[k], color=HOT, lw=0.8, alpha=0.25 + share)
        along.plot(run.x_mm, run.cold_c[k], color=COLD, lw=0.8, alpha=0.25 + share)
    x = np.linspace(0.0, run.exchanger.length_mm, 200)
    hot, cold = run.exchanger.steady(x)
    along.plot(run.x_mm, run.hot_c[-1], color=HOT, lw=2.2, label="hot, flows →")
    along.plot(
        run.x_mm,
        run.cold_c[-1],
        color=COLD,
        lw=2.2,
        label="cold, flows ←" if run.exchanger.counterflow else "cold, flows →",
    )
    along.plot(x, hot, color="k", lw=0.9, ls=(0, (4, 4)), label="exact steady state")
    along.plot(x, cold, color="k", lw=0.9, ls=(0, (4, 4)))
    along.set(xlabel="from the hot inlet, mm", ylabel="temperature, °C")
    along.legend(frameon=False, fontsize=8)
    over.plot(run.times_s[: end + 1], run.hot_out_c[: end + 1], color=HOT, lw=1.8)
    over.plot(run.times_s[: end + 1], run.cold_out_c[: end + 1], color=COLD, lw=1.8)
    reached = "undefined" if np.isnan(run.effectiveness) else f"{run.effectiveness:.3f}"
    over.set(xlabel="time, s", title=f"what leaves; effectiveness {reached}, NTU {run.exchanger.ntu:.2f}")
    over.title.set_fontsize(9)
    save_figure(figure, path)


def thermal_movie(run: WarmUp, path: str | Path, wait: Callable[[], object] | None = None) -> list[Path]:
    """Film both pipes as coloured bands above their temperatures, from the opening of the taps to nearly settled.

    Parameters
    ----------
    run : WarmUp
        What to film.
    path : str or Path
        Film to write: .gif or .mp4.
    wait : callable, optional
        Called after each frame.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    PorcelainError
        If the name has another ending.

    Examples
    --------
    >>> from porcelain.errors import PorcelainError
    >>> from porcelain.exchange.thermal import HeatExchanger, Stream, warm_up
    >>> run = warm_up(HeatExchanger(Stream(80.0, 10.0), Stream(20.0, 10.0)), cells=20, frames=20)
    >>> try:
    ...     thermal_movie(run, "pipes.txt")
    ... except PorcelainError as error:
    ...     print(error)
    cannot film into 'pipes.txt'; use a name ending in .gif or .mp4
    """
    plt = pyplot()
    figure, (bands, curves) = plt.subplots(
        2, 1, figsize=(6.4, 4.0), height_ratios=(1.0, 2.2), layout="constrained", sharex=True
    )
    e = run.exchanger
    low, high = min(run.cold_c.min(), run.hot_c.min()), max(run.hot_c.max(), run.cold_c.max())
    image = bands.imshow(
        np.zeros((2, run.x_mm.size)),
        cmap="coolwarm",
        vmin=low,
        vmax=high,
        aspect="auto",
        interpolation="nearest",
        extent=(0.0, e.length_mm, 0.0, 2.0),
    )
    bands.axhline(1.0, color="white", lw=2.5)
    bands.set_yticks([1.5, 0.5], ["hot →", "cold ←" if e.counterflow else "cold →"], fontsize=10)
    bands.tick_params(length=0)
    (hot,) = curves.plot([], [], color=HOT, lw=2.2)
    (cold,) = curves.plot([], [], color=COLD, lw=2.2)
    x = np.linspace(0.0, e.length_mm, 200)
    for steady in e.steady(x):
        curves.plot(x, steady, color="k", lw=0.8, ls=(0, (4, 4)))
    pad = 0.04 * (high - low)
    curves.set(
        xlim=(0.0, e.length_mm), ylim=(low - pad, high + pad), xlabel="from the hot inlet, mm", ylabel="temperature, °C"
    )
    moments = np.linspace(0.0, run.times_s[_nearly_settled(run)], FRAMES)

    def draw(moment: float) -> None:
        k = int(np.searchsorted(run.times_s, moment - 1e-9))
        image.set_data(np.array([run.hot_c[k], run.cold_c[k]]))
        hot.set_data(run.x_mm, run.hot_c[k])
        cold.set_data(run.x_mm, run.cold_c[k])
        bands.set_title(
            f"{run.times_s[k]:5.1f} s    hot leaves at {run.hot_out_c[k]:.1f} °C, cold at {run.cold_out_c[k]:.1f} °C",
            fontsize=10,
        )

    return write_film(figure, draw, moments.tolist(), path, wait)


def _nearly_settled(run: WarmUp) -> int:
    """Index of the first time after which no temperature changes visibly."""
    off = np.maximum(np.abs(run.hot_c - run.hot_c[-1]).max(axis=1), np.abs(run.cold_c - run.cold_c[-1]).max(axis=1))
    span = abs(run.exchanger.hot.inlet_c - run.exchanger.cold.inlet_c)
    far = np.flatnonzero(off > NEARLY * span)
    return int(min(len(off) - 1, far[-1] + 1)) if far.size else len(off) - 1
