"""Division of a sheet: equal channels against a search of all numbers, and the law of walls against stored runs."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from porcelain.errors import PorcelainError
from porcelain.hydraulics import division

ROOT = Path(__file__).parents[2]
RUNS = {run["name"]: run for run in json.loads((ROOT / "docs/data/moving-water.json").read_text())}


def best_of_all(shares, most):
    """Least greatest error of whole numbers, every combination tried."""
    tried = (c for c in itertools.product(range(1, most + 1), repeat=len(shares)) if sum(c) <= most)
    return min(max(abs(n / sum(c) - share) for n, share in zip(c, shares, strict=True)) for c in tried)


@pytest.mark.parametrize(
    ("shares", "width"),
    [
        ([0.858, 0.142], 22.0),
        ([0.914, 0.086], 35.8),
        ([0.102, 0.247, 0.57, 0.081], 40.0),
        ([0.318, 0.274, 0.408], 13.0),
    ],
)
def test_no_other_numbers_of_channels_come_closer(shares, width):
    shares = np.array(shares) / sum(shares)
    counts = division.channels(shares, width, 0.8, 2.4)
    most = int((width + 0.8) / 3.2)
    assert sum(counts) <= most
    assert division.channel_mm(width, 0.8, sum(counts)) >= 2.4
    assert division.error(shares, counts) == pytest.approx(best_of_all(shares, most), abs=1e-9)


def test_shares_that_are_whole_numbers_are_met():
    assert division.channels([0.25, 0.75], 30.0, 0.8, 2.4) == (1, 3)
    assert division.channels([1 / 3, 1 / 3, 1 / 3], 30.0, 0.8, 2.4) == (1, 1, 1)


@pytest.mark.parametrize(("shares", "width", "said"), [([0.5, 0.6], 30.0, "add up"), ([0.25] * 4, 8.0, "widen")])
def test_channels_that_cannot_be_are_refused_in_one_line(shares, width, said):
    with pytest.raises(PorcelainError, match=said) as refused:
        division.channels(shares, width, 0.8, 2.4)
    assert "\n" not in str(refused.value)


def test_water_is_conserved_and_walls_alone_divide_a_trickle():
    for rate in (0.1, 1.0, 10.0):
        assert division.divided_ml_s(rate, [32.0, 3.0], [2, 1], 0.4).sum() == pytest.approx(rate)
    assert division.divided_ml_s(0.1, [32.0, 3.0], [2, 2], 0.4) == pytest.approx([0.05, 0.05])
    assert division.divided_ml_s(0.1, [32.0, 3.0], [0, 0], 0.4) == pytest.approx([0.1 * 32 / 35, 0.1 * 3 / 35])


def faces(geometry):
    """Of walls that go on below the sill, compartment by compartment from the left."""
    pipes = [c["pipe"] for c in geometry["compartments"]]
    ahead = [not geometry.get("left_open", False)]
    ahead += [geometry.get("lanes", False) or a != b for a, b in itertools.pairwise(pipes)]
    ahead += [not geometry.get("right_open", False)]
    return [int(a) + int(b) for a, b in itertools.pairwise(ahead)]


def still(run):
    """Whether a run shows a still pool, settled flows and knives that begin on the sill, and every part has water."""
    geometry = run["geometry"]
    return (
        "compartments" in geometry
        and run["split"] is not None
        and min(run["split"].values()) > 0.01
        and not run["ramp_deg"]
        and not geometry.get("gap_mm")
        and not geometry.get("reach_mm")
        and abs(run["stored_ml_s"]) < 0.4 * run["outflow_ml_s"]
        and len(geometry["compartments"]) == 2
    )


STILL = [name for name, run in RUNS.items() if still(run)]


def test_several_runs_are_compared():
    assert len(STILL) >= 5


@pytest.mark.parametrize("name", STILL)
def test_the_law_of_walls_is_near_every_still_run(name):
    """Within 3 points of the runs with cells of 0.5 mm, within 6 of the one with finer cells, beside their scatter."""
    run = RUNS[name]
    off = 0.03 if run["options"]["cell_mm"] >= 0.5 else 0.06
    cut = run["geometry"]["compartments"]
    widths = [c["high_mm"] - c["low_mm"] for c in cut]
    wall = division.WALL_ML_S[run["water"]["name"]]
    flows = division.divided_ml_s(run["outflow_ml_s"], widths, faces(run["geometry"]), wall)
    seen = [run["split"][c["pipe"]] for c in cut]
    assert flows / flows.sum() == pytest.approx(seen, abs=off + 2 * max(run["split_scatter"].values()))


def test_widths_alone_are_far_from_the_runs():
    """The test above can fail: without walls the law is off by more than 10 points somewhere."""
    off = [max(abs(RUNS[n]["split"][p] - share) for p, share in RUNS[n]["drawn_shares"].items()) for n in STILL]
    assert max(off) > 0.10


def in_channels(run):
    """Whether an outlet is cut into channels of one width, over a pool at least 6 mm deep."""
    geometry = run["geometry"]
    if not run["split"] or not geometry.get("reach_mm"):
        return False
    widths = {round(c["high_mm"] - c["low_mm"], 6) for c in geometry["compartments"]}
    return len(widths) == 1 and geometry["sill_mm"] - geometry["floor_mm"] > 5.9


CHANNELS = [name for name, run in RUNS.items() if in_channels(run)]


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_of_every_run_gets_its_part(name):
    """Within 2.5 points with rinse aid, within 4 with tap water, which leaves a channel in pulses at 0.3 mL/s."""
    run = RUNS[name]
    off = {"rinse_aid": 0.025, "tap": 0.04}[run["water"]["name"]]
    flows = np.array(run["lanes_ml_s"])
    assert flows / flows.sum() == pytest.approx(1 / len(flows), abs=off)


def test_lanes_whose_walls_begin_on_the_sill_are_less_alike():
    flows = np.array(RUNS["piece-lanes-9"]["lanes_ml_s"])
    assert np.ptp(flows / flows.sum()) > 0.08


def test_a_dry_start_with_tap_water_is_outside_the_law():
    """One compartment started first and kept the level below what the other needs."""
    assert max(RUNS["piece-tap-9"]["split"].values()) > 0.99
