"""run_many: many pours at once, of one schedule or each of its own; stream: the same into a file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .. import files
from ..arrays import Bools, Floats, Ints
from ..errors import PorcelainError
from ..machine.design import Design
from ..pour import AT_ONCE_S, Piece, Pour
from ..run import TRAY, extra
from .driver import LATEST_S
from .options import SimulateOptions
from .pouring import Pieces, pieces_of, pouring_of
from .setting import Setting, ascending, standing_ml
from .solver import empty_output, solve_many
from .tables import Output

if TYPE_CHECKING:
    import pandas
    import xarray

CHUNK = 4096  # pours a stream keeps in memory at a time


@dataclass(frozen=True, eq=False)
class Batch:
    """n pours, as they stand at the last time asked for, or in the end.

    ``cups_ml`` (n, cups), ``retained_ml`` (n, buckets), ``spilled_ml`` (n, vessels); ``residual`` (n,) of the mass
    balance, relative; ``settled`` (n,) whether nothing moves any more, ``settled_at_s`` (n,) since when, nan if it
    does. With times asked for also ``times_s`` (T,), ``volumes_ml`` (n, T, vessels) and, if wanted, ``flows_ml_s``
    (n, T, pipes).
    """

    cups: tuple[str, ...]
    buckets: tuple[str, ...]
    pipes: tuple[str, ...]
    cups_ml: Floats
    retained_ml: Floats
    spilled_ml: Floats
    residual: Floats
    settled: Bools
    settled_at_s: Floats
    times_s: Floats | None = None
    volumes_ml: Floats | None = None
    flows_ml_s: Floats | None = None

    @property
    def vessels(self) -> tuple[str, ...]:
        """Buckets, then cups."""
        return self.buckets + self.cups

    @property
    def winner(self) -> Ints:
        """(n,) index of the fullest cup."""
        return np.argmax(self.cups_ml, axis=1)

    @property
    def status(self) -> tuple[str, ...]:
        """(n,) "settled" or "running"."""
        return tuple("settled" if done else "running" for done in self.settled)

    def columns(self, first: int = 0) -> dict[str, Any]:
        """The ends by name and unit, a row per pour; pours are counted from ``first``."""
        found: dict[str, Any] = {"pour": np.arange(first, first + len(self.settled))}
        found |= {f"{name}_ml": self.cups_ml[:, k] for k, name in enumerate(self.cups)}
        found |= {f"{name}_kept_ml": self.retained_ml[:, k] for k, name in enumerate(self.buckets)}
        found |= {f"{name}_spilled_ml": self.spilled_ml[:, k] for k, name in enumerate(self.vessels)}
        return found | {"residual": self.residual, "settled": self.settled, "settled_at_s": self.settled_at_s}

    def rows(self, first: int = 0) -> dict[str, Any]:
        """What stands in every vessel, a row per pour and time. Raises PorcelainError where no times were asked for."""
        if self.times_s is None or self.volumes_ml is None:
            raise PorcelainError("the batch has no times; ask for them with times_s")
        n, t = len(self.settled), len(self.times_s)
        found: dict[str, Any] = {"pour": np.repeat(np.arange(first, first + n), t), "time_s": np.tile(self.times_s, n)}
        found |= {f"{name}_ml": self.volumes_ml[:, :, k].ravel() for k, name in enumerate(self.vessels)}
        if self.flows_ml_s is not None:
            found |= {f"{name}_ml_s": self.flows_ml_s[:, :, k].ravel() for k, name in enumerate(self.pipes)}
        return found

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame: the ends, a row per pour; with times a row per pour and time (extra "frames")."""
        pandas = extra("pandas")
        if self.times_s is None:
            return pandas.DataFrame(self.columns()).set_index("pour")
        return pandas.DataFrame(self.rows()).set_index(["pour", "time_s"])

    def to_xarray(self) -> xarray.Dataset:
        """An xarray Dataset with dimensions pour, vessel, cup, bucket and, with times, time_s and pipe."""
        xarray = extra("xarray")
        found: dict[str, Any] = {
            "cups_ml": (("pour", "cup"), self.cups_ml),
            "retained_ml": (("pour", "bucket"), self.retained_ml),
            "spilled_ml": (("pour", "vessel"), self.spilled_ml),
            "residual": ("pour", self.residual),
            "settled": ("pour", self.settled),
            "settled_at_s": ("pour", self.settled_at_s),
        }
        coords: dict[str, Any] = {"cup": list(self.cups), "bucket": list(self.buckets), "vessel": list(self.vessels)}
        if self.times_s is not None:
            found["volumes_ml"] = (("pour", "time_s", "vessel"), self.volumes_ml)
            coords["time_s"] = self.times_s
        if self.flows_ml_s is not None:
            found["flows_ml_s"] = (("pour", "time_s", "pipe"), self.flows_ml_s)
            coords["pipe"] = list(self.pipes)
        data = xarray.Dataset(found, coords=coords)
        for name in data.variables:
            unit = next((unit for ending, unit in UNITS.items() if str(name).endswith(ending)), None)
            if unit:
                data[name].attrs["units"] = unit
        return data


