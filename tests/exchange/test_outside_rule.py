"""A local rule that is written outside the package is trained by its name, against a closed form."""

import numpy as np
import pytest

from porcelain.errors import PorcelainError
from porcelain.exchange import new, train
from porcelain.exchange.local_rules import LOCAL_RULES, LocalRule, register, rule_names

DECAY = 0.1


def decay():
    """Weights that fade: every turn takes the part ``steps`` of each weight away."""

    def loop(flow, points, labels, order, noise, batch, steps):
        for step in steps:
            flow.forward[:] *= 1.0 - step
            flow.backward[:] *= 1.0 - step

    return loop


@pytest.fixture
def fading():
    yield register(LocalRule("fade", decay, DECAY, one_by_one=True))
    del LOCAL_RULES["fade"]


def test_a_rule_of_ones_own_is_trained(fading):
    exchanger, points = new((2, 2, 2), 0), np.eye(2)
    training = train(exchanger, points, points, rule="fade", epochs=3, rng=0)
    left = (1.0 - DECAY) ** (3 * len(points))
    assert np.allclose(training.exchanger.forward, left * exchanger.forward, rtol=1e-12)
    assert "fade" in rule_names()


def test_without_it_the_name_is_unknown():
    with pytest.raises(PorcelainError, match="rule"):
        train(new((2, 2, 2), 0), np.eye(2), np.eye(2), rule="fade")
