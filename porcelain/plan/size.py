"""Sizes: what each bucket, outlet and cup must measure to hold its water, before anything has a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import bore, hole
from ..arrays import Floats
from ..printer import Printer
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2
from ..water import Water
from .brief import Brief
from .limits import MAX_OUTLET_MM2

MIN_OUTLET_MM2 = 40.0
HEAD_MM = 18.0  # walls a little higher than the mouths of their pipes take the worst pour
MIN_CELL_MM = 20.0  # 20 x 20 mm gives 2.5 mm of head per mL, the least at which a split stays true
MAX_DEPTH_MM = 70.0  # deeper buckets are widened instead: the tier stays on a small printer
CUP_MM = 45.0
ROUNDS = 80
LEAST_ML = 0.5
TYPICAL_PART = 0.75  # of the most that is poured
LEAST_PART = 0.1  # of what arrives: a bucket that seldom runs over is drawn for little water
MARGIN_MM = 3.0  # still water is never quite still


@dataclass(frozen=True)
class RowSizes:
    """One row of buckets: (n,) thresholds mL, the head its freeboard must take, and its pipes (n, n_out), 0: none.

    ``stops_mm`` (n,) is how high above its sill a bucket's last pipe stops.
    """

    thresholds_ml: Floats
    stops_mm: Floats
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


def sizes(brief: Brief, compensate: bool = False) -> Sizes:
    """Outlets wide enough for their smallest branch, freeboards high enough for the worst pour.

    Areas go with the shares, or are ``compensate``d: such that round holes part a typical pour as the shares ask.
    """
    network, printer, water, discharge = brief.network, brief.printer, brief.water, brief.discharge
    rows, ml_per_unit = [], brief.ml_per_unit
    rates, typical_u = np.full(network.widths[0], brief.pour_ml_s), TYPICAL_PART * brief.worst_ml / ml_per_unit
    for layer in network.layers:
        areas = layer.shares * outlet_areas(layer.shares, printer, rates, discharge)[:, None]
        passed_ml = np.maximum(typical_u - layer.thresholds, LEAST_PART * typical_u) * ml_per_unit
        for i in np.flatnonzero(compensate & ((layer.shares > 0).sum(axis=1) > 1)):
            least = least_area(rates[i], discharge)
            areas[i] = compensated(layer.shares[i], water, rates[i], passed_ml[i], discharge, printer, least)
        areas = round_areas(areas)
        bores = np.where(areas > 0, np.sqrt(areas / bore.area_mm2(1.0)), 0.0)
        heads = head_mm(rates, areas.sum(axis=1), discharge)
        stops = np.array([hole.stop_mm(row[row > 0], water) if water.surface_tension_n_m else 0.0 for row in areas])
        thresholds = layer.thresholds * ml_per_unit
        head = float((heads + stops).max())
        rows.append(RowSizes(thresholds, np.round(stops, 2), head, layer.shares, bores, areas))
        rates, typical_u = rates @ layer.shares, np.maximum(typical_u - layer.thresholds, 0.0) @ layer.shares
    return Sizes(tuple(rows), float(brief.cups_ml.max()), discharge)


def compensated(
    shares: Floats,
    water: Water,
    rate_ml_s: float,
    volume_ml: float,
    discharge: float,
    printer: Printer,
    least_mm2: float,
) -> Floats:
    """Areas (n,) of round holes that part a volume as ``shares`` (n,) ask when it arrives at a rate.

    They are found by widening what gets too little, the smallest being just printable. As narrow as they may be in
    all, because a high level parts truly.
    """
    open_ones = shares > 0
    wanted, smallest = shares[open_ones], bore.area_mm2(printer.min_bore_mm)
    areas, volume = wanted.copy(), max(volume_ml, LEAST_ML)
    room, best = MAX_OUTLET_MM2 - smallest * len(wanted), (np.inf, areas)
    for _ in range(ROUNDS):
        areas *= max(smallest / areas.min(), least_mm2 / areas.sum())
        above = areas - smallest
        areas = smallest + above * min(1.0, room / max(above.sum(), 1e-9))
        got = hole.parted(areas, water, rate_ml_s, volume, MIN_CELL_MM**2, discharge)
        if np.abs(got - wanted).max() < best[0]:
            best = np.abs(got - wanted).max(), areas
        areas = areas * np.clip(wanted / np.maximum(got, 1e-9), 0.5, 2.0) ** 0.5
    found = np.zeros(len(shares))
    found[open_ones] = best[1]
    return found


def least_area(rate_ml_s: float, discharge: float) -> float:
    """Total cross-section (mm2) that an outlet needs for its worst pour to stay low."""
    passing = float(np.sqrt(head_mm(np.array(rate_ml_s), np.array(1.0), discharge) / HEAD_MM))
    return float(np.clip(passing, MIN_OUTLET_MM2, MAX_OUTLET_MM2))


def outlet_areas(shares: Floats, printer: Printer, rate_ml_s: Floats, discharge: float) -> Floats:
    """Total cross-section of each bucket's outlet, (n,) mm2: its smallest branch printable, its worst head low."""
    smallest = np.where(shares > 0, shares, 1.0).min(axis=1)
    least = [least_area(rate, discharge) for rate in rate_ml_s]
    wanted = np.maximum(bore.area_mm2(printer.min_bore_mm) / smallest, least)
    return np.minimum(wanted, MAX_OUTLET_MM2 * 1.001)


def round_areas(areas_mm2: Floats) -> Floats:
    """Areas of bores rounded to a hundredth of a millimetre, what a drawing says."""
    bores = np.round(np.sqrt(areas_mm2 / bore.area_mm2(1.0)), 2)
    return np.asarray(bore.area_mm2(1.0) * bores**2, dtype=np.float64)


def head_mm(rate_ml_s: Floats, area_mm2: Floats, discharge: float) -> Floats:
    """Level above the sill at which an outlet passes what arrives: Torricelli's law turned round."""
    speed = rate_ml_s * MM3_PER_ML / (discharge * area_mm2)
    head: Floats = speed**2 / (2 * STANDARD_GRAVITY_MM_S2)
    return head
