from dataclasses import replace

import numpy as np
import pytest

from porcelain import plan
from porcelain.check.tolerance import Faults, MonteCarlo, draw_machines, sensitivity, tightness
from porcelain.data import load, made
from porcelain.errors import PorcelainError
from porcelain.learn import error_rate, fit
from porcelain.network import Layer

IRIS = load("iris")
NONE = Faults().scaled(0.0)


@pytest.fixture(scope="module")
def network():
    return fit(IRIS, min_share=0.08, folds=0, restarts=4)


@pytest.fixture(scope="module")
def design(network):
    return plan.design(network, style="tower")


def test_without_faults_every_machine_is_the_perfect_one(network, design):
    for thing in (network, design):
        found = draw_machines(thing, IRIS, NONE, machines=3)
        assert found.nominal == np.mean(network.predict(IRIS.features) == IRIS.labels)
        np.testing.assert_array_equal(found.accuracies, found.nominal)


def test_equals_one_machine_at_a_time(network):
    """The same draws, made into Networks one by one and poured row by row."""
    faults = Faults(pour_sd=0.0)
    draws = MonteCarlo.of(network, IRIS, faults, seed=5)
    wrong = draws.chunk(0)
    rng = np.random.default_rng([5, 0])
    rng.standard_normal((500, 2))
    drawn = []
    for layer in network.layers:
        shift = faults.threshold_sd_u * rng.standard_normal((500, layer.n_in))
        rng.uniform(-1, 1, (500, layer.n_in))
        drawn.append((shift, rng.standard_normal((500, layer.n_in, layer.n_out))))
    for machine in (0, 1, 499):
        layers = []
        for layer, (shift, factor) in zip(network.layers, drawn, strict=True):
            areas = layer.shares * (1 + faults.area_sd * factor[machine])
            layers.append(
                Layer(np.maximum(layer.thresholds + shift[machine], 0), areas / areas.sum(axis=1, keepdims=True))
            )
        faulty = replace(network, layers=tuple(layers))
        assert wrong[machine] == np.sum(faulty.predict(IRIS.features) != IRIS.labels)


def test_seeds_repeat_and_more_machines_begin_with_the_same(network):
    few, many = draw_machines(network, IRIS, machines=700, seed=1), draw_machines(network, IRIS, machines=1000, seed=1)
    np.testing.assert_array_equal(few.accuracies, many.accuracies[:700])
    assert not np.array_equal(few.accuracies, draw_machines(network, IRIS, machines=700, seed=2).accuracies)


def test_larger_faults_cost_more_and_noise_aware_training_pays(network):
    mild, rough = (draw_machines(network, IRIS, Faults().scaled(f), 1000).mean for f in (0.5, 2.0))
    assert mild > draw_machines(network, IRIS, machines=1000).mean > rough
    plain = draw_machines(network, IRIS, Faults(pour_sd=0.0), 2000)
    for recipe in ("iris", "iris-mini"):
        found = draw_machines(fit(IRIS, recipe=recipe, folds=0), IRIS, Faults(pour_sd=0.0), 2000)
        assert found.nominal >= 0.98
        assert found.mean >= max(0.978, plain.mean + 0.01)
        assert found.percentile(5) >= 0.96


def test_a_designs_faults_are_its_own_lengths(design):
    spreads = MonteCarlo.of(design, IRIS, Faults(), 0).spreads
    pipe = design.pipes[0]
    assert spreads.area_sd[0].max() <= 0.2 / min(p.bore_mm for p in design.pipes) + 1e-12
    i, j = (int(n) for n in pipe.name.split(".")[1].split("-"))
    assert spreads.area_sd[0][i, j] == pytest.approx(0.2 / pipe.bore_mm)
    for bucket, sd in zip(design.tiers[0], spreads.threshold_sd[0], strict=True):
        raised = bucket.volume_ml(bucket.outlet.sill_mm + 0.1) - bucket.threshold_ml
        assert sd == pytest.approx(raised / design.ml_per_unit, rel=1e-6)


def test_sensitivity_names_what_can_go_wrong_and_sorts_by_cost(network):
    found = sensitivity(network, IRIS, machines=500)
    branching = [
        (k, i, j)
        for k, layer in enumerate(network.layers)
        for i, j in zip(*np.nonzero(layer.shares), strict=True)
        if (layer.shares[i] > 0).sum() > 1
    ]
    sills = {f"sill of b{k}.{i}" for k, layer in enumerate(network.layers) for i in range(layer.n_in)}
    assert {one.element for one in found} == sills | {f"p{k}.{i}-{j}" for k, i, j in branching}
    costs = [one.lost for one in found]
    assert costs == sorted(costs, reverse=True)
    assert costs[0] > 0.003  # plain training leaves a split on which much depends
    pipes = replace(Faults().scaled(0.0), area_sd=0.05)
    assert all(
        abs(one.lost) < 1e-12 for one in sensitivity(network, IRIS, pipes, 500) if one.element.startswith("sill")
    )


def test_tightness_is_where_the_fifth_percentile_crosses(network):
    factor = tightness(network, IRIS, 0.93, machines=500)
    assert 0 < factor < 8
    assert draw_machines(network, IRIS, Faults().scaled(factor), 500).percentile(5) >= 0.93
    assert draw_machines(network, IRIS, Faults().scaled(1.1 * factor), 500).percentile(5) < 0.93
    assert tightness(network, IRIS, 0.999, machines=500) == 0.0
    assert tightness(network, IRIS, 0.0, machines=500) == 8.0


def test_rows_beyond_the_range_are_poured_as_its_nearest_end():
    new = made("xor", 1000, 1)
    network = fit(made("xor"), folds=0, restarts=2)
    assert draw_machines(network, new, NONE, 1).nominal == 1 - error_rate(network, new)


def test_wrong_use():
    with pytest.raises(PorcelainError, match="pour_sd is -1"):
        Faults(pour_sd=-1.0)
    with pytest.raises(PorcelainError, match="machines is 0"):
        draw_machines(None, IRIS, machines=0)
