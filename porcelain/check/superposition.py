"""Compare one pour with the same water in increments, in shuffled order (quasi-superposition)."""

from __future__ import annotations

import numpy as np

from ..arrays import Floats
from ..machine.design import Design
from ..pour import Piece, Pour
from ..simulate import SimulateOptions, run_many

MOST_INCREMENTS = 10
TOLERANCE = 1e-4  # of the course; where the water ends does not depend on it


def superposition_error(design: Design, volumes_ml: Floats, seed: int = 0) -> float:
    """Pour every row at once and again in increments, and compare the cups.

    Parameters
    ----------
    design : machine to pour into
    volumes_ml : (n, n_in) rows to pour
    seed : draws 2 to 10 increments of every row, which follow each other without a reset, inputs in shuffled order

    Returns
    -------
    float
        Largest difference of a cup, relative to the water poured.

    Examples
    --------
    >>> from porcelain import files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> superposition_error(design, design.volumes_ml([[5.1, 3.5, 1.4, 0.2]])) < 1e-9
    True
    """
    rng = np.random.default_rng(seed)
    ideal = SimulateOptions(law="torricelli", water="ideal", tolerance=TOLERANCE)
    together = run_many(design, volumes_ml, options=ideal, rate_ml_s=design.pour_ml_s).cups_ml
    pours = [increments(design, row, rng) for row in volumes_ml]
    apart = run_many(design, pours, options=ideal).cups_ml
    poured = volumes_ml.sum(axis=1, keepdims=True)
    return float((np.abs(together - apart) / np.maximum(poured, 1e-300)).max())


def increments(design: Design, row: Floats, rng: np.random.Generator) -> Pour:
    """Divide a pour into 2 to 10 increments.

    Parameters
    ----------
    design : names its inputs, and how fast they may be poured
    row : (n_in,) water of every input, mL
    rng : draws the parts, their order and the pauses between them

    Returns
    -------
    Pour
        The same water, each increment a random part of every input.

    Examples
    --------
    >>> from porcelain import files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> row = design.volumes_ml([[5.1, 3.5, 1.4, 0.2]])[0]
    >>> pour = increments(design, row, np.random.default_rng(0))
    >>> bool(np.isclose(pour.total_ml, row.sum()))
    True
    """
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
