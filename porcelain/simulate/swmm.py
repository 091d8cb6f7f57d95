"""A design as a SWMM input file, for an independent second opinion.

Lengths are written in mm as if they were m and volumes in mm3 as if m3, so that SWMM's thresholds for what counts as
water are far below ours; times are true. Outlets are rating curves Q = k h^0.5 split by weir-less OUTLETS, one per
branch, buckets are tabular storages.
"""

from __future__ import annotations

import datetime
import math

from ..arrays import Floats
from ..errors import PorcelainError
from ..hydraulics.laws import Torricelli, chosen
from ..machine.design import Design
from ..pour import Pour
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2
from .options import SimulateOptions
from .setting import standing_ml

_DAY = datetime.datetime(2000, 1, 1)
EDGE_S = 1e-4  # a rate changes within so much of its time


def to_swmm(
    design: Design, pour: Pour, until_s: float, step_s: float = 0.01, options: SimulateOptions | None = None
) -> str:
    """Text of a SWMM 5 input file that pours ``pour`` into ``design`` under Torricelli's law.

    Parameters
    ----------
    design : Design
        The machine.
    pour : Pour
        What is poured. Pieces become time series, which SWMM joins by straight lines.
    until_s : float
        When SWMM stops. It knows whole seconds; a part of one is rounded up.
    step_s : float
        Routing step (s).
    options : SimulateOptions, optional
        ``start_ml`` (V,) is written as the depth at the start.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    PorcelainError
        For water that is poured at once, and for what SWMM's file does not hold: another law, real water, gates,
        delays, spill that is led on.
    """
    options = options or SimulateOptions()
    start = _start_ml(design, pour, options)
    inputs = [vessel.name for vessel in design.tiers[0]]
    end = math.ceil(until_s)
    sections = {
        "OPTIONS": [
            "FLOW_UNITS CMS",
            "INFILTRATION HORTON",
            "FLOW_ROUTING DYNWAVE",
            f"START_DATE {_DAY:%m/%d/%Y}",
            "START_TIME 00:00:00",
            f"REPORT_START_DATE {_DAY:%m/%d/%Y}",
            "REPORT_START_TIME 00:00:00",
            f"END_DATE {(_DAY + datetime.timedelta(seconds=end)):%m/%d/%Y}",
            f"END_TIME {(_DAY + datetime.timedelta(seconds=end)):%H:%M:%S}",
            "REPORT_STEP 00:00:01",
            "WET_STEP 00:00:01",
            "DRY_STEP 00:00:01",
            f"ROUTING_STEP {step_s}",
            "ALLOW_PONDING NO",
            "MIN_SURFAREA 0.001",
        ],
        "STORAGE": [],
        "CURVES": [],
        "OUTFALLS": ["drain -1000 FREE NO"],
        "OUTLETS": [],
        "INFLOWS": [],
        "TIMESERIES": [],
    }
    for vessel, held in zip(design.vessels, start, strict=True):
        floor, high, depth = float(vessel.at_mm[2]), vessel.rim_mm, float(vessel.level_mm(held))
        row = f"{vessel.name} {floor:.6f} {high:.6f} {depth:.6f} TABULAR {vessel.name}_area 0 0"
        sections["STORAGE"].append(row)
        low, kind = 0.0, "STORAGE"
        for top, area in zip(vessel.slab_tops_mm, vessel.slab_areas_mm2, strict=True):
            for z in (low, float(top) - 1e-6):
                sections["CURVES"].append(f"{vessel.name}_area {kind} {z:.6f} {area:.9g}")
                kind = ""
            low = float(top)
    for bucket in design.buckets:
        for pipe in design.branches(bucket.name):
            factor = bucket.outlet.discharge * pipe.area_mm2 * (2.0 * STANDARD_GRAVITY_MM_S2) ** 0.5
            sections["OUTLETS"].append(
                f"{pipe.name} {bucket.name} {pipe.target} {bucket.outlet.sill_mm:.6f}"
                f" FUNCTIONAL/DEPTH {factor:.12g} 0.5 NO"
            )
    # every network needs an outfall; nothing reaches this one
    sections["OUTLETS"].append(
        f"drain_pipe {design.cups[0].name} drain {design.cups[0].rim_mm:.6f} FUNCTIONAL/DEPTH 0 1 NO"
    )
    for name in dict.fromkeys(piece.bucket for piece in pour.pieces):
        sections["INFLOWS"].append(f"{name} FLOW {name}_pour FLOW 1.0 1.0")
        for t in (moment for when in pour.breaks_s for moment in (when - EDGE_S, when + EDGE_S)):
            around = pour.poured_ml([t - 0.5 * EDGE_S, t + 0.5 * EDGE_S], inputs)[:, inputs.index(name)]
            rate = float(around[1] - around[0]) / EDGE_S * MM3_PER_ML
            if t > 0:
                sections["TIMESERIES"].append(f"{name}_pour {t / 3600.0:.12f} {rate:.9g}")
    body = "\n\n".join(f"[{name}]\n" + "\n".join(rows) for name, rows in sections.items())
    return f"{_UNITS}[TITLE]\n{design.name}\n\n{body}\n"


_UNITS = """;; Lengths are in mm where SWMM reads m, and volumes in mm3 where SWMM reads m3.
;; A volume of 1000 that SWMM reports is 1 mL, and a flow of 1000 CMS is 1 mL/s. Times are true.
"""


def _start_ml(design: Design, pour: Pour, options: SimulateOptions) -> Floats:
    """What stands in the vessels before. Raises PorcelainError for what the file does not hold."""
    law = chosen(design, options.law, options.water)
    if not isinstance(law.law, Torricelli) or law.water.surface_tension_n_m > 0:
        raise PorcelainError(
            f"SWMM's file holds Torricelli's law and ideal water, not {law.name} and {law.water.name} water;"
            " choose water ideal"
        )
    for name in ("gates_s", "transit_s", "overflow_to"):
        if getattr(options, name):
            raise PorcelainError(f"SWMM's file has no place for {name}; leave it away")
    if any(piece.duration_s == 0 for piece in pour.pieces):
        raise PorcelainError("SWMM has no way to pour at once; give every piece a duration")
    return standing_ml(tuple(vessel.name for vessel in design.vessels), options.start_ml, 1)[0]
