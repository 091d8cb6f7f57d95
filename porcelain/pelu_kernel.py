"""The PeLU equation of one row of buckets, compiled: training, local rules and the tolerance study share it.

:func:`porcelain.network.pelu` is the same equation for whole batches.
"""

from __future__ import annotations

from numba import njit

from .arrays import Floats


@njit(cache=True)
def pass_on(
    volumes: Floats,
    n_in: int,
    thresholds: Floats,
    bucket: int,
    shares: Floats,
    pipe: int,
    stride: int,
    overflow: Floats,
    targets: Floats,
    n_out: int,
) -> None:
    """One pour through one row of buckets, written into ``overflow`` and ``targets``.

    Parameters
    ----------
    volumes, n_in : what each of the first ``n_in`` buckets gets
    thresholds, bucket : flat thresholds of a network, and where this row's begin
    shares, pipe, stride : flat shares of a network, where this row's begin, and from one bucket's to the next one's
    overflow : what each bucket passes on, written from ``bucket`` on
    targets, n_out : what each of the first ``n_out`` targets gets
    """
    for j in range(n_out):
        targets[j] = 0.0
    at = pipe
    for i in range(n_in):
        over = max(volumes[i] - thresholds[bucket + i], 0.0)
        overflow[bucket + i] = over
        if over > 0.0:
            for j in range(n_out):
                targets[j] += over * shares[at + j]
        at += stride
