"""Movie of a pour: every row seen from its front in real proportions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..arrays import Floats
from ..machine.design import Design
from ..machine.vessel import Bucket, Vessel
from ..run import Run
from .film import write_film
from .style import DRY, LEADER, SILL, WALL, WATER, pyplot

FRAMES = 80
LARGEST_IN = 5.6, 7.2
RUNNING_ML_S = 0.02  # a pipe that carries less is drawn dry
APART_MM = 26.0  # room for names and pipes between rows
MANY = 8  # in a row; the names of more stand upright
TITLE_MM, UPRIGHT_MM = 32.0, 40.0  # room above the machine, and more for upright names
SPREAD = 1.25  # rows are drawn a little apart, so that pipes can be told from walls


def pour_movie(design: Design, run: Run, path: str | Path, wait: Callable[[], object] | None = None) -> list[Path]:
    """Film a pour as a GIF and, if asked for and ffmpeg is installed, as an MP4.

    Every row is drawn from its own front. Rows that stand before one another are drawn one above the other.

    Parameters
    ----------
    design : Design
        The machine.
    run : Run
        The pour.
    path : str or Path
        File to write: .gif or .mp4.
    wait : callable, optional
        Called after each frame.

    Returns
    -------
    list of Path
        What was written.

    Examples
    --------
    >>> from porcelain import Pour, files, simulate
    >>> from porcelain.errors import PorcelainError
    >>> design = files.load("designs/iris-mini", "design")
    >>> try:
    ...     pour_movie(design, simulate.run(design, Pour.of({"b0.0": 60.0})), "pour.txt")
    ... except PorcelainError as error:
    ...     print(error)
    cannot film into 'pour.txt'; use a name ending in .gif or .mp4
    """
    stage = _Stage.of(design, pyplot())

    moments = np.linspace(0.0, run.times_s[-1], FRAMES).tolist()
    return write_film(stage.figure, lambda time: stage.show(run, time), moments, path, wait)


@dataclass
class _Stage:
    """The drawn machine: what is changed from frame to frame."""

    design: Design
    figure: Any
    waters: dict[str, Any]
    pipes: dict[str, Any]
    notes: dict[str, Any]
    frames: dict[str, Any]
    title: Any

    @classmethod
    def of(cls, design: Design, plt: Any) -> _Stage:
        boxes = _boxes(design)
        low = min(x for x, _, _, _ in boxes.values())
        high = max(x + w for x, _, w, _ in boxes.values())
        top = max(z + h for _, z, _, h in boxes.values())
        top += UPRIGHT_MM * (len(design.tiers[0]) > MANY)
        wide, tall = high - low + 30, top + 18 + TITLE_MM
        figure = plt.figure(figsize=np.array([wide, tall]) * min(LARGEST_IN[0] / wide, LARGEST_IN[1] / tall))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(low - 15, high + 15), ylim=(-18, top + TITLE_MM), aspect="equal")
        axes.axis("off")
        pipes = {pipe.name: _pipe(axes, design, pipe, boxes) for pipe in design.pipes}
        waters, notes, frames = {}, {}, {}
        for row in design.rows:
            for vessel in row:
                drawn = _vessel(axes, vessel, boxes[vessel.name], upright=len(row) > MANY)
                waters[vessel.name], notes[vessel.name], frames[vessel.name] = drawn
        title = axes.text((low + high) / 2, top + 30, "", ha="center", va="top", fontsize=10)
        return cls(design, figure, waters, pipes, notes, frames, title)

    def show(self, run: Run, time: float) -> None:
        """Set everything as it is at a time."""
        levels, volumes = _at(run.times_s, run.levels_mm, time), _at(run.times_s, run.volumes_ml, time)
        flows = _at(run.times_s, run.flows_ml_s, time)
        cups = volumes[-len(self.design.cups) :]
        leader = self.design.cups[int(np.argmax(cups))].name if cups.max() > 0 else ""
        for k, vessel in enumerate(self.design.vessels):
            self.waters[vessel.name].set_height(levels[k])
            self.notes[vessel.name].set_text(f"{volumes[k]:.1f}" + " mL" * (k >= len(self.design.buckets)))
            self.frames[vessel.name].set_edgecolor(LEADER if vessel.name == leader else WALL)
            self.frames[vessel.name].set_linewidth(2.6 if vessel.name == leader else 1.2)
        for pipe, flow in zip(run.pipes, flows, strict=True):
            self.pipes[pipe].set_color(WATER if flow > RUNNING_ML_S else DRY)
        label = next((cup.label for cup in self.design.cups if cup.name == leader), "nobody")
        self.title.set_text(f"{time:4.1f} s   {label} leads" if leader else f"{time:4.1f} s")


def _boxes(design: Design) -> dict[str, tuple[float, float, float, float]]:
    """Left, floor, width and height of every vessel. Rows that hide each other are drawn one above the other."""
    boxes: dict[str, tuple[float, float, float, float]] = {}
    below = -np.inf
    for row in reversed(design.rows):
        fronts = {vessel.name: _front(row, vessel) for vessel in row}
        lift = max(0.0, below + APART_MM - min(z for _, z, _, _ in fronts.values()))
        boxes |= {name: (x, z + lift, width, height) for name, (x, z, width, height) in fronts.items()}
        below = max(boxes[name][1] + boxes[name][3] for name in fronts)
    return boxes


def _front(row: tuple[Vessel, ...], vessel: Vessel) -> tuple[float, float, float, float]:
    """Left, floor, width and height of a vessel as its row is seen from the front, mm."""
    axis = int(np.argmax(np.ptp([v.at_mm[:2] for v in row], axis=0))) if len(row) > 1 else 0
    width = vessel.size_mm[axis]
    return float(vessel.at_mm[axis]) * SPREAD - width / 2, float(vessel.at_mm[2]), width, vessel.rim_mm


def _pipe(axes: Any, design: Design, pipe: Any, boxes: dict[str, tuple[float, float, float, float]]) -> Any:
    """A curve from the source's sill to above the target's mouth, as wide as the share."""
    source, target = boxes[pipe.source], boxes[pipe.target]
    bucket = next(b for b in design.buckets if b.name == pipe.source)
    branches = [p.name for p in design.branches(pipe.source)]
    arrivals = [p.name for p in design.pipes if p.target == pipe.target]
    x0 = source[0] + source[2] * (branches.index(pipe.name) + 1) / (len(branches) + 1)
    x1 = target[0] + target[2] * (arrivals.index(pipe.name) + 1) / (len(arrivals) + 1)
    z0, z1 = source[1] + bucket.outlet.sill_mm, target[1] + target[3]
    t = np.linspace(0.0, 1.0, 40)
    bend = t * t * (3 - 2 * t)
    (line,) = axes.plot(
        x0 + (x1 - x0) * bend,
        z0 + (z1 - z0) * t,
        color=DRY,
        lw=1.0 + 9.0 * pipe.share,
        solid_capstyle="round",
        zorder=1,
    )
    return line


def _vessel(
    axes: Any, vessel: Vessel, box: tuple[float, float, float, float], *, upright: bool
) -> tuple[Any, Any, Any]:
    from matplotlib.patches import Rectangle

    x, z, width, height = box
    axes.add_patch(Rectangle((x, z), width, height, fc="white", ec="none", zorder=2))
    water = axes.add_patch(Rectangle((x, z), width, 0.0, fc=WATER, ec="none", zorder=3))
    frame = axes.add_patch(Rectangle((x, z), width, height, fc="none", ec=WALL, lw=1.2, zorder=5))
    if isinstance(vessel, Bucket):
        sill = z + vessel.outlet.sill_mm
        axes.plot([x, x + width], [sill, sill], color=SILL, lw=1.0, ls=(0, (3, 2)), zorder=6)
    under = not isinstance(vessel, Bucket)
    note = axes.text(x + width / 2, z + height / 2, "", ha="center", va="center", fontsize=8, zorder=7)
    place = (z - 3, "top") if under else (z + height + 2, "bottom")
    axes.text(
        x + width / 2, place[0], vessel.label if upright else vessel.label.replace(" ", "\n"),
        ha="center", va=place[1], fontsize=7.0 if upright else 7.5, rotation=90 if upright else 0, zorder=7,
        bbox={"fc": "white", "ec": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip
    return water, note, frame


def _at(times: Floats, values: Floats, time: float) -> Floats:
    """Rows of a table (T, n) at a time, straight between samples."""
    return np.array([np.interp(time, times, values[:, k]) for k in range(values.shape[1])])
