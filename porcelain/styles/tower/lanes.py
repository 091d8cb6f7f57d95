"""Axes of a tower's pipes: from a bucket's wall over a knee to a lane in the mouth below."""

from __future__ import annotations

import numpy as np

from ...arrays import Floats
from ...geometry import channel
from .rows import APEX, FALL, SLANT, Row
from .sizes import RowSizes
from .walls import Walls

STAGGER_MM = 4.0  # so each turns this much further out than its inner neighbour


def axes(
    row: Row, below: Row, size: RowSizes, sill_z: float, plane: float | None, walls: Walls
) -> dict[tuple[int, int], Floats]:
    """Axis of every pipe in (along, across, z): inner wall, knee, end. Without a plane each ends as high as it may."""
    ends = _ends(row, below, size, walls)
    found = {}
    for i in range(len(row.lengths_mm)):
        for j, (start, rank) in _starts(i, row, below, size).items():
            d = size.bores_mm[i, j]
            side = np.sign(below.mouths_mm[j])
            axis_z = sill_z + size.inverts_mm[i, j] - channel.mouth_mm(d, FALL)[0]
            reach = walls.wall_mm + walls.between_mm / 2 + d / 2 + rank * STAGGER_MM
            first = np.array([start, side * row.across_mm / 2, axis_z])
            knee = first + reach * np.array([0.0, side, -FALL])
            run = float(np.linalg.norm(ends[i, j] - knee[:2]))
            end_z = knee[2] - max(run * FALL, 1.0) if plane is None else plane
            found[i, j] = np.array([first, knee, [*ends[i, j], end_z]])
    return found


def _starts(i: int, row: Row, below: Row, size: RowSizes) -> dict[int, tuple[float, int]]:
    """Where along the wall each pipe of bucket i leaves, and its rank: nearer targets lie nearer to the mast."""
    starts: dict[int, tuple[float, int]] = {}
    centre = row.centres_mm[i]
    for side in (-1, 1):
        targets = [j for j in np.flatnonzero(size.bores_mm[i]) if np.sign(below.mouths_mm[j]) == side]
        targets.sort(key=lambda j: abs(below.mouths_mm[j]))
        offsets = _side_by_side(size.bores_mm[i, targets], row.between_mm)
        places = centre + np.sign(centre) * offsets
        starts |= {int(j): (float(place), rank) for rank, (j, place) in enumerate(zip(targets, places, strict=True))}
    return starts


def _ends(row: Row, below: Row, size: RowSizes, walls: Walls) -> Floats:
    """Where each pipe ends in the next row's frame, (n, n_out, 2) across and along: in the order of the buckets.

    A mouth has a lane for the pipes from either side of the mast, so that it need not be wide.
    """
    ends = np.zeros((*size.bores_mm.shape, 2))
    ends[..., 1] = below.mouths_mm
    for j, bores in enumerate(size.bores_mm.T):
        lanes = [np.flatnonzero((bores > 0) & (np.sign(row.centres_mm) == side)) for side in (-1, 1)]
        for side, lane in zip((-1, 1), lanes, strict=True):
            ends[lane, j, 0] = _side_by_side(bores[lane] * SLANT * APEX, SLANT * walls.between_mm)
            ends[lane, j, 1] += side * below.lanes_mm[j] / 2
    return ends


def _side_by_side(widths: Floats, gap: float) -> Floats:
    """Centres of things of these widths in a line with a gap between, about 0."""
    if not len(widths):
        return widths
    ends = np.cumsum(widths + gap)
    centres: Floats = ends - gap - widths / 2
    return centres - (ends[-1] - gap) / 2
