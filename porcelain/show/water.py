"""The solver's tables and constants for the page: its engine has no law and no constant of its own."""

from __future__ import annotations

import json
import math
from typing import Any

from ..hydraulics.laws import Law
from ..machine.design import Design
from ..simulate import bucket, driver, hermite, motion, outlet_flow, step, tables, trajectory
from ..simulate.options import SimulateOptions
from ..simulate.setting import Setting
from ..simulate.tables import Records
from ..units import STANDARD_GRAVITY_MM_S2
from ..water import Water


def machine_table(design: Design, law: str | Law, water: str | Water, **options: Any) -> dict[str, Any]:
    """Write the tables of a design under a law as data for JSON. The page's ``engine.js`` solves them.

    Parameters
    ----------
    design : Design
        The machine.
    law : str or Law
        The law.
    water : str or Water
        The water.
    options : optional
        Further options by name, of :class:`~porcelain.simulate.SimulateOptions`: gates, overflow, transit.

    Returns
    -------
    dict
        The records of ``porcelain.simulate.tables.Machine``, their names in camelCase; None is infinity.

    Examples
    --------
    >>> from porcelain import files
    >>> table = machine_table(files.load("designs/iris", "design"), "weir", "rinse_aid")
    >>> len(table["bucket"]), table["nBuckets"]
    (10, 7)
    """
    setting = Setting.of(design, SimulateOptions(law=law, water=water, **options))
    machine = setting.machine
    return {
        "law": setting.law.name,
        "water": setting.law.water.name,
        "nIn": len(design.tiers[0]),
        "nBuckets": len(design.buckets),
        "bucket": _rows(machine.bucket),
        "source": _rows(machine.source),
        "band": _rows(machine.band),
        "poly": machine.poly.tolist(),
        "edge": machine.edge.tolist(),
        "edgeBand": machine.edge_band.tolist(),
        "pipeStream": machine.pipe_stream.tolist(),
        "pipeFactor": machine.pipe_factor.tolist(),
        "pipeDelay": machine.pipe_delay.tolist(),
        "pipeSource": machine.pipe_source.tolist(),
    }


def constants() -> dict[str, float]:
    """Return every constant of the solver by name, from the modules that define it.

    Returns
    -------
    dict
        Numbers by name.

    Examples
    --------
    >>> constants()["SHARE"]
    0.1
    """
    found: dict[str, float] = {}
    for module in (tables, trajectory, outlet_flow, hermite, step, motion, bucket, driver):
        found |= {k: v for k, v in vars(module).items() if k.isupper() and isinstance(v, int | float)}
    return {**dict(sorted(found.items())), "GRAVITY_MM_S2": STANDARD_GRAVITY_MM_S2}


def constants_script() -> str:
    """Return ``page/constants.js``; ``scripts/make_pours`` writes it, a test compares it.

    Returns
    -------
    str
        The script.

    Examples
    --------
    >>> "SHARE" in constants_script()
    True
    """
    return (
        "/* Written by scripts/make_pours from porcelain.simulate: edit the constants there. */\n(function (root) {\n"
        f'  "use strict";\n\n  const Constants = {json.dumps(constants(), indent=4)[:-1]}  }};\n'
        '  if (typeof module !== "undefined" && module.exports) module.exports = Constants;\n'
        "  else root.Constants = Constants;\n"
        '})(typeof globalThis !== "undefined" ? globalThis : this);\n'
    )


def _rows(records: Records) -> list[dict[str, float | None]]:
    """Records as mappings."""
    names = [_camel(name) for name in records.dtype.names or ()]
    rows = [[None if math.isinf(x) else x for x in row] for row in records.tolist()]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
