"""Rows of a tower: lengths of cells, and where the pipes from above end along them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...arrays import Floats
from ...units import MM3_PER_ML
from ..limits import ROOF_DEG, up_mm
from .sizes import CELL_MM, CUP_MM, MAX_DEPTH_MM, RowSizes, Sizes
from .walls import Walls

GAP_MM = 4.0  # an open fall above each mouth: a pipe never dips into the water below
SEAT_MM = 0.4  # play round a cup on its seat
FALL = float(np.tan(np.radians(ROOF_DEG)))
SLANT = 1.0 / float(np.sin(np.radians(ROOF_DEG)))  # a slanted pipe cut level is this much longer
APEX = 1.21  # and its section this much longer than round
LEAD = 0.21  # and its apex goes ahead by this much more than the round part lags behind
DRAW_NEARER = 1.1  # pipes of one wall draw nearer as they turn

Depths = tuple[float, ...]
"""Per row, cups last, how much deeper it is across than it need be: then it is shorter."""


@dataclass(frozen=True)
class Slack:
    """Room beyond the least: ``longer_mm`` per row, cups last, of its cells; per tier ``pitch_mm`` between pipes that
    leave one wall, and ``apart_mm`` between the lanes that they arrive in.
    """

    longer_mm: tuple[float, ...]
    pitch_mm: tuple[float, ...]
    apart_mm: tuple[float, ...]

    @classmethod
    def none(cls, tiers: int) -> Slack:
        return cls((0.0,) * (tiers + 1), (0.0,) * tiers, (0.0,) * tiers)


@dataclass(frozen=True)
class Row:
    """Cells along a row: inner lengths (n,), centres (n,), one inner depth across for all.

    Pipes end about ``mouths_mm`` (n,) in two lanes ``lanes_mm`` (n,) apart, one for either side of the mast, and
    others leave with ``between_mm`` between their channels.
    """

    lengths_mm: Floats
    centres_mm: Floats
    mouths_mm: Floats
    across_mm: float
    lanes_mm: Floats
    between_mm: float = 0.0


def lay_rows(sizes: Sizes, walls: Walls, deeper_mm: Depths, slack: Slack) -> list[Row]:
    found: list[Row] = []
    knee = 0.0
    lanes = reaches = np.zeros(len(sizes.rows[0].thresholds_ml))
    for k, size in enumerate(sizes.rows):
        arriving = 0.0 if k == 0 else _arriving_mm(sizes.rows[k - 1].bores_mm, walls)
        across = up_mm(max(CELL_MM**2 / size.cell_mm, arriving) + deeper_mm[k])
        between = DRAW_NEARER * walls.between_mm + slack.pitch_mm[k]
        lengths = np.maximum(_lengths(size, across, between), 2 * reaches) + slack.longer_mm[k]
        found.append(Row(*_along(lengths, reaches, walls, knee), across, lanes, between))
        lanes, reaches = _arrivals_mm(size.bores_mm, slack.apart_mm[k], walls)
        knee = _nearest_mm(size, across, walls, slack.apart_mm[k])
    across = up_mm(max(CELL_MM, _arriving_mm(sizes.rows[-1].bores_mm, walls)))
    n = sizes.rows[-1].bores_mm.shape[1]
    length = up_mm(max(CELL_MM, 2 * reaches.max()) + slack.longer_mm[-1])
    across = up_mm(max(across, sizes.cup_ml * MM3_PER_ML / length / (CUP_MM + deeper_mm[-1])))
    outer = walls.wall_mm + SEAT_MM  # loose cups have walls of their own, and seats between them
    _, centres, mouths = _along(np.full(n, length + 2 * outer), reaches + outer, walls, knee, stretch=False)
    found.append(Row(np.full(n, length), centres, mouths, across, lanes))
    return found


def _nearest_mm(size: RowSizes, across: float, walls: Walls, apart_mm: float) -> float:
    """How far from the mast the next row's first mouth must be: its inner lane clears the row above."""
    widest = float(size.bores_mm.max())
    both = bool(np.all([np.any(side) for side in np.array_split(size.bores_mm, [len(size.bores_mm) // 2])]))
    lane = (SLANT * (APEX * widest + walls.between_mm) + apart_mm) / 2 if both else 0.0
    return across / 2 + walls.wall_mm + walls.between_mm / 2 + widest / 2 + lane


def _arriving_mm(bores_mm: Floats, walls: Walls) -> float:
    """Room that the pipes arriving at one mouth need across it: two lanes, one from either side of the mast.

    Slanting water goes on sideways in the open fall above the rim, either way.
    """
    half = len(bores_mm) // 2
    lanes = [
        (lane * SLANT * APEX).sum(axis=0) + ((lane > 0).sum(axis=0) - 1) * SLANT * walls.between_mm
        for lane in (bores_mm[:half], bores_mm[half:])
    ]
    return float(np.max(lanes)) + LEAD * SLANT * float(bores_mm.max()) + 2 * GAP_MM / FALL


def _lengths(size: RowSizes, across: float, between: float) -> Floats:
    """Inner lengths along the row: room for the mouths on either wall, and for the threshold's volume."""
    half = size.bores_mm.shape[1] // 2
    sides = (size.bores_mm[:, :half], size.bores_mm[:, half:])
    needs = [side.sum(axis=1) + (side > 0).sum(axis=1) * between for side in sides]
    by_volume = size.thresholds_ml * MM3_PER_ML / across / MAX_DEPTH_MM
    lengths = np.maximum.reduce([*needs, by_volume, np.full(len(by_volume), size.cell_mm)])
    return np.ceil(lengths * 10) / 10


def _arrivals_mm(bores_mm: Floats, apart_mm: float, walls: Walls) -> tuple[Floats, Floats]:
    """Per mouth (n_out,): distance of its two lanes, and how far along the row its pipes reach from its middle."""
    half = len(bores_mm) // 2
    widest = np.array([side.max(axis=0, initial=0.0) for side in (bores_mm[:half], bores_mm[half:])])
    both = widest.min(axis=0) > 0
    lanes = both * (SLANT * (APEX * widest.sum(axis=0) / 2 + walls.between_mm) + apart_mm)
    reaches = lanes / 2 + SLANT * APEX * widest.max(axis=0) / 2 + GAP_MM / FALL
    return lanes, np.ceil(20 * reaches) / 20


def _along(
    lengths: Floats, reaches: Floats, walls: Walls, knee_mm: float, stretch: bool = True
) -> tuple[Floats, Floats, Floats]:
    """Lengths, centres and mouths of cells on both sides of the mast, shared walls between."""
    half = len(lengths) // 2
    left = [-x[::-1] for x in _stack(lengths[:half][::-1], reaches[:half][::-1], walls, knee_mm, stretch)]
    right = _stack(lengths[half:], reaches[half:], walls, knee_mm, stretch)
    found, centres, mouths = (np.concatenate(both) for both in zip(left, right, strict=True))
    return np.abs(found), centres, mouths


def _stack(
    lengths: Floats, reaches: Floats, walls: Walls, knee_mm: float, stretch: bool
) -> tuple[Floats, Floats, Floats]:
    """One side, from the mast on: mouths lie as near to it as they may, the first beyond the knees above.

    The first cell is stretched to the mast, or moved off it.
    """
    if not len(lengths):
        return lengths, lengths, lengths
    lengths = lengths.copy()
    short = max(0.0, knee_mm + 1.0 - reaches[0] - walls.mast_mm / 2)
    if stretch:
        lengths[0] = up_mm(max(lengths[0], short + 2 * reaches[0]))
    start = walls.mast_mm / 2 + (0.0 if stretch else short)
    ends = start + np.cumsum(lengths + walls.wall_mm)
    mouths = ends - walls.wall_mm - lengths + reaches
    mouths[0] = max(mouths[0], knee_mm + 1.0)
    return lengths, np.round(ends - walls.wall_mm - lengths / 2, 2), np.round(mouths, 2)
