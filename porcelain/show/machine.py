"""The machine as a picture: its parts assembled or exploded, seen from one side, shaded by a depth buffer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Floats, Ints
from ..part import Part

SMOOTHING = 2  # pixels drawn per pixel shown, each way
AMBIENT = 0.38
BACKGROUND = (1.0, 1.0, 1.0)
EXPLODE_MM = 45.0


@dataclass(frozen=True)
class View:
    """Where the eye stands: turned round the machine and raised above it, in degrees; far away (no perspective)."""

    turn_deg: float = 35.0
    rise_deg: float = 24.0

    def axes(self) -> Floats:
        """Unit vectors (3, 3): to the right, up, and away from the eye."""
        turn, rise = np.radians(self.turn_deg), np.radians(self.rise_deg)
        right = np.array([np.cos(turn), np.sin(turn), 0.0])
        away = np.array([-np.sin(turn) * np.cos(rise), np.cos(turn) * np.cos(rise), -np.sin(rise)])
        return np.array([right, np.cross(right, away), away])


def front(style: str) -> View:
    """Where to look from to see what a body style does: a stair from its cups, a tower from any side."""
    return View(215.0, 32.0) if style == "terrace" else View()


def machine_png(parts: Sequence[Part], view: View | None = None, height_px: int = 900, exploded: bool = False) -> bytes:
    """PNG of the assembled machine; ``exploded`` lifts each tier off the one below."""
    from PIL import Image

    meshes = [(part.assembled_mm, part.faces, rgb(part.colour)) for part in parts]
    if exploded:
        floors = sorted({float(v[:, 2].min()) for v, _, _ in meshes})
        lift = np.array([0.0, 0.0, EXPLODE_MM])
        meshes = [(v + lift * floors.index(float(v[:, 2].min())), f, c) for v, f, c in meshes]
    picture = draw(meshes, view or View(), height_px * SMOOTHING)
    image = Image.fromarray((picture * 255).astype(np.uint8))
    stream = io.BytesIO()
    image.resize((image.width // SMOOTHING, height_px), Image.Resampling.LANCZOS).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def draw(meshes: Sequence[tuple[Floats, Ints, Floats]], view: View, height_px: int) -> Floats:
    """Pixels (height, width, 3) in [0, 1] of meshes (vertices, faces, colour)."""
    axes = view.axes()
    seen = [(vertices @ axes.T, faces, colour) for vertices, faces, colour in meshes]
    every = np.concatenate([points for points, _, _ in seen])
    low, high = every[:, :2].min(axis=0), every[:, :2].max(axis=0)
    scale = 0.94 * height_px / (high[1] - low[1])
    width_px = int((high[0] - low[0]) * scale / 0.94 / SMOOTHING) * SMOOTHING
    picture = np.empty((height_px, width_px, 3))
    picture[:] = BACKGROUND
    depth = np.full((height_px, width_px), np.inf)
    centre = (low + high) / 2
    for points, faces, colour in seen:
        flat = (points[:, :2] - centre) * [scale, -scale] + [width_px / 2, height_px / 2]
        _fill(picture, depth, flat[faces], points[:, 2][faces], _shades(points[faces]), colour)
    return picture


def _shades(triangles: Floats) -> Floats:
    """Brightness (n,) of each face, lit from above the eye's left shoulder; NaN if it looks away."""
    # Right, up and away are a left-handed frame, so the product of edges in turn points into the solid.
    normals = np.cross(triangles[:, 2] - triangles[:, 0], triangles[:, 1] - triangles[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    normals = normals / np.where(lengths > 0, lengths, 1.0)[:, None]
    light = np.array([-0.35, 0.65, -0.68])
    shades: Floats = AMBIENT + (1 - AMBIENT) * np.clip(normals @ (light / np.linalg.norm(light)), 0.0, 1.0)
    # The third axis points away from the eye, so that faces turned to it have a negative third component.
    return np.where((lengths > 0) & (normals[:, 2] < 0), shades, np.nan)


def _fill(picture: Floats, depth: Floats, corners: Floats, away: Floats, shades: Floats, colour: Floats) -> None:
    """Draw triangles (n, 3, 2) px with their depths (n, 3) into the picture where nothing nearer stands."""
    height, width = depth.shape
    for (a, b, c), z, shade in zip(corners, away, shades, strict=True):
        area = (b[1] - c[1]) * (a[0] - c[0]) + (c[0] - b[0]) * (a[1] - c[1])
        if np.isnan(shade) or abs(area) < 1e-9:
            continue
        x0, y0 = np.maximum(np.floor(np.minimum(np.minimum(a, b), c)).astype(int), 0)
        x1, y1 = np.ceil(np.maximum(np.maximum(a, b), c)).astype(int) + 1
        y, x = np.ogrid[y0 : min(y1, height), x0 : min(x1, width)]
        u = ((b[1] - c[1]) * (x - c[0]) + (c[0] - b[0]) * (y - c[1])) / area
        v = ((c[1] - a[1]) * (x - c[0]) + (a[0] - c[0]) * (y - c[1])) / area
        here = u * z[0] + v * z[1] + (1 - u - v) * z[2]
        window = (slice(y0, y1), slice(x0, x1))
        nearer = (u >= 0) & (v >= 0) & (u + v <= 1) & (here < depth[window])
        depth[window][nearer] = here[nearer]
        picture[window][nearer] = colour * shade


def rgb(colour: str) -> Floats:
    """Red, green and blue, 0 to 1, of a colour as "#rrggbb"."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
