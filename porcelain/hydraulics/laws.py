"""Laws of outflow: the flow of a branch at a given head, and the registry of laws.

Equations are written for SI; heads are heights of the level above the sill in mm, flows mL/s. The coefficient Cd is
the Design's ``outlet.discharge``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError, unknown
from ..machine.design import Design
from ..machine.vessel import Bucket, Pipe
from ..units import MM3_PER_ML
from ..water import WATERS, Water
from . import weir
from .orifice import ROOT_2G, diameter_mm, flow_ml_s
from .outlets import law_of
from .pipe import bends_mm, pipe_flow_ml_s

Pipes = tuple[Pipe, ...]


@dataclass(frozen=True)
class Opening:
    """A branch as surface tension sees it: its lowest point above the sill, its area and wetted perimeter."""

    invert_mm: float
    area_mm2: float
    perimeter_mm: float


class Law(Protocol):
    """Head in, flow out."""

    @property
    def name(self) -> str:
        """What the Run calls it."""
        ...

    def branch_ml_s(self, bucket: Bucket, pipes: Pipes, j: int, head_mm: Floats) -> Floats:
        """(m,) what branch j passes at heads (m,); below 0 nothing passes, at 0 what the last drop does."""
        ...

    def opening(self, bucket: Bucket, pipes: Pipes, j: int) -> Opening:
        """Branch j as surface tension sees it."""
        ...

    def breaks_mm(self, bucket: Bucket, pipes: Pipes, j: int) -> tuple[float, ...]:
        """Heads above the lowest at which the flow of branch j is not smooth."""
        ...


@dataclass(frozen=True)
class Torricelli:
    """Ideal orifice at the sill: Q = Cd a sqrt(2 g h), split by area (Torricelli, Opera geometrica, 1644)."""

    name: str = "torricelli"

    def branch_ml_s(self, bucket: Bucket, pipes: Pipes, j: int, head_mm: Floats) -> Floats:
        speed = ROOT_2G * np.sqrt(np.maximum(head_mm, 0.0))
        return bucket.outlet.discharge * pipes[j].area_mm2 * speed / MM3_PER_ML

    def opening(self, bucket: Bucket, pipes: Pipes, j: int) -> Opening:
        return _round(pipes[j].area_mm2)

    def breaks_mm(self, bucket: Bucket, pipes: Pipes, j: int) -> tuple[float, ...]:
        return ()


@dataclass(frozen=True)
class Weir:
    """Level sill of finite height, part-full and submerged: see :mod:`porcelain.hydraulics.weir`.

    Widths b are the shares of the outlet's. Knives cut one mouth, which surface tension holds as a whole; with
    ``separate`` every branch is a slot of its own.
    """

    separate: bool = False

    @property
    def name(self) -> str:
        return "slots" if self.separate else "weir"

    def _width_mm(self, bucket: Bucket, pipes: Pipes, j: int) -> float:
        if bucket.outlet.width_mm <= 0 or bucket.outlet.height_mm <= 0:
            raise PorcelainError(
                f"{bucket.name} has round outlets and the law {self.name!r} needs a sill of width and height;"
                " choose torricelli, orifice or pipe"
            )
        return bucket.outlet.width_mm * pipes[j].area_mm2 / sum(pipe.area_mm2 for pipe in pipes)

    def branch_ml_s(self, bucket: Bucket, pipes: Pipes, j: int, head_mm: Floats) -> Floats:
        outlet = bucket.outlet
        return weir.flow_ml_s(self._width_mm(bucket, pipes, j), outlet.height_mm, head_mm, outlet.discharge)

    def opening(self, bucket: Bucket, pipes: Pipes, j: int) -> Opening:
        own = self._width_mm(bucket, pipes, j)
        width = own if self.separate else bucket.outlet.width_mm
        return Opening(0.0, width * bucket.outlet.height_mm, 2.0 * (width + bucket.outlet.height_mm))

    def breaks_mm(self, bucket: Bucket, pipes: Pipes, j: int) -> tuple[float, ...]:
        return (bucket.outlet.height_mm,)


@dataclass(frozen=True)
class Orifice:
    """Round holes of finite diameter, part-full and submerged: see :mod:`porcelain.hydraulics.orifice`.

    Inverts stand above the sill as the Design says; with ``centres`` the centres stand level, and the largest hole's
    invert is the sill.
    """

    centres: bool = False

    @property
    def name(self) -> str:
        return "orifice_centres" if self.centres else "orifice"

    def _invert_mm(self, pipes: Pipes, j: int) -> float:
        if not self.centres:
            return pipes[j].invert_mm
        return 0.5 * (max(diameter_mm(pipe.area_mm2) for pipe in pipes) - diameter_mm(pipes[j].area_mm2))

    def branch_ml_s(self, bucket: Bucket, pipes: Pipes, j: int, head_mm: Floats) -> Floats:
        head = np.asarray(head_mm) - self._invert_mm(pipes, j)
        return flow_ml_s(diameter_mm(pipes[j].area_mm2), head, bucket.outlet.discharge)

    def opening(self, bucket: Bucket, pipes: Pipes, j: int) -> Opening:
        hole = _round(pipes[j].area_mm2)
        return Opening(self._invert_mm(pipes, j), hole.area_mm2, hole.perimeter_mm)

    def breaks_mm(self, bucket: Bucket, pipes: Pipes, j: int) -> tuple[float, ...]:
        return (self._invert_mm(pipes, j) + diameter_mm(pipes[j].area_mm2),)


@dataclass(frozen=True)
class FullPipe:
    """Branches that run full, with entrance loss and friction: see :mod:`porcelain.hydraulics.pipe`."""

    temperature_c: float = 20.0
    name: str = "pipe"

    def branch_ml_s(self, bucket: Bucket, pipes: Pipes, j: int, head_mm: Floats) -> Floats:
        pipe = pipes[j]
        drop = float(pipe.path_mm[0, 2] - pipe.path_mm[-1, 2])
        flow = pipe_flow_ml_s(diameter_mm(pipe.area_mm2), pipe.length_mm, drop, np.asarray(head_mm), self.temperature_c)
        return np.where(np.asarray(head_mm) >= 0, flow, 0.0)

    def opening(self, bucket: Bucket, pipes: Pipes, j: int) -> Opening:
        return _round(pipes[j].area_mm2)

    def breaks_mm(self, bucket: Bucket, pipes: Pipes, j: int) -> tuple[float, ...]:
        pipe = pipes[j]
        drop = float(pipe.path_mm[0, 2] - pipe.path_mm[-1, 2])
        return bends_mm(diameter_mm(pipe.area_mm2), pipe.length_mm, drop, self.temperature_c)


@dataclass(frozen=True)
class Wetted:
    """A law for water with surface tension, on a wall it wets at an angle.

    The liquid pushes back by kappa sigma P / (rho g A) on an opening of area A and perimeter P, and leaves a film of
    2 sqrt(sigma / rho g) sin(theta / 2) on the sill; an outlet stops where the level is as high as both (root of
    the sum of squares) and uses the head less the back pressure. kappa = 0.07 + 0.446 (1 - cos theta) was fitted to
    volume-of-fluid simulations of slots 1 to 6 mm wide, with and without rinse aid; the film is the meniscus at
    a wall (de Gennes, Brochard-Wyart and Quere, Capillarity and Wetting Phenomena, 2004, ch. 2).
    """

    law: Law
    water: Water

    @property
    def name(self) -> str:
        return self.law.name

    def _push_mm(self, opening: Opening) -> float:
        return self.water.push_mm(opening.perimeter_mm / opening.area_mm2)

    def stop_mm(self, bucket: Bucket, pipes: Pipes, j: int) -> float:
        """The head below which branch j passes nothing."""
        opening = self.law.opening(bucket, pipes, j)
        return opening.invert_mm + self.water.stops_mm(opening.perimeter_mm / opening.area_mm2)

    def flows_ml_s(self, bucket: Bucket, pipes: Pipes, head_mm: Floats) -> Floats:
        """(m, pipes) what each branch passes at heads (m,)."""
        head = np.asarray(head_mm, dtype=np.float64)
        flows = np.empty((len(head), len(pipes)))
        for j in range(len(pipes)):
            push = self._push_mm(self.law.opening(bucket, pipes, j))
            flow = self.law.branch_ml_s(bucket, pipes, j, head - push)
            flows[:, j] = np.where(head >= self.stop_mm(bucket, pipes, j), flow, 0.0)
        return flows

    def starts_mm(self, bucket: Bucket, pipes: Pipes) -> float:
        """The lowest head at which any water runs."""
        return min(self.stop_mm(bucket, pipes, j) for j in range(len(pipes)))

    def breaks_mm(self, bucket: Bucket, pipes: Pipes) -> tuple[float, ...]:
        """Heads at which a flow is not smooth, or jumps."""
        found = []
        for j in range(len(pipes)):
            push = self._push_mm(self.law.opening(bucket, pipes, j))
            found += [self.stop_mm(bucket, pipes, j), *(h + push for h in self.law.breaks_mm(bucket, pipes, j))]
        return tuple(found)


LAWS: tuple[Law, ...] = (Torricelli(), Weir(), Weir(separate=True), Orifice(), Orifice(centres=True), FullPipe())


def law(name: str) -> Law:
    """A law by name. Raises PorcelainError for an unknown one."""
    for known in LAWS:
        if known.name == name:
            return known
    raise unknown("law", name, [known.name for known in LAWS])


def wetted(rule: Law, water: Water) -> Wetted:
    """The law for this water at its temperature."""
    return Wetted(FullPipe(water.temperature_c) if isinstance(rule, FullPipe) else rule, water)


def chosen(design: Design, rule: str | Law | None, liquid: str | Water | None) -> Wetted:
    """A law and a water for a design, by name or as they are.

    Parameters
    ----------
    design : Design
        What is poured into.
    rule : str, Law or None
        None is Torricelli's law for ideal water, and the law of the design's openings for any other water.
    liquid : str, Water or None
        "design" is the water that the design names. None is that water too, unless the design was drawn for ideal
        water: a machine drawn for real water has outlets with a level at which they stop.

    Returns
    -------
    Wetted

    Raises
    ------
    PorcelainError
        For an unknown name, and for an object that is no law.
    """
    if liquid is None:
        liquid = "design" if design.for_real_water else "ideal"
    if isinstance(liquid, str):
        if liquid not in (*WATERS, "design"):
            raise unknown("water", liquid, [*WATERS, "design"])
        liquid = design.water if liquid == "design" else Water.preset(liquid)
    if rule is None:
        rule = Torricelli() if liquid == WATERS["ideal"] else law(law_of(design))
    rule = law(rule) if isinstance(rule, str) else rule
    missing = [what for what in ("name", "branch_ml_s", "opening", "breaks_mm") if not hasattr(rule, what)]
    if missing:
        raise PorcelainError(
            f"{type(rule).__name__} is no law: it has no {missing[0]}; see porcelain.hydraulics.laws.Law"
        )
    return wetted(rule, liquid)


def _round(area_mm2: float) -> Opening:
    return Opening(0.0, area_mm2, np.pi * diameter_mm(area_mm2))
