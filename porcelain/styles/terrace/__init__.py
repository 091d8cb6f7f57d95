"""Style "terrace": a stair of bucket rows with level sills, knives and gutters, printed without support."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..base import FloorPlan, Style, View, register

if TYPE_CHECKING:
    from ...errors import Finding
    from ...geometry.solids import Solid
    from ...machine.assembly import Part
    from ...machine.design import Design
    from ...machine.layouts import Terrace
    from ...machine.outlet_geometry import OutletGeometry
    from ...network import Network
    from ...printer import Printer
    from ...water import Water
    from ..calibration import Calibrated, Weighed
    from ..requirements import LayoutOptions, Placed, Requirements
    from ..rules import Rule


class TerraceStyle(Style):
    """The stair; what needs solids or a search is imported when it is asked for."""

    name = "terrace"
    title = "a terrace"
    preference = 0
    outlet = "weir"
    view = View(215.0, 32.0, 1)

    def outlet_geometry(self, design: Design, bucket: str, inflow: str) -> OutletGeometry:
        from .outlets import outlet_geometry

        return outlet_geometry(design, bucket, inflow)

    def share_floor(self, printer: Printer) -> float:
        from .search import share_floor

        return share_floor(printer)

    def precheck(self, network: Network, printer: Printer) -> list[Finding]:
        from .search import precheck

        return precheck(network, printer)

    def layout(self, requirements: Requirements, options: LayoutOptions) -> Placed:
        from .layout import TerraceOptions
        from .search import terrace

        asked = TerraceOptions(text=options.text, stop_mm=options.stop_mm, cups=options.cups, lips=options.lips)
        return terrace(requirements, asked)

    def rules(self) -> tuple[Rule, ...]:
        from .rules import TERRACE_RULES

        return TERRACE_RULES

    def parts(self, design: Design) -> list[Part]:
        from . import solids, storeys
        from .rank_rows import laid

        rows = laid(design)
        return storeys.parts(rows) if _layout(rows).joints else solids.parts(rows)

    def solids(self, design: Design) -> dict[str, Solid]:
        from . import solids, storeys
        from .rank_rows import laid

        rows = laid(design)
        if not _layout(rows).joints:
            return {"body": solids.body(rows)}
        return dict(pair for storey in storeys.divided(rows) for pair in storeys.solids_of(storey))

    def summary(self, design: Design) -> list[str]:
        from .view import summary

        return summary(design)

    def floor_plans(self, design: Design) -> list[FloorPlan]:
        from .rank_rows import laid

        return super().floor_plans(laid(design))

    def floor_plan_text(self, design: Design) -> str:
        from .view import floor_plan_text

        return floor_plan_text(design)

    def assembly_steps(self, design: Design, parts: Sequence[Part]) -> list[str]:
        from .view import assembly_steps

        return assembly_steps(parts)

    def levelling(self, design: Design) -> str | None:
        from .view import SCREWS

        return SCREWS if _layout(design).ear_mm[0] else None

    def emptied(self, design: Design) -> str:
        return "one storey after another, from the top down," if _layout(design).joints else "the machine"

    calibration_pour = "steadily, at about {rate:g} mL/s"

    def calibration_piece(self, printer: Printer, discharge: float) -> Design:
        from .calibration import sill_piece

        return sill_piece(printer, discharge)

    def calibrated(self, cups: Weighed, printer: Printer, water: Water, discharge: float) -> Calibrated:
        from ..calibration import Calibrated
        from .calibration import read, sill_piece

        found = read(cups, sill_piece(printer, discharge))
        return Calibrated(printer, water, found.said, found.stop_mm, found.knife_mm)


def _layout(design: Design) -> Terrace:
    """The design's layout, known to be a terrace."""
    from .cells import terrace

    return terrace(design)


register(TerraceStyle())
