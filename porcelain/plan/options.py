"""PlanOptions: everything that a plan may be told besides the network, with the defaults in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..arrays import Floats
from ..errors import PorcelainError, unknown
from ..network import Network
from ..printer import PRINTERS, Printer
from ..styles import STYLES
from ..styles.requirements import LayoutOptions
from ..water import WATERS, Water

POUR_ML_S = 10.0  # a steady hand with a measuring cup; every input at once
HANDS_ML_S = 160.0  # and into all of them: many hands, or a few that take one input after another
AUTO = "auto"


def style_choices() -> tuple[str, ...]:
    """What ``style`` may be.

    Returns
    -------
    tuple of str
        "auto" and the name of every style.

    Examples
    --------
    >>> style_choices()[0], "tower" in style_choices()
    ('auto', True)
    """
    return (AUTO, *sorted(STYLES))


@dataclass(frozen=True, kw_only=True)
class PlanOptions(LayoutOptions):
    """Options of :func:`porcelain.plan.design`; the command line builds its flags from them.

    Parameters
    ----------
    style : str
        Name of a style, or "auto": the first style in which the machine can be built.
    printer : Printer
        What the machine is made with.
    ml_per_unit : float
        Millilitres of water for each unit of the network.
    water : Water
        The liquid that the machine is drawn for.
    pour_ml_s : float or None
        The fastest pour, mL/s into every input at once; None: 10, and at most 160 in all.
    worst_u : array (n_in,) or None
        The largest pour that must not spill, in units of the network; None: the top of the data's range.
    name : str or None
        Name of the design; None: that of the network.
    text, lips, cups, compensate, stop_mm : optional
        See :class:`~porcelain.styles.requirements.LayoutOptions`.

    Raises
    ------
    PorcelainError
        If a number is not finite and above 0, or a name is unknown.

    Examples
    --------
    >>> PlanOptions().style
    'auto'
    >>> PlanOptions(ml_per_unit=-1.0)
    Traceback (most recent call last):
    porcelain.errors.PorcelainError: ml_per_unit is -1.0; it must be a finite number above 0
    """

    style: str = field(
        default=AUTO,
        metadata={"help": "Shape of the machine, or auto: the first that can be built.", "choices": style_choices},
    )
    printer: Printer = PRINTERS["ender3"]
    ml_per_unit: float = field(default=1.0, metadata={"help": "Millilitres of water per unit of the network."})
    water: Water = field(default=WATERS["ideal"], metadata={"help": "The liquid.", "choices": tuple(WATERS)})
    pour_ml_s: float | None = field(
        default=None,
        metadata={"help": "Worst pour, mL/s into every input at once (default: 10, and at most 160 in all)."},
    )
    worst_u: Floats | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.style not in style_choices():
            raise unknown("style", self.style, style_choices())
        for what, value in (("ml_per_unit", self.ml_per_unit), ("pour_ml_s", self.pour_ml_s)):
            if value is not None and not (np.isfinite(value) and value > 0):
                raise PorcelainError(f"{what} is {value}; it must be a finite number above 0")

    def pour_of(self, network: Network) -> float:
        """The fastest pour into each input of a network.

        Parameters
        ----------
        network : Network
            The network.

        Returns
        -------
        float
            Rate, mL/s.
        """
        return min(POUR_ML_S, HANDS_ML_S / network.widths[0]) if self.pour_ml_s is None else self.pour_ml_s

    def worst_of(self, network: Network) -> Floats:
        """The largest pour of a network that must not spill.

        Parameters
        ----------
        network : Network
            The network.

        Returns
        -------
        array (n_in,)
            Volumes in its units.

        Raises
        ------
        PorcelainError
            If ``worst_u`` does not fit the network.
        """
        most = np.asarray(network.encoding.most_u if self.worst_u is None else self.worst_u, dtype=float)
        if most.shape != network.widths[:1] or not np.all(np.isfinite(most)) or np.any(most < 0):
            raise PorcelainError(f"worst_u has shape {most.shape}; {network.widths[0]} finite volumes >= 0 are needed")
        return most
