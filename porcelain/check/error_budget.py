"""Error budget: by how much real water may divide wrongly at each outlet, and the accuracy that this leaves.

Every entry is percentage points of what a bucket drains, the largest over its branches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..arrays import Floats
from ..data import Dataset
from ..data.matching import matched
from ..hydraulics.laws import law, wetted
from ..hydraulics.orifice import parted
from ..hydraulics.outlets import kind_of, law_of
from ..machine.design import Design
from ..machine.vessel import Bucket, Pipe
from ..network import overflow
from ..simulate import run_many
from ..styles.limits import TYPICAL_PART
from ..units import MM3_PER_ML
from ..water import WATERS, Water

PRINT_MM = 0.1  # what fused filament holds on a small distance
TILT_DEG = 0.5
KNIFE_MM = 0.1  # of width lost to each side of a knife, in free-surface simulations with levels above 9 mm
# Left unexplained by the law in those simulations: for water that wets well, of the whole drain; for water that wets
# badly, of what leaves above a level and below it, where the sheet clings and knives draw too much.
NAPPE_PP = 0.6
NAPPE_MM = (1.5, 3.0)  # from the level at which it stopped there to the one below which it split badly
NAPPE_ABOVE_PP, NAPPE_BELOW_PP = 0.5, 18.0  # 1.9 of a bucket with upright walls, drained from 20.3 mm
POORLY_DEG = 45.0
RETAINED_MM = 0.5  # scatter of the level at which a primed outlet stops
HEAD_MM = 20.0
STEPS = 400


@dataclass(frozen=True)
class ErrorBudget:
    """How far one outlet's split may be off with real water; percentage points of what the bucket drains.

    Attributes
    ----------
    bucket, water : names
    head_mm : level above the sill while water runs
    head_pp : of ideal water, from holes at different heights
    tension_pp : what surface tension adds to it, which may cancel
    split_pp : both together, as the law says of real water
    nappe_pp : left unexplained by the law in free-surface simulations
    discharge_pp : width that knives take
    print_pp, tilt_pp : of a printer, and of a machine that leans
    retained_ml : scatter of what the bucket keeps

    Examples
    --------
    >>> ErrorBudget("b0.0", "tap", 4.6, 0.0, 0.0, 0.3, 0.4, 0.0, 0.0, 0.0, 0.39).total_pp
    0.5
    """

    bucket: str
    water: str
    head_mm: float
    head_pp: float
    tension_pp: float
    split_pp: float
    nappe_pp: float
    discharge_pp: float
    print_pp: float
    tilt_pp: float
    retained_ml: float

    @property
    def total_pp(self) -> float:
        """Root of the sum of squares: the other entries are independent."""
        parts = (self.split_pp, self.nappe_pp, self.discharge_pp, self.print_pp, self.tilt_pp)
        return float(np.sqrt(np.sum(np.square(parts))))


@dataclass(frozen=True)
class Prediction:
    """Accuracy to expect from one water.

    Attributes
    ----------
    water : its name
    accuracy : fraction of rows in the right cup
    like_ideal : fraction of rows that the machine classes as the ideal network does
    spilled_ml : water spilled over all rows

    Examples
    --------
    >>> Prediction("tap", 0.95, 0.94, 0.0).accuracy
    0.95
    """

    water: str
    accuracy: float
    like_ideal: float
    spilled_ml: float


def outlet_budgets(
    design: Design, water: Water, head_mm: float | None = None, knife_mm: float = KNIFE_MM
) -> list[ErrorBudget]:
    """Error budget of every outlet that splits, over the design's worst pour: water at its level, then draining.

    Parameters
    ----------
    design : machine
    water : liquid poured
    head_mm : drain from this head alone instead
    knife_mm : what a knife's side takes off a compartment's width, weighed with the calibration piece or as simulated

    Returns
    -------
    list of ErrorBudget
        In the order of the buckets.

    Examples
    --------
    >>> from porcelain import files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> all(abs(one.head_pp) < 1e-9 for one in outlet_budgets(design, WATERS["ideal"]))
    True
    """
    found = []
    for bucket, poured in zip(design.buckets, _poured_ml(design), strict=True):
        pipes = design.branches(bucket.name)
        if len(pipes) > 1:
            head = head_mm or kind_of(bucket).working_mm(bucket)
            drained = _above_ml(bucket, [head])[0]
            steady = max(1.0 - drained / max(poured - bucket.threshold_ml, drained), 0.0) if head_mm is None else 0.0
            found.append(_outlet(bucket, pipes, water, head, steady, knife_mm))
    return found


def predictions(
    design: Design, dataset: Dataset, waters: Iterable[str | Water] = ("tap", "rinse_aid")
) -> list[Prediction]:
    """Pour a data set through the machine with each water, at the design's rate.

    Parameters
    ----------
    design : machine
    dataset : rows to pour
    waters : names, or the liquids themselves

    Returns
    -------
    list of Prediction
        In the order of the waters.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.data import load
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> (found,) = predictions(design, load("iris"), ["rinse_aid"])
    >>> found.water, found.spilled_ml
    ('rinse_aid', 0.0)
    """
    dataset = matched(dataset, design.network)
    volumes = design.volumes_ml(design.network.encoding.clipped(dataset.features))
    ideal = design.network(volumes / design.ml_per_unit).argmax(axis=1)
    rule = law(law_of(design))
    found = []
    for liquid in (WATERS[w] if isinstance(w, str) else w for w in waters):
        batch = run_many(design, volumes, rate_ml_s=design.pour_ml_s, law=rule, water=liquid)
        right, like = batch.winner == dataset.labels, batch.winner == ideal
        found.append(Prediction(liquid.name, float(right.mean()), float(like.mean()), float(batch.spilled_ml.sum())))
    return found


def typical_pp(design: Design, water: Water) -> float:
    """Largest difference of a branch's share from what a typical pour gives it.

    Parameters
    ----------
    design : machine of round outlets
    water : liquid poured

    Returns
    -------
    float
        Percentage points.

    Examples
    --------
    >>> from porcelain import files
    >>> design = files.load("designs/iris-tower/design.json", "design")
    >>> typical_pp(design, design.water) < 20.0
    True
    """
    rates, volumes = np.full(len(design.tiers[0]), design.pour_ml_s), TYPICAL_PART * design.worst_ml
    worst = 0.0
    for layer, row in zip(design.network.layers, design.tiers, strict=True):
        passed = overflow(volumes, layer.thresholds * design.ml_per_unit)
        for bucket, rate, volume in zip(row, rates, passed, strict=True):
            pipes = design.branches(bucket.name)
            if len(pipes) > 1 and volume > 0:
                areas, inverts = np.array([(pipe.area_mm2, pipe.invert_mm) for pipe in pipes]).T
                plan = float(bucket.slab_areas_mm2[-1])
                got = parted(areas, inverts, water, float(rate), float(volume), plan, bucket.outlet.discharge)
                worst = max(worst, _pp(got - [pipe.share for pipe in pipes]))
        rates, volumes = rates @ layer.shares, passed @ layer.shares
    return worst


def budget_text(budgets: list[ErrorBudget]) -> str:
    """Error budgets as a table.

    Parameters
    ----------
    budgets : result of :func:`outlet_budgets`

    Returns
    -------
    str
        Lines for a terminal.

    Examples
    --------
    >>> print(budget_text([]).split())
    ['outlet', 'head', 'height', 'tension', 'nappe', 'knife', 'print', 'tilt', 'total', 'keeps']
    """
    head = (
        f"  {'outlet':<8}{'head':>7}{'':>4}{'height':>7}{'tension':>8}{'nappe':>7}{'knife':>7}{'print':>7}{'tilt':>7}"
    )
    lines = [f"{head}{'total':>8}   keeps"]
    lines += [
        f"  {b.bucket:<8}{b.head_mm:7.1f} mm {b.head_pp:7.1f}{b.tension_pp:8.1f}{b.nappe_pp:7.1f}{b.discharge_pp:7.1f}"
        f"{b.print_pp:7.1f}{b.tilt_pp:7.1f}{b.total_pp:8.1f} pp +-{b.retained_ml:.2f} mL"
        for b in budgets
    ]
    return "\n".join(lines)


def _poured_ml(design: Design) -> Floats:
    """What every bucket gets of the worst pour, mL."""
    *tiers, _ = design.as_network().inflows(design.worst_ml / design.ml_per_unit)
    return np.concatenate([tier[0] for tier in tiers]) * design.ml_per_unit


def _above_ml(bucket: Bucket, heads_mm: Sequence[float]) -> Floats:
    """Water between the sill and each head, mL; a head above the rim: as if the walls went on."""
    levels = bucket.outlet.sill_mm + np.array([0.0, *heads_mm])
    over = np.maximum(levels - bucket.rim_mm, 0.0)
    volumes = bucket.volume_ml(levels) + over * bucket.slab_areas_mm2[-1] / MM3_PER_ML
    return np.asarray(volumes[1:] - volumes[0])


def _outlet(
    bucket: Bucket, pipes: tuple[Pipe, ...], water: Water, head_mm: float, steady: float, knife_mm: float
) -> ErrorBudget:
    """Error budget where the part ``steady`` of the water leaves at the head, the rest while the level falls."""
    shares = np.array([pipe.share for pipe in pipes])
    ideal = _split(bucket, pipes, WATERS["ideal"], head_mm, steady)
    real = _split(bucket, pipes, water, head_mm, steady)
    knives = kind_of(bucket).divided
    area = float(np.interp(bucket.outlet.sill_mm, bucket.slab_tops_mm, bucket.slab_areas_mm2))
    return ErrorBudget(
        bucket.name,
        water.name,
        head_mm,
        _pp(ideal - shares),
        _pp(real - ideal),
        _pp(real - shares),
        _nappe_pp(bucket, water, head_mm, steady) if knives else 0.0,
        _discharge_pp(bucket, shares, knife_mm) if knives else 0.0,
        _print_pp(bucket, pipes),
        _tilt_pp(bucket, shares, head_mm, steady) if knives else 0.0,
        RETAINED_MM * area / 1000.0,
    )


def _pp(difference: Floats) -> float:
    return 100.0 * float(np.abs(difference).max())


def _split(bucket: Bucket, pipes: tuple[Pipe, ...], water: Water, head_mm: float, steady: float) -> Floats:
    """Parts of the water that each branch gets, at a head and while the level falls from it to where it stops."""
    rule = wetted(law(kind_of(bucket).law), water)
    low = max(rule.starts_mm(bucket, pipes), 1e-3)
    if low >= head_mm:
        return np.array([pipe.share for pipe in pipes])
    heads = np.linspace(low, head_mm, STEPS + 1)
    heads = np.append((heads[1:] + heads[:-1]) / 2, head_mm)
    flows = rule.flows_ml_s(bucket, pipes, heads)
    slab = np.searchsorted(bucket.slab_tops_mm, bucket.outlet.sill_mm + heads).clip(max=len(bucket.slab_tops_mm) - 1)
    weights = bucket.slab_areas_mm2[slab]
    weights[-1] = 0.0
    weights *= (1.0 - steady) / weights.sum()
    weights[-1] = steady
    parts = flows / np.maximum(flows.sum(axis=1, keepdims=True), 1e-300)
    split: Floats = weights @ parts / (weights @ parts).sum()
    return split


def _nappe_pp(bucket: Bucket, water: Water, head_mm: float, steady: float) -> float:
    """By how much of the water leaves at the lowest levels: little where the floor slopes up from the sill."""
    if water.surface_tension_n_m == 0:
        return 0.0
    if water.contact_angle_deg <= POORLY_DEG:
        return NAPPE_PP
    stopped, parted, full = _above_ml(bucket, np.minimum([*NAPPE_MM, head_mm], head_mm).tolist())
    below = (1.0 - steady) * float((parted - stopped) / (full - stopped)) if full > stopped else 1.0
    return NAPPE_ABOVE_PP * (1 - below) + NAPPE_BELOW_PP * below


def _discharge_pp(bucket: Bucket, shares: Floats, knife_mm: float) -> float:
    """Narrow compartments lose more to their knives than wide ones; the outermost have one knife each."""
    sides = np.full(len(shares), 2.0)
    sides[[0, -1]] = 1.0
    widths = shares * bucket.outlet.width_mm - knife_mm * sides
    return _pp(widths / widths.sum() - shares)


def _print_pp(bucket: Bucket, pipes: tuple[Pipe, ...]) -> float:
    """A knife or a bore off by PRINT_MM."""
    if kind_of(bucket).divided:
        return 100.0 * PRINT_MM * np.sqrt(2.0 if len(pipes) > 2 else 1.0) / bucket.outlet.width_mm
    return max(100.0 * p.share * (1 - p.share) * 2 * PRINT_MM / p.bore_mm for p in pipes)


def _tilt_pp(bucket: Bucket, shares: Floats, head_mm: float, steady: float) -> float:
    """The sill tilted along its length: water stands higher at one end, and flow goes with the power 3/2."""
    ends = np.concatenate([[0.0], np.cumsum(shares)]) * bucket.outlet.width_mm
    x = (np.arange(STEPS) + 0.5) / STEPS * bucket.outlet.width_mm
    drop = (x - bucket.outlet.width_mm / 2) * np.tan(np.radians(TILT_DEG))
    levels = np.append((np.arange(STEPS) + 0.5) / STEPS, 1.0)[:, None] * head_mm
    weights = np.append(np.full(STEPS, (1.0 - steady) / STEPS), steady)
    local = np.maximum(levels + drop, 0.0) ** 1.5
    local /= np.maximum(local.sum(axis=1, keepdims=True), 1e-300)
    got = [weights @ local[:, (x >= a) & (x < b)].sum(axis=1) for a, b in pairwise(ends)]
    return _pp(np.array(got) - shares)
