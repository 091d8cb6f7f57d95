"""Run: what happened to the water in every vessel and pipe, at every time that was asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from .arrays import Floats, frozen, same
from .errors import PorcelainError
from .geometry.svg import curves_svg
from .pour import Pour

if TYPE_CHECKING:
    import pandas
    import xarray

TRAY = "tray"
"""Where water goes that leaves over a rim, unless it is led elsewhere."""

MACHINE = "machine"
"""The vessel of an event that concerns them all."""


@dataclass(frozen=True)
class Event:
    """Something that happened in a vessel at an exact time.

    Parameters
    ----------
    time_s : float
        When, s.
    vessel : str
        Name of the vessel, or "machine" for all of them.
    what : str
        "starts", "stops", "rim reached", "rim left", or "settled" when nothing moves any more.

    Examples
    --------
    >>> Event(2.5, "b0.0", "starts").what
    'starts'
    """

    time_s: float
    vessel: str
    what: str


@dataclass(frozen=True, eq=False)
class Run:
    """A simulated pour: T times, V vessels (buckets, then cups) and P pipes in the order of the design.

    Attributes
    ----------
    design, law, water : str
        Names of the machine, the law of outflow and the water.
    pour : Pour
        What was poured.
    vessels, cups, pipes, sources, targets : tuple of str
        Names, and the vessels that each pipe joins.
    shares : ndarray, shape (P,)
        Shares that the design asks for.
    overflow_to : tuple of str
        Where water goes that leaves over the rim of each vessel: "tray" or a vessel.
    start_ml : ndarray, shape (V,)
        Volumes in the vessels before the pour.
    times_s : ndarray, shape (T,)
        Times, ascending.
    volumes_ml, levels_mm : ndarray, shape (T, V)
        Volume in each vessel, and height of the water above its inner floor.
    flows_ml_s, passed_ml, arrived_ml : ndarray, shape (T, P)
        Flow into each pipe, volume that has entered it, and volume that has left it.
    spilled_ml : ndarray, shape (T, V)
        Volume that has left over each rim.
    status, message : str
        "settled" if nothing moves any more, else "running"; what to do about it.
    settled_at_s : float or None
        When the last water stopped.
    energy_mj : float
        Potential energy that the water lost, mJ.
    events : tuple of Event
        Starts, stops and overflows.

    Raises
    ------
    PorcelainError
        If the shapes of the arrays do not agree.

    Examples
    --------
    >>> import porcelain
    >>> from porcelain import files
    >>> design = files.load("designs/iris", "design")
    >>> run = porcelain.simulate.run(design, Pour.of({"b0.0": 62.0, "b0.2": 54.0, "b0.3": 23.0}, rate_ml_s=10.0))
    >>> run.winner
    'c2'
    >>> run.residual < 1e-12
    True
    """

    design: str
    law: str
    water: str
    pour: Pour
    vessels: tuple[str, ...]
    cups: tuple[str, ...]
    pipes: tuple[str, ...]
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    shares: Floats
    overflow_to: tuple[str, ...]
    start_ml: Floats
    times_s: Floats
    volumes_ml: Floats
    levels_mm: Floats
    flows_ml_s: Floats
    passed_ml: Floats
    arrived_ml: Floats
    spilled_ml: Floats
    status: str
    message: str
    settled_at_s: float | None
    energy_mj: float
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        shapes: dict[str, tuple[int | None, ...]] = {"times_s": (None,), "start_ml": (len(self.vessels),)}
        shapes |= {"shares": (len(self.pipes),)}
        shapes |= {name: (None, len(self.vessels)) for name in ("volumes_ml", "levels_mm", "spilled_ml")}
        shapes |= {name: (None, len(self.pipes)) for name in ("flows_ml_s", "passed_ml", "arrived_ml")}
        for name, shape in shapes.items():
            object.__setattr__(self, name, frozen(getattr(self, name), shape, f"run.{name}"))
            if len(shape) == 2 and len(getattr(self, name)) != len(self.times_s):
                raise PorcelainError(f"run.{name} has {len(getattr(self, name))} rows for {len(self.times_s)} times")

    @property
    def answer_ml(self) -> Floats:
        """Volumes in the cups at the end, (cups,) mL. The fullest cup is the class."""
        return self.volumes_ml[-1, -len(self.cups) :]

    @property
    def winner(self) -> str:
        """Name of the cup that is fullest at the end."""
        return self.cups[int(np.argmax(self.answer_ml))]

    @property
    def poured_ml(self) -> Floats:
        """Volume that has been poured into each vessel so far, (T, V) mL."""
        return self.pour.poured_ml(self.times_s, self.vessels)

    @property
    def transit_ml(self) -> Floats:
        """Volume on its way inside each pipe, (T, P) mL."""
        return self.passed_ml - self.arrived_ml

    @property
    def balance_ml(self) -> Floats:
        """Start + poured + arrived - passed on - spilled - standing for each vessel, (T, V) mL: 0 but for rounding."""
        balance = self.start_ml + self.poured_ml - self.spilled_ml - self.volumes_ml
        index = {name: v for v, name in enumerate(self.vessels)}
        for p, (source, target) in enumerate(zip(self.sources, self.targets, strict=True)):
            balance[:, index[source]] -= self.passed_ml[:, p]
            balance[:, index[target]] += self.arrived_ml[:, p]
        for v, target in enumerate(self.overflow_to):
            if target != TRAY:
                balance[:, index[target]] += self.spilled_ml[:, v]
        return balance

    @property
    def balance_relative(self) -> Floats:
        """The balance of each vessel relative to all the water that was ever in it, (T, V); 0 for a dry vessel."""
        got = self.start_ml + self.poured_ml[-1]
        for p, target in enumerate(self.targets):
            got[self.vessels.index(target)] += self.arrived_ml[-1, p]
        for v, target in enumerate(self.overflow_to):
            if target != TRAY:
                got[self.vessels.index(target)] += self.spilled_ml[-1, v]
        return self.balance_ml / np.where(got > 0, got, 1.0)

    @property
    def residual(self) -> float:
        """Largest mass residual of the whole machine over all times, relative to all the water there was."""
        lost = np.array([target == TRAY for target in self.overflow_to])
        held = self.volumes_ml.sum(axis=1) + self.transit_ml.sum(axis=1) + self.spilled_ml[:, lost].sum(axis=1)
        given = self.start_ml.sum() + self.poured_ml.sum(axis=1)
        return float(np.max(np.abs(given - held)) / max(self.start_ml.sum() + self.pour.total_ml, 1e-300))

    @property
    def split_error_pp(self) -> Floats:
        """Share that went down each pipe less the share of the design, (P,) percentage points; 0 where none ran."""
        passed = self.passed_ml[-1]
        totals = {s: sum(passed[p] for p, name in enumerate(self.sources) if name == s) for s in set(self.sources)}
        whole = np.array([totals[s] for s in self.sources])
        return np.where(whole > 0, 100.0 * (passed / np.where(whole > 0, whole, 1.0) - self.shares), 0.0)

    def columns(self) -> Iterator[tuple[str, Floats]]:
        """All curves with their names and units.

        Yields
        ------
        tuple of str and ndarray
            Name of a column, and its values (T,).
        """
        for group, unit, names in (
            ("volumes_ml", "ml", self.vessels),
            ("levels_mm", "level_mm", self.vessels),
            ("spilled_ml", "spilled_ml", self.vessels),
            ("flows_ml_s", "ml_s", self.pipes),
            ("passed_ml", "passed_ml", self.pipes),
            ("arrived_ml", "arrived_ml", self.pipes),
        ):
            for k, name in enumerate(names):
                yield f"{name}_{unit}", getattr(self, group)[:, k]

    def to_csv(self) -> bytes:
        """Write the run as a CSV table with a row for each time. The first line has the names with their units.

        Returns
        -------
        bytes
            The table.
        """
        names, values = zip(*self.columns(), strict=True)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("time_s", *names))
        writer.writerows(np.column_stack([self.times_s, *values]).tolist())
        return text.getvalue().encode()

    def to_frame(self) -> pandas.DataFrame:
        """Write the run as a pandas DataFrame over time (extra "frames").

        Returns
        -------
        DataFrame
            The curves of :meth:`columns`.
        """
        pandas = extra("pandas")
        return pandas.DataFrame(dict(self.columns()), index=pandas.Index(self.times_s, name="time_s"))

    def to_parquet(self) -> bytes:
        """Write :meth:`to_frame` as a Parquet file, ``time_s`` first (extra "frames").

        Returns
        -------
        bytes
            The file.
        """
        extra("pyarrow")
        data: bytes = self.to_frame().reset_index().to_parquet(index=False)
        return data

    def to_xarray(self) -> xarray.Dataset:
        """Write the run as an xarray Dataset with the dimensions time_s, vessel and pipe (extra "frames").

        Returns
        -------
        Dataset
            The curves by vessel and by pipe.
        """
        xarray = extra("xarray")
        by_vessel = {name: (("time_s", "vessel"), getattr(self, name)) for name in VESSEL_CURVES}
        by_pipe = {name: (("time_s", "pipe"), getattr(self, name)) for name in PIPE_CURVES}
        return xarray.Dataset(
            by_vessel | by_pipe,
            coords={"time_s": self.times_s, "vessel": list(self.vessels), "pipe": list(self.pipes)},
            attrs={"design": self.design, "law": self.law, "water": self.water, "status": self.status},
        )

    def _repr_html_(self) -> str:
        """Show the run in a notebook: volumes in the cups over time, and one line of text."""
        when = f"settled after {self.settled_at_s:.1f} s" if self.settled_at_s is not None else self.message
        said = f"{self.pour.total_ml:.1f} mL into {self.design}, {self.law}, {self.water} water: {self.winner}, {when}"
        cups = self.volumes_ml[:, -len(self.cups) :]
        return f"<p>{escape(said)}</p>{curves_svg(self.times_s, cups, self.cups, 'mL in the cups')}"

    def __repr__(self) -> str:
        return (
            f"<Run of {self.design!r}: {self.pour.total_ml:g} mL, law {self.law}, water {self.water}, {self.status},"
            f" winner {self.winner}>"
        )

    def __eq__(self, other: object) -> bool:
        return same(self, other)


VESSEL_CURVES = ("volumes_ml", "levels_mm", "spilled_ml")
PIPE_CURVES = ("flows_ml_s", "passed_ml", "arrived_ml")


def extra(name: str) -> Any:
    """Import a library of the extra "frames".

    Parameters
    ----------
    name : str
        Name of the module.

    Returns
    -------
    module
        The library.

    Raises
    ------
    PorcelainError
        Where it is not installed.

    Examples
    --------
    >>> extra("pandas").__name__
    'pandas'
    """
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise PorcelainError(f"{name} is not installed; install porcelain with its extra: porcelain[frames]") from None
