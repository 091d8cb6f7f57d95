import numpy as np
import pytest

from porcelain.encoding import Encoding
from porcelain.errors import PorcelainError

FEATURES = np.array([[1.0, 20.0], [3.0, 60.0], [2.0, 30.0]])


def encoding(kind="plain", **changes):
    fields = {
        "feature_names": ("a", "b"),
        "feature_units": ("cm", "g"),
        "zero": [1.0, 10.0],
        "gain": [5.0, 0.5],
        "least": [1.0, 20.0],
        "most": [3.0, 60.0],
        "kind": kind,
        "constant_u": 7.0 if kind == "constant" else 0.0,
    }
    return Encoding(**(fields | changes))


def test_plain_constant_and_dual_water():
    plain = [[0, 5], [10, 25], [5, 10]]
    np.testing.assert_allclose(encoding().volumes(FEATURES), plain)
    np.testing.assert_allclose(encoding("constant").volumes(FEATURES), [[*row, 7] for row in plain])
    np.testing.assert_allclose(encoding("dual").volumes(FEATURES), [[a, b, 10 - a, 25 - b] for a, b in plain])
    dual = np.array(encoding("dual").volumes(FEATURES))
    np.testing.assert_array_equal(encoding("knots").volumes(FEATURES), dual[:, [0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3]])
    assert encoding("dual").names == ("a", "b", "not a", "not b")
    assert encoding("knots").names[:3] == ("a 1", "b 1", "a 2")
    assert encoding("knots").names[-1] == "not b 3"
    assert encoding("constant").names == ("a", "b", "constant")


@pytest.mark.parametrize("kind", ["plain", "constant", "dual", "knots"])
def test_no_row_of_the_data_asks_for_more_than_most_u(kind):
    e = encoding(kind)
    np.testing.assert_allclose(e.volumes(FEATURES).max(axis=0), e.most_u)


def test_clipped_features_can_always_be_poured():
    beyond = [[-5.0, 500.0], [9.0, 0.0]]
    for kind in ("plain", "constant", "dual", "knots"):
        with pytest.raises(PorcelainError, match="at least 0 is needed"):
            encoding(kind).volumes(beyond)
        assert encoding(kind).volumes(encoding(kind).clipped(beyond)).min() >= 0
    np.testing.assert_array_equal(encoding().clipped(FEATURES), FEATURES)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "tripel"}, "one of plain"),
        ({"gain": [1.0, 0.0]}, "must be > 0"),
        ({"gain": [1.0]}, "shape"),
        ({"zero": [1.0, np.nan]}, "finite"),
        ({"feature_units": ("cm",)}, "give one each"),
        ({"least": [4.0, 20.0]}, "zero <= least <= most"),
        ({"constant_u": -1.0}, ">= 0"),
    ],
)
def test_a_faulty_encoding_is_refused(changes, message):
    with pytest.raises(PorcelainError, match=message):
        encoding(**changes)


@pytest.mark.parametrize(("rows", "message"), [([[1.0]], "2 columns"), ([[1.0, np.nan]], "b is nan in row 0")])
def test_faulty_rows_are_refused(rows, message):
    with pytest.raises(PorcelainError, match=message):
        encoding().volumes(rows)
