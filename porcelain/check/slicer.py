"""Slice a part with PrusaSlicer, and read its report and its G-code.

Its exit code says almost nothing: it repairs broken meshes in silence and returns 0. So everything is read: the mesh
report, every line of the log, where the nozzle goes, and how much plastic went where.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Finding, PorcelainError
from ..fabricate.print_settings import settings
from ..fabricate.stl import to_stl
from ..machine.assembly import Part
from ..printer import Printer
from .gcode import Sliced, read_gcode

PROGRAM = "prusa-slicer"
SUPPORT_DEG = 45
RATIO = (0.95, 1.03)  # sliced volume over mesh volume; walls that are lost or fattened fall outside
PROGRESS = re.compile(r"^\d+ => |^Slicing result exported|^$|^\[|^10 |^print warning: Detected print stability issues")
Shape = tuple[tuple[float, ...], float]


@dataclass(frozen=True)
class Settings:
    """How to slice. The defaults are what a water-tight print wants.

    Attributes
    ----------
    perimeters : int
        Lines of a wall.
    infill_percent : int
        Filling between walls.
    support : bool
        Whether support is printed below overhangs.
    solid : bool
        Whether everything is filled, to measure what the slicer makes of thin walls.

    Examples
    --------
    >>> from porcelain.printer import PRINTERS
    >>> words = Settings(perimeters=3).options(PRINTERS["mini"])
    >>> words[words.index("--perimeters") + 1]
    '3'
    """

    perimeters: int = 4
    infill_percent: int = 15
    support: bool = True
    solid: bool = False

    def options(self, printer: Printer) -> list[str]:
        """The options of PrusaSlicer's command line.

        Parameters
        ----------
        printer : Printer
            The printer.

        Returns
        -------
        list of str
            Words, as in "--layer-height", "0.2".
        """
        x, y, _ = printer.bed_mm
        options = settings(printer) | {"center": f"{x / 2:g},{y / 2:g}"}
        del options["support_material"]  # a flag without a value on the command line
        options["perimeters"] = "2" if self.solid else f"{self.perimeters}"
        options["fill_density"] = "100%" if self.solid else f"{self.infill_percent}%"
        words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
        if self.solid:  # walls of one line's width vanish here instead of being printed fatter
            words += ["--fill-pattern", "rectilinear", "--perimeter-generator", "classic", "--thin-walls=0"]
        elif self.support:
            words += ["--support-material", "--support-material-auto"]
            words += ["--support-material-threshold", str(SUPPORT_DEG)]
        return words


def available() -> bool:
    """Whether PrusaSlicer is installed.

    Returns
    -------
    bool
        True if its program is on the path.

    Examples
    --------
    >>> available() == (shutil.which("prusa-slicer") is not None)
    True
    """
    return shutil.which(PROGRAM) is not None


def mesh_report(part: Part) -> dict[str, str]:
    """What the slicer says of a mesh.

    Parameters
    ----------
    part : Part
        The part in print position.

    Returns
    -------
    dict
        Its entries: manifold, open_edges, facets_reversed, number_of_parts, volume.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini", "design")
    >>> (part,) = fabricate.parts(design)
    >>> mesh_report(part)["manifold"] if available() else "yes"
    'yes'
    """
    with tempfile.TemporaryDirectory() as folder:
        path = _written(part, folder)
        out = _run([PROGRAM, "--info", str(path)])
    pairs = [line.split(" = ", 1) for line in out.splitlines() if " = " in line]
    return {key.strip(): value.strip() for key, value in pairs}


def slice_part(part: Part, printer: Printer, settings: Settings = Settings()) -> Sliced:
    """Slice one part as it stands on the bed.

    Parameters
    ----------
    part : Part
        The part in print position.
    printer : Printer
        The printer, whose layers and walls are sliced.
    settings : Settings
        How to slice.

    Returns
    -------
    Sliced
        What the G-code says.

    Raises
    ------
    PorcelainError
        If the slicer is not installed or writes no G-code.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini", "design")
    >>> (part,) = fabricate.parts(design)
    >>> not available() or slice_part(part, design.printer).support_cm3 == 0.0
    True
    """
    with tempfile.TemporaryDirectory() as folder:
        path, code = _written(part, folder), Path(folder) / "part.gcode"
        words = [PROGRAM, "-g", "--loglevel", "2", *settings.options(printer), "-o", str(code), str(path)]
        said = tuple(line for line in _run(words).splitlines() if not PROGRESS.match(line.strip()))
        if not code.is_file():
            raise PorcelainError(f"{PROGRAM} wrote no G-code for {part.name}: {' '.join(said)[:200]}")
        return read_gcode(code.read_text(), said, printer.layer_mm)


def alike(parts: Sequence[Part]) -> list[tuple[Part, int]]:
    """Parts of one shape only once.

    Parameters
    ----------
    parts : sequence of Part
        Parts of a machine.

    Returns
    -------
    list of tuple (Part, int)
        The first part of each shape, and how many of this shape are printed.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> parts = fabricate.parts(files.load("designs/iris-mini", "design"))
    >>> [count for _, count in alike([*parts, *parts])]
    [2]
    """
    found: dict[Shape, tuple[Part, int]] = {}
    for part in parts:
        first, count = found.get(_shape(part), (part, 0))
        found[_shape(part)] = (first, count + part.count)
    return list(found.values())


def slice_parts(parts: Sequence[Part], printer: Printer, settings: Settings = Settings()) -> dict[str, Sliced]:
    """Slice all parts; of one shape only the first.

    Parameters
    ----------
    parts : sequence of Part
        Parts of a machine.
    printer : Printer
        The printer, whose layers and walls are sliced.
    settings : Settings
        How to slice.

    Returns
    -------
    dict
        What the G-code says, by the part's name.

    Examples
    --------
    >>> from porcelain.printer import PRINTERS
    >>> slice_parts([], PRINTERS["mini"])
    {}
    """
    shapes = {_shape(part): slice_part(part, printer, settings) for part, _ in alike(parts)}
    return {part.name: shapes[_shape(part)] for part in parts}


def _shape(part: Part) -> Shape:
    return part.size_mm, round(part.volume_mm3)


def time_and_plastic(parts: Sequence[Part], printer: Printer, settings: Settings = Settings()) -> str:
    """What printing a whole machine takes.

    Parameters
    ----------
    parts : sequence of Part
        Parts of the machine, at least one.
    printer : Printer
        The printer, whose layers and walls are sliced.
    settings : Settings
        How to slice.

    Returns
    -------
    str
        The slicer's name, hours, grams and support in one line.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini", "design")
    >>> (part,) = fabricate.parts(design)
    >>> not available() or "no support" in time_and_plastic([part], design.printer)
    True
    """
    sliced = slice_parts(parts, printer, settings)
    return in_words([(sliced[part.name], part.count) for part in parts])


def in_words(sliced: Sequence[tuple[Sliced, int]]) -> str:
    """The sum of sliced parts as one line.

    Parameters
    ----------
    sliced : sequence of tuple (Sliced, int)
        What the G-code of each part says, and how many of it are printed.

    Returns
    -------
    str
        The slicer's name, hours, grams and support.

    Examples
    --------
    >>> in_words([(Sliced(1.5, 20.0, {}, (0, 0, 0), (40, 40, 60), 0.0, (), "PrusaSlicer 2.5.0"), 2)])
    'PrusaSlicer 2.5.0: 3 h 0 min, 40 g, no support'
    """
    minutes = round(60 * sum(s.hours * count for s, count in sliced))
    grams = sum(s.grams * count for s, count in sliced)
    support = sum(s.support_cm3 * count for s, count in sliced)
    hung = f"{support:.1f} cm³ of support" if support else "no support"
    return f"{sliced[0][0].by}: {minutes // 60} h {minutes % 60} min, {grams:.0f} g, {hung}"


def _written(part: Part, folder: str) -> Path:
    path = Path(folder) / f"{part.name}.stl"
    path.write_bytes(to_stl(part))
    return path


def _run(words: list[str]) -> str:
    if not available():
        raise PorcelainError(f"{PROGRAM} is not installed; slicing needs it (Debian: apt install prusa-slicer)")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def refused(part: Part, printer: Printer, sliced: Sliced, solid: Sliced) -> Iterator[Finding]:
    """What the slicer had to repair, drop, fatten or hang in the air.

    Parameters
    ----------
    part : Part
        The part in print position.
    printer : Printer
        The printer whose bed must hold it.
    sliced : Sliced
        The part as it is printed.
    solid : Sliced
        The part filled, without support.

    Returns
    -------
    iterator of Finding
        A finding for each fault.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini", "design")
    >>> (part,) = fabricate.parts(design)
    >>> wide = Sliced(1.0, 9.0, {"Perimeter": part.volume_mm3 / 1000}, (0, 0, 0), (999, 9, 9), 0.0, ())
    >>> found = list(refused(part, design.printer, wide, wide)) if available() else []
    >>> [finding.rule for finding in found] in ([], ["extents of the G-code"])
    True
    """
    report = mesh_report(part)
    for key, want in (("manifold", "yes"), ("open_edges", None), ("facets_reversed", None), ("number_of_parts", "1")):
        if report.get(key) != want:
            yield Finding(f"slicer's {key}", part.name, str(report.get(key)), str(want), "write the mesh again")
    for line in (*sliced.said, *solid.said):
        yield Finding("slicer's message", part.name, line.strip()[:120], "none", "see what it means")
    if not printer.holds(sliced.low_mm, sliced.high_mm):
        extents = " x ".join(f"{h - x:.0f}" for x, h in zip(sliced.low_mm, sliced.high_mm, strict=True))
        yield Finding("extents of the G-code", part.name, f"{extents} mm", "the bed", "split the part")
    if sliced.empty_mm > 0:
        yield Finding("empty layers", part.name, f"{sliced.empty_mm:.1f} mm", "0 mm", "let nothing float")
    ratio = sum(solid.cm3.values()) * 1000 / part.volume_mm3
    if not RATIO[0] <= ratio <= RATIO[1]:
        advice = "a wall is thinner than the nozzle draws, or bodies overlap"
        yield Finding("sliced over mesh volume", part.name, f"{ratio:.3f}", f"{RATIO[0]} to {RATIO[1]}", advice)
