"""Pours as the solver reads them: flat pieces, and what changes when one begins or ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..arrays import Floats, Ints
from ..pour import Pour
from .tables import CHANGE, Pouring


class Pieces(NamedTuple):
    """The pieces of n pours, flat: which pour, which input, when, how much, and how the rate rises."""

    pour: Ints
    bucket: Ints
    start_s: Floats
    duration_s: Floats
    volume_ml: Floats
    rise: Floats

    def ending(self, n: int) -> Floats:
        """When each of the n pours ends (s)."""
        end_s = np.zeros(n)
        np.maximum.at(end_s, self.pour, self.start_s + self.duration_s)
        return end_s

    def poured_ml(self, until: Floats) -> Floats:
        """What has been poured by the time each pour is looked at, (n,)."""
        steady = self.duration_s > 0
        done = np.clip((until[self.pour] - self.start_s) / np.where(steady, self.duration_s, 1.0), 0.0, 1.0)
        part = np.where(steady, done * (1.0 - self.rise * (1.0 - done)), self.start_s <= until[self.pour])
        return np.bincount(self.pour, self.volume_ml * part, len(until)).astype(np.float64)


def pieces_of(pours: Sequence[Pour], inputs: Sequence[str]) -> Pieces:
    """The pieces of pours, flat."""
    index = {name: i for i, name in enumerate(inputs)}
    rows = [
        (k, index[p.bucket], p.start_s, p.duration_s, p.volume_ml, p.rise)
        for k, pour in enumerate(pours)
        for p in pour.pieces
    ]
    table = np.array(rows, dtype=np.float64).reshape(-1, 6).T
    return Pieces(table[0].astype(np.int64), table[1].astype(np.int64), *table[2:])


def pouring_of(pieces: Pieces, n: int, inputs: int) -> Pouring:
    """Every piece as what changes when it begins and ends."""
    some = pieces.volume_ml > 0
    pour, bucket = pieces.pour[some], pieces.bucket[some]
    start, lasts, volume, rise = (part[some] for part in pieces[2:])
    steady = lasts > 0
    mean = np.where(steady, volume / np.where(steady, lasts, 1.0), 0.0)
    slope = 2.0 * mean * rise / np.where(steady, lasts, 1.0)
    changes = np.zeros(len(pour) + int(steady.sum()), CHANGE)
    changes["time"] = np.concatenate([start, (start + lasts)[steady]])
    changes["volume"][: len(pour)] = np.where(steady, 0.0, volume)
    changes["rate"] = np.concatenate([mean * (1.0 - rise), -(mean * (1.0 + rise))[steady]])
    changes["slope"] = np.concatenate([slope, -slope[steady]])
    changes["count"] = np.concatenate([steady.astype(float), -np.ones(int(steady.sum()))])
    place = np.concatenate([pour, pour[steady]]) * inputs + np.concatenate([bucket, bucket[steady]])
    order = np.lexsort((changes["time"], place))
    first = np.searchsorted(place[order], np.arange(n * inputs + 1))
    rows = np.column_stack([first[:-1].reshape(n, inputs), first[inputs::inputs]])
    return Pouring(changes[order], np.ascontiguousarray(rows), pieces.ending(n))
