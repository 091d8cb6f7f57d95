"""Outlet tables: a Design under a law, compiled once into what the solver reads.

Above the lowest level at which its outlet runs a bucket is cut at every volume where its plan area or its law
changes: an edge, where a step has to end. Between two edges the flow is polynomials in the volume, or in its root
where a flow starts as that, halved until they meet the law to ten digits. Torricelli's law needs no halving: it is a
straight line in the root.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from ..arrays import Floats
from ..errors import PorcelainError
from ..hydraulics.laws import Torricelli, Wetted
from ..machine.vessel import Bucket, Pipe
from ..units import MM3_PER_ML

DEGREE = 9
CLOSE = 1e-11  # of the bucket's greatest flow
HALVINGS = 14
SAME_MM = 1e-9  # edges nearer than this are one
NODES = np.cos(np.pi * np.arange(DEGREE, -1, -1) / DEGREE)  # Chebyshev-Lobatto: both ends are met exactly
TRIALS = np.cos(np.pi * (np.arange(DEGREE + 8) + 0.5) / (DEGREE + 8))

Flows = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Band:
    """Polynomials (1 + branches, DEGREE + 1) of the flow in ``(z - mid) * scale`` up to the volume ``high``."""

    high: float
    origin: float
    root: bool
    exact: bool
    mid: float
    scale: float
    poly: Floats


@dataclass(frozen=True, eq=False)
class OutletTable:
    """A bucket's outlet. ``edges_ml`` above ``base_ml``; ``segments`` the bands between two of them.

    ``shares`` (branches,) where they do not change; None where every branch has its own polynomials.
    """

    base_ml: float
    edges_ml: tuple[float, ...]
    segments: tuple[tuple[Band, ...], ...]
    shares: Floats | None


def outlet_table(bucket: Bucket, pipes: tuple[Pipe, ...], law: Wetted) -> OutletTable:
    """The table of a bucket's outlet. Raises PorcelainError for a law that gives no flow."""
    sill = bucket.outlet.sill_mm
    heads = _edges_mm(bucket, pipes, law)
    base = float(bucket.volume_ml(sill + heads[0]))
    flows = checked_flows(bucket, pipes, law)
    exact = isinstance(law.law, Torricelli) and law.water.surface_tension_n_m == 0.0
    shares = _fixed_shares(flows, heads)
    edges: list[float] = [0.0]
    segments: list[tuple[Band, ...]] = []
    for low, high in pairwise(heads):
        slab = int(np.searchsorted(bucket.slab_tops_mm, sill + 0.5 * (low + high)))
        area = float(bucket.slab_areas_mm2[slab]) / MM3_PER_ML
        ends = edges[-1], float(bucket.volume_ml(sill + high)) - base
        if exact:
            k = float(flows(np.array([heads[-1]])).sum()) / np.sqrt(heads[-1] * area)
            line = np.array([[0.0, k]])
            segments.append((Band(ends[1], ends[0] - area * low, True, True, 0.0, 1.0, line),))
        else:
            segments.append(tuple(_segment(flows, ends, (low, high), area, shares is not None, float(heads[-1]))))
        edges.append(ends[1])
    return OutletTable(base, tuple(edges), tuple(segments), shares)


def checked_flows(bucket: Bucket, pipes: tuple[Pipe, ...], law: Wetted) -> Flows:
    """Heads (m,) in, flows (m, branches) out, whatever a law does. Raises PorcelainError where that is no flow."""
    name = getattr(law.law, "name", type(law.law).__name__)

    def flows(head_mm: Floats) -> Floats:
        found = law.flows_ml_s(bucket, pipes, head_mm)
        wrong = ~(np.isfinite(found) & (found >= 0.0)).all(axis=1)
        if wrong.any():
            first = int(np.argmax(wrong))
            raise PorcelainError(
                f"the law {name!r} gives {found[first].tolist()} mL/s at a head of {head_mm[first]:.6g} mm"
                f" in {bucket.name}; flows must be finite numbers >= 0"
            )
        return found

    return flows


def _edges_mm(bucket: Bucket, pipes: tuple[Pipe, ...], law: Wetted) -> list[float]:
    """Heads above the sill at which an outlet starts, jumps or bends, or the plan area changes, and the rim."""
    sill, start, top = bucket.outlet.sill_mm, law.starts_mm(bucket, pipes), bucket.rim_mm - bucket.outlet.sill_mm
    if start >= top - SAME_MM:
        raise PorcelainError(
            f"{bucket.name}: {law.water.name} water starts to run {start:.3g} mm above the sill, and the rim is"
            f" {top:.3g} mm above it; raise the rim"
        )
    inner = sorted([*law.breaks_mm(bucket, pipes), *(float(z) - sill for z in bucket.slab_tops_mm)])
    heads = [start]
    for head in inner:  # heads at which a flow jumps must stay what they are, to the last digit
        if heads[-1] + SAME_MM < head < top - SAME_MM:
            heads.append(head)
    return [*heads, top]


