"""Planar layouts: rows of buckets whose pipes cross nowhere once each row stands in the right order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations, product

import numpy as np

from ..arrays import Floats, Ints
from .topology import Bools

EXACT = 20_000
"""Orders that are all looked at; above it the rows are sorted by where their pipes lead, again and again."""

Order = tuple[int, ...]


def crossings(pipes: Sequence[Bools], orders: Sequence[Order]) -> int:
    """Pairs of pipes that cross when every row stands in its order."""
    return sum(_crossings(t[np.ix_(above, below)]) for t, (above, below) in zip(pipes, pairwise(orders), strict=True))


def _crossings(table: Bools) -> int:
    """Pipes from left to right of one that lands to the right of the other."""
    count = table.astype(np.int64)
    right_of = np.cumsum(count[:, ::-1], axis=1)[:, ::-1] - count  # in the same row, landing further right
    above = np.cumsum(right_of, axis=0) - right_of  # of all rows further left
    return int((above * count).sum())


def best_orders(pipes: Sequence[Bools]) -> tuple[int, tuple[Order, ...]]:
    """Fewest crossings, and an order of every row that has them."""
    return min((crossings(pipes, orders), orders) for orders in _orders(pipes))


def heaviest_planar(weights: Sequence[Floats]) -> tuple[Bools, ...]:
    """The layout without crossings that keeps the most weight; weights (n_in, n_out) > 0 per pipe, layer by layer.

    For given orders the best layout of one layer is a path down a staircase, one step right or down at a time,
    found by dynamic programming.
    """
    best, chosen = -math.inf, None
    for orders in _orders([w > 0 for w in weights]):
        stairs = [_stairs(w[np.ix_(a, b)]) for w, (a, b) in zip(weights, pairwise(orders), strict=True)]
        if (total := sum(value for value, _ in stairs)) > best:
            best, chosen = total, (orders, [table for _, table in stairs])
    assert chosen is not None
    orders, tables = chosen
    return tuple(
        table[np.ix_(np.argsort(a), np.argsort(b))] for table, (a, b) in zip(tables, pairwise(orders), strict=True)
    )


def _stairs(weights: Floats) -> tuple[float, Bools]:
    """Heaviest staircase from the first pair to the last, and where it steps."""
    n, m = weights.shape
    best = np.cumsum(weights, axis=1)
    for i in range(1, n):
        best[i, 0] = best[i - 1, 0] + weights[i, 0]
        for j in range(1, m):
            best[i, j] = max(best[i - 1, j], best[i, j - 1]) + weights[i, j]
    table = np.zeros((n, m), dtype=bool)
    i, j = n - 1, m - 1
    table[i, j] = True
    while i or j:
        if not j or (i and best[i - 1, j] >= best[i, j - 1]):
            i -= 1
        else:
            j -= 1
        table[i, j] = True
    return float(best[-1, -1]), table


def _orders(pipes: Sequence[Bools]) -> Iterator[tuple[Order, ...]]:
    """Orders of the rows worth looking at; mirror images count once."""
    widths = [len(table) for table in pipes] + [pipes[-1].shape[1]]
    if math.prod(math.factorial(n) for n in widths) <= EXACT:
        first, *rest = (list(permutations(range(n))) for n in widths)
        yield from product([order for order in first if order <= order[::-1]], *rest)
        return
    orders: list[Ints] = [np.arange(n) for n in widths]
    for _ in range(20):
        for k, table in enumerate(pipes):
            orders[k + 1] = _by_middle(table[orders[k]].T)
        for k in range(len(pipes) - 1, -1, -1):
            orders[k] = _by_middle(pipes[k][:, orders[k + 1]])
        yield tuple(tuple(order.tolist()) for order in orders)


def _by_middle(table: Bools) -> Ints:
    """Row indices sorted by the mean position of what they are joined to."""
    count = np.maximum(table.sum(axis=1), 1)
    return np.argsort(table @ np.arange(table.shape[1]) / count, kind="stable")
