"""What the planner accepts, ``fabricate`` makes: both ask the same rules, and constants follow the printer.

The suite plans a few machines; ``PORCELAIN_DRAWS=300 pytest tests/styles/test_rules_agree.py`` plans as many as asked.
"""

import importlib.util
import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from porcelain import fabricate, files, plan
from porcelain.errors import DesignError, PorcelainError
from porcelain.plan.planner import DISCHARGE
from porcelain.printer import PRINTERS
from porcelain.styles.terrace.calibration import sill_piece
from porcelain.styles.tower.calibration import hole_piece
from porcelain.styles.validate import ADVICE, errors, origin, violations
from porcelain.water import WATERS

_spec = importlib.util.spec_from_file_location("nets_for_rules", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)

DESIGNS = Path(__file__).parents[2] / "designs"
DRAWS = int(os.environ.get("PORCELAIN_DRAWS", "10"))
NOZZLES_MM = (0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
HAIR_MM = 2e-3
TOWER, TERRACE = "tower", "terrace"
KINDS = (TOWER, TERRACE, TOWER, TERRACE, "tower's piece", "terrace's piece")
CALIBRATION = {"tower's piece": hole_piece, "terrace's piece": sill_piece}


@pytest.fixture(autouse=True, scope="module")
def hasty():
    with nets.hasty():
        yield


def drawn_printer(rng):
    """Walls 0.8 to 6 mm or four lines, nozzles 0.25 to 1 mm, layers 0.1 to 0.4 mm, beds 100 to 500 mm."""
    while True:
        fields = {
            "bed_mm": tuple(rng.integers(100, 501, 3).astype(float).tolist()),
            "nozzle_mm": float(rng.choice(NOZZLES_MM)),
            "layer_mm": round(float(rng.uniform(0.1, 0.4)), 2),
        }
        if rng.random() < 0.75:
            fields["min_wall_mm"] = round(float(rng.uniform(0.8, 6.0)), 1)
        try:
            return PRINTERS["ender3"].changed(**fields)
        except PorcelainError:  # a nozzle lays no such layers or walls
            continue


def drawn_network(rng):
    """1 to 3 inputs, 1 or 2 rows of buckets, 2 or 3 cups."""
    widths = [int(rng.integers(1, 4)), *(int(rng.integers(2, 4)) for _ in range(int(rng.choice([1, 1, 2]))))]
    layers = []
    for n_in, n_out in pairwise(widths):
        shares = rng.uniform(0.1, 1.0, (n_in, n_out)) * (rng.random((n_in, n_out)) < rng.uniform(0.4, 1.0))
        shares[np.arange(n_in), rng.integers(0, n_out, n_in)] += 0.5
        if len(layers) == len(widths) - 2:  # every cup needs a branch that can be printed
            shares[rng.integers(0, n_in, n_out), np.arange(n_out)] += 1.0
        thresholds = rng.uniform(0.0, 20.0, n_in) * (rng.random(n_in) < 0.8)
        layers.append((thresholds, shares / shares.sum(axis=1, keepdims=True)))
    return nets.network(layers, float(rng.uniform(20.0, 60.0)))


def drawn_design(rng):
    printer, kind = drawn_printer(rng), str(rng.choice(KINDS))
    if kind in CALIBRATION:
        return CALIBRATION[kind](printer, DISCHARGE)
    options = {"text": bool(rng.random() < 0.7), "water": WATERS[str(rng.choice(["ideal", "rinse_aid"]))]}
    if kind == TERRACE:
        options |= {"lips": bool(rng.random() < 0.7), "cups": str(rng.choice(["auto", "free", "equal"]))}
    return plan.design(drawn_network(rng), printer=printer, style=kind, **options)


def is_made(design):
    """A planned design, written and read, breaks no rule, and its parts are as large as it says."""
    read = files.from_json(files.to_json(design), "design")
    assert origin(read) == "planned"
    assert errors(violations(read)) == []
    boxes = read.layout.part_boxes_mm(read)
    for part in fabricate.parts(read):
        low, high = boxes[part.name]
        assert np.all(part.assembled_mm >= low - HAIR_MM), part.name
        assert np.all(part.assembled_mm <= high + HAIR_MM), part.name


@pytest.mark.parametrize("seed", range(DRAWS))
def test_what_is_planned_is_made(seed):
    try:
        design = drawn_design(np.random.default_rng(seed))
    except DesignError as error:
        refused, design = error, None
    if design:
        is_made(design)
    else:  # too large, or crossed too often: reasons that a network or a printer can give, and no fault of the planner
        assert all(ADVICE["planned"] not in str(finding) for finding in refused.findings), str(refused)


@pytest.mark.parametrize(
    ("style", "fields"),
    [
        (TERRACE, {"min_wall_mm": 2.8}),
        (TERRACE, {"min_wall_mm": 3.0}),
        (TERRACE, {"min_wall_mm": 3.5}),
        (TERRACE, {"min_wall_mm": 4.0}),
        (TERRACE, {"nozzle_mm": 1.0, "min_wall_mm": 2.0}),
        (TERRACE, {"nozzle_mm": 1.0}),
        (TOWER, {"nozzle_mm": 0.8}),
        (TOWER, {"min_wall_mm": 6.0}),
    ],
)
def test_walls_and_nozzles_that_disagreed_are_planned_and_made(style, fields):
    network = files.load(DESIGNS / "iris-mini", "network")
    is_made(plan.design(network, printer=PRINTERS["xl"].changed(**fields), style=style))


@pytest.mark.parametrize("nozzle", [0.5, 0.6])
@pytest.mark.parametrize("piece", CALIBRATION)
def test_calibration_pieces_that_disagreed_are_made(piece, nozzle):
    is_made(CALIBRATION[piece](PRINTERS["ender3"].changed(nozzle_mm=nozzle), DISCHARGE))
