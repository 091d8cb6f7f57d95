"""The ideal network against exact arithmetic, and the physics it promises."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain.encoding import Encoding
from porcelain.errors import PorcelainError
from porcelain.network import Layer, Network

EIGHTHS = st.integers(0, 8 * 60).map(lambda n: n / 8)


def plain(n):
    ones = np.ones(n)
    return Encoding(tuple(f"x{i}" for i in range(n)), ("",) * n, 0 * ones, ones, 0 * ones, 60 * ones)


@st.composite
def networks(draw):
    """Thresholds in eighths and shares in quarters of four: floats hold them without rounding."""
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    layers = []
    for n, m in pairwise(widths):
        thresholds = draw(st.lists(EIGHTHS, min_size=n, max_size=n))
        shares = np.zeros((n, m))
        for row in shares:
            for target in draw(st.lists(st.integers(0, m - 1), min_size=4, max_size=4)):
                row[target] += 0.25
        layers.append(Layer(thresholds, shares))
    return Network(tuple(layers), plain(widths[0]), tuple(f"c{i}" for i in range(widths[-1])))


def rows(network, count=1):
    n = network.widths[0]
    return st.lists(st.lists(EIGHTHS, min_size=n, max_size=n), min_size=count, max_size=5)


def exact(network, row):
    """The equation in rational numbers, one bucket and one pipe at a time."""
    water = [Fraction(v) for v in row]
    kept = []
    for layer in network.layers:
        passed = [max(v - Fraction(t), Fraction(0)) for v, t in zip(water, layer.thresholds.tolist(), strict=True)]
        kept.append([v - p for v, p in zip(water, passed, strict=True)])
        shares = [[Fraction(s) for s in shares] for shares in layer.shares.tolist()]
        water = [sum(p * shares[i][j] for i, p in enumerate(passed)) for j in range(layer.n_out)]
    return water, kept


@settings(deadline=None)
@given(st.data())
def test_equals_exact_arithmetic(data):
    network = data.draw(networks())
    batch = data.draw(rows(network))
    cups, retained = network(batch), network.retained(batch)
    for i, row in enumerate(batch):
        water, kept = exact(network, row)
        np.testing.assert_allclose(cups[i], [float(w) for w in water], rtol=1e-15, atol=0)
        for tier, expected in zip(retained, kept, strict=True):
            np.testing.assert_allclose(tier[i], [float(k) for k in expected], rtol=1e-15, atol=0)


@settings(deadline=None)
@given(st.data())
def test_water_is_neither_made_nor_lost(data):
    network = data.draw(networks())
    batch = np.array(data.draw(rows(network)))
    cups = network(batch).sum(axis=1)
    retained = sum(tier.sum(axis=1) for tier in network.retained(batch))
    np.testing.assert_allclose(cups + retained, batch.sum(axis=1), rtol=1e-14, atol=1e-12)
    assert np.all(cups <= batch.sum(axis=1) + 1e-12)


@settings(deadline=None)
@given(st.data())
def test_more_water_never_lowers_a_cup(data):
    network = data.draw(networks())
    batch = np.array(data.draw(rows(network)))
    more = np.array(data.draw(st.lists(EIGHTHS, min_size=batch.shape[1], max_size=batch.shape[1])))
    assert np.all(network(batch + more) >= network(batch) - 1e-12)


class Machine:
    """Buckets that remember their water: pour in any order, what is above a threshold runs on at once."""

    def __init__(self, network):
        self.layers = network.layers
        self.held = [np.zeros(layer.n_in) for layer in network.layers]
        self.cups = np.zeros(network.widths[-1])

    def pour(self, bucket, volume):
        inflow = np.zeros(self.layers[0].n_in)
        inflow[bucket] = volume
        for layer, held in zip(self.layers, self.held, strict=True):
            held += inflow
            passed = np.maximum(held - layer.thresholds, 0.0)
            held -= passed
            inflow = passed @ layer.shares
        self.cups += inflow


@settings(deadline=None)
@given(st.data())
def test_superposition_any_increments_in_any_order_end_the_same(data):
    network = data.draw(networks())
    row = np.array(data.draw(rows(network))[0])
    parts = data.draw(st.lists(st.integers(1, 5), min_size=len(row), max_size=len(row)))
    increments = [(i, row[i] / parts[i]) for i in range(len(row)) for _ in range(parts[i])]
    machine = Machine(network)
    for bucket, volume in data.draw(st.permutations(increments)):
        machine.pour(bucket, volume)
    np.testing.assert_allclose(machine.cups, network([row])[0], rtol=1e-12, atol=1e-11)


def test_scale_is_free():
    rng = np.random.default_rng(0)
    shares = rng.random((3, 2))
    shares /= shares.sum(axis=1, keepdims=True)
    thresholds = 10 * rng.random(3)
    water = 30 * rng.random((20, 3))
    small = Network((Layer(thresholds, shares),), plain(3), ("a", "b"))
    large = Network((Layer(4 * thresholds, shares),), plain(3), ("a", "b"))
    np.testing.assert_allclose(large(4 * water), 4 * small(water), rtol=1e-14)


def test_predict_names_the_fullest_cup():
    network = Network((Layer([1.0, 0.0], [[1.0, 0.0], [0.25, 0.75]]),), plain(2), ("left", "right"))
    np.testing.assert_allclose(network([[5.0, 4.0]]), [[5.0, 3.0]])
    np.testing.assert_array_equal(network.predict([[5.0, 4.0], [0.5, 4.0]]), [0, 1])
    assert network.n_pipes == 3
    assert network.widths == (2, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Layer([-1.0], [[1.0]]), "cannot be less than 0"),
        (lambda: Layer([1.0], [[0.5, 0.4]]), "sum to 0.9"),
        (lambda: Layer([1.0], [[1.5, -0.5]]), "area below 0"),
        (lambda: Layer([1.0, 2.0], [[1.0]]), "shape"),
        (lambda: Layer([np.nan], [[1.0]]), "finite"),
        (lambda: Layer([1.0], np.zeros((1, 0))), "at least one"),
        (lambda: Network((), plain(1), ()), "no layers"),
        (lambda: Network((Layer([1.0], [[1.0]]),), plain(2), ("a",)), "fills 2 buckets"),
        (lambda: Network((Layer([1.0], [[1.0]]),), plain(1), ("a", "b")), "2 class names for 1 cups"),
        (
            lambda: Network((Layer([1.0], [[1.0]]), Layer([1.0, 1.0], [[1.0], [1.0]])), plain(1), ("a",)),
            "must agree",
        ),
    ],
)
def test_what_water_cannot_do_is_refused(make, message):
    with pytest.raises(PorcelainError, match=message):
        make()


@pytest.mark.parametrize("volumes", [[[1.0]], [[1.0, -1.0]], [[1.0, np.nan]], [[[1.0, 2.0]]]])
def test_impossible_water_is_refused(volumes):
    network = Network((Layer([1.0, 0.0], [[1.0], [1.0]]),), plain(2), ("a",))
    with pytest.raises(PorcelainError, match=r"\(batch, 2\) finite numbers"):
        network(volumes)
