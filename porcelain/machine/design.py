"""Design: every millimetre of the machine. The simulator and the geometry both read it and add none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats, frozen, same
from ..errors import Finding, PorcelainError
from ..geometry.svg import network_svg
from ..network import Layer, Network
from ..printer import Printer
from ..water import Water
from .layouts import Layout
from .vessel import Basin, Bucket, Cup, Pipe, Vessel

EVEN = 5e-3  # relative difference of areas that nobody sees

SHARE_SUM_TOLERANCE = 1e-6  # a file may hold seven digits


@dataclass(frozen=True, eq=False)
class Design:
    """A machine: which buckets, sills, branches and cups there are, where they stand and what is poured.

    ``tiers`` rows of buckets, top first; ``pipes`` every branch; ``cups`` the last row. ``pour_ml_s`` and
    ``worst_ml`` (n_in,) state the worst pour the freeboard is made for: every input at once at that rate.
    ``network`` is what was asked for; :meth:`as_network` what these millimetres compute. ``digest`` is the planner's
    mark on its own work: it no longer fits once a number is edited (see :func:`porcelain.files.digest`).
    """

    name: str
    network: Network
    printer: Printer
    water: Water
    ml_per_unit: float
    pour_ml_s: float
    worst_ml: Floats
    tiers: tuple[tuple[Bucket, ...], ...]
    pipes: tuple[Pipe, ...]
    cups: tuple[Cup, ...]
    layout: Layout
    findings: tuple[Finding, ...] = ()
    digest: str = field(default="", metadata={"sparse": True})

    def __post_init__(self) -> None:
        object.__setattr__(self, "worst_ml", frozen(self.worst_ml, (None,), "worst_ml"))
        if not (0 < self.ml_per_unit < np.inf):
            raise PorcelainError(f"ml_per_unit is {self.ml_per_unit}; it must be > 0")
        if not (0 < self.pour_ml_s < np.inf):
            raise PorcelainError(f"pour_ml_s is {self.pour_ml_s}; it must be > 0")
        widths = tuple(len(row) for row in self.rows)
        if widths != self.network.widths:
            raise PorcelainError(f"the machine is {widths} wide and its network {self.network.widths}; plan it again")
        names = [vessel.name for vessel in self.vessels]
        if len(set(names)) != len(names):
            raise PorcelainError("two vessels of the machine share a name; names must be unique")
        for pipe in self.pipes:
            if pipe.source not in names or pipe.target not in names:
                raise PorcelainError(f"{pipe.name} runs from {pipe.source!r} to {pipe.target!r}; no such vessels")
            if self.tier_of(pipe.target) != self.tier_of(pipe.source) + 1:
                raise PorcelainError(f"{pipe.name} does not lead to the next row; pipes skip no tier")
        if len({pipe.name for pipe in self.pipes}) != len(self.pipes):
            raise PorcelainError("two pipes of the machine share a name; names must be unique")
        for cup in self.cups:
            if not isinstance(cup, Basin) and not any(pipe.target == cup.name for pipe in self.pipes):
                raise PorcelainError(f"{cup.name} is reached by no pipe; every cup needs a branch that leads to it")
        self.layout.check(self)
        dry = {bucket.name for bucket in self.buckets} - {pipe.source for pipe in self.pipes}
        if dry:
            raise PorcelainError(f"{min(dry)} has no pipe; every bucket needs at least one branch")
        for bucket in self.buckets:
            shares = [pipe.share for pipe in self.branches(bucket.name)]
            if min(shares) < 0 or abs(sum(shares) - 1.0) > SHARE_SUM_TOLERANCE:
                raise PorcelainError(
                    f"the shares of {bucket.name} are {', '.join(f'{share:.4g}' for share in shares)};"
                    " they must be >= 0 and sum to 1"
                )

    @property
    def for_real_water(self) -> bool:
        """Whether it was drawn for real water: outlets then have a level above their sills at which they stop."""
        return any(bucket.outlet.stop_mm > 0 for bucket in self.buckets)

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        return tuple(bucket for row in self.tiers for bucket in row)

    @property
    def vessels(self) -> tuple[Vessel, ...]:
        """Buckets and then cups, top to bottom: the columns of a Run."""
        return self.buckets + self.cups

    @property
    def rows(self) -> tuple[tuple[Vessel, ...], ...]:
        """Tiers of buckets and the row of cups below them."""
        return (*self.tiers, self.cups)

    @property
    def even_cups(self) -> bool:
        """Whether cups compare by eye: of one width, so that the highest water is the most."""
        areas = [float(cup.slab_areas_mm2[0]) for cup in self.cups]
        return max(areas) - min(areas) < EVEN * max(areas)

    def tier_of(self, name: str) -> int:
        """Which row a vessel stands in, 0 at the top. Raises PorcelainError for an unknown name."""
        for tier, row in enumerate(self.rows):
            if any(vessel.name == name for vessel in row):
                return tier
        raise PorcelainError(f"no vessel is called {name!r}")

    def branches(self, name: str) -> tuple[Pipe, ...]:
        """The pipes that leave a bucket."""
        return tuple(pipe for pipe in self.pipes if pipe.source == name)

    def layers(self) -> Iterator[tuple[Floats, Floats]]:
        """Per tier: thresholds (n_in,) mL and pipe areas (n_in, n_out) mm2, 0 where there is no pipe."""
        for row, below in zip(self.rows, self.rows[1:], strict=False):
            index = {vessel.name: j for j, vessel in enumerate(below)}
            areas = np.zeros((len(row), len(below)))
            thresholds = np.zeros(len(row))
            for i, bucket in enumerate(row):
                assert isinstance(bucket, Bucket)
                thresholds[i] = bucket.threshold_ml
                for pipe in self.branches(bucket.name):
                    areas[i, index[pipe.target]] += pipe.area_mm2
            yield thresholds, areas

    def as_network(self) -> Network:
        """The network that these rounded millimetres compute with ideal water."""
        layers = tuple(
            Layer(thresholds / self.ml_per_unit, areas / areas.sum(axis=1, keepdims=True))
            for thresholds, areas in self.layers()
        )
        return replace(self.network, layers=layers)

    def volumes_ml(self, features: ArrayLike) -> Floats:
        """What to pour for features in the data's own units, (batch, n_in) mL."""
        return self.network.encoding.volumes(features) * self.ml_per_unit

    def amounts_ml(self, row: ArrayLike) -> dict[str, float]:
        """What to pour into each input bucket, by its name, for one row of features in the data's own units."""
        names = (bucket.name for bucket in self.tiers[0])
        return dict(zip(names, self.volumes_ml(np.atleast_2d(row))[0].tolist(), strict=True))

    def _repr_html_(self) -> str:
        """The machine in a notebook: its rows with what each bucket keeps, its pipes, and one line of facts."""
        boxes = np.array(list(self.layout.part_boxes_mm(self).values()))
        size = " x ".join(f"{side:.0f}" for side in np.ptp(boxes.reshape(-1, 3), axis=0))
        said = f"{self.name}: {len(self.pipes)} pipes, {size} mm, style {self.layout.style}, for {self.printer.name}"
        return f"<p>{escape(said)}</p>{self.to_svg()}"

    def to_svg(self) -> str:
        """The machine's network as a drawing: buckets as full as they keep water, pipes as wide as their shares."""
        rows = [[(bucket.label, bucket.threshold_ml) for bucket in row] for row in self.tiers]
        shares = (areas / areas.sum(axis=1, keepdims=True) for _, areas in self.layers())
        return network_svg(rows, [cup.label for cup in self.cups], shares)

    def __eq__(self, other: object) -> bool:
        return same(self, other)
