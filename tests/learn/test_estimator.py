import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra: learn)")

from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, StratifiedShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from porcelain.learn.estimator import PeLUClassifier

FIVE = StratifiedKFold(5, shuffle=True, random_state=0)


@pytest.mark.parametrize(("load", "least"), [(load_wine, 0.95), (load_iris, 0.95), (load_digits, 0.94)])
def test_defaults_score_on_new_rows(load, least):
    assert cross_val_score(PeLUClassifier(), *load(return_X_y=True), cv=FIVE).mean() >= least


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_defaults_score_on_new_rows_as_logistic_regression_does(load):
    X, y = load(return_X_y=True)
    linear = make_pipeline(MinMaxScaler(), LogisticRegression(C=10, max_iter=5000))
    splits = StratifiedShuffleSplit(20, test_size=0.3, random_state=0)
    ours, theirs = (cross_val_score(model, X, y, cv=splits).mean() for model in (PeLUClassifier(), linear))
    assert ours >= theirs - 0.004


def test_in_a_pipeline_and_a_grid_search():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), PeLUClassifier(restarts=1))
    search = GridSearchCV(pipeline, {"peluclassifier__hidden": [(), (3,)]}, cv=3).fit(X, y)
    assert search.best_score_ >= 0.9
    network = search.best_estimator_[-1].network_
    assert network.widths[0] == 5
    scaled = search.best_estimator_[:-1].transform(X)
    np.testing.assert_array_equal(network.predict(network.encoding.clipped(scaled)), search.predict(X))


def test_a_printable_network_comes_out():
    X, y = load_wine(return_X_y=True)
    model = PeLUClassifier(min_share=0.08, pipes=18, restarts=1).fit(X, y)
    shares = np.concatenate([layer.shares.ravel() for layer in model.network_.layers])
    assert model.network_.n_pipes <= 18
    assert shares[shares > 0].min() >= 0.08
    assert model.score(X, y) >= 0.9
