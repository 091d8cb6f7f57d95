"""Design: every millimetre of the machine. The simulator and the geometry both read it and add none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from . import bore
from .arrays import Floats, frozen, same
from .errors import Finding, PorcelainError
from .network import Layer, Network
from .printer import Printer
from .sketch import rows_svg
from .units import MM3_PER_ML
from .water import Water

OUTLETS = ("orifice", "weir")


@dataclass(frozen=True, eq=False)
class Vessel:
    """Something open at the top that holds water: prismatic slabs, lowest first.

    ``at_mm`` (3,) centre of the inner floor in the assembled machine; ``size_mm`` (x, y) inner plan at the rim;
    ``slab_tops_mm`` (k,) heights above the floor where each slab ends, the last is the rim;
    ``slab_areas_mm2`` (k,) free plan area of each slab (what stands in the water is taken off).
    """

    name: str
    label: str
    at_mm: Floats
    size_mm: tuple[float, float]
    slab_tops_mm: Floats
    slab_areas_mm2: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "at_mm", frozen(self.at_mm, (3,), f"{self.name}.at_mm"))
        tops = frozen(self.slab_tops_mm, (None,), f"{self.name}.slab_tops_mm")
        areas = frozen(self.slab_areas_mm2, (len(tops),), f"{self.name}.slab_areas_mm2")
        if not len(tops) or np.any(np.diff(tops, prepend=0.0) <= 0):
            raise PorcelainError(f"{self.name}.slab_tops_mm is {tops.tolist()}; heights must climb from above 0")
        if np.any(areas <= 0):
            raise PorcelainError(f"{self.name}.slab_areas_mm2 has {areas.min()}; every slab needs an area above 0")
        object.__setattr__(self, "slab_tops_mm", tops)
        object.__setattr__(self, "slab_areas_mm2", areas)

    @property
    def rim_mm(self) -> float:
        """Height of the rim above the inner floor."""
        return float(self.slab_tops_mm[-1])

    @property
    def capacity_ml(self) -> float:
        return float(self._volumes()[-1])

    def _volumes(self) -> Floats:
        """Volume below the floor and each slab top, (k + 1,) mL."""
        heights = np.diff(self.slab_tops_mm, prepend=0.0)
        return np.concatenate([[0.0], np.cumsum(heights * self.slab_areas_mm2)]) / MM3_PER_ML

    def _levels(self) -> Floats:
        return np.concatenate([[0.0], self.slab_tops_mm])

    def level_mm(self, volume_ml: ArrayLike) -> Floats:
        """Height of the water above the inner floor for a volume; the rim for anything above the capacity."""
        return np.interp(np.asarray(volume_ml), self._volumes(), self._levels())

    def volume_ml(self, level_mm: ArrayLike) -> Floats:
        """Water below a height above the inner floor; the capacity for anything above the rim."""
        return np.interp(np.asarray(level_mm), self._levels(), self._volumes())

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True)
class Outlet:
    """How water leaves a bucket. "orifice": round holes; "weir": one level sill, cut by knives at the shares.

    ``sill_mm`` height above the inner floor at which water starts to leave (holes: their level inverts);
    ``width_mm`` of the whole sill and ``height_mm`` of the opening above it (weir; 0 for holes);
    ``discharge`` coefficient Cd of the opening; ``stop_mm`` level above the sill at which the design's water stops
    running (0: ideal water).
    """

    kind: str
    sill_mm: float
    discharge: float
    width_mm: float = 0.0
    height_mm: float = 0.0
    stop_mm: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in OUTLETS:
            raise PorcelainError(f"outlet kind is {self.kind!r}; one of {', '.join(OUTLETS)}")
        if not self.sill_mm >= 0:
            raise PorcelainError(f"outlet sill_mm is {self.sill_mm}; it must be >= 0")
        if not self.stop_mm >= 0:
            raise PorcelainError(f"outlet stop_mm is {self.stop_mm}; it must be >= 0")
        if not 0 < self.discharge <= 1:
            raise PorcelainError(f"outlet discharge is {self.discharge}; a coefficient lies in (0, 1]")


@dataclass(frozen=True, eq=False)
class Bucket(Vessel):
    """A neuron: it keeps what lies below its outlet's sill and passes the rest on."""

    outlet: Outlet

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.outlet.sill_mm >= self.rim_mm:
            raise PorcelainError(
                f"{self.name}: the sill at {self.outlet.sill_mm} mm is not below the rim at {self.rim_mm} mm;"
                " raise the rim or lower the threshold"
            )

    @property
    def threshold_ml(self) -> float:
        """What the bucket keeps: the water below the level at which its outlet stops."""
        return float(self.volume_ml(self.outlet.sill_mm + self.outlet.stop_mm))


