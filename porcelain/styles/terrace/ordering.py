"""Ordering of a terrace: the place of each cell in its row, and the gutter layer of each branch.

The widths and the dividers' ends follow from a linear program (least height and width), the order from a search
over swaps with that program as its judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.optimize import linprog

from ...arrays import Floats
from ...network import Network

SEED = 0
WIDTH_COST = 1.2  # a millimetre of width costs about as much plastic as one of height, and head per mL besides
BEYOND_COST = 50.0  # of a millimetre that the bed does not have
SPREAD_COST = 0.15  # cups of nearly one width look better
LEAN_COST = 0.02  # a wall between cups leans no more than it must
MOUTH_MM = 8.0  # of a cup at the rim: more than a gutter needs
MAX_LAYERS = 6
TRIALS = 6000  # of the linear program, shared among the pipes: a few seconds for any size
MOST_TRIALS = 500


@dataclass(frozen=True)
class Ordering:
    """One way to lay out a network.

    ``rows`` cells from left to right, by their number in the network, cups last; ``branches`` per tier and place
    the targets of that cell's compartments from left to right; ``layers`` the same shape, gutter layers;
    ``leftwards`` per tier which end the layers are dealt from.
    """

    rows: tuple[tuple[int, ...], ...]
    branches: tuple[tuple[tuple[int, ...], ...], ...]
    leftwards: tuple[bool, ...]

    def layers(self, tier: int) -> list[list[int]]:
        """Gutter layer of each compartment: each takes the first layer in which the order of targets stays."""
        place = {j: p for p, j in enumerate(self.rows[tier + 1])}
        flat = [(p, b) for p, targets in enumerate(self.branches[tier]) for b in range(len(targets))]
        turn = -1 if self.leftwards[tier] else 1
        last: list[int] = []
        dealt = [[0] * len(targets) for targets in self.branches[tier]]
        for p, b in flat[::turn]:
            at = turn * place[self.branches[tier][p][b]]
            layer = next((n for n, edge in enumerate(last) if edge <= at), len(last))
            last[layer : layer + 1] = [at]
            dealt[p][b] = layer
        return dealt


@dataclass(frozen=True)
class Rules:
    """Lengths the program keeps, in mm; ``least_mm`` per row the least inner width of each cell by its number.

    ``most_mm`` is what the bed has for the whole width: no law, but dear to break. Where ``lean_mm`` is given cups are
    of one width, and the walls between them lean to meet their mouths: over that much of their height for nothing.
    """

    wall_mm: float
    knife_mm: float
    plate_mm: float
    gutter_mm: float
    slope: float
    least_mm: tuple[Floats, ...]
    most_mm: float
    lean_mm: float | None = None


@dataclass(frozen=True)
class Solution:
    """The program's answer: cost, whole width, ``widths_mm`` per row and place, and the gutters' height per tier.

    ``rims_mm`` is where the middles of the walls between cups stand at the rim: above their places, or aside.
    """

    cost: float
    width_mm: float
    widths_mm: tuple[Floats, ...]
    heights_mm: Floats
    rims_mm: Floats

    def leans_mm(self, wall_mm: float) -> Floats:
        """How far to the right each wall between cups leans, (cups - 1,)."""
        return self.rims_mm - upright_mm(self.widths_mm[-1], wall_mm)


def upright_mm(widths_mm: Floats, wall_mm: float) -> Floats:
    """Middles along x of the walls between a row's cells."""
    middles: Floats = np.cumsum(widths_mm + wall_mm)[:-1] + wall_mm / 2
    return middles


