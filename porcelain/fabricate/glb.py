"""GLB: the assembled machine as one binary glTF file with a node per part, the same bytes each time.

Source: Khronos Group, glTF 2.0 Specification: metres, y up, counter-clockwise faces, linear base colours.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

from ..machine.assembly import Part
from .formats import Fabricated

MAGIC, VERSION, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
FLOAT, UNSIGNED_INT, VERTICES, INDICES = 5126, 5125, 34962, 34963
# x to the right, z up in mm becomes x to the right, y up in m: a matrix by columns
UPRIGHT = [0.001, 0, 0, 0, 0, 0, -0.001, 0, 0, 0.001, 0, 0, 0, 0, 0, 1]


def files(machine: Fabricated) -> dict[str, bytes]:
    """The assembled machine with its water."""
    return {f"{machine.stem}.glb": to_glb(machine.parts, machine.design.name, machine.water)}


def to_glb(parts: list[Part], title: str, water: list[Part] | None = None) -> bytes:
    """Parts where they stand in the machine, and bodies of water that one sees through."""
    every = [(part, 1.0) for part in parts] + [(part, 0.55) for part in water or []]
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    meshes: list[dict[str, Any]] = []
    binary = b""
    for number, (part, _) in enumerate(every):
        corners = part.assembled_mm.astype("<f4")
        data = ((corners.tobytes(), VERTICES), (part.faces.astype("<u4").tobytes(), INDICES))
        for chunk, target in data:
            views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(chunk), "target": target})
            binary += chunk
        low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        accessors.append(_accessor(2 * number, FLOAT, len(corners), "VEC3") | {"min": low, "max": high})
        accessors.append(_accessor(2 * number + 1, UNSIGNED_INT, part.faces.size, "SCALAR"))
        primitive = {"attributes": {"POSITION": 2 * number}, "indices": 2 * number + 1, "material": number}
        meshes.append({"name": part.name, "primitives": [primitive]})
    count = len(every)
    document = {
        "asset": {"version": "2.0", "generator": "porcelain"},
        "scene": 0,
        "scenes": [{"name": title, "nodes": [count]}],
        "nodes": [
            *({"name": part.name, "mesh": number} for number, (part, _) in enumerate(every)),
            {"name": title, "children": list(range(count)), "matrix": UPRIGHT},
        ],
        "meshes": meshes,
        "materials": [_material(part, opacity) for part, opacity in every],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    length = 12 + 8 + len(text) + 8 + len(binary)
    return b"".join(
        (
            struct.pack("<3I", MAGIC, VERSION, length),
            struct.pack("<2I", len(text), JSON_CHUNK) + text,
            struct.pack("<2I", len(binary), BINARY_CHUNK) + binary,
        )
    )


def _accessor(view: int, kind: int, count: int, shape: str) -> dict[str, Any]:
    return {"bufferView": view, "componentType": kind, "count": count, "type": shape}


def _material(part: Part, opacity: float) -> dict[str, Any]:
    shown = np.array([int(part.colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1 (sRGB)
    colour = [*linear.round(6).tolist(), opacity]
    surface = {"baseColorFactor": colour, "metallicFactor": 0.0, "roughnessFactor": 0.2 if opacity < 1 else 0.8}
    blend = {"alphaMode": "BLEND", "doubleSided": True} if opacity < 1 else {}
    return {"name": part.colour, "pbrMetallicRoughness": surface} | blend