class Cup(Vessel):
    """Where the answer stands."""


@dataclass(frozen=True, eq=False)
class Pipe:
    """One branch of a bucket's outlet.

    ``share`` of the source's outflow that the network wants in it; ``area_mm2`` its cross-section;
    ``path_mm`` (k, 3) its axis from the source's inner wall to its end above the target, assembled position
    (a weir's open channel: from the sill to the mouth below).
    """

    name: str
    source: str
    target: str
    share: float
    area_mm2: float
    path_mm: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "path_mm", frozen(self.path_mm, (None, 3), f"{self.name}.path_mm"))
        if not self.area_mm2 > 0:
            raise PorcelainError(f"{self.name}.area_mm2 is {self.area_mm2}; a pipe needs an area above 0")
        if len(self.path_mm) < 2 or np.any(np.diff(self.path_mm[:, 2]) >= 0):
            raise PorcelainError(f"{self.name}.path_mm does not fall all the way; water runs downhill only")

    @property
    def bore_mm(self) -> float:
        """Diameter of the round part of its teardrop section."""
        return bore.bore_mm(self.area_mm2)

    @property
    def length_mm(self) -> float:
        return float(np.linalg.norm(np.diff(self.path_mm, axis=0), axis=1).sum())

    @property
    def slope_deg(self) -> float:
        """Slope of its flattest stretch."""
        run = np.diff(self.path_mm, axis=0)
        return float(np.degrees(np.arctan2(-run[:, 2], np.hypot(run[:, 0], run[:, 1]))).min())

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True, eq=False)
class Tower:
    """Body of style "pipes": crossing rows of buckets round a mast, tier on tier.

    ``planes_mm`` height of each tier's underside above the table, top tier first: its pipes end there, and
    ``gap_mm`` below stand the rims of the next row. ``mast_mm`` is the side of the square mast,
    ``peg_mm`` how far it reaches into the tier above, ``roof_deg`` the slope of every overhang.
    ``feet_mm`` (k, 4) rectangles x0, y0, x1, y1 of the base plate, ``foot_mm`` thick.
    """

    planes_mm: Floats
    mast_mm: float
    peg_mm: float
    gap_mm: float
    wall_mm: float
    pipe_wall_mm: float
    floor_mm: float
    foot_mm: float
    roof_deg: float
    feet_mm: Floats

    style = "pipes"

    def __post_init__(self) -> None:
        object.__setattr__(self, "planes_mm", frozen(self.planes_mm, (None,), "body.planes_mm"))
        object.__setattr__(self, "feet_mm", frozen(self.feet_mm, (None, 4), "body.feet_mm"))

    def part_boxes_mm(self, design: Design) -> dict[str, Floats]:
        """Corners (2, 3) of every part in the assembled machine: tiers t0, t1, ..., base and cups."""
        boxes = {}
        tops = [max(b.at_mm[2] + b.rim_mm for b in design.tiers[0]), *(self.planes_mm + self.peg_mm)]
        half = self.mast_mm / 2
        for k, (row, plane) in enumerate(zip(design.tiers, self.planes_mm, strict=True)):
            points: list[Any] = [(-half, -half, plane), (half, half, tops[k])]
            for bucket in row:
                reach = np.array([*bucket.size_mm, 0.0]) / 2 + [self.wall_mm, self.wall_mm, 0.0]
                points += [bucket.at_mm - reach, bucket.at_mm + reach]
                for pipe in design.branches(bucket.name):
                    radius = pipe.bore_mm / 2 + self.pipe_wall_mm
                    points += [pipe.path_mm.min(axis=0) - [radius, radius, 0], pipe.path_mm.max(axis=0) + radius]
                    points.append(pipe.path_mm[-1] + radius * self._apex(pipe))
            boxes[f"t{k}"] = _box(points)
        low, high = self.feet_mm[:, :2].min(axis=0), self.feet_mm[:, 2:].max(axis=0)
        boxes["base"] = np.array([[*low, 0.0], [*high, tops[-1]]])
        for cup in design.cups:
            reach = np.array([*cup.size_mm, 0.0]) / 2 + self.wall_mm
            boxes[cup.name] = _box([cup.at_mm - reach, cup.at_mm + reach + [0.0, 0.0, cup.rim_mm - self.wall_mm]])
        return boxes

    def _apex(self, pipe: Pipe) -> Floats:
        """How far a channel's roof reaches ahead of its end where it is cut level, (3,) per radius."""
        run = pipe.path_mm[-1] - pipe.path_mm[-2]
        ahead = np.array([run[0], run[1], 0.0]) / max(float(np.hypot(run[0], run[1])), 1e-9)
        return ahead * np.sqrt(2.0) / np.sin(np.radians(pipe.slope_deg))

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True, eq=False)
class Terrace:
    """Body of style "terrace": a stair of bucket rows in one piece, the cups its lowest step.

    x runs along the rows, y towards the viewer, z up from the table. Row k has its sill wall's outer face at
    y = ``fronts_mm[k]`` (the cups' front wall last) and pours into row k + 1 through ``layers[k]`` gutter layers,
    each ``gutters_mm[k]`` deep and ``plate_mm`` apart. A layer's dividers stand on the walls between the cells below
    (height ``mouths_mm[k]``), lean at ``roof_deg`` and end upright, as knives, at ``tops_mm[k]``.

    ``pipe_layers`` (pipes,) is the layer of each pipe. ``dividers_mm`` (n, 4) holds tier, layer, number of the wall
    below counted from the left, and where along x the divider ends on top. ``lip_mm`` is the free fall below a sill,
    ``edge_mm`` the flat of a sill's top. ``floor_slopes`` (buckets,) are rise over run of the buckets' floors, which
    fall to the sill wall. ``baffle_mm`` thick walls stand ``baffle_at_mm`` behind a sill that splits, up to
    ``baffle_top_mm`` above it, on slots ``slot_mm`` (width, pitch, height). Walls around water are ``wall_mm`` thick,
    floors ``floor_mm``, knives ``knife_mm``. In front of the gutters the walls of a row rise ``step_mm`` above its
    rims, so that no film runs along their tops. Behind the cups the end walls go down to the table as legs from
    y = ``heel_mm`` on, with a window ``frame_mm`` inside their edges and a bar ``foot_mm`` (depth, height) between.
    Three ears, ``ear_mm`` (side, height), take a levelling screw of ``screw_mm`` each. Letters are ``text_mm`` high
    (0: none), their strokes ``stroke_mm`` wide and ``relief_mm`` raised; ``board_mm`` (thickness, height) carries the
    inputs' names behind their buckets, and marks ``level_mm`` above the cups' floor show when the machine is level.
    """

    fronts_mm: Floats
    layers: Floats
    gutters_mm: Floats
    mouths_mm: Floats
    tops_mm: Floats
    width_mm: float
    pipe_layers: Floats
    dividers_mm: Floats
    floor_slopes: Floats
    wall_mm: float
    floor_mm: float
    knife_mm: float
    plate_mm: float
    lip_mm: float
    edge_mm: float
    roof_deg: float
    baffle_mm: float
    baffle_at_mm: float
    baffle_top_mm: float
    slot_mm: Floats
    step_mm: float
    heel_mm: float
    frame_mm: float
    foot_mm: Floats
    ear_mm: Floats
    screw_mm: float
    text_mm: float
    stroke_mm: float
    relief_mm: float
    board_mm: Floats
    level_mm: float

    style = "terrace"

    def __post_init__(self) -> None:
        n = len(self.fronts_mm) - 1
        for what, shape in (
            ("fronts_mm", (None,)),
            ("layers", (n,)),
            ("gutters_mm", (n,)),
            ("mouths_mm", (n,)),
            ("tops_mm", (n,)),
            ("pipe_layers", (None,)),
            ("dividers_mm", (None, 4)),
            ("floor_slopes", (None,)),
            ("slot_mm", (3,)),
            ("foot_mm", (2,)),
            ("ear_mm", (2,)),
            ("board_mm", (2,)),
        ):
            object.__setattr__(self, what, frozen(getattr(self, what), shape, f"body.{what}"))

    def layer_mm(self, tier: int, layer: float) -> float:
        """Where along y a gutter layer begins."""
        return float(self.fronts_mm[tier] + layer * (self.gutters_mm[tier] + self.plate_mm))

    def part_boxes_mm(self, design: Design) -> dict[str, Floats]:
        """Corners (2, 3) of the one part."""
        top = max(b.at_mm[2] + b.rim_mm for b in design.tiers[0])
        ear, text = float(self.ear_mm[0]), bool(self.text_mm)
        top += float(self.board_mm[1]) * text
        front = float(self.fronts_mm[-1]) + (self.relief_mm + 0.05) * text
        return {"body": np.array([[-ear, 0.0, 0.0], [self.width_mm + ear, front, top]])}

    def __eq__(self, other: object) -> bool:
        return same(self, other)


