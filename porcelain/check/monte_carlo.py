"""Monte Carlo jobs: many faulty machines, drawn by several workers and kept in Parquet files.

A job is a fixed range of machines drawn from its own seeds, so neither the number of workers nor an interruption
changes the result. What was stopped goes on with the jobs that are missing.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from .. import files
from ..arrays import Ints
from ..data import Dataset
from ..errors import FileError, PorcelainError
from ..machine.design import Design
from ..network import Network
from .faulty_machines import CHUNK, MonteCarlo
from .options import CheckOptions, Faults, ToleranceOptions
from .tolerance import Tolerance

JOB = 20 * CHUNK
"""Machines per Parquet file: a quarter of a second's work on Iris."""


def run_jobs(
    thing: Network | Design,
    dataset: Dataset,
    folder: str | Path,
    faults: Faults | None = None,
    machines: int = ToleranceOptions.machines,
    seed: int = CheckOptions.seed,
    cluster: str | None = None,
    report: Callable[[], None] | None = None,
) -> Tolerance:
    """Draw machines as :func:`porcelain.check.tolerance.draw_machines` does, in jobs that are kept in a folder.

    Parameters
    ----------
    thing, dataset, faults, seed : as there
    folder : for part-00000.parquet and so on; those found in it are not drawn again
    machines : rounded up to whole jobs
    cluster : address of a Dask scheduler, or "local" for one worker per core here; None computes in this process
    report : called after every job, those found in the folder included

    Returns
    -------
    Tolerance
        Of all machines of all jobs.

    Raises
    ------
    PorcelainError
        Where an extra is missing or no scheduler answers.
    FileError
        Where the folder holds the jobs of another machine, data set or seed.

    Examples
    --------
    >>> import tempfile
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     len(run_jobs(design, load("iris"), folder, machines=JOB).accuracies) == JOB
    True
    """
    faults = faults or Faults()
    draws, folder = MonteCarlo.of(thing, dataset, faults, seed), Path(folder)
    _claim(folder, _fingerprint(draws))
    numbers = range(-(-machines // JOB))
    missing = [number for number in numbers if not _path(folder, number).is_file()]
    for _ in range(len(numbers) - len(missing)):
        if report:
            report()
    for number, wrong in _jobs(draws, missing, cluster):
        files.write_bytes(_path(folder, number), _parquet(number, wrong))
        if report:
            report()
    wrong = np.concatenate([_read(_path(folder, number)) for number in numbers])
    return Tolerance(thing.name, dataset.name, faults, seed, draws.nominal, 1.0 - wrong / len(dataset))


def job(draws: MonteCarlo, number: int) -> Ints:
    """Draw the machines of one job.

    Parameters
    ----------
    draws : machine, data and faults
    number : of the job

    Returns
    -------
    array (JOB,)
        How many rows each machine gets wrong.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> len(job(MonteCarlo.of(design, load("iris"), Faults(), seed=0), 0)) == JOB
    True
    """
    first = number * (JOB // CHUNK)
    return np.concatenate([draws.chunk(first + k) for k in range(JOB // CHUNK)])


def _jobs(draws: MonteCarlo, numbers: list[int], cluster: str | None) -> Iterator[tuple[int, Ints]]:
    if cluster is None:
        yield from ((number, job(draws, number)) for number in numbers)
        return
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise PorcelainError("a cluster needs dask; install porcelain[cluster]") from None
    try:
        client = Client(processes=True, dashboard_address=None) if cluster == "local" else Client(cluster, timeout=10)
    except (OSError, ValueError) as error:
        raise PorcelainError(f"no Dask scheduler answers at {cluster}: {error}; check the address") from None
    with client:
        whole = client.scatter(draws, broadcast=True)
        yield from _as_done(client, whole, numbers, as_completed)


def _as_done(client: Any, draws: Any, numbers: list[int], as_completed: Any) -> Iterator[tuple[int, Ints]]:
    futures = {client.submit(job, draws, number, pure=False): number for number in numbers}
    for future in as_completed(list(futures)):
        yield futures.pop(future), future.result()


def _path(folder: Path, number: int) -> Path:
    return folder / f"part-{number:05d}.parquet"


def _fingerprint(draws: MonteCarlo) -> str:
    """What decides the numbers in a part: equations, spreads, water, labels and the seed."""
    digest = hashlib.sha256(str(draws.seed).encode())
    spreads = draws.spreads
    arrays = [draws.water, draws.labels, np.array([spreads.tilt_sd, spreads.pour_sd])]
    for layer in draws.network.layers:
        arrays += [layer.thresholds, layer.shares]
    for kind in (spreads.area_sd, spreads.threshold_sd, spreads.film, spreads.lever):
        arrays += kind
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _claim(folder: Path, fingerprint: str) -> None:
    """Mark a folder as that of these jobs, or refuse one that holds others."""
    mark = folder / "study.sha256"
    if mark.is_file():
        if mark.read_text().strip() != fingerprint:
            raise FileError(f"{folder} holds jobs of another machine, data set or seed; choose an empty folder")
        return
    if any(folder.glob("part-*.parquet")):
        raise FileError(f"{folder} holds jobs without a mark of whose they are; choose an empty folder")
    files.write_bytes(mark, (fingerprint + "\n").encode())


def _parquet(number: int, wrong: Ints) -> bytes:
    pyarrow, parquet = _arrow()
    machines = np.arange(number * JOB, (number + 1) * JOB)
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table({"machine": machines, "wrong": wrong}), stream)
    return stream.getvalue()


def _read(path: Path) -> Ints:
    pyarrow, parquet = _arrow()
    try:
        column = parquet.read_table(path, columns=["wrong"])["wrong"].to_numpy()
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise FileError(f"cannot read {path}: {error}; delete it and run the jobs again") from None
    if len(column) != JOB:
        raise FileError(f"{path} holds {len(column)} machines, not {JOB}; delete it and run the jobs again")
    return column


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise PorcelainError("jobs are kept as Parquet files; install porcelain[frames]") from None
    return pyarrow, parquet
