"""The printer of a machine as options of a command: a preset, and what is different here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import click

from ..errors import PorcelainError
from ..printer import PRINTERS, Printer, printer

PRESETS = ", ".join(PRINTERS)
OPTIONS = (
    click.option("--printer", "printer_name", default="ender3", show_default=True, help=f"One of {PRESETS}."),
    click.option("--bed", help="A bed of one's own, width x depth x height in mm, as in 500x500x600."),
    click.option("--wall", type=float, help="Walls round water, mm (default: four lines of the nozzle)."),
    click.option("--nozzle", type=float, help="Nozzle, mm (default: the printer's)."),
    click.option("--layer", type=float, help="Layers, mm (default: the printer's)."),
    click.option("--hole-shrink", type=float, help="What a bore loses in diameter, mm (default: the printer's)."),
)


def printing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command these options, and call it with the printer they make as ``maker``."""

    @wraps(command)
    def called(
        *,
        printer_name: str,
        bed: str | None,
        wall: float | None,
        nozzle: float | None,
        layer: float | None,
        hole_shrink: float | None,
        **others: Any,
    ) -> Any:
        maker = printer(printer_name) if bed is None else _with_bed(printer(printer_name), bed)
        own = {"min_wall_mm": wall, "nozzle_mm": nozzle, "layer_mm": layer, "hole_shrink_mm": hole_shrink}
        turned: dict[str, Any] = {field: value for field, value in own.items() if value is not None}
        return command(maker=maker.changed(**turned), **others)

    for option in reversed(OPTIONS):
        called = option(called)
    return called


def _with_bed(maker: Printer, bed: str) -> Printer:
    """A printer with another bed. Raises PorcelainError for what is no bed."""
    try:
        width, depth, height = (float(side) for side in bed.lower().split("x"))
    except ValueError:
        raise PorcelainError(f"--bed is {bed!r}; it needs width x depth x height in mm, as in 500x500x600") from None
    return replace(maker, name=f"a bed of {bed} mm", bed_mm=(width, depth, height))
