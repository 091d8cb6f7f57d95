"""Gutters of a terrace: knives, ramps, dividers and plates that lead streams to the next row, in layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from ...arrays import Floats
from ...geometry import solids
from ...geometry.extrude import along_x, along_y, box, point
from ...geometry.solids import Solid
from ...machine.design import Design
from ...machine.layouts import Terrace
from ...machine.vessel import Pipe, Vessel
from .cells import BITE_MM, OVER_MM, left_to_right, sill_z, terrace

Line: TypeAlias = list[tuple[float, float]]
"""Axis of a divider, (x, z) upwards."""

SKIRT_MM = 0.1  # a divider's foot is this much wider than the wall it stands on: water drops off beside it
STEEP = float(np.tan(np.radians(70.0)))


def gallery(design: Design, rows: list[list[Vessel]], k: int) -> Solid:
    """What parts the streams between row k and the next: knives, ramps, dividers and plates."""
    b = terrace(design)
    streams = _streams(design, k)
    depth = b.layers[k]
    edges = [_dividers(b, k, n, rows[k + 1]) for n in range(depth)]
    edges.append([[(w, float(b.mouths_mm[k])), (w, float(b.tops_mm[k]))] for w in walls(b, rows[k + 1])])
    carries = [{s.place for s in streams if s.layer == n} for n in range(depth)] + [set()]
    carries = [carries[n] | _overhung(edges, n, carries) for n in range(depth)] + [set()]
    dividers = solids.union([piece for n in range(depth) for piece in _upright(b, k, n, edges[n], carries[n])])
    # A point is cut before plates stand: where two layers drain to different cells, a plate fills the arch again.
    made = [solids.cut(dividers, _points(b, k, edges[:-1], carries)), *_knives(b, k, streams, edges)]
    made += [*_ends(b, k, design), *(_ramp(b, k, s) for s in streams if s.layer)]
    plates = (_plate(b, k, n, edges, carries) for n in range(depth))
    made += [plate for plate in plates if plate is not None]
    return solids.cut(solids.union(made), [_air(b, k, s) for s in streams])


class Stream:
    """A compartment: its edges along x, its layer, its place among the cells below, and the sill's height."""

    def __init__(self, pipe: Pipe, layer: int, place: int, width_mm: float, sill: float) -> None:
        self.low, self.high = float(pipe.path_mm[0, 0]) - width_mm / 2, float(pipe.path_mm[0, 0]) + width_mm / 2
        self.layer, self.place, self.sill, self.source = layer, place, sill, pipe.source


def _streams(design: Design, k: int) -> list[Stream]:
    """Compartments of a tier from left to right."""
    b = terrace(design)
    places = {v.name: p for p, v in enumerate(left_to_right(design.rows[k + 1]))}
    buckets = {bucket.name: bucket for bucket in design.tiers[k]}
    streams = []
    for pipe, layer in zip(design.pipes, b.pipe_layers, strict=True):
        if pipe.source in buckets:
            bucket = buckets[pipe.source]
            width = pipe.area_mm2 / bucket.outlet.height_mm
            streams.append(Stream(pipe, int(layer), places[pipe.target], width, sill_z(bucket)))
    return sorted(streams, key=lambda s: s.low)


def walls(b: Terrace, row: Sequence[Vessel]) -> list[float]:
    """Middles of the walls round a row's cells, at the rim."""
    return [line[-1][0] for line in b.walls_mm(row)]


def _dividers(b: Terrace, k: int, layer: int, below: list[Vessel]) -> list[Line]:
    """Axis of each divider of a layer, (x, z) from the wall below to its top: leaning first, then upright."""
    middles = walls(b, below)
    rise = np.tan(np.radians(b.roof_deg))
    bottom, top = float(b.mouths_mm[k]), float(b.tops_mm[k])
    lines = []
    for n, wall in enumerate(middles):
        x = next(d.top_mm for d in b.dividers if (d.tier, d.layer, d.wall) == (k, layer, n))
        reach = min(rise * abs(x - wall), top - bottom)  # one that parts no water may not get all the way
        x = wall + float(np.sign(x - wall)) * reach / rise if abs(x - wall) > 0.02 else wall
        reach = reach if x != wall else 0.0
        lines.append([(wall, bottom), (x, bottom + reach), (x, top)] if reach else [(wall, bottom), (wall, top)])
    return lines


