"""Parts of a design, checked before they are written; the design's style makes their solids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from numpy.typing import ArrayLike

from ..errors import DesignError, Finding
from ..file_names import machine_stem
from ..files import to_json, write_bytes
from ..geometry import surface
from ..machine.assembly import Assembly, Part
from ..machine.design import Design
from ..printer import Printer
from ..styles import style_of
from ..styles.common_rules import too_large
from ..styles.validate import mend, refuse_broken
from . import glb, scad, standing_water, stl, threemf
from .plates import pack


def parts(design: Design) -> list[Part]:
    """Every part of the machine in print position. Raises DesignError if one is not a sound, printable body."""
    refuse_broken(design)
    made = style_of(design).parts(design)
    findings = [finding for part in made for finding in unsound(part, design)]
    if findings:
        raise DesignError(findings)
    return made


def unsound(part: Part, design: Design) -> Iterator[Finding]:
    """What is wrong with a part: it must be one closed body on the bed, a tier with as many holes as channels."""
    advice = mend(design)
    if len(surface.faulty_edges(part.faces)):
        yield Finding("mesh", part.name, "not closed", "closed", advice)
        return
    bodies, genus = int(surface.bodies(part.faces).max()) + 1, surface.genus(part.faces)
    if bodies != 1:
        yield Finding("bodies", part.name, str(bodies), "1", advice)
    if style_of(design).closed_channels and genus != len(part.channels):
        yield Finding("through-holes", part.name, str(genus), f"{len(part.channels)} channels", advice)
    if part.volume_mm3 <= 0:
        yield Finding("enclosed volume", part.name, f"{part.volume_mm3:.1f} mm3", "above 0", advice)
    yield from too_large(design.printer, part.name, part.size_mm, advice)


def write(
    parts: list[Part], design: Design, folder: str | Path, features: ArrayLike | None = None, extras: bool = True
) -> list[Path]:
    """Every file of a machine, each whole or not at all; returns the paths, the STL files first.

    One STL per part, one 3MF with all of them, one per plate as it stands on the bed, the parts list; as ``extras``
    an OpenSCAD file and a GLB of the assembled machine with its water after a pour of ``features`` (one row in the
    data's units; by default the middle of the data's range).
    """
    folder = Path(folder)
    stem = machine_stem(design.name)
    files = {f"{part.name}.stl": stl.to_stl(part) for part in parts}
    facts, options = metadata(design), settings(design.printer)
    files[f"{stem}.3mf"] = threemf.to_3mf(parts, design.name, facts, settings=options)
    filled = pack(parts, design.printer)
    for number, plate in enumerate(filled, 1):
        title = f"{design.name}, plate {number} of {len(filled)}"
        together = list({place.part.name: place.part for place in plate}.values())
        files[f"plate-{number}.3mf"] = threemf.to_3mf(together, title, facts, plate, options)
    files["assembly.json"] = to_json(Assembly.of(design, parts))
    if extras:
        row = standing_water.middle(design) if features is None else features
        standing = standing_water.water_bodies(design, parts, standing_water.settled_ml(design, row))
        files[f"{stem}.glb"] = glb.to_glb(parts, design.name, standing)
        files[f"{stem}.scad"] = scad.to_scad(design)
    for name, data in files.items():
        write_bytes(folder / name, data)
    return [folder / name for name in files]


def metadata(design: Design) -> dict[str, str]:
    """What a 3MF says about itself, in the words of its specification."""
    text = f"PeLU network {design.network.name}, {design.ml_per_unit:g} mL per unit, for {design.printer.name}"
    return {
        "Description": f"{text}; {'; '.join(f'{k} {v}' for k, v in settings(design.printer).items())}",
        "LicenseTerms": "MIT",
    }


def settings(printer: Printer) -> dict[str, str]:
    """How to slice, by PrusaSlicer's names: four lines make a wall that holds water, and nothing needs support.

    Temperatures are PLA's. What a 3MF does not say a slicer takes as 0, and 0 is no bed that a print sticks to.
    """
    outline, tall = printer.bed_outline_mm, printer.bed_mm[2]
    layer, hot, bed = f"{printer.layer_mm:g}", "210", "60"
    return {
        "layer_height": layer,
        "first_layer_height": layer,
        "nozzle_diameter": f"{printer.nozzle_mm:g}",
        "extrusion_width": f"{1.125 * printer.nozzle_mm:g}",
        "perimeters": "4",
        "fill_density": "15%",
        "support_material": "0",
        "skirts": "0",
        "filament_type": "PLA",
        "filament_diameter": "1.75",
        "filament_density": "1.24",
        "temperature": hot,
        "first_layer_temperature": hot,
        "bed_temperature": bed,
        "first_layer_bed_temperature": bed,
        "bed_shape": ",".join(f"{x:g}x{y:g}" for x, y in outline),
        "max_print_height": f"{tall:g}",
    }
