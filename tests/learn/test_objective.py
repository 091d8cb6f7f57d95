import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain.data import load
from porcelain.errors import PorcelainError
from porcelain.learn import objective
from porcelain.learn.objective import Loss, Objective
from porcelain.learn.optimizers import random_start
from porcelain.learn.topology import Topology

IRIS = load("iris")
WATER = 10.0 * IRIS.features
TERMS = (
    Objective(),
    Objective(sharpness=2.0, margin_u=2.0),
    Objective(l2=1e-3, retained=0.3),
    Objective(draws=6, margin_u=1.0, l2=1e-4, retained=0.1),
    Objective(l2=None),
)


def closed(topology):
    return topology.without(0, 0, 1).without(0, 3, 2).without(len(topology.pipes) - 1, 1, 0)


@pytest.mark.parametrize("terms", TERMS, ids=range(len(TERMS)))
@pytest.mark.parametrize("widths", [(4, 3), (4, 3, 3), (4, 5, 3, 3)])
@pytest.mark.parametrize("floor", [0.0, 0.08])
def test_gradient_is_the_slope_of_the_loss(terms, widths, floor):
    topology = closed(Topology(Topology.full(widths).pipes, floor))
    loss = Loss(WATER, IRIS.labels, topology, terms, seed=3)
    theta = random_start(topology, WATER, np.random.default_rng(5)) + 0.1
    step = 1e-6
    slopes = [(loss(theta + step * e)[0] - loss(theta - step * e)[0]) / (2 * step) for e in np.eye(len(theta))]
    gradient = loss(theta)[1]
    assert np.abs(gradient - slopes).max() <= 1e-7 * np.abs(gradient).max()
    assert np.abs(gradient).max() > 1e-3


def test_loss_is_the_mean_cross_entropy_of_the_article():
    topology = Topology.full((4, 3, 3))
    theta = np.random.default_rng(0).standard_normal(topology.size)
    (h1, a1), (h2, a2) = topology.split(theta)
    total = 0.0
    for row, label in zip(WATER, IRIS.labels, strict=True):
        water = row
        for h, a in ((h1, a1), (h2, a2)):
            out = np.zeros(a.shape[1])
            for i, inflow in enumerate(water):
                share = np.exp(a[i]) / np.exp(a[i]).sum()
                out += max(inflow - h[i] ** 2, 0.0) * share
            water = out
        total -= np.log(np.exp(water[label]) / np.exp(water).sum())
    assert Loss(WATER, IRIS.labels, topology, Objective())(theta)[0] == pytest.approx(total / len(WATER), rel=1e-12)


def test_l2_of_none_is_the_penalty_of_logistic_regression():
    """Equal shares moved a little: the same squared weights of features rescaled to 0..1, the constant left out."""
    water = np.column_stack([WATER, np.full(len(WATER), 50.0)])
    topology = Topology.full((5, 3))
    theta = np.zeros(topology.size)
    ((_, logits),) = topology.split(theta)
    logits[:] = 1e-4 * np.random.default_rng(0).standard_normal(logits.shape)
    logits -= logits.mean(axis=1, keepdims=True)
    (layer,) = topology.layers(theta)
    weights = 2.0 * (layer.shares - 1 / 3) * np.ptp(water, axis=0)[:, None]
    penalty = Loss(water, IRIS.labels, topology, Objective(sharpness=2.0, l2=None))(theta)[0]
    penalty -= Loss(water, IRIS.labels, topology, Objective(sharpness=2.0))(theta)[0]
    assert penalty == pytest.approx((weights[:4] ** 2).sum() / (2 * 10 * len(water)), rel=1e-3)


def test_one_draw_without_noise_is_the_perfect_machine():
    topology = Topology.full((4, 3, 3))
    theta = random_start(topology, WATER, np.random.default_rng(1))
    plain = Loss(WATER, IRIS.labels, topology, Objective())(theta)
    drawn = Loss(WATER, IRIS.labels, topology, Objective(draws=2, area_sd=0.0, threshold_sd_u=0.0))(theta)
    assert drawn[0] == pytest.approx(plain[0], rel=1e-13)
    np.testing.assert_allclose(drawn[1], plain[1], rtol=1e-9, atol=1e-13)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.floats(0.0, 0.25), st.lists(st.integers(1, 4), min_size=2, max_size=4))
def test_shape_gives_water_only_what_it_can_do(seed, floor, widths):
    topology = Topology(Topology.full(widths).pipes, floor)
    theta = 5.0 * np.random.default_rng(seed).standard_normal(topology.size)
    for layer in topology.layers(theta):
        assert layer.thresholds.min() >= 0
        assert layer.shares.min() >= floor - 1e-15
        np.testing.assert_allclose(layer.shares.sum(axis=1), 1.0, atol=1e-12)


def test_a_bucket_keeps_a_way_out_and_room_for_its_floor():
    with pytest.raises(PorcelainError, match=r"b0\.0 has no pipe"):
        Topology.full((1, 1)).without(0, 0, 0)
    with pytest.raises(PorcelainError, match="allow 4 pipes"):
        Topology(Topology.full((2, 5)).pipes, 0.25)


@pytest.mark.parametrize("widths", [(4, 3), (4, 5, 3), (4, 4, 3, 3)])
@pytest.mark.parametrize("floor", [0.0, 0.05])
def test_matrix_products_give_what_the_kernel_gives(monkeypatch, widths, floor):
    rng = np.random.default_rng(0)
    pipes = Topology.full(widths).without(0, 1, 2).pipes
    topology = Topology(pipes, floor)
    theta, weights = rng.standard_normal(topology.size), rng.random(len(WATER))
    terms = Objective(2.0, margin_u=1.0, l2=1e-3, retained=0.1)
    row_by_row = Loss(WATER, IRIS.labels, topology, terms, weights=weights)(theta)
    monkeypatch.setattr(objective, "MATRIX_WORK", 0)
    value, gradient = Loss(WATER, IRIS.labels, topology, terms, weights=weights)(theta)
    assert value == pytest.approx(row_by_row[0], rel=1e-12)
    np.testing.assert_allclose(gradient, row_by_row[1], rtol=0, atol=1e-12 * np.abs(gradient).max())


def test_a_row_of_weight_two_counts_as_two_rows():
    topology, rows = Topology.full((4, 3)), np.arange(0, 150, 7)
    theta = np.random.default_rng(0).standard_normal(topology.size)
    weights = np.ones(150)
    weights[rows] = 2.0
    twice = np.append(np.arange(150), rows)
    for terms in (Objective(2.0, l2=None, retained=0.1), Objective(draws=3)):
        value, gradient = Loss(WATER, IRIS.labels, topology, terms, weights=weights)(theta)
        again, slope = Loss(WATER[twice], IRIS.labels[twice], topology, terms)(theta)
        assert value == pytest.approx(again, rel=1e-12)
        np.testing.assert_allclose(gradient, slope, rtol=1e-9, atol=1e-12)
