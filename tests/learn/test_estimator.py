import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra: learn)")

from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine, make_circles
from sklearn.ensemble import AdaBoostClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, StratifiedShuffleSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from porcelain.data import made
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


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_calibration_costs_no_accuracy(load):
    X, y = load(return_X_y=True)
    plain = cross_val_score(PeLUClassifier(), X, y, cv=FIVE).mean()
    calibrated = CalibratedClassifierCV(PeLUClassifier(), cv=3)
    assert cross_val_score(calibrated, X, y, cv=FIVE).mean() >= plain - 0.02


def test_the_lead_over_the_best_other_cup_decides():
    X, y = load_iris(return_X_y=True)
    model = PeLUClassifier(hidden=(), encoding="constant").fit(X, y)
    cups = model.network_(model.network_.encoding.volumes(X))
    for c in range(3):
        others = np.delete(cups, c, axis=1).max(axis=1)
        np.testing.assert_allclose(model.decision_function(X)[:, c], cups[:, c] - others, rtol=1e-12, atol=1e-12)


def test_probabilities_are_as_good_as_those_of_logistic_regression():
    X, y = load_wine(return_X_y=True)
    linear = make_pipeline(MinMaxScaler(), LogisticRegression(C=10, max_iter=5000))
    ours, theirs = (
        -cross_val_score(model, X, y, cv=FIVE, scoring="neg_log_loss").mean() for model in (PeLUClassifier(), linear)
    )
    assert ours <= theirs + 0.03
    auc = cross_val_score(PeLUClassifier(), X, y, cv=FIVE, scoring="roc_auc_ovr")
    assert auc.mean() >= 0.99


def test_votes_softly_and_is_boosted():
    X, y = load_iris(return_X_y=True)
    small = PeLUClassifier(hidden=(), encoding="constant")
    voting = VotingClassifier([("buckets", small), ("linear", LogisticRegression(max_iter=1000))], voting="soft")
    for model in (voting, AdaBoostClassifier(small, n_estimators=3, random_state=0)):
        assert cross_val_score(model, X, y, cv=FIVE).mean() >= 0.93


def test_weights_of_classes_and_rows_are_one_thing():
    X, y = load_iris(return_X_y=True)
    small = PeLUClassifier(hidden=(), encoding="constant")
    by_class = clone(small).set_params(class_weight={0: 1.0, 1: 1.0, 2: 9.0}).fit(X, y)
    by_row = clone(small).fit(X, y, sample_weight=np.where(y == 2, 9.0, 1.0))
    assert by_class.network_ == by_row.network_
    assert np.sum(by_class.predict(X) == 2) >= np.sum(small.fit(X, y).predict(X) == 2)
    with pytest.raises(ValueError, match="2 classes"):
        small.fit(X, y, sample_weight=np.where(y == 2, 1.0, 0.0))


def test_columns_of_a_frame_name_the_buckets():
    pandas = pytest.importorskip("pandas")
    X, y = load_iris(return_X_y=True)
    model = PeLUClassifier(hidden=()).fit(pandas.DataFrame(X, columns=["a", "b", "c", "d"]), y)
    assert model.network_.encoding.feature_names == ("a", "b", "c", "d")


def test_encoding_and_width_are_chosen_and_told():
    circles = make_circles(300, noise=0.1, factor=0.5, random_state=0)
    model = PeLUClassifier().fit(*circles)
    assert model.network_.encoding.kind == model.choice_.chosen.encoding == "knots"
    assert "constant" in str(model.choice_)
    assert cross_val_score(PeLUClassifier(), *circles, cv=FIVE).mean() >= 0.96
    xor = made("xor", 400, 0)
    crossed = PeLUClassifier().fit(xor.features, xor.labels)
    assert crossed.choice_.chosen.hidden != ()
    new = made("xor", 2000, 1)
    assert crossed.score(new.features, new.labels) >= 0.95
    least = PeLUClassifier(budget=0.0).fit(xor.features, xor.labels)
    assert least.choice_.chosen.encoding == "constant"
    assert [trial.error is None for trial in least.choice_.trials] == [False, True, True, True]


def test_in_a_pipeline_and_a_grid_search():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), PeLUClassifier(encoding="constant"))
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
