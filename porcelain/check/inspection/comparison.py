"""Compare an inspected machine with the design it was made from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...arrays import Floats
from ...data import Dataset
from ...errors import Finding, PorcelainError
from ...machine.design import Design
from .inspected import Compared, Inspection

HELD_RELATIVE = 0.005
HELD_ML = 0.1
SHARE = 0.005
MARGIN_ML = 0.2  # cups that differ by less are a tie to the eye


def compared_with(found: Inspection, design: Design, dataset: Dataset | None) -> Inspection:
    """Compare an inspected machine with the design it was made from.

    Parameters
    ----------
    found : inspection
    design : machine as planned
    dataset : rows that both classify; None compares thresholds and shares only

    Returns
    -------
    Inspection
        The same with its differences; each beyond its limit is a finding.

    Raises
    ------
    PorcelainError
        Where the design has a bucket that the parts list has not.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> from porcelain.check import inspect
    >>> from porcelain.machine.assembly import Assembly
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> parts = fabricate.parts(design)
    >>> found = inspect(parts, Assembly.of(design, parts))
    >>> compared_with(found, design, None).compared.held_beyond
    0
    """
    planned = design.as_network()
    inspected = {bucket.name: bucket for bucket in found.buckets}
    findings = list(found.findings)
    off_ml, beyond, off_share = 0.0, 0, 0.0
    for tier, row in enumerate(design.tiers):
        below = [vessel.name for vessel in design.rows[tier + 1]]
        for i, bucket in enumerate(row):
            made = inspected.get(bucket.name)
            if made is None:
                raise PorcelainError(f"{bucket.name} is in the design and not in assembly.json; fabricate it again")
            off = abs(made.held_volume_ml - bucket.threshold_ml)
            limit = max(HELD_RELATIVE * bucket.threshold_ml, HELD_ML)
            off_ml = max(off_ml, off)
            if not off <= limit:
                beyond += 1
                findings.append(_off("threshold", bucket.name, made.held_volume_ml, bucket.threshold_ml, limit, "mL"))
            measured = made.shares() if made.sections else {}
            for j, target in enumerate(below):
                asked = float(planned.layers[tier].shares[i, j])
                off = abs(measured.get(target, 0.0) - asked)
                off_share = max(off_share, off)
                if off > SHARE:
                    name = f"{bucket.name} to {target}"
                    findings.append(_off("share", name, measured.get(target, 0.0), asked, SHARE, ""))
    compared = _classes(found, design, dataset, off_ml, beyond, off_share)
    if compared.changed_class:
        value = f"{compared.changed_class} of {compared.rows_clear}"
        advice = "see the thresholds and shares above"
        findings.append(Finding("rows that change class", found.machine, value, "0", advice))
    return replace(found, findings=tuple(findings), compared=compared)


def _off(rule: str, where: str, value: float, asked: float, limit: float, unit: str) -> Finding:
    text = f"{value:.3f} {unit}".strip()
    return Finding(rule, where, text, f"{asked:.3f} +- {limit:.3g} {unit}".strip(), "mend the mesh or its design")


def _classes(
    found: Inspection, design: Design, dataset: Dataset | None, off_ml: float, beyond: int, off_share: float
) -> Compared:
    if dataset is None or found.network is None:
        return Compared(off_ml, beyond, off_share, 0, 0, 0, float("nan"))
    volumes = design.volumes_ml(design.network.encoding.clipped(dataset.features)) / design.ml_per_unit
    planned, recovered = design.as_network()(volumes), found.network(volumes)
    clear = _margin(planned) * design.ml_per_unit > MARGIN_ML
    changed = (planned.argmax(axis=1) != recovered.argmax(axis=1)) & clear
    accuracy = float(np.mean(recovered.argmax(axis=1) == dataset.labels))
    return Compared(off_ml, beyond, off_share, len(dataset), int(clear.sum()), int(changed.sum()), accuracy)


def _margin(cups: Floats) -> Floats:
    """How far the fullest cup is ahead of the next, (batch,)."""
    ranked = np.sort(cups, axis=1)
    return np.asarray(ranked[:, -1] - ranked[:, -2])
