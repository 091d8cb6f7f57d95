"""The error budget: zero where nothing is wrong, the known figure where something is."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from porcelain import plan
from porcelain.check.error_budget import budget_text, outlet_budgets, predictions
from porcelain.data import Dataset
from porcelain.water import Water

_spec = importlib.util.spec_from_file_location("nets_for_budgets", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)


@pytest.fixture(scope="module")
def design():
    net = nets.network([([6, 3], [[0.5, 0.5], [0.2, 0.8]])], most_u=30.0)
    return plan.design(net, style="terrace")


def test_a_weir_splits_by_width_at_any_head(design):
    for head in (5.0, 20.0):
        for b in outlet_budgets(design, Water.preset("ideal"), head):
            assert b.head_pp == pytest.approx(0.0, abs=1e-9)
            assert b.tension_pp == b.nappe_pp == 0.0


def test_knives_printed_a_tenth_off_and_a_tilted_sill(design):
    found = {b.bucket: b for b in outlet_budgets(design, Water.preset("tap"), 20.0)}
    width = design.buckets[0].outlet.width_mm
    assert found["b0.0"].print_pp == pytest.approx(10.0 / width)
    # half and half: one side stands (width / 4) tan(0.5 deg) higher on average; to first order the flow goes by
    # 3/2 of it over the head, whose mean inverse over a drain is the logarithm's, here bounded from both sides
    rise = width / 4 * np.tan(np.radians(0.5))
    assert 100 * 1.5 * rise / 20.0 / 2 < found["b0.0"].tilt_pp < 100 * 1.5 * rise / 20.0 * 4
    assert found["b0.0"].discharge_pp == pytest.approx(0.0, abs=1e-9)  # one knife either side
    assert 2.0 < found["b0.1"].total_pp < 3.0
    # 0.2 and 0.8 of a sill with a knife between: each loses the same width, so the split moves by loss * 0.6 / width
    loss, sill = 0.3, design.buckets[1].outlet.width_mm
    weighed = {b.bucket: b for b in outlet_budgets(design, Water.preset("tap"), 20.0, knife_mm=loss)}
    assert weighed["b0.1"].discharge_pp == pytest.approx(100 * loss * 0.6 / (sill - 2 * loss))
    assert "b0.1" in budget_text(list(found.values()))


def test_round_holes_are_worse_with_tap_water(design):
    net = design.network
    tower = plan.design(net, printer=nets.HALL, style="tower")
    worst = max(b.head_pp + b.tension_pp for b in outlet_budgets(tower, Water.preset("tap"), 10.0))
    assert worst > 3 * max(b.head_pp + b.tension_pp for b in outlet_budgets(design, Water.preset("tap"), 10.0)) + 1.0


def test_a_design_made_for_its_water_answers_like_the_ideal_network(design):
    rng = np.random.default_rng(3)
    features = rng.uniform(0, 30, (60, 2))
    labels = design.network.predict(features)
    data = Dataset("drawn", features, labels, ("x0", "x1"), ("cm", "cm"), ("class 0", "class 1"), "drawn here")
    for name in ("tap", "rinse_aid"):
        made = plan.design(design.network, style="terrace", water=Water.preset(name))
        (found,) = predictions(made, data, (name,))
        assert found.like_ideal >= 0.98
        assert found.spilled_ml == 0.0
    (dry,) = predictions(design, data, ("tap",))
    assert dry.like_ideal <= predictions(made, data, ("rinse_aid",))[0].like_ideal


def test_the_nappe_costs_what_was_simulated_and_less_over_a_sloping_floor(design):
    """The reference: a bucket with upright walls, from 20.3 mm down to 1.5 mm, 1.9 points; to 3 mm 0.5."""
    (upright, *_), outlet = design.buckets, design.buckets[0].outlet
    tall = np.array([outlet.sill_mm + 25.0])
    upright = replace(upright, slab_tops_mm=tall, slab_areas_mm2=np.array([320.0]))
    wedge = replace(
        upright, slab_tops_mm=outlet.sill_mm + np.arange(1.0, 26.0), slab_areas_mm2=np.arange(1.0, 26.0) * 16
    )

    def nappe(bucket, name):
        changed = replace(design, tiers=((bucket, *design.tiers[0][1:]),))
        return outlet_budgets(changed, Water.preset(name), 20.3)[0].nappe_pp

    assert nappe(upright, "tap") == pytest.approx(1.9, abs=0.02)
    assert nappe(wedge, "tap") < 1.0
    assert nappe(upright, "rinse_aid") == 0.6


def test_a_whole_pour_errs_between_its_running_and_its_draining(design):
    """Longer pours leave more of their water at the running level, where tilt and nappe matter least."""
    heads = {b.bucket: b.head_mm for b in outlet_budgets(design, Water.preset("tap"))}
    drain = {
        b.bucket: b
        for name, head in heads.items()
        for b in outlet_budgets(design, Water.preset("tap"), head)
        if b.bucket == name
    }
    runs = [
        {b.bucket: b for b in outlet_budgets(replace(design, worst_ml=design.worst_ml * more), Water.preset("tap"))}
        for more in (1.0, 3.0, 1e6)
    ]
    for name in heads:
        nappes, tilts = ([getattr(run[name], what) for run in (drain, *runs)] for what in ("nappe_pp", "tilt_pp"))
        assert nappes == sorted(nappes, reverse=True)
        assert tilts == sorted(tilts, reverse=True)
        assert nappes[-1] == pytest.approx(0.5, abs=1e-3)  # all at the running level, above 3 mm
