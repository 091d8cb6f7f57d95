"""Parts of a design by its body style, checked before they are written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..design import Design, Terrace, Tower
from ..errors import DesignError, Finding
from ..files import to_json, write_bytes
from ..part import Assembly, Part
from . import pipes, solids, stl, terrace, threemf


def fabricate(design: Design) -> list[Part]:
    """Every part of the machine in print position. Raises DesignError if one is not a sound, printable body."""
    parts = terrace.parts(design) if isinstance(design.body, Terrace) else pipes.parts(design)
    findings = [finding for part in parts for finding in unsound(part, design)]
    if findings:
        raise DesignError(findings)
    return parts


def unsound(part: Part, design: Design) -> Iterator[Finding]:
    """What is wrong with a part: it must be one closed body on the bed, a tier with as many holes as channels."""
    solid = solids.from_mesh(part.vertices_mm, part.faces)
    advice = "report this design"
    if solid.is_empty():
        yield Finding("mesh", part.name, "not closed", "closed", advice)
        return
    bodies, genus = len(solid.decompose()), solid.genus()
    if bodies != 1:
        yield Finding("bodies", part.name, str(bodies), "1", advice)
    if isinstance(design.body, Tower) and genus != len(part.channels):
        yield Finding("through-holes", part.name, str(genus), f"{len(part.channels)} channels", advice)
    if part.volume_mm3 <= 0:
        yield Finding("enclosed volume", part.name, f"{part.volume_mm3:.1f} mm3", "above 0", advice)
    if not design.printer.fits(part.size_mm):
        size = " x ".join(f"{s:.0f}" for s in part.size_mm)
        bed = " x ".join(f"{b:g}" for b in design.printer.bed_mm)
        yield Finding("size", part.name, f"{size} mm", f"{bed} mm", "use a larger printer")


def write(parts: list[Part], design: Design, folder: str | Path) -> list[Path]:
    """One STL per part, one 3MF with all of them and the parts list, each whole or not at all; returns the paths."""
    folder = Path(folder)
    stl_files = {folder / f"{part.name}.stl": stl.to_stl(part) for part in parts}
    metadata = {
        "Description": f"PeLU network {design.network.name}, {design.ml_per_unit:g} mL per unit,"
        f" for {design.printer.name}",
        "LicenseTerms": "MIT",
    }
    package = folder / f"{design.name}.3mf"
    parts_list = to_json(Assembly.of(design, parts))
    files = {**stl_files, package: threemf.to_3mf(parts, design.name, metadata), folder / "assembly.json": parts_list}
    for path, data in files.items():
        write_bytes(path, data)
    return list(files)
