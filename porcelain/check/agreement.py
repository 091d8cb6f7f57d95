"""Agreement of a machine with its network: accuracy and volumes, step by step from data to mesh."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from ..data.matching import matched
from ..hydraulics.outlets import kind_of
from ..machine.assembly import Part
from ..machine.design import Design
from ..simulate import run_many
from ..styles import style_of
from .measurement import Measured, measure
from .superposition import superposition_error

SIMULATED_LIMIT = 1e-9  # of the water poured: what a settled run may be off the ideal equation
SPLIT_LIMIT = 0.02  # the same for round holes that were planned to part real water nearly as the shares ask
RESIDUAL_LIMIT = 1e-12
SUPERPOSED_LIMIT = 1e-9  # of the water poured
HELD_LIMIT = 0.005
HELD_FLOOR_ML = 0.02  # a floor at the sill keeps a film this small whatever its relative error
AREA_LIMIT = 0.01
LOST_LIMIT = 0.01  # of the rows: pipes too narrow to print are closed, and millimetres rounded


@dataclass(frozen=True)
class Step:
    """One step from data to mesh.

    Attributes
    ----------
    name : what the step leads to: network, as_network, run or mesh
    accuracy : fraction of rows in the right cup after the step
    largest_ml : largest change of a cup since the step before; 0 for the first

    Examples
    --------
    >>> Step("run", 0.98, 0.0).name
    'run'
    """

    name: str
    accuracy: float
    largest_ml: float


@dataclass(frozen=True)
class Criterion:
    """One measured value with its limit.

    Attributes
    ----------
    name : what was measured
    value, limit : the criterion is met where the value is not above the limit; NaN never is
    unit : of both

    Examples
    --------
    >>> Criterion("water spilled", 0.1, 0.0, "mL").holds
    False
    """

    name: str
    value: float
    limit: float
    unit: str

    @property
    def holds(self) -> bool:
        """Whether the criterion is met."""
        return bool(self.value <= self.limit)


@dataclass(frozen=True)
class Agreement:
    """What each step from data to mesh loses, for one design and data set.

    Attributes
    ----------
    design, data : names
    rows : how many rows of data were followed
    steps : from the trained network to the measured meshes
    criteria : what was measured, each with its limit

    Examples
    --------
    >>> Agreement("iris", "iris", 150, (), (Criterion("water spilled", 0.0, 0.0, "mL"),)).holds
    True
    """

    design: str
    data: str
    rows: int
    steps: tuple[Step, ...]
    criteria: tuple[Criterion, ...]

    @property
    def holds(self) -> bool:
        """Whether every criterion is met."""
        return all(criterion.holds for criterion in self.criteria)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON.

        Returns
        -------
        dict
            The fields, and ``holds`` for the whole and for every criterion.
        """
        criteria = [{**asdict(p), "holds": p.holds} for p in self.criteria]
        return {**asdict(self), "criteria": criteria, "holds": self.holds}


def report(design: Design, dataset: Dataset, parts: list[Part], seed: int = 0) -> Agreement:
    """Follow every row of a data set from the trained network to the measured meshes.

    Parameters
    ----------
    design : machine to follow
    dataset : rows to pour. Columns and classes are matched to the network by name, and features beyond its range are
        poured as its nearest end.
    parts : meshes as read from their files. Where one is not one closed body there is no last step.
    seed : draws the increments of the superposition test

    Returns
    -------
    Agreement
        Steps with accuracy and change of the cups, and criteria with their limits. One criterion is that 2 to 10
        increments in shuffled order end where one pour does.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> from porcelain.check.mesh.readers import reread
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> found = report(design, load("iris"), reread(fabricate.parts(design)))
    >>> found.holds, [step.name for step in found.steps]
    (True, ['network', 'as_network', 'run', 'mesh'])
    """
    dataset = matched(dataset, design.network)
    volumes_ml = design.volumes_ml(design.network.encoding.clipped(dataset.features))
    poured = volumes_ml.sum(axis=1, keepdims=True)
    scale = design.ml_per_unit
    trained = design.network(volumes_ml / scale) * scale
    planned = design.as_network()(volumes_ml / scale) * scale
    exact = not design.for_real_water or all(kind_of(bucket).divided for bucket in design.buckets)
    batch = run_many(design, volumes_ml, rate_ml_s=design.pour_ml_s)
    off, limit = _largest(batch.cups_ml - planned, poured), SIMULATED_LIMIT if exact else SPLIT_LIMIT
    measured = measure(design, parts)
    broken = faulty_parts(parts, measured, closed_channels=style_of(design).closed_channels)
    cups = {"network": trained, "as_network": planned, "run": batch.cups_ml}
    if not broken:
        cups["mesh"] = measured.as_network(design)(volumes_ml / scale) * scale
    superposed = superposition_error(design, volumes_ml, seed)
    steps = _steps(cups, dataset)
    criteria = (
        Criterion("accuracy lost from network to machine", lost(steps), LOST_LIMIT, "of the rows"),
        Criterion("run against as_network", off, limit, "of poured"),
        Criterion("mass residual of a run", float(batch.residual.max()), RESIDUAL_LIMIT, "of poured"),
        Criterion("runs that did not settle", float(np.sum(~batch.settled)), 0.0, "runs"),
        Criterion("water spilled", float(batch.spilled_ml.sum()), 0.0, "mL"),
        Criterion("superposition, cups at once and piecewise", superposed, SUPERPOSED_LIMIT, "of poured"),
        Criterion("held volume, mesh against design", held_error(design, measured), HELD_LIMIT, "relative"),
        Criterion("cross-section, mesh against design", area_error(design, measured), AREA_LIMIT, "relative"),
        Criterion("parts that are not one closed body", float(broken), 0.0, "parts"),
    )
    return Agreement(design.name, dataset.name, len(dataset), steps, criteria)


