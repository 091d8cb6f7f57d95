"""Calibration piece of a tower: one bucket with three round holes over three cups, and what its weighed cups say.

What stays in the bucket tells how well this water wets the print, for the surface tension that the water is said to
have. How the rest is parted tells how much narrower than drawn the holes came out: small ones lose more. How fast water
runs through a hole leaves no trace in the cups, and the coefficient of discharge is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from ...arrays import Floats
from ...encoding import Encoding
from ...errors import PorcelainError
from ...geometry import channel
from ...hydraulics import orifice
from ...machine.design import Design
from ...machine.layouts import Tower
from ...machine.vessel import Bucket, Cup, Outlet, Pipe
from ...network import Layer, Network
from ...printer import Printer
from ...units import MM3_PER_ML
from ...water import WATERS, Water
from ..calibration import Weighed
from ..letters import RELIEF_MM, stroke_mm, text_mm
from ..limits import ROOF_DEG
from ..validate import accepted
from .labels import on_cup
from .rows import FALL, GAP_MM
from .sizes import round_areas
from .walls import Walls

SHARES = (0.5, 0.2, 0.3)
POURED_ML, POUR_ML_S = 1.9, 30.0
KEPT_MM, HEAD_MM = 2.0, 10.0  # of the bucket below its sill and above it
DEPTH_MM, CUP_DEPTH_MM = 8.0, 14.0  # inside, from back to front
MOST_ML = 1.0  # a cup holds more than half of what is poured
PART_MM = 0.86  # a wall of two lines between cups
FLOOR_MM = 1.2
WALL_MM = 2.4  # the wall with the holes
MOST_DEG = 120.0  # no printed plastic repels water more
SHRINK_MM = (-0.5, 1.0)  # beyond what the printer's record says
MISFIT_PP = 4.0
POURING = 0.005  # of the shares: by as much a pour in a sixth of a second and one at once are parted otherwise


@dataclass(frozen=True)
class HoleReading:
    """What the cups say: ``water`` with the contact angle it has here, and ``shrink_mm`` +- ``shrink_sd_mm`` that holes
    lose beyond the printer's record. ``stop_mm`` is what stood above the sill, ``shares`` (3,) as parted, ``misfit_pp``
    how far the law stays from them, ``scatter_pp`` between pours.
    """

    stop_mm: float
    water: Water
    shrink_mm: float
    shrink_sd_mm: float
    shares: Floats
    misfit_pp: float
    scatter_pp: float

    @property
    def said(self) -> str:
        """One line for people."""
        shares = " / ".join(f"{share:.1%}" for share in self.shares)
        return (
            f"measured: water stands {self.stop_mm:.2f} mm above a sill, so it meets the print at"
            f" {self.water.contact_angle_deg:.0f} degrees;"
            f" split {shares}, scatter {self.scatter_pp:.1f} points,"
            f" so holes lose {self.shrink_mm:+.2f} +- {self.shrink_sd_mm:.2f} mm beyond this printer's record"
        )

    def printer(self, printer: Printer) -> Printer:
        """The printer's record with holes as they came out."""
        return replace(printer, hole_shrink_mm=round(max(printer.hole_shrink_mm + self.shrink_mm, 0.0), 3))


def hole_piece(printer: Printer, discharge: float) -> Design:
    """The piece: holes in proportion with level inverts, drawn for ideal water, so that what is off is the water's.

    It is a tower without a mast: one part, the bucket standing behind its cups.
    """
    shares, walls = np.array(SHARES), Walls.of(printer)
    wall, between = walls.wall_mm, max(PART_MM, printer.two_lines_mm)
    floor, holed = max(FLOOR_MM, printer.two_lines_mm), max(WALL_MM, wall)
    areas = round_areas(shares * channel.area_mm2(printer.min_bore_mm) / shares.min())
    bores = np.array([channel.bore_mm(area) for area in areas])
    near = (bores[0] + bores[1]) / 2, (bores[1] + bores[2]) / 2
    pitch = np.ceil(10 * (max(near) + walls.between_mm)) / 10
    plan = (float(3 * pitch - between), DEPTH_MM)
    area, cup_area = plan[0] * plan[1], (pitch - between) * CUP_DEPTH_MM
    cup_mm = round(MOST_ML * MM3_PER_ML / cup_area, 1)
    sill = round(floor + cup_mm + GAP_MM + holed * FALL, 2)
    rim = round(KEPT_MM + max(HEAD_MM, float(np.ptp(channel.mouth_mm(float(bores.max()), FALL))) + wall), 2)
    outlet = Outlet("orifice", KEPT_MM, discharge)
    at = np.array([0.0, 0.0, sill - KEPT_MM])
    bucket = Bucket("b0.0", "water", at, plan, np.array([rim]), np.array([area]), outlet)
    # seen from the front x runs to the left
    names, xs = ("left", "middle", "right"), pitch * np.array([1.0, 0.0, -1.0])
    front, across = DEPTH_MM / 2, DEPTH_MM / 2 + holed + CUP_DEPTH_MM / 2
    cups, pipes = [], []
    for j, (name, x) in enumerate(zip(names, xs, strict=True)):
        place = np.array([x, across, floor])
        size = (float(pitch - between), CUP_DEPTH_MM)
        cups.append(Cup(f"c{j}", name, place, size, np.array([cup_mm]), np.array([cup_area])))
        z = sill - channel.mouth_mm(float(bores[j]), FALL)[0]
        path = np.round([[x, front, z], [x, front + holed, z - holed * FALL]], 3)
        pipes.append(Pipe(f"p0.0-{j}", "b0.0", f"c{j}", float(shares[j]), float(areas[j]), path))
    feet = np.array([[-1.0, 0.0, 1.0, 0.0]]) * (plan[0] / 2 + wall)
    feet[0, [1, 3]] = -front - wall, across + CUP_DEPTH_MM / 2 + wall
    letters = text_mm(printer), stroke_mm(printer), RELIEF_MM
    layout = Tower(
        np.zeros(1), 0.0, 0.0, GAP_MM, wall, walls.pipe_mm, floor, floor, ROOF_DEG, feet, *letters
    )  # fmt: skip
    named = [on_cup(cup, layout, np.array([0.0, 1.0, 0.0])) for cup in cups]
    layout = replace(layout, labels=tuple(label for label in named if label))
    encoding = Encoding(("water",), ("mL",), np.zeros(1), np.ones(1), np.zeros(1), np.array([POURED_ML]))
    layer = Layer(np.array([bucket.threshold_ml]), shares[None])
    network = Network((layer,), encoding, names, "trial-holes", {"trial_ml": POURED_ML})
    worst = np.array([POURED_ML])
    piece = Design(
        "trial-holes", network, printer, WATERS["ideal"], 1.0, POUR_ML_S, worst,
        ((bucket,),), tuple(pipes), tuple(cups), layout,
    )  # fmt: skip
    return accepted(piece)


