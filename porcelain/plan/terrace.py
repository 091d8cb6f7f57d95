"""Body style "terrace": a stair of bucket rows, layout and proportions solved for the least plastic."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np

from ..arrays import Floats
from ..body import Terrace
from ..errors import DesignError, Finding
from ..network import Network
from ..printer import Printer
from ..units import MM3_PER_ML
from .brief import Brief, Placed
from .build import BOARD_MM, EAR_MM, FUNNEL_MM, Builder, Habits
from .cups import lean_mm
from .letters import RELIEF_MM
from .limits import ROOF_DEG, up_mm
from .order import MAX_LAYERS, Fit, Rules, Stair, search, start
from .proportions import LEAST_MM, Contents, Proportions, least_rise, plastic_cm3, settle

TIGHT_MM = 10.0  # least width of cells where a row would not fit the bed: poured into with care, or a funnel
GUTTER_MM = 6.0  # more than water bridges
EVEN_MM = 0.05
EQUAL_WORTH = 1.05  # so much plastic for cups that compare by eye
JOINT_MM = 20.0  # of height that a joint costs: what straddles and what overlaps


def share_floor(printer: Printer) -> float:
    """The smallest share whose compartment water still runs through freely, on the widest sill worth its room."""
    return printer.min_bore_mm / 40.0


def before(network: Network, printer: Printer) -> list[Finding]:
    """What can be refused at a glance: rows whose cells, at their narrowest, are wider than the bed."""
    bed = max(printer.bed_mm[:2])
    cells = [_sills_mm(np.where(x.shares < share_floor(printer), 0.0, x.shares), printer) for x in network.layers]
    cells.append(np.zeros(network.widths[-1]))
    findings = []
    for k, sills in enumerate(cells):
        width = float(np.maximum(sills, TIGHT_MM).sum()) + (len(sills) + 1) * printer.min_wall_mm + 2 * EAR_MM[0]
        if width > bed:
            where = "cups" if k == len(network.layers) else f"row {k}"
            wide, deep, tall = 10 * np.ceil(width / 10), min(printer.bed_mm[:2]), printer.bed_mm[2]
            advice = f"plan for a bed of --bed {wide:.0f}x{deep:.0f}x{tall:.0f}, or use fewer buckets"
            if np.any(sills > TIGHT_MM):
                branch = f"every branch takes {printer.min_bore_mm:g} mm of its bucket's sill"
                advice += f"; {branch}: train with fewer pipes or a larger --min-share"
            else:
                room = int((bed - printer.min_wall_mm - 2 * EAR_MM[0]) / (TIGHT_MM + printer.min_wall_mm))
                advice += f": {room} at most stand side by side on this one"
            findings.append(Finding("width", where, f"{width:.0f} mm at least", f"{bed:g} mm", advice))
    return findings


def _sills_mm(shares: Floats, printer: Printer) -> Floats:
    """Least width of every bucket's sill: its smallest branch passes water, and knives stand between."""
    smallest = np.where(shares > 0, shares, 1.0).min(axis=1)
    sills: Floats = printer.min_bore_mm / smallest + 2 * printer.nozzle_mm * ((shares > 0).sum(axis=1) - 1)
    return sills


def terrace(brief: Brief, habits: Habits | None = None) -> Placed:
    """The cheapest stair found, in one piece where the printer can make it so, else in as few storeys as it takes.

    Raises DesignError if branches cross more often than gutters can carry.
    """
    habits = habits or Habits()
    x, y, z = brief.printer.bed_mm
    bed = (max(x, y), min(x, y), z)
    for cups in ("auto", "free") if habits.cups == "auto" else (habits.cups,):  # equal cups are not worth a joint
        placed = Builder(brief, habits, *_laid(brief, replace(habits, cups=cups), bed)).placed()
        if habits.proportions is not None or fits(placed, brief.printer):
            return placed
    return _storeys(brief, habits, bed) or placed


def fits(placed: Placed, printer: Printer) -> bool:
    """Whether the printer can make every part."""
    assert isinstance(placed.body, Terrace)
    return all(printer.fits(tuple(np.ptp(box, axis=0))) for box in placed.body.part_boxes_mm(placed).values())


def _storeys(brief: Brief, habits: Habits, bed_mm: tuple[float, float, float]) -> Placed | None:
    """The stair parted between rows: the fewest storeys that all fit, and of these the lowest machine.

    Where that is too deep for the bed, what carries the storeys behind is made apart.
    """
    x, y, z = bed_mm
    tiers = len(brief.network.layers)
    placed: Placed | None = None
    for joints, apart in product(range(1, tiers), (False, True)):
        if apart and not _too_deep(placed, y):
            continue
        room = (x, y * (1 + apart), (joints + 1) * z - joints * JOINT_MM)
        laid = _laid(brief, habits, room)
        where = combinations(range(1, tiers), joints)
        trials = [Builder(brief, habits, *laid, rows, apart).placed() for rows in where]
        whole = [trial for trial in trials if fits(trial, brief.printer)]
        placed = min(whole or trials, key=_top_mm)
        if whole:
            break
    return placed


