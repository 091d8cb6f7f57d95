"""Water: what is poured. Surface tension and contact angle decide where an outlet stops and how it splits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import PorcelainError, unknown
from .units import STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3


@dataclass(frozen=True)
class Water:
    """A liquid by its surface tension (N/m), contact angle on the wall (deg) and temperature (C).

    A surface tension of 0 is ideal water: it leaves nothing behind above a sill.
    """

    name: str
    surface_tension_n_m: float
    contact_angle_deg: float
    temperature_c: float = 20.0

    def __post_init__(self) -> None:
        for what, value, low, high in (
            ("surface_tension_n_m", self.surface_tension_n_m, 0.0, 0.1),
            ("contact_angle_deg", self.contact_angle_deg, 0.0, 180.0),
            ("temperature_c", self.temperature_c, 0.0, 100.0),
        ):
            if not low <= value <= high:
                raise PorcelainError(f"water {self.name!r}: {what} is {value}; it must lie in [{low}, {high}]")

    @property
    def capillary_mm(self) -> float:
        """Capillary length sqrt(sigma / rho g): the height over which surface tension matters."""
        weight = WATER_DENSITY_KG_M3 * STANDARD_GRAVITY_MM_S2 / 1e3
        return 1e3 * math.sqrt(self.surface_tension_n_m / weight)

    def stop_mm(self, width_mm: float, height_mm: float) -> float:
        """Level above a sill of this width and opening height at which it stops running.

        The film on the sill and the back pressure of the opening as in :class:`porcelain.simulate.laws.Wetted`,
        where their sources are.
        """
        angle = math.radians(self.contact_angle_deg)
        film = 2.0 * self.capillary_mm * math.sin(angle / 2.0)
        kappa = 0.07 + 0.446 * (1.0 - math.cos(angle))
        push = kappa * self.capillary_mm**2 * 2.0 * (width_mm + height_mm) / (width_mm * height_mm)
        return math.hypot(film, push)


WATERS = {
    "ideal": Water("ideal", 0.0, 0.0),
    "tap": Water("tap", 0.0728, 75.0),  # IAPWS surface tension at 20 C; PLA film 58 to 75 deg
    "rinse_aid": Water("rinse_aid", 0.030, 20.0),  # assumed wetting water, as in the reference simulations
}


def water(name: str) -> Water:
    """A preset by name. Raises PorcelainError for an unknown one."""
    if name not in WATERS:
        raise unknown("water", name, WATERS)
    return WATERS[name]
