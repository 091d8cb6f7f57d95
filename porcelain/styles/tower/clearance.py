"""Clearance in a tower: distances between channels, and water that would fall beside a mouth."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.spatial.distance import cdist

from ...arrays import Floats, Ints
from ...geometry import channel
from ...machine.vessel import Pipe, Vessel

SAMPLE_MM = 0.5
MOST_SAMPLES = 300  # a stretch longer than 150 mm fits no printer whose pipes this close would matter to


def beside_mm(pipe: Pipe, vessel: Vessel) -> float:
    """How far a pipe's water reaches over the edge of the mouth below; below 0 inside it.

    It leaves through the whole channel, cut level, and goes on in the pipe's direction down to the rim.
    """
    direction = pipe.path_mm[-1] - pipe.path_mm[-2]
    end, rim = pipe.path_mm[-1], vessel.at_mm[2] + vessel.rim_mm
    jet = direction[:2] * (rim - end[2]) / direction[2]
    outline = channel.footprint_mm(pipe.bore_mm, direction) + end[:2] - vessel.at_mm[:2]
    reach = np.maximum(np.abs(outline), np.abs(outline + jet)).max(axis=0)
    return float((reach - np.array(vessel.size_mm) / 2).max())


def smallest_gap(pipes: list[Pipe]) -> tuple[float, tuple[Pipe, ...]]:
    """Thinnest material between the channels of any two pipes, and which these are; sampled along their axes.

    Pairs are taken in the order of how near they may be at most, so that few are sampled.
    """
    first, second = np.triu_indices(len(pipes), 1)
    apex = np.array([pipe.bore_mm / np.sqrt(2.0) for pipe in pipes])
    least = _apart_mm(pipes, first, second) - apex[first] - apex[second]
    smallest = np.inf
    pair: tuple[Pipe, ...] = ()
    for n in np.argsort(least, kind="stable"):
        if least[n] >= smallest:
            break
        a, b = pipes[first[n]], pipes[second[n]]
        gap = _gap(a, _samples(a), b, _samples(b))
        if gap < smallest:
            smallest, pair = gap, (a, b)
    return smallest, pair


def _apart_mm(pipes: list[Pipe], first: Ints, second: Ints) -> Floats:
    """Distance (n,) of the axes of pairs of pipes: the least over all pairs of their straight stretches.

    Nearest points of two segments as in Ericson, Real-Time Collision Detection (2005), 5.1.9.
    """
    found = np.full(len(first), np.inf)
    stretches = range(max((len(pipe.path_mm) for pipe in pipes), default=1) - 1)
    starts = [np.array([pipe.path_mm[min(i, len(pipe.path_mm) - 2)] for pipe in pipes]) for i in stretches]
    ends = [np.array([pipe.path_mm[min(i, len(pipe.path_mm) - 2) + 1] for pipe in pipes]) for i in stretches]
    for i, j in product(stretches, stretches):
        p, q = starts[i][first], starts[j][second]
        u, v = ends[i][first] - p, ends[j][second] - q
        uu, vv, uv = (u * u).sum(axis=1), (v * v).sum(axis=1), (u * v).sum(axis=1)
        ur, vr = (u * (p - q)).sum(axis=1), (v * (p - q)).sum(axis=1)
        along = np.clip((uv * vr - ur * vv) / np.maximum(uu * vv - uv**2, 1e-9), 0.0, 1.0)
        other = np.clip((uv * along + vr) / vv, 0.0, 1.0)
        along = np.clip((uv * other - ur) / uu, 0.0, 1.0)
        found = np.minimum(found, np.linalg.norm(p + along[:, None] * u - q - other[:, None] * v, axis=1))
    return found


def _samples(pipe: Pipe) -> tuple[Floats, Floats]:
    """Points (n, 3) along a pipe's axis and the unit direction there."""
    points, directions = [], []
    for start, end in zip(pipe.path_mm, pipe.path_mm[1:], strict=False):
        n = int(np.clip(np.linalg.norm(end - start) / SAMPLE_MM, 2, MOST_SAMPLES))
        points.append(start + np.linspace(0, 1, n)[:, None] * (end - start))
        directions.append(np.tile((end - start) / np.linalg.norm(end - start), (n, 1)))
    return np.concatenate(points), np.concatenate(directions)


def _gap(a: Pipe, at_a: tuple[Floats, Floats], b: Pipe, at_b: tuple[Floats, Floats]) -> float:
    """Distance of the axes where they are nearest, less how far each section reaches towards the other."""
    distance = cdist(at_a[0], at_b[0])
    i, j = np.unravel_index(distance.argmin(), distance.shape)
    nearest = float(distance[i, j])
    if nearest == 0.0:
        return -np.inf
    towards = (at_b[0][j] - at_a[0][i]) / nearest
    return nearest - _reach(a, at_a[1][i], towards) - _reach(b, at_b[1][j], -towards)


def _reach(pipe: Pipe, direction: Floats, towards: Floats) -> float:
    """How far a pipe's section reaches in a direction (its support function)."""
    side, up = channel.frame(direction)
    return float((channel.section(pipe.bore_mm) @ [side @ towards, up @ towards]).max())
