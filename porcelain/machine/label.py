"""Labels of a tower: where names stand on outer walls, with no pipe in front."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..arrays import Floats
from ..geometry import channel
from .vessel import Pipe, Vessel

APART_MM = 1.8  # between two lines
TIP_MM = 3.6  # of an arrow above a name
AIR_MM = 1.0  # between letters and a pipe
STEP_MM = 1.0  # along a pipe
ROOF_PARTS = np.linspace(0.0, 1.0, 4)


@dataclass(frozen=True)
class Label:
    """What a vessel is called and where it says so: ``lines`` in an outer wall of its own, ``room_mm`` wide.

    ``at_mm`` (x, y, z) is the middle of the lowest line's foot, in the assembled machine.
    """

    vessel: str
    lines: tuple[str, ...]
    at_mm: tuple[float, float, float]
    room_mm: float

    def out(self, vessel: Vessel) -> Floats:
        """Unit vector (3,) out of the wall that it is on."""
        away = (np.array(self.at_mm) - vessel.at_mm)[:2] / (np.array(vessel.size_mm) / 2)
        axis, out = int(np.abs(away).argmax()), np.zeros(3)
        out[axis] = np.sign(away[axis])
        return out

    def tall_mm(self, text_mm: float, arrow: bool) -> float:
        """From the lowest line's foot to the top of what is written."""
        return tall_mm(len(self.lines), text_mm, arrow)


def tall_mm(lines: int, text_mm: float, arrow: bool) -> float:
    """Height of a name of so many lines, with an arrow above it or without."""
    return lines * (text_mm + APART_MM) - APART_MM + arrow * TIP_MM


def face_mm(vessel: Vessel, wall_mm: float, out: Floats) -> float:
    """Where a vessel's outer wall stands along the direction (3,) that it faces."""
    return float(out @ vessel.at_mm + np.abs(out[:2]) @ vessel.size_mm / 2 + wall_mm)


def reading(out: Floats) -> Floats:
    """The direction (3,) in which one reads on an upright wall that faces this way."""
    return np.array([-out[1], out[0], 0.0])


def shadow_mm(pipes: Iterable[Pipe], shell_mm: float, out: Floats, wall_mm: float) -> Floats:
    """Discs (n, 3) that cover what pipes hide of a wall: place along it as one reads, height, radius.

    ``wall_mm`` is where the wall's face stands along ``out``. A channel section is the hull of its round part and of
    discs that shrink towards its apex, where they touch the same two tangents.
    """
    discs, across = [np.empty((0, 3))], reading(out)
    for pipe in pipes:
        radius = pipe.bore_mm / 2 + shell_mm
        apex = float(channel.section(2 * radius)[:, 1].max())
        up_part = apex * float(np.tan(np.radians(pipe.slope_deg)))  # where its roof comes through the wall
        for n, (start, end) in enumerate(pairwise(pipe.path_mm)):
            length = float(np.linalg.norm(end - start))
            places = np.minimum(np.arange(-up_part * (n == 0), length + STEP_MM, STEP_MM), length)
            middles = start + places[:, None] / length * (end - start)
            up = channel.frame(end - start)[1] * apex
            points = (middles + ROOF_PARTS[:, None, None] * up).reshape(-1, 3)
            wide = np.repeat(radius * (1.0 - ROOF_PARTS) + AIR_MM, len(middles))
            found = np.column_stack([points @ across, points[:, 2], wide])
            discs.append(found[points @ out + wide > wall_mm])
    return np.concatenate(discs)


def clear_mm(discs: Floats, low: float, high: float, span: tuple[float, float]) -> tuple[float, float]:
    """The widest stretch (from, to) of a span along a wall that no disc reaches between two heights."""
    along, z, radius = discs.T
    off = np.maximum(np.maximum(low - z, z - high), 0.0)
    near = (off < radius) & (along + radius > span[0]) & (along - radius < span[1])
    half = np.sqrt(radius[near] ** 2 - off[near] ** 2)
    order = np.argsort(along[near] - half)
    starts, ends = (along[near] - half)[order], (along[near] + half)[order]
    free_from = np.maximum.accumulate(np.concatenate([[span[0]], ends]))
    free_to = np.minimum(np.concatenate([starts, [span[1]]]), span[1])
    widest = int((free_to - free_from).argmax())
    return float(free_from[widest]), float(free_to[widest])
