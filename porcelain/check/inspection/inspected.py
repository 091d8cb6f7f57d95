"""What an inspection found: each bucket as measured, faults, walls, and the network read back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ...errors import Finding
from ...network import Network
from ..mesh.walls import Overhang, Wall


@dataclass(frozen=True)
class BucketInspection:
    """One bucket as measured: what it holds below its sill, where its water goes, and the section of every way."""

    name: str
    held_volume_ml: float
    sill_mm: float
    reaches: tuple[str, ...]
    sections: dict[str, float]

    def shares(self) -> dict[str, float]:
        """Part of the outflow that each target gets, by cross-section."""
        total = sum(self.sections.values())
        return {target: area / total for target, area in self.sections.items()}


@dataclass(frozen=True)
class Compared:
    """A recovered machine against its design: largest differences and flowers that change class."""

    held_volume_ml: float
    held_beyond: int
    share: float
    rows: int
    rows_clear: int
    changed_class: int
    accuracy: float


@dataclass(frozen=True)
class Inspection:
    """What meshes are. ``findings`` is empty for a sound machine; ``network`` is None where water finds no way."""

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
        return not self.findings

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is not a finite number is null."""
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
