"""Planar layouts: orders of the rows in which no pipe crosses another."""

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
    """Count the pairs of pipes that cross.

    Parameters
    ----------
    pipes : sequence of ndarray of bool
        For each layer a table (n_in, n_out) of the pipes that exist.
    orders : sequence of tuple of int
        Order of each row from left to right.

    Returns
    -------
    int
        Number of crossings.

    Examples
    --------
    >>> import numpy as np
    >>> swap = [np.array([[False, True], [True, False]])]
    >>> crossings(swap, [(0, 1), (0, 1)]), crossings(swap, [(0, 1), (1, 0)])
    (1, 0)
    """
    return sum(_crossings(t[np.ix_(above, below)]) for t, (above, below) in zip(pipes, pairwise(orders), strict=True))


def _crossings(table: Bools) -> int:
    """Number of crossings in one layer with its rows in the order of the table."""
    count = table.astype(np.int64)
    right_of = np.cumsum(count[:, ::-1], axis=1)[:, ::-1] - count  # in the same row, landing further right
    above = np.cumsum(right_of, axis=0) - right_of  # of all rows further left
    return int((above * count).sum())


def best_orders(pipes: Sequence[Bools]) -> tuple[int, tuple[Order, ...]]:
    """Find orders of the rows with few crossings.

    Parameters
    ----------
    pipes : sequence of ndarray of bool
        For each layer a table (n_in, n_out) of the pipes that exist.

    Returns
    -------
    tuple of int and tuple of tuple
        Number of crossings, and the orders. It is the fewest while all orders can be tried, up to 20,000 of them.

    Examples
    --------
    >>> import numpy as np
    >>> best_orders([np.array([[False, True], [True, False]])])
    (0, ((0, 1), (1, 0)))
    """
    return min((crossings(pipes, orders), orders) for orders in _orders(pipes))


def heaviest_planar(weights: Sequence[Floats]) -> tuple[Bools, ...]:
    """Find the layout without crossings that keeps the most weight.

    Parameters
    ----------
    weights : sequence of ndarray, shape (n_in, n_out)
        Weight of each pipe, above 0, for each layer.

    Returns
    -------
    tuple of ndarray of bool
        For each layer a table of the pipes that are kept.

    Notes
    -----
    For given orders the best layout of one layer is a path down a staircase, one step to the right or down at a time.
    It is found by dynamic programming.

    Examples
    --------
    >>> import numpy as np
    >>> heaviest_planar([np.array([[5.0, 1.0], [2.0, 5.0]])])[0].tolist()
    [[True, False], [True, True]]
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
    """Weight and table of the heaviest staircase path from the first pair to the last."""
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
    """Orders of the rows to try. Mirror images count once."""
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
    """Row indices sorted by the mean position of the vessels they are joined to."""
    count = np.maximum(table.sum(axis=1), 1)
    return np.argsort(table @ np.arange(table.shape[1]) / count, kind="stable")
