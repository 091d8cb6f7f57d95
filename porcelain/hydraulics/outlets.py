"""Kinds of outlets: what planner, rules, error budget, inspection and page need to know of each, and the registry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from ..machine.design import Design
from ..machine.vessel import OUTLETS, Bucket, Pipe
from ..units import MM3_PER_ML
from ..water import Water
from . import orifice, weir

Pipes = tuple[Pipe, ...]


class OutletKind(ABC):
    """One kind of outlet, as ``Outlet.kind`` names it.

    Attributes
    ----------
    name : str
        What files call it.
    law : str
        Name of the law of outflow that describes it best.
    divided : bool
        Whether its branches are parts of one level sill, with knives between them. Branches of the other kinds are
        closed channels, each with an opening of its own.
    order_advice : str
        Whether the order and the rate of a pour matter, for the assembly guide.

    Examples
    --------
    >>> KINDS["weir"].law, KINDS["weir"].divided, KINDS["orifice"].divided
    ('weir', True, False)
    """

    name: ClassVar[str]
    law: ClassVar[str]
    divided: ClassVar[bool] = False
    order_advice: ClassVar[str] = ""

    @abstractmethod
    def working_mm(self, bucket: Bucket) -> float:
        """Level above the sill while the worst pour runs.

        Parameters
        ----------
        bucket : Bucket
            A bucket with an outlet of this kind.

        Returns
        -------
        float
            Level, mm.
        """

    @abstractmethod
    def stop_mm(self, bucket: Bucket, pipes: Pipes, water: Water) -> float:
        """Level above the sill at which the last branch stops.

        Parameters
        ----------
        bucket : Bucket
            A bucket with an outlet of this kind.
        pipes : tuple of Pipe
            Its branches.
        water : Water
            The liquid.

        Returns
        -------
        float
            Level, mm.
        """

    @abstractmethod
    def passes_ml_s(self, bucket: Bucket, pipes: Pipes) -> float:
        """Largest rate that the outlet passes before its bucket spills.

        Parameters
        ----------
        bucket : Bucket
            A bucket with an outlet of this kind.
        pipes : tuple of Pipe
            Its branches.

        Returns
        -------
        float
            Rate, mL/s.
        """


class LevelSill(OutletKind):
    """One level sill, divided by knives in proportion to the shares."""

    name = "weir"
    law = "weir"
    divided = True
    order_advice = (
        "Pour the inputs at the same time or one after another: in the simulation of level sills the order does not"
        " change the answer."
    )

    def working_mm(self, bucket: Bucket) -> float:
        return bucket.outlet.head_mm

    def stop_mm(self, bucket: Bucket, pipes: Pipes, water: Water) -> float:
        return water.stop_mm(bucket.outlet.width_mm, bucket.outlet.height_mm)

    def passes_ml_s(self, bucket: Bucket, pipes: Pipes) -> float:
        outlet = bucket.outlet
        return float(weir.flow_ml_s(outlet.width_mm, outlet.height_mm, outlet.head_mm, outlet.discharge))


class RoundHoles(OutletKind):
    """A round hole for each branch."""

    name = "orifice"
    law = "orifice"
    order_advice = (
        "Pour all inputs at the same time and at this rate: round holes divide a slow flow in another way, so a slower"
        " pour or one in parts can change the answer."
    )

    def working_mm(self, bucket: Bucket) -> float:
        return bucket.rim_mm - bucket.outlet.sill_mm

    def stop_mm(self, bucket: Bucket, pipes: Pipes, water: Water) -> float:
        if water.surface_tension_n_m == 0:
            return 0.0
        return orifice.stop_mm(np.array([p.area_mm2 for p in pipes]), np.array([p.invert_mm for p in pipes]), water)

    def passes_ml_s(self, bucket: Bucket, pipes: Pipes) -> float:
        area, head = sum(pipe.area_mm2 for pipe in pipes), self.working_mm(bucket)
        return float(bucket.outlet.discharge * area * orifice.ROOT_2G * np.sqrt(head) / MM3_PER_ML)


KINDS: dict[str, OutletKind] = {}
"""Every kind of outlet by its name."""


def register(kind: OutletKind) -> OutletKind:
    """Make a kind of outlet known by its name; it replaces one of the same name.

    Parameters
    ----------
    kind : OutletKind
        The kind.

    Returns
    -------
    OutletKind
        The same.

    Examples
    --------
    >>> from porcelain import files
    >>> register(KINDS["weir"]) is kind_of(files.load("designs/iris", "design").buckets[0])
    True
    """
    KINDS[kind.name] = kind
    if kind.name not in OUTLETS:
        OUTLETS.append(kind.name)
    return kind


def kind_of(bucket: Bucket) -> OutletKind:
    """The kind of a bucket's outlet.

    Parameters
    ----------
    bucket : Bucket
        The bucket.

    Returns
    -------
    OutletKind
        Its kind.

    Examples
    --------
    >>> from porcelain import files
    >>> kind_of(files.load("designs/iris-tower", "design").buckets[0]).name
    'orifice'
    """
    return KINDS[bucket.outlet.kind]


def law_of(design: Design) -> str:
    """Name of the law that describes the outlets of a design best.

    Parameters
    ----------
    design : Design
        The machine.

    Returns
    -------
    str
        Name of a law: that of its first bucket's outlet. All buckets of a style have outlets of one kind.

    Examples
    --------
    >>> from porcelain import files
    >>> law_of(files.load("designs/iris", "design"))
    'weir'
    """
    return kind_of(design.buckets[0]).law


register(LevelSill())
register(RoundHoles())
