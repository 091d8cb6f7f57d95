"""Flow through round holes, and how several holes divide the water of a bucket.

Inverts (n,) are heights above the sill, which is the lowest of them. A liquid with surface tension pushes back on an
opening and stops above its invert, as in :class:`porcelain.water.Water`.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ..arrays import Floats
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2
from ..water import Water

ROOT_2G = float(np.sqrt(2.0 * STANDARD_GRAVITY_MM_S2))  # sqrt(mm)/s
HIGHEST_MM = 200.0
STEPS = 160
SLOWEST = 0.05  # a level that climbs more slowly than this part of what arrives has come to stand


def flow_ml_s(diameter_mm: float, head_mm: Floats, discharge: float) -> Floats:
    """What a round hole passes at heads (m,) above its invert, (m,) mL/s; heads of 0 and less pass nothing.

    Q = Cd * integral over the wetted part of width(z) sqrt(2 g (h - z)) dz. With z = m cos^2(t), m = min(h, d),
    M = max(h, d) the integral is 4 m^2 sqrt(2g) * int_0^(pi/2) sin^2 t cos^2 t sqrt(M - m cos^2 t) dt.
    """
    head = np.maximum(np.asarray(head_mm, dtype=np.float64), 0.0)
    small, large = np.minimum(head, diameter_mm)[:, None], np.maximum(head, diameter_mm)[:, None]
    t, weight = _gauss()
    inside = (np.sin(t) * np.cos(t)) ** 2 * np.sqrt(large - small * np.cos(t) ** 2)
    flow: Floats = 4.0 * discharge * ROOT_2G * small[:, 0] ** 2 * (inside @ weight) / MM3_PER_ML
    return flow


def diameter_mm(area_mm2: float) -> float:
    """Of the circle with this area."""
    return float(np.sqrt(4.0 * area_mm2 / np.pi))


def stop_mm(areas_mm2: Floats, inverts_mm: Floats, water: Water) -> float:
    """Level above the sill at which the last of several holes stops."""
    return min(
        float(invert) + water.stops_mm(4.0 / diameter_mm(area))
        for area, invert in zip(areas_mm2, inverts_mm, strict=True)
    )


def parted(
    areas_mm2: Floats,
    inverts_mm: Floats,
    water: Water,
    rate_ml_s: float,
    volume_ml: float,
    plan_mm2: float,
    cd: float,
) -> Floats:
    """Parts (n,) of a volume that holes of these areas (n,) pass when it arrives at a rate.

    The level climbs to where as much leaves as arrives, stands there, and falls to where the last hole stops.
    ``plan_mm2`` is the bucket's area above its sill.
    """
    low = stop_mm(areas_mm2, inverts_mm, water)
    levels = low + (HIGHEST_MM - low) * np.linspace(0.0, 1.0, STEPS + 1) ** 3
    stands = float(np.interp(rate_ml_s, flows_ml_s(areas_mm2, inverts_mm, levels, water, cd).sum(axis=1), levels))
    flows = flows_ml_s(areas_mm2, inverts_mm, _between(low, stands), water, cd)
    total = flows.sum(axis=1)
    # What a step of level lets out on the way down, and on the way up, where most of what arrives stays.
    falling = np.full(STEPS, plan_mm2 * (stands - low) / MM3_PER_ML / STEPS)
    climbing = falling * total / np.maximum(rate_ml_s - total, max(SLOWEST * rate_ml_s, 1e-9))
    passed = falling + climbing
    steps = max(int(np.searchsorted(np.cumsum(passed), volume_ml)), 1)  # a small volume climbs no further
    passed[steps:] = 0.0
    passed[steps - 1] = volume_ml - passed[: steps - 1].sum()
    got: Floats = (passed / np.maximum(total, 1e-300)) @ flows / passed.sum()
    return got


def drained(areas_mm2: Floats, inverts_mm: Floats, water: Water, head_mm: float, cd: float) -> Floats:
    """Parts (n,) that the holes pass while the level falls from a head above the sill to where the last one stops."""
    low = stop_mm(areas_mm2, inverts_mm, water)
    flows = flows_ml_s(areas_mm2, inverts_mm, _between(low, max(head_mm, low)), water, cd)
    got: Floats = (flows / np.maximum(flows.sum(axis=1, keepdims=True), 1e-300)).mean(axis=0)
    return got


def flows_ml_s(areas_mm2: Floats, inverts_mm: Floats, levels_mm: Floats, water: Water, cd: float) -> Floats:
    """(m, n) what each hole passes at levels (m,) above the sill."""
    return np.column_stack(
        [_real_ml_s(area, levels_mm - invert, water, cd) for area, invert in zip(areas_mm2, inverts_mm, strict=True)]
    )


def _between(low_mm: float, high_mm: float) -> Floats:
    """The middles of equal steps from one level to another, (STEPS,)."""
    return low_mm + (high_mm - low_mm) * (np.arange(STEPS) + 0.5) / STEPS


def _real_ml_s(area_mm2: float, head_mm: Floats, water: Water, cd: float) -> Floats:
    d = diameter_mm(area_mm2)
    flow = flow_ml_s(d, head_mm - water.push_mm(4.0 / d), cd)
    return np.where(head_mm >= water.stops_mm(4.0 / d) - 1e-9, flow, 0.0)


@cache
def _gauss() -> tuple[Floats, Floats]:
    """Nodes and weights of a 48-point Gauss-Legendre rule on [0, pi / 2]."""
    x, weight = np.polynomial.legendre.leggauss(48)
    return 0.25 * np.pi * (x + 1.0), 0.25 * np.pi * weight
