"""Run: what happened to the water, vessel by vessel and pipe by pipe, at every time asked for."""

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
    """Something that happened in a vessel at an exact time: "starts", "stops", "rim reached" or "rim left".

    The last is "settled", of the whole "machine", if it came to that.
    """

    time_s: float
    vessel: str
    what: str


@dataclass(frozen=True, eq=False)
class Run:
    """A simulated pour. T times, V vessels (buckets, then cups), P pipes, in the order of the Design.

    Attributes
    ----------
    times_s : (T,) ascending
    volumes_ml, levels_mm : (T, V) water in each vessel and its height above the inner floor
    flows_ml_s, passed_ml, arrived_ml : (T, P) rate into each pipe, and what has entered and left it so far
    spilled_ml : (T, V) what has left over each rim so far; it went to ``overflow_to`` (V,), "tray" or a vessel
    start_ml : (V,) what stood in the vessels before the pour
    status : "settled" when nothing moves any more, else "running"; ``message`` says what to do about it
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
        """(cups,) what stands in the cups at the end; the fullest is the class."""
        return self.volumes_ml[-1, -len(self.cups) :]

    @property
    def winner(self) -> str:
        """The cup that is fullest at the end."""
        return self.cups[int(np.argmax(self.answer_ml))]

    @property
    def poured_ml(self) -> Floats:
        """(T, V) what the jug has put into each vessel so far."""
        return self.pour.poured_ml(self.times_s, self.vessels)

    @property
    def transit_ml(self) -> Floats:
        """(T, P) water on its way inside each pipe."""
        return self.passed_ml - self.arrived_ml

    @property
    def balance_ml(self) -> Floats:
        """(T, V) start + poured + arrived - passed on - spilled - standing: 0 but for rounding."""
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
        """(T, V) the same, relative to all the water that ever was in the vessel; 0 for one that stayed dry."""
        got = self.start_ml + self.poured_ml[-1]
        for p, target in enumerate(self.targets):
            got[self.vessels.index(target)] += self.arrived_ml[-1, p]
        for v, target in enumerate(self.overflow_to):
            if target != TRAY:
                got[self.vessels.index(target)] += self.spilled_ml[-1, v]
        return self.balance_ml / np.where(got > 0, got, 1.0)

    @property
    def residual(self) -> float:
        """The whole machine's mass residual over all times, relative to all the water there was."""
        lost = np.array([target == TRAY for target in self.overflow_to])
        held = self.volumes_ml.sum(axis=1) + self.transit_ml.sum(axis=1) + self.spilled_ml[:, lost].sum(axis=1)
        given = self.start_ml.sum() + self.poured_ml.sum(axis=1)
        return float(np.max(np.abs(given - held)) / max(self.start_ml.sum() + self.pour.total_ml, 1e-300))

    @property
    def split_error_pp(self) -> Floats:
        """(P,) share that really went down each pipe minus the share asked for, percentage points; 0 where none ran."""
        passed = self.passed_ml[-1]
        totals = {s: sum(passed[p] for p, name in enumerate(self.sources) if name == s) for s in set(self.sources)}
        whole = np.array([totals[s] for s in self.sources])
        return np.where(whole > 0, 100.0 * (passed / np.where(whole > 0, whole, 1.0) - self.shares), 0.0)

    def columns(self) -> Iterator[tuple[str, Floats]]:
        """Every curve by name and unit: the columns of the table."""
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
        """A row per time, a column per curve; the first line names them with their units."""
        names, values = zip(*self.columns(), strict=True)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("time_s", *names))
        writer.writerows(np.column_stack([self.times_s, *values]).tolist())
        return text.getvalue().encode()

    def to_frame(self) -> pandas.DataFrame:
        """A pandas DataFrame of :meth:`columns` over time (extra "frames")."""
        pandas = extra("pandas")
        return pandas.DataFrame(dict(self.columns()), index=pandas.Index(self.times_s, name="time_s"))

    def to_parquet(self) -> bytes:
        """:meth:`to_frame` as a Parquet file, ``time_s`` first (extra "frames")."""
        extra("pyarrow")
        data: bytes = self.to_frame().reset_index().to_parquet(index=False)
        return data

    def to_xarray(self) -> xarray.Dataset:
        """An xarray Dataset with dimensions time_s, vessel and pipe (extra "frames")."""
        xarray = extra("xarray")
        by_vessel = {name: (("time_s", "vessel"), getattr(self, name)) for name in VESSEL_CURVES}
        by_pipe = {name: (("time_s", "pipe"), getattr(self, name)) for name in PIPE_CURVES}
        return xarray.Dataset(
            by_vessel | by_pipe,
            coords={"time_s": self.times_s, "vessel": list(self.vessels), "pipe": list(self.pipes)},
            attrs={"design": self.design, "law": self.law, "water": self.water, "status": self.status},
        )

    def _repr_html_(self) -> str:
        """The run in a notebook: what the cups hold over time, and one line on it."""
        when = f"settled after {self.settled_at_s:.1f} s" if self.settled_at_s is not None else self.message
        said = f"{self.pour.total_ml:.1f} mL into {self.design}, {self.law}, {self.water} water: {self.winner}, {when}"
        cups = self.volumes_ml[:, -len(self.cups) :]
        return f"<p>{escape(said)}</p>{curves_svg(self.times_s, cups, self.cups, 'mL in the cups')}"

    def __eq__(self, other: object) -> bool:
        return same(self, other)


VESSEL_CURVES = ("volumes_ml", "levels_mm", "spilled_ml")
PIPE_CURVES = ("flows_ml_s", "passed_ml", "arrived_ml")


def extra(name: str) -> Any:
    """A library of the extra "frames". Raises PorcelainError where it is not installed."""
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise PorcelainError(f"{name} is not installed; install porcelain with its extra: porcelain[frames]") from None
