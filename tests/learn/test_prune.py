from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain.data import load
from porcelain.errors import PorcelainError
from porcelain.learn import RECIPES, Objective, Recipe, fit
from porcelain.learn.fitting import trained
from porcelain.learn.frontier import pruning_frontier
from porcelain.learn.planar import best_orders, crossings, heaviest_planar

IRIS = load("iris")


@pytest.mark.parametrize(("hidden", "pipes", "wrong"), [((3,), 10, 3), ((3,), 8, 4), ((), 6, 3)])
def test_pruned_networks_keep_their_accuracy(hidden, pipes, wrong):
    network = fit(IRIS, hidden, pipes=pipes, folds=0)
    assert network.n_pipes <= pipes
    assert round(150 * network.provenance["training_error"]) <= wrong


def test_fewer_pipes_than_buckets_are_refused_with_the_number_that_works():
    with pytest.raises(PorcelainError, match="4-3-3 needs 7"):
        fit(IRIS, pipes=6, folds=0)
    assert fit(IRIS, pipes=7, folds=0, restarts=1).n_pipes == 7


def test_floor_closes_what_no_bucket_has_room_for():
    network = fit(IRIS, (5,), min_share=0.4, folds=0, restarts=2)
    for layer in network.layers:
        assert (layer.shares > 0).sum(axis=1).max() <= 2
        assert layer.shares[layer.shares > 0].min() >= 0.4


def test_l2_on_logits_opens_pipes_and_does_not_close_them():
    def carrying(network):
        return sum(int((layer.shares > 0.01).sum()) for layer in network.layers)

    plain = fit(IRIS, folds=0, restarts=8)
    smooth = fit(IRIS, folds=0, restarts=8, objective=Objective(l2=1e-3))
    assert carrying(smooth) > carrying(plain)


def test_retained_term_delivers_more_water():
    def delivered(network):
        water = 10 * IRIS.features
        return network(water).sum() / water.sum()

    objective = Objective(sharpness=2.0, margin_u=2.0)
    keeping = fit(IRIS, folds=0, restarts=8, objective=objective)
    passing = fit(IRIS, folds=0, restarts=8, objective=Objective(sharpness=2.0, margin_u=2.0, retained=0.5))
    assert delivered(passing) > delivered(keeping) + 0.1


def test_planar_networks_cross_nowhere_and_still_classify():
    network = fit(IRIS, planar=True, folds=0)
    pipes = [layer.shares > 0 for layer in network.layers]
    count, orders = best_orders(pipes)
    assert count == 0
    assert crossings_by_hand(pipes, orders) == 0
    assert network.provenance["training_error"] <= 0.02


def crossings_by_hand(pipes, orders):
    total = 0
    for table, above, below in zip(pipes, orders, orders[1:], strict=False):
        ends = [(above.index(i), below.index(j)) for i, j in zip(*np.nonzero(table), strict=True)]
        total += sum((a - c) * (b - d) < 0 for k, (a, b) in enumerate(ends) for c, d in ends[:k])
    return total


TABLES = st.lists(st.integers(1, 4), min_size=2, max_size=4).flatmap(
    lambda widths: st.tuples(
        *(
            st.lists(st.booleans(), min_size=n * m, max_size=n * m).map(
                lambda bits, n=n, m=m: np.array(bits, dtype=bool).reshape(n, m)
            )
            for n, m in pairwise(widths)
        )
    )
)


@settings(max_examples=40, deadline=None)
@given(TABLES, st.randoms())
def test_crossings_are_counted_as_by_hand_and_best_orders_are_no_worse(pipes, random):
    widths = [len(t) for t in pipes] + [pipes[-1].shape[1]]
    orders = [tuple(random.sample(range(n), n)) for n in widths]
    assert crossings(pipes, orders) == crossings_by_hand(pipes, orders)
    best, found = best_orders(pipes)
    assert best == crossings_by_hand(pipes, found) <= crossings(pipes, orders)


def test_heaviest_planar_layout_of_a_small_network_by_trying_all():
    weights = [np.random.default_rng(seed).random((3, 3)) for seed in range(5)]
    for weight in weights:
        best = 0.0
        for bits in range(1, 2**9):
            table = np.array([bits >> k & 1 for k in range(9)], dtype=bool).reshape(3, 3)
            if weight[table].sum() > best and best_orders([table])[0] == 0:
                best = weight[table].sum()
        (found,) = heaviest_planar([weight])
        assert best_orders([found])[0] == 0
        assert weight[found].sum() == pytest.approx(best)


def test_wide_rows_are_ordered_too():
    rng = np.random.default_rng(0)
    hidden = rng.permutation(12)
    table = np.eye(12, dtype=bool)[:, hidden]
    assert best_orders([table])[0] == 0


def test_frontier_scores_every_number_of_pipes_on_new_rows():
    fronts = pruning_frontier(IRIS, Recipe(hidden=(), restarts=2), folds=3)
    assert [front.pipes for front in fronts] == list(range(12, 3, -1))
    assert fronts[-1].loss > fronts[0].loss
    assert all(0 <= front.cv_error < 0.15 for front in fronts)


def test_same_scores_with_two_processes():
    recipe = Recipe(hidden=(), restarts=1)
    assert pruning_frontier(IRIS, recipe, folds=2, jobs=2) == pruning_frontier(IRIS, recipe, folds=2)


@pytest.mark.parametrize("pipes", [8, 9])
def test_free_layouts_are_no_worse_than_planar_ones(pipes):
    free, planar = (fit(IRIS, pipes=pipes, planar=planar, folds=0) for planar in (False, True))
    assert free.n_pipes <= pipes
    assert free.provenance["loss"] <= planar.provenance["loss"] + 1e-9


def test_the_front_is_no_worse_than_each_number_alone():
    front = {network.n_pipes: loss for network, loss in trained(IRIS, RECIPES["plain"], 0, whole_front=True)}
    assert min(front) == 7
    assert max(front) == 21
    for pipes in (8, 10):
        assert front[pipes] <= fit(IRIS, pipes=pipes, folds=0).provenance["loss"] * (1 + 1e-6)
