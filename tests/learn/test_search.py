import pytest

pytest.importorskip("optuna", reason="optuna is not installed (extra: learn)")

from porcelain.data import load
from porcelain.learn import Recipe
from porcelain.learn.search import search_recipes


def test_the_front_repeats_and_no_member_beats_another():
    data = load("iris")
    front = search_recipes(data, Recipe(), trials=3, seed=3, folds=2)
    assert front == search_recipes(data, Recipe(), trials=3, seed=3, folds=2)
    assert front
    for one in front:
        for other in front:
            assert one is other or one.pipes < other.pipes or one.cv_error < other.cv_error
        assert 0 <= one.cv_error < 0.5
        assert one.pipes >= 4
