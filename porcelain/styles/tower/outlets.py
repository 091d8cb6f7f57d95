"""Geometry of a tower's round holes, for a free-surface simulation."""

from __future__ import annotations

from ...errors import PorcelainError, unknown
from ...machine.design import Design
from ...machine.layouts import Tower
from ...machine.outlet_geometry import Hole, HoleGeometry, Landing
from ...machine.vessel import Bucket, Pipe

STREAM_MM = 6.0  # side of a hand's stream
HAND_FALL_MM = 20.0  # from the vessel in the hand to the rim


def hole_geometry(design: Design, bucket: str, inflow: str = "machine") -> HoleGeometry:
    """The round outlets of a bucket as the Design draws them.

    Parameters
    ----------
    design : Design
    bucket : str
        Name of the bucket, as in ``b1.2``.
    inflow : str
        "machine": from every pipe that leads here, in equal parts, or a hand's stream in the middle where none does;
        the name of a pipe that leads here; "even": over the whole plan; "left" or "right": a stream at that end.

    Raises
    ------
    PorcelainError
        For an unknown bucket or inflow.
    """
    assert isinstance(design.layout, Tower)
    buckets = {b.name: b for b in design.buckets}
    if bucket not in buckets:
        raise unknown("bucket", bucket, buckets)
    own = buckets[bucket]
    (x, y, floor), (across, along) = (float(v) for v in own.at_mm), own.size_mm
    return HoleGeometry(
        bucket=bucket,
        low_mm=(x - across / 2, y - along / 2),
        high_mm=(x + across / 2, y + along / 2),
        floor_mm=floor,
        sill_mm=floor + own.outlet.sill_mm,
        rim_mm=floor + own.rim_mm,
        holes=tuple(_hole(pipe) for pipe in design.branches(bucket)),
        landings=_landings(design, own, inflow),
    )


def _hole(pipe: Pipe) -> Hole:
    start, end = (tuple(float(v) for v in pipe.path_mm[n]) for n in (0, 1))
    return Hole(pipe.name, pipe.target, (start[0], start[1], start[2]), (end[0], end[1], end[2]), pipe.bore_mm)


def _landings(design: Design, bucket: Bucket, inflow: str) -> tuple[Landing, ...]:
    """Streams that fall straight, as wide as the pipes that they leave."""
    (x, y, _), (across, along) = (float(v) for v in bucket.at_mm), bucket.size_mm
    pipes = {pipe.name: pipe for pipe in design.pipes if pipe.target == bucket.name}
    chosen = pipes if inflow == "machine" else {inflow: pipes[inflow]} if inflow in pipes else {}
    if chosen:
        return tuple(_stream(pipe, bucket, 1.0 / len(chosen)) for pipe in chosen.values())
    reach = (across - STREAM_MM) / 2
    middles = {"machine": x, "left": x - reach, "right": x + reach}
    if inflow == "even":
        return (Landing(x - across / 2, x + across / 2, y - along / 4, HAND_FALL_MM, 1.0),)
    if inflow not in middles:
        raise unknown("inflow", inflow, [*middles, "even", *pipes])
    middle = middles[inflow]
    return (Landing(middle - STREAM_MM / 2, middle + STREAM_MM / 2, y - STREAM_MM / 2, HAND_FALL_MM, 1.0),)


def _stream(pipe: Pipe, bucket: Bucket, part: float) -> Landing:
    x, y = (float(v) for v in pipe.path_mm[-1, :2])
    half, reach = pipe.bore_mm / 2, bucket.size_mm[0] / 2
    left, right = float(bucket.at_mm[0]) - reach, float(bucket.at_mm[0]) + reach
    if not left < x < right:
        raise PorcelainError(f"{pipe.name} ends at x = {x:g} mm, beside {bucket.name} ({left:g} to {right:g} mm)")
    fall = float(pipe.path_mm[0, 2]) - float(bucket.at_mm[2]) - bucket.rim_mm
    return Landing(max(x - half, left), min(x + half, right), y - half, fall, part)
