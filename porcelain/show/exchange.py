"""Figures of the Neural Heat Exchanger: weights of both pipes, their agreement, and what they decide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError
from ..exchange import Exchanger, Training
from ..exchange.task import Task, classify
from .film import write_film
from .style import COLOURS, pyplot, save_figure

FRAMES = 80
HOT, COLD = "#B2182B", "#2166AC"
LEAST = 0.01  # weights below this are black
GAP = 1  # empty columns between sections of the matrix


def scatter_figure(task: Task, path: str | Path) -> None:
    """Draw every training point in the colour of its class, over the two features that separate the classes best.

    Parameters
    ----------
    task : Task
        The data.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain.exchange.task import load_task
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     scatter_figure(load_task("circle"), f"{folder}/data.svg")
    """
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(4.4, 4.0), layout="constrained")
    _scatter(axes, task, size=14)
    axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 1.12), ncols=3)
    save_figure(figure, path)


def weights_figure(before: Exchanger, after: Exchanger, path: str | Path) -> None:
    """Draw the weights of both pipes as one matrix, before and after training.

    Parameters
    ----------
    before, after : Exchanger
        The exchanger at both times.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain.exchange import new
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     weights_figure(new((2, 4, 2), 0), new((2, 4, 2), 1), f"{folder}/weights.svg")
    """
    plt = pyplot()
    figure, axes = plt.subplots(2, 1, figsize=(7.2, 4.6), layout="constrained")
    for ax, exchanger, title in zip(axes, (before, after), ("before", "after"), strict=True):
        image = _draw_matrix(ax, exchanger, _largest(exchanger))
        ax.set_title(title, loc="left", fontsize=9)
        figure.colorbar(image, ax=ax, label="|weight|", shrink=0.9, extend="min")
    save_figure(figure, path)


def agreement_figure(training: Training, path: str | Path) -> None:
    """Draw the correlation of facing levels over the epochs, and along the pipes at the start and the end.

    Parameters
    ----------
    training : Training
        What to draw.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain.exchange import new, train
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     agreement_figure(train(new((2, 4, 2), 0), np.eye(2), np.eye(2), epochs=2), f"{folder}/agreement.svg")
    """
    plt = pyplot()
    figure, (over, along) = plt.subplots(1, 2, figsize=(7.6, 3.2), layout="constrained", sharey=True)
    levels = training.agreement.shape[1]
    colours = plt.get_cmap("coolwarm")(np.linspace(0.0, 1.0, levels))
    for k in range(levels):
        over.plot(training.agreement[:, k], color=colours[k], lw=1.3)
    over.set(xlabel="epoch", ylabel="correlation of F and B", ylim=(min(-0.1, training.agreement.min() - 0.02), 1.02))
    rest = along.plot(training.agreement[0], "o-", color="#9AA5AD", ms=4, lw=1.0, label="before")
    rest += along.plot(training.agreement[-1], "-", color="#46525C", lw=1.0, zorder=1)
    along.scatter(range(levels), training.agreement[-1], c=colours, s=36, zorder=2, edgecolors="#46525C", lw=0.5)
    along.set(xlabel="level, from the input (blue) to the label (red)", xticks=range(levels))
    along.plot([], [], "o-", color="#46525C", label="after")
    along.legend(frameon=False, loc="lower right")
    save_figure(figure, path)


def region_figure(exchanger: Exchanger, task: Task, path: str | Path) -> None:
    """Draw what F decides over the two features that separate the classes best, with the others at their mean.

    Parameters
    ----------
    exchanger : Exchanger
        The exchanger.
    task : Task
        The data; its training points are drawn too.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain.exchange import new
    >>> from porcelain.exchange.task import load_task
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     region_figure(new((2, 4, 2), 0), load_task("circle"), f"{folder}/decision.png")
    """
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
    _region(axes, exchanger, task)
    _scatter(axes, task, size=10)
    axes.set_title(f"{task.name}: {task.accuracy(exchanger):.1%} of {len(task.test_classes)} test points", fontsize=9)
    save_figure(figure, path)


def learning_movie(
    training: Training, task: Task, path: str | Path, wait: Callable[[], object] | None = None
) -> list[Path]:
    """Film a training: weights of both pipes, agreement and decision, for at most 80 epochs evenly spaced.

    Parameters
    ----------
    training : Training
        What to film.
    task : Task
        The data.
    path : str or Path
        Film to write: .gif or .mp4.
    wait : callable, optional
        Called after each frame.

    Returns
    -------
    list of Path
        What was written.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain.exchange import new, train
    >>> from porcelain.exchange.task import load_task
    >>> task = load_task("circle")
    >>> training = train(new((2, 4, 2), 0), task.points, task.labels("tanh"), epochs=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in learning_movie(training, task, f"{folder}/film.gif")]
    ['film.gif']
    """
    plt = pyplot()
    figure = plt.figure(figsize=(7.2, 4.2))
    chosen = np.unique(np.linspace(0, len(training) - 1, FRAMES).round().astype(int))
    largest = max(_largest(training.at(0)), _largest(training.at(-1)))

    def draw(epoch: int) -> None:
        exchanger = training.at(epoch)
        figure.clear()
        grid = figure.add_gridspec(
            2, 2, width_ratios=(1.1, 1.0), left=0.07, right=0.98, top=0.9, bottom=0.12, hspace=0.45, wspace=0.28
        )
        weights, agreement = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
        region = figure.add_subplot(grid[:, 1])
        _draw_matrix(weights, exchanger, largest)
        levels = training.agreement.shape[1]
        colours = plt.get_cmap("coolwarm")(np.linspace(0.0, 1.0, levels))
        agreement.bar(range(levels), training.agreement[epoch], color=colours)
        agreement.set(ylim=(-0.4, 1.05), xlabel="level, input to label", xticks=range(levels))
        agreement.set_title("agreement of facing levels", fontsize=9, loc="left")
        agreement.axhline(0.0, color="#46525C", lw=0.6)
        _region(region, exchanger, task)
        _scatter(region, task, size=6)
        region.set_title(f"epoch {epoch:3d}   {task.accuracy(exchanger):.1%}", fontsize=10)

    return write_film(figure, draw, chosen.tolist(), path, wait)


def matrix(exchanger: Exchanger) -> Floats:
    """Absolute weights of both pipes as one matrix.

    Parameters
    ----------
    exchanger : Exchanger
        The exchanger.

    Returns
    -------
    ndarray
        Sections of F side by side above, those of B that face them below. Sections stand as (n_in, n_out) without
        biases, centred. NaN is where there is no weight.

    Examples
    --------
    >>> from porcelain.exchange import new
    >>> matrix(new((2, 4, 2), 0)).shape
    (9, 7)
    """
    above = [np.abs(w[:-1]) for w in exchanger.forward_weights]
    below = [np.abs(w[:-1]).T for w in exchanger.backward_weights]  # turned, so that facing weights stand in line
    height = max(w.shape[0] for w in above)
    columns = sum(w.shape[1] for w in above) + GAP * (len(above) - 1)
    whole = np.full((2 * height + 1, columns), np.nan)
    at = 0
    for f, b in zip(above, below, strict=True):
        top = (height - f.shape[0]) // 2
        whole[top : top + f.shape[0], at : at + f.shape[1]] = f
        whole[height + 1 + top : height + 1 + top + b.shape[0], at : at + b.shape[1]] = b
        at += f.shape[1] + GAP
    return whole


def _draw_matrix(axes: Any, exchanger: Exchanger, largest: float) -> Any:
    from matplotlib.colors import LogNorm

    whole = matrix(exchanger)
    scale = LogNorm(LEAST, largest, clip=True)  # one weight that ran away must not leave the others black
    image = axes.imshow(whole, cmap="inferno", norm=scale, aspect="auto", interpolation="nearest")
    height = whole.shape[0] // 2
    axes.set_yticks([(height - 1) / 2, height + (height + 1) / 2], ["F →", "B ←"], fontsize=11)
    widths = np.array([w.shape[1] for w in exchanger.forward_weights])
    starts = np.concatenate([[0], np.cumsum(widths + GAP)[:-1]])
    axes.set_xticks(starts + (widths - 1) / 2, range(1, len(widths) + 1))
    axes.set_xlabel("section")
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    return image


def _largest(exchanger: Exchanger) -> float:
    return max(float(np.nanmax(matrix(exchanger))), 10 * LEAST)


def _region(axes: Any, exchanger: Exchanger, task: Task) -> None:
    from matplotlib.colors import ListedColormap

    shown = _telling(task)
    low, high = task.points[:, shown].min(axis=0), task.points[:, shown].max(axis=0)
    margin = 0.04 * (high - low) + 1e-9
    x, y = (np.linspace(a, b, 160) for a, b in zip(low - margin, high + margin, strict=True))
    grid = np.tile(task.points.mean(axis=0), (x.size * y.size, 1))
    grid[:, shown] = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    decided = classify(exchanger, grid).reshape(y.size, x.size)
    colours = ListedColormap(_colours(task))
    top = len(task.class_names) - 0.5
    axes.pcolormesh(x, y, decided, cmap=colours, vmin=-0.5, vmax=top, alpha=0.28, shading="auto")


def _scatter(axes: Any, task: Task, size: float) -> None:
    shown = _telling(task)
    for c, (name, colour) in enumerate(zip(task.class_names, _colours(task), strict=True)):
        at = task.points[task.classes == c]
        axes.scatter(at[:, shown[0]], at[:, shown[1]], s=size, color=colour, label=name, lw=0)
    axes.set(xlabel=task.feature_names[shown[0]], ylabel=task.feature_names[shown[1]], aspect="equal")


def _telling(task: Task) -> list[int]:
    """The two features whose class means lie farthest apart for their spread, in the order of the table."""
    if task.points.shape[1] < 2:
        raise PorcelainError(f"{task.name} has one feature; a picture of what is decided needs two")
    if task.points.shape[1] == 2:
        return [0, 1]
    means = np.array([task.points[task.classes == c].mean(axis=0) for c in np.unique(task.classes)])
    apart = means.var(axis=0) / np.maximum(task.points.var(axis=0), 1e-12)
    return sorted(int(i) for i in np.argsort(-apart)[:2])


def _colours(task: Task) -> list[str]:
    return [COLOURS[c % len(COLOURS)] for c in range(len(task.class_names))]
