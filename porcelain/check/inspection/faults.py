"""Faults of meshes by themselves: open, turned, in pieces, in one place twice, too thin. Each says where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...arrays import Floats, Ints
from ...errors import Finding
from ...machine.assembly import Part
from ...styles.letters import STROKE_NOZZLES
from .columns import Columns
from .walls import Wall

THIN = STROKE_NOZZLES - 0.025  # nozzles wide: letters are the thinnest that is drawn; what is thinner is lost
OVERLAP_MM3 = 1.0
TORN_COLUMNS = 3  # a column through a sliver at an edge may miss it; a hole opens many


def mesh_faults(part: Part, wall: Wall, nozzle_mm: float) -> Iterator[Finding]:
    """Edges that do not join two faces, faces turned round, inside out, more than one body, thin walls."""
    edges = np.concatenate([part.faces[:, [0, 1]], part.faces[:, [1, 2]], part.faces[:, [2, 0]]])
    _, where, joined = np.unique(np.sort(edges, axis=1), axis=0, return_index=True, return_counts=True)
    open_ones = where[joined != 2]
    if len(open_ones):
        at = place(part.assembled_mm[edges[open_ones]].mean(axis=(0, 1)))
        advice = "a face is missing or doubled; write the mesh again"
        yield Finding("edges that do not join two faces", f"{part.name} at {at}", str(len(open_ones)), "0", advice)
    _, where, same_way = np.unique(edges, axis=0, return_index=True, return_counts=True)
    if np.any(same_way > 1) and not len(open_ones):
        at = place(part.assembled_mm[edges[where[same_way > 1]]].mean(axis=(0, 1)))
        turned = str(int(np.sum(same_way > 1)))
        yield Finding("edges between faces turned against each other", f"{part.name} at {at}", turned, "0", "turn them")
    elif part.volume_mm3 <= 0:
        at = place(part.assembled_mm.mean(axis=0))
        advice = "it is inside out; turn its faces"
        yield Finding("enclosed volume", f"{part.name} at {at}", f"{part.volume_mm3:.0f} mm3", "above 0", advice)
    groups = bodies(part.faces, len(part.vertices_mm))
    if groups.max() > 0:
        loose = np.flatnonzero(groups == np.bincount(groups).argmin())
        at = place(part.assembled_mm[part.faces[loose]].mean(axis=(0, 1)))
        yield Finding("bodies", f"{part.name}, a loose one at {at}", str(groups.max() + 1), "1", "join or remove it")
    if wall.mm < THIN * nozzle_mm:
        advice = "a slicer drops or fattens it; thicken it"
        yield Finding(
            "wall", f"{part.name} at {place(wall.at_mm)}", f"{wall.mm:.2f} mm", f"{THIN * nozzle_mm:.2f} mm", advice
        )


def bodies(faces: Ints, n_vertices: int) -> Ints:
    """(F,) which body each face belongs to, 0, 1, ..., faces sharing a corner being one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n_vertices, n_vertices))
    groups = connected_components(graph, directed=False)[1][faces[:, 0]]
    return np.asarray(np.unique(groups, return_inverse=True)[1], dtype=np.int64)


def placing_faults(parts: Sequence[Part], columns: Columns) -> Iterator[Finding]:
    """Meshes that cut themselves or each other, and meshes whose surface does not close over a place."""
    for a, b in zip(*np.nonzero(columns.overlap_mm3 > OVERLAP_MM3), strict=True):
        at, volume = place(columns.overlap_at[a, b]), f"{columns.overlap_mm3[a, b]:.1f} mm3"
        if a == b:
            yield Finding("overlap with itself", f"{parts[a].name} at {at}", volume, "0 mm3", "unite its bodies")
        else:
            names = f"{parts[a].name} and {parts[b].name} at {at}"
            yield Finding("overlap of parts", names, volume, "0 mm3", "move one or cut it")
    for part, (count, *at) in zip(parts, columns.torn, strict=True):
        if count > TORN_COLUMNS:
            where = f"{part.name} at {place(np.array(at))}"
            yield Finding("columns that do not close", where, f"{count:.0f}", "0", "close the mesh")


def place(at_mm: Floats | tuple[float, float, float]) -> str:
    """A place in the assembled machine for people."""
    return "({:.1f}, {:.1f}, {:.1f}) mm".format(*(float(x) + 0.0 for x in at_mm))
