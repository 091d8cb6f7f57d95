"""Options that choose the printer: a preset or a JSON file, and single values that differ from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import files
from ..errors import PorcelainError, unknown
from ..options import option
from ..printer import PRINTERS, Printer

PRESETS = ", ".join(PRINTERS)


@dataclass(frozen=True)
class PrinterOptions:
    """Which printer makes the machine.

    >>> PrinterOptions(bed="300x300x400").maker.bed_text
    '300 x 300 x 400 mm'
    """

    printer: str = option("ender3", f"{PRESETS}, or a JSON file of your own.", kind="printer")
    bed: str | None = option(
        None, "A bed of one's own in mm: width x depth x height, as in 500x500x600, or round, as in d240x300."
    )
    wall: float | None = option(None, "Walls round water, mm (default: four lines of the nozzle).", above=0, most=100)
    nozzle: float | None = option(None, "Nozzle, mm (default: the printer's).", above=0, most=10)
    layer: float | None = option(None, "Layers, mm (default: the printer's).", above=0, most=10)
    hole_shrink: float | None = option(
        None, "What a printed channel loses in diameter, mm (default: the printer's).", least=0, most=10
    )

    @property
    def maker(self) -> Printer:
        """The printer that these options describe. Raises PorcelainError for an impossible one."""
        found = known_printer(self.printer)
        own = {
            "min_wall_mm": self.wall,
            "nozzle_mm": self.nozzle,
            "layer_mm": self.layer,
            "hole_shrink_mm": self.hole_shrink,
        }
        changes: dict[str, Any] = {name: value for name, value in own.items() if value is not None}
        return found.changed(**changes, **({} if self.bed is None else _bed(self.bed)))


def known_printer(name: str) -> Printer:
    """A preset by its name, or the printer of a JSON file. Raises PorcelainError for neither."""
    if name in PRINTERS:
        return PRINTERS[name]
    if Path(name).suffix.lower() != ".json" and name != "-":
        slip = unknown("printer", name, PRINTERS)
        raise PorcelainError(f"{slip}; a printer of your own is a JSON file, as in my-printer.json")
    found: Printer = files.load(name, "printer")
    return found


def _bed(bed: str) -> dict[str, Any]:
    """The fields of a printer with another bed. Raises PorcelainError for what is no bed."""
    text = bed.lower()
    try:
        sides = tuple(float(side) for side in text.removeprefix("d").split("x"))
    except ValueError:
        sides = ()
    if text.startswith("d") and len(sides) == 2:
        sides, shape = (sides[0], *sides), "round"
    else:
        shape = "rectangle"
    if len(sides) != 3 or (text.startswith("d") and shape != "round"):
        wanted = "width x depth x height in mm, as in 500x500x600, or diameter x height, as in d240x300"
        raise PorcelainError(f"--bed is {bed[:40]!r}; it needs {wanted}")
    return {"name": f"a bed of {bed} mm", "bed_mm": sides, "bed_shape": shape}
