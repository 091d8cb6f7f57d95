"""Search for a terrace: ranks, storeys, ordering and proportions that need the least plastic."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np

from ...arrays import Floats
from ...errors import DesignError, Finding
from ...machine.layouts import Terrace
from ...network import Network
from ...printer import Printer
from ...units import MM3_PER_ML
from ..letters import RELIEF_MM
from ..limits import ROOF_DEG, up_mm
from ..requirements import Placed, Requirements
from .cups import lean_mm
from .fittings import board_mm, ear_mm, funnel_mm
from .layout import Builder, TerraceOptions
from .ordering import BEYOND_COST, MAX_LAYERS, Ordering, Rules, Solution, search, solve, start
from .proportions import LEAST_MM, Contents, Proportions, least_rise, plastic_cm3, search_proportions
from .ranks import Ranked, Ranks, deal, ranked

TIGHT_MM = 10.0  # least width of cells where a row would not fit the bed: poured into with care, or a funnel
GUTTER_MM = 6.0  # more than water bridges
EVEN_MM = 0.05
EQUAL_WORTH = 1.05  # so much plastic for cups that compare by eye
FEW = 8  # inputs: what is too tall with fewer in a row is too tall in ranks
NARROWER = (1.0, 0.8, 0.65, 0.5)  # of the bed: more ranks are narrower, and their gutters lower
ROW_MM = 45.0  # what a row is taller than its gutters, about
DEEP_MM = 30.0  # what a row takes from front to back, about
HOPELESS_MM = 60.0  # rows that are so much too deep and too tall by a rough sum are not laid out
USUAL_MM = 30.0  # depth and height of cells, where ways to deal ranks are compared
JOINT_MM = 20.0  # of height that a joint costs: what straddles and what overlaps


def share_floor(printer: Printer) -> float:
    """The smallest share whose compartment water still runs through freely, on the widest sill worth its room."""
    return printer.min_bore_mm / 40.0


def precheck(network: Network, printer: Printer) -> list[Finding]:
    """What can be refused at a glance: rows whose cells, at their narrowest, are wider than the bed."""
    bed, beside = max(printer.bed_mm[:2]), 2 * ear_mm(printer)[0]
    shares = [np.where(layer.shares < share_floor(printer), 0.0, layer.shares) for layer in network.layers]
    cells = [*(_sills_mm(s, printer) for s in shares), np.zeros(network.widths[-1])]
    findings = []
    for k, sills in enumerate(cells):
        if k == 0 and _ranks(shares[0], printer):
            continue
        width = float(np.maximum(sills, TIGHT_MM).sum()) + (len(sills) + 1) * printer.min_wall_mm + beside
        if width > bed:
            where = "cups" if k == len(network.layers) else f"row {k}"
            wide, deep, tall = 10 * np.ceil(width / 10), min(printer.bed_mm[:2]), printer.bed_mm[2]
            advice = f"plan for a bed of --bed {wide:.0f}x{deep:.0f}x{tall:.0f}, or use fewer buckets"
            if np.any(sills > TIGHT_MM):
                branch = f"every branch takes {printer.min_bore_mm:g} mm of its bucket's sill"
                advice += f"; {branch}: train with fewer pipes or a larger --min-share"
            else:
                room = int((bed - printer.min_wall_mm - beside) / (TIGHT_MM + printer.min_wall_mm))
                advice += f": {room} at most stand side by side on this one"
            findings.append(Finding("width", where, f"{width:.0f} mm at least", f"{bed:g} mm", advice))
    return findings


def _ranks(shares: Floats, printer: Printer, part: float = 1.0) -> list[Ranks]:
    """Ways to stand inputs in ranks that are no wider than a part of the bed; none if even ranks do not fit."""
    wall = printer.min_wall_mm
    least = np.maximum(_sills_mm(shares, printer), TIGHT_MM) + wall
    return deal(shares, least, TIGHT_MM + wall, part * (max(printer.bed_mm[:2]) - wall - 2 * ear_mm(printer)[0]))


def _sills_mm(shares: Floats, printer: Printer) -> Floats:
    """Least width of every bucket's sill: its smallest branch passes water, and knives stand between."""
    smallest = np.where(shares > 0, shares, 1.0).min(axis=1)
    sills: Floats = printer.min_bore_mm / smallest + printer.two_lines_mm * ((shares > 0).sum(axis=1) - 1)
    return sills


