"""Machine: a Design and a Law laid flat for the stepping kernel, as bands of head with a polynomial in each.

Above its lowest running level a bucket is cut into segments at every head where its plan area or its law changes:
there a step has to end. A segment is cut further into bands, until a polynomial in u = sqrt(head) meets the law in
each. Torricelli needs no polynomial: Q = k u.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from ..arrays import Floats, Ints
from ..hydraulics.laws import Torricelli, Wetted
from ..machine.design import Design
from ..machine.vessel import Bucket, Pipe
from ..units import MM3_PER_ML

DEGREE = 5  # of the flow in a band
SHARE_DEGREE = 3
CLOSE = 1e-7  # of the bucket's greatest flow: bands are halved until a law is met this well
HALVINGS = 6  # a law with a kink inside a band is met there to within (1/2)^6 of the band

NODES = np.cos(np.pi * np.arange(DEGREE, -1, -1) / DEGREE)  # Chebyshev-Lobatto: both edges are met exactly
TRIALS = np.linspace(-0.97, 0.97, 11)


LOW, HIGH, AREA, ML, K, MID, SCALE, FLOWS = range(8)  # columns of Machine.bands; the flow's coefficients come last
BANDS, PIPES, SHARE_ROW, SEGMENTS = range(4)  # columns of Machine.bucket
LEAST_U, MOST_U, PLAN_AREA, BASE_ML = range(4)  # columns of Machine.segments
TARGET, ORDER, SOURCE = range(3)  # columns of Machine.pipe
SHARE, DELAY = range(2)  # columns of Machine.part


class Machine(NamedTuple):
    """Flat arrays; buckets top to bottom, then cups; pipes grouped by their source bucket.

    Attributes
    ----------
    base_ml : (V,) water below the lowest running level (cups: the capacity)
    bands : (n, 13) per band its edges in u, its plan area (mL/mm), the water above the base at its lower edge, k (0
        where the law is not Q = k u), and the flow's coefficients in x = (u - mid) * scale
    shares : (n, 4) coefficients of the shares in the same x, band by band and branch by branch
    segments : (s, 4) edges in u between which plan area and law are smooth, that area, the water at the lower edge
    segment_bands : (s + 1,) the segment's first band
    bucket : (B + 1, 4) the bucket's first band, first pipe, first row of shares (-1: they do not change) and segment
    pipe : (P, 3) the vessel below, the pipe's place in the Design, and the vessel above
    part : (P, 2) the share where it does not change, and the time from end to end (s)
    inlets : (V + 1,) where each vessel's pipes from above begin in ``inlet_pipe`` (P,)

    >>> Machine._fields[:2]
    ('base_ml', 'bands')
    """

    base_ml: Floats
    bands: Floats
    shares: Floats
    segments: Floats
    segment_bands: Ints
    bucket: Ints
    pipe: Ints
    part: Floats
    inlets: Ints
    inlet_pipe: Ints

    @property
    def plain(self) -> NDArray[np.bool_]:
        """(B,) whether a bucket's shares and delays are so that its pipes need no account of their own."""
        late = np.array([self.part[a:b, DELAY].any() for a, b in pairwise(self.bucket[:, PIPES])], dtype=bool)
        return (self.bucket[:-1, SHARE_ROW] < 0) & ~late

    @property
    def brim_ml_s(self) -> Floats:
        """(B,) what leaves each bucket at once when its lowest running level is reached."""
        lowest = self.bands[self.bucket[:-1, BANDS]]
        start = lowest[:, FLOWS:] @ (-1.0) ** np.arange(lowest.shape[1] - FLOWS)  # the flow at x = -1, u = 0
        return np.where(lowest[:, K] > 0.0, 0.0, start)


class _Band(NamedTuple):
    low: float
    high: float
    area: float
    ml: float
    k: float
    flow: Floats
    share: Floats
    segment: tuple[float, float, float, float]

    @property
    def mid(self) -> float:
        return 0.5 * (self.low + self.high)

    @property
    def scale(self) -> float:
        return 2.0 / (self.high - self.low)


def lay_flat(design: Design, law: Wetted, delays_s: Mapping[str, float] | None = None) -> Machine:
    """The Machine of a design under a law.

    Parameters
    ----------
    design : Design
        What is laid flat.
    law : Wetted
        A law with its water.
    delays_s : mapping, optional
        How long water is on its way, {pipe: s}.

    Returns
    -------
    Machine

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.hydraulics.laws import chosen
    >>> design = files.load("designs/iris", "design")
    >>> len(lay_flat(design, chosen(design, None, None)).base_ml)
    10
    """
    index = {vessel.name: v for v, vessel in enumerate(design.vessels)}
    place = {pipe.name: p for p, pipe in enumerate(design.pipes)}
    pipes = [pipe for bucket in design.buckets for pipe in design.branches(bucket.name)]
    fans = [len(design.branches(bucket.name)) for bucket in design.buckets]
    parts = [list(_bands(bucket, design.branches(bucket.name), law)) for bucket in design.buckets]
    bands = [band for part in parts for band in part]
    constant = [len(part) == 0 or not np.any([band.share[:, 1:] for band in part]) for part in parts]
    rows = [0 if same else len(part) * fan for part, fan, same in zip(parts, fans, constant, strict=True)]
    varying = [band.share for part, same in zip(parts, constant, strict=True) if not same for band in part]
    bases = [float(b.volume_ml(b.outlet.sill_mm + law.starts_mm(b, design.branches(b.name)))) for b in design.buckets]
    first_row = np.where(constant, -1, _starts(rows)[:-1])
    begins = [k for k, band in enumerate(bands) if k == 0 or band.segment is not bands[k - 1].segment]
    segments = _starts([len({id(band.segment) for band in part}) for part in parts])
    first = (_starts([len(part) for part in parts]), _starts(fans), np.append(first_row, -1), segments)
    targets = np.array([index[pipe.target] for pipe in pipes])
    return Machine(
        base_ml=np.array(bases + [cup.capacity_ml for cup in design.cups]),
        bands=np.array([(b.low, b.high, b.area, b.ml, b.k, b.mid, b.scale, *b.flow) for b in bands]),
        shares=np.concatenate([*varying, np.zeros((1, SHARE_DEGREE + 1))]),
        segments=np.array([bands[k].segment for k in begins]),
        segment_bands=np.array([*begins, len(bands)]),
        bucket=np.column_stack(first),
        pipe=np.array([(index[pipe.target], place[pipe.name], index[pipe.source]) for pipe in pipes]),
        part=np.column_stack(
            [
                np.concatenate([part[0].share[:, 0] for part in parts]),
                [(delays_s or {}).get(pipe.name, 0.0) for pipe in pipes],
            ]
        ),
        inlets=np.searchsorted(np.sort(targets), np.arange(len(index) + 1)),
        inlet_pipe=np.argsort(targets, kind="stable"),
    )


