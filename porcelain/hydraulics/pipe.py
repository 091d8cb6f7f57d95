"""Flow through pipes that run full, and the bores that divide water by given shares.

Darcy-Weisbach from the level in the bucket to the pipe's end: h + drop = V^2 / 2g (1 + K + f L / d).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..errors import PorcelainError
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3

ENTRANCE_LOSS = 0.5  # square-edged entrance; Idelchik, Handbook of Hydraulic Resistance
LAMINAR, TURBULENT = 2300.0, 4000.0


def viscosity_mm2_s(temperature_c: float) -> float:
    """Kinematic viscosity of water: mu = 2.414e-5 * 10^(247.8 / (T - 140)) Pa s (within 2.5 %, 0 to 370 C).

    Al-Shemmeri, Engineering Fluid Mechanics (2012), p. 17.
    """
    return 2.414e-5 * 10.0 ** (247.8 / (temperature_c + 273.15 - 140.0)) / WATER_DENSITY_KG_M3 * 1e6


def friction(reynolds: Floats, length_over_bore: float, roughness: float = 0.0) -> Floats:
    """Darcy friction factor of a pipe in which the flow still develops, momentum of the profile included.

    Laminar: Shah, J. Fluids Eng. 100 (1978) 177. Turbulent: Churchill, Chem. Eng. 84 (1977) 91.
    A straight line in Re between 2300 and 4000. ``roughness`` is relative to the bore.

    >>> friction(np.array([500.0, 1e5]), 1e5).round(4)
    array([0.128 , 0.0179])
    """
    re = np.maximum(np.asarray(reynolds, dtype=np.float64), 1e-3)
    part = np.clip((re - LAMINAR) / (TURBULENT - LAMINAR), 0.0, 1.0)
    low = _laminar(np.minimum(re, LAMINAR), length_over_bore)
    high = _turbulent(np.maximum(re, TURBULENT), roughness)
    return (1.0 - part) * low + part * high


def _laminar(re: Floats, length_over_bore: float) -> Floats:
    x = length_over_bore / re
    root = 3.44 / np.sqrt(x)
    return 4.0 * (root + (1.25 / (4.0 * x) + 16.0 - root) / (1.0 + 0.00021 / x**2)) / re


def _turbulent(re: Floats, roughness: float) -> Floats:
    smooth = (2.457 * np.log(1.0 / ((7.0 / re) ** 0.9 + 0.27 * roughness))) ** 16
    rough = (37530.0 / re) ** 16
    found: Floats = 8.0 * ((8.0 / re) ** 12 + (smooth + rough) ** -1.5) ** (1.0 / 12.0)
    return found


def _head_mm(speed_mm_s: Floats, bore_mm: float, length_mm: float, temperature_c: float) -> Floats:
    """The energy heads that drive speeds through a pipe."""
    f = friction(speed_mm_s * bore_mm / viscosity_mm2_s(temperature_c), length_mm / bore_mm)
    return speed_mm_s**2 / (2.0 * STANDARD_GRAVITY_MM_S2) * (1.0 + ENTRANCE_LOSS + f * length_mm / bore_mm)


def _bends_mm_s(bore_mm: float, temperature_c: float) -> Floats:
    """The speeds at which friction changes its law."""
    return np.array([LAMINAR, TURBULENT]) * viscosity_mm2_s(temperature_c) / bore_mm


def bends_mm(bore_mm: float, length_mm: float, drop_mm: float, temperature_c: float = 20.0) -> tuple[float, ...]:
    """Heads above a pipe's mouth at which its flow is not smooth: laminar no longer, and turbulent altogether."""
    heads = _head_mm(_bends_mm_s(bore_mm, temperature_c), bore_mm, length_mm, temperature_c) - drop_mm
    return tuple(float(head) for head in heads if head > 0)


def pipe_flow_ml_s(
    bore_mm: float, length_mm: float, drop_mm: float, head_mm: Floats, temperature_c: float = 20.0
) -> Floats:
    """What a full pipe passes at heads (m,) above its mouth, (m,) mL/s, falling by ``drop_mm`` over its length.

    >>> pipe_flow_ml_s(4.0, 90.0, 60.0, np.array([10.0])).round(2)
    array([8.71])
    """
    from scipy.optimize import elementwise

    energy = np.maximum(np.asarray(head_mm, dtype=np.float64), 0.0) + drop_mm

    def missing(speed: Floats, energy: Floats) -> Floats:
        return _head_mm(speed, bore_mm, length_mm, temperature_c) - energy

    fastest = np.sqrt(2.0 * STANDARD_GRAVITY_MM_S2 * energy)
    speed = elementwise.find_root(missing, (np.zeros_like(energy), fastest), args=(energy,)).x
    found: Floats = np.where(energy > 0.0, speed, 0.0) * np.pi * bore_mm**2 / 4.0 / MM3_PER_ML
    return found


def matched_bores_mm(
    shares: ArrayLike,
    lengths_mm: ArrayLike,
    drops_mm: ArrayLike,
    area_mm2: float,
    head_mm: float = 10.0,
    temperature_c: float = 20.0,
) -> Floats:
    """Bores (n,) of full pipes that split as ``shares`` (n,) at a head, with this area in all.

    Friction holds a narrow pipe back: areas in proportion to the shares starve it. One set of bores serves all
    heads within a percentage point where the drop is large against the head. Raises PorcelainError for
    shares that are not above 0.
    """
    from scipy.optimize import brentq

    w, length, drop = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (shares, lengths_mm, drops_mm))
    if not len(w) == len(length) == len(drop) or np.any(w <= 0) or np.any(length <= 0) or np.any(drop < 0):
        raise PorcelainError("every branch needs a share above 0, a length above 0 and a drop of at least 0")
    w = w / w.sum()

    def flow(i: int, bore: float) -> float:
        return float(pipe_flow_ml_s(bore, length[i], drop[i], np.array([head_mm]), temperature_c)[0])

    def bores(total_ml_s: float) -> Floats:
        most = 4.0 * np.sqrt(area_mm2)
        return np.array([brentq(lambda d, i=i: flow(i, d) - w[i] * total_ml_s, 0.05, most) for i in range(len(w))])

    def excess(total_ml_s: float) -> float:
        return float(np.sum(bores(total_ml_s) ** 2) * np.pi / 4.0 - area_mm2)

    top = area_mm2 * np.sqrt(2.0 * STANDARD_GRAVITY_MM_S2 * (head_mm + drop.max())) / MM3_PER_ML
    return bores(brentq(excess, 0.01 * top, top, rtol=1e-8))
