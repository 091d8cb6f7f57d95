"""A terrace in millimetres: one layout, row by row from the cups upwards.

The order search gave widths and gutters; from them follow depths and heights: each row stands as low as its gutters,
the freeboard of the row below and its own deepest bucket allow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...arrays import Floats
from ...hydraulics import weir
from ...machine.joint import AHEAD_MM, Joint, fork_mm
from ...machine.layouts import Divider, Terrace
from ...machine.vessel import CLEAR_MM, Bucket, Cup, Outlet, Pipe
from ...units import MM3_PER_ML
from ..letters import RELIEF_MM, stroke_mm, text_mm
from ..limits import MARGIN_MM, ROOF_DEG, up_mm
from ..requirements import Placed, Requirements
from .cups import COLLAR_MM, LEAST_LEAN_MM, cups_tall_mm, flared
from .fittings import SCREW_MM, board_mm, ear_mm, edge_mm, funnel_mm, step_mm
from .funnel import Funnel
from .joint_rules import TONGUE_LEAST_MM
from .ordering import Ordering, Rules, Solution, dividers, upright_mm
from .proportions import LIP_MM, Proportions, gutters_mm, least_rise, rise_mm, row_depths_mm
from .ranks import Ranked

CELL_MM = 18.0  # wide enough to be poured into
HEAD_LEAST_MM = 2.9  # so that openings are higher than stopped tap water stands, 3.8 mm, however slow the pour
DRY_MM = 0.05  # of an opening stays above the water that stops on a narrow sill
POUR_ROOM_MM = 8.0  # freeboard of the row that is poured into by hand
BAFFLE_AT_MM = 4.0
SLOT_MM = (3.0, 5.0, 4.0)
HEEL_MM = 2.0
FRAME_MM = 7.0
FOOT_MM = (6.0, 2.0)
GUARD_MM = (3.6, 1.0)  # as the walls between cups, and how far below the last sills: no cup backs up into a bucket
LEVEL_MM = 8.0
CUP_LEAST_MM = 18.0  # room for a class's name above the level mark
POUR_MM = 10.0  # of an input in front of the gutters over it, for a syringe or a beaker's lip
ROOM_MM = 8.0  # of a row is seen in front of the gutters over it
HANG_MM = 4.0  # what hangs over a joint ends this far below the rim: deeper than water climbs in the slit beside it
AIR_MM = 1.5  # between storeys: films do not bridge it, and a storey set down askew touches nothing
TONGUE_MM = (4.0, 6.0)  # width and height
TONGUE_LONG_MM = 30.0
DOVETAILS_MM = (4.0, 7.0, 4.0, 12.0)


@dataclass(frozen=True)
class TerraceOptions:
    """What a terrace is like where nothing asks for more: least widths of cells and cups, room to pour into.

    ``proportions`` are searched for where none are given; ``cups`` is one of CUPS; ``stop_mm`` is how high this water
    stands on a printed sill, where that was measured. ``lips`` catch splashes round the inputs and the cups.
    """

    cell_mm: float = CELL_MM
    cup_mm: float = CELL_MM
    proportions: Proportions | None = None
    pour_room_mm: float = POUR_ROOM_MM
    ears: bool = True
    text: bool = True
    cups: str = "auto"
    stop_mm: float | None = None
    lips: bool = True


class Builder:
    """Millimetres of one layout, row by row from the cups upwards; ``joints`` are the rows that begin a storey."""

    def __init__(
        self,
        requirements: Requirements,
        ranked: Ranked,
        options: TerraceOptions,
        rules: Rules,
        ordering: Ordering,
        found: Solution,
        proportions: Proportions,
        joints: tuple[int, ...] = (),
        apart: bool = False,
    ) -> None:
        self.requirements, self.options = requirements, options
        self.rules, self.ordering, self.found = rules, ordering, found
        self.joints, self.lifts, self.apart = joints, dict.fromkeys(joints, 0.0), apart
        self.ranked, self.network, self.printer = ranked, ranked.network, requirements.printer
        self.widths = _rounded(found, rules)
        leans = found.leans_mm(rules.wall_mm).round(2)
        self.leans = np.where(np.abs(leans) < LEAST_LEAN_MM, 0.0, leans)
        self.rims = (upright_mm(self.widths[-1], rules.wall_mm) + self.leans).round(2)
        self.width_mm = round(float(self.widths[0].sum()) + rules.wall_mm * (len(self.widths[0]) + 1), 2)
        self.layers = [1 + max(n for row in ordering.layers(k) for n in row) for k in range(len(ordering.branches))]
        self.gutters = gutters_mm(self.layers, rules)
        self.heads = self._heads()
        self.openings = [round(head + CLEAR_MM, 2) for head in self.heads]
        self.depths = row_depths_mm(proportions.depths_mm, self.layers, rules)
        for k in joints:
            self.depths[k] = max(self.depths[k], self._reach(k) + ROOM_MM + rules.wall_mm + AIR_MM)
        for k in range(1, ranked.ranks):
            self.depths[k] = max(self.depths[k], round(self._reach(k) + POUR_MM, 2))
        self.fronts: list[float] = []
        for k in range(len(self.depths)):
            step = -AIR_MM if k in joints else rules.wall_mm  # a row below a joint has a back wall of its own
            back = round((self.fronts[-1] - rules.wall_mm if k else 0.0) + step, 2)
            if k + 1 in joints:  # tongues stand on its end walls
                self.depths[k] = max(self.depths[k], round(self._carries(k + 1) - back - rules.wall_mm, 2))
            self.fronts.append(round(back + self.depths[k] + rules.wall_mm, 2))

    def _heads(self) -> list[float]:
        """Highest level above each row's sill while every input is poured at once."""
        rates, heads = np.zeros(self.network.widths[0]), []
        for k, layer in enumerate(self.network.layers):
            rates = rates + self.requirements.pour_ml_s * self.ranked.poured[k]
            order = list(self.ordering.rows[k])
            knives = np.array([len(b) - 1 for b in self.ordering.branches[k]]) * self.rules.knife_mm
            free = self.widths[k] - knives
            levels = weir.head_mm(rates[order], free, self.requirements.discharge)
            head = round(max(float(levels.max()), HEAD_LEAST_MM), 2)
            while (
                max(self.requirements.water.stop_mm(wide, head + CLEAR_MM) for wide in free) > head + CLEAR_MM - DRY_MM
            ):
                head = round(head + 0.1, 2)
            heads.append(head)
            rates = rates @ layer.shares
        return heads

    def placed(self) -> Placed:
        """The machine; storeys are lifted until their undersides clear the walls below."""
        placed = self._placed()
        if not self.joints:
            return placed
        self.lifts = self._lifts(placed)
        return self._placed()

    def _placed(self) -> Placed:
        rules, tiers = self.rules, len(self.layers)
        cup_volumes = self.requirements.cups_ml * MM3_PER_ML
        cups_order = list(self.ordering.rows[-1])
        cup_tall = cups_tall_mm(cup_volumes[cups_order], self.widths[-1], self.leans, self.depths[-1], rules.slope)
        if self.options.text:
            cup_tall = max(cup_tall, CUP_LEAST_MM)
        floor = self.printer.min_wall_mm
        rooms = [self._room(k) for k in range(tiers)]
        funnels = [
            [self._funnel(k, p, room) for p in range(len(self.ordering.rows[k]))] for k, room in enumerate(rooms)
        ]
        rooms = [room + AIR_MM * (k in self.joints) for k, room in enumerate(rooms)]  # floors end below what hangs
        cup_rim = up_mm(floor + cup_tall)
        for _ in range(3):  # no bucket reaches below the table: heights are rounded, row by row
            sills, rims, mouths = self._heights(cup_rim, rooms)
            deepest = [sill - self._depth(k, p, h) for k, sill in enumerate(sills) for p, h in enumerate(funnels[k])]
            cup_rim = round(cup_rim + up_mm(max(floor - min(deepest) - 0.005, 0.0)), 1)
        buckets = [self._row(k, sills[k], rims[k], funnels[k]) for k in range(tiers)]
        cups = self._cups(floor, cup_rim)
        tops = [round(sills[k] + self.openings[k], 2) for k in range(tiers)]
        pipes, pipe_layers = self._pipes(sills, mouths)
        slopes = [funnels[k][p].slope for k in range(tiers) for p in np.argsort(self.ordering.rows[k])]
        layout = Terrace(
            fronts_mm=np.array(self.fronts),
            layers=tuple(self.layers),
            gutters_mm=np.array(self.gutters),
            mouths_mm=np.array(mouths),
            tops_mm=np.array(tops),
            width_mm=self.width_mm,
            pipe_layers=pipe_layers,
            dividers=self._dividers(),
            floor_slopes=np.array(slopes),
            wall_mm=rules.wall_mm,
            floor_mm=floor,
            knife_mm=rules.knife_mm,
            plate_mm=rules.plate_mm,
            lip_mm=LIP_MM,
            edge_mm=edge_mm(self.printer),
            roof_deg=ROOF_DEG,
            baffle_mm=self.printer.two_lines_mm,
            baffle_at_mm=BAFFLE_AT_MM,
            baffle_top_mm=1.0,
            slot_mm=np.array(SLOT_MM),
            step_mm=step_mm(self.printer),
            heel_mm=HEEL_MM,
            frame_mm=FRAME_MM,
            foot_mm=np.array(FOOT_MM),
            ear_mm=np.array(ear_mm(self.printer)) * self.options.ears,
            screw_mm=SCREW_MM,
            text_mm=text_mm(self.printer) if self.options.text else 0.0,
            stroke_mm=stroke_mm(self.printer),
            relief_mm=RELIEF_MM,
            board_mm=np.array(board_mm(self.printer)),
            level_mm=LEVEL_MM,
            cup_walls_mm=tuple(self.rims.tolist()) if self.leans.any() else (),
            collar_mm=COLLAR_MM if self.leans.any() else 0.0,
            joints=tuple(self._joint(k, rims[k]) for k in self.joints),
            funnel_mm=funnel_mm(self.printer) * self.options.lips,
            guard_mm=self._guard_mm(sills[-1] - cup_rim) * self.options.lips,
        )
        return Placed(tuple(buckets), pipes, cups, layout)

    def _reach(self, k: int) -> float:
        """How far in front of the sill wall above a row what hangs over its joint reaches."""
        return self.layers[k - 1] * (self.gutters[k - 1] + self.rules.plate_mm) + self.rules.knife_mm

    def _joint(self, k: int, rim: float) -> Joint:
        plane = round(float(rim) - HANG_MM, 2)
        width, height = TONGUE_MM
        front = round(self.fronts[k - 1] - self._ahead(), 2)
        back = round(max(self._tongue_back(k), front - TONGUE_LONG_MM), 2)
        reach = round(self.fronts[k - 1] + self._reach(k), 2)
        tongue = (back, front, width, height)
        play = self.printer.clearance_mm
        return Joint(k, plane, reach, HANG_MM, AIR_MM, self.rules.knife_mm, tongue, play, DOVETAILS_MM * self.apart)

    def _ahead(self) -> float:
        """From a tongue's front to its row's: the end walls above reach no farther forward."""
        return 3 * self.rules.wall_mm + 2 * AIR_MM + 2 * self.printer.clearance_mm

    def _tongue_back(self, k: int) -> float:
        """Where along y a tongue of a joint may begin."""
        first = max((n for n in self.joints if n < k), default=0)
        start = HEEL_MM + self.rules.wall_mm
        if self.apart and first:  # in front of the blocks that hold the stand behind that storey
            start = self.fronts[first - 1] - 2 * self.rules.wall_mm - AIR_MM + DOVETAILS_MM[2] + AHEAD_MM
        return start + 2 * self.printer.clearance_mm

    def _carries(self, k: int) -> float:
        """Where along y the row above a joint must end at least, so that a tongue is long enough."""
        return self._tongue_back(k) + TONGUE_LEAST_MM + self._ahead()

    def _lifts(self, placed: Placed) -> dict[int, float]:
        """Per joint how much higher the storey above must stand, for its undersides to clear what it straddles."""
        layout, lifts, first = placed.layout, {}, 0
        assert isinstance(layout, Terrace)
        slopes = iter(layout.floor_slopes)
        keels = [
            [layout.keel_mm(k, float(b.at_mm[2]), float(next(slopes))) for b in row]
            for k, row in enumerate(placed.tiers)
        ]
        for k in self.joints:
            least = min(min(row) for row in keels[first:k])
            lifts[k] = up_mm(max(float(layout.mouths_mm[k - 1]) + AIR_MM - least, 0.0))
            first = k
        return lifts

    @staticmethod
    def _guard_mm(fall_mm: float) -> float:
        most, clear = GUARD_MM
        return round(min(most, max(fall_mm - clear, 0.0)), 1)

    def _dividers(self) -> tuple[Divider, ...]:
        found = dividers(self.network, self.ordering, self.rules, tuple(self.widths), self.rims)
        return tuple(Divider(k, n, wall, round(float(x), 2)) for k, n, wall, x in found)

    def _threshold(self, k: int, place: int) -> float:
        return float(self.network.layers[k].thresholds[self.ordering.rows[k][place]]) * self.requirements.ml_per_unit

    def _room(self, k: int) -> float:
        """Freeboard of a row: for the worst pour, and for the flattest floor of its shallowest bucket."""
        shallow = min(self._sill(k, p) for p in range(len(self.ordering.rows[k])))
        return max(self.heads[k] + MARGIN_MM, least_rise(self.depths[k]) - shallow)

    def _heights(self, cup_rim: float, rooms: list[float]) -> tuple[list[float], list[float], list[float]]:
        """Per row: sills and rims above the table, and mouths of the gutters below each sill."""
        sills: list[float] = []
        rims: list[float] = []
        mouths: list[float] = []
        below = cup_rim
        fork = fork_mm(self.rules.wall_mm, self.rules.plate_mm, AIR_MM, self.rules.knife_mm)
        for k in reversed(range(len(self.layers))):
            mouth = round(below + fork * (k + 1 in self.joints), 1)
            lift = self.lifts.get(k + 1, 0.0)
            sill = round(mouth + float(self.found.heights_mm[k]) + rise_mm(self.layers[k]) + lift, 1)
            below = round(sill + (max(rooms[k], self.options.pour_room_mm) if k == 0 else rooms[k]), 1)
            below = round(below + HANG_MM * (k in self.joints), 1)
            sills.insert(0, sill)
            rims.insert(0, below)
            mouths.insert(0, mouth)
        return sills, rims, mouths

    def _sill(self, k: int, place: int) -> float:
        """How deep a bucket with the flattest floor and no baffle is: its least depth."""
        return self._depth(k, place, Funnel(float(self.widths[k][place]), self.depths[k], least_rise(1.0)))

    def _depth(self, k: int, place: int, funnel: Funnel) -> float:
        """Height of a sill above its funnel's lowest point: the water on it, which stays, counts as kept."""
        return round(max(funnel.sill_mm(self._threshold(k, place)) - self._stop_mm(k, place), 0.0), 2)

    def _stop_mm(self, k: int, place: int) -> float:
        """Level above the sill at which the design's water stops."""
        if self.options.stop_mm is not None:
            return self.options.stop_mm
        free = float(self.widths[k][place]) - self.rules.knife_mm * (len(self.ordering.branches[k][place]) - 1)
        return self.requirements.water.stop_mm(round(free, 2), self.openings[k])

    def _funnel(self, k: int, place: int, room: float) -> Funnel:
        """The steepest floor that ends no higher than ``room`` above the sill; a baffle where the sill splits."""
        width, depth = float(self.widths[k][place]), self.depths[k]
        split = len(self.ordering.branches[k][place]) > 1
        baffle = self.printer.two_lines_mm if split else 0.0
        flat, steep = least_rise(1.0), float(np.tan(np.radians(ROOF_DEG)))
        slope = flat
        for _ in range(8):  # a steeper floor needs a deeper sill: a few steps settle it
            funnel = Funnel(width, depth, round(slope, 4), baffle, BAFFLE_AT_MM, SLOT_MM)
            slope = float(np.clip((self._depth(k, place, funnel) + room - 0.05) / depth, flat, steep))
        slope = min(slope, funnel.slope)
        return replace(funnel, slope=round(slope, 4))

    def _row(self, k: int, sill: float, rim: float, funnels: list[Funnel]) -> tuple[Bucket, ...]:
        names, labels = self.ranked.names[k], self.ranked.labels[k]
        lefts = self._lefts(k)
        back = self.fronts[k] - self.rules.wall_mm - self.depths[k]
        buckets = {}
        for p, i in enumerate(self.ordering.rows[k]):
            funnel, width = funnels[p], float(self.widths[k][p])
            free = width - self.rules.knife_mm * (len(self.ordering.branches[k][p]) - 1)
            stop = self._stop_mm(k, p)
            depth = self._depth(k, p, funnel)
            levels = (depth, depth + stop) if stop else (depth,)
            tops, areas = funnel.slabs(levels, round(rim - sill + depth, 2), depth + self.openings[k])
            outlet = Outlet("weir", depth, self.requirements.discharge, round(free, 2), self.openings[k], stop)
            at = np.round([lefts[p] + width / 2, back + self.depths[k] / 2, sill - depth], 3)
            end = self.ranked.chutes.get(names[i], "")
            role = ("chute" if end else "bucket"), end
            buckets[i] = Bucket(names[i], labels[i], at, (width, self.depths[k]), tops, areas, outlet, *role)
        return tuple(buckets[i] for i in sorted(buckets))

    def _lefts(self, k: int) -> Floats:
        ends = np.cumsum(self.widths[k] + self.rules.wall_mm)
        lefts: Floats = self.rules.wall_mm + np.concatenate([[0.0], ends[:-1]])
        return lefts

    def _mouths(self, k: int) -> list[tuple[float, float]]:
        """Left and right end at the rim of every cell of a row."""
        lefts, rights = self._lefts(k), self._lefts(k) + self.widths[k]
        if k == len(self.layers):
            lefts[1:], rights[:-1] = self.rims + self.rules.wall_mm / 2, self.rims - self.rules.wall_mm / 2
        return list(zip(lefts.tolist(), rights.tolist(), strict=True))

    def _cups(self, floor: float, rim: float) -> tuple[Cup, ...]:
        lefts, depth = self._lefts(-1), self.depths[-1]
        middle = self.fronts[-1] - self.rules.wall_mm - depth / 2
        leans = [0.0, *self.leans.tolist(), 0.0]
        cups = {}
        for p, j in enumerate(self.ordering.rows[-1]):
            width = float(self.widths[-1][p])
            at = np.round([lefts[p] + width / 2, middle, floor], 3)
            tops, widths = flared(width, round(rim - floor, 2), -leans[p], leans[p + 1], self.rules.slope)
            cups[j] = Cup(f"c{j}", self.network.class_names[j], at, (width, depth), tops, widths * depth)
        return tuple(cups[j] for j in sorted(cups))

    def _pipes(self, sills: list[float], mouths: list[float]) -> tuple[tuple[Pipe, ...], tuple[int, ...]]:
        """Every branch and its gutter layer, by row, source and target."""
        found = []
        for k in range(len(self.layers)):
            dealt, lefts = self.ordering.layers(k), self._lefts(k)
            place = {j: p for p, j in enumerate(self.ordering.rows[k + 1])}
            for p, i in enumerate(self.ordering.rows[k]):
                targets = self.ordering.branches[k][p]
                shares = self.network.layers[k].shares[i, list(targets)]
                free = float(self.widths[k][p]) - self.rules.knife_mm * (len(targets) - 1)
                x = float(lefts[p])
                ends = self._mouths(k + 1)
                for b, j in enumerate(targets):
                    wide = float(shares[b] / shares.sum()) * free
                    layer = dealt[p][b]
                    over = ends[place[j]]
                    path = self._path(k, layer, x + wide / 2, over, sills[k], mouths[k])
                    source, target = self.ranked.names[k][i], self.ranked.names[k + 1][j]
                    name, area = self.ranked.pipe_name(k, i, j), wide * self.openings[k]
                    pipe = Pipe(name, source, target, float(shares[b] / shares.sum()), area, path)
                    found.append(((k, i, j), pipe, layer))
                    x += wide + self.rules.knife_mm
        _, pipes, layers = zip(*sorted(found, key=lambda one: one[0]), strict=True)
        return pipes, layers

    def _path(self, k: int, layer: int, x: float, over: tuple[float, float], sill: float, mouth: float) -> Floats:
        """Middle of a stream: over the sill, down the ramp to its layer, along the gutter, into the mouth."""
        front, gutter = self.fronts[k], self.gutters[k]
        y = front + layer * (gutter + self.rules.plate_mm)
        ramp = sill - LIP_MM - self.rules.slope * (y - front)
        end = float(np.clip(x, over[0] + gutter / 2, over[1] - gutter / 2))
        points = [(x, front - self.rules.wall_mm + edge_mm(self.printer), sill), (x, y + gutter / 2, ramp)]
        lean = mouth + self.rules.slope * abs(end - x)
        if abs(end - x) > 0.05 and mouth + 0.1 < lean < ramp - 0.1:
            points.append((x, y + gutter / 2, lean))
        points.append((end, y + gutter / 2, mouth))
        return np.round(np.array(points), 3)


def _rounded(found: Solution, rules: Rules) -> list[Floats]:
    """Widths to a hundredth, every row as wide as the first; or as the cups, where these are equal."""
    widths, wall = [np.round(w, 2) for w in found.widths_mm], rules.wall_mm
    if rules.lean_mm is not None:
        widths[-1][:] = widths[-1].max()
    first = widths[0] if rules.lean_mm is None else widths[-1]
    whole = first.sum() + wall * len(first)
    for w in widths:
        w[-1] = round(float(whole - w[:-1].sum() - wall * len(w)), 2)
    return widths