def _starts(sizes: Sequence[int]) -> Ints:
    """Where each of several runs of these sizes begins, and where the last ends."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _bands(bucket: Bucket, pipes: tuple[Pipe, ...], law: Wetted) -> Iterator[_Band]:
    """The bands of a bucket, lowest first."""
    sill, start, top = bucket.outlet.sill_mm, law.starts_mm(bucket, pipes), bucket.rim_mm - bucket.outlet.sill_mm
    base_ml = float(bucket.volume_ml(sill + start))
    jumps = [law.stop_mm(bucket, pipes, j) for j in range(len(pipes))] if law.water.surface_tension_n_m else []
    kinks = law.breaks_mm(bucket, pipes)
    inner = jumps + [float(z) - sill for z in bucket.slab_tops_mm]
    # heads above the sill: those at which a flow jumps must stay what they are, to the last digit
    edges = sorted({start, top} | {h for h in inner if start + 1e-9 < h < top - 1e-9})
    most = float(law.flows_ml_s(bucket, pipes, np.array([top])).sum())
    for low, high in pairwise(edges):
        area = (
            float(bucket.slab_areas_mm2[np.searchsorted(bucket.slab_tops_mm, sill + 0.5 * (low + high))]) / MM3_PER_ML
        )
        u_low, u_high = float(np.sqrt(low - start)), float(np.sqrt(high - start))
        low_ml = float(bucket.volume_ml(sill + low)) - base_ml
        segment = (u_low, u_high, area, low_ml)
        if isinstance(law.law, Torricelli) and law.water.surface_tension_n_m == 0.0:
            areas = np.array([pipe.area_mm2 for pipe in pipes])
            share = np.column_stack([areas / areas.sum(), np.zeros((len(pipes), SHARE_DEGREE))])
            k = most / float(np.sqrt(top - start))
            yield _Band(u_low, u_high, area, low_ml, k, np.zeros(DEGREE + 1), share, segment)
            continue

        def flows(u: Floats, low: float = low, high: float = float(np.nextafter(high, low))) -> Floats:
            return law.flows_ml_s(bucket, pipes, np.clip(u**2 + start, low, high))

        cuts = sorted({u_low, u_high} | {float(np.sqrt(h - start)) for h in kinks if low + 1e-9 < h < high - 1e-9})
        for c, d in pairwise(cuts):
            for a, b, flow, share in _fit(flows, c, d, most, HALVINGS):
                yield _Band(a, b, area, low_ml + area * (a - u_low) * (a + u_low), 0.0, flow, share, segment)


def _fit(
    flows: Callable[[Floats], Floats], low: float, high: float, most: float, halvings: int
) -> Iterator[tuple[float, float, Floats, Floats]]:
    """Polynomials of flow and shares that meet the law, on as many stretches as that takes."""
    mid, half = 0.5 * (low + high), 0.5 * (high - low)
    q = flows(mid + half * NODES)
    total = q.sum(axis=1)
    flow = _powers(NODES, total, DEGREE)
    # an outlet that passes nothing yet has the shares it starts with
    shares = q[total > 0] / total[total > 0, None]
    at = NODES[total > 0]
    share = np.array([_powers(at, s, SHARE_DEGREE) for s in shares.T])
    share = np.where(np.abs(share) < 1e-12, 0.0, share)
    true = flows(mid + half * TRIALS)
    powers = TRIALS[:, None] ** np.arange(DEGREE + 1)
    off = np.abs(powers @ flow - true.sum(axis=1)).max()
    split = np.abs((powers[:, : SHARE_DEGREE + 1] @ share.T) * true.sum(axis=1)[:, None] - true).max()
    if halvings and max(off, 1e-2 * split) > CLOSE * most:
        yield from _fit(flows, low, mid, most, halvings - 1)
        yield from _fit(flows, mid, high, most, halvings - 1)
    else:
        yield low, high, flow, share


def _powers(x: Floats, y: Floats, degree: int) -> Floats:
    """(degree + 1,) coefficients, lowest first, of the polynomial that fits y at x in [-1, 1]."""
    found = chebyshev.cheb2poly(chebyshev.chebfit(x, y, degree))
    return np.pad(found, (0, degree + 1 - len(found)))
