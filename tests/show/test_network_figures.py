import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="matplotlib is not installed (extra: plot)")

from porcelain.data import load
from porcelain.learn import fit
from porcelain.learn.frontier import FrontierPoint
from porcelain.learn.scores import as_markdown, score
from porcelain.show.network import frontier_figure, history_figure, network_figure, scores_figure, tolerance_figure

IRIS = load("iris")


@pytest.fixture(scope="module")
def network():
    return fit(IRIS, min_share=0.08, folds=2, restarts=2)


def test_network_figure_is_the_same_bytes_twice_and_names_everything(network, tmp_path):
    network_figure(network, tmp_path / "a.svg")
    network_figure(network, tmp_path / "b.svg")
    text = (tmp_path / "a.svg").read_bytes()
    assert text == (tmp_path / "b.svg").read_bytes()
    for name in (*network.encoding.names, *network.class_names, "b1.0"):
        assert f"<!-- {name} -->".encode() in text


def test_the_other_figures_are_pictures(network, tmp_path):
    fronts = [FrontierPoint(12, 0.05, 0.02, 0.02, 0.01), FrontierPoint(11, 0.06, 0.02, 0.03, 0.01)]
    frontier_figure(fronts, "iris", tmp_path / "front.png")
    scores_figure(network, IRIS, tmp_path / "card.png")
    history_figure({"L-BFGS": [np.array([1.0, 0.5, 0.6])], "Adam": [np.array([1.0, 0.9])]}, "iris", tmp_path / "h.png")
    tolerance_figure("iris", 0.98, np.array([0.9, 0.95, 0.95]), {"p0.0-0": 0.01, "p0.0-1": 0.0}, tmp_path / "t.png")
    for name in ("front", "card", "h", "t"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_card_counts_what_the_network_does(network):
    facts = score(network, IRIS)
    wrong = network.predict(IRIS.features) != IRIS.labels
    assert facts.wrong == wrong.sum()
    assert np.array_equal(facts.margins_u <= 0, wrong)
    water = 10 * IRIS.features
    np.testing.assert_allclose(facts.delivered, network(water).sum(axis=1) / water.sum(axis=1))
    assert f"{facts.wrong} of 150 rows" in as_markdown(network, IRIS)
