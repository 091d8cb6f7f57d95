import json
from dataclasses import replace

import numpy as np
import pytest

from porcelain.data import load, made
from porcelain.errors import PorcelainError
from porcelain.learn import RECIPES, Recipe, cross_validate, default_recipe, error_rate, fit
from porcelain.learn.growth import embedded
from porcelain.learn.recipe import recipe_of
from porcelain.network import Network

IRIS = load("iris")


@pytest.mark.parametrize("seed", range(4))
def test_iris_reaches_the_best_known_loss_from_any_seed(seed):
    network = fit(IRIS, seed=seed, folds=0)
    assert network.widths == (4, 3, 3)
    assert network.provenance["loss"] <= 0.0511
    wrong = np.argmax(network(10.0 * IRIS.features), axis=1) != IRIS.labels
    assert wrong.sum() <= 3
    assert network.provenance["training_error"] == wrong.mean()


def test_same_seed_same_network_and_another_seed_another():
    first, again, other = (fit(IRIS, seed=s, folds=2, restarts=2) for s in (7, 7, 8))
    assert first == again
    assert first != other


def shares_of(network):
    shares = np.concatenate([layer.shares.ravel() for layer in network.layers])
    return shares[shares > 0]


def test_printable_floor_holds_and_costs_nothing():
    network = fit(IRIS, min_share=0.08, folds=0)
    assert shares_of(network).min() >= 0.08
    assert network.n_pipes <= 12
    assert network.provenance["training_error"] <= 0.02
    assert network.provenance["loss"] <= 0.0511


def test_article_recipe_reaches_its_error():
    network = fit(IRIS, recipe="article", folds=0)
    assert network.provenance["recipe"] == "article"
    assert network.provenance["training_error"] <= 0.0267
    assert network.provenance["loss"] <= 0.07


def test_scores_are_of_rows_never_seen():
    scores = cross_validate(IRIS, Recipe(hidden=(), restarts=3), seed=0, folds=5, repeats=2)
    assert len(scores["repeat_errors"]) == 2
    assert scores["error"] == pytest.approx(np.mean(scores["repeat_errors"]))
    assert 0.01 <= scores["error"] <= 0.06
    shuffled = IRIS.take(np.arange(150))
    object.__setattr__(shuffled, "labels", np.random.default_rng(0).permutation(IRIS.labels))
    assert cross_validate(shuffled, Recipe(hidden=(), restarts=2), seed=0)["error"] > 0.5


@pytest.mark.parametrize(("name", "most"), [("wine", 0.03), ("penguins", 0.025), ("moons", 0.02)])
def test_what_suits_the_data_is_the_default(name, most):
    network = fit(load(name))
    assert network.provenance["recipe"] == default_recipe(load(name)) != default_recipe(IRIS)
    assert network.provenance["cross_validation"]["error"] <= most


@pytest.mark.parametrize("encoding", ["plain", "constant", "dual", "knots"])
@pytest.mark.parametrize("hidden", [(), (4,), (3, 3)])
def test_any_shape_and_encoding(encoding, hidden):
    network = fit(IRIS, hidden, encoding=encoding, folds=0, restarts=4)
    assert network.widths == ({"plain": 4, "constant": 5, "dual": 8, "knots": 24}[encoding], *hidden, 3)
    assert error_rate(network, IRIS) <= 0.05


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recipe": "artcle"}, "did you mean 'article'"),
        ({"encoding": "duel"}, "did you mean 'dual'"),
        ({"hidden": (0,)}, "at least one bucket"),
        ({"restarts": 0}, "at least 1 start"),
        ({"min_share": 0.7}, "between 0 and 0.5"),
        ({"gain": -1.0}, "must be > 0"),
        ({"folds": 51}, "51 folds"),
    ],
)
def test_a_recipe_that_cannot_be_cooked_says_why(changes, message):
    with pytest.raises(PorcelainError, match=message):
        fit(IRIS, **changes)


@pytest.mark.parametrize(("name", "least", "one_layer"), [("xor", 0.985, 0.65), ("circle", 0.975, 0.85)])
def test_a_hidden_row_learns_what_one_layer_cannot(name, least, one_layer):
    new = made(name, 4000, 1)
    network = fit(made(name), recipe=name, folds=0)
    assert network.widths == (4, 4, 2)
    assert shares_of(network).min() >= 0.08
    assert 1 - error_rate(network, new) >= least
    assert 1 - error_rate(fit(made(name), (), recipe=name, folds=0, restarts=4), new) < one_layer


@pytest.mark.parametrize("name", RECIPES)
def test_a_network_tells_the_recipe_it_was_trained_by(name):
    recipe = replace(RECIPES[name], restarts=1, pipes=None)
    provenance = json.loads(json.dumps(dict(fit(load(recipe.data or "xor"), recipe=recipe, folds=0).provenance)))
    assert recipe_of(provenance) == recipe


def test_a_network_from_elsewhere_does_not_pretend_to_have_a_recipe():
    with pytest.raises(PorcelainError, match="porcelain learn"):
        recipe_of({})


@pytest.mark.parametrize("recipe", ["table", "plain"])
@pytest.mark.parametrize(
    ("name", "hidden"), [("wine", (8,)), ("wine", (3,)), ("iris", (3,)), ("iris", (4, 3)), ("penguins", (5,))]
)
def test_a_hidden_tier_fits_no_worse_than_none(name, hidden, recipe):
    data = load(name)
    none = fit(data, (), recipe=recipe, encoding="constant", restarts=1, folds=0)
    some = fit(data, hidden, recipe=recipe, encoding="constant", restarts=1, folds=0)
    assert some.widths[1:-1] == hidden
    assert error_rate(some, data) <= error_rate(none, data)


def test_a_network_without_hidden_tiers_lives_on_in_one_with_them():
    network = fit(IRIS, (), folds=0)
    widths = (4, 5, 3, 3)
    heights = np.sqrt(network.layers[0].thresholds)
    theta = np.concatenate([heights, np.log(np.maximum(network.layers[0].shares, 1e-300)).ravel()])
    topology, grown = embedded(theta, widths)
    same = Network(topology.layers(grown), network.encoding, network.class_names)
    assert same.widths == widths
    np.testing.assert_allclose(same(10.0 * IRIS.features), network(10.0 * IRIS.features), rtol=1e-12)
