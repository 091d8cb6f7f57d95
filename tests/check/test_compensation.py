"""Compensated bores: the planner's forecast against the stepping engine, and what they cure."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from porcelain import files, plan
from porcelain.check.error_budget import outlet_budgets, predictions, typical_pp
from porcelain.cli import porcelain
from porcelain.data import load
from porcelain.encoding import Encoding
from porcelain.hydraulics import orifice
from porcelain.hydraulics.laws import law
from porcelain.network import Layer, Network
from porcelain.simulate import run_many
from porcelain.water import Water

DESIGNS = Path(__file__).parents[2] / "designs"
POURED_ML = 30.0


def parting(shares):
    """A network whose first bucket keeps 10 mL and parts the rest."""
    n = len(shares)
    encoding = Encoding(("a", "b"), ("mL",) * 2, np.zeros(2), np.ones(2), np.zeros(2), np.array([40.0, 0.1]))
    layer = Layer(np.array([10.0, 0.0]), np.vstack([shares, np.eye(n)[0]]))
    return Network((layer,), encoding, tuple(f"class {j}" for j in range(n)), "parting")


def poured(design):
    """Shares (n,) that the stepping engine parts the pour by, and what arrives (mL)."""
    cups = run_many(design, np.array([[POURED_ML, 0.0]]), rate_ml_s=10.0, law=law("orifice"), water=design.water)
    return cups.cups_ml[0] / cups.cups_ml[0].sum(), float(cups.cups_ml[0].sum())


@pytest.mark.parametrize("name", ["ideal", "tap", "rinse_aid"])
@pytest.mark.parametrize("shares", [(0.7, 0.3), (0.9, 0.1), (0.6, 0.25, 0.15)])
def test_the_forecast_is_what_the_stepping_engine_parts(name, shares):
    for compensate in (False, True):
        design = plan.design(parting(shares), water=Water.preset(name), compensate=compensate, style="tower")
        bucket = design.buckets[0]
        areas, inverts = np.array([(pipe.area_mm2, pipe.invert_mm) for pipe in design.branches(bucket.name)]).T
        plan_mm2 = float(bucket.slab_areas_mm2[-1])
        forecast = orifice.parted(
            areas, inverts, design.water, 10.0, POURED_ML - 10.0, plan_mm2, bucket.outlet.discharge
        )
        got, arrived = poured(design)
        assert got == pytest.approx(forecast, abs=1e-3)
        assert arrived == pytest.approx(20.0, abs=0.02)  # the sill is lower by what this water leaves above it


def test_compensated_bores_part_as_the_shares_ask_and_proportional_ones_do_not():
    shares = np.array([0.6, 0.25, 0.15])
    off = {}
    for compensate in (False, True):
        design = plan.design(parting(shares), water=Water.preset("rinse_aid"), compensate=compensate, style="tower")
        off[compensate] = 100 * np.abs(poured(design)[0] - shares).max()
        assert [pipe.share for pipe in design.branches("b0.0")] == pytest.approx(shares)
        areas = np.array([pipe.area_mm2 for pipe in design.branches("b0.0")])
        assert design.as_network().layers[0].shares[0] == pytest.approx(areas / areas.sum())
        assert min(pipe.bore_mm for pipe in design.pipes) >= 2.99
    assert off[False] > 4.0
    assert off[True] < 1.0
    assert typical_pp(design, Water.preset("rinse_aid")) == pytest.approx(off[True], abs=0.5)


def test_bores_are_compensated_for_real_water_and_in_proportion_for_ideal_water():
    net = parting((0.6, 0.25, 0.15))
    assert plan.design(net, style="tower") == plan.design(net, compensate=False, style="tower")
    assert plan.design(net, water=Water.preset("tap"), style="tower") == plan.design(
        net, water=Water.preset("tap"), compensate=True, style="tower"
    )
    assert (
        plan.design(net, water=Water.preset("tap"), style="tower").pipes
        != plan.design(net, water=Water.preset("tap"), compensate=False, style="tower").pipes
    )


def test_an_iris_tower_for_rinse_aid_answers_as_its_network():
    design = plan.design(files.load(DESIGNS / "iris-tower", "network"), water=Water.preset("rinse_aid"), style="tower")
    data = load("iris")
    (real,) = predictions(design, data, ("rinse_aid",))
    assert real.accuracy >= np.mean(design.network.predict(data.features) == data.labels) - 1 / 50
    assert real.like_ideal >= 0.98
    assert real.spilled_ml == 0
    assert max(outlet.total_pp for outlet in outlet_budgets(design, Water.preset("rinse_aid"), 20.0)) <= 2.0
    assert typical_pp(design, Water.preset("rinse_aid")) <= 2.0


def test_plan_tells_what_either_kind_of_bore_comes_to(tmp_path):
    files.save(tmp_path / "network.json", parting((0.6, 0.25, 0.15)))
    words = ["plan", str(tmp_path / "network.json"), "--style", "tower", "-o", str(tmp_path / "design.json")]
    said = CliRunner().invoke(porcelain, [*words, "--compensate"])
    assert said.exit_code == 0, said.output
    rows = [line.split() for line in said.output.splitlines() if line.startswith(("  proportional", "  compensated"))]
    errors = {(kind, name): float(off) for kind, name, off, *_ in rows}
    assert errors["compensated", "rinse_aid"] < errors["proportional", "rinse_aid"] - 2.0
    assert (
        files.load(tmp_path / "design.json").pipes
        == plan.design(parting((0.6, 0.25, 0.15)), compensate=True, style="tower").pipes
    )
