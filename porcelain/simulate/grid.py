"""The times a run steps through: every break of the schedule, and enough between."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError
from .machine import AREA, BANDS, FLOWS, HIGH, LOW, ML, K, Machine

GRADED = 8  # steps after a break, growing as squares: u starts as sqrt(t)
GROWTH = 0.02  # of a step over the one before once everything should long be still
LATEST_S = 1e7
MOST_STEPS = 20_000_000
MOST_LOOKS = 4096  # times within a step: what happens there is noted for each
STEPS_A_DRAIN = 220  # of the quickest bucket, at a tolerance of 1e-6: so 799 of 800 random machines stay below 1e-6


def step_s(machine: Machine, tolerance: float) -> float:
    """Length of a step: a share of the time the quickest bucket drains in; the method is of fourth order."""
    return float(drain_s(machine).min()) / STEPS_A_DRAIN * (tolerance / 1e-6) ** 0.4


def drain_s(machine: Machine) -> Floats:
    """(B,) rough time each bucket takes from its rim down: twice its water over its fastest flow."""
    top = machine.bands[machine.bucket[1:, BANDS] - 1]
    flow = np.where(top[:, K] > 0, top[:, K] * top[:, HIGH], top[:, FLOWS:].sum(axis=1))  # at x = 1
    return 2.0 * (top[:, ML] + top[:, AREA] * (top[:, HIGH] ** 2 - top[:, LOW] ** 2)) / flow


def grid(step: float, breaks_s: Iterable[float], times_s: Floats, until_s: float, latest_s: float) -> Floats:
    """Ascending times from 0: even up to ``until_s``, then ever wider up to ``latest_s``.

    ``times_s`` at which somebody looks need not be among them; of very many, a few are.
    """
    until_s = min(until_s, latest_s)
    graded = step * (np.arange(GRADED + 1) / GRADED) ** 2
    after = [start + graded for start in breaks_s]
    tail = step * np.cumsum((1.0 + GROWTH) ** np.arange(1, max(2, int(np.log1p(LATEST_S / step * GROWTH) / GROWTH))))
    anchors = np.unique(np.concatenate([[0.0, until_s], times_s[MOST_LOOKS::MOST_LOOKS], *after]))
    anchors = anchors[anchors <= until_s]
    gaps = np.diff(anchors)
    parts = np.maximum(1, np.ceil(gaps / step - 1e-6)).astype(np.int64)
    if parts.sum() > MOST_STEPS:
        raise PorcelainError(
            f"{anchors[-1]:.6g} s take {parts.sum():.3g} steps of {step:.3g} s, limit {MOST_STEPS:.0g};"
            " ask for earlier times"
        )
    first = np.repeat(np.cumsum(parts) - parts, parts)
    within = np.arange(parts.sum()) - first
    even = np.repeat(anchors[:-1], parts) + np.repeat(gaps / parts, parts) * within
    later = until_s + tail
    return np.concatenate([even, [until_s], later[later < latest_s], [latest_s] if latest_s > until_s else []])
