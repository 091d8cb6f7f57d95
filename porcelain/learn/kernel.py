"""Compiled kernel: the loss of several machines over many rows, and its exact gradient by the chain rule."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..arrays import Floats, Ints
from ..pelu_kernel import pass_on


@njit(cache=True)
def slopes(
    water: Floats,
    labels: Ints,
    widths: Ints,
    thresholds: Floats,
    shares: Floats,
    sharpness: float,
    margin: float,
    retained: float,
    weights: Floats,
) -> tuple[float, Floats, Floats]:
    """Weighted mean loss, and its slopes by every threshold and every share.

    ``water`` (rows, n_in) u; ``weights`` (rows,); ``thresholds`` (machines, buckets) and ``shares`` (machines, pipes)
    flat, layer by layer. The loss of a row is the cross-entropy of softmax(sharpness * (cups - margin at the right
    cup)) plus ``retained`` times the fraction of its water that never arrives. No fast arithmetic: sums keep their
    order, so that a seed gives the same network on every machine.
    """
    rows, machines, cups = len(water), len(thresholds), widths[-1]
    by_threshold, by_share = np.zeros_like(thresholds), np.zeros_like(shares)
    passed = np.empty(thresholds.shape[1])
    inflow, slope, below = np.zeros(widths.max()), np.zeros(widths.max()), np.zeros(widths.max())
    total = 0.0
    for m in range(machines):
        sills, open_shares = thresholds[m], shares[m]
        for r in range(rows):
            inflow[: widths[0]] = water[r]
            poured = max(water[r].sum(), 1e-300)
            bucket, pipe = 0, 0
            for k in range(len(widths) - 1):
                n, wide = widths[k], widths[k + 1]
                pass_on(inflow, n, sills, bucket, open_shares, pipe, wide, passed, below, wide)
                bucket, pipe = bucket + n, pipe + n * wide
                inflow, below = below, inflow
            right = labels[r]
            arrived = inflow[:cups].sum()
            inflow[right] -= margin
            top = inflow[:cups].max()
            partition = 0.0
            for j in range(cups):
                slope[j] = np.exp(sharpness * (inflow[j] - top))
                partition += slope[j]
            weight = weights[r]
            lost = np.log(partition) - sharpness * (inflow[right] - top) + retained * (1.0 - arrived / poured)
            total += weight * lost
            for j in range(cups):
                slope[j] = weight * (sharpness * slope[j] / partition - retained / poured)
            slope[right] -= weight * sharpness
            for k in range(len(widths) - 2, -1, -1):
                bucket -= widths[k]
                pipe -= widths[k] * widths[k + 1]
                for i in range(widths[k]):
                    over, back = passed[bucket + i], 0.0
                    if over > 0.0:
                        at = pipe + i * widths[k + 1]
                        for j in range(widths[k + 1]):
                            back += slope[j] * shares[m, at + j]
                            by_share[m, at + j] += over * slope[j]
                        by_threshold[m, bucket + i] -= back
                    below[i] = back
                slope, below = below, slope
    count = weights.sum() * machines
    return total / count, by_threshold / count, by_share / count


@njit(cache=True)
def loss_and_gradient(
    theta: Floats,
    water: Floats,
    labels: Ints,
    widths: Ints,
    exists: NDArray[np.bool_],
    floor: float,
    factors: Floats,
    offsets: Floats,
    sharpness: float,
    margin: float,
    retained: float,
    l2: Floats,
    weights: Floats,
) -> tuple[float, Floats]:
    """Loss at a trainer's numbers and its gradient: as ``slopes`` has them, plus ``l2`` (buckets,) on squared logits.

    ``theta`` holds, layer by layer, a height per bucket and a logit per possible pipe; ``exists`` (pipes,) which
    pipes there are; ``factors`` (machines, pipes) of their areas and ``offsets`` (machines, buckets) of thresholds.
    """
    machines, buckets = offsets.shape
    free, areas = np.zeros(len(exists)), np.zeros(len(exists))
    thresholds, shares, total = (
        np.empty((machines, buckets)),
        np.empty((machines, len(exists))),
        np.empty(offsets.shape),
    )
    penalty = 0.0
    at, bucket, pipe = 0, 0, 0
    for k in range(len(widths) - 1):
        n, m = widths[k], widths[k + 1]
        for i in range(n):
            logits, open_pipes = theta[at + n + i * m : at + n + (i + 1) * m], exists[pipe : pipe + m]
            top, partition, count = -np.inf, 0.0, 0
            for j in range(m):
                if open_pipes[j]:
                    top, count = max(top, logits[j]), count + 1
                    penalty += l2[bucket] * logits[j] ** 2
            for j in range(m):
                if open_pipes[j]:
                    free[pipe + j] = np.exp(logits[j] - top)
                    partition += free[pipe + j]
            for j in range(m):
                if open_pipes[j]:
                    free[pipe + j] /= partition
                    areas[pipe + j] = floor + (1.0 - count * floor) * free[pipe + j]
            for machine in range(machines):
                whole = 0.0
                for j in range(m):
                    shares[machine, pipe + j] = areas[pipe + j] * factors[machine, pipe + j]
                    whole += shares[machine, pipe + j]
                shares[machine, pipe : pipe + m] /= whole
                total[machine, bucket] = whole
                thresholds[machine, bucket] = max(theta[at + i] ** 2 + offsets[machine, bucket], 0.0)
            bucket, pipe = bucket + 1, pipe + m
        at += n + n * m
    loss, by_threshold, by_share = slopes(
        water, labels, widths, thresholds, shares, sharpness, margin, retained, weights
    )
    gradient, by_free = np.zeros_like(theta), np.zeros(widths.max())
    at, bucket, pipe = 0, 0, 0
    for k in range(len(widths) - 1):
        n, m = widths[k], widths[k + 1]
        for i in range(n):
            by_free[:m] = 0.0
            for machine in range(machines):
                if thresholds[machine, bucket] > 0.0:
                    gradient[at + i] += 2.0 * theta[at + i] * by_threshold[machine, bucket]
                mean = 0.0
                for j in range(m):
                    mean += by_share[machine, pipe + j] * shares[machine, pipe + j]
                for j in range(m):
                    slope = (by_share[machine, pipe + j] - mean) * factors[machine, pipe + j]
                    by_free[j] += slope / total[machine, bucket]
            room, mean = 1.0 - floor * exists[pipe : pipe + m].sum(), 0.0
            for j in range(m):
                mean += free[pipe + j] * by_free[j]
            for j in range(m):
                if exists[pipe + j]:
                    logit = at + n + i * m + j
                    gradient[logit] = room * free[pipe + j] * (by_free[j] - mean) + 2.0 * l2[bucket] * theta[logit]
            bucket, pipe = bucket + 1, pipe + m
        at += n + n * m
    return loss + penalty, gradient
