"""Picture of parts as printed, side by side, coloured by how far their faces lean out over the bed."""

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
    """Draw parts from below: grey and straw up to 40 degrees from the vertical, amber to 45, red beyond.

    Parameters
    ----------
    parts : sequence of Part
        Printable parts.
    leans_deg : sequence of ndarray
        For each part how far each face leans out, degrees.
    height_px : int
        Height of the picture.

    Returns
    -------
    bytes
        A PNG picture.

    Examples
    --------
    >>> corner = Part("corner", np.eye(4, 3) * 10.0, [[3, 1, 0], [3, 2, 1], [3, 0, 2], [0, 1, 2]], [0.0, 0.0, 0.0])
    >>> overhang_png([corner], [np.array([90.0, 0.0, 0.0, 0.0])], 40)[1:4]
    b'PNG'
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
