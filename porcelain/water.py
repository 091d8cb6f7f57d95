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

    @property
    def film_mm(self) -> float:
        """Height of the meniscus that stays on a sill, 2 sqrt(sigma / rho g) sin(theta / 2).

        de Gennes, Brochard-Wyart and Quere, Capillarity and Wetting Phenomena (2004), ch. 2.
        """
        return 2.0 * self.capillary_mm * math.sin(math.radians(self.contact_angle_deg) / 2.0)

    def push_mm(self, perimeter_per_area_mm: float) -> float:
        """Head by which an opening of this perimeter over area pushes back: kappa sigma P / (rho g A).

        kappa = 0.07 + 0.446 (1 - cos theta) was fitted to volume-of-fluid simulations of slots 1 to 6 mm wide.
        """
        kappa = 0.07 + 0.446 * (1.0 - math.cos(math.radians(self.contact_angle_deg)))
        return kappa * self.capillary_mm**2 * perimeter_per_area_mm

    def stops_mm(self, perimeter_per_area_mm: float) -> float:
        """Level above an opening's lowest point at which it stops: film and push, root of the sum of squares."""
        return math.hypot(self.film_mm, self.push_mm(perimeter_per_area_mm))

    def stop_mm(self, width_mm: float, height_mm: float) -> float:
        """Level above a sill of this width and opening height at which it stops running."""
        return self.stops_mm(2.0 * (width_mm + height_mm) / (width_mm * height_mm))


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
