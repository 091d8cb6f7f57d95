"""Both estimators keep scikit-learn's contract, every check of it."""

import json
import os
import subprocess
import sys

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is not installed (extra: learn)")

CHECKS = """
import json, warnings
from sklearn.utils.estimator_checks import check_estimator
from porcelain.exchange import ExchangerClassifier
from porcelain.learn.estimator import PeLUClassifier

warnings.simplefilter("ignore")
checked = check_estimator({estimator}, on_skip=None, on_fail=None)
print(json.dumps([(one["check_name"], one["status"], str(one["exception"])) for one in checked]))
"""


@pytest.mark.parametrize(
    "estimator",
    [
        "PeLUClassifier()",
        "PeLUClassifier(hidden=())",
        "PeLUClassifier(hidden=(4,))",
        "ExchangerClassifier(hidden=(8, 8), epochs=80)",
    ],
)
def test_every_check_of_scikit_learn_passes(estimator):
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}  # read at import; without it one check is skipped
    command = [sys.executable, "-c", CHECKS.format(estimator=estimator)]
    checks = json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    assert len(checks) > 50
    assert [check for check in checks if check[1] != "passed"] == []
