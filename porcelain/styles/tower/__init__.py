"""Style "tower": crossing rows of buckets round a mast, joined by straight closed pipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..base import FloorPlan, Style, View, register

if TYPE_CHECKING:
    from ...errors import Finding
    from ...geometry.solids import Solid
    from ...machine.assembly import Part
    from ...machine.design import Design
    from ...machine.outlet_geometry import HoleGeometry
    from ...machine.vessel import Pipe
    from ...network import Network
    from ...printer import Printer
    from ...water import Water
    from ..calibration import Calibrated, Weighed
    from ..requirements import LayoutOptions, Placed, Requirements
    from ..rules import Rule


class TowerStyle(Style):
    """The article's machine; what needs solids or a search is imported when it is asked for."""

    name = "tower"
    title = "a tower of pipes"
    preference = 1
    outlet = "orifice"
    closed_channels = True
    compensates = True
    view = View()

    def outlet_geometry(self, design: Design, bucket: str, inflow: str) -> HoleGeometry:
        from .outlets import hole_geometry

        return hole_geometry(design, bucket, inflow)

    def share_floor(self, printer: Printer) -> float:
        from ..limits import share_floor

        return share_floor(printer)

    def precheck(self, network: Network, printer: Printer) -> list[Finding]:
        from .layout import precheck

        return precheck(network, printer)

    def layout(self, requirements: Requirements, options: LayoutOptions) -> Placed:
        from .layout import tower
        from .sizes import inner_sizes

        real = requirements.water.surface_tension_n_m > 0 if options.compensate is None else options.compensate
        return tower(requirements.network, requirements.printer, inner_sizes(requirements, real), options.text)

    def rules(self) -> tuple[Rule, ...]:
        from .rules import TOWER_RULES

        return TOWER_RULES

    def parts(self, design: Design) -> list[Part]:
        from .solids import parts

        return parts(design)

    def solids(self, design: Design) -> dict[str, Solid]:
        from .solids import solids_of

        return solids_of(design)

    def branch_text(self, design: Design, pipe: Pipe) -> str:
        return f"bore {pipe.bore_mm:.2f} mm"

    def floor_plans(self, design: Design) -> list[FloorPlan]:
        from .view import floor_plans

        return floor_plans(design)

    def floor_plan_text(self, design: Design) -> str:
        from .view import floor_plan_text

        return floor_plan_text(design)

    def assembly_steps(self, design: Design, parts: Sequence[Part]) -> list[str]:
        from .view import assembly_steps

        return assembly_steps(design, parts)

    calibration_flags = " --style tower"
    calibration_pour = "in one go"
    calibration_needs_water = True

    def calibration_piece(self, printer: Printer, discharge: float) -> Design:
        from .calibration import hole_piece

        return hole_piece(printer, discharge)

    def calibrated(self, cups: Weighed, printer: Printer, water: Water, discharge: float) -> Calibrated:
        from ..calibration import Calibrated
        from .calibration import hole_piece, read_holes

        found = read_holes(cups, hole_piece(printer, discharge), water)
        return Calibrated(found.printer(printer), found.water, found.said)


register(TowerStyle())
