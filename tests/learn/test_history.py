import numpy as np

from porcelain.data import load
from porcelain.learn import Recipe, fit
from porcelain.learn.history import loss_histories


def test_history_ends_where_fit_ends():
    data = load("iris")
    recipe = Recipe(restarts=3)
    runs = loss_histories(data, recipe, seed=1, starts=3)
    assert len(runs) == 3
    assert all(run[0] > run.min() for run in runs)
    assert min(run.min() for run in runs) == fit(data, recipe=recipe, seed=1, folds=0).provenance["loss"]
    assert not np.array_equal(runs[0], runs[1])
