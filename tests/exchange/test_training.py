"""Exchangers that learn, controls that must not, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain.errors import PorcelainError
from porcelain.exchange import Exchanger, agreement, from_sections, new, train
from porcelain.exchange.article import circle, doubled_labels, pipes

DEEP = (2, *[16] * 9, 2)


def task(seed, n=500):
    rng = np.random.default_rng(seed)
    points, labels = circle(n, rng)
    return rng, points, 2 * np.eye(2)[labels.astype(int)] - 1, circle(2000, rng)


def accuracy(exchanger, test):
    return (exchanger.predict(test[0]).argmax(axis=1) == test[1]).mean()


def scores(widths, rule, seeds, **options):
    found = []
    for seed in seeds:
        rng, points, labels, test = task(seed)
        trained = train(new(widths, rng), points, labels, rule, rng=rng, log=False, **options)
        found.append(accuracy(trained.exchanger, test))
    return np.array(found)


def test_ten_sections_learn_the_circle_and_random_ones_do_not():
    learned, frozen = scores(DEEP, "target", range(2)), scores(DEEP, "last", range(2))
    assert np.median(learned) >= 0.98
    assert learned.min() >= 0.96
    assert np.median(frozen) <= 0.88


def test_two_hidden_levels_learn_the_circle_within_twenty_epochs():
    assert scores((2, 32, 32, 2), "target", range(4), epochs=20).min() >= 0.95


def test_the_backprop_control_learns_and_the_neighbour_rule_collapses():
    assert scores((2, 32, 32, 2), "backprop", range(2), epochs=100).min() >= 0.97
    assert scores(DEEP, "delta", range(2), epochs=50).max() <= 0.7


def test_the_facing_sections_come_to_agree_from_the_label_down():
    rng, points, labels, _ = task(1)
    trained = train(new(DEEP, rng), points, labels, rng=rng, epochs=60)
    assert trained.agreement.shape == (61, 11)
    before, after = trained.agreement[0], trained.agreement[-1]
    assert np.abs(before[1:]).max() < 0.6
    assert (after[5:] > 0.8).all()
    np.testing.assert_allclose(after, agreement(trained.exchanger, points, labels), rtol=1e-12)
    f, b = trained.exchanger.carry_forward(points)[7], trained.exchanger.carry_backward(labels)[7]
    f, b = (f - f.mean(axis=0)).ravel(), (b - b.mean(axis=0)).ravel()
    assert after[7] == pytest.approx(np.corrcoef(f, b)[0, 1], abs=0.01)


def test_the_log_begins_at_the_start_ends_at_the_end_and_repeats():
    _, points, labels, _ = task(4, 60)
    start = new((2, 4, 2), 1)
    first = train(start, points, labels, epochs=5, rng=9)
    assert len(first) == 6
    assert first.at(0) == start
    assert first.at(-1) == first.exchanger
    assert first.exchanger == train(start, points, labels, epochs=5, rng=9, log=False).exchanger
    assert first.exchanger != train(start, points, labels, epochs=5, rng=10).exchanger


def test_a_step_that_diverges_is_a_status_and_the_last_good_weights_are_kept():
    points, labels = circle(50, 1)
    start = from_sections(*pipes(rng=2))
    trained = train(start, points, doubled_labels(labels), rule="article", step=1e12, epochs=20)
    assert trained.status == "diverged"
    assert "try step" in trained.message
    assert np.abs(trained.exchanger.forward).max() < 1e9
    assert trained.exchanger == trained.at(-1)


@settings(max_examples=15, deadline=None)
@given(
    widths=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    rows=st.integers(1, 12),
    batch=st.integers(1, 15),
    rule=st.sampled_from(["target", "delta", "backprop", "last"]),
    seed=st.integers(0, 99),
)
def test_any_shape_runs_and_stays_finite(widths, rows, batch, rule, seed):
    rng = np.random.default_rng(seed)
    points, labels = rng.normal(size=(rows, widths[0])), rng.choice([-1.0, 1.0], (rows, widths[-1]))
    trained = train(new(widths, rng), points, labels, rule, epochs=2, batch=batch, rng=rng)
    assert trained.status == "done"
    assert trained.exchanger.carry_forward(points)[-1].shape == (rows, widths[-1])
    assert trained.exchanger.carry_backward(labels)[0].shape == (rows, widths[0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "tarket"}, "did you mean 'target'"),
        ({"points": np.ones((4, 3))}, r"points has shape \(4, 3\)"),
        ({"labels": np.ones((3, 2))}, "labels has shape"),
        ({"points": np.full((4, 2), np.nan)}, "a finite number is needed"),
        ({"step": -1.0}, "more than 0"),
        ({"epochs": 0}, "epochs is 0"),
        ({"rule": "article"}, "make them equal"),
    ],
)
def test_bad_input_is_told_in_one_line(change, message):
    fine = {"points": np.ones((4, 2)), "labels": np.ones((4, 2)), "rule": "target"} | change
    with pytest.raises(PorcelainError, match=message):
        train(new((2, 3, 2), 1), **fine)


def test_pipes_that_cannot_be_are_refused():
    with pytest.raises(PorcelainError, match="at least 1 wide"):
        new((2,))
    with pytest.raises(PorcelainError, match="did you mean 'tanh'"):
        Exchanger((1, 1), np.zeros(2), np.zeros(2), "tan")
    with pytest.raises(PorcelainError, match="forward has shape"):
        Exchanger((1, 2), np.zeros(3), np.zeros(3))
    forward, _ = pipes(3, 2, 1)
    with pytest.raises(PorcelainError, match="must be equal"):
        from_sections(forward, pipes(3, 4, 1)[1])
