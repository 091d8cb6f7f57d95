"""Result of an inspection: each bucket as measured, faults, walls, and the network that was read back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ...errors import Finding
from ...network import Network
from ..mesh.walls import Overhang, Wall


@dataclass(frozen=True)
class BucketInspection:
    """One bucket as its mesh is.

    Attributes
    ----------
    name : of the bucket
    held_volume_ml : water below its sill
    sill_mm : height of the sill in the assembled machine
    reaches : names of the vessels that its water gets to
    sections : cross-section, or width of the sill, that leads to each target

    Examples
    --------
    >>> BucketInspection("b0.0", 10.0, 50.0, ("c0", "c1"), {"c0": 1.0, "c1": 3.0}).shares()
    {'c0': 0.25, 'c1': 0.75}
    """

    name: str
    held_volume_ml: float
    sill_mm: float
    reaches: tuple[str, ...]
    sections: dict[str, float]

    def shares(self) -> dict[str, float]:
        """Part of the outflow that each target gets.

        Returns
        -------
        dict
            {target: share}, by cross-section.
        """
        total = sum(self.sections.values())
        return {target: area / total for target, area in self.sections.items()}


@dataclass(frozen=True)
class Compared:
    """How far meshes are from their design.

    Attributes
    ----------
    held_volume_ml : largest difference of a held volume
    held_beyond : how many buckets are beyond its limit
    share : largest difference of a share
    rows : of data
    rows_clear : rows whose fullest cup leads by a margin that the eye sees
    changed_class : how many of these change class
    accuracy : of the network in the meshes; NaN without data

    Examples
    --------
    >>> Compared(0.01, 0, 0.001, 150, 149, 0, 0.98).changed_class
    0
    """

    held_volume_ml: float
    held_beyond: int
    share: float
    rows: int
    rows_clear: int
    changed_class: int
    accuracy: float


@dataclass(frozen=True)
class Inspection:
    """What meshes are.

    Attributes
    ----------
    machine : name of the design
    buckets : as measured
    findings : what is wrong; empty for a sound machine
    walls, overhangs : of every part by its name
    network : read back; None where water of a bucket finds no way
    accuracy : of that network on a data set
    compared : differences from the design

    Examples
    --------
    >>> Inspection("empty", (), (), {}, {}, None).sound
    True
    """

    machine: str
    buckets: tuple[BucketInspection, ...]
    findings: tuple[Finding, ...]
    walls: dict[str, Wall]
    overhangs: dict[str, Overhang]
    network: Network | None
    accuracy: float | None = None
    compared: Compared | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON.

        Returns
        -------
        dict
            What is not a finite number is None.
        """
        network = None
        if self.network is not None:
            network = [{"thresholds": x.thresholds.tolist(), "shares": x.shares.tolist()} for x in self.network.layers]
        plain: dict[str, Any] = _finite(asdict(replace(self, network=None)))
        return plain | {"network": network, "sound": self.sound}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
