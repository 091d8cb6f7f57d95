"""Calibration piece: a small part to print and pour first, and what its weighed cups say of printer and water.

It is a terrace of one bucket over three cups. What stays in the bucket tells how high this water stands on a printed
sill; how the rest is parted tells what the knives take.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...arrays import Floats
from ...encoding import Encoding
from ...errors import PorcelainError
from ...machine.design import Design
from ...machine.vessel import Bucket
from ...network import Layer, Network
from ...printer import Printer
from ..calibration import Weighed
from ..requirements import Requirements
from ..validate import accepted
from .layout import TerraceOptions
from .proportions import Proportions
from .search import terrace

SHARES = (0.5, 0.2, 0.3)
KEPT_ML = 0.7
POURED_ML = 2.5
POUR_ML_S = 3.0
OPTIONS = TerraceOptions(
    12.0, 5.6, Proportions((12.0, 14.0), (62.0, 14.0)), 5.0, ears=False, text=False, cups="free", lips=False
)


@dataclass(frozen=True)
class Reading:
    """What the cups say: ``stop_mm`` the water stands above the sill, ``knife_mm`` of width lost to a knife's side,
    ``shares`` (3,) as parted and ``scatter_pp`` between pours.
    """

    stop_mm: float
    knife_mm: float
    shares: Floats
    scatter_pp: float

    @property
    def said(self) -> str:
        """One line for people."""
        shares = " / ".join(f"{share:.1%}" for share in self.shares)
        return (
            f"measured: water stands {self.stop_mm:.2f} mm above a sill, knives take {self.knife_mm:.2f} mm a side,"
            f" split {shares}, scatter {self.scatter_pp:.1f} points"
        )


def sill_piece(printer: Printer, discharge: float) -> Design:
    """The piece, for a printer; its sill is drawn for ideal water, so that all that stays above it is the water's."""
    encoding = Encoding(("water",), ("mL",), np.zeros(1), np.ones(1), np.zeros(1), np.array([POURED_ML]))
    layer = Layer(np.array([KEPT_ML]), np.array([SHARES]))
    network = Network((layer,), encoding, ("left", "middle", "right"), "trial", {"trial_ml": POURED_ML})
    requirements = Requirements(network, printer, 1.0, np.array([POURED_ML]), POUR_ML_S, discharge)
    placed = terrace(requirements, OPTIONS)
    piece = Design(
        "trial", network, printer, requirements.water, 1.0, POUR_ML_S, requirements.worst_ml,
        placed.tiers, placed.pipes, placed.cups, placed.layout,
    )  # fmt: skip
    return accepted(piece)


def read(found: Weighed, piece: Design) -> Reading:
    """From volumes to millimetres. Raises PorcelainError if the bucket kept less than lies below its sill."""
    (bucket,) = piece.buckets
    cups = np.array(found.cups_ml)
    # seen from the front x runs to the left
    order = np.argsort([-float(p.path_mm[0, 0]) for p in piece.pipes])
    asked = np.array([piece.pipes[n].share for n in order])
    parted = cups / cups.sum(axis=1, keepdims=True)
    kept = found.poured_ml - float(cups.sum(axis=1).mean())
    stop = float(bucket.level_mm(kept)) - bucket.outlet.sill_mm
    if stop < 0:
        raise PorcelainError(
            f"the calibration piece kept {kept:.2f} mL and {bucket.threshold_ml:.2f} mL lie below its sill;"
            " look for a leak, or dry the cups and weigh again"
        )
    shares = parted.mean(axis=0)
    scatter = 100.0 * float(parted.std(axis=0).max())
    return Reading(round(stop, 3), _knife_mm(bucket, asked, shares), shares, scatter)


def _knife_mm(bucket: Bucket, asked: Floats, shares: Floats) -> float:
    """Least squares of shares = (asked width - loss per knife side) / their sum, to first order in the loss."""
    sides = np.array([1.0, 2.0, 1.0])
    slope = (asked * sides.sum() - sides) / bucket.outlet.width_mm
    return round(float(slope @ (shares - asked) / (slope @ slope)), 3)
