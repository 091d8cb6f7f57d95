"""Figures of a network: diagram, training, scores, and the cost of faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from ..learn.frontier import FrontierPoint
from ..learn.planar import best_orders
from ..learn.scores import Scores, score
from ..network import Network
from .style import COLOURS, DRY, WALL, WATER, pyplot, save_figure

GRID = {"color": DRY, "lw": 0.6}


def network_figure(network: Network, path: str | Path) -> None:
    """Draw the diagram of a network: buckets filled to their thresholds, pipes as wide as their shares.

    The rows stand in the order with the fewest crossings.

    Parameters
    ----------
    network : Network
        What to draw.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain import files
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     network_figure(files.load("designs/iris-mini", "network"), f"{folder}/network.svg")
    """
    plt = pyplot()
    crossings, orders = best_orders([layer.shares > 0 for layer in network.layers])
    widest = max(network.widths)
    figure, panel = plt.subplots(
        figsize=(max(5.0, 1.35 * widest + 0.6), 2.1 * len(network.widths)), layout="constrained"
    )
    positions = [
        {bucket: ((k + 0.5) * widest / len(order), -1.6 * tier) for k, bucket in enumerate(order)}
        for tier, order in enumerate(orders)
    ]
    full = max(float(layer.thresholds.max()) for layer in network.layers) or 1.0
    for k, layer in enumerate(network.layers):
        for i in range(layer.n_in):
            for turn, j in enumerate(np.flatnonzero(layer.shares[i]).tolist()):
                share, colour = float(layer.shares[i, j]), COLOURS[i % len(COLOURS)]
                _pipe(panel, positions[k][i], positions[k + 1][j], share, colour, 0.22 + 0.13 * turn)
    for k, layer in enumerate(network.layers):
        for i, threshold in enumerate(layer.thresholds):
            name = network.encoding.names[i] if k == 0 else f"b{k}.{i}"
            _glass(panel, positions[k][i], threshold / full, name, f"keeps {threshold:.1f}", widest > 8)
    for j, name in enumerate(network.class_names):
        _glass(panel, positions[-1][j], 0.0, name, "", widest > 8)
    panel.set_xlim(0, widest)
    panel.set_ylim(-1.6 * (len(positions) - 1) - 0.08, 0.75)
    panel.axis("off")
    crossed = "no pipe crosses another" if not crossings else f"{crossings} crossings"
    figure.suptitle(f"{network.name}: {network.n_pipes} pipes, {crossed}; volumes in u", fontsize=11)
    save_figure(figure, path)


def _glass(panel: Any, at: tuple[float, float], level: float, name: str, below: str, small: bool) -> None:
    x, y = at
    half, high = 0.27, 0.5
    panel.fill([x - half, x + half, x + half, x - half], [y, y, y + high, y + high], color="white", zorder=3)
    panel.fill(
        [x - half, x + half, x + half, x - half], [y, y, y + high * level, y + high * level], color=WATER, zorder=3
    )
    panel.plot([x - half, x - half, x + half, x + half], [y + high, y, y, y + high], color=WALL, lw=1.6, zorder=4)
    size = 6.5 if small else 8
    panel.text(x, y + high + 0.05, name, ha="center", va="bottom", fontsize=size, zorder=5)
    if below:
        panel.text(x, y + 0.06, below, ha="center", va="bottom", fontsize=size - 1, color=WALL, zorder=5)


def _pipe(
    panel: Any, start: tuple[float, float], end: tuple[float, float], share: float, colour: str, where: float
) -> None:
    (x0, y0), (x1, y1) = start, (end[0], end[1] + 0.72)
    t = np.linspace(0.0, 1.0, 40)
    bend = t * t * (3 - 2 * t)
    panel.plot(x0 + (x1 - x0) * bend, y0 + (y1 - y0) * t, color=colour, lw=0.6 + 9 * share, alpha=0.8, zorder=1,
               solid_capstyle="butt")  # fmt: skip
    at = where * where * (3 - 2 * where)
    panel.text(
        x0 + (x1 - x0) * at, y0 + (y1 - y0) * where, f"{share:.0%}", fontsize=7, ha="center", va="center", zorder=2,
        bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )  # fmt: skip


def history_figure(curves: Mapping[str, Sequence[Floats]], data: str, path: str | Path) -> None:
    """Draw the loss against evaluations of the gradient, one line for each start.

    Parameters
    ----------
    curves : mapping of str to sequence of ndarray
        Losses of the starts for each way of training.
    data : str
        Name of the data.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     history_figure({"lbfgs": [np.array([3.0, 1.0])]}, "iris", f"{folder}/history.svg")
    """
    plt = pyplot()
    figure, panel = plt.subplots(figsize=(7.0, 4.0), layout="constrained")
    for colour, (way, runs) in zip(COLOURS, curves.items(), strict=False):
        for k, losses in enumerate(runs):
            best = np.minimum.accumulate(losses)
            label = f"{way}, best {min(run.min() for run in runs):.4f}" if k == 0 else None
            panel.plot(np.arange(1, len(best) + 1), best, color=colour, lw=1.2, alpha=0.8, label=label)
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_xlabel("evaluations of loss and gradient")
    panel.set_ylabel("best so far of each recipe's own loss")
    panel.grid(**GRID)
    panel.legend(frameon=False)
    figure.suptitle(f"training on {data}", fontsize=11)
    save_figure(figure, path)


def frontier_figure(fronts: Sequence[FrontierPoint], data: str, path: str | Path) -> None:
    """Draw the error against the number of pipes, on the rows learned from and on held-out rows.

    Parameters
    ----------
    fronts : sequence of FrontierPoint
        Scores for each number of pipes.
    data : str
        Name of the data.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> points = [FrontierPoint(9, 0.1, 0.02, 0.03, 0.01), FrontierPoint(8, 0.2, 0.03, 0.04, 0.01)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     frontier_figure(points, "iris", f"{folder}/frontier.svg")
    """
    plt = pyplot()
    figure, panel = plt.subplots(figsize=(7.0, 4.0), layout="constrained")
    pipes = [front.pipes for front in fronts]
    cv = np.array([front.cv_error for front in fronts]) * 100
    sd = np.array([front.fold_sd for front in fronts]) * 100
    panel.fill_between(
        pipes, np.maximum(cv - sd, 0), cv + sd, color=COLOURS[0], alpha=0.15, lw=0, label="± sd of folds"
    )
    panel.plot(pipes, cv, "o-", color=COLOURS[0], label="rows never seen", ms=5)
    training = [100 * front.training_error for front in fronts]
    panel.plot(pipes, training, "s--", color=COLOURS[1], label="rows learned from", ms=4)
    panel.set_xlabel("pipes left")
    panel.set_ylabel("error (%)")
    panel.set_ylim(bottom=0)
    panel.xaxis.get_major_locator().set_params(integer=True)
    panel.grid(**GRID)
    panel.legend(frameon=False)
    figure.suptitle(f"{data}: what closing pipes costs", fontsize=11)
    save_figure(figure, path)


def scores_figure(network: Network, dataset: Dataset, path: str | Path) -> None:
    """Draw the confusion of the classes, and by how much the right cup leads.

    Parameters
    ----------
    network : Network
        The network.
    dataset : Dataset
        The rows.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain import files, load
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     scores_figure(files.load("designs/iris-mini", "network"), load("iris"), f"{folder}/scores.svg")
    """
    plt = pyplot()
    facts = score(network, dataset)
    n = len(facts.class_names)
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(4.6 + 0.45 * n, 1.9 + 0.4 * n), layout="constrained", width_ratios=[1, 1.4]
    )
    _confusion(left, facts)
    _margins(right, facts, dataset)
    figure.suptitle(f"{network.name}: {facts.wrong} of {len(dataset)} wrong", fontsize=11)
    save_figure(figure, path)


def _confusion(panel: Any, facts: Scores) -> None:
    counts = np.array(facts.confusion)
    panel.imshow(counts / counts.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1.4)
    for i, j in np.ndindex(*counts.shape):
        if counts[i, j]:
            panel.text(j, i, str(counts[i, j]), ha="center", va="center", fontsize=9 if len(counts) < 6 else 7)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_ticks(range(len(counts)), labels=facts.class_names)
        axis.set_tick_params(length=0)
    panel.tick_params(axis="x", rotation=35 if max(map(len, facts.class_names)) > 2 else 0)
    panel.spines[:].set_visible(False)
    panel.set_xlabel("fullest cup")
    panel.set_ylabel("class")


def _margins(panel: Any, facts: Scores, dataset: Dataset) -> None:
    edges = np.linspace(min(0.0, facts.margins_u.min()), facts.margins_u.max(), 31)
    by_class = [facts.margins_u[dataset.labels == c] for c in range(len(facts.class_names))]
    colours = [COLOURS[c % len(COLOURS)] for c in range(len(by_class))]
    panel.hist(by_class, edges, stacked=True, color=colours, label=facts.class_names if len(by_class) < 6 else None)
    panel.axvline(0, color=WALL, lw=1)
    panel.set_xlabel("lead of the right cup over the next (u)")
    panel.set_ylabel("rows")
    panel.yaxis.get_major_locator().set_params(integer=True)
    if len(by_class) < 6:
        panel.legend(frameon=False)


def tolerance_figure(
    name: str, nominal: float, accuracies: Floats, costs: Mapping[str, float], path: str | Path, most: int = 12
) -> None:
    """Draw how accuracy spreads over faulty machines, and what each pipe and sill costs when it alone is off.

    Parameters
    ----------
    name : str
        Name of the machine.
    nominal : float
        Accuracy without faults.
    accuracies : ndarray, shape (n,)
        Accuracy of each faulty machine.
    costs : mapping of str to float
        Accuracy lost to each pipe and sill, worst first.
    path : str or Path
        Picture to write: .png, .svg or .pdf.
    most : int
        How many costs to draw.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tolerance_figure("iris", 0.98, np.array([0.97, 0.98]), {"p0.0-1": 0.01}, f"{folder}/tolerance.svg")
    """
    plt = pyplot()
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.6), layout="constrained")
    values, counts = np.unique(100 * accuracies, return_counts=True)
    left.bar(values, counts, width=0.8 * np.diff(values).min(initial=1.0), color=COLOURS[0])
    lines = {"without faults": nominal, "mean": accuracies.mean(), "5th percentile": np.percentile(accuracies, 5)}
    for (label, value), style in zip(lines.items(), ("-", "--", ":"), strict=True):
        left.axvline(100 * value, color=COLOURS[5], ls=style, lw=1.2, label=f"{label} {value:.1%}")
    left.set_xlabel("accuracy (%)")
    left.set_ylabel(f"machines of {len(accuracies):,}")
    left.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=7.5)
    shown = [(element, 100 * lost) for element, lost in costs.items() if lost > 0][:most][::-1]
    right.barh([element for element, _ in shown], [lost for _, lost in shown], color=COLOURS[1])
    right.set_xlabel("accuracy lost to it alone (points)")
    figure.suptitle(f"{name}: what printing and pouring cost", fontsize=11)
    save_figure(figure, path)
