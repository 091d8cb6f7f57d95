"""A pour as a figure: what stands in every vessel over time, row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..design import Bucket, Design, Vessel
from ..run import Run
from .style import COLOURS, pyplot, save_figure


def levels_figure(design: Design, run: Run, path: str | Path) -> None:
    """Volumes over time, one panel per row, thresholds dashed, cups with their final mL; PNG, SVG or PDF."""
    plt = pyplot()
    rows = design.rows
    figure, panels = plt.subplots(
        len(rows), 1, figsize=(7.5, 1.6 + 1.75 * len(rows)), sharex=True, layout="constrained", squeeze=False
    )
    for tier, (panel, row) in enumerate(zip(panels[:, 0], rows, strict=True)):
        _panel(panel, row, run)
        last = tier == len(rows) - 1
        panel.set_title("cups" if last else "inputs" if tier == 0 else f"tier {tier}", loc="left", fontsize=9)
    panels[-1, 0].set_xlabel("time (s)")
    winner = next(cup for cup in design.cups if cup.name == run.winner)
    settled = f"settled after {run.settled_at_s:.1f} s" if run.settled_at_s is not None else "still running"
    figure.suptitle(
        f"{design.name}: {run.pour.total_ml:.0f} mL poured, {settled}, the answer is {winner.label}", fontsize=11
    )
    save_figure(figure, path)


def _panel(panel: Any, row: tuple[Vessel, ...], run: Run) -> None:
    for k, vessel in enumerate(row):
        colour = COLOURS[k % len(COLOURS)]
        volumes = run.volumes_ml[:, run.vessels.index(vessel.name)]
        panel.plot(
            run.times_s, volumes, color=colour, lw=1.8, label=f"{vessel.name} {vessel.label}, {volumes[-1]:.1f} mL"
        )
        if isinstance(vessel, Bucket):
            panel.axhline(vessel.threshold_ml, color=colour, lw=0.8, ls=(0, (4, 3)))
    panel.set_ylabel("volume (mL)")
    panel.set_ylim(bottom=0)
    panel.margins(x=0)
    panel.legend(
        loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8, title="at the end", title_fontsize=8
    )