def search(network: Network, rules: Rules, begin: Ordering) -> tuple[Ordering, Solution | None]:
    """The cheapest layout found from a first one, the same each time; None if nothing fits MAX_LAYERS."""
    rng = np.random.default_rng(SEED)
    trials = int(np.clip(TRIALS // network.n_pipes, 80, MOST_TRIALS))
    best = begin
    seen: dict[Ordering, Solution | None] = {}

    def judge(ordering: Ordering) -> Solution | None:
        if ordering not in seen:
            seen[ordering] = solve(network, ordering, rules)
        return seen[ordering]

    best_fit = judge(best)
    now, now_cost = best, best_fit.cost if best_fit else np.inf
    for n in range(trials):
        if n % (trials // 4) == 0 and n:
            now, now_cost = best, best_fit.cost if best_fit else np.inf
        attempt = _move(now, rng)
        found = judge(attempt)
        cost = found.cost if found else np.inf
        heat = 8.0 * (1 - (n % (trials // 4)) / (trials // 4))
        if cost <= now_cost or (np.isfinite(cost) and rng.random() < np.exp((now_cost - cost) / max(heat, 1e-9))):
            now, now_cost = attempt, cost
        if found and (best_fit is None or found.cost < best_fit.cost - 1e-9):
            best, best_fit = attempt, found
    return best, best_fit


def start(network: Network) -> Ordering:
    """Rows by the mean place of what each cell is joined to, a few sweeps up and down."""
    shares = [layer.shares for layer in network.layers]
    rows = [np.arange(n) for n in network.widths]
    for _ in range(6):
        for k, s in enumerate(shares):
            rows[k + 1] = _by_mean(s.T, rows[k], rows[k + 1])
        for k, s in reversed(list(enumerate(shares))):
            rows[k] = _by_mean(s, rows[k + 1], rows[k])
    branches = []
    for k, s in enumerate(shares):
        place = np.argsort(rows[k + 1])
        branches.append(tuple(tuple(sorted(map(int, np.flatnonzero(s[i])), key=lambda j: place[j])) for i in rows[k]))
    return Ordering(tuple(tuple(map(int, row)) for row in rows), tuple(branches), (False,) * len(shares))


def _by_mean(weights: Floats, other: np.ndarray, row: np.ndarray) -> np.ndarray:
    place = np.argsort(other).astype(float)
    joined = weights > 0
    mean = (joined * place).sum(axis=1) / np.maximum(joined.sum(axis=1), 1)
    return np.asarray(sorted(row, key=lambda i: (mean[i], i)))


def _move(ordering: Ordering, rng: np.random.Generator) -> Ordering:
    """A neighbour: two cells of a row change places, or two branches of a cell, or a tier deals from its other end."""
    rows, branches = [list(r) for r in ordering.rows], [list(b) for b in ordering.branches]
    leftwards = list(ordering.leftwards)
    for _ in range(int(rng.integers(1, 4))):
        kind = rng.random()
        if kind < 0.5:
            k = int(rng.integers(len(rows)))
            if len(rows[k]) < 2:
                continue
            p, q = (int(i) for i in rng.choice(len(rows[k]), 2, replace=False))
            rows[k][p], rows[k][q] = rows[k][q], rows[k][p]
            if k < len(branches):
                branches[k][p], branches[k][q] = branches[k][q], branches[k][p]
            if k > 0 and rng.random() < 0.7:  # branches follow the row they lead to
                place = {j: at for at, j in enumerate(rows[k])}
                branches[k - 1] = [tuple(sorted(b, key=place.__getitem__)) for b in branches[k - 1]]
        elif kind < 0.9:
            k = int(rng.integers(len(branches)))
            p = int(rng.integers(len(branches[k])))
            branches[k][p] = tuple(branches[k][p][int(i)] for i in rng.permutation(len(branches[k][p])))
        else:
            k = int(rng.integers(len(leftwards)))
            leftwards[k] = not leftwards[k]
    return replace(
        ordering,
        rows=tuple(map(tuple, rows)),
        branches=tuple(map(tuple, branches)),
        leftwards=tuple(leftwards),
    )


Line = tuple[Floats, float]  # a length as (coefficients of the program's variables, constant)


def solve(network: Network, ordering: Ordering, rules: Rules) -> Solution | None:
    """Least height and width of a layout: widths, dividers and heights of the gutters; None beyond MAX_LAYERS."""
    tiers = len(ordering.branches)
    dealt = [ordering.layers(k) for k in range(tiers)]
    depth = np.array([1 + max(n for row in layers for n in row) for layers in dealt])
    if depth.max() > MAX_LAYERS:
        return None
    starts = np.cumsum([0, *map(len, ordering.rows)])
    cells = int(starts[-1])
    # variables: widths of the cells, the whole width, a height per tier, least and largest cup, width beyond the bed,
    # of every wall between cups that may lean where it stands at the rim and how far that is from its place, and how
    # much taller cups become for it
    whole, height, cups, beyond = cells, cells + 1, cells + 1 + tiers, cells + 3 + tiers
    inner = 0 if rules.lean_mm is None else len(ordering.rows[-1]) - 1
    rims, leans, taller = (cells + 4 + tiers + part * inner for part in range(3))
    n = taller + 1
    lefts = [_lefts(n, int(starts[row]), len(ordering.rows[row]), rules) for row in range(len(ordering.rows))]
    equal = np.array([line[-1][0] for line in lefts])
    equal[:, whole] = -1.0
    equals = [-line[-1][1] for line in lefts]
    less, less_than = [], []
    limits = [
        _limits(ordering, k, dealt[k], _edges(network, ordering, rules, k, lefts[k], int(starts[k])))
        for k in range(tiers)
    ]
    for k in range(tiers):
        for (_, wall), (low, high, carries) in limits[k].items():
            c, constant = lefts[k + 1][wall]
            if k + 1 == tiers and 0 < wall <= inner:
                c, constant = np.eye(n)[rims + wall - 1], rules.wall_mm / 2
            for line, sign in ((low, 1.0), (high, -1.0)):
                if line is None or not carries:
                    continue
                # the divider must reach past this edge by half a knife: lean = sign (edge - wall) + knife / 2
                row = rules.slope * sign * (line[0] - c)
                row[height + k] = -1.0
                less.append(row)
                lean = sign * (line[1] - (constant - rules.wall_mm / 2)) + rules.knife_mm / 2
                less_than.append(-rules.slope * lean)
    for row, most in _leaning(lefts[-1][1:-1], whole, rims, rules) if inner else ():
        less.append(row)
        less_than.append(most)
    for place in range(len(ordering.rows[-1])):
        for bound, sign in ((cups, 1.0), (cups + 1, -1.0)):
            row = np.zeros(n)
            row[bound], row[starts[-2] + place] = sign, -sign
            less.append(row)
            less_than.append(0.0)
    if np.isfinite(rules.most_mm):
        row = np.zeros(n)
        row[whole], row[beyond] = 1.0, -1.0
        less.append(row)
        less_than.append(rules.most_mm)
    cost = np.zeros(n)
    cost[beyond] = BEYOND_COST
    cost[whole], cost[height:cups], cost[cups], cost[cups + 1] = WIDTH_COST, 1.0, -SPREAD_COST, SPREAD_COST
    cost[leans:taller], cost[taller] = LEAN_COST, 1.0
    least = [rules.least_mm[row][i] for row, cells_ in enumerate(ordering.rows) for i in cells_]
    bounds = [(w, None) for w in least] + [(0.0, None)] * (n - cells)
    if rules.lean_mm is not None:
        row = np.zeros((1, n))
        row[0, cups], row[0, cups + 1] = 1.0, -1.0
        equal, equals = np.concatenate([equal, row]), [*equals, 0.0]
    answer = linprog(cost, np.array(less), less_than, equal, equals, bounds)
    if answer.status != 0:
        return None
    x: Floats = np.asarray(answer.x)
    ramps = rules.slope * (rules.gutter_mm + rules.plate_mm) * (depth - 1)
    widths = tuple(x[a:b] for a, b in pairwise(starts))
    middles = x[rims:leans] if inner else upright_mm(widths[-1], rules.wall_mm)
    return Solution(float(answer.fun + ramps.sum()), float(x[whole]), widths, x[height:cups] + ramps, middles)


def _leaning(lefts: list[Line], whole: int, rims: int, rules: Rules) -> Iterator[tuple[Floats, float]]:
    """Of the walls between cups, left of the inner edges ``lefts``: how far each leans, how much taller cups become for
    it, and how wide mouths are; rows of the program, and what they must not exceed.
    """
    inner, wall = len(lefts), rules.wall_mm
    unit = np.eye(len(lefts[0][0]))
    ends = [0.0 * unit[whole], *unit[rims : rims + inner], unit[whole]]
    for n, (left, constant) in enumerate(lefts):
        lean = unit[rims + inner + n]
        for sign in (1.0, -1.0):
            yield sign * (unit[rims + n] - left) - lean, sign * (constant - wall / 2)
        yield rules.slope * lean - unit[rims + 2 * inner], rules.lean_mm or 0.0
    for n, (left, right) in enumerate(pairwise(ends)):
        yield left - right, -MOUTH_MM - wall * (1.0 + (n in (0, inner)) / 2)


def dividers(
    network: Network, ordering: Ordering, rules: Rules, widths_mm: tuple[Floats, ...], rims_mm: Floats
) -> list[tuple[int, int, int, float]]:
    """Where every divider ends on top, for given widths: (tier, layer, wall below, x), as upright as can be."""
    found = []
    for k in range(len(ordering.branches)):
        above, below = (np.concatenate([[0.0], np.cumsum(widths_mm[row] + rules.wall_mm)]) for row in (k, k + 1))
        walls = below + rules.wall_mm / 2
        if k + 1 == len(ordering.branches):
            walls[1:-1] = rims_mm
        starts = [(np.zeros(1), float(at) + rules.wall_mm) for at in above]
        edges = _edges(network, ordering, rules, k, starts, 0, widths_mm[k])
        for (n, wall), (low, high, _) in _limits(ordering, k, ordering.layers(k), edges).items():
            x = float(walls[wall])
            x = x if low is None else max(x, low[1] + rules.knife_mm / 2)
            x = x if high is None else min(x, high[1] - rules.knife_mm / 2)
            found.append((k, n, wall, x))
    return found


def _lefts(n: int, start: int, cells: int, rules: Rules) -> list[Line]:
    """Left inner edges of a row's cells; the last entry is where one more would begin: the whole width."""
    lines = []
    for place in range(cells + 1):
        c = np.zeros(n)
        c[start : start + place] = 1.0
        lines.append((c, rules.wall_mm * (place + 1)))
    return lines


def _edges(
    network: Network,
    ordering: Ordering,
    rules: Rules,
    k: int,
    lefts: list[Line],
    start: int,
    widths: Floats | None = None,
) -> dict[tuple[int, int], tuple[Line, Line]]:
    """Left and right edge of every compartment of a tier by place and branch; with ``widths`` given, plain numbers."""
    edges = {}
    for p, i in enumerate(ordering.rows[k]):
        targets = ordering.branches[k][p]
        shares = network.layers[k].shares[i, list(targets)]
        ends = np.concatenate([[0.0], np.cumsum(shares / shares.sum())])
        knives = rules.knife_mm * (len(targets) - 1)
        for b in range(len(targets)):
            pair = []
            for end in (ends[b], ends[b + 1]):
                c, constant = lefts[p][0].copy(), lefts[p][1] - end * knives + b * rules.knife_mm
                if widths is None:
                    c[start + p] += end
                else:
                    constant += end * widths[p]
                pair.append((c, float(constant)))
            edges[p, b] = (pair[0], pair[1])
    return edges


def _limits(
    ordering: Ordering, k: int, dealt: list[list[int]], edges: dict[tuple[int, int], tuple[Line, Line]]
) -> dict[tuple[int, int], tuple[Line | None, Line | None, bool]]:
    """For each layer and wall below: the edges its divider must lie right and left of, and if it parts any water."""
    place = {j: p for p, j in enumerate(ordering.rows[k + 1])}
    layers = 1 + max(n for row in dealt for n in row)
    found = {}
    for n in range(layers):
        here = [
            (place[j], p, b)
            for p, targets in enumerate(ordering.branches[k])
            for b, j in enumerate(targets)
            if dealt[p][b] == n
        ]
        for wall in range(len(place) + 1):
            low = max(((p, b) for at, p, b in here if at < wall), default=None)
            high = min(((p, b) for at, p, b in here if at >= wall), default=None)
            carries = any(at in (wall - 1, wall) for at, _, _ in here)
            found[n, wall] = (None if low is None else edges[low][1], None if high is None else edges[high][0], carries)
    return found
