"""Between Python and the compiled driver: room to work in and for what comes out, and pours on several threads."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError
from .driver import BLOCK, solve_pours
from .machine import room_for
from .setting import Setting
from .tables import Machine, Output, Pouring, Records, Work

PIECES, EVENTS = 64, 8  # room a trajectory is given first; doubled as long as it does not do
MOST_PIECES = 2**22
TOGETHER = 64  # pours a thread takes at a time
PATIENCE_S = 2.0  # a batch that takes longer shows its progress


def empty_output(
    machine: Machine, n: int, times: int, keep: tuple[bool, bool, bool, bool], out: Floats | None = None
) -> Output:
    """Room for n pours; ``keep`` says whether volumes, spilled, flows, and passed and arrived are wanted."""
    n_v, n_p = len(machine.bucket), len(machine.pipe_stream)
    rows = [times if kept else 0 for kept in (*keep, keep[3])]
    parts = [np.empty((n, length, width)) for length, width in zip(rows, (n_v, n_v, n_p, n_p, n_p), strict=True)]
    return Output(np.empty((n, 4, n_v)), parts[0] if out is None else out, *parts[1:])


class Solver:
    """A setting and room to work in, for one thread."""

    def __init__(self, setting: Setting) -> None:
        self.machine, self.tolerance = setting.machine, setting.tolerance
        streams = int(self.machine.bucket["stream_end"][-1])
        self.work: Work = room_for(self.machine, PIECES * streams, EVENTS * streams)
        self.room = np.empty((streams + 2 + len(self.machine.bucket), BLOCK))

    def solve(
        self,
        pouring: Pouring,
        start: Floats,
        until: Floats,
        times: Floats,
        output: Output,
        some: range,
        rows_only: bool = False,
    ) -> None:
        """Solve some of the pours; with ``rows_only`` write the rows of the one that was solved last."""
        first = some.start
        while first < some.stop:
            first = solve_pours(
                self.machine, self.work, pouring, start, until, self.tolerance, first, some.stop, rows_only, times,
                self.room, output,
            )  # fmt: skip
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
    pouring: Pouring,
    start: Floats,
    until: Floats,
    times: Floats,
    output: Output,
    threads: int | None,
) -> None:
    """Solve all pours, some at a time on every thread; a terminal is told how far it has come."""
    n, began = len(start), time.monotonic()
    blocks = [range(first, min(first + TOGETHER, n)) for first in range(0, n, TOGETHER)]
    threads = min(threads or os.cpu_count() or 1, max(len(blocks), 1))
    idle = [Solver(setting) for _ in range(threads)]

    def take(some: range) -> int:
        solver = idle.pop()
        solver.solve(pouring, start, until, times, output, some)
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