def terrace(requirements: Requirements, options: TerraceOptions | None = None) -> Placed:
    """The cheapest stair found: inputs in one row where that can be, the stair in as few storeys as the printer allows.

    Raises DesignError if branches cross more often than gutters can carry.
    """
    options = options or TerraceOptions()
    x, y, z = requirements.printer.bed_mm
    bed = (max(x, y), min(x, y), z)
    ways = _ranks(requirements.network.layers[0].shares, requirements.printer)
    placed, refused = None, None
    if ways and len(ways[0]) == 1:
        try:
            placed = _in_one_row(requirements, options, bed)
        except DesignError as error:
            refused = error
        if placed and (options.proportions is not None or fits(placed, requirements.printer)):
            return placed
    if placed and requirements.network.widths[0] < FEW:
        return placed
    try:
        stands = _ranked(requirements, options)
        ranks = _tall(requirements, stands, options, bed)
    except DesignError as error:
        if placed:
            return placed
        raise refused or error from None
    return stands.folded(ranks) if placed is None or fits(ranks, requirements.printer) else placed


def _crossed(network: Network) -> DesignError:
    advice = "train with fewer pipes or --planar, or plan with --style tower"
    return DesignError([Finding("gutter layers", network.name, f"over {MAX_LAYERS}", str(MAX_LAYERS), advice)])


def _in_one_row(requirements: Requirements, options: TerraceOptions, bed_mm: tuple[float, float, float]) -> Placed:
    stands = ranked(requirements.network, (tuple(range(requirements.network.widths[0])),))
    for cups in ("auto", "free") if options.cups == "auto" else (options.cups,):  # equal cups are not worth a joint
        laid = _laid(requirements, stands.network, replace(options, cups=cups), bed_mm)
        placed = Builder(requirements, stands, options, *laid).placed()
        if options.proportions is not None or fits(placed, requirements.printer):
            return placed
    return _storeys(requirements, stands, options, bed_mm) or placed


def _ranked(requirements: Requirements, options: TerraceOptions) -> Ranked:
    """Inputs in ranks, as many as are good for low gutters, a narrow machine and few rows.

    Raises DesignError if their branches cross too often, or a rough sum says that no bed of this size holds the rows.
    """
    network, (x, y, z) = requirements.network, requirements.printer.bed_mm
    ways = {
        ranks
        for part in NARROWER
        for ranks in _ranks(network.layers[0].shares, requirements.printer, part)
        if len(ranks) > 1
    }
    found: list[tuple[float, float, Ranked]] = []
    for stands in (ranked(network, ranks) for ranks in sorted(ways)):
        rows = len(stands.network.layers) + 1
        usual = Proportions((USUAL_MM,) * rows, (USUAL_MM,) * rows)
        laid = solve(stands.network, start(stands.network), _rules(requirements, stands.network, options, usual, False))
        if laid is not None:
            over = np.append(laid.heights_mm + ROW_MM - z, rows * DEEP_MM - max(x, y))
            beyond = float(np.maximum(over, 0.0).sum())
            found.append((laid.cost + ROW_MM * rows + BEYOND_COST * beyond, beyond, stands))
    if not found:
        raise _crossed(network)
    _, beyond, stands = min(found, key=lambda way: way[0])
    if beyond > HOPELESS_MM:
        value, bed = f"{len(stands.network.layers)} and the cups", f"{x:g} x {y:g} x {z:g} mm"
        advice = "they are too deep or too tall; train with fewer pipes or buckets, or plan for a larger --bed"
        raise DesignError([Finding("rows", network.name, value, f"what fits {bed}", advice)])
    return stands


