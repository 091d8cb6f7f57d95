"""Parts as printed, side by side, coloured by how far their faces lean out over the bed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Floats
from ..machine.assembly import Part
from .machine import SMOOTHING, View, draw, png, rgb

STEPS = ((-91.0, "#dfe3e6"), (20.0, "#f3e2b3"), (40.0, "#f0b45a"), (45.5, "#c9302c"))
BELOW = View(35.0, -28.0)  # overhangs are seen from below
GAP_MM = 15.0


def overhang_png(parts: Sequence[Part], leans_deg: Sequence[Floats], height_px: int = 700) -> bytes:
    """PNG of all parts from below: grey and straw up to 40 degrees from the vertical, amber to 45, red beyond.

    ``leans_deg`` one (F,) per part: how far each face leans out.
    """
    meshes, x = [], 0.0
    right = BELOW.axes()[0]
    for part, lean in zip(parts, leans_deg, strict=True):
        across = part.vertices_mm @ right
        vertices = part.vertices_mm + (x - across.min()) * right
        x += float(np.ptp(across)) + GAP_MM
        for (low, colour), (high, _) in zip(STEPS, [*STEPS[1:], (91.0, "")], strict=True):
            faces = part.faces[(lean > low) & (lean <= high)]
            if len(faces):
                meshes.append((vertices, faces, rgb(colour)))
    return png(draw(meshes, BELOW, height_px * SMOOTHING), height_px)
