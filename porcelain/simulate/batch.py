"""Many pours at once: of one schedule (simulate_batch) or each of its own (simulate_pours)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import files
from ..arrays import Floats, Ints
from ..errors import PorcelainError
from ..hydraulics.laws import Law
from ..machine.design import Design
from ..pour import AT_ONCE_S, Piece, Pour
from ..water import Water
from .course import Course, Setting, follow, standing_ml
from .grid import LATEST_S, grid
from .solve import _ascending

CHUNK = 4096  # pours a stream keeps in memory at a time


@dataclass(frozen=True, eq=False)
class Batch:
    """Ends of n pours.

    ``cups_ml`` (n, cups), ``retained_ml`` (n, buckets), ``spilled_ml`` (n, vessels); ``residual`` (n,) of the mass
    balance, relative; ``settled`` (n,) bool; ``settled_at_s`` (n,), nan where not. With times asked for also
    ``times_s`` (T,), ``volumes_ml`` (n, T, vessels) and, if wanted, ``flows_ml_s`` (n, T, pipes).
    """

    cups_ml: Floats
    retained_ml: Floats
    spilled_ml: Floats
    residual: Floats
    settled: NDArray[np.bool_]
    settled_at_s: Floats
    times_s: Floats | None = None
    volumes_ml: Floats | None = None
    flows_ml_s: Floats | None = None

    @property
    def winner(self) -> Ints:
        """(n,) index of the fullest cup."""
        return np.argmax(self.cups_ml, axis=1)

    @property
    def status(self) -> tuple[str, ...]:
        """(n,) "settled" or "running"."""
        return tuple("settled" if done else "running" for done in self.settled)


def simulate_batch(
    design: Design,
    volumes_ml: ArrayLike,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    rate_ml_s: float | None = None,
    top_ups: Sequence[Piece] = (),
    times_s: ArrayLike | None = None,
    flows: bool = False,
    law: str | Law = "torricelli",
    water: str | Water = "ideal",
    start_ml: ArrayLike | None = None,
    gates_s: Mapping[int, float] | None = None,
    overflow_to: Mapping[str, str] | None = None,
    transit_s: Mapping[str, float] | str | None = None,
    tolerance: float = 1e-6,
    threads: int | None = None,
    out: Floats | None = None,
) -> Batch:
    """Pour every row of ``volumes_ml`` (n, n_in) on the same schedule: at once, for a duration, or at a rate each.

    Parameters
    ----------
    design, volumes_ml : what is poured into what, mL per input bucket
    start_s, duration_s, rate_ml_s : the schedule of every pour, as in :meth:`Pour.of`
    top_ups : further pieces, the same for every pour
    times_s : (T,) asks for the course too, up to the last time; left out, every pour runs until it is still
    flows : keep the flows over time as well
    threads : how many to use, by default one per processor
    out : (n, T, vessels) contiguous floats to write the volumes into, which are then ``volumes_ml``: a study that
        asks for rows again and again spares the system the clearing of fresh memory

    The rest as in :func:`simulate`. Raises PorcelainError where that does.
    """
    names = [bucket.name for bucket in design.tiers[0]]
    volumes = np.atleast_2d(np.asarray(volumes_ml, dtype=np.float64))
    if volumes.ndim != 2 or volumes.shape[1] != len(names):
        raise PorcelainError(f"volumes_ml has shape {np.shape(volumes_ml)}; (n, {len(names)}) is needed")
    if not np.all(volumes >= 0):
        raise PorcelainError(f"volumes_ml has {volumes.min()}; numbers >= 0 mL are needed")
    Pour(tuple(top_ups)).volumes_ml(names)
    setting = _setting(design, law, water, gates_s, overflow_to, transit_s, tolerance)
    pieces = _pieces(names, volumes, start_s, duration_s, rate_ml_s, top_ups)
    shared = {start_s, *(t for piece in top_ups for t in (piece.start_s, piece.end_s))}
    if rate_ml_s is None:
        shared.add(start_s + (duration_s or 0.0))
    return _take(setting, pieces, shared, start_ml, times_s, flows, threads, out)


def simulate_pours(
    design: Design,
    pours: Sequence[Pour],
    *,
    times_s: ArrayLike | None = None,
    flows: bool = False,
    law: str | Law = "torricelli",
    water: str | Water = "ideal",
    start_ml: ArrayLike | None = None,
    gates_s: Mapping[int, float] | None = None,
    overflow_to: Mapping[str, str] | None = None,
    transit_s: Mapping[str, float] | str | None = None,
    tolerance: float = 1e-6,
    threads: int | None = None,
    out: Floats | None = None,
) -> Batch:
    """Pour each of n pours, whatever its schedule, into a machine of its own. The rest as in :func:`simulate_batch`."""
    names = [bucket.name for bucket in design.tiers[0]]
    setting = _setting(design, law, water, gates_s, overflow_to, transit_s, tolerance)
    pieces = np.zeros((max((len(pour.pieces) for pour in pours), default=0), 5, len(pours)))
    for n, pour in enumerate(pours):
        pour.volumes_ml(names)
        for k, p in enumerate(pour.pieces):
            pieces[k, :, n] = names.index(p.bucket), p.start_s, p.duration_s, p.volume_ml, p.rise
    at_once = {p.start_s for pour in pours for p in pour.pieces if p.duration_s == 0.0}
    return _take(setting, pieces, at_once, start_ml, times_s, flows, threads, out)


def _setting(
    design: Design,
    law: str | Law,
    water: str | Water,
    gates_s: Mapping[int, float] | None,
    overflow_to: Mapping[str, str] | None,
    transit_s: Mapping[str, float] | str | None,
    tolerance: float,
) -> Setting:
    """The Setting all pours share."""
    if isinstance(gates_s, str):
        raise PorcelainError(f"gates {gates_s!r} are for one pour; give all these the times, as in gates_s={{1: 8.0}}")
    return Setting.of(design, law, water, gates_s, overflow_to, transit_s, tolerance)


def _take(
    setting: Setting,
    pieces: Floats,
    shared_s: Iterable[float],
    start_ml: ArrayLike | None,
    times_s: ArrayLike | None,
    flows: bool,
    threads: int | None,
    out: Floats | None,
) -> Batch:
    """Follow ``pieces`` (k, 5, n) with a step at every time in ``shared_s``."""
    n = pieces.shape[2]
    times = np.empty(0) if times_s is None else _ascending(times_s)
    end_s = float((pieces[:, 1] + pieces[:, 2]).max(initial=0.0))
    latest = LATEST_S if times_s is None else float(times[-1])
    steps = grid(setting.step_s, sorted({*shared_s, *setting.gate_s}), times, setting.quiet_s(end_s), latest)
    start = standing_ml(setting.names, start_ml, n)
    shape = (n, len(times), len(setting.names))
    if out is not None and not (out.shape == shape and out.dtype == np.float64 and out.flags.c_contiguous):
        raise PorcelainError(f"out is {out.dtype} of shape {out.shape}; contiguous float64 of shape {shape} is needed")
    keep = (times_s is not None, flows and times_s is not None, False, False)
    found = follow(setting, pieces, start, steps, times, keep=keep, threads=threads or os.cpu_count() or 1, out=out)
    return _batch(setting, found, pieces, start, None if times_s is None else times, flows)


def _pieces(
    names: Sequence[str],
    volumes: Floats,
    start_s: float,
    duration_s: float | None,
    rate_ml_s: float | None,
    top_ups: Sequence[Piece],
) -> Floats:
    """(k, 5, n): one piece per input, then the top-ups; checked by the nouns themselves on the largest pour."""
    Pour.of(
        dict(zip(names, volumes.max(axis=0, initial=0.0), strict=True)),
        duration_s=duration_s,
        rate_ml_s=rate_ml_s,
        start_s=start_s,
    )
    n = len(volumes)
    pieces = np.zeros((len(names) + len(top_ups), 5, n))
    for i in range(len(names)):
        pieces[i, 0], pieces[i, 1], pieces[i, 3] = i, start_s, volumes[:, i]
        pieces[i, 2] = volumes[:, i] / rate_ml_s if rate_ml_s else duration_s or 0.0
    pieces[:, 2] = np.where(pieces[:, 2] < AT_ONCE_S, 0.0, pieces[:, 2])
    for k, piece in enumerate(top_ups, len(names)):
        row = (names.index(piece.bucket), piece.start_s, piece.duration_s, piece.volume_ml, piece.rise)
        pieces[k] = np.array(row)[:, None]
    return pieces


def _batch(setting: Setting, found: Course, pieces: Floats, start: Floats, times: Floats | None, flows: bool) -> Batch:
    volumes, passed, arrived, spilled, (still, reached) = found.ends
    buckets = len(setting.gate_s)
    _, begin, lasts, volume, rise = pieces.swapaxes(0, 1)
    done = np.clip((reached - begin) / np.where(lasts > 0, lasts, 1.0), 0.0, 1.0)
    poured = np.where(lasts > 0, volume * done * (1 - rise * (1 - done)), volume * (begin <= reached))  # by the end
    given = start.sum(axis=0) + poured.sum(axis=0)
    tray = setting.overflow < 0
    held = volumes.sum(axis=0) + (passed - arrived).sum(axis=0) + spilled[tray].sum(axis=0)
    end_s = (pieces[:, 1] + pieces[:, 2]).max(axis=0, initial=0.0)
    return Batch(
        volumes[buckets:].T,
        volumes[:buckets].T,
        spilled.T,
        np.abs(given - held) / np.maximum(given, 1e-300),
        still >= 0,
        np.where(still >= 0, np.maximum(still, end_s), np.nan),
        times,
        None if times is None else found.rows[0],
        None if times is None or not flows else found.rows[1],
    )


def stream(
    design: Design, volumes_ml: ArrayLike, path: str | Path, *, start_ml: ArrayLike | None = None, **options: object
) -> int:
    """simulate_batch into a Parquet file, a row per pour, in bounded memory; returns the number of pours.

    Columns: pour, then mL per cup, kept per bucket, spilled per vessel, and residual, settled, settled_at_s. The file
    is there whole or not at all.
    ``options`` as in :func:`simulate_batch`. Raises PorcelainError where pyarrow (extra "frames") is missing.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise PorcelainError("pyarrow is not installed; install porcelain with its extra: porcelain[frames]") from None
    volumes = np.atleast_2d(np.asarray(volumes_ml, dtype=np.float64))
    cups, buckets = [c.name for c in design.cups], [b.name for b in design.buckets]
    each = np.ndim(start_ml) == 2  # type: ignore[arg-type]
    with files.whole(path) as temporary, ExitStack() as closing:
        writer = None
        for first in range(0, max(len(volumes), 1), CHUNK):
            some = slice(first, first + CHUNK)
            begin = np.asarray(start_ml)[some] if each else start_ml
            part = simulate_batch(design, volumes[some], start_ml=begin, **options)  # type: ignore[arg-type]
            columns: dict[str, object] = {"pour": np.arange(first, first + len(part.settled))}
            columns |= {f"{name}_ml": part.cups_ml[:, k] for k, name in enumerate(cups)}
            columns |= {f"{name}_kept_ml": part.retained_ml[:, k] for k, name in enumerate(buckets)}
            columns |= {f"{name}_spilled_ml": part.spilled_ml[:, k] for k, name in enumerate([*buckets, *cups])}
            columns |= {"residual": part.residual, "settled": part.settled, "settled_at_s": part.settled_at_s}
            table = pyarrow.table(columns)
            if writer is None:
                writer = closing.enter_context(pyarrow.parquet.ParquetWriter(temporary, table.schema))
            writer.write_table(table)
    return len(volumes)
