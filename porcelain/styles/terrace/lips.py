"""Lips against splashing: a funnel round the mouths that are poured into, ridges on walls, a guard round the cups.

A drop that hits a wall between two cells must fall into one or the other, and one that hits a wall round them, inwards.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...arrays import Floats
from ...geometry import solids
from ...geometry.extrude import along_x, along_y, snapped
from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.layouts import Terrace
from .cells import BITE_MM, rim_z, terrace

RISE = float(np.tan(np.radians(60.0)))  # of a ridge: a drop slides off
RIB = (1.5, 0.9)  # in walls, low and high on the funnel's back: a jet's sheet is thinner, and so is no wall
RIB_END_MM = 2.5
CLEAR_MM = 1.0  # a guard ends this far below the last sills: no cup backs up into a bucket


def back(b: Terrace, rim: float) -> Floats:
    """Foot and head (2, 3) at x = 0 of the funnel's back as water sees it: it thins from a wall to a knife."""
    return np.array([[0.0, b.wall_mm, rim], [0.0, b.knife_mm - b.flare_mm, rim + b.funnel_mm]])


def funnel(design: Design) -> Iterator[Solid]:
    """Back and end walls of the first row, leaning out; ridges on the walls between its mouths, and ribs behind."""
    b = terrace(design)
    rim, front = rim_z(design.tiers[0][0]), float(b.fronts_mm[0])
    foot, head = back(b, rim)
    outer = _flared(b, np.array([0.0, 0.0, rim]), np.array([0.0, -b.flare_mm, rim + b.funnel_mm]), front)
    yield solids.cut(outer, [_flared(b, foot, head + (head - foot) * 0.1, front + 1.0)])
    for line in b.walls_mm(design.tiers[0])[1:-1]:
        x = line[-1][0]
        yield along_y(np.array(_ridge(b, x, rim)), 0.0, front - b.wall_mm)
        yield solids.hull(_rib(b, x, rim))


def _flared(b: Terrace, foot: Floats, head: Floats, front: float) -> Solid:
    """Upright in front, leaning behind from a foot to a head and alike at both ends.

    Each corner behind is a third plane that leans as they do: where two met, their edge would lean out too far.
    """
    (_, low, z), (_, wide, top) = foot, head
    near = wide + (low - wide) * (1.0 - np.tan(np.radians(22.5)))
    corners = [(low, low, z), (low, front, z), (wide, front, top), (wide, near, top), (near, wide, top)]
    mirrored = [(b.width_mm - x, y, height) for x, y, height in corners]
    return solids.hull(snapped(corners + mirrored))


def _ridge(b: Terrace, x: float, z: float) -> list[tuple[float, float]]:
    half = b.wall_mm / 2
    return [(x - half, z - BITE_MM), (x + half, z - BITE_MM), (x + half, z), (x, z + RISE * half), (x - half, z)]


def _rib(b: Terrace, x: float, rim: float) -> Floats:
    """Corners of a rib up the funnel's back, from the ridge to near its edge: what spreads there stays in its lane."""
    (foot, head), half = back(b, rim), b.wall_mm / 2
    up = (head - foot) / np.linalg.norm(head - foot)
    out, lower = np.array([0.0, up[2], -up[1]]), np.array([0.0, BITE_MM, BITE_MM])
    length = float(np.linalg.norm(head - foot))
    tall = min(RIB[1] * b.wall_mm, RIB_END_MM * up[2] / max(-up[1], 1e-9))  # it ends no higher than the funnel
    sides = [foot - lower, foot - BITE_MM * out, head - b.knife_mm / 2 * up - BITE_MM * out]
    tips = [
        foot + np.array([0.0, RIB[0] * b.wall_mm, RISE * half]),
        foot + (length - RIB_END_MM) * up + tall * out,
    ]
    base = [side + np.array([s * half, 0.0, 0.0]) for side in sides for s in (-1.0, 1.0)]
    return snapped(np.array([*base, *tips]) + np.array([x, 0.0, 0.0]))


def ridges(design: Design) -> Iterator[Solid]:
    """What is cut off the tops of walls between cells below the first row, in front of the gutters, to leave ridges."""
    b, tiers = terrace(design), len(design.tiers)
    for k, row in enumerate(design.rows):
        joint = b.joint(k)
        if (k == 0 and joint is None) or (k == tiers and b.joint(tiers)):
            continue
        start = joint.front_mm if joint else b.layer_mm(k - 1, b.layers[k - 1])
        end = float(b.fronts_mm[k]) - b.wall_mm * (k < tiers)
        top, half = rim_z(row[0]) + b.step_mm, b.wall_mm / 2
        for line in b.walls_mm(row)[1:-1]:
            x = line[-1][0]
            for side in (-1.0, 1.0):
                away = side * (half + 0.01)
                slant = [(x + away, top - RISE * abs(away)), (x, top), (x, top + 1.0), (x + away, top + 1.0)]
                yield along_y(np.array(slant if side < 0 else slant[::-1]), start, end)


def guard(design: Design) -> Iterator[Solid]:
    """The cups' outer walls, raised; their tops fall inwards from a sharp edge outside."""
    b = terrace(design)
    rim, wall = rim_z(design.cups[0]), b.wall_mm
    behind, front = float(b.fronts_mm[-2]) - wall, float(b.fronts_mm[-1])
    top = rim + b.guard_mm
    shoulder = max(top - RISE * wall, rim)
    outline = [(front - wall, rim - BITE_MM), (front, rim - BITE_MM), (front, top), (front - wall, shoulder)]
    yield along_x(outline, 0.0, b.width_mm)
    for outer, inner in ((0.0, wall), (b.width_mm, b.width_mm - wall)):
        outline = [(inner, rim - BITE_MM), (inner, shoulder), (outer, top), (outer, rim - BITE_MM)]
        yield along_y(np.array(outline if inner > outer else outline[::-1]), behind, front)
