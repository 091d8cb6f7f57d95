"""Compiled local rules for water: sections of F are PeLU layers, sections of B are linear."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..arrays import Floats, Ints
from ..pelu_kernel import pass_on

LARGEST_MIRROR_STEP = 1.0
MOMENTUM = 0.9  # of a section's own corrections: ten rows are a rough mean


@njit(cache=True)
def pour(k: int, widths: Ints, m: int, thresholds: Floats, shares: Floats, volumes: Floats) -> None:
    """Tier k + 1 receives what tier k lets go: relu(v - threshold) @ shares."""
    wide = shares.shape[2]
    flat, passed = shares[k].reshape(-1), np.empty(wide)
    for i in range(m):
        pass_on(volumes[k, i], widths[k], thresholds[k], 0, flat, 0, wide, passed, volumes[k + 1, i], widths[k + 1])


@njit(cache=True)
def cup_targets(
    last: int, width: int, m: int, sharpness: float, pull: float, classes: Ints, volumes: Floats, targets: Floats
) -> None:
    """The water the cups should have had: more in the right one, less in those that lead, the same in all.

    ``pull`` times the slope of the cross-entropy of softmax(sharpness * volume): the cups' own error.
    """
    for i in range(m):
        fullest = volumes[last, i, :width].max()
        total = 0.0
        for j in range(width):
            total += np.exp(sharpness * (volumes[last, i, j] - fullest))
        for j in range(width):
            chance = np.exp(sharpness * (volumes[last, i, j] - fullest)) / total
            wanted = 1.0 if classes[i] == j else 0.0
            targets[last, i, j] = volumes[last, i, j] + pull * (wanted - chance)


@njit(cache=True)
def rebuild(
    k: int, widths: Ints, m: int, volumes: Floats, noise: float, back: Floats, step: float, rng: np.random.Generator
) -> None:
    """Section k of B learns by the delta rule to tell tier k's water from tier k + 1's, noise added."""
    n, low = widths[k + 1], widths[k]
    noisy, error = np.empty((m, n)), np.empty((m, low))
    power = 0.0
    for i in range(m):
        for j in range(n):
            noisy[i, j] = volumes[k + 1, i, j] + rng.normal(0.0, noise)
            power += noisy[i, j] ** 2
        for h in range(low):
            error[i, h] = volumes[k, i, h] - back[k, n, h]
            for j in range(n):
                error[i, h] -= noisy[i, j] * back[k, j, h]
    rate = min(step, 1.0 / (1.0 + power / m)) / m
    for i in range(m):
        for h in range(low):
            back[k, n, h] += rate * error[i, h]
            for j in range(n):
                back[k, j, h] += rate * noisy[i, j] * error[i, h]


@njit(cache=True)
def carry_back(k: int, widths: Ints, m: int, back: Floats, volumes: Floats, targets: Floats) -> None:
    """B carries the target from tier k + 1 to tier k: the water there + B(target) - B(water)."""
    for i in range(m):
        for h in range(widths[k]):
            targets[k, i, h] = volumes[k, i, h]
            for j in range(widths[k + 1]):
                targets[k, i, h] += (targets[k + 1, i, j] - volumes[k + 1, i, j]) * back[k, j, h]


@njit(cache=True)
def follow(
    k: int,
    widths: Ints,
    m: int,
    thresholds: Floats,
    shares: Floats,
    pace: Floats,
    volumes: Floats,
    targets: Floats,
    share_step: float,
    threshold_step: float,
    floor: float,
) -> None:
    """Section k of F moves what it gave towards the target beside it, by the delta rule on its own water.

    Thresholds step and stop at 0. Shares take a mirror step, times exp(step), and are brought back to a sum of 1
    (Kivinen and Warmuth, Information and Computation 132, 1997, 1); none falls below ``floor``, none that is 0 comes
    back. ``pace`` (sections, W, W + 1) is the running mean
    of the section's own corrections, its threshold's in the last column.
    """
    low, high = widths[k], widths[k + 1]
    for h in range(low):
        lift = 0.0
        for j in range(high):
            slope = 0.0
            for i in range(m):
                spill = volumes[k, i, h] - thresholds[k, h]
                if spill > 0.0:
                    error = targets[k + 1, i, j] - volumes[k + 1, i, j]
                    slope += spill * error
                    lift -= error * shares[k, h, j]
            pace[k, h, j] = MOMENTUM * pace[k, h, j] + (1.0 - MOMENTUM) * slope / m
        pace[k, h, high] = MOMENTUM * pace[k, h, high] + (1.0 - MOMENTUM) * lift / m
    for h in range(low):
        thresholds[k, h] = max(0.0, thresholds[k, h] + threshold_step * pace[k, h, high])
        total, open_pipes = 0.0, 0
        for j in range(high):
            if shares[k, h, j] > 0.0:
                step = max(-LARGEST_MIRROR_STEP, min(LARGEST_MIRROR_STEP, share_step * pace[k, h, j]))
                shares[k, h, j] = max(floor, shares[k, h, j] * np.exp(step))
                total += shares[k, h, j] - floor
                open_pipes += 1
        rest = 1.0 - open_pipes * floor
        for j in range(high):
            if shares[k, h, j] > 0.0:
                above = (shares[k, h, j] - floor) / total if total > 0.0 else 1.0 / open_pipes
                shares[k, h, j] = floor + rest * above


@njit(cache=True)
def teach(
    widths: Ints,
    water: Floats,
    classes: Ints,
    thresholds: Floats,
    shares: Floats,
    epochs: int,
    batch: int,
    sharpness: float,
    pull: float,
    noise: float,
    steps: Floats,
    floor: float,
    rng: np.random.Generator,
    only_last: bool,
) -> None:
    """One start: all epochs, in place. ``steps`` (3,) of shares, thresholds and B; they fall to 0 with a cosine."""
    last, wide, n = widths.shape[0] - 1, widths.max(), water.shape[0]
    volumes, targets = np.zeros((last + 1, batch, wide)), np.zeros((last + 1, batch, wide))
    back, pace = np.zeros((last, wide + 1, wide)), np.zeros((last, wide, wide + 1))
    chosen = np.empty(batch, np.int64)
    turns = epochs * (-(-n // batch))
    turn = 0
    for _ in range(epochs):
        order = rng.permutation(n)
        for start in range(0, n, batch):
            m = min(batch, n - start)
            fall = 0.5 * (1.0 + np.cos(np.pi * turn / turns))
            turn += 1
            for i in range(m):
                volumes[0, i, : widths[0]] = water[order[start + i]]
                chosen[i] = classes[order[start + i]]
            for k in range(last):
                pour(k, widths, m, thresholds, shares, volumes)
            cup_targets(last, widths[last], m, sharpness, pull, chosen, volumes, targets)
            for k in range(last - 1, 0, -1):
                rebuild(k, widths, m, volumes, noise, back, fall * steps[2], rng)
                carry_back(k, widths, m, back, volumes, targets)
            for k in range(last):
                if k == last - 1 or not only_last:
                    share_step, threshold_step = fall * steps[0], fall * steps[1]
                    follow(k, widths, m, thresholds, shares, pace, volumes, targets, share_step, threshold_step, floor)
