"""Geometry of a terrace's level sills, for a free-surface simulation."""

from __future__ import annotations

from ...errors import PorcelainError, unknown
from ...machine.design import Design
from ...machine.layouts import Terrace
from ...machine.outlet_geometry import Baffle, Compartment, Landing, Opening, OutletGeometry
from ...machine.vessel import Bucket, Pipe
from .cells import left_to_right, rim_z, sill_z, span, terrace
from .rank_rows import laid

STREAM_MM = 6.0  # width of a hand's stream when it meets the wall behind the bucket
EDGE_STREAM_MM = 3.0  # width of what runs down a leaning divider, when it leaves the divider at the wall below
SPECK_MM = 0.01  # narrower is rounding
HAND_FALL_MM = 20.0  # from the vessel in the hand to the rim


def splitting_outlets(design: Design) -> tuple[str, ...]:
    """Names of the buckets whose outflow is split among several pipes, top row first."""
    return tuple(bucket.name for bucket in design.buckets if len(design.branches(bucket.name)) > 1)


def outlet_geometry(design: Design, bucket: str, inflow: str = "machine") -> OutletGeometry:
    """The outlet of a bucket as the Design draws it.

    Parameters
    ----------
    design : Design
    bucket : str
        Name of the bucket, as in ``b1.2``.
    inflow : str
        "machine": from every pipe that leads here, in proportion to what the worst pour sends through it; the name of
        a pipe that leads here; "even": over the whole back wall; "left" or "right": a stream 6 mm wide in that corner.

    Raises
    ------
    PorcelainError
        For an unknown bucket or inflow and for a bucket without a level sill.
    """
    if not isinstance(design.layout, Terrace):
        raise PorcelainError(f"{design.name} has style {design.layout.style!r}; level sills are a terrace's")
    design = laid(design)
    buckets = {b.name: b for b in design.buckets}
    if bucket not in buckets:
        raise unknown("bucket", bucket, buckets)
    b, own = terrace(design), buckets[bucket]
    tier = design.tier_of(bucket)
    left, right = span(own)
    back, foot = float(own.at_mm[1] - own.size_mm[1] / 2), float(own.at_mm[1] + own.size_mm[1] / 2)
    slope = float(b.floor_slopes[list(buckets).index(bucket)])
    left_open, right_open = _open_ends(design, own, tier)
    return OutletGeometry(
        bucket=bucket,
        left_open=left_open,
        right_open=right_open,
        left_mm=left,
        right_mm=right,
        back_mm=back,
        foot_mm=foot,
        floor_mm=float(own.at_mm[2]),
        slope=slope,
        sill_mm=sill_z(own),
        rim_mm=rim_z(own),
        wall_mm=b.wall_mm,
        edge_mm=b.edge_mm,
        lip_mm=b.lip_mm,
        opening_mm=own.outlet.height_mm,
        compartments=_compartments(design, own),
        landings=_landings(design, own, tier, inflow, (left, right, back)),
        baffles=(_baffle(design, own),) if len(design.branches(bucket)) > 1 else (),
    )


def _open_ends(design: Design, bucket: Bucket, tier: int) -> tuple[bool, bool]:
    """Whether nothing stands in front of the sill wall at the left and right end of a bucket's sill.

    So it is where the next compartment belongs to a neighbour, and both fall in the first gutter layer to one vessel.
    """
    b, row = terrace(design), {v.name for v in design.tiers[tier]}
    ways = [(p, n) for p, n in zip(design.pipes, b.pipe_layers, strict=True) if p.source in row]
    ways.sort(key=lambda way: float(way[0].path_mm[0, 0]))
    own = [n for n, (pipe, _) in enumerate(ways) if pipe.source == bucket.name]

    def joined(n: int, m: int) -> bool:
        if not 0 <= m < len(ways):
            return False  # the machine's end wall
        (mine, layer), (other, beside) = ways[n], ways[m]
        return mine.target == other.target and layer == beside == 0

    return joined(own[0], own[0] - 1), joined(own[-1], own[-1] + 1)


def _compartments(design: Design, bucket: Bucket) -> tuple[Compartment, ...]:
    found = []
    for pipe in design.branches(bucket.name):
        x, half = float(pipe.path_mm[0, 0]), pipe.area_mm2 / bucket.outlet.height_mm / 2
        found.append(Compartment(pipe.name, pipe.target, x - half, x + half))
    return tuple(sorted(found, key=lambda c: c.low_mm))


