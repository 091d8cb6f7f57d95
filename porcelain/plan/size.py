"""Sizes: what each bucket, outlet and cup must measure to hold its water, before anything has a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import bore
from ..arrays import Floats
from ..network import Network
from ..printer import Printer
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2
from .limits import MAX_OUTLET_MM2

MIN_OUTLET_MM2 = 40.0
HEAD_MM = 18.0  # walls a little higher than the mouths of their pipes take the worst pour
MIN_CELL_MM = 20.0  # 20 x 20 mm gives 2.5 mm of head per mL, the least at which a split stays true
MAX_DEPTH_MM = 70.0  # deeper buckets are widened instead: the tier stays on a small printer
CUP_MM = 45.0
MARGIN_MM = 3.0  # still water is never quite still


@dataclass(frozen=True)
class RowSizes:
    """One row of buckets: (n,) thresholds mL, the head its freeboard must take, and its pipes (n, n_out), 0: none."""

    thresholds_ml: Floats
    head_mm: float
    shares: Floats
    bores_mm: Floats
    areas_mm2: Floats


@dataclass(frozen=True)
class Sizes:
    """All rows, top first; the largest volume a cup must hold; and the discharge coefficient that was assumed."""

    rows: tuple[RowSizes, ...]
    cup_ml: float
    discharge: float


def sizes(
    network: Network, printer: Printer, ml_per_unit: float, worst_ml: Floats, pour_ml_s: float, discharge: float
) -> Sizes:
    """Outlets wide enough for their smallest branch, freeboards high enough for the worst pour."""
    rows = []
    rates = np.full(network.widths[0], pour_ml_s)
    for layer in network.layers:
        outlets = outlet_areas(layer.shares, printer, rates, discharge)
        areas = round_areas(layer.shares * outlets[:, None])
        bores = np.where(areas > 0, np.sqrt(areas / bore.area_mm2(1.0)), 0.0)
        heads = head_mm(rates, areas.sum(axis=1), discharge)
        rows.append(RowSizes(layer.thresholds * ml_per_unit, float(heads.max()), layer.shares, bores, areas))
        rates = rates @ layer.shares
    # A bucket passes on no more than it gets and shares are >= 0, so the most poured bounds every cup.
    cup_ml = float(network(worst_ml / ml_per_unit).max()) * ml_per_unit
    return Sizes(tuple(rows), cup_ml, discharge)


def outlet_areas(shares: Floats, printer: Printer, rate_ml_s: Floats, discharge: float) -> Floats:
    """Total cross-section of each bucket's outlet, (n,) mm2: its smallest branch printable, its worst head low."""
    smallest = np.where(shares > 0, shares, 1.0).min(axis=1)
    passing = np.sqrt(head_mm(rate_ml_s, np.ones(len(shares)), discharge) / HEAD_MM)
    wanted = np.maximum(bore.area_mm2(printer.min_bore_mm) / smallest, passing)
    return np.clip(wanted, MIN_OUTLET_MM2, MAX_OUTLET_MM2 * 1.001)


def round_areas(areas_mm2: Floats) -> Floats:
    """Areas of bores rounded to a hundredth of a millimetre, what a drawing says."""
    bores = np.round(np.sqrt(areas_mm2 / bore.area_mm2(1.0)), 2)
    return np.asarray(bore.area_mm2(1.0) * bores**2, dtype=np.float64)


def head_mm(rate_ml_s: Floats, area_mm2: Floats, discharge: float) -> Floats:
    """Level above the sill at which an outlet passes what arrives: Torricelli's law turned round."""
    speed = rate_ml_s * MM3_PER_ML / (discharge * area_mm2)
    head: Floats = speed**2 / (2 * STANDARD_GRAVITY_MM_S2)
    return head
