"""Options of ``check`` and ``inspect``, with the defaults that library and command line share."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ..options import MOST_SEED, check, option


@dataclass(frozen=True)
class CheckOptions:
    """How a design is checked.

    >>> CheckOptions().seed
    0
    """

    seed: int = option(0, "Draws the increments, or the faulty machines.", least=0, most=MOST_SEED)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class ToleranceOptions:
    """How many machines with faults are drawn.

    >>> ToleranceOptions(machines=0)
    Traceback (most recent call last):
    porcelain.errors.PorcelainError: machines is 0; a whole number from 1 to 10000000 is needed
    """

    machines: int = option(10_000, "How many faulty machines to draw.", least=1, most=10_000_000)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class InspectOptions:
    """How closely meshes are looked at.

    >>> InspectOptions().pitch_mm
    0.4
    """

    pitch_mm: float = option(0.4, "Grid of the flood, mm.", flag="--pitch", least=0.1, most=2.0)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Faults:
    """How wrong a made machine is. Normal distributions with mean 0 unless stated; all independent but tilt.

    ``bore_sd_mm``, ``sill_sd_mm``, ``tilt_sd_deg`` and ``film_mm`` need a Design, since they are lengths and angles
    of a machine; a bare Network takes ``area_sd`` and ``threshold_sd_u`` in their place.

    Attributes
    ----------
    bore_sd_mm : of every channel's bore. 0.1 mm is what fused filament is commonly trusted to hold on small holes
        once their mean shrinkage is drawn out (assumed; measure it on a test piece).
    sill_sd_mm : of a sill's height; half a 0.2 mm layer.
    film_mm : half width of the uniform scatter of the water left standing on a sill by surface tension. Its mean
        is taken off by priming the machine once; 0.5 mm is what is assumed to be left.
    tilt_sd_deg : of the whole machine about both level axes; 0.2 is a small spirit level's reach.
    pour_sd : relative, of every volume poured; 0.01 is the class B tolerance of a 100 mL cylinder (ISO 4788).
    area_sd : relative, of every pipe's area, when only the network is known.
    threshold_sd_u : of every threshold in u, when only the network is known.

    >>> Faults().scaled(0.5).bore_sd_mm
    0.05
    """

    bore_sd_mm: float = option(0.1, "Spread of a channel's bore, mm.", flag="--bore-sd", least=0, most=1000)
    sill_sd_mm: float = option(0.1, "Spread of a sill's height, mm.", flag="--sill-sd", least=0, most=1000)
    film_mm: float = option(0.5, "Scatter of the water left on a sill, mm.", flag="--film", least=0, most=1000)
    tilt_sd_deg: float = option(0.2, "Spread of the machine's tilt, degrees.", flag="--tilt-sd", least=0, most=90)
    pour_sd: float = option(0.01, "Relative spread of every volume poured.", flag="--pour-sd", least=0, most=100)
    area_sd: float = option(0.05, least=0)
    threshold_sd_u: float = option(0.3, least=0)

    def __post_init__(self) -> None:
        check(self)

    def scaled(self, factor: float) -> Faults:
        """Every fault times a factor.

        Parameters
        ----------
        factor : float
            0.5 is a printer that is twice as good.

        Returns
        -------
        Faults
            The larger or smaller faults.
        """
        return Faults(**{what: factor * value for what, value in asdict(self).items()})
