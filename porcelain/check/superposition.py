"""Quasi-superposition: water added in any number of increments, in any order, ends where one pour does."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from ..machine.design import Design
from ..pour import Piece, Pour
from ..simulate import simulate_batch, simulate_pours

MOST_INCREMENTS = 10
TOLERANCE = 1e-4  # of the course; where the water ends does not depend on it


def superposition_error(design: Design, volumes_ml: Floats, seed: int = 0) -> float:
    """Largest difference of a cup between one pour and increments of it, relative to the water poured.

    Every row of ``volumes_ml`` (n, n_in) is poured at once and again in 2 to 10 increments, one after the other,
    inputs in shuffled order, without a reset in between.
    """
    rng = np.random.default_rng(seed)
    together = simulate_batch(design, volumes_ml, rate_ml_s=design.pour_ml_s, tolerance=TOLERANCE).cups_ml
    pours = [increments(design, row, rng) for row in volumes_ml]
    apart = simulate_pours(design, pours, tolerance=TOLERANCE).cups_ml
    poured = volumes_ml.sum(axis=1, keepdims=True)
    return float((np.abs(together - apart) / np.maximum(poured, 1e-300)).max())


def increments(design: Design, row: Floats, rng: np.random.Generator) -> Pour:
    """The same water in 2 to 10 increments, each a random part of every input, the jug moving on between them."""
    pieces, clock = [], 0.0
    parts = rng.dirichlet(np.ones(int(rng.integers(2, MOST_INCREMENTS + 1))), size=len(row)).T * row
    # The last increment takes what rounding left, so that both pours hold the same water.
    parts[-1] = row - parts[:-1].sum(axis=0)
    for increment in np.maximum(parts, 0.0):
        for i in rng.permutation(len(row)):
            lasts = float(increment[i]) / design.pour_ml_s
            pieces.append(Piece(design.tiers[0][i].name, clock, lasts, float(increment[i])))
            clock += lasts
        clock += float(rng.uniform(0.0, 5.0))
    return Pour(tuple(pieces))
