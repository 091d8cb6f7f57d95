"""The physical heat exchanger as one printable body: two U-shaped pipes that touch along their floors.

It is printed lying down, both pipes in the plane of the bed: the channels have pointed roofs and the
outside has only upright walls and a flat top, so that nothing needs support. Stood up, pipe A opens upwards and
pipe B, below it, downwards; hot water runs through A from left to right, cold water through B from right to left.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError
from ..geometry import channel, solids
from ..machine.assembly import Part
from ..printer import Printer
from .options import BodyOptions

ROOF_DEG = channel.LEVEL_ROOF_DEG
PLA_W_M_K = 0.12  # Zmeskal et al., AIP Conference Proceedings 2305, 020022 (2020), on printed PLA
SLABS = 400


def parts(
    printer: Printer,
    length_mm: float = BodyOptions.length,
    area_mm2: float = BodyOptions.area,
    leg_mm: float = BodyOptions.leg,
) -> list[Part]:
    """One Part with two through-channels, hot and cold, one printable wall apart over ``length_mm``.

    ``area_mm2`` is the area of each channel as printed. The drawing is wider by what a printed hole loses.
    ``leg_mm`` is how far the four ends stand out. Raises PorcelainError for what this printer cannot make.
    """
    for what, value in (("length_mm", length_mm), ("area_mm2", area_mm2), ("leg_mm", leg_mm)):
        if not (np.isfinite(value) and value > 0):
            raise PorcelainError(f"{what} is {value}; a finite number above 0 is needed")
    wide = channel.bore_mm(area_mm2, ROOF_DEG)
    if wide < printer.min_bore_mm:
        least = channel.area_mm2(printer.min_bore_mm, ROOF_DEG)
        raise PorcelainError(
            f"area_mm2 is {area_mm2}, a channel of {wide:.2f} mm; {printer.name} needs {least:.1f} mm2"
        )
    drawn, wall = wide + printer.hole_shrink_mm, printer.min_wall_mm
    if length_mm <= drawn + 2 * wall:
        raise PorcelainError(f"length_mm is {length_mm}; more than the pipe's own {drawn + 2 * wall:.1f} mm is needed")
    section = channel.section(drawn, ROOF_DEG)
    half, low = drawn / 2 + wall, float(section[:, 1].min())
    top = float(section[:, 1].max()) - low + 2 * wall
    axis_mm = wall - low
    paths = [_u(length_mm, leg_mm + half, axis_mm, side, (drawn + wall) / 2) for side in (1.0, -1.0)]
    shells = [
        solids.box([*(np.minimum(a, b)[:2] - half), 0.0], [*(np.maximum(a, b)[:2] + half), top])
        for path in paths
        for a, b in pairwise(path)
    ]
    ends = [path[i] for path in paths for i in (0, -1)]
    body = solids.cut(solids.union(shells), [_outside(end, half, top) for end in ends])
    body = solids.cut(body, [rod for path in paths for rod in _channels(path, drawn)])
    vertices, faces = solids.to_mesh(body, "heat-exchanger")
    corner = np.array([*vertices[:, :2].min(axis=0), 0.0])
    part = Part("heat-exchanger", vertices - corner, faces, np.zeros(3), channels=("hot", "cold"))
    if not printer.fits(part.size_mm):
        size = " x ".join(f"{s:.0f}" for s in part.size_mm)
        raise PorcelainError(f"the heat exchanger is {size} mm, more than {printer.name} holds; shorten it")
    return [part]


def conductance_w_m_k(printer: Printer, area_mm2: float = BodyOptions.area, material_w_m_k: float = PLA_W_M_K) -> float:
    """Conductance of the wall between the two channels, W per metre of pipe and kelvin, without the waters' own films.

    Heat is taken to cross squarely, slab by slab of the channels' height: less than it really crosses, by what bends.
    """
    section = channel.section(channel.bore_mm(area_mm2, ROOF_DEG) + printer.hole_shrink_mm, ROOF_DEG)
    right = section[section[:, 0] >= 0.0]
    right = right[np.argsort(right[:, 1], kind="stable")]
    low, high = right[0, 1], right[-1, 1]
    middles = low + (np.arange(SLABS) + 0.5) / SLABS * (high - low)
    half = np.interp(middles, right[:, 1], right[:, 0])
    across_mm = printer.min_wall_mm + 2 * (half.max() - half)
    return float(material_w_m_k * ((high - low) / SLABS / across_mm).sum())


def _u(length_mm: float, reach_mm: float, axis_mm: float, side: float, away_mm: float) -> Floats:
    """Axis (4, 3) of one pipe: an end, along the touching line ``away_mm`` from it, the other end."""
    near, far = side * away_mm, side * (away_mm + reach_mm)
    return np.array([[0.0, far, axis_mm], [0.0, near, axis_mm], [length_mm, near, axis_mm], [length_mm, far, axis_mm]])


def _channels(path: Floats, drawn_mm: float) -> list[solids.Solid]:
    """The three straight channels of a U, each run on past its knees so that the corners are as wide as the pipe."""
    on, out = 0.45 * drawn_mm, 1.0  # not quite the radius: caps that only touch a channel leave slivers
    runs = ((0, out, on), (1, on, on), (2, on, out))
    return [solids.tube(path[k : k + 2], drawn_mm, (start, end), roof_deg=ROOF_DEG) for k, start, end in runs]


def _outside(end: Floats, half: float, top: float) -> solids.Solid:
    """What a leg's box stands out beyond its mouth."""
    sign = np.sign(end[1])
    low, high = sorted((end[1], end[1] + sign * 2 * half))
    return solids.box([end[0] - 2 * half, low, -1.0], [end[0] + 2 * half, high, top + 1.0])
