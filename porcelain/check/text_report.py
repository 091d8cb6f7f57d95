"""Reports as lines for a terminal: the chain of losses with its criteria, and an inspection."""

from __future__ import annotations

from .agreement import Agreement, Criterion, Step
from .inspection.comparison import HELD_ML, HELD_RELATIVE, MARGIN_ML, SHARE
from .inspection.inspected import Inspection

WHAT = {
    "network": "trained equation",
    "as_network": "equation of the planned millimetres",
    "run": "water simulated in time",
    "mesh": "equation measured on the meshes",
}
NOISE_ML = 1e-3


def report_text(agreement: Agreement) -> str:
    """The steps and the criteria as aligned lines.

    Parameters
    ----------
    agreement : result of :func:`porcelain.check.report`

    Returns
    -------
    str
        Lines for a terminal.

    Examples
    --------
    >>> found = Agreement("iris", "iris", 150, (Step("network", 0.98, 0.0),), (Criterion("water spilled", 0, 0, "mL"),))
    >>> print(report_text(found).splitlines()[-1])
      ok      water spilled                                 0 (limit 0 mL)
    """
    lines = [f"{agreement.design} on {agreement.data}, {agreement.rows} rows", ""]
    lines.append(f"  {'step':<12}{'accuracy':>9}  {'largest change of a cup':<26}what")
    lines += [f"  {s.name:<12}{s.accuracy:>9.2%}  {change(s):<26}{WHAT[s.name]}" for s in agreement.steps]
    lines.append("")
    lines += [f"  {'ok' if p.holds else 'FAILED':<8}{p.name:<46}{measured(p)}" for p in agreement.criteria]
    return "\n".join(lines)


def change(step: Step) -> str:
    """How far a cup moved at a step.

    Parameters
    ----------
    step : of an agreement

    Returns
    -------
    str
        With its unit; changes below rounding noise are not told apart.

    Examples
    --------
    >>> change(Step("run", 0.98, 1e-9)), change(Step("mesh", 0.98, 0.0351))
    ('< 0.001 mL', '0.035 mL')
    """
    if step.name == "network":
        return "-"
    return f"{step.largest_ml:.2g} mL" if step.largest_ml >= NOISE_ML else f"< {NOISE_ML:g} mL"


def measured(criterion: Criterion) -> str:
    """What a criterion came to, with its limit.

    Parameters
    ----------
    criterion : of an agreement

    Returns
    -------
    str
        Value, limit and unit.

    Examples
    --------
    >>> measured(Criterion("water spilled", 3.0, 0.0, "mL"))
    '3 (limit 0 mL)'
    """
    value = f"{criterion.value:.1e}" if 0 < criterion.value < 1e-3 else f"{criterion.value:.3g}"
    return f"{value} (limit {criterion.limit:.3g} {criterion.unit})"


def inspection_text(found: Inspection) -> str:
    """An inspection as lines.

    Parameters
    ----------
    found : result of :func:`porcelain.check.inspect`

    Returns
    -------
    str
        What every bucket holds and how it shares, what the parts are, and every finding with its place.

    Examples
    --------
    >>> print(inspection_text(Inspection("empty", (), (), {}, {}, None)).splitlines()[-1])
      sound: no findings
    """
    lines = [f"{found.machine}: {len(found.buckets)} buckets and {len(found.walls)} parts, read from their meshes", ""]
    lines.append(f"  {'bucket':<8}{'holds':>10}  passes on to")
    for bucket in found.buckets:
        ways = [f"{target} {share:.4f}" for target, share in bucket.shares().items()] if bucket.sections else ["-"]
        lines.append(f"  {bucket.name:<8}{bucket.held_volume_ml:>7.2f} mL  {', '.join(ways)}")
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
            f"  against the design: thresholds within {c.held_volume_ml:.3f} mL (limit {HELD_RELATIVE:.1%} or"
            f" {HELD_ML} mL), shares within {c.share:.4f} (limit {SHARE})"
        )
        if c.rows:
            lines.append(
                f"  {c.rows_clear} of {c.rows} rows fill one cup more than {MARGIN_ML} mL ahead;"
                f" {c.changed_class} of them change class"
            )
    verdict = f"{len(found.findings)} findings" if found.findings else "sound: no findings"
    lines += [f"  {verdict}", *(f"    {finding}" for finding in found.findings)]
    return "\n".join(lines)
