"""Bodies of the water that stands in buckets and cups after a pour, for pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..geometry import solids
from ..machine.assembly import Part
from ..machine.design import Design
from ..units import MM3_PER_ML

COLOUR = "#3f8fd2"
TOUCHES_MM = 0.02
FILM_ML = 0.02  # less is not seen


def settled_ml(design: Design, features: ArrayLike) -> dict[str, float]:
    """Water (mL) in every vessel after one row of features, in the data's own units, has been poured."""
    network = design.as_network()
    volumes = network.encoding.volumes(features)[:1]
    kept = [*network.retained(volumes), network(volumes)]
    amounts = np.concatenate([tier[0] for tier in kept]) * design.ml_per_unit
    return dict(zip((v.name for v in design.vessels), amounts.tolist(), strict=True))


def water_bodies(design: Design, parts: list[Part], volumes_ml: dict[str, float]) -> list[Part]:
    """One body per vessel that holds something: the room below its level that the machine leaves free, assembled."""
    machine = [solids.from_mesh(p.vertices_mm, p.faces).translate(tuple(p.at_mm)) for p in parts]
    bodies = []
    for vessel in design.vessels:
        level = float(vessel.at_mm[2] + vessel.level_mm(volumes_ml[vessel.name]))
        half = np.array(vessel.size_mm) / 2 + TOUCHES_MM
        low = [*(vessel.at_mm[:2] - half), float(vessel.at_mm[2]) - TOUCHES_MM]
        if volumes_ml[vessel.name] < FILM_ML or level - low[2] < 2 * TOUCHES_MM:
            continue
        free = solids.cut(solids.box(low, [*(vessel.at_mm[:2] + half), level]), machine)
        pieces = free.decompose()
        if pieces:
            # Room under a slanting floor is not the vessel's: its own piece has the volume it should have.
            wanted = volumes_ml[vessel.name] * MM3_PER_ML
            standing = min(pieces, key=lambda piece: abs(piece.volume() - wanted))
            vertices, faces = solids.to_mesh(standing, vessel.name)
            bodies.append(Part(f"water in {vessel.name}", vertices, faces, np.zeros(3), COLOUR))
    return bodies


def middle(design: Design) -> Floats:
    """The row of features half way between the least and the most in the data, (f,)."""
    encoding = design.network.encoding
    return (encoding.least + encoding.most) / 2
