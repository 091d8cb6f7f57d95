"""Water: what is poured. Surface tension and contact angle decide where an outlet stops and how it splits."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import PorcelainError, unknown


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