def _baffle(design: Design, bucket: Bucket) -> Baffle:
    """The wall on slots that :func:`porcelain.styles.terrace.solids.baffle` draws."""
    b = terrace(design)
    left, right = span(bucket)
    front = float(bucket.at_mm[1] + bucket.size_mm[1] / 2) - b.baffle_at_mm
    top = sill_z(bucket) + bucket.outlet.head_mm + b.baffle_top_mm
    width, pitch, height = (float(v) for v in b.slot_mm)
    count = int((right - left - (pitch - width)) / pitch)
    start = (left + right - count * pitch + (pitch - width)) / 2
    peak = height + width / 2 * 3.0**0.5
    openings = tuple(Opening(start + n * pitch, start + n * pitch + width, height, peak) for n in range(count))
    return Baffle(front - b.baffle_mm, front, top, openings)


def _landings(
    design: Design, bucket: Bucket, tier: int, inflow: str, inner: tuple[float, float, float]
) -> tuple[Landing, ...]:
    """Where the inflow comes down."""
    left, right, back = inner
    pipes = {pipe.name: pipe for pipe in design.pipes if pipe.target == bucket.name}
    if inflow == "machine" and pipes:
        flows = _worst_ml(design)
        whole = sum(flows[name] for name in pipes)
        if whole <= 0:
            raise PorcelainError(f"no water of the worst pour reaches {bucket.name}; name an inflow: even, left, right")
        parts = [(pipe, flows[name] / whole) for name, pipe in pipes.items() if flows[name] > 0]
        return tuple(landing for pipe, part in parts for landing in _sheet(design, bucket, tier, pipe, part))
    if inflow in pipes:
        return tuple(_sheet(design, bucket, tier, pipes[inflow], 1.0))
    sides = {
        "machine": (left, right),
        "even": (left, right),
        "left": (left, min(left + STREAM_MM, right)),
        "right": (max(right - STREAM_MM, left), right),
    }
    if inflow not in sides:
        raise unknown("inflow", inflow, [*sides, *pipes])
    return (Landing(*sides[inflow], back, HAND_FALL_MM, 1.0),)


def _worst_ml(design: Design) -> dict[str, float]:
    """What each pipe carries of the worst pour, with ideal water."""
    standing = {b.name: float(v) for b, v in zip(design.tiers[0], design.worst_ml, strict=True)}
    flows: dict[str, float] = {}
    for row in design.tiers:
        for bucket in row:
            passed = max(standing.get(bucket.name, 0.0) - bucket.threshold_ml, 0.0)
            for pipe in design.branches(bucket.name):
                flows[pipe.name] = passed * pipe.share
                standing[pipe.target] = standing.get(pipe.target, 0.0) + flows[pipe.name]
    return flows


def _sheet(design: Design, bucket: Bucket, tier: int, pipe: Pipe, part: float) -> list[Landing]:
    """A pipe's water: what leaves its sill above the bucket's mouth falls straight, the rest runs down a divider.

    A leaning divider brings that to the wall that the divider stands on, where it drops into the bucket's corner.
    """
    b = terrace(design)
    source = next(v for v in design.buckets if v.name == pipe.source)
    half = pipe.area_mm2 / source.outlet.height_mm / 2
    low, high = float(pipe.path_mm[0, 0]) - half, float(pipe.path_mm[0, 0]) + half
    left, right = b.mouth_mm(left_to_right(design.rows[tier]), bucket)
    layer = b.pipe_layers[[p.name for p in design.pipes].index(pipe.name)]
    at = max(b.layer_mm(tier - 1, layer), float(bucket.at_mm[1] - bucket.size_mm[1] / 2))
    fall = sill_z(source) - rim_z(bucket)
    per_mm = part / (high - low)
    landings = []
    if (width := min(high, right) - max(low, left)) > SPECK_MM:
        landings.append(Landing(max(low, left), min(high, right), at, fall, per_mm * width))
    reach = min(EDGE_STREAM_MM, right - left)
    if (beyond := min(high, left) - low) > SPECK_MM:
        landings.append(Landing(left, left + reach, at, fall, per_mm * beyond))
    if (beyond := high - max(low, right)) > SPECK_MM:
        landings.append(Landing(right - reach, right, at, fall, per_mm * beyond))
    return landings