def fits(placed: Placed, printer: Printer) -> bool:
    """Whether the printer can make every part."""
    assert isinstance(placed.layout, Terrace)
    return all(printer.fits(tuple(np.ptp(box, axis=0))) for box in placed.layout.part_boxes_mm(placed).values())


def _storeys(
    requirements: Requirements, stands: Ranked, options: TerraceOptions, bed_mm: tuple[float, float, float]
) -> Placed | None:
    """The stair parted between rows: the fewest storeys that all fit, and of these the lowest machine.

    Where that is too deep for the bed, what carries the storeys behind is made apart.
    """
    x, y, z = bed_mm
    tiers = len(stands.network.layers)
    placed: Placed | None = None
    for joints, apart in product(range(1, tiers), (False, True)):
        if apart and not _too_deep(placed, y):
            continue
        room = (x, y * (1 + apart), (joints + 1) * z - joints * JOINT_MM)
        laid = _laid(requirements, stands.network, options, room)
        where = combinations(range(1, tiers), joints)
        attempts = [Builder(requirements, stands, options, *laid, rows, apart).placed() for rows in where]
        whole = [attempt for attempt in attempts if fits(attempt, requirements.printer)]
        placed = min(whole or attempts, key=_top_mm)
        if whole:
            break
    return placed


def _tall(
    requirements: Requirements, stands: Ranked, options: TerraceOptions, bed_mm: tuple[float, float, float]
) -> Placed:
    """A stair of many rows: laid out once, and parted wherever the next row would no longer fit under the bed's height.

    Ever more is left above what parts it until every storey fits.
    """
    x, y, z = bed_mm
    tiers = len(stands.network.layers)
    laid = _laid(requirements, stands.network, options, (x, y * tiers, z * tiers))
    whole = Builder(requirements, stands, options, *laid).placed()
    attempts = []
    for margin, apart in product((0.0, 10.0, 20.0, 30.0), (False, True)):
        joints = _joints(whole, z - margin)
        attempts.append(Builder(requirements, stands, options, *laid, joints, apart).placed() if joints else whole)
        if fits(attempts[-1], requirements.printer):
            return attempts[-1]
    return min(attempts, key=lambda attempt: _over_mm(attempt, bed_mm))


def _over_mm(placed: Placed, bed_mm: tuple[float, float, float]) -> float:
    """By how much in all its parts are larger than the bed."""
    assert isinstance(placed.layout, Terrace)
    sizes = [np.ptp(box, axis=0) for box in placed.layout.part_boxes_mm(placed).values()]
    return float(sum(np.maximum([max(s[:2]), min(s[:2]), s[2]] - np.array(bed_mm), 0.0).sum() for s in sizes))


def _joints(placed: Placed, tall_mm: float) -> tuple[int, ...]:
    """Rows that begin a storey, so that none is taller than this with what joins it to its neighbours."""
    tops = [float(row[0].at_mm[2]) + row[0].rim_mm for row in placed.tiers]
    joints: list[int] = []
    first = 0
    for k in range(1, len(tops)):
        bottom = tops[k + 1] - JOINT_MM if k + 1 < len(tops) else 0.0
        if tops[first] - bottom + JOINT_MM > tall_mm:
            joints.append(k)
            first = k
    return tuple(joints)


def _too_deep(placed: Placed | None, deep_mm: float) -> bool:
    """Whether a storey is deeper than the bed with the end walls behind it."""
    assert placed is not None
    assert isinstance(placed.layout, Terrace)
    return any(np.ptp(box[:, 1]) > deep_mm for box in placed.layout.part_boxes_mm(placed).values())


def _top_mm(placed: Placed) -> float:
    return max(float(b.at_mm[2]) + b.rim_mm for b in placed.tiers[0])


Laid = tuple[Rules, Ordering, Solution, Proportions]


