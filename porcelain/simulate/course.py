"""Between Python and the compiled driver: pours as tables of changes, and room for what comes out."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..arrays import Floats, Ints
from ..errors import PorcelainError
from ..pour import Pour
from .driver import BLOCK, solve_pours
from .machine import room_for
from .setting import Setting
from .tables import CHANGE, Machine, Records, Work

LATEST_S = 1e10  # by then everything is still
PIECES, EVENTS = 64, 8  # room a trajectory is given first; doubled as long as it does not do
MOST_PIECES = 2**22
TOGETHER = 64  # pours a thread takes at a time
PATIENCE_S = 2.0  # a batch that takes longer shows its progress


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


@dataclass(frozen=True, eq=False)
class Pouring:
    """The pouring of n pours: ``changes`` sorted by pour, input and time; ``first`` (n, inputs + 1); ``end_s`` (n,)."""

    changes: Records
    first: Ints
    end_s: Floats


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


def pouring(pieces: Pieces, n: int, inputs: int) -> Pouring:
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


@dataclass(frozen=True, eq=False)
class Course:
    """What became of n pours.

    ``ends`` (n, 4, V): volumes, spilled and in pipes at ``until``, and when each vessel came to rest for good.
    ``volumes``, ``spilled`` (n, T, V), ``flows``, ``passed``, ``arrived`` (n, T, P), of no times where not asked for.
    """

    ends: Floats
    volumes: Floats
    spilled: Floats
    flows: Floats
    passed: Floats
    arrived: Floats

    @classmethod
    def empty(
        cls, machine: Machine, n: int, times: int, keep: tuple[bool, bool, bool, bool], out: Floats | None
    ) -> Course:
        """Room for n pours; ``keep`` says whether volumes, spilled, flows, and passed and arrived are wanted."""
        n_v, n_p = len(machine.bucket), len(machine.pipe_stream)
        rows = [times if kept else 0 for kept in (*keep, keep[3])]
        parts = [np.empty((n, length, width)) for length, width in zip(rows, (n_v, n_v, n_p, n_p, n_p), strict=True)]
        return cls(np.empty((n, 4, n_v)), parts[0] if out is None else out, *parts[1:])


class Solver:
    """A setting and room to work in, for one thread."""

    def __init__(self, setting: Setting, inputs: int) -> None:
        self.machine, self.inputs, self.tolerance = setting.machine, inputs, setting.tolerance
        streams = int(self.machine.bucket["stream_end"][-1])
        self.work: Work = room_for(self.machine, PIECES * streams, EVENTS * streams)
        self.room = np.empty((streams + 2 + len(self.machine.bucket), BLOCK))

    def solve(
        self,
        pouring: Pouring,
        start: Floats,
        until: Floats,
        times: Floats,
        course: Course,
        some: range,
        rows_only: bool = False,
    ) -> None:
        """Solve some of the pours; with ``rows_only`` write the rows of the one that was solved last."""
        first = some.start
        while first < some.stop:
            reached = solve_pours(
                self.machine, self.work, self.inputs, pouring.changes, pouring.first, start, until, self.tolerance,
                pouring.end_s, first, some.stop, rows_only, LATEST_S, times, self.room, course.volumes,
                course.spilled, course.flows, course.passed, course.arrived, course.ends,
            )  # fmt: skip
            first = reached
            if first < some.stop:
                if len(self.work.piece) >= MOST_PIECES:
                    raise PorcelainError(
                        f"pour {first} takes more than {MOST_PIECES:,} pieces of trajectory at a tolerance of"
                        f" {self.tolerance:g}; ask for a looser tolerance or pour fewer pieces"
                    )
                self.work = room_for(self.machine, 2 * len(self.work.piece), 2 * len(self.work.event))

    def events(self) -> Records:
        """What happened in the pour that was solved last, by time."""
        found = self.work.event[: self.work.used[1]]
        return found[np.argsort(found["time"], kind="stable")]


def solve_many(
    setting: Setting,
    inputs: int,
    pouring: Pouring,
    start: Floats,
    until: Floats,
    times: Floats,
    course: Course,
    threads: int | None,
) -> None:
    """Solve all pours, some at a time on every thread; a terminal is told how far it has come."""
    n, began = len(start), time.monotonic()
    blocks = [range(first, min(first + TOGETHER, n)) for first in range(0, n, TOGETHER)]
    threads = min(threads or os.cpu_count() or 1, max(len(blocks), 1))
    idle = [Solver(setting, inputs) for _ in range(threads)]

    def take(some: range) -> int:
        solver = idle.pop()
        solver.solve(pouring, start, until, times, course, some)
        idle.append(solver)
        return some.stop

    def show(done: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - began > PATIENCE_S:
            print(f"\rporcelain: {done:,} of {n:,} pours", end="\n" if done == n else "", file=sys.stderr, flush=True)

    if threads == 1:
        for some in blocks:
            show(take(some))
        return
    with ThreadPoolExecutor(threads) as pool:
        for done in pool.map(take, blocks):
            show(done)