UNITS = {"_ml_s": "mL/s", "_ml": "mL", "_s": "s"}


def run_many(
    design: Design,
    pours: Sequence[Pour] | ArrayLike,
    times_s: ArrayLike | None = None,
    options: SimulateOptions | None = None,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    rate_ml_s: float | None = None,
    top_ups: Sequence[Piece] = (),
    flows: bool = False,
    threads: int | None = None,
    out: Floats | None = None,
    **changes: Any,
) -> Batch:
    """Pour each of n pours into a machine of its own.

    Parameters
    ----------
    design : what is poured into
    pours : a sequence of Pour, each of its own schedule; or volumes (n, n_in), mL per input bucket, all on one
        schedule: from ``start_s`` at once, for ``duration_s`` or at ``rate_ml_s`` each, and the same ``top_ups``
    times_s : (T,) when to look; None: every pour is told of in its end
    options : as for :func:`run`, ``changes`` are options by name; ``stop_when`` is for one pour
    flows : keep the flows over time as well
    threads : how many to use, by default one per processor
    out : (n, T, vessels) contiguous floats to write the volumes into, which are then ``volumes_ml``: a study that
        asks for rows again and again spares the system the clearing of fresh memory

    Raises
    ------
    PorcelainError
        Where :func:`run` does, and for volumes that are no amounts.
    """
    options = (options or SimulateOptions()).with_changes(changes)
    if options.stop_when:
        raise PorcelainError("stop_when is for one pour; follow these one by one, with run")
    inputs = [bucket.name for bucket in design.tiers[0]]
    each = list(pours) if isinstance(pours, Sequence) else []
    if each and all(isinstance(pour, Pour) for pour in each):
        if start_s or duration_s or rate_ml_s or top_ups:
            raise PorcelainError("a sequence of Pour has schedules of its own; give start, rate and top-ups in each")
        for pour in each:
            pour.volumes_ml(inputs)
        n, pieces = len(each), pieces_of(each, inputs)
    else:
        n, pieces = _one_schedule(inputs, pours, start_s, duration_s, rate_ml_s, top_ups)
    setting, times = Setting.of(design, options), ascending(times_s)
    keep = (len(times) > 0, False, flows, False)
    shape = (n, len(times), len(setting.names))
    if out is not None and not (out.shape == shape and out.dtype == np.float64 and out.flags.c_contiguous):
        raise PorcelainError(f"out is {out.dtype} of shape {out.shape}; contiguous float64 of shape {shape} is needed")
    output = empty_output(setting.machine, n, len(times), keep, out)
    start = standing_ml(setting.names, options.start_ml, n)
    until = np.full(n, times[-1] if len(times) else LATEST_S)
    poured = pouring_of(pieces, n, len(inputs))
    solve_many(setting, poured, start, until, times, output, threads)
    given = start.sum(axis=1) + pieces.poured_ml(until)
    return _batch(design, setting, output, poured.end_s, given, until, times, flows)


