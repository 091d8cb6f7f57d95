"""The article's machine: the compiled rule against the plain loop, and what it really does."""

import numpy as np
import pytest
from scipy.stats import rankdata

from porcelain.exchange import from_sections, train
from porcelain.exchange.article import RADIUS, circle, doubled_labels, learn, pipes, update

CIRCLE_SHARE = np.pi * RADIUS**2 / 4


@pytest.mark.parametrize("width", [2, 3])
def test_the_compiled_rule_makes_the_updates_of_the_plain_loop(width):
    rng = np.random.default_rng(8)
    points, labels = rng.uniform(-1, 1, (120, width)), rng.uniform(0, 1, (120, width))
    forward, backward = pipes(10, width, rng)
    start = from_sections(forward, backward)
    compiled = train(start, points, labels, rule="article", epochs=10, step=0.01, rng=4)
    learn(forward, backward, points, labels, epochs=10, step=0.01, rng=4)
    plain = from_sections(forward, backward)
    for ours, theirs in ((compiled.exchanger.forward, plain.forward), (compiled.exchanger.backward, plain.backward)):
        assert np.abs(ours - theirs).max() <= 1e-10 * np.abs(theirs).max()
    assert np.abs(plain.forward - start.forward).max() > 0.01


def test_one_update_by_hand():
    forward, backward = pipes(3, 2, 1)
    forward[-1](np.array([0.2, -0.4]))
    backward[0](np.array([1.0, 1.0]))
    own, before, beside = forward[1].activation, forward[0].activation, backward[1].activation
    w = forward[1].weight
    change = update(forward[1], backward[1], 0.5)
    for i in range(2):
        for j in range(2):
            by_hand = w[i, j] / (w[0, j] + w[1, j]) * ((before[j] - own[j]) + (beside[j] - own[j])) * 0.5
            assert change[i, j] == pytest.approx(by_hand, rel=1e-14)


def test_the_task_is_the_articles():
    points, labels = circle(4000, 3)
    assert points.shape == (4000, 2)
    assert np.abs(points).max() <= 1
    np.testing.assert_array_equal(labels, (points**2).sum(axis=1) < 0.64)
    assert abs(labels.mean() - CIRCLE_SHARE) < 4 * np.sqrt(CIRCLE_SHARE * (1 - CIRCLE_SHARE) / 4000)
    np.testing.assert_array_equal(doubled_labels(labels)[:, 0], doubled_labels(labels)[:, 1])


def test_it_does_not_learn_and_the_signal_is_lost_before_it_starts():
    after, spreads = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        points, labels = circle(500, rng)
        test_points, test_labels = circle(2000, rng)
        start = from_sections(*pipes(rng=rng))
        spreads.append(start.predict(test_points).std(axis=0).max())
        trained = train(start, points, doubled_labels(labels), rule="article", rng=rng)
        after.append(auc(trained.exchanger.predict(test_points).mean(axis=1), test_labels))
    assert np.median(spreads) < 1e-6
    assert 0.44 < np.mean(after) < 0.56  # chance is 0.5 +- 0.005 for the mean of six


def test_predictions_run_both_ways():
    forward, backward = pipes(10, 2, 3)
    pair = from_sections(forward, backward)
    point, label = np.array([[0.3, 0.5]]), np.array([[1.0, 1.0]])
    np.testing.assert_allclose(pair.predict(point), forward[-1](point), rtol=1e-14)
    np.testing.assert_allclose(pair.predict_backward(label), backward[0](label), rtol=1e-14)


def auc(scores, labels):
    ranks, positive = rankdata(scores), labels == 1
    n, m = positive.sum(), (~positive).sum()
    return (ranks[positive].sum() - n * (n + 1) / 2) / (n * m)
