"""3MF: every part with its name, colour and count in one file, by the core specification, the same bytes each time.

Source: 3MF Core Specification 1.3 (3mf.io). General 3MF writers put random identifiers into every file.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ..machine.assembly import Part
from .formats import Fabricated
from .plates import SPACING_MM, Place, pack
from .print_settings import metadata, settings

CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can hold: no time stamp
SETTINGS_PART = "Metadata/Slic3r_PE.config"  # where PrusaSlicer looks for settings inside a 3MF

TYPES = f"""{XML}<Types xmlns="{PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>
<Default Extension="config" ContentType="text/plain"/>
</Types>
"""
RELATIONS = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">
<Relationship Target="/3D/3dmodel.model" Id="rel0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/>
</Relationships>
"""


def files(machine: Fabricated) -> dict[str, bytes]:
    """One file with all parts, and one for each plate as it stands on the bed."""
    design, parts = machine.design, machine.parts
    facts, options = metadata(design), settings(design.printer)
    made = {f"{machine.stem}.3mf": to_3mf(parts, design.name, facts, settings=options)}
    plates = pack(parts, design.printer)
    for number, plate in enumerate(plates, 1):
        title = f"{design.name}, plate {number} of {len(plates)}"
        together = list({place.part.name: place.part for place in plate}.values())
        made[f"plate-{number}.3mf"] = to_3mf(together, title, facts, plate, options)
    return made


def to_3mf(
    parts: list[Part],
    title: str,
    metadata: Mapping[str, str] | None = None,
    plate: list[Place[Part]] | None = None,
    settings: Mapping[str, str] | None = None,
) -> bytes:
    """Parts in print position as one 3MF file in mm; ``metadata`` joins the title, names escaped.

    A ``plate`` says where each stands on the bed; else they stand side by side. ``settings`` are a slicer's, by its
    own names, and travel inside the file.
    """
    files = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS}
    files["3D/3dmodel.model"] = _model(parts, title, metadata or {}, plate or _side_by_side(parts))
    if settings:
        lines = ["; written by porcelain", *(f"; {key} = {value}" for key, value in settings.items()), ""]
        files[SETTINGS_PART] = "\n".join(lines)  # PrusaSlicer skips the first line
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, FIRST_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, text)
    return stream.getvalue()


def _side_by_side(parts: list[Part]) -> list[Place[Part]]:
    """Every copy in one row."""
    places, x = [], 0.0
    for part in parts:
        for _ in range(part.count):
            places.append(Place(part, x, 0.0, False))
            x = round(x + part.size_mm[0] + SPACING_MM, 3)
    return places


def _model(parts: list[Part], title: str, metadata: Mapping[str, str], plate: list[Place[Part]]) -> str:
    facts = {"Title": title, "Application": "porcelain", **metadata}
    colours = list(dict.fromkeys(part.colour for part in parts))
    lines = [f'{XML}<model unit="millimeter" xml:lang="en-US" xmlns="{CORE}">']
    lines += [f"<metadata name={quoteattr(key)}>{escape(value)}</metadata>" for key, value in facts.items()]
    lines.append('<resources>\n<basematerials id="1">')
    lines += [f'<base name="colour {i}" displaycolor="{c.upper()}FF"/>' for i, c in enumerate(colours)]
    lines.append("</basematerials>")
    for number, part in enumerate(parts, 2):
        lines += _object(part, number, colours.index(part.colour))
    lines.append("</resources>\n<build>")
    numbers = {part.name: number for number, part in enumerate(parts, 2)}
    for place in plate:
        turn = "0 1 0 -1 0 0" if place.turned else "1 0 0 0 1 0"
        x = place.x_mm + (place.size_mm[0] if place.turned else 0.0)
        at = f"{round(x, 3):g} {place.y_mm:g} 0"
        lines.append(f'<item objectid="{numbers[place.part.name]}" transform="{turn} 0 0 1 {at}"/>')
    lines.append("</build>\n</model>\n")
    return "\n".join(lines)


def _object(part: Part, number: int, colour: int) -> list[str]:
    vertices = part.vertices_mm.astype(np.float32)
    lines = [f'<object id="{number}" type="model" name={quoteattr(part.name)} pid="1" pindex="{colour}">']
    lines.append("<mesh>\n<vertices>")
    lines += [f'<vertex x="{x}" y="{y}" z="{z}"/>' for x, y, z in vertices]
    lines.append("</vertices>\n<triangles>")
    lines += [f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in part.faces]
    lines.append("</triangles>\n</mesh>\n</object>")
    return lines