def read_holes(found: Weighed, piece: Design, water: Water) -> HoleReading:
    """From volumes, poured in one go, to the water's contact angle and the holes' shrink.

    Raises PorcelainError for cups that no water and no printer of these kinds can have filled.
    """
    if water.surface_tension_n_m == 0:
        raise PorcelainError("ideal water leaves nothing to measure; say what was poured with --water tap or rinse_aid")
    (bucket,) = piece.buckets
    if found.poured_ml > bucket.capacity_ml:
        raise PorcelainError(
            f"{found.poured_ml} mL do not fit the calibration piece, which holds {bucket.capacity_ml:.2f} mL;"
            f" pour {POURED_ML} mL in one go"
        )
    cups = np.array(found.cups_ml)
    parted = cups / cups.sum(axis=1, keepdims=True)
    shares, scatter = parted.mean(axis=0), float(parted.std(axis=0).max())
    drawn = np.array([pipe.bore_mm for pipe in piece.pipes])
    stop = _stop_mm(found.poured_ml - float(cups.sum(axis=1).mean()), bucket)
    wets = replace(water, name=f"{water.name}, as weighed", contact_angle_deg=_angle_deg(stop, drawn, water))
    head = float(bucket.level_mm(found.poured_ml)) - bucket.outlet.sill_mm

    def parts(shrink: float) -> Floats:
        areas = np.array([channel.area_mm2(d - shrink) for d in drawn])
        return orifice.drained(areas, np.zeros(3), wets, head, bucket.outlet.discharge)

    best = minimize_scalar(lambda shrink: float(((parts(shrink) - shares) ** 2).sum()), bounds=SHRINK_MM)
    shrink, misfit = float(best.x), 100.0 * float(np.abs(parts(best.x) - shares).max())
    if misfit > MISFIT_PP or not SHRINK_MM[0] + 0.01 < shrink < SHRINK_MM[1] - 0.01:
        told, wanted = (" / ".join(f"{100 * x:.0f}" for x in some) for some in (shares, parts(0.0)))
        raise PorcelainError(
            f"the cups got {told} % and holes as drawn give {wanted} % of this water; no shrink between"
            f" {SHRINK_MM[0]} and {SHRINK_MM[1]} mm parts it so; look for a blocked hole or cups in another order"
        )
    slope = float(np.linalg.norm(parts(shrink + 0.05) - parts(shrink - 0.05))) / 0.1
    spread = float(np.hypot(scatter / np.sqrt(len(cups)), POURING)) / max(slope, 1e-9)
    return HoleReading(round(stop, 3), wets, round(shrink, 3), round(spread, 3), shares, misfit, 100.0 * scatter)


def _stop_mm(kept_ml: float, bucket: Bucket) -> float:
    stop = float(bucket.level_mm(kept_ml)) - bucket.outlet.sill_mm
    if stop < 0:
        raise PorcelainError(
            f"the calibration piece kept {kept_ml:.2f} mL and {bucket.threshold_ml:.2f} mL lie below its sill;"
            " look for a leak, or dry the cups and weigh again"
        )
    return stop


def _angle_deg(stop_mm: float, bores_mm: Floats, water: Water) -> float:
    """The contact angle at which the last hole stops at this level; 0 for water that stops lower than any."""
    areas = np.array([channel.area_mm2(d) for d in bores_mm])

    def over(angle: float) -> float:
        return orifice.stop_mm(areas, np.zeros(len(areas)), replace(water, contact_angle_deg=angle)) - stop_mm

    if over(0.0) >= 0:
        return 0.0
    if over(MOST_DEG) < 0:
        most = over(MOST_DEG) + stop_mm
        raise PorcelainError(
            f"{stop_mm:.1f} mm of water stayed above the sill, and {water.name} water stops at {most:.1f} mm at most;"
            " look for blocked holes, or say what was poured with --water"
        )
    return round(float(brentq(over, 0.0, MOST_DEG)), 1)
