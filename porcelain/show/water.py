"""Tables of laws for the page: flow by bands with polynomials, so that the page needs no law of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from ..hydraulics.laws import law, wetted
from ..machine.design import Design
from ..water import Water
from .bands import (
    AREA,
    BANDS,
    FLOWS,
    HIGH,
    LOW,
    MID,
    ML,
    ORDER,
    PIPES,
    SCALE,
    SHARE,
    SHARE_ROW,
    TARGET,
    K,
    lay_flat,
)


def machine_table(design: Design, law_name: str, water_name: str) -> dict[str, Any]:
    """Write the machine of a design under a law as data for JSON. The page's ``engine.js`` steps it.

    Parameters
    ----------
    design : Design
        The machine.
    law_name, water_name : str
        Names of the law and of the water.

    Returns
    -------
    dict
        Buckets with their bands and pipes, cups, and the names.

    Examples
    --------
    >>> from porcelain import files
    >>> table = machine_table(files.load("designs/iris", "design"), "weir", "rinse_aid")
    >>> len(table["buckets"]), len(table["cups"])
    (7, 3)
    """
    machine = lay_flat(design, wetted(law(law_name), Water.preset(water_name)))
    buckets = []
    for b, (here, after) in enumerate(pairwise(machine.bucket)):
        n_pipes = int(after[PIPES] - here[PIPES])
        bands = [_band(row) for row in machine.bands[here[BANDS] : after[BANDS]]]
        if here[SHARE_ROW] >= 0:
            for k, band in enumerate(bands):
                first = here[SHARE_ROW] + k * n_pipes
                band["share"] = machine.shares[first : first + n_pipes].tolist()
        pipes = [
            {"target": int(machine.pipe[p, TARGET]), "place": int(machine.pipe[p, ORDER]), "share": part[SHARE].item()}
            for p, part in enumerate(machine.part[here[PIPES] : after[PIPES]], int(here[PIPES]))
        ]
        buckets.append({"base": machine.base_ml[b].item(), "bands": bands, "pipes": pipes})
    return {
        "law": law_name,
        "water": water_name,
        "nIn": len(design.tiers[0]),
        "nPipes": len(design.pipes),
        "buckets": buckets,
        "cups": machine.base_ml[len(buckets) :].tolist(),
    }


def _band(row: Any) -> dict[str, Any]:
    names = {"low": LOW, "high": HIGH, "area": AREA, "ml": ML, "k": K, "mid": MID, "scale": SCALE}
    flow = None if row[K] > 0 else row[FLOWS:].tolist()
    return {what: row[column].item() for what, column in names.items()} | {"flow": flow, "share": None}
