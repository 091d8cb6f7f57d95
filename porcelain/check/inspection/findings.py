"""An inspection as lines for a terminal."""

from __future__ import annotations

from .comparison import HELD_ML, HELD_RELATIVE, MARGIN_ML, SHARE
from .inspected import Inspection


def inspection_text(found: Inspection) -> str:
    """What every bucket holds and how it shares, what the parts are, and every finding with its place."""
    lines = [f"{found.machine}: {len(found.readings)} buckets and {len(found.walls)} parts, read from their meshes", ""]
    lines.append(f"  {'bucket':<8}{'holds':>10}  passes on to")
    for reading in found.readings:
        ways = [f"{target} {share:.4f}" for target, share in reading.shares().items()] if reading.sections else ["-"]
        lines.append(f"  {reading.name:<8}{reading.held_ml:>7.2f} mL  {', '.join(ways)}")
    lines += ["", f"  {'part':<8}{'thinnest wall':>14}  {'overhang past 45 deg':>20}"]
    for name, wall in found.walls.items():
        hang = found.overhangs[name]
        where = f", most at ({', '.join(f'{x:g}' for x in hang.at_mm)})" if hang.area_mm2 >= 0.05 else ""
        lines.append(f"  {name:<8}{wall.mm:>11.2f} mm  {hang.area_mm2:>16.1f} mm2{where}")
    lines.append("")
    if found.accuracy is not None:
        lines.append(f"  the network in these meshes classifies {found.accuracy:.2%} of the data")
    if (c := found.compared) is not None:
        lines.append(
            f"  against the design: thresholds within {c.held_ml:.3f} mL (limit {HELD_RELATIVE:.1%} or {HELD_ML} mL),"
            f" shares within {c.share:.4f} (limit {SHARE})"
        )
        if c.rows:
            lines.append(
                f"  {c.rows_clear} of {c.rows} rows fill one cup more than {MARGIN_ML} mL ahead;"
                f" {c.changed_class} of them change class"
            )
    verdict = f"{len(found.findings)} findings" if found.findings else "sound: no findings"
    lines += [f"  {verdict}", *(f"    {finding}" for finding in found.findings)]
    return "\n".join(lines)
