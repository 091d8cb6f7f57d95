"""SimulateOptions: how water is followed, one object for one pour and for many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from numpy.typing import ArrayLike

from ..errors import unknown
from ..hydraulics.laws import LAWS, Law
from ..options import check, option
from ..water import WATERS, Water


@dataclass(frozen=True)
class SimulateOptions:
    """How to follow the water; the command line builds its flags from these fields.

    Parameters
    ----------
    law
        How outlets pass water: a name or a :class:`~porcelain.hydraulics.laws.Law`. None is Torricelli's law for ideal
        water, and for any other water the law of the design's openings.
    water
        "ideal", "tap", "rinse_aid", "design" for the water the design names, or a Water. None is what the design is
        made for.
    tolerance
        Error in volume at any time, relative to all the water there is. Events are exact to 100 s times it.
    start_ml
        (V,) what stands in the vessels (``design.vessels``) before; for many pours also (n, V). None is nothing. A
        machine that was used before starts from ``run.volumes_ml[-1]``.
    gates_s
        When the outlets of each tier open, {tier: s}; or "fill": each tier once nothing reaches it any more.
    overflow_to
        Where water over a rim goes, {vessel: vessel of a lower row, or "tray"}. None is the tray.
    transit_s
        How long water is on its way, {pipe: s}; or "slide": without friction down its path.
    stop_when
        Take all jugs away when a vessel first holds this much, {vessel: mL}.

    Raises
    ------
    PorcelainError
        For a tolerance outside its limits.

    Examples
    --------
    >>> SimulateOptions(tolerance=1e-6).law is None
    True
    """

    law: str | Law | None = option(  # noqa: RUF009
        None,
        "How outlets pass water (default: Torricelli's law for ideal water, else the law of the openings).",
        choices=[law.name for law in LAWS],
    )
    water: str | Water | None = option(  # noqa: RUF009
        None,
        "What is poured; design: the water that the machine names (default: what the machine is made for).",
        choices=(*WATERS, "design"),
    )
    tolerance: float = option(1e-8, "Error in volume over time, of the water poured.", least=1e-13, most=1e-2)
    start_ml: ArrayLike | None = None
    gates_s: Mapping[int, float] | str | None = None
    overflow_to: Mapping[str, str] | None = None
    transit_s: Mapping[str, float] | str | None = None
    stop_when: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        check(self)

    def with_changes(self, changes: Mapping[str, Any]) -> SimulateOptions:
        """The same options but for these. Raises PorcelainError for an option that does not exist."""
        known = [field.name for field in fields(self)]
        for name in changes:
            if name not in known:
                raise unknown("option", name, known)
        return replace(self, **changes) if changes else self
