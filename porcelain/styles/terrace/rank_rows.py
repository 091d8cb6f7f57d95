"""A terrace with ranks, row by row: inputs too wide for one row stand in several, like seats in a theatre.

A row of many inputs may be wider than any bed. Then it stands in ranks, and what a rank pours falls past the ranks in
front of it through chutes between their buckets: one for every vessel that it feeds, open above, with a floor that
falls to a sill of its own and keeps nothing. A Design knows buckets, pipes and cups; its Terrace knows which rank each
input stands in and where the chutes are. :func:`laid` is that design row by row, chutes among the buckets, for all who
cut rows out of solid; :func:`folded` the way back, for the planner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ...arrays import Floats
from ...encoding import Encoding
from ...errors import PorcelainError
from ...machine.design import Design
from ...machine.joint import Chute
from ...machine.layouts import Terrace
from ...machine.vessel import Bucket, Outlet, Pipe
from ...network import Layer, Network

Tiers = tuple[tuple[Bucket, ...], ...]


def chute_name(rank: int, target: str) -> str:
    """What a chute is called among the buckets: "chute2.b1.0" stands in rank 2 and leads to b1.0."""
    return f"chute{rank}.{target}"


def laid(design: Design) -> Design:
    """A design whose rows are those that stand in the machine: every rank a row, its chutes buckets of threshold 0.

    Whatever has one rank only, or no terrace, is returned as it is. Raises PorcelainError for a way that runs over no
    sill of a chute: it was edited by hand.
    """
    layout = design.layout
    if not isinstance(layout, Terrace) or not layout.ranks:
        return design
    ranks = range(max(layout.ranks) + 1)
    inputs = [[b for b, n in zip(design.tiers[0], layout.ranks, strict=True) if n == rank] for rank in ranks]
    chutes = [[_bucket(c, inputs[rank][0]) for c in layout.chutes if c.rank == rank] for rank in ranks]
    tiers: Tiers = (*(tuple(a + b) for a, b in zip(inputs, chutes, strict=True)), *design.tiers[1:])
    pipes = _pipes(design, layout, [_sill_mm(row[0]) for row in inputs], {b.name: b for row in chutes for b in row})
    slopes = {b.name: float(s) for b, s in zip(design.buckets, layout.floor_slopes, strict=True)}
    slopes |= {chute_name(c.rank, c.target): c.slope for c in layout.chutes}
    return replace(
        design,
        network=_network(design, tiers, pipes),
        worst_ml=design.worst_ml[np.array(layout.ranks) == 0],
        tiers=tiers,
        pipes=pipes,
        layout=replace(
            layout,
            pipe_layers=(*layout.pipe_layers, *(c.layer for c in layout.chutes)),
            floor_slopes=np.array([slopes[bucket.name] for row in tiers for bucket in row]),
            ranks=(),
            chutes=(),
        ),
    )


def _pipes(
    design: Design, layout: Terrace, sills_mm: Sequence[float], chutes: Mapping[str, Bucket]
) -> tuple[Pipe, ...]:
    """Every pipe as far as the next row, and then the way of every chute."""
    rank_of, last = {b.name: n for b, n in zip(design.tiers[0], layout.ranks, strict=True)}, len(sills_mm) - 1
    pipes: list[Pipe] = []
    through: dict[str, Floats] = {}
    for pipe in design.pipes:
        rank = rank_of.get(pipe.source, last)
        own, *legs = _legs(pipe.path_mm, sills_mm[rank + 1 :])
        target = chute_name(rank + 1, pipe.target) if legs else pipe.target
        pipes.append(replace(pipe, target=target, path_mm=own))
        through |= {chute_name(front, pipe.target): leg for front, leg in enumerate(legs, rank + 1)}
    for chute in layout.chutes:
        name = chute_name(chute.rank, chute.target)
        pipes.append(_way(chute, chutes[name], last, through[name]))
    return tuple(pipes)


def _sill_mm(bucket: Bucket) -> float:
    return float(bucket.at_mm[2]) + bucket.outlet.sill_mm


def _legs(path_mm: Floats, sills_mm: Sequence[float]) -> list[Floats]:
    """A way cut where it runs over these sills: its own part, and one for every chute that it runs through."""
    cuts = [int(np.abs(path_mm[:, 2] - sill).argmin()) for sill in sills_mm]
    return np.split(path_mm, cuts)


def _bucket(chute: Chute, beside: Bucket) -> Bucket:
    """A chute as a bucket: as deep as its row, with its sill and rim at their heights."""
    sill = _sill_mm(beside)
    height = beside.outlet.height_mm
    outlet = Outlet("weir", 0.0, beside.outlet.discharge, chute.width_mm, height)
    size, rim = (chute.width_mm, beside.size_mm[1]), float(beside.at_mm[2]) + beside.rim_mm - sill
    name, at = chute_name(chute.rank, chute.target), np.array([chute.x_mm, beside.at_mm[1], sill])
    area, rise = size[0] * size[1], chute.slope * size[1]  # over its floor stands a wedge
    tops, areas = ([rise, rim], [area / 2, area]) if rise < rim else ([rim], [area * rim / rise / 2])
    return Bucket(name, "", at, size, np.array(tops), np.array(areas), outlet, "chute", chute.target)


def _way(chute: Chute, bucket: Bucket, last: int, leg: Floats) -> Pipe:
    """The one branch of a chute, over its whole sill."""
    target = chute.target if chute.rank == last else chute_name(chute.rank + 1, chute.target)
    if len(leg) < 2:
        raise PorcelainError(f"no way leads over the sill of {bucket.name}; plan the network again")
    return Pipe(f"{bucket.name}-{target}", bucket.name, target, 1.0, bucket.size_mm[0] * bucket.outlet.height_mm, leg)


def _network(design: Design, tiers: Tiers, pipes: Iterable[Pipe]) -> Network:
    """What these rows compute of the water poured into the first."""
    names = [[v.name for v in row] for row in (*tiers, design.cups)]
    layers = []
    for row, (above, below) in zip(tiers, pairwise(names), strict=True):
        shares = np.zeros((len(above), len(below)))
        for pipe in pipes:
            if pipe.source in above:
                shares[above.index(pipe.source), below.index(pipe.target)] = pipe.share
        layers.append(Layer(np.array([b.threshold_ml for b in row]) / design.ml_per_unit, shares))
    encoding = Encoding.of_buckets([b.label for b in tiers[0]], "mL")
    return Network(tuple(layers), encoding, design.network.class_names, design.network.name)


def folded(tiers: Tiers, pipes: Sequence[Pipe], layout: Terrace, ranks: int) -> tuple[Tiers, tuple[Pipe, ...], Terrace]:
    """Rows as they stand, of which the first ``ranks`` hold inputs and chutes, as one tier of inputs; see :func:`laid`.

    The pipes that run through one are given the way through all of them.
    """
    if ranks == 1:
        return tiers, tuple(pipes), layout
    inputs = {b.name: (b, rank) for rank, row in enumerate(tiers[:ranks]) for b in row if not b.is_chute}
    order = sorted(inputs, key=lambda name: int(name.split(".")[1]))
    slopes = {b.name: float(s) for b, s in zip((b for row in tiers for b in row), layout.floor_slopes, strict=True)}
    layers = {p.name: n for p, n in zip(pipes, layout.pipe_layers, strict=True)}
    passing = {b.name for row in tiers[:ranks] for b in row if b.is_chute}
    ways = {p.source: p for p in pipes if p.source in passing}
    kept = [_through(p, ways) for p in pipes if p.source not in passing]
    kept.sort(key=lambda p: tuple(map(int, p.name[1:].replace("-", ".").split("."))))
    chutes = tuple(
        Chute(
            rank,
            b.leads_to,
            float(b.at_mm[0]),
            b.size_mm[0],
            slopes[b.name],
            layers[ways[b.name].name],
        )
        for rank, row in enumerate(tiers[:ranks])
        for b in row
        if b.is_chute
    )
    rows: Tiers = (tuple(inputs[name][0] for name in order), *tiers[ranks:])
    whole = replace(
        layout,
        pipe_layers=tuple(layers[p.name] for p in kept),
        floor_slopes=np.array([slopes[b.name] for row in rows for b in row]),
        ranks=tuple(inputs[name][1] for name in order),
        chutes=chutes,
    )
    return rows, tuple(kept), whole


def _through(pipe: Pipe, ways: Mapping[str, Pipe]) -> Pipe:
    """A pipe led on through the chutes that it ends in, down to its vessel."""
    path: list[Floats] = [pipe.path_mm]
    target = pipe.target
    while target in ways:
        path.append(ways[target].path_mm)
        target = ways[target].target
    return replace(pipe, target=target, path_mm=np.concatenate(path))
