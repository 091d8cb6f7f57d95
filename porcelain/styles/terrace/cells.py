"""Positions of a terrace's cells, sills and rims."""

from __future__ import annotations

from ...machine.design import Design
from ...machine.layouts import Terrace
from ...machine.vessel import Bucket, Vessel

OVER_MM = 60.0  # a cut through an open top runs on into the air
BITE_MM = 0.4  # what stands on a wall reaches into it


def terrace(design: Design) -> Terrace:
    """The layout of a design, known to be a terrace."""
    assert isinstance(design.layout, Terrace)
    return design.layout


def left_to_right(row: tuple[Vessel, ...]) -> list[Vessel]:
    return sorted(row, key=lambda v: float(v.at_mm[0]))


def span(vessel: Vessel) -> tuple[float, float]:
    """Inner left and right of a cell."""
    x, half = float(vessel.at_mm[0]), vessel.size_mm[0] / 2
    return x - half, x + half


def sill_z(bucket: Bucket) -> float:
    """Height of a sill above the table."""
    return float(bucket.at_mm[2]) + bucket.outlet.sill_mm


def rim_z(vessel: Vessel) -> float:
    return float(vessel.at_mm[2]) + vessel.rim_mm