def _too_deep(placed: Placed | None, deep_mm: float) -> bool:
    """Whether a storey is deeper than the bed with the end walls behind it."""
    assert placed is not None
    assert isinstance(placed.body, Terrace)
    return any(np.ptp(box[:, 1]) > deep_mm for box in placed.body.part_boxes_mm(placed).values())


def _top_mm(placed: Placed) -> float:
    return max(float(b.at_mm[2]) + b.rim_mm for b in placed.tiers[0])


Laid = tuple[Rules, Stair, Fit, Proportions]


def _laid(brief: Brief, habits: Habits, bed_mm: tuple[float, float, float]) -> Laid:
    """The cheapest layout and proportions found for a machine of at most this size.

    Cups are of one width if that is asked for, or where it takes little more plastic.
    """
    contents = _contents(brief, habits, bed_mm)
    free = _cheapest(brief, habits, contents, start(brief.network), False)
    if free is None:
        advice = "train with fewer pipes or --planar, or plan with --style pipes"
        raise DesignError([Finding("gutter layers", brief.network.name, f"over {MAX_LAYERS}", str(MAX_LAYERS), advice)])
    if habits.cups == "free" or np.ptp(free[2].widths_mm[-1]) < EVEN_MM:
        return free
    equal = _cheapest(brief, habits, contents, free[1], True)
    if equal is None:
        return free
    dear = [plastic_cm3(stair, rules, found, contents, p) for rules, stair, found, p in (equal, free)]
    return equal if habits.cups == "equal" or dear[0] <= EQUAL_WORTH * dear[1] else free


def _cheapest(brief: Brief, habits: Habits, contents: Contents, stair: Stair, equal: bool) -> Laid | None:
    """The cheapest layout and proportions found from one; None if branches cross more often than gutters carry."""
    network = brief.network

    def rules_for(proportions: Proportions) -> Rules:
        return _rules(brief, habits, proportions, equal)

    chosen = habits.proportions
    if chosen is None:
        stair, _ = search(network, rules_for(settle(network, stair, rules_for, contents)), stair)
        chosen = settle(network, stair, rules_for, contents)
    rules = rules_for(chosen)
    stair, found = search(network, rules, stair)
    return None if found is None else (rules, stair, found, chosen)


def _contents(brief: Brief, habits: Habits, bed_mm: tuple[float, float, float]) -> Contents:
    ear, text, slope = EAR_MM[0] * habits.ears, float(habits.text), float(np.tan(np.radians(ROOF_DEG)))
    funnel = FUNNEL_MM * habits.lips
    return Contents(
        tuple(layer.thresholds * brief.ml_per_unit * MM3_PER_ML for layer in brief.network.layers),
        brief.cups_ml * MM3_PER_ML,
        habits.pour_room_mm,
        bed_mm,
        (2 * max(ear, funnel / slope), RELIEF_MM * text + funnel / slope, funnel or BOARD_MM[1] * text),
    )


def _rules(brief: Brief, habits: Habits, p: Proportions, equal: bool) -> Rules:
    """Least widths: every compartment passes water, no bucket and no cup gets taller than its row's."""
    printer = brief.printer
    knife = 2 * printer.nozzle_mm
    most = max(printer.bed_mm[:2]) - 2 * EAR_MM[0] * habits.ears
    least = []
    for k, layer in enumerate(brief.network.layers):
        sills = _sills_mm(layer.shares, printer)
        upright = max(p.tall_mm[k] - least_rise(p.depths_mm[k]) / 2, LEAST_MM[1] / 2)
        deep = layer.thresholds * brief.ml_per_unit * MM3_PER_ML / p.depths_mm[k] / upright
        cell = _cell_mm(sills, most - (layer.n_in + 1) * printer.min_wall_mm, habits.cell_mm)
        least.append(up_mm(np.maximum.reduce([sills, deep, np.full(layer.n_in, cell)])))
    cups = brief.cups_ml * MM3_PER_ML / p.depths_mm[-1] / p.tall_mm[-1]
    cell = _cell_mm(np.zeros(len(cups)), most - (len(cups) + 1) * printer.min_wall_mm, habits.cup_mm)
    least.append(up_mm(np.maximum(cups, cell)))
    rise, lean = float(np.tan(np.radians(ROOF_DEG))), lean_mm(brief.cups_ml, p.tall_mm[-1]) if equal else None
    return Rules(printer.min_wall_mm, knife, knife, GUTTER_MM, rise, tuple(least), most, lean)


def _cell_mm(sills_mm: Floats, room_mm: float, wanted_mm: float) -> float:
    """Least width of a row's cells: as wanted, or as much less as makes the row fit."""
    for cell in np.arange(wanted_mm, TIGHT_MM, -0.1):
        if up_mm(np.maximum(sills_mm, cell)).sum() <= room_mm:
            return round(float(cell), 1)
    return min(TIGHT_MM, wanted_mm)