def _overhung(edges: list[list[Line]], n: int, carries: list[set[int]]) -> set[int]:
    """Cells that a layer parts although it carries no water to them: its dividers lean over them.

    Water of the next layer that runs down the plate between bends to such a divider's underside and on along it, to
    the wall that it stands on. The dividers of the cells on that way turn it down into its own.
    """
    found: set[int] = set()
    for i, line in enumerate(edges[n][1:-1], 1):
        if carries[n] & {i - 1, i}:
            lean = np.linspace(line[0], line[-2], 64)[1:]
            for q in carries[n + 1]:
                way = {*range(i, q + 1), *range(q, i)}
                if not way & carries[n] and _within(edges[n + 1], q, lean):
                    found |= way - {q}
    return found


def _within(edges: list[Line], place: int, points: Floats) -> bool:
    """Whether one of the points (n, 2) lies over a cell and in what drains to it."""
    left, right = (np.interp(points[:, 1], *np.transpose(edge)[::-1]) for edge in edges[place : place + 2])
    return bool(((points[:, 0] > left) & (points[:, 0] < right)).any())


def _upright(b: Terrace, k: int, layer: int, edges: list[Line], carries: set[int]) -> Iterator[Solid]:
    """Dividers of a layer that part water, as thick along x as a plate."""
    y = b.layer_mm(k, layer)
    low, high = y - (b.plate_mm if layer else BITE_MM), y + float(b.gutters_mm[k]) + b.plate_mm
    for n, line in enumerate(edges):
        inner = 0 < n < len(edges) - 1
        if not carries & {n - 1, n}:
            if inner:  # no divider stands here: the wall stays as high as in front of the gutters
                (x, z), half = line[0], b.wall_mm / 2
                last = layer + 1 == b.layers[k]  # else a film behind the next layer's ramps would land on its end
                yield box([x - half, low, z - BITE_MM], [x + half, high - b.plate_mm * (not last), z + b.step_mm])
            continue
        lean = b.plate_mm / 2 if inner else b.wall_mm / 2
        if not inner and line[0][0] == line[-1][0]:
            continue  # the end wall itself
        outline = [(x - lean, z) for x, z in reversed(line)] + [(x + lean, z) for x, z in line]
        yield along_y(np.array(outline), low, high)
        if not inner:
            continue
        (wall, z), half = line[0], b.wall_mm / 2 + SKIRT_MM
        tall = (half - lean) * np.tan(np.radians(60.0))
        skirt = [(wall - half, z - 2 * BITE_MM), (wall + half, z - 2 * BITE_MM), (wall + half, z)]
        skirt += [(wall + lean, z + tall), (wall - lean, z + tall), (wall - half, z)]
        yield along_y(np.array(skirt), low, high)


def _points(b: Terrace, k: int, edges: list[list[Line]], carries: list[set[int]]) -> Iterator[Solid]:
    """What sharpens the arches where dividers lean to meet each other, in one layer or across a plate."""
    for n, m in [(n, n + step) for n in range(len(edges)) for step in (0, 1, -1) if 0 <= n + step < len(edges)]:
        ends = b.layer_mm(k, max(n, m)), b.layer_mm(k, min(n, m)) + float(b.gutters_mm[k])
        over = b.plate_mm * (n == m)
        for x, z in _tips(b, edges[n], edges[m], carries[n], carries[m]):
            yield along_y(np.array(point(x, z)), min(ends) - over, max(ends) + over)


def _tips(
    b: Terrace,
    lefts: list[Line],
    rights: list[Line],
    here: set[int],
    there: set[int],
) -> Iterator[tuple[float, float]]:
    """Where (x, z) the undersides of a divider leaning right and of one leaning left meet."""
    rise, thick = np.tan(np.radians(b.roof_deg)), b.plate_mm
    for n, left in enumerate(lefts):
        for m, right in enumerate(rights):
            stand = here & {n - 1, n} and there & {m - 1, m}
            if not stand or left[-1][0] <= left[0][0] or right[-1][0] >= right[0][0]:
                continue
            gap = right[0][0] - left[0][0] - thick
            tip = left[0][1] + rise * gap / 2
            if gap > 0 and tip < min(left[1][1], right[1][1]):
                yield (left[0][0] + right[0][0]) / 2, tip


