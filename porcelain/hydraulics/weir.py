"""Flow over a level sill through an opening of finite height.

Poleni's equation, and its difference for a submerged opening (Bos, Discharge Measurement Structures, ILRI 20, 1989).
"""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from ..units import MM3_PER_ML
from .orifice import ROOT_2G


def flow_ml_s(width_mm: float, height_mm: float, head_mm: Floats | float, discharge: float) -> Floats:
    """Flow (mL/s) through an opening above a sill: Q = 2/3 Cd b sqrt(2 g) (h^1.5 - (h - s)^1.5), 0 below it."""
    head = np.maximum(head_mm, 0.0)
    below = np.maximum(head - height_mm, 0.0)
    factor = 2.0 / 3.0 * discharge * ROOT_2G * width_mm
    flow: Floats = factor * (head**1.5 - below**1.5) / MM3_PER_ML
    return flow


def head_mm(rate_ml_s: Floats, width_mm: Floats, discharge: float) -> Floats:
    """Level above a sill that passes a rate through an opening which is higher."""
    unit = 2.0 / 3.0 * discharge * ROOT_2G
    head: Floats = (rate_ml_s * MM3_PER_ML / unit / width_mm) ** (2.0 / 3.0)
    return head
