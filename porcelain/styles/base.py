"""Style: everything that is particular to one shape of machine, and the registry of styles by name.

A new style is a folder with a subclass of :class:`Style`, an instance of which is given to :func:`register`, and a
subclass of :class:`~porcelain.machine.layouts.Layout` for the millimetres that are the style's own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..arrays import Floats
from ..errors import Finding, PorcelainError, unknown
from ..machine.assembly import Part
from ..machine.design import Design
from ..machine.outlet_geometry import HoleGeometry, OutletGeometry
from ..machine.vessel import Pipe, Vessel
from ..network import Network
from ..printer import Printer
from ..water import Water
from .calibration import Calibrated, Weighed
from .requirements import LayoutOptions, Placed, Requirements
from .rules import Rule

if TYPE_CHECKING:
    from ..geometry.solids import Solid


@dataclass(frozen=True)
class View:
    """From where a machine of a style is looked at: turned about z and raised, in degrees.

    ``facing`` is the side along y that the page and the pictures look at: 1 (the far side, where x runs to the left)
    or -1.
    """

    turn_deg: float = 35.0
    rise_deg: float = 24.0
    facing: int = -1

    def axes(self) -> Floats:
        """Unit vectors (3, 3): to the right, up, and away from the eye; there is no perspective."""
        turn, rise = np.radians(self.turn_deg), np.radians(self.rise_deg)
        right = np.array([np.cos(turn), np.sin(turn), 0.0])
        away = np.array([-np.sin(turn) * np.cos(rise), np.cos(turn) * np.cos(rise), -np.sin(rise)])
        return np.array([right, np.cross(right, away), away])


@dataclass(frozen=True, eq=False)
class FloorPlan:
    """One drawing from above: the vessels on it, its title, and corners (2, 2) of a mast, if there is one.

    ``signs`` (2,) turn x and y of the machine to the drawing's right and down.
    """

    vessels: Sequence[Vessel]
    title: str
    signs: tuple[float, float]
    mast_mm: Floats | None = None


class Style(ABC):
    """One shape of machine: its limits, its layout, its rules, its solids and its words.

    Attributes
    ----------
    name
        What files, options and pages call the style.
    title
        What sentences call a machine of this style, with its article.
    preference
        Place among the styles that "auto" tries, the lowest first; None: only by name.
    outlet
        Kind of the outlets of its buckets, "weir" or "orifice".
    closed_channels
        Whether its channels are closed tubes, so that a part has a through-hole for each and no other.
    compensates
        Whether its channels can be drawn to part real water as the shares ask (see ``compensate``).
    view
        From where a machine is looked at.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    preference: ClassVar[int | None] = None
    outlet: ClassVar[str] = "weir"
    closed_channels: ClassVar[bool] = False
    compensates: ClassVar[bool] = False
    view: ClassVar[View] = View()

    # ---- planning

    @abstractmethod
    def share_floor(self, printer: Printer) -> float:
        """The smallest share that a printer can make a way for."""

    def precheck(self, network: Network, printer: Printer) -> list[Finding]:
        """What can be refused before anything is laid out."""
        return []

    @abstractmethod
    def layout(self, requirements: Requirements, options: LayoutOptions) -> Placed:
        """Where everything stands. Raises DesignError with Findings for what this style cannot do."""

    # ---- rules and solids

    def rules(self) -> tuple[Rule, ...]:
        """The style's own rules of design; one is asked in place of a common rule of the same name."""
        return ()

    @abstractmethod
    def parts(self, design: Design) -> list[Part]:
        """Every part, in print position."""

    @abstractmethod
    def solids(self, design: Design) -> dict[str, Solid]:
        """The solid of every part by its name, in assembled position."""

    def outlet_geometry(self, design: Design, bucket: str, inflow: str) -> OutletGeometry | HoleGeometry:
        """The outlet of a bucket, for a free-surface case. Raises PorcelainError where the style has none to write."""
        raise PorcelainError(f"style {self.name} has no outlet that a free-surface case can be written of")

    # ---- words and views

    def branch_text(self, design: Design, pipe: Pipe) -> str:
        """How wide a branch is, in a few words."""
        bucket = next(b for b in design.buckets if b.name == pipe.source)
        return f"{pipe.area_mm2 / bucket.outlet.height_mm:.2f} mm of the sill"

    def summary(self, design: Design) -> list[str]:
        """Lines about how the machine is parted, for the summary of a plan."""
        return []

    def floor_plans(self, design: Design) -> list[FloorPlan]:
        """Drawings from above, for the guide."""
        vessels = [v for row in design.rows for v in row]
        return [FloorPlan(vessels, "", (float(-self.view.facing), float(self.view.facing)))]

    def floor_plan_text(self, design: Design) -> str:
        """One line about the drawings from above."""
        return "Seen from above; water is poured into the blue ones."

    def assembly_steps(self, design: Design, parts: Sequence[Part]) -> list[str]:
        """How to put the parts together, a line of HTML for each."""
        return [f"Put <b>{part.name}</b> where the drawing shows it." for part in parts]

    def levelling(self, design: Design) -> str | None:
        """How a machine with screws is fitted with them, as HTML; None for one without."""
        return None

    def emptied(self, design: Design) -> str:
        """What is tipped over the sink to empty the machine."""
        return "the machine"

    # ---- the calibration piece

    calibration_flags: ClassVar[str] = ""
    """What to add to ``porcelain plan`` for this style's calibration piece and its figures."""
    calibration_pour: ClassVar[str] = ""
    """How to pour into the calibration piece, a few words; {rate} stands for the design's mL/s."""
    calibration_needs_water: ClassVar[bool] = False
    """Whether the figures mean nothing without the kind of water."""

    def calibration_piece(self, printer: Printer, discharge: float) -> Design:
        """The small piece to print, pour and weigh before a machine of this style."""
        raise PorcelainError(f"style {self.name} has no calibration piece; {self._others()}")

    def calibrated(self, cups: Weighed, printer: Printer, water: Water, discharge: float) -> Calibrated:
        """What the weighed cups of the calibration piece say."""
        raise PorcelainError(f"style {self.name} has no calibration piece; {self._others()}")

    @staticmethod
    def _others() -> str:
        able = [s.name for s in STYLES.values() if type(s).calibration_piece is not Style.calibration_piece]
        return f"use the piece of style {' or '.join(able)}"


STYLES: dict[str, Style] = {}
"""Every style by its name."""


def register(style: Style) -> Style:
    """Make a style known by its name; it replaces one of the same name."""
    STYLES[style.name] = style
    return style


def style(name: str) -> Style:
    """The style of a name. Raises PorcelainError for a name that no style has."""
    if name not in STYLES:
        raise unknown("style", name, STYLES)
    return STYLES[name]


def style_of(design: Design) -> Style:
    """The style that a design is laid out in."""
    return style(design.layout.style)


def automatic() -> list[Style]:
    """The styles that "auto" tries, in this order."""
    tried: Mapping[str, int] = {s.name: s.preference for s in STYLES.values() if s.preference is not None}
    return [STYLES[name] for name in sorted(tried, key=tried.__getitem__)]
