"""Random machines and pours of every kind: equal buckets, thresholds of 0, tapers, gates, delays, spill, real water."""

import numpy as np
from machines import machine, network

from porcelain import simulate
from porcelain.network import Layer, Network
from porcelain.pour import Piece, Pour

LATEST_S = 40.0
KINDS = {
    "plain": {},
    "real water": {"law": "slots", "water": "tap"},
    "level sill": {"law": "weir", "water": "rinse_aid"},
    "round holes": {"law": "orifice", "water": "rinse_aid"},
    "full pipes": {"law": "pipe"},
    "fading holes": {"law": "orifice", "water": "ideal"},
}


def design_of(rng):
    """A machine of 1 to 4 tiers and 1 to 12 buckets."""
    tiers = int(rng.integers(1, 5))
    widths = [int(n) for n in rng.multinomial(12 - tiers, np.ones(tiers) / tiers) + 1][: tiers + 1]
    net = network((*widths, int(rng.integers(1, 4))), int(rng.integers(10_000)))
    if rng.random() < 0.3:  # equal buckets, or no threshold at all
        layers = [Layer(np.full(len(each.thresholds), rng.choice([0.0, 3.0])), each.shares) for each in net.layers]
        net = Network(tuple(layers), net.encoding, net.class_names, net.name)
    return machine(
        net,
        kind="weir",
        freeboard_mm=float(rng.choice([8.0, 30.0, 120.0])),
        slabs=(1.0, 1.3, 0.8) if rng.random() < 0.4 else (1.0,),
        outlet_mm2=float(rng.choice([5.0, 24.0, 60.0])),
        cup_ml=float(rng.choice([12.0, 500.0])),
    )


def pour_of(rng, design):
    """Pieces that overlap, climb and fall, at once or slow."""
    inputs = [bucket.name for bucket in design.tiers[0]]
    lasts = (0.0, rng.uniform(0.1, 5.0), rng.uniform(5.0, 30.0))
    return Pour(
        tuple(
            Piece(str(rng.choice(inputs)), rng.uniform(0, 4), float(rng.choice(lasts)), rng.uniform(0.1, 25), rise)
            for rise in rng.uniform(-1, 1, int(rng.integers(1, 3 * len(inputs) + 1)))
        )
    )


def options_of(rng, design):
    """A law, and some of gates, delays, spill that is led on and water that stands there before."""
    kind = str(rng.choice(list(KINDS)))
    found = {**KINDS[kind]}
    if rng.random() < 0.3:
        gates = {tier: float(rng.uniform(0, 5)) for tier in range(len(design.tiers))}
        found["gates_s"] = "fill" if rng.random() < 0.3 else gates
    if rng.random() < 0.3:
        found["transit_s"] = {pipe.name: float(rng.choice([0.0, 0.35, 0.8])) for pipe in design.pipes}
    if rng.random() < 0.3:
        found["overflow_to"] = {bucket.name: str(rng.choice(design.cups).name) for bucket in design.buckets[::2]}
    if rng.random() < 0.3:
        found["start_ml"] = [float(rng.uniform(0.0, 0.5)) * vessel.capacity_ml for vessel in design.vessels]
    return kind, found


def drawn(seed):
    """A design, a pour, options and what kind of machine it is."""
    rng = np.random.default_rng(seed)
    design = design_of(rng)
    kind, options = options_of(rng, design)
    return design, pour_of(rng, design), options, kind


def errors(seed, tolerances, reference=1e-12):
    """Largest errors of volumes at 300 times, relative to all the water there is, and of the events' times.

    The reference is the same solver at a tolerance that is far smaller; ``test_peers`` holds it against another one.
    """
    design, pour, options, _ = drawn(seed)
    times = np.sort(np.random.default_rng(seed).uniform(0.0, LATEST_S, 300))
    water = pour.total_ml + float(np.sum(options.get("start_ml", 0.0)))
    close = simulate.run(design, pour, times, tolerance=reference, **options)
    found = []
    for tolerance in tolerances:
        run = simulate.run(design, pour, times, tolerance=tolerance, **options)
        off = np.abs(run.volumes_ml - close.volumes_ml).max() / water
        mass = max(float(np.abs(run.balance_ml).max()) / max(water, 1.0), 0.0)
        found.append((float(off), mass, events_off(run, close)))
    return found


def events_off(run, close):
    """Largest difference in time of the same events (s); infinite where they are not the same."""

    def by_vessel(one):
        found = {}
        for event in (each for each in one.events if each.what != "settled"):  # what fades is never quite still
            found.setdefault((event.vessel, event.what), []).append(event.time_s)
        return found

    ours, theirs = by_vessel(run), by_vessel(close)
    if {k: len(v) for k, v in ours.items()} != {k: len(v) for k, v in theirs.items()}:
        return np.inf
    return max((abs(a - b) for k in ours for a, b in zip(ours[k], theirs[k], strict=True)), default=0.0)
