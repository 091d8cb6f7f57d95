"""Water: the liquid. Surface tension and contact angle decide where an outlet stops."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .errors import PorcelainError, unknown
from .units import STANDARD_GRAVITY_MM_S2, WATER_DENSITY_KG_M3


@dataclass(frozen=True)
class Water:
    """A liquid. A surface tension of 0 is ideal water, which leaves nothing above a sill.

    Parameters
    ----------
    name : str
        Name of the liquid.
    surface_tension_n_m : float
        Surface tension, N/m, 0 to 0.1.
    contact_angle_deg : float
        Contact angle on the printed wall, degrees, 0 to 180.
    temperature_c : float
        Temperature, degrees Celsius, 0 to 100.

    Raises
    ------
    PorcelainError
        If a value is out of its range.

    Examples
    --------
    >>> tap = WATERS["tap"]
    >>> tap
    <Water 'tap': 0.0728 N/m, 75 deg, 20 C>
    >>> round(tap.capillary_mm, 2)
    2.73
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

    def __repr__(self) -> str:
        return (
            f"<Water {self.name!r}: {self.surface_tension_n_m:g} N/m, {self.contact_angle_deg:g} deg,"
            f" {self.temperature_c:g} C>"
        )

    @staticmethod
    def preset(name: str) -> Water:
        """A liquid that porcelain knows by its name.

        Parameters
        ----------
        name : str
            "ideal", "tap" or "rinse_aid".

        Returns
        -------
        Water
            The liquid.

        Raises
        ------
        PorcelainError
            If the name is unknown.
        """
        if name not in WATERS:
            raise unknown("water", name, WATERS)
        return WATERS[name]

    @property
    def capillary_mm(self) -> float:
        """Capillary length sqrt(sigma / (rho g)): the height over which surface tension matters, mm."""
        weight = WATER_DENSITY_KG_M3 * STANDARD_GRAVITY_MM_S2 / 1e3
        return 1e3 * math.sqrt(self.surface_tension_n_m / weight)

    @property
    def film_mm(self) -> float:
        """Height of water that stays on a sill, 2 sqrt(sigma / (rho g)) sin(theta / 2), mm.

        de Gennes, Brochard-Wyart and Quere, Capillarity and Wetting Phenomena (2004), chapter 2: height of a puddle.
        """
        return 2.0 * self.capillary_mm * math.sin(math.radians(self.contact_angle_deg) / 2.0)

    def push_mm(self, perimeter_per_area_mm: float) -> float:
        """Head by which surface tension pushes back on an opening, kappa sigma P / (rho g A).

        Parameters
        ----------
        perimeter_per_area_mm : float
            Perimeter over area of the opening, 1/mm.

        Returns
        -------
        float
            Head, mm.

        Notes
        -----
        kappa = 0.07 + 0.446 (1 - cos theta) was fitted to volume-of-fluid simulations of slots 1 to 6 mm wide.
        """
        kappa = 0.07 + 0.446 * (1.0 - math.cos(math.radians(self.contact_angle_deg)))
        return kappa * self.capillary_mm**2 * perimeter_per_area_mm

    def stops_mm(self, perimeter_per_area_mm: float) -> float:
        """Level above the lowest point of an opening at which it stops.

        Parameters
        ----------
        perimeter_per_area_mm : float
            Perimeter over area of the opening, 1/mm.

        Returns
        -------
        float
            Level, mm: the root of the sum of squares of film and push. This sum is an assumption without a source.
        """
        return math.hypot(self.film_mm, self.push_mm(perimeter_per_area_mm))

    def stop_mm(self, width_mm: float, height_mm: float) -> float:
        """Level above a sill at which a rectangular opening stops.

        Parameters
        ----------
        width_mm, height_mm : float
            Size of the opening, mm.

        Returns
        -------
        float
            Level, mm.
        """
        return self.stops_mm(2.0 * (width_mm + height_mm) / (width_mm * height_mm))


WATERS = {
    "ideal": Water("ideal", 0.0, 0.0),
    "tap": Water("tap", 0.0728, 75.0),  # IAPWS surface tension at 20 C; PLA film 58 to 75 deg
    "rinse_aid": Water("rinse_aid", 0.030, 20.0),  # assumed wetting water, as in the reference simulations
}