def _fixed_shares(flows: Flows, heads: list[float]) -> Floats | None:
    """The branches' parts of the flow if they are the same at all heads."""
    low, high = heads[0], heads[-1]
    q = flows(low + (high - low) * np.linspace(0.03, 1.0, 40))
    parts = q / np.maximum(q.sum(axis=1, keepdims=True), 1e-300)
    if np.ptp(parts, axis=0).max() > 1e-12:
        return None
    shares: Floats = parts[-1] / parts[-1].sum()
    return shares


def _segment(
    flows: Flows, ends: tuple[float, float], heads: tuple[float, float], area: float, fixed: bool, top: float
) -> Iterator[Band]:
    """The bands between two edges."""
    (low, high), (low_mm, high_mm) = ends, heads
    below = float(np.nextafter(high_mm, low_mm))  # the upper edge may be a jump
    most = float(flows(np.array([top])).sum())

    def at(volume: Floats) -> Floats:
        q = flows(np.clip(low_mm + (volume - low) / area, low_mm, below))
        whole = q.sum(axis=1, keepdims=True)
        return whole if fixed else np.concatenate([whole, q], axis=1)

    yield from _fit(at, low, low, high, most, HALVINGS)


def _fit(at: Flows, origin: float, low: float, high: float, most: float, halvings: int) -> Iterator[Band]:
    """Bands from ``low`` to ``high``: one polynomial in the volume, at ``origin`` also in its root, or two halves."""
    best: tuple[float, Band] | None = None
    for root in (False, True) if low == origin else (False,):
        off, band = _polynomial(at, origin, low, high, root)
        if best is None or off < 0.1 * best[0]:
            best = off, band
        if off <= CLOSE * most:
            break
    assert best is not None
    if best[0] <= CLOSE * most or halvings == 0:
        yield best[1]
        return
    middle = 0.5 * (low + high)
    yield from _fit(at, origin, low, middle, most, halvings - 1)
    yield from _fit(at, origin, middle, high, most, halvings - 1)


def _polynomial(at: Flows, origin: float, low: float, high: float, root: bool) -> tuple[float, Band]:
    """The polynomial through the law at Chebyshev's points, and how far it is off between them."""
    z_low, z_high = (np.sqrt(low - origin), np.sqrt(high - origin)) if root else (low - origin, high - origin)

    def law(z: Floats) -> Floats:
        return at(np.clip(origin + (z * z if root else z), low, high))

    power = _vanishes(law, z_high) if low == origin else 0
    mid, scale = (0.0, 1.0 / z_high) if power else (0.5 * (z_low + z_high), 2.0 / (z_high - z_low))
    z, trial = (0.5 * (z_low + z_high) + 0.5 * (z_high - z_low) * x for x in (NODES, TRIALS))
    degree = DEGREE - power
    nodes = NODES if not power else np.cos(np.pi * (np.arange(degree, -1, -1) + 0.5) / (degree + 1))
    if power:
        z = 0.5 * z_high * (1.0 + nodes)
    values = law(z) / (z / z_high)[:, None] ** power if power else law(z)
    poly = chebyshev.chebfit(nodes, values, degree)
    off = np.abs(
        _value(poly, (trial - 0.5 * (z_low + z_high)) * 2.0 / (z_high - z_low))
        * ((trial / z_high)[:, None] ** power if power else 1.0)
        - law(trial)
    ).max()
    rows = np.array([_powers(column, power) for column in poly.T])
    return float(off), Band(high, origin, root, False, float(mid), float(scale), rows)


def _value(poly: Any, x: Any) -> Floats:
    found: Floats = chebyshev.chebval(x, poly).T
    return found


def _vanishes(law: Flows, z_high: float) -> int:
    """The power of z with which the flow starts: 0 unless it starts from nothing."""
    small = z_high * np.array([1e-5, 2e-5])
    first, second = law(small)[:, 0]
    if not 0.0 < first < 1e-3 * law(np.array([z_high]))[0, 0]:
        return 0
    power = np.log2(second / first)
    return round(power) if abs(power - round(power)) < 1e-3 and round(power) <= DEGREE - 4 else 0


def _powers(column: Floats, power: int) -> Floats:
    """(DEGREE + 1,) coefficients, lowest first: in x on [-1, 1], or in x on [0, 1] times x to a power."""
    found: Any = chebyshev.cheb2poly(column)
    if power:
        whole, term = np.zeros(len(found)), np.ones(1)
        for c in found:  # x -> 2 x - 1
            whole[: len(term)] += c * term
            term = np.convolve(term, [-1.0, 2.0])
        found = np.concatenate([np.zeros(power), whole])
    return np.pad(found, (0, DEGREE + 1 - len(found)))
