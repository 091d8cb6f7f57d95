"""The planner: close pipes that cannot be printed, lay the machine out, refuse with reasons what cannot be built."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..errors import DesignError, Finding, PorcelainError
from ..machine.design import Design
from ..network import Network
from ..printer import Printer
from ..styles import Style, style
from ..styles.base import automatic
from ..styles.precheck import close_small_shares, unprintable
from ..styles.requirements import Requirements
from ..styles.validate import accepted
from .options import AUTO, HANDS_ML_S, POUR_ML_S, PlanOptions
from .round_bed import on_round_bed

__all__ = ["DISCHARGE", "HANDS_ML_S", "POUR_ML_S", "design", "share_floor"]

DISCHARGE = 0.61  # sharp-edged opening; Unwin in Encyclopaedia Britannica (1911): 0.60 to 0.64


def share_floor(printer: Printer) -> float:
    """The smallest share that a printer can make a way for.

    Parameters
    ----------
    printer : Printer
        The printer.

    Returns
    -------
    float
        The least of the usual styles' floors.

    Examples
    --------
    >>> round(share_floor(Printer("mine", (220.0, 220.0, 250.0))), 3)
    0.069
    """
    return min(shape.share_floor(printer) for shape in automatic())


def design(network: Network, options: PlanOptions | None = None, **changes: Any) -> Design:
    """Give a network millimetres.

    Parameters
    ----------
    network : Network
        What the machine shall compute.
    options : PlanOptions, optional
        How to plan it.
    **changes : Any
        Fields of ``options`` that are different, by name.

    Returns
    -------
    Design
        Every millimetre of the machine. Its ``findings`` say what was changed: shares below the printable floor are
        closed and the others of their bucket widened.

    Raises
    ------
    DesignError
        With Findings, if the machine cannot be built.
    PorcelainError
        If an option is impossible.

    Examples
    --------
    >>> import numpy as np
    >>> from porcelain import Encoding, Layer, Network
    >>> layer = Layer(np.array([4.0]), np.array([[0.5, 0.5]]))
    >>> net = Network((layer,), Encoding.of_buckets(["in"], "mL"), ("left", "right"), "half")
    >>> design(net, style="terrace", worst_u=[20.0]).tiers[0][0].outlet.kind
    'weir'
    """
    if options is not None and not isinstance(options, PlanOptions):
        kind = type(options).__name__
        raise PorcelainError(f"the second argument is a {kind}, not PlanOptions; name it, as in printer=...")
    options = replace(options or PlanOptions(), **changes)
    if options.printer.is_round:
        return on_round_bed(options, lambda inside: design(network, inside))
    if options.style == AUTO:
        return _first(network, options)
    return _planned(network, options, style(options.style))


def _first(network: Network, options: PlanOptions) -> Design:
    """The machine in the first style in which it can be built, with a warning that says why not in those before."""
    refused: list[Finding] = []
    for tried in automatic():
        try:
            made = _planned(network, options, tried)
        except DesignError as error:
            refused += error.findings
            continue
        if not refused:
            return made
        why = replace(refused[0], advice=f"so it is planned as {tried.title}", severity="warning")
        return replace(made, findings=(why, *made.findings))
    raise DesignError(refused)


def _planned(network: Network, options: PlanOptions, shape: Style) -> Design:
    floor = shape.share_floor(options.printer)
    pour_ml_s, worst_u = options.pour_of(network), options.worst_of(network)
    if refused := unprintable(network, floor) + shape.precheck(network, options.printer):
        raise DesignError(refused)
    printable, warnings = close_small_shares(network, floor)
    worst_ml = worst_u * options.ml_per_unit
    requirements = Requirements(
        printable, options.printer, options.ml_per_unit, worst_ml, pour_ml_s, DISCHARGE, options.water
    )
    placed = shape.layout(requirements, options)
    planned = Design(
        name=options.name or network.name,
        network=network,
        printer=options.printer,
        water=options.water,
        ml_per_unit=options.ml_per_unit,
        pour_ml_s=pour_ml_s,
        worst_ml=worst_ml,
        tiers=placed.tiers,
        pipes=placed.pipes,
        cups=placed.cups,
        layout=placed.layout,
    )
    return accepted(planned, warnings)
