"""The heat exchanger behind scikit-learn's interface."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import cross_val_score

from porcelain.errors import PorcelainError
from porcelain.exchange import ExchangerClassifier


def test_iris_is_learned_by_the_default_pipes():
    features, labels = load_iris(return_X_y=True)
    score = cross_val_score(ExchangerClassifier(epochs=60, random_state=0), features, labels, cv=5).mean()
    assert score >= 0.93


def test_an_unknown_rule_names_the_nearest():
    with pytest.raises(PorcelainError, match="did you mean 'delta'"):
        ExchangerClassifier(hidden=(3,), rule="delts").fit(np.eye(4), [0, 1, 0, 1])
