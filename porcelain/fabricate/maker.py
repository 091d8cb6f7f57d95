"""Parts of a design, checked before they are written; the design's style makes their solids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from numpy.typing import ArrayLike

from ..errors import DesignError, Finding, unknown
from ..files import to_json, write_bytes
from ..geometry import surface
from ..machine.assembly import Assembly, Part
from ..machine.design import Design
from ..styles import style_of
from ..styles.common_rules import too_large
from ..styles.validate import mend, refuse_broken
from .formats import FORMATS, Fabricated, Format


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
    parts: list[Part],
    design: Design,
    folder: str | Path,
    features: ArrayLike | None = None,
    formats: Iterable[str] | None = None,
) -> list[Path]:
    """Write the files of a machine, each whole or not at all.

    Parameters
    ----------
    parts : list of Part
        Parts of the machine.
    design : Design
        The machine.
    folder : str or Path
        Folder to write into.
    features : array_like, optional
        Row of data, in the data's units, whose water the GLB shows; by default the middle of the data's range.
    formats : iterable of str, optional
        Names of :data:`~porcelain.fabricate.formats.FORMATS`; by default all usual ones. The parts list,
        ``assembly.json``, is written in any case.

    Returns
    -------
    list of Path
        The files, the STL files first.

    Raises
    ------
    PorcelainError
        If a format is unknown or needs a package that is not installed.
    """
    machine = Fabricated(design, parts, features)
    files = {name: data for one in chosen(formats) for name, data in one.files(machine).items()}
    files["assembly.json"] = to_json(Assembly.of(design, parts))
    for name, data in files.items():
        write_bytes(Path(folder) / name, data)
    return [Path(folder) / name for name in files]


def chosen(formats: Iterable[str] | None) -> list[Format]:
    """The formats of these names; None: all usual ones. Raises PorcelainError for an unknown name."""
    if formats is None:
        return [one for one in FORMATS.values() if one.usual]
    names = list(dict.fromkeys(formats))
    for name in names:
        if name not in FORMATS:
            raise unknown("format", name, FORMATS)
    return [FORMATS[name] for name in names]
