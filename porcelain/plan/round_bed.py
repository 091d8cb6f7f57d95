"""Machines for a round bed: planned for rectangles that lie inside the circle, the first that can be built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..errors import DesignError, Finding
from ..machine.design import Design
from ..printer import Printer
from .options import PlanOptions

PROPORTIONS = (1.5, 1.0, 2.0)
"""Width over depth of the rectangles that are tried, in this order."""


def inscribed(printer: Printer, proportion: float) -> Printer:
    """The same printer with a rectangle inside its round bed.

    Parameters
    ----------
    printer : Printer
        A printer with a round bed.
    proportion : float
        Width over depth of the rectangle.

    Returns
    -------
    Printer
        With a rectangular bed in whole millimetres.

    Examples
    --------
    >>> inscribed(Printer("delta", (250.0, 250.0, 300.0), bed_shape="round"), 0.75).bed_mm
    (150.0, 200.0, 300.0)
    """
    diameter, _, tall = printer.bed_mm
    depth = diameter / np.hypot(1.0, proportion)
    width, depth = (float(max(np.floor(side + 1e-9), 1.0)) for side in (depth * proportion, depth))
    return replace(printer, bed_mm=(width, depth, tall), bed_shape="rectangle")


def on_round_bed(options: PlanOptions, plan: Callable[[PlanOptions], Design]) -> Design:
    """Plan for a printer with a round bed.

    Parameters
    ----------
    options : PlanOptions
        With the printer.
    plan : callable
        Plans for a rectangular bed.

    Returns
    -------
    Design
        The first that can be built in one of the rectangles.

    Raises
    ------
    DesignError
        With the Findings of the last rectangle where none holds the machine.

    Examples
    --------
    >>> from porcelain import files
    >>> from porcelain.plan import design
    >>> round_bed = Printer("delta", (250.0, 250.0, 300.0), bed_shape="round")
    >>> network = files.load("designs/iris-mini", "network")
    >>> on_round_bed(PlanOptions(printer=round_bed), lambda inside: design(network, inside)).printer.is_round
    True
    """
    refused: list[Finding] = []
    for proportion in PROPORTIONS:
        try:
            made = plan(replace(options, printer=inscribed(options.printer, proportion)))
        except DesignError as error:
            refused = list(error.findings)
        else:
            return replace(made, printer=options.printer)
    inside = f"in a round bed of {options.printer.bed_text}"
    raise DesignError([replace(found, limit=f"{found.limit} {inside}") for found in refused])
