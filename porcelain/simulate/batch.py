"""simulate_batch: the same schedule for many pours, their ends and, if asked for, their whole course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, Ints
from ..design import Design
from ..errors import PorcelainError
from ..pour import Piece, Pour
from .laws import Law
from .solve import simulate


@dataclass(frozen=True, eq=False)
class Batch:
    """Ends of n pours.

    ``cups_ml`` (n, cups), ``retained_ml`` (n, buckets), ``spilled_ml`` (n, vessels); ``residual`` (n,) of the mass
    balance, relative; ``settled`` (n,) bool; ``settled_at_s`` (n,). With times asked for also ``times_s`` (T,),
    ``volumes_ml`` (n, T, vessels) and ``flows_ml_s`` (n, T, pipes).
    """

    cups_ml: Floats
    retained_ml: Floats
    spilled_ml: Floats
    residual: Floats
    settled: np.ndarray
    settled_at_s: Floats
    times_s: Floats | None = None
    volumes_ml: Floats | None = None
    flows_ml_s: Floats | None = None

    @property
    def winner(self) -> Ints:
        """(n,) index of the fullest cup."""
        return np.argmax(self.cups_ml, axis=1)

    @property
    def status(self) -> tuple[str, ...]:
        """(n,) "settled" or "running"."""
        return tuple("settled" if done else "running" for done in self.settled)


def simulate_batch(
    design: Design,
    volumes_ml: ArrayLike,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    rate_ml_s: float | None = None,
    top_ups: Sequence[Piece] = (),
    times_s: ArrayLike | None = None,
    law: str | Law = "torricelli",
    tolerance: float = 1e-6,
) -> Batch:
    """Pour every row of ``volumes_ml`` (n, n_in) on the same schedule: at once, for a duration or at a rate each.

    ``top_ups`` are further pieces, the same for every pour. ``times_s`` (T,) asks for the course too.
    """
    volumes = np.atleast_2d(np.asarray(volumes_ml, dtype=np.float64))
    names = [bucket.name for bucket in design.tiers[0]]
    if volumes.ndim != 2 or volumes.shape[1] != len(names):
        raise PorcelainError(f"volumes_ml has shape {np.shape(volumes_ml)}; (n, {len(names)}) is needed")
    runs = []
    for row in volumes:
        pour = Pour.of(
            dict(zip(names, row.tolist(), strict=True)), duration_s=duration_s, rate_ml_s=rate_ml_s, start_s=start_s
        )
        pour = pour + Pour(tuple(top_ups))
        runs.append(simulate(design, pour, times_s, law=law, tolerance=tolerance))
    cups = len(design.cups)
    return Batch(
        np.array([run.volumes_ml[-1, -cups:] for run in runs]),
        np.array([run.volumes_ml[-1, :-cups] for run in runs]),
        np.array([run.spilled_ml[-1] for run in runs]),
        np.array([run.residual for run in runs]),
        np.array([run.status == "settled" for run in runs]),
        np.array([np.nan if run.settled_at_s is None else run.settled_at_s for run in runs]),
        None if times_s is None else runs[0].times_s,
        None if times_s is None else np.array([run.volumes_ml for run in runs]),
        None if times_s is None else np.array([run.flows_ml_s for run in runs]),
    )