def _laid(
    requirements: Requirements, network: Network, options: TerraceOptions, bed_mm: tuple[float, float, float]
) -> Laid:
    """The cheapest layout and proportions found for a machine of at most this size.

    Cups are of one width if that is asked for, or where it takes little more plastic.
    """
    contents = _contents(requirements, network, options, bed_mm)
    free = _cheapest(requirements, network, options, contents, start(network), False)
    if free is None:
        raise _crossed(requirements.network)
    if options.cups == "free" or np.ptp(free[2].widths_mm[-1]) < EVEN_MM:
        return free
    equal = _cheapest(requirements, network, options, contents, free[1], True)
    if equal is None:
        return free
    dear = [plastic_cm3(ordering, rules, found, contents, p) for rules, ordering, found, p in (equal, free)]
    return equal if options.cups == "equal" or dear[0] <= EQUAL_WORTH * dear[1] else free


def _cheapest(
    requirements: Requirements,
    network: Network,
    options: TerraceOptions,
    contents: Contents,
    ordering: Ordering,
    equal: bool,
) -> Laid | None:
    """The cheapest layout and proportions found from one; None if branches cross more often than gutters carry."""

    def rules_for(proportions: Proportions) -> Rules:
        return _rules(requirements, network, options, proportions, equal)

    chosen = options.proportions
    if chosen is None:
        ordering, _ = search(network, rules_for(search_proportions(network, ordering, rules_for, contents)), ordering)
        chosen = search_proportions(network, ordering, rules_for, contents)
    rules = rules_for(chosen)
    ordering, found = search(network, rules, ordering)
    return None if found is None else (rules, ordering, found, chosen)


def _contents(
    requirements: Requirements, network: Network, options: TerraceOptions, bed_mm: tuple[float, float, float]
) -> Contents:
    printer = requirements.printer
    ear, text, slope = ear_mm(printer)[0] * options.ears, float(options.text), float(np.tan(np.radians(ROOF_DEG)))
    funnel = funnel_mm(printer) * options.lips
    return Contents(
        tuple(layer.thresholds * requirements.ml_per_unit * MM3_PER_ML for layer in network.layers),
        requirements.cups_ml * MM3_PER_ML,
        options.pour_room_mm,
        bed_mm,
        (2 * max(ear, funnel / slope), RELIEF_MM * text + funnel / slope, funnel or board_mm(printer)[1] * text),
    )


def _rules(requirements: Requirements, network: Network, options: TerraceOptions, p: Proportions, equal: bool) -> Rules:
    """Least widths: every compartment passes water, no bucket and no cup gets taller than its row's."""
    printer = requirements.printer
    knife = printer.two_lines_mm
    most = max(printer.bed_mm[:2]) - 2 * ear_mm(printer)[0] * options.ears
    least = []
    for k, layer in enumerate(network.layers):
        sills = _sills_mm(layer.shares, printer)
        upright = max(p.tall_mm[k] - least_rise(p.depths_mm[k]) / 2, LEAST_MM[1] / 2)
        deep = layer.thresholds * requirements.ml_per_unit * MM3_PER_ML / p.depths_mm[k] / upright
        cell = _cell_mm(sills, most - (layer.n_in + 1) * printer.min_wall_mm, options.cell_mm)
        least.append(up_mm(np.maximum.reduce([sills, deep, np.full(layer.n_in, cell)])))
    cups = requirements.cups_ml * MM3_PER_ML / p.depths_mm[-1] / p.tall_mm[-1]
    cell = _cell_mm(np.zeros(len(cups)), most - (len(cups) + 1) * printer.min_wall_mm, options.cup_mm)
    least.append(up_mm(np.maximum(cups, cell)))
    rise, lean = float(np.tan(np.radians(ROOF_DEG))), lean_mm(requirements.cups_ml, p.tall_mm[-1]) if equal else None
    return Rules(printer.min_wall_mm, knife, knife, GUTTER_MM, rise, tuple(least), most, lean)


def _cell_mm(sills_mm: Floats, room_mm: float, wanted_mm: float) -> float:
    """Least width of a row's cells: as wanted, or as much less as makes the row fit."""
    for cell in np.arange(wanted_mm, TIGHT_MM, -0.1):
        if up_mm(np.maximum(sills_mm, cell)).sum() <= room_mm:
            return round(float(cell), 1)
    return min(TIGHT_MM, wanted_mm)
