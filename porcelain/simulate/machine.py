"""Machine: a Design and a Law laid flat for the stepping kernel, as bands of head with tables in them.

Above its lowest running level a bucket is cut into bands at every head where its plan area or its law changes. In a
band the area S is constant and, in cells uniform in u = sqrt(head), the flow is Q = q0 + q1 u + q2 u^2 and the share
of each branch s0 + s1 u. Torricelli needs one cell and is exact: Q = k u.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..arrays import Floats, Ints
from ..design import Bucket, Design, Pipe
from ..units import MM3_PER_ML
from .laws import Law, Torricelli

CELLS = 64  # per band; a smooth law is then off by (1/64)^3 of its third derivative, some 1e-7


class Machine(NamedTuple):
    """Flat arrays; buckets top to bottom, then cups; pipes grouped by their source bucket.

    ``base_ml`` (V,) water below the lowest running level (cups: the capacity); ``band_*`` per band with
    ``band_at`` (B + 1,) the bucket's first band; ``cell_*`` the flow's coefficients, ``share_*`` those of the
    shares, cell by cell and branch by branch from ``share_at`` (B,) on; ``pipe_at`` (B + 1,) the bucket's first
    pipe, ``target`` (P,) the vessel below, ``order`` (P,) the pipe's place in the Design.
    """

    base_ml: Floats
    band_at: Ints
    band_low: Floats
    band_high: Floats
    band_area: Floats
    band_ml: Floats
    band_cell: Ints
    band_cells: Ints
    band_scale: Floats
    cell_0: Floats
    cell_1: Floats
    cell_2: Floats
    share_at: Ints
    share_0: Floats
    share_1: Floats
    pipe_at: Ints
    target: Ints
    order: Ints


def lay_flat(design: Design, law: Law) -> Machine:
    """The Machine of a design under a law."""
    index = {vessel.name: v for v, vessel in enumerate(design.vessels)}
    place = {pipe.name: p for p, pipe in enumerate(design.pipes)}
    bands: list[tuple[float, ...]] = []
    cells: list[Floats] = []
    shares: list[Floats] = []
    base, band_at, share_at, pipe_at, target, order = [], [0], [], [0], [], []
    for bucket in design.buckets:
        pipes = design.branches(bucket.name)
        share_at.append(sum(part.shape[1] for part in shares))
        base.append(_bucket(bucket, pipes, law, bands, cells, shares))
        band_at.append(len(bands))
        pipe_at.append(pipe_at[-1] + len(pipes))
        target += [index[pipe.target] for pipe in pipes]
        order += [place[pipe.name] for pipe in pipes]
    low, high, area, ml, first, count = np.array(bands).T
    flow = np.concatenate(cells, axis=1)
    share = np.concatenate(shares, axis=1)
    return Machine(
        base_ml=np.array(base + [cup.capacity_ml for cup in design.cups]),
        band_at=np.array(band_at),
        band_low=low.copy(),
        band_high=high.copy(),
        band_area=area.copy(),
        band_ml=ml.copy(),
        band_cell=first.astype(np.int64),
        band_cells=count.astype(np.int64),
        band_scale=count / (high - low),
        cell_0=flow[0].copy(),
        cell_1=flow[1].copy(),
        cell_2=flow[2].copy(),
        share_at=np.array(share_at),
        share_0=share[0].copy(),
        share_1=share[1].copy(),
        pipe_at=np.array(pipe_at),
        target=np.array(target),
        order=np.array(order),
    )


def _bucket(
    bucket: Bucket,
    pipes: tuple[Pipe, ...],
    law: Law,
    bands: list[tuple[float, ...]],
    cells: list[Floats],
    shares: list[Floats],
) -> float:
    """Append a bucket's bands, cells and shares; return the volume below its lowest running level."""
    sill = bucket.outlet.sill_mm
    breaks = law.breaks_mm(bucket, pipes)
    base, top = sill + breaks[0], bucket.rim_mm
    edges = sorted({base, top} | {h + sill for h in breaks if base < h + sill < top})
    edges = sorted({*edges, *(float(z) for z in bucket.slab_tops_mm if base < z < top)})
    base_ml = float(bucket.volume_ml(base))
    for low, high in pairwise(edges):
        area = bucket.slab_areas_mm2[np.searchsorted(bucket.slab_tops_mm, 0.5 * (low + high))] / MM3_PER_ML
        u_low, u_high = np.sqrt(low - base), np.sqrt(high - base)
        n = 1 if isinstance(law, Torricelli) else CELLS
        first = sum(part.shape[1] for part in cells)
        bands.append((u_low, u_high, area, float(bucket.volume_ml(low)) - base_ml, first, n))
        u = np.linspace(u_low, u_high, 2 * n + 1)
        head = np.clip(u**2 + base, low, high) - sill
        # just inside the band: a flow may jump at its edges
        inside = np.clip(head, low - sill + 1e-12 * (high - low), high - sill - 1e-12 * (high - low))
        flows = law.flows_ml_s(bucket, pipes, inside if n > 1 else head)
        cells.append(_parabolas(u, flows.sum(axis=1)) if n > 1 else _root(u_high, flows[-1].sum()))
        shares.append(_lines(u, flows))
    return base_ml


def _root(u_high: float, flow: float) -> Floats:
    """One cell of Q = k u."""
    return np.array([[0.0], [flow / u_high], [0.0]])


def _parabolas(u: Floats, q: Floats) -> Floats:
    """Coefficients (3, n) of the parabolas through three points a cell, in powers of u."""
    a, m, b = u[:-1:2], u[1::2], u[2::2]
    qa, qm, qb = q[:-1:2], q[1::2], q[2::2]
    slope = (qm - qa) / (m - a)
    bend = ((qb - qm) / (b - m) - slope) / (b - a)
    return np.array([qa - slope * a + bend * a * m, slope - bend * (a + m), bend])


def _lines(u: Floats, flows: Floats) -> Floats:
    """Shares (2, n * branches) as straight lines in u, cell by cell and branch by branch; they sum to 1."""
    nodes, total = flows[::2], flows[::2].sum(axis=1, keepdims=True)
    if total[0] == 0.0:  # nothing runs at the lowest edge: the shares there are those just above it
        nodes, total = np.vstack([flows[1:2], nodes[1:]]), np.vstack([flows[1:2].sum(axis=1, keepdims=True), total[1:]])
    share = nodes / total
    a, b = u[:-1:2, None], u[2::2, None]
    slope = (share[1:] - share[:-1]) / (b - a)
    return np.array([(share[:-1] - slope * a).ravel(), slope.ravel()])
