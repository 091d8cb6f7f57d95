"""The machine as a picture: its parts assembled or exploded, seen from one side, shaded by a depth buffer."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numba import njit
from scipy.ndimage import uniform_filter

from ..arrays import Floats, Ints
from ..machine.assembly import Part
from ..styles import View

Mesh = tuple[Floats, Ints, Floats]  # vertices (v, 3) mm, faces (f, 3), colour (3,)

SMOOTHING = 2  # pixels drawn per pixel shown, each way
AMBIENT = 0.58
HOLLOWS = ((0.05, 16.0, 0.55), (0.004, 6.0, 0.5))  # reach as a share of the height, mm behind it, darkening at most
CLEAR = 0.45  # of what stands behind water is seen through it
BACKGROUND = (1.0, 1.0, 1.0)
EXPLODE_MM = 45.0


def machine_png(
    parts: Sequence[Part],
    view: View | None = None,
    height_px: int = 900,
    exploded: bool = False,
    water: Sequence[Part] = (),
) -> bytes:
    """PNG of the assembled machine; ``exploded`` lifts each tier off the one below; water is seen through."""
    meshes, clear = ([(part.assembled_mm, part.faces, rgb(part.colour)) for part in some] for some in (parts, water))
    if exploded:
        floors = sorted({float(v[:, 2].min()) for v, _, _ in meshes})
        lift = np.array([0.0, 0.0, EXPLODE_MM])
        meshes = [(v + lift * floors.index(float(v[:, 2].min())), f, c) for v, f, c in meshes]
    return png(draw(meshes, view or View(), height_px * SMOOTHING, clear), height_px)


def png(picture: Floats, height_px: int) -> bytes:
    """PNG of drawn pixels at the size shown."""
    from PIL import Image

    image = Image.fromarray((picture * 255).astype(np.uint8))
    stream = io.BytesIO()
    image.resize((image.width // SMOOTHING, height_px), Image.Resampling.LANCZOS).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def draw(meshes: Sequence[Mesh], view: View, height_px: int, clear: Sequence[Mesh] = ()) -> Floats:
    """Pixels (height, width, 3) in [0, 1] of meshes (vertices, faces, colour) and of clear ones among them."""
    axes = view.axes()
    seen = np.concatenate([vertices for vertices, _, _ in meshes]) @ axes.T
    low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
    scale = 0.94 * height_px / (high[1] - low[1])
    width_px = int((high[0] - low[0]) * scale / 0.94 / SMOOTHING) * SMOOTHING
    picture = np.empty((height_px, width_px, 3))
    picture[:] = BACKGROUND
    depth = np.full((height_px, width_px), np.inf)

    def fill(onto: Floats, some: Sequence[Mesh]) -> None:
        for vertices, faces, colour in some:
            points = vertices @ axes.T
            flat = (points[:, :2] - (low + high) / 2) * [scale, -scale] + [width_px / 2, height_px / 2]
            _fill(onto, depth, flat[faces], points[:, 2][faces], _shades(points[faces]), colour)

    fill(picture, meshes)
    _darken(picture, depth)
    through = picture.copy()
    fill(picture, clear)
    picture += CLEAR * (through - picture)
    return picture


def _darken(picture: Floats, depth: Floats) -> None:
    """Darken what lies behind its surroundings: hollows, and the far side of an edge.

    Source: Luft, Colditz, Deussen, Image Enhancement by Unsharp Masking the Depth Buffer, SIGGRAPH 2006.
    """
    solid = np.isfinite(depth)
    filled = np.where(solid, depth, depth[solid].max())
    for reach, behind_mm, most in HOLLOWS:
        size = 2 * int(reach * len(depth)) + 1
        behind = filled - uniform_filter(uniform_filter(filled, size), size)  # twice is nearly a bell
        picture *= np.where(solid, 1.0 - most * np.clip(behind / behind_mm, 0.0, 1.0), 1.0)[..., None]


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


@njit(cache=True)
def _fill(picture: Floats, depth: Floats, corners: Floats, away: Floats, shades: Floats, colour: Floats) -> None:
    """Draw triangles (n, 3, 2) px with their depths (n, 3) into the picture where nothing nearer stands."""
    height, width = depth.shape
    for n in range(len(corners)):
        (ax, ay), (bx, by), (cx, cy) = corners[n]
        area = (by - cy) * (ax - cx) + (cx - bx) * (ay - cy)
        if np.isnan(shades[n]) or abs(area) < 1e-9:
            continue
        for y in range(max(0, int(np.floor(min(ay, by, cy)))), min(height, int(np.ceil(max(ay, by, cy))) + 1)):
            for x in range(max(0, int(np.floor(min(ax, bx, cx)))), min(width, int(np.ceil(max(ax, bx, cx))) + 1)):
                u = ((by - cy) * (x - cx) + (cx - bx) * (y - cy)) / area
                v = ((cy - ay) * (x - cx) + (ax - cx) * (y - cy)) / area
                here = u * away[n, 0] + v * away[n, 1] + (1 - u - v) * away[n, 2]
                if u >= 0 and v >= 0 and u + v <= 1 and here < depth[y, x]:
                    depth[y, x] = here
                    picture[y, x] = colour * shades[n]


def rgb(colour: str) -> Floats:
    """Red, green and blue, 0 to 1, of a colour as "#rrggbb"."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