def _plate(b: Terrace, k: int, n: int, edges: list[list[Line]], carries: list[set[int]]) -> Solid | None:
    """The upright plate in front of layer n: wherever water there would end elsewhere than one layer further."""
    low = b.layer_mm(k, n) + float(b.gutters_mm[k])

    def between(left: Line, right: Line) -> Solid:
        return along_y(np.array([*right, *reversed(left)]), low, low + b.plate_mm)

    def region(m: int, place: int) -> Solid:
        """Where water in layer m ends in a cell: between its dividers, or, where it has none, right above it."""
        lines = edges[m]
        if place in carries[m]:
            return between(lines[place], lines[place + 1])
        left = max((i for i in range(1, place + 1) if carries[m] & {i - 1, i}), default=0)
        right = min((i for i in range(place + 1, len(lines) - 1) if carries[m] & {i - 1, i}), default=len(lines) - 1)
        beyond = [between(lines[0], lines[left])] * (left > 0)
        beyond += [between(lines[right], lines[-1])] * (right < len(lines) - 1)
        return solids.cut(between(*edges[-1][place : place + 2]), beyond)

    pieces = []
    for place in sorted(set().union(*carries)):
        here, next_ = region(n, place), region(n + 1, place)
        pieces += [solids.cut(here, [next_]), solids.cut(next_, [here])]
    whole = solids.union(pieces)
    return None if whole.is_empty() or whole.volume() < 1e-6 else whole


def _slide(b: Terrace, k: int, layer: int, sill: float) -> list[tuple[float, float]]:
    """The ramp's surface (y, z) from below the sill down to its layer."""
    rise = np.tan(np.radians(b.roof_deg))
    front, y = float(b.fronts_mm[k]), b.layer_mm(k, layer)
    return [(front, sill - b.lip_mm), (y, sill - b.lip_mm - rise * (y - front))]


def _air(b: Terrace, k: int, s: Stream) -> Solid:
    """The space a stream falls through before its layer: above its ramp, up to the open."""
    front, top = float(b.fronts_mm[k]), float(b.tops_mm[k]) + OVER_MM
    (_, z0), (y1, z1) = _slide(b, k, s.layer, s.sill)
    far = y1 + float(b.gutters_mm[k])
    start = front - (b.wall_mm - b.edge_mm)
    points = [(start, top), (start, s.sill), (front, s.sill - (front - start)), (front, z0)]
    points += [(y1, z1)] if s.layer else []
    return along_x([*points, (far, z1), (far, top)], s.low, s.high)


def _ramp(b: Terrace, k: int, s: Stream) -> Solid:
    """A slanting plate across the layers behind a stream's own, between its knives."""
    (y0, z0), (y1, z1) = _slide(b, k, s.layer, s.sill)
    thick = b.plate_mm * np.hypot(1.0, np.tan(np.radians(b.roof_deg))) * 1.25
    outline = [(y0 - BITE_MM, z0 - thick), (y0, z0 - thick), (y1, z1 - thick), (y1, z1), (y0, z0), (y0 - BITE_MM, z0)]
    return along_x(outline, s.low - b.knife_mm / 2, s.high + b.knife_mm / 2)


def _knives(b: Terrace, k: int, streams: list[Stream], edges: list[list[Line]]) -> Iterator[Solid]:
    """Walls between neighbouring compartments, from the sill's edge to where their layers' own walls begin."""
    rise = np.tan(np.radians(b.roof_deg))
    thick = b.plate_mm * np.hypot(1.0, rise) * 1.25
    top = float(b.tops_mm[k])
    for a, c in pairwise(streams):
        layer = max(a.layer, c.layer)
        (y0, z0), (y1, z1) = _slide(b, k, layer, a.sill)
        back = y0 - b.wall_mm - (BITE_MM if a.source != c.source else -b.edge_mm)
        outline = [(back, a.sill - b.wall_mm), (y0, z0 - thick)]
        outline += [(y1, z1 - thick), (y1, top)] if y1 > y0 else [(y0, top)]
        knife = along_x([*outline, (back, top)], a.high, c.low)
        below = [line[-1][0] for line in edges[layer] if a.high < line[-1][0] < c.low]
        if y1 > y0 and below and c.low - a.high > 1.5 * b.plate_mm:  # its foot leans out of a thinner wall, steeply:
            low, half = z1 - thick, b.plate_mm / 2  # its corner comes forward with the ramp as well
            for side, away in ((below[0] - half, -2 * b.wall_mm), (below[0] + half, 2 * b.wall_mm)):
                foot = [
                    (side, low - 1.0),
                    (side + away, low - 1.0),
                    (side + away, low + STEEP * abs(away)),
                    (side, low),
                ]
                knife = solids.cut(knife, [along_y(np.array(foot[:: int(np.sign(away))]), y0, y1 + 1.0)])
        yield knife


def _ends(b: Terrace, k: int, design: Design) -> Iterator[Solid]:
    """The outer walls beside a tier's gutters."""
    back = float(b.fronts_mm[k]) - b.wall_mm
    far = b.layer_mm(k, b.layers[k])
    low = float(b.mouths_mm[k]) - 2 * BITE_MM
    for x in (0.0, b.width_mm - b.wall_mm):
        yield box([x, back, low], [x + b.wall_mm, far, float(b.tops_mm[k])])