def _box(points: list[Any]) -> Floats:
    corners = np.array(points)
    return np.array([corners.min(axis=0), corners.max(axis=0)])


@dataclass(frozen=True, eq=False)
class Design:
    """A machine: which buckets, sills, branches and cups there are, where they stand and what is poured.

    ``tiers`` rows of buckets, top first; ``pipes`` every branch; ``cups`` the last row. ``pour_ml_s`` and
    ``worst_ml`` (n_in,) state the worst pour the freeboard is made for: every input at once at that rate.
    ``network`` is what was asked for; :meth:`as_network` what these millimetres compute.
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
    body: Tower | Terrace
    findings: tuple[Finding, ...] = ()

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
        dry = {bucket.name for bucket in self.buckets} - {pipe.source for pipe in self.pipes}
        if dry:
            raise PorcelainError(f"{min(dry)} has no pipe; every bucket needs at least one branch")

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

    def to_table(self) -> list[dict[str, Any]]:
        """One row per vessel and per pipe, for people."""
        vessels = [
            {"name": v.name, "label": v.label, "rim_mm": v.rim_mm, "capacity_ml": v.capacity_ml}
            | ({"sill_mm": v.outlet.sill_mm, "keeps_ml": v.threshold_ml} if isinstance(v, Bucket) else {})
            for v in self.vessels
        ]
        pipes = [
            {"name": p.name, "label": f"{p.source} to {p.target}", "share": p.share, "area_mm2": p.area_mm2}
            | {"bore_mm": p.bore_mm, "length_mm": p.length_mm, "slope_deg": p.slope_deg}
            for p in self.pipes
        ]
        return [*vessels, *pipes]

    def _repr_html_(self) -> str:
        """The machine in a notebook: its rows with what each bucket keeps, its pipes, and one line of facts."""
        most = max(bucket.threshold_ml for bucket in self.buckets) or 1.0
        rows = [[(bucket.label, bucket.threshold_ml / most) for bucket in row] for row in self.tiers]
        cups = [(cup.label, 0.0) for cup in self.cups]
        boxes = np.array(list(self.body.part_boxes_mm(self).values()))
        size = " x ".join(f"{side:.0f}" for side in np.ptp(boxes.reshape(-1, 3), axis=0))
        said = f"{self.name}: {len(self.pipes)} pipes, {size} mm, style {self.body.style}, for {self.printer.name}"
        shares = (areas / areas.sum(axis=1, keepdims=True) for _, areas in self.layers())
        return f"<p>{escape(said)}</p>{rows_svg([*rows, cups], shares)}"

    def __eq__(self, other: object) -> bool:
        return same(self, other)
