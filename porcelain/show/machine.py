"""Picture of a machine: its parts, assembled or exploded, seen from one side."""

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
    """Draw the assembled machine.

    Parameters
    ----------
    parts : sequence of Part
        Printable parts.
    view : View, optional
        Where to look from.
    height_px : int
        Height of the picture.
    exploded : bool
        Lift each tier off the one below.
    water : sequence of Part
        Bodies of water, drawn transparent.

    Returns
    -------
    bytes
        A PNG picture.

    Examples
    --------
    >>> from porcelain import Part
    >>> corner = Part("corner", np.eye(4, 3) * 10.0, [[3, 1, 0], [3, 2, 1], [3, 0, 2], [0, 1, 2]], [0.0, 0.0, 0.0])
    >>> machine_png([corner], height_px=20)[1:4]
    b'PNG'
    """
    meshes, clear = ([(part.assembled_mm, part.faces, rgb(part.colour)) for part in some] for some in (parts, water))
    if exploded:
        floors = sorted({float(v[:, 2].min()) for v, _, _ in meshes})
        lift = np.array([0.0, 0.0, EXPLODE_MM])
        meshes = [(v + lift * floors.index(float(v[:, 2].min())), f, c) for v, f, c in meshes]
    return png(draw(meshes, view or View(), height_px * SMOOTHING, clear), height_px)


def png(picture: Floats, height_px: int) -> bytes:
    """Reduce a picture to its final height and write it as PNG.

    Parameters
    ----------
    picture : ndarray, shape (h, w, 3)
        Colours between 0 and 1.
    height_px : int
        Height of the result.

    Returns
    -------
    bytes
        A PNG picture.

    Examples
    --------
    >>> png(np.ones((8, 8, 3)), 4)[1:4]
    b'PNG'
    """
    from PIL import Image

    image = Image.fromarray((picture * 255).astype(np.uint8))
    stream = io.BytesIO()
    image.resize((image.width // SMOOTHING, height_px), Image.Resampling.LANCZOS).save(stream, "PNG", optimize=True)
    return stream.getvalue()


def draw(meshes: Sequence[Mesh], view: View, height_px: int, clear: Sequence[Mesh] = ()) -> Floats:
    """Draw meshes without perspective, shaded, with a depth buffer.

    Parameters
    ----------
    meshes : sequence of tuple
        Vertices (v, 3) mm, faces (f, 3) and colour (3,) of each opaque mesh.
    view : View
        Where to look from.
    height_px : int
        Height of the picture.
    clear : sequence of tuple
        Transparent meshes.

    Returns
    -------
    ndarray, shape (height_px, w, 3)
        Colours between 0 and 1.

    Examples
    --------
    >>> mesh = (np.eye(3) * 10.0, np.array([[0, 1, 2]]), rgb("#ff0000"))
    >>> draw([mesh], View(), 20).shape[0]
    20
    """
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
    """Darken pixels that lie behind their surroundings: hollows, and the far side of an edge.

    Source: Luft, Colditz, Deussen, Image Enhancement by Unsharp Masking the Depth Buffer, SIGGRAPH 2006.
    """
    solid = np.isfinite(depth)
    filled = np.where(solid, depth, depth[solid].max())
    for reach, behind_mm, most in HOLLOWS:
        size = 2 * int(reach * len(depth)) + 1
        behind = filled - uniform_filter(uniform_filter(filled, size), size)  # twice is nearly a bell
        picture *= np.where(solid, 1.0 - most * np.clip(behind / behind_mm, 0.0, 1.0), 1.0)[..., None]


def _shades(triangles: Floats) -> Floats:
    """Brightness (n,) of each face, lit from above and from the left; NaN for faces that are turned away."""
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
    """Draw triangles (n, 3, 2) px with depths (n, 3) into the picture where nothing nearer has been drawn."""
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
    """Numbers of a colour.

    Parameters
    ----------
    colour : str
        As in "#ff8000".

    Returns
    -------
    ndarray, shape (3,)
        Red, green and blue between 0 and 1.

    Examples
    --------
    >>> rgb("#ff0000").tolist()
    [1.0, 0.0, 0.0]
    """
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
