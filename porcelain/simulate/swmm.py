"""A design as a SWMM input file, for an independent second opinion.

Lengths are written in mm as if they were m and volumes in mm3 as if m3, so that SWMM's thresholds for what counts as
water are far below ours; times are true. Outlets are rating curves Q = k h^0.5 split by weir-less OUTLETS, one per
branch, buckets are tabular storages.
"""

from __future__ import annotations

from ..errors import PorcelainError
from ..machine.design import Design
from ..pour import Pour
from ..units import MM3_PER_ML, STANDARD_GRAVITY_MM_S2

_CLOCK = "01/01/2000"
EDGE_S = 1e-4  # a rate changes within so much of its time


def to_swmm(design: Design, pour: Pour, until_s: float, step_s: float = 0.01) -> str:
    """Text of a SWMM 5 .inp file that pours ``pour`` into ``design`` under Torricelli's law.

    Pieces become time series, which SWMM joins by straight lines; raises PorcelainError for water poured at once.
    """
    if any(piece.duration_s == 0 for piece in pour.pieces):
        raise PorcelainError("SWMM has no way to pour at once; give every piece a duration")
    inputs = [vessel.name for vessel in design.tiers[0]]
    sections = {
        "OPTIONS": [
            "FLOW_UNITS CMS",
            "INFILTRATION HORTON",
            "FLOW_ROUTING DYNWAVE",
            f"START_DATE {_CLOCK}",
            "START_TIME 00:00:00",
            f"REPORT_START_DATE {_CLOCK}",
            "REPORT_START_TIME 00:00:00",
            f"END_DATE {_CLOCK}",
            f"END_TIME {_clock(until_s)}",
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
    for vessel in design.vessels:
        floor, high = float(vessel.at_mm[2]), vessel.rim_mm
        sections["STORAGE"].append(f"{vessel.name} {floor:.6f} {high:.6f} 0 TABULAR {vessel.name}_area 0 0")
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
    return f"[TITLE]\n{design.name}\n\n{body}\n"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