def _steps(cups: dict[str, Floats], dataset: Dataset) -> tuple[Step, ...]:
    steps, before = [], None
    for name, volumes in cups.items():
        accuracy = float(np.mean(volumes.argmax(axis=1) == dataset.labels))
        change = 0.0 if before is None else float(np.abs(volumes - before).max())
        steps.append(Step(name, accuracy, change))
        before = volumes
    return tuple(steps)


def lost(steps: tuple[Step, ...]) -> float:
    """Largest fall of accuracy from the trained network to any later step.

    Parameters
    ----------
    steps : the network's first

    Returns
    -------
    float
        Fraction of the rows; 0 where accuracy only rises.

    Examples
    --------
    >>> lost((Step("network", 0.75, 0.0), Step("run", 0.5, 0.1)))
    0.25
    """
    return max(steps[0].accuracy - step.accuracy for step in steps)


def _largest(error_ml: Floats, poured_ml: Floats) -> float:
    return float((np.abs(error_ml) / np.maximum(poured_ml, 1e-300)).max())


def held_error(design: Design, measured: Measured) -> float:
    """Largest relative error of a bucket's held volume.

    Parameters
    ----------
    design : what each bucket should hold
    measured : what the meshes hold

    Returns
    -------
    float
        NaN, which meets no criterion, where a mesh leaks.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.check.measurement import Measured
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> held = {bucket.name: bucket.threshold_ml for bucket in design.buckets}
    >>> held_error(design, Measured(held, {}, {}, {}))
    0.0
    """
    held = np.array([measured.held_volume_ml[b.name] for b in design.buckets])
    asked = np.array([b.threshold_ml for b in design.buckets])
    return float(np.max(np.abs(held - asked) / np.maximum(asked, HELD_FLOOR_ML)))


def area_error(design: Design, measured: Measured) -> float:
    """Largest relative error of a channel's cross-section.

    Parameters
    ----------
    design : cross-section of every pipe
    measured : what the meshes have

    Returns
    -------
    float
        Of the planned area.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.check.measurement import Measured
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> areas = {pipe.name: 1.01 * pipe.area_mm2 for pipe in design.pipes}
    >>> round(area_error(design, Measured({}, areas, {}, {})), 6)
    0.01
    """
    return max(abs(measured.areas_mm2[pipe.name] / pipe.area_mm2 - 1.0) for pipe in design.pipes)


def faulty_parts(parts: list[Part], measured: Measured, closed_channels: bool = True) -> int:
    """Count parts that are open, in pieces, or have other ways through them than their channels.

    Parameters
    ----------
    parts : meshes with the names of their channels
    measured : what they are
    closed_channels : whether channels are closed tubes; only then are ways through a part counted

    Returns
    -------
    int
        How many parts are faulty.

    Examples
    --------
    >>> from porcelain.check.measurement import Measured
    >>> from porcelain.geometry import solids
    >>> part = Part("block", *solids.to_mesh(solids.box([0, 0, 0], [1, 1, 1]), "block"), np.zeros(3))
    >>> faulty_parts([part], Measured({}, {}, {"block": 0}, {"block": True}))
    0
    """
    return sum(
        not measured.one_closed_body[p.name] or (closed_channels and measured.genus[p.name] != len(p.channels))
        for p in parts
    )
