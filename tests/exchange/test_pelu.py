"""A water machine taught by local rules: they are local, they follow volumes, and Iris is learned."""

import numpy as np
import pytest

from porcelain import files
from porcelain.data import load
from porcelain.encoding import Encoding
from porcelain.errors import PorcelainError
from porcelain.exchange import pelu_rules as r
from porcelain.exchange.pelu import TrainingOptions, cross_entropy, fit, teach
from porcelain.network import Layer

WIDTHS = np.array([4, 3, 5, 2])
M, W, LAST = 6, 5, 3


def encode(dataset):
    x = dataset.features
    n = x.shape[1]
    return Encoding(
        dataset.feature_names,
        dataset.feature_units,
        np.zeros(n),
        np.full(n, 10.0),
        x.min(axis=0),
        x.max(axis=0),
    )


def running(seed=1):
    rng = np.random.default_rng(seed)
    thresholds, shares, back = rng.uniform(0, 0.3, (LAST, W)), np.zeros((LAST, W, W)), rng.normal(size=(LAST, W + 1, W))
    for k in range(LAST):
        shares[k, : WIDTHS[k], : WIDTHS[k + 1]] = rng.dirichlet(np.ones(WIDTHS[k + 1]), WIDTHS[k])
    volumes, targets, pace = np.zeros((4, M, W)), np.zeros((4, M, W)), np.zeros((LAST, W, W + 1))
    volumes[0, :, :4] = rng.uniform(0.5, 2, (M, 4))
    for k in range(LAST):
        r.pour(k, WIDTHS, M, thresholds, shares, volumes)
    r.cup_targets(LAST, 2, M, 3.0, 0.2, rng.integers(0, 2, M), volumes, targets)
    for k in (2, 1):
        r.carry_back(k, WIDTHS, M, back, volumes, targets)
    return {
        "thresholds": thresholds,
        "shares": shares,
        "back": back,
        "pace": pace,
        "volumes": volumes,
        "targets": targets,
    }


def test_the_water_is_the_networks():
    s = running()
    for k in range(LAST):
        layer = Layer(s["thresholds"][k, : WIDTHS[k]], s["shares"][k, : WIDTHS[k], : WIDTHS[k + 1]])
        poured = layer(s["volumes"][k, :, : WIDTHS[k]])
        np.testing.assert_allclose(s["volumes"][k + 1, :, : WIDTHS[k + 1]], poured, atol=1e-14)


def test_the_cups_wish_keeps_the_water_and_descends_the_cross_entropy():
    s, sharpness, pull = running(), 3.0, 0.2
    classes = np.random.default_rng(1).integers(0, 2, M)
    r.cup_targets(LAST, 2, M, sharpness, pull, classes, s["volumes"], s["targets"])
    cups, wanted = s["volumes"][LAST, :, :2], s["targets"][LAST, :, :2]
    np.testing.assert_allclose(wanted.sum(axis=1), cups.sum(axis=1), rtol=1e-14)
    for i in range(M):
        for j in range(2):

            def loss(nudge, i=i, j=j):
                v = sharpness * (cups[i] + nudge * np.eye(2)[j])
                return np.log(np.exp(v).sum()) - v[classes[i]]

            slope = (loss(1e-6) - loss(-1e-6)) / 2e-6
            assert (wanted - cups)[i, j] == pytest.approx(-pull / sharpness * slope, abs=1e-8)


@pytest.mark.parametrize("k", range(LAST))
def test_a_bucket_row_learns_the_same_when_all_but_its_neighbours_are_nan(k):
    free, poisoned = running(), running()
    keep = {"thresholds": [k], "shares": [k], "pace": [k], "volumes": [k, k + 1], "targets": [k + 1], "back": []}
    for name, rows in keep.items():
        known = poisoned[name][rows].copy()
        poisoned[name][:] = np.nan
        poisoned[name][rows] = known
    before = free["shares"][k].copy()
    for s in (free, poisoned):
        names = ("thresholds", "shares", "pace", "volumes", "targets")
        r.follow(k, WIDTHS, M, *(s[name] for name in names), 6.0, 0.3, 0.02)
    for name in ("thresholds", "shares"):
        np.testing.assert_array_equal(free[name][k], poisoned[name][k])
    assert np.abs(free["shares"][k] - before).max() > 1e-4
    np.testing.assert_allclose(free["shares"][k, : WIDTHS[k]].sum(axis=1), 1.0, rtol=1e-14)
    assert free["thresholds"].min() >= 0


@pytest.mark.parametrize("k", [1, 2])
def test_a_section_of_b_learns_and_carries_with_only_its_neighbours_in_sight(k):
    free, poisoned = running(), running()
    keep = {"volumes": [k, k + 1], "targets": [k + 1], "back": [k]}
    for name, rows in keep.items():
        known = poisoned[name][rows].copy()
        poisoned[name][:] = np.nan
        poisoned[name][rows] = known
    for s in (free, poisoned):
        r.rebuild(k, WIDTHS, M, s["volumes"], 0.0, s["back"], 0.2, np.random.default_rng(0))
        r.carry_back(k, WIDTHS, M, s["back"], s["volumes"], s["targets"])
    low = WIDTHS[k]
    np.testing.assert_array_equal(free["back"][k][:, :low], poisoned["back"][k][:, :low])
    np.testing.assert_array_equal(free["targets"][k][:, :low], poisoned["targets"][k][:, :low])
    assert np.isfinite(poisoned["targets"][k][:, :low]).all()


def test_iris_is_learned_without_a_backward_pass_and_not_by_the_last_row_alone():
    iris = load("iris")
    learned, loss = teach(iris, encode(iris), TrainingOptions(starts=6), seed=1)
    _, frozen = teach(iris, encode(iris), TrainingOptions(starts=6, only_last=True), seed=1)
    assert (learned.predict(iris.features) != iris.labels).mean() <= 0.03
    assert loss < 0.09  # gradients reach 0.050
    assert loss < 0.8 * frozen
    assert loss == pytest.approx(cross_entropy(learned, learned.encoding.volumes(iris.features), iris.labels))


def test_the_result_is_a_network_like_any_other():
    iris = load("iris")
    network = fit(iris, encode, TrainingOptions(starts=3, epochs=200), seed=2, folds=3)
    assert network.widths == (4, 3, 3)
    assert files.from_json(files.to_json(network), "network") == network
    assert network == fit(iris, encode, TrainingOptions(starts=3, epochs=200), seed=2, folds=3)
    assert network.provenance["cross_validation"]["error"] < 0.15
    shares = np.concatenate([layer.shares.ravel() for layer in network.layers])
    assert shares[shares > 0].min() >= 0.08 - 1e-12
    assert network.n_pipes < 21
    single = fit(iris, encode, TrainingOptions(hidden=(), starts=2), folds=0)
    assert single.widths == (4, 3)
    assert single.provenance["cross_validation"] == {}


def test_bad_lessons_are_refused():
    with pytest.raises(PorcelainError, match="starts is 0"):
        TrainingOptions(starts=0)
    with pytest.raises(PorcelainError, match="at least one bucket"):
        TrainingOptions(hidden=(0,))
