"""Faults of meshes: open surfaces, faces turned inside out, loose pieces, parts in one place, thin walls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...arrays import Floats
from ...errors import Finding
from ...geometry import surface
from ...machine.assembly import Part
from ...styles.letters import STROKE_NOZZLES
from ..mesh.columns import Columns
from ..mesh.walls import Wall

THIN = STROKE_NOZZLES - 0.025  # nozzles wide: letters are the thinnest that is drawn; what is thinner is lost
OVERLAP_MM3 = 1.0
TORN_COLUMNS = 3  # a column through a sliver at an edge may miss it; a hole opens many


def mesh_faults(part: Part, wall: Wall, nozzle_mm: float) -> Iterator[Finding]:
    """Faults of one mesh by itself.

    Parameters
    ----------
    part : mesh
    wall : its thinnest, as :func:`porcelain.check.mesh.walls.thinnest` finds it
    nozzle_mm : of the printer

    Yields
    ------
    Finding
        Edges that do not join two faces, faces turned round, a mesh inside out, more than one body, thin walls.

    Examples
    --------
    >>> from porcelain.geometry import solids
    >>> part = Part("block", *solids.to_mesh(solids.box([0, 0, 0], [9, 9, 9]), "block"), np.zeros(3))
    >>> list(mesh_faults(part, Wall(float("inf"), (0.0, 0.0, 0.0)), 0.4))
    []
    """
    open_ones = surface.faulty_edges(part.faces)
    if len(open_ones):
        at = place(part.assembled_mm[open_ones].mean(axis=(0, 1)))
        advice = "a face is missing or doubled; write the mesh again"
        yield Finding("edges that do not join two faces", f"{part.name} at {at}", str(len(open_ones)), "0", advice)
    ends, same_way = np.unique(surface.edges(part.faces), axis=0, return_counts=True)
    turned = ends[same_way > 1]
    if len(turned) and not len(open_ones):
        at, value = place(part.assembled_mm[turned].mean(axis=(0, 1))), str(len(turned))
        yield Finding("edges between faces turned against each other", f"{part.name} at {at}", value, "0", "turn them")
    elif part.volume_mm3 <= 0:
        at = place(part.assembled_mm.mean(axis=0))
        advice = "it is inside out; turn its faces"
        yield Finding("enclosed volume", f"{part.name} at {at}", f"{part.volume_mm3:.0f} mm3", "above 0", advice)
    groups = surface.bodies(part.faces)
    if groups.max() > 0:
        loose = np.flatnonzero(groups == np.bincount(groups).argmin())
        at = place(part.assembled_mm[part.faces[loose]].mean(axis=(0, 1)))
        yield Finding("bodies", f"{part.name}, a loose one at {at}", str(groups.max() + 1), "1", "join or remove it")
    if wall.mm < THIN * nozzle_mm:
        advice = "a slicer drops or fattens it; thicken it"
        yield Finding(
            "wall", f"{part.name} at {place(wall.at_mm)}", f"{wall.mm:.2f} mm", f"{THIN * nozzle_mm:.2f} mm", advice
        )


def placing_faults(parts: Sequence[Part], columns: Columns) -> Iterator[Finding]:
    """Faults of meshes where they stand.

    Parameters
    ----------
    parts : meshes in their places
    columns : the same, sampled

    Yields
    ------
    Finding
        Meshes that cut themselves or each other, and meshes whose surface does not close over a place.

    Examples
    --------
    >>> from porcelain.check.mesh.columns import sample_columns
    >>> from porcelain.geometry import solids
    >>> mesh = solids.to_mesh(solids.box([0, 0, 0], [9, 9, 9]), "block")
    >>> parts = [Part("one", *mesh, np.zeros(3)), Part("two", *mesh, np.array([5.0, 0, 0]))]
    >>> [finding.rule for finding in placing_faults(parts, sample_columns(parts))]
    ['overlap of parts']
    """
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
    """A place in the assembled machine as text.

    Parameters
    ----------
    at_mm : x, y, z

    Returns
    -------
    str
        Rounded to 0.1 mm.

    Examples
    --------
    >>> place((1.0, 2.25, -0.0))
    '(1.0, 2.2, 0.0) mm'
    """
    return "({:.1f}, {:.1f}, {:.1f}) mm".format(*(float(x) + 0.0 for x in at_mm))
