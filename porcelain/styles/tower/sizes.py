"""Inner sizes of the buckets, outlets and cups of a tower, before they are placed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from ...arrays import Floats
from ...geometry import channel
from ...hydraulics import orifice
from ...printer import Printer
from ...units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2
from ...water import Water
from ..limits import MAX_OUTLET_MM2, TYPICAL_PART
from ..requirements import Requirements
from .walls import Walls

MIN_OUTLET_MM2 = 40.0
HEAD_MM = 18.0  # walls a little higher than the mouths of their pipes take the worst pour
CELL_MM = 20.0  # 20 x 20 mm gives 2.5 mm of head per mL, the least at which a split stays true
MIN_CELL_MM = 12.0  # shorter buckets, and deeper ones for it, where the bed is short: a mouth and its frame
MAX_DEPTH_MM = 70.0  # deeper buckets are widened instead: the tier stays on a small printer
CUP_MM = 45.0
LEAST_ML = 0.5
POUR_PARTS = (1.0, 0.4)  # of a typical volume, and
DRAIN_MM = (20.0, 10.0)  # heads: what compensated holes are held to
MAX_INVERT_MM = 3.0  # a pour seldom stands higher than twice this
MISSED = 0.018  # of a drain from the first of them, at most: rounding adds to it
LEVEL_PER_MM = 2e-4  # inverts stay level where raising one does not help
LEAST_PART = 0.1  # of what arrives: a bucket that seldom runs over is drawn for little water


@dataclass(frozen=True)
class RowSizes:
    """One row of buckets: (n,) thresholds mL, the head its freeboard must take, and its pipes (n, n_out), 0: none.

    ``inverts_mm`` (n, n_out) is how high above the sill each pipe's mouth stands; ``stops_mm`` (n,) how high above its
    sill a bucket's last pipe stops. No bucket is shorter than ``cell_mm``.
    """

    thresholds_ml: Floats
    stops_mm: Floats
    head_mm: float
    shares: Floats
    bores_mm: Floats
    areas_mm2: Floats
    inverts_mm: Floats
    cell_mm: float


@dataclass(frozen=True)
class Sizes:
    """All rows, top first; the largest volume a cup must hold; and the discharge coefficient that was assumed."""

    rows: tuple[RowSizes, ...]
    cup_ml: float
    discharge: float


def inner_sizes(requirements: Requirements, compensate: bool = False) -> Sizes:
    """Outlets wide enough for their smallest branch, freeboards high enough for the worst pour.

    Areas go with the shares and inverts are level, or both are ``compensate``d: such that round holes part small and
    large pours as the shares ask.
    """
    network, printer = requirements.network, requirements.printer
    water, discharge = requirements.water, requirements.discharge
    rows, ml_per_unit = [], requirements.ml_per_unit
    rates = np.full(network.widths[0], requirements.pour_ml_s)
    typical_u = TYPICAL_PART * requirements.worst_ml / ml_per_unit
    for layer in network.layers:
        areas = layer.shares * outlet_areas(layer.shares, printer, rates, discharge)[:, None]
        passed_ml = np.maximum(typical_u - layer.thresholds, LEAST_PART * typical_u) * ml_per_unit
        inverts = np.zeros_like(areas)
        for i in np.flatnonzero(compensate & ((layer.shares > 0).sum(axis=1) > 1)):
            open_ones = layer.shares[i] > 0
            wanted = Wanted(layer.shares[i, open_ones], water, float(rates[i]), float(passed_ml[i]), discharge)
            areas[i, open_ones], inverts[i, open_ones] = compensated(wanted, printer.min_bore_mm)
        areas = round_areas(areas)
        bores = np.where(areas > 0, np.sqrt(areas / channel.area_mm2(1.0)), 0.0)
        heads = head_mm(rates, areas.sum(axis=1), discharge)
        still = water.surface_tension_n_m == 0
        stops = np.array(
            [0.0 if still else orifice.stop_mm(a[a > 0], z[a > 0], water) for a, z in zip(areas, inverts, strict=True)]
        )
        thresholds = layer.thresholds * ml_per_unit
        head = float((heads + stops).max())
        rows.append(
            RowSizes(
                thresholds, np.round(stops, 2), head, layer.shares, bores, areas, inverts, cell_mm(len(areas), printer)
            )
        )
        rates, typical_u = rates @ layer.shares, np.maximum(typical_u - layer.thresholds, 0.0) @ layer.shares
    return Sizes(tuple(rows), float(requirements.cups_ml.max()), discharge)


@dataclass(frozen=True)
class Wanted:
    """What an outlet is drawn for: ``shares`` (n,) above 0 of a typical volume that arrives at a rate."""

    shares: Floats
    water: Water
    rate_ml_s: float
    volume_ml: float
    discharge: float

    def missed(self, areas_mm2: Floats, inverts_mm: Floats) -> Floats:
        """Got less asked by small and typical pours, and by drains from low and full heads, (4 n,)."""
        volumes = [max(part * self.volume_ml, LEAST_ML) for part in POUR_PARTS]
        rest = (CELL_MM**2, self.discharge)
        got = [orifice.parted(areas_mm2, inverts_mm, self.water, self.rate_ml_s, ml, *rest) for ml in volumes]
        got += [orifice.drained(areas_mm2, inverts_mm, self.water, head, self.discharge) for head in DRAIN_MM]
        return np.concatenate([parts - self.shares for parts in got])


def compensated(wanted: Wanted, min_bore_mm: float) -> tuple[Floats, Floats]:
    """Areas (n,) and inverts (n,) of round holes that part water as ``wanted.shares`` (n,) ask, at high levels and low.

    At one area per share, small holes get too much with level inverts and too little with level centres. So each has
    two unknowns, solved by least squares: the area mends what is off at every level, the invert what changes with it.
    """
    n, smallest = len(wanted.shares), channel.area_mm2(min_bore_mm)
    least = least_area(wanted.rate_ml_s, wanted.discharge)

    def holes(x: Floats) -> tuple[Floats, Floats]:
        return smallest * np.exp(x[:n]), x[n:] - x[n:].min()

    def off(x: Floats, weight: float) -> Floats:
        areas, inverts = holes(x)
        total = float(areas.sum())
        beyond = max(total / MAX_OUTLET_MM2 - 1.0, 1.0 - total / least, 0.0)
        missed = wanted.missed(areas, inverts)
        missed[2 * n : 3 * n] *= weight
        return np.concatenate([missed, [beyond], LEVEL_PER_MM * x[n:]])

    total = np.clip(smallest / wanted.shares.min(), least, MAX_OUTLET_MM2)
    start = np.concatenate([np.log(np.maximum(wanted.shares * total / smallest, 1.0)), np.zeros(n)])
    highest = np.repeat([np.log(MAX_OUTLET_MM2 / smallest), MAX_INVERT_MM], n)
    start = np.clip(start, 1e-6, highest - 1e-6)
    for weight in (1.0, 2.0, 5.0):  # the drain from a full head counts for more where it is missed
        solved = least_squares(
            off, start, bounds=(0.0, highest), args=(weight,),
            diff_step=np.full(2 * n, 1e-2), x_scale=np.repeat([0.2, 0.5], n), max_nfev=30,
        )  # fmt: skip
        areas, inverts = holes(solved.x)
        if np.abs(wanted.missed(areas, inverts)[2 * n : 3 * n]).max() <= MISSED:
            break
    return areas, np.round(inverts, 2)


def cell_mm(n: int, printer: Printer) -> float:
    """Least length of n buckets in a row on this bed."""
    fits = (max(printer.bed_mm[:2]) - Walls.of(printer).mast_mm) / n - printer.min_wall_mm
    return float(np.clip(np.floor(10 * fits) / 10, MIN_CELL_MM, CELL_MM))


def least_area(rate_ml_s: float, discharge: float) -> float:
    """Total cross-section (mm2) that an outlet needs for its worst pour to stay low."""
    passing = float(np.sqrt(head_mm(np.array(rate_ml_s), np.array(1.0), discharge) / HEAD_MM))
    return float(np.clip(passing, MIN_OUTLET_MM2, MAX_OUTLET_MM2))


def outlet_areas(shares: Floats, printer: Printer, rate_ml_s: Floats, discharge: float) -> Floats:
    """Total cross-section of each bucket's outlet, (n,) mm2: its smallest branch printable, its worst head low."""
    smallest = np.where(shares > 0, shares, 1.0).min(axis=1)
    least = [least_area(rate, discharge) for rate in rate_ml_s]
    wanted = np.maximum(channel.area_mm2(printer.min_bore_mm) / smallest, least)
    return np.minimum(wanted, MAX_OUTLET_MM2 * 1.001)


def round_areas(areas_mm2: Floats) -> Floats:
    """Areas of channels with bores rounded to a hundredth of a millimetre, what a drawing says."""
    bores = np.round(np.sqrt(areas_mm2 / channel.area_mm2(1.0)), 2)
    return np.asarray(channel.area_mm2(1.0) * bores**2, dtype=np.float64)


def head_mm(rate_ml_s: Floats, area_mm2: Floats, discharge: float) -> Floats:
    """Level above the sill at which an outlet passes what arrives: Torricelli's law turned round."""
    speed = rate_ml_s * MM3_PER_ML / (discharge * area_mm2)
    head: Floats = speed**2 / (2 * STANDARD_GRAVITY_MM_S2)
    return head
