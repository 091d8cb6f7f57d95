"""Which input stands in which rank, where one row of inputs would be wider than the bed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ...arrays import Bools, Floats
from ...encoding import Encoding
from ...network import Layer, Network
from ..requirements import Placed
from .rank_rows import chute_name, folded

HALVINGS = 12  # of the room that ranks are dealt: they come out nearly alike


@dataclass(frozen=True, eq=False)
class Ranked:
    """A network row by row as it stands: ``network`` with a chute of threshold 0 for whatever passes a rank.

    ``names`` of every row's vessels, cups last, ``labels`` of its buckets, and ``poured`` which of these are poured
    into; the first ``ranks`` rows hold the inputs. ``chutes`` are the vessels that chutes lead to in the end, by the
    chutes' names.
    """

    network: Network
    names: tuple[tuple[str, ...], ...]
    labels: tuple[tuple[str, ...], ...]
    poured: tuple[Bools, ...]
    ranks: int
    chutes: Mapping[str, str]

    def pipe_name(self, row: int, i: int, j: int) -> str:
        """What a branch is called: by the vessels that it joins in the end; of a chute, by what it joins at once."""
        source, target = self.names[row][i], self.names[row + 1][j]
        if source in self.chutes:
            return f"{source}-{target}"
        end = self.chutes.get(target, target)
        return f"p{source[1:]}-{end.split('.')[-1].lstrip('c')}"

    def folded(self, placed: Placed) -> Placed:
        """What was placed row by row, as the design tells it: inputs are one tier, and chutes are the body's."""
        tiers, pipes, layout = folded(placed.tiers, placed.pipes, placed.layout, self.ranks)  # type: ignore[arg-type]
        return replace(placed, tiers=tiers, pipes=pipes, layout=layout)


Ranks = tuple[tuple[int, ...], ...]
"""Numbers of the inputs in each rank, the rear one first."""


def deal(shares: Floats, least_mm: Floats, chute_mm: float, room_mm: float) -> list[Ranks]:
    """Ways to deal inputs to the fewest ranks that fit, each rank about as wide; none if no way is known.

    ``shares`` (n_in, n_out) says what each input leads to, ``least_mm`` (n_in,) how wide each is at least with a wall,
    ``chute_mm`` a chute. All inputs stand in one rank where they may. Else of every kind some stand in each rank, which
    makes for short ways, or one kind after another, which makes for few chutes.
    """
    targets = [frozenset(np.flatnonzero(row).tolist()) for row in shares]
    if least_mm.sum() <= room_mm:
        return [(tuple(range(len(targets))),)]
    kinds = {kind: [i for i, other in enumerate(targets) if other == kind] for kind in targets}
    mixed = sorted(range(len(targets)), key=lambda i: (kinds[targets[i]].index(i) + 0.5) / len(kinds[targets[i]]))
    sorted_ = _thrifty(targets)
    found = [_alike(order, targets, least_mm, chute_mm, room_mm) for order in (mixed, sorted_)]
    return [ranks for ranks in found if ranks is not None]


def _thrifty(targets: list[frozenset[int]]) -> list[int]:
    """Next always the input that leads to the fewest new vessels."""
    left, fed, order = list(range(len(targets))), set[int](), []
    while left:
        i = min(left, key=lambda i: (len(targets[i] - fed), i))
        left.remove(i)
        order.append(i)
        fed |= targets[i]
    return order


def _alike(
    order: list[int], targets: list[frozenset[int]], least_mm: Floats, chute_mm: float, room_mm: float
) -> Ranks | None:
    """The fewest ranks in this order, the widest as narrow as may be; None where chutes leave no room for inputs."""
    ranks = _filled(order, targets, least_mm, chute_mm, room_mm)
    if ranks is None:
        return None
    low, high = 0.0, room_mm
    for _ in range(HALVINGS):
        room = (low + high) / 2
        tighter = _filled(order, targets, least_mm, chute_mm, room)
        if tighter is None or len(tighter) > len(ranks):
            low = room
        else:
            ranks, high = tighter, room
    return ranks


def _filled(
    order: list[int], targets: list[frozenset[int]], least_mm: Floats, chute_mm: float, room_mm: float
) -> Ranks | None:
    ranks: list[list[int]] = [[]]
    room, fed = room_mm, set[int]()
    for i in order:
        if least_mm[i] > room:
            fed |= {j for other in ranks[-1] for j in targets[other]}
            ranks.append([])
            room = room_mm - chute_mm * len(fed)
        if least_mm[i] > room:
            return None
        ranks[-1].append(i)
        room -= float(least_mm[i])
    return tuple(tuple(sorted(rank)) for rank in ranks)


def ranked(network: Network, dealt: Ranks) -> Ranked:
    """A network whose inputs stand in these ranks."""
    first, hidden = network.layers[0], network.layers[1:]
    targets = [np.flatnonzero(row).tolist() for row in first.shares]
    cups = tuple(f"c{j}" for j in range(network.widths[-1]))
    below = [f"b1.{j}" for j in range(first.n_out)] if hidden else cups
    passed: list[tuple[int, ...]] = [()]
    for rank in dealt[:-1]:
        passed.append(tuple(sorted({*passed[-1], *(j for i in rank for j in targets[i])})))
    rows = [_row(rank, past, targets) for rank, past in zip(dealt, passed, strict=True)]
    layers = []
    for n, row in enumerate(rows):
        ahead = rows[n + 1] if n + 1 < len(rows) else [(None, j) for j in range(first.n_out)]
        shares = np.zeros((len(row), len(ahead)))
        for p, (i, past) in enumerate(row):
            for q, (j, end) in enumerate(ahead):
                if j is None:
                    shares[p, q] = float(past == end) if i is None else first.shares[i, end]
        kept = np.array([0.0 if i is None else first.thresholds[i] for i, _ in row])
        layers.append(Layer(kept, shares))
    names = [
        tuple(chute_name(n, below[end]) if i is None else f"b0.{i}" for i, end in row) for n, row in enumerate(rows)
    ]
    labels = [tuple("" if i is None else network.encoding.names[i] for i, _ in row) for row in rows]
    poured = [np.array([i is not None for i, _ in row]) for row in rows]
    for k, layer in enumerate(hidden, 1):
        names.append(tuple(f"b{k}.{i}" for i in range(layer.n_in)))
        labels.append(tuple(f"hidden {i}" for i in range(layer.n_in)))
        poured.append(np.zeros(layer.n_in, dtype=bool))
    names.append(cups)
    encoding = network.encoding if len(dealt) == 1 else Encoding.of_buckets(labels[0], "mL")
    stands = replace(network, layers=(*layers, *hidden), encoding=encoding)
    chutes = {chute_name(n, below[end]): below[end] for n, row in enumerate(rows) for i, end in row if i is None}
    return Ranked(stands, tuple(names), tuple(labels), tuple(poured), len(dealt), chutes)


Cell = tuple[int | None, int]
"""An input by its number, or None and what a chute leads to."""


def _row(rank: tuple[int, ...], passed: tuple[int, ...], targets: list[list[int]]) -> list[Cell]:
    """The cells of a rank: inputs, and the chutes amid those of the same targets, for the shortest ways to them."""
    if not passed:
        return [(i, -1) for i in rank]
    before: list[Cell] = []
    after: list[Cell] = []
    for i in rank:
        alike = [other for other in rank if targets[other] == targets[i]]
        (before if 2 * alike.index(i) < len(alike) else after).append((i, -1))
    return [*before, *((None, j) for j in passed), *after]
