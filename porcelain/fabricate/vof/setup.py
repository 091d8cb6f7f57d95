"""What a case is made of, whatever kind of outlet it shows."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ...errors import PorcelainError
from .mesh import Inlet, Mesh, Point

Box = tuple[Point, Point]


@dataclass(frozen=True)
class VofOptions:
    """How an outlet is run.

    ``rate_ml_s`` of inflow (0: the bucket drains); ``inflow`` names where it lands; ``cell_mm`` side of the cells near
    the sill; ``end_s`` physical time; ``mean_s`` at its end over which flows and levels are averaged; ``level_mm`` of
    the water above the sill at the start (below it with a minus: a dry lip); ``below_mm`` of fall below a sill that the
    mesh follows; ``speed_mm_s`` of what lands. What is None
    follows from the outlet: a ramp settles in a third of a pool's time and needs finer cells.
    """

    rate_ml_s: float = 10.0
    inflow: str = "machine"
    cell_mm: float | None = None
    end_s: float | None = None
    mean_s: float | None = None
    level_mm: float | None = None
    below_mm: float | None = None
    speed_mm_s: float | None = None

    def __post_init__(self) -> None:
        if self.rate_ml_s < 0:
            raise PorcelainError(f"rate_ml_s is {self.rate_ml_s:g}; it must be 0 (drain) or more")
        for name in ("cell_mm", "end_s", "mean_s", "below_mm", "speed_mm_s"):
            if (value := getattr(self, name)) is not None and value <= 0:
                raise PorcelainError(f"{name} is {value:g}; it must be above 0")

    def filled(self, cell_mm: float, end_s: float, mean_s: float) -> VofOptions:
        """The options with these values where none is given."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return VofOptions(**({"cell_mm": cell_mm, "end_s": end_s, "mean_s": mean_s} | given))


@dataclass(frozen=True)
class Setup:
    """A mesh, where water enters and leaves it, what is measured, and what is wet at the start.

    ``outs`` are pipes with the boxes that hold the faces through which their water leaves; ``strips`` boxes in which
    the water above their floor is measured; ``pool`` the box of the bucket's water; ``wet`` what is filled at first,
    box by box.
    """

    mesh: Mesh
    options: VofOptions
    inlets: tuple[Inlet, ...]
    outs: tuple[tuple[str, tuple[Box, ...]], ...]
    strips: tuple[Box, ...]
    pool: Box
    wet: tuple[Box, ...]
