"""Figure of a pour: volumes in every bucket, flows out of it, and the cups over time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..machine.design import Design
from ..machine.vessel import Bucket
from ..run import Run
from .style import COLOURS, pyplot, save_figure

INK, FAINT = "#222222", "#c9c9c9"
MOST_NAMED = 8  # curves with a name of ordinary size in a panel; more are named smaller in a taller one


def levels_figure(design: Design, run: Run, path: str | Path) -> None:
    """Draw volumes and outflows over time, a row for each tier and the cups last. Dotted lines are the thresholds.

    Parameters
    ----------
    design : Design
        The machine.
    run : Run
        The pour.
    path : str or Path
        Picture to write: .png, .svg or .pdf.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain import Pour, files, simulate
    >>> design = files.load("designs/iris-mini", "design")
    >>> run = simulate.run(design, Pour.of({"b0.0": 60.0}))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     levels_figure(design, run, f"{folder}/pour.png")
    """
    rows = [*design.tiers, design.cups]
    heights = [max(1.0, len(row) / MOST_NAMED) for row in design.tiers] + [1.35]
    figure, axes = pyplot().subplots(
        len(rows),
        2,
        figsize=(9.6, 2.1 * (sum(heights) - 0.35) + 1.2),
        gridspec_kw={"height_ratios": heights, "width_ratios": [1.35, 1.0]},
        layout="constrained",
        squeeze=False,
    )
    column = {name: v for v, name in enumerate(run.vessels)}
    for tier, row in enumerate(design.tiers):
        _volumes(axes[tier][0], run, [column[b.name] for b in row], row)
        _flows(axes[tier][1], run, [b.name for b in row])
        axes[tier][0].set_title(_title(tier, len(design.tiers)), loc="left", fontsize=10, color=INK)
    axes[0][1].set_title("Outflow of each bucket", loc="left", fontsize=10, color=INK)
    names = dict(zip(run.cups, design.network.class_names, strict=True))
    _cups(axes[-1][0], run, [column[name] for name in run.cups], names)
    _answer(axes[-1][1], run, names)
    for ax in (*axes[:, 0], *axes[:-1, 1]):
        ax.set_xlim(run.times_s[0], max(run.times_s[-1], run.times_s[0] + 1e-9))
        ax.grid(True, color="#ededed", linewidth=0.6)
        ax.tick_params(labelsize=8)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
    for ax in (axes[-1][0], axes[-2][1]):
        ax.set_xlabel("time (s)", fontsize=9)
    when = f"still after {run.settled_at_s:.1f} s" if run.settled_at_s is not None else "still running at the end"
    spilled = run.spilled_ml[-1].sum()
    spill = f", {spilled:.2g} mL spilled" if spilled > 0 else ""
    figure.suptitle(
        f"{run.design}: {run.pour.total_ml:.0f} mL poured, {when}{spill}   (law {run.law}, water {run.water})",
        fontsize=11,
        color=INK,
    )
    save_figure(figure, path, dpi=160)


def _title(tier: int, tiers: int) -> str:
    return (
        "Water in the input buckets"
        if tier == 0
        else f"Water in hidden tier {tier}" + (f" of {tiers - 1}" * (tiers > 2))
    )


def _named(ax: Any, run: Run, curves: list[tuple[str, str, np.ndarray, float]]) -> None:
    """Draw curves (name, colour, values, width) with their names at the right end, without overlap."""
    for k, (_, colour, values, width) in enumerate(curves):
        ax.plot(run.times_s, values, _dash(k), color=colour, linewidth=width, solid_capstyle="round")
    low, high = ax.get_ylim()
    gap = (high - low) * min(0.105, 1.0 / max(len(curves), 1))
    order = sorted(range(len(curves)), key=lambda k: float(curves[k][2][-1]))
    at: list[float] = []
    for k in order:
        at.append(max(float(curves[k][2][-1]), at[-1] + gap) if at else float(curves[k][2][-1]))
    for i in reversed(range(len(at))):  # none above the panel
        at[i] = min(at[i], at[i + 1] - gap if i + 1 < len(at) else high)
    for k, y in zip(order, at, strict=True):
        name, colour, _, width = curves[k]
        ax.annotate(
            name,
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8 if len(curves) <= MOST_NAMED else 7,
            color=colour,
            fontweight="bold" if width > 2 else "normal",
            fontstyle="normal" if _dash(k) == "-" else "italic",
            annotation_clip=False,
        )


def _dash(k: int) -> str:
    """Line style of the k-th curve: dashed where a colour is used again."""
    return ("-", "--", "-.", ":")[k // len(COLOURS) % 4]


def _volumes(ax: Any, run: Run, columns: list[int], row: tuple[Bucket, ...]) -> None:
    curves = []
    for k, (v, bucket) in enumerate(zip(columns, row, strict=True)):
        colour = COLOURS[k % len(COLOURS)]
        ax.axhline(bucket.threshold_ml, color=colour, linewidth=0.9, linestyle=(0, (1, 2)))
        label = bucket.name if bucket.label.startswith("hidden") else f"{bucket.name} {bucket.label}"
        curves.append((label, colour, run.volumes_ml[:, v], 1.6))
    ax.set_ylabel("mL", fontsize=9)
    ax.set_ylim(0, 1.08 * max(max(c[2].max() for c in curves), max(b.threshold_ml for b in row), 1e-9))
    _named(ax, run, curves)


def _flows(ax: Any, run: Run, names: list[str]) -> None:
    sources = np.array(run.sources)
    curves = []
    for k, name in enumerate(names):
        out = run.flows_ml_s[:, sources == name].sum(axis=1)
        curves.append((name, COLOURS[k % len(COLOURS)], out, 1.4))
    for k, (_, colour, values, width) in enumerate(curves):
        ax.plot(run.times_s, values, _dash(k), color=colour, linewidth=width)
    ax.set_ylabel("mL/s", fontsize=9)
    ax.set_ylim(bottom=0)


def _cups(ax: Any, run: Run, columns: list[int], names: dict[str, str]) -> None:
    curves = []
    for k, (cup, v) in enumerate(zip(run.cups, columns, strict=True)):
        width = 3.0 if cup == run.winner else 1.5
        curves.append((f"{names[cup]}", COLOURS[k % len(COLOURS)], run.volumes_ml[:, v], width))
    ax.set_ylim(0, 1.08 * max(max(c[2].max() for c in curves), 1e-9))
    _named(ax, run, curves)
    ax.set_title("Water in the cups", loc="left", fontsize=10, color=INK)
    ax.set_ylabel("mL", fontsize=9)


def _answer(ax: Any, run: Run, names: dict[str, str]) -> None:
    """Draw the cups at the end, with the fullest one in colour."""
    labels = [names[cup] for cup in run.cups]
    colours = [COLOURS[k % len(COLOURS)] if cup == run.winner else FAINT for k, cup in enumerate(run.cups)]
    ax.barh(range(len(labels)), run.answer_ml, color=colours, height=0.62)
    most = max(float(run.answer_ml.max()), 1e-9)
    for k, value in enumerate(run.answer_ml):
        bold = "bold" if run.cups[k] == run.winner else "normal"
        ax.text(value + 0.02 * most, k, f"{value:.1f} mL", va="center", fontsize=9, fontweight=bold, color=INK)
    ax.set_yticks(range(len(labels)), labels, fontsize=9)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.25 * most)
    ax.set_xticks([])
    ax.set_title(f"Answer: {names[run.winner]}", loc="left", fontsize=10, fontweight="bold", color=INK)
    for side in ("top", "right", "bottom"):
        ax.spines[side].set_visible(False)
