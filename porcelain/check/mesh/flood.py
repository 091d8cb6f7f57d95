"""Where water goes in an assembled machine, from its meshes alone.

Two steps on the stretches of air between solids. First how high water must stand everywhere before it finds its way
to the table: the least over all ways of the highest sill on it (Barnes, Lehman and Mulla, Computers & Geosciences 62
(2014) 117, on a graph of stretches instead of a height map). Then a pour: it fills each hollow to its sill and a
head above, crosses every sill under that level, and runs down every slope in every direction that does not climb, as a
film does. Where it drops it stays at the wall, and it bends round the edge: what hangs on an underside runs down it as
far as it falls, and drips everywhere.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import Bools, Floats, Ints
from .columns import Columns, jit

HEAD_MM = 2.0  # a pour stands at least this high above a sill
POOL_MM = 0.3  # a hollow this deep holds water; what is less is the grid's rounding of slopes
LEVEL_MM = 0.002  # heights closer than this are level
SLIT_MM = 0.05  # no way through a slit thinner than this


@dataclass(frozen=True, eq=False)
class Wet:
    """What a pour touches.

    Attributes
    ----------
    level : (n,) of the water over every stretch, -inf where dry
    before : (n,) stretch that the water came from, -1 where it was poured

    Examples
    --------
    >>> Wet(np.zeros(3), np.array([-1, 0, 1])).way(2)
    [0, 1, 2]
    """

    level: Floats
    before: Ints

    def way(self, node: int) -> list[int]:
        """Stretches from the pour to a wet one.

        Parameters
        ----------
        node : the wet one

        Returns
        -------
        list of int
            The pour's first.
        """
        way = [node]
        while self.before[way[-1]] >= 0:
            way.append(int(self.before[way[-1]]))
        return way[::-1]


def escape_levels(c: Columns, arrived: Any = None) -> Floats:
    """How high water must stand in each stretch of air until it reaches the table.

    Parameters
    ----------
    c : sampled machine
    arrived : (n,) stretches where water is at its end too, as in a cup

    Returns
    -------
    array (n,)
        mm; the floor where it runs off at once.

    Examples
    --------
    >>> from porcelain.check.mesh.columns import sample_columns
    >>> from porcelain.geometry import solids
    >>> from porcelain.machine.assembly import Part
    >>> cup = solids.cut(solids.box([0, 0, 0], [20, 20, 10]), [solids.box([2, 2, 2], [18, 18, 11])])
    >>> c = sample_columns([Part("cup", *solids.to_mesh(cup, "cup"), np.zeros(3))])
    >>> float(escape_levels(c)[c.start[c.column_at(10.0, 10.0)]])
    10.0
    """
    ends = c.part < 0 if arrived is None else (c.part < 0) | arrived
    return np.asarray(_escape(c.start, c.floor, c.ceil, ends, c.column, *c.shape))


def pour(
    c: Columns, escape: Floats, sources: Ints, stops: Ints, head_mm: float = HEAD_MM, full_mm: float = -np.inf
) -> Wet:
    """Let water in and follow it until everything it finds is wet.

    Parameters
    ----------
    c : sampled machine
    escape : (n,) result of :func:`escape_levels`
    sources : (k,) stretches where water is let in
    stops : (n,) 0 where water goes on; other stretches become wet and pass nothing on
    head_mm : how high water stands above a sill that it runs over
    full_mm : height to which the sources are filled at least

    Returns
    -------
    Wet
        What the water touches.

    Examples
    --------
    >>> from porcelain.check.mesh.columns import sample_columns
    >>> from porcelain.geometry import solids
    >>> from porcelain.machine.assembly import Part
    >>> cup = solids.cut(solids.box([0, 0, 0], [20, 20, 10]), [solids.box([2, 2, 2], [18, 18, 11])])
    >>> c = sample_columns([Part("cup", *solids.to_mesh(cup, "cup"), np.zeros(3))])
    >>> source = np.array([c.start[c.column_at(10.0, 10.0)]])
    >>> wet = pour(c, escape_levels(c), source, np.zeros(len(c.floor), dtype=np.int64))
    >>> bool((wet.level[c.part < 0] > -np.inf).any())  # it runs over onto the table
    True
    """
    level, before = _pour(
        c.start,
        c.floor,
        c.ceil,
        c.column,
        *c.shape,
        escape,
        np.asarray(sources, dtype=np.int64),
        stops,
        head_mm,
        full_mm,
    )
    return Wet(level, before)


def joined(c: Columns, sources: Bools, among: Bools) -> Ints:
    """Stretches that touch others, directly or through their like.

    Parameters
    ----------
    c : sampled machine
    sources : (n,) where to begin
    among : (n,) stretches that may be joined

    Returns
    -------
    array of int
        Those of ``among`` that are joined to a source.

    Examples
    --------
    >>> from porcelain.check.mesh.columns import sample_columns
    >>> from porcelain.geometry import solids
    >>> from porcelain.machine.assembly import Part
    >>> c = sample_columns([Part("block", *solids.to_mesh(solids.box([0, 0, 0], [9, 9, 5]), "block"), np.zeros(3))])
    >>> on_top = c.part == 0
    >>> first = np.zeros(len(c.floor), dtype=bool)
    >>> first[np.flatnonzero(on_top)[0]] = True
    >>> bool(len(joined(c, first, on_top)) == on_top.sum())
    True
    """
    return np.flatnonzero(_joined(c.start, c.floor, c.ceil, c.column, *c.shape, sources, among))


@jit
def _joined(start: Any, floor: Any, ceil: Any, column: Any, nx: int, ny: int, sources: Any, among: Any) -> Any:
    found = np.zeros(len(floor), dtype=np.bool_)
    todo = [node for node in range(len(floor)) if sources[node]]
    while len(todo) > 0:
        node = todo.pop()
        ix, iy = column[node] // ny, column[node] % ny
        for jx in range(max(ix - 1, 0), min(ix + 2, nx)):
            for jy in range(max(iy - 1, 0), min(iy + 2, ny)):
                c = jx * ny + jy
                for m in range(start[c], start[c + 1]):
                    gap = min(ceil[m], ceil[node]) - max(floor[m], floor[node])
                    if among[m] and not found[m] and gap > SLIT_MM:
                        found[m] = True
                        todo.append(m)
    return found


@jit
def _escape(start: Any, floor: Any, ceil: Any, ends: Any, column: Any, nx: int, ny: int) -> Any:
    level = np.full(len(floor), np.inf)
    queue = [(0.0, 0)]
    queue.pop()
    for node in range(len(floor)):
        if ends[node]:
            level[node] = floor[node]
            heapq.heappush(queue, (floor[node], node))
    while len(queue) > 0:
        at, node = heapq.heappop(queue)
        ix, iy = column[node] // ny, column[node] % ny
        for jx in range(max(ix - 1, 0), min(ix + 2, nx)):
            for jy in range(max(iy - 1, 0), min(iy + 2, ny)):
                c = jx * ny + jy
                for m in range(start[c], start[c + 1]):
                    if level[m] < np.inf:
                        continue
                    sill = max(floor[m], floor[node])
                    if min(ceil[m], ceil[node]) - sill > SLIT_MM:
                        level[m] = max(at, floor[m])
                        heapq.heappush(queue, (level[m], m))
    return level


@jit
def _pour(
    start: Any,
    floor: Any,
    ceil: Any,
    column: Any,
    nx: int,
    ny: int,
    escape: Any,
    sources: Any,
    stops: Any,
    head: float,
    full: float,
) -> Any:
    level = np.full(len(floor), -np.inf)
    before = np.full(len(floor), -1, dtype=np.int64)
    hangs = np.zeros(len(floor), dtype=np.bool_)
    todo, hanging = [0], [0]
    todo.pop()
    hanging.pop()
    for node in sources:
        level[node] = max(escape[node] + (head if escape[node] - floor[node] > POOL_MM else LEVEL_MM), full)
        todo.append(node)
    while len(todo) + len(hanging) > 0:
        if len(hanging) > 0:
            node = hanging.pop()
            if level[node] == -np.inf:  # what hangs drips
                level[node] = escape[node] + LEVEL_MM
                todo.append(node)
            ix, iy = column[node] // ny, column[node] % ny
            for jx in range(max(ix - 1, 0), min(ix + 2, nx)):
                for jy in range(max(iy - 1, 0), min(iy + 2, ny)):
                    c = jx * ny + jy
                    for m in range(start[c], start[c + 1]):
                        leans = floor[node] < ceil[m] < ceil[node] - LEVEL_MM
                        if leans and not hangs[m]:
                            hangs[m] = True
                            if before[m] < 0 and level[m] == -np.inf:
                                before[m] = node
                            hanging.append(m)
            continue
        node = todo.pop()
        if stops[node] != 0:
            continue
        ix, iy = column[node] // ny, column[node] % ny
        under = node - 1 if node > start[column[node]] else -1
        for jx in range(max(ix - 1, 0), min(ix + 2, nx)):
            for jy in range(max(iy - 1, 0), min(iy + 2, ny)):
                c = jx * ny + jy
                for m in range(start[c], start[c + 1]):
                    sill = max(floor[m], floor[node])
                    if m == node or sill > level[node] or min(ceil[m], ceil[node]) - sill <= SLIT_MM:
                        continue
                    if under >= 0 and floor[m] < ceil[under] and not hangs[under]:
                        hangs[under] = True  # water bends round an edge to the underside
                        if before[under] < 0 and level[under] == -np.inf:
                            before[under] = node
                        hanging.append(under)
                    if escape[m] < escape[node] - LEVEL_MM:
                        reached = escape[m] + (head if escape[m] - floor[m] > POOL_MM else LEVEL_MM)
                    else:
                        reached = level[node]
                    if reached > level[m] + LEVEL_MM:
                        if before[m] < 0 and level[m] == -np.inf:  # the first step to it: ways never close in a ring
                            before[m] = node
                        level[m] = reached
                        todo.append(m)
    return level, before
