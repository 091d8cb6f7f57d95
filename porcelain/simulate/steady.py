"""steady_state: where the water stands in the end, without following it there."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..errors import PorcelainError
from ..machine.design import Design


def steady_state(design: Design, volumes_ml: ArrayLike) -> Floats:
    """Final water per vessel, (n, V) mL in the order of ``design.vessels``, for volumes poured (n, n_in) mL.

    The ideal equation of :meth:`Design.as_network`: what no rim spills and no surface tension holds back.
    """
    v = np.atleast_2d(np.asarray(volumes_ml, dtype=np.float64))
    n = len(design.tiers[0])
    if v.ndim != 2 or v.shape[1] != n or not np.all(np.isfinite(v)) or np.any(v < 0):
        raise PorcelainError(f"volumes_ml of shape {np.shape(volumes_ml)} do not suit; (n, {n}) numbers >= 0")
    ended = []
    for thresholds, areas in design.layers():
        ended.append(np.minimum(v, thresholds))
        v = np.maximum(v - thresholds, 0.0) @ (areas / areas.sum(axis=1, keepdims=True))
    return np.concatenate([*ended, v], axis=1)
