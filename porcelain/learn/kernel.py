"""The loss of many machines over many rows and its slopes, compiled: the chain rule, bucket by bucket."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..arrays import Floats, Ints


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
) -> tuple[float, Floats, Floats]:
    """Mean loss, and its slopes by every threshold and every share.

    ``water`` (rows, n_in) u; ``thresholds`` (machines, buckets) and ``shares`` (machines, pipes) flat, layer by
    layer. The loss of a row is the cross-entropy of softmax(sharpness * (cups - margin at the right cup)) plus
    ``retained`` times the fraction of its water that never arrives. No fast arithmetic: sums keep their order, so
    that a seed gives the same network on every machine.
    """
    rows, machines, cups = len(water), len(thresholds), widths[-1]
    by_threshold, by_share = np.zeros_like(thresholds), np.zeros_like(shares)
    passed = np.empty(thresholds.shape[1])
    inflow, slope, below = np.zeros(widths.max()), np.zeros(widths.max()), np.zeros(widths.max())
    total = 0.0
    for m in range(machines):
        for r in range(rows):
            inflow[: widths[0]] = water[r]
            poured = max(water[r].sum(), 1e-300)
            bucket, pipe = 0, 0
            for k in range(len(widths) - 1):
                below[: widths[k + 1]] = 0.0
                for i in range(widths[k]):
                    over = max(inflow[i] - thresholds[m, bucket], 0.0)
                    passed[bucket] = over
                    bucket += 1
                    if over > 0.0:
                        for j in range(widths[k + 1]):
                            below[j] += over * shares[m, pipe + j]
                    pipe += widths[k + 1]
                inflow, below = below, inflow
            right = labels[r]
            arrived = inflow[:cups].sum()
            inflow[right] -= margin
            top = inflow[:cups].max()
            partition = 0.0
            for j in range(cups):
                slope[j] = np.exp(sharpness * (inflow[j] - top))
                partition += slope[j]
            total += np.log(partition) - sharpness * (inflow[right] - top) + retained * (1.0 - arrived / poured)
            for j in range(cups):
                slope[j] = sharpness * slope[j] / partition - retained / poured
            slope[right] -= sharpness
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
    n = rows * machines
    return total / n, by_threshold / n, by_share / n