def _one_schedule(
    inputs: Sequence[str],
    volumes_ml: Any,
    start_s: float,
    duration_s: float | None,
    rate_ml_s: float | None,
    top_ups: Sequence[Piece],
) -> tuple[int, Pieces]:
    """One piece per input and pour, then the top-ups; checked by the nouns themselves on the largest pour."""
    volumes = np.atleast_2d(np.asarray(volumes_ml, dtype=np.float64))
    if volumes.ndim != 2 or volumes.shape[1] != len(inputs):
        raise PorcelainError(f"volumes_ml has shape {np.shape(volumes_ml)}; (n, {len(inputs)}) is needed")
    if not np.all(volumes >= 0):
        raise PorcelainError(f"volumes_ml has {volumes.min()}; numbers >= 0 mL are needed")
    most = dict(zip(inputs, volumes.max(axis=0, initial=0.0), strict=True))
    Pour.of(most, duration_s=duration_s, rate_ml_s=rate_ml_s, start_s=start_s)
    Pour(tuple(top_ups)).volumes_ml(inputs)
    n, n_in, more = len(volumes), len(inputs), len(top_ups)
    lasts = volumes / rate_ml_s if rate_ml_s else np.full(volumes.shape, duration_s or 0.0)
    each = np.array([(inputs.index(p.bucket), p.start_s, p.duration_s, p.volume_ml, p.rise) for p in top_ups])
    bucket, begin, long, much, rise = np.repeat(each.reshape(-1, 5).T[:, None, :], n, axis=1)
    pieces = Pieces(
        np.repeat(np.arange(n), n_in + more),
        np.column_stack([np.tile(np.arange(n_in), (n, 1)), bucket.astype(np.int64)]).ravel(),
        np.column_stack([np.full((n, n_in), start_s), begin]).ravel(),
        np.column_stack([np.where(lasts < AT_ONCE_S, 0.0, lasts), long]).ravel(),
        np.column_stack([volumes, much]).ravel(),
        np.column_stack([np.zeros((n, n_in)), rise]).ravel(),
    )
    return n, pieces


def _batch(
    design: Design,
    setting: Setting,
    output: Output,
    end_s: Floats,
    given: Floats,
    until: Floats,
    times: Floats,
    flows: bool,
) -> Batch:
    volumes, spilled, on_the_way, rest = output.ends.swapaxes(0, 1)
    n_b = len(design.buckets)
    tray = np.array([target == TRAY for target in setting.overflow_to])
    held = volumes.sum(axis=1) + on_the_way.sum(axis=1) + spilled[:, tray].sum(axis=1)
    still = np.maximum(np.where(rest > 0.0, rest + setting.machine.bucket["way"], 0.0).max(axis=1), end_s)
    settled = still <= until
    asked = len(times) > 0
    return Batch(
        cups=setting.names[n_b:],
        buckets=setting.names[:n_b],
        pipes=tuple(pipe.name for pipe in design.pipes),
        cups_ml=volumes[:, n_b:],
        retained_ml=volumes[:, :n_b],
        spilled_ml=spilled,
        residual=np.abs(given - held) / np.maximum(given, 1e-300),
        settled=settled,
        settled_at_s=np.where(settled, still, np.nan),
        times_s=times if asked else None,
        volumes_ml=output.volumes if asked else None,
        flows_ml_s=output.flows if asked and flows else None,
    )


def stream(
    design: Design,
    volumes_ml: ArrayLike,
    path: str | Path,
    times_s: ArrayLike | None = None,
    options: SimulateOptions | None = None,
    **more: Any,
) -> int:
    """run_many into a Parquet file in bounded memory; returns the number of pours.

    A row per pour with the columns of :meth:`Batch.columns`; with times a row per pour and time, as in
    :meth:`Batch.rows`. The file is there whole or not at all. ``more`` is as in :func:`run_many`. Raises
    PorcelainError where that does and where pyarrow (extra "frames") is missing.
    """
    pyarrow = extra("pyarrow")
    extra("pyarrow.parquet")
    options = options or SimulateOptions()
    if "start_ml" in more:
        options = options.with_changes({"start_ml": more.pop("start_ml")})
    volumes = np.atleast_2d(np.asarray(volumes_ml, dtype=np.float64))
    each = np.ndim(options.start_ml) == 2  # type: ignore[arg-type]
    with files.whole(path) as temporary, ExitStack() as closing:
        writer = None
        for first in range(0, max(len(volumes), 1), CHUNK):
            some = slice(first, first + CHUNK)
            mine = options.with_changes({"start_ml": np.asarray(options.start_ml)[some]}) if each else options
            part = run_many(design, volumes[some], times_s, mine, **more)
            table = pyarrow.table(part.columns(first) if times_s is None else part.rows(first))
            if writer is None:
                writer = closing.enter_context(pyarrow.parquet.ParquetWriter(temporary, table.schema))
            writer.write_table(table)
    return len(volumes)
