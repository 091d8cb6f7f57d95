import numpy as np
import pytest

from porcelain.data import Dataset, load, made
from porcelain.datasets import TABLES
from porcelain.errors import DataError

SHAPES = {"iris": (150, 4), "wine": (178, 13), "breast-cancer": (569, 30), "digits": (1797, 64), "penguins": (342, 4)}


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_their_shape_source_and_licence(name):
    data = load(name)
    assert data.features.shape == SHAPES[name]
    assert "CC" in data.source
    assert set(data.labels) == set(range(len(data.class_names)))


@pytest.mark.parametrize(("ours", "theirs"), [("iris", "iris"), ("wine", "wine"), ("digits", "digits")])
def test_tables_equal_those_of_scikit_learn(ours, theirs):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed (extra: learn)")
    other = getattr(datasets, f"load_{theirs}")()
    data = load(ours)
    np.testing.assert_array_equal(data.features, other.data)
    np.testing.assert_array_equal(data.labels, other.target)


def test_breast_cancer_equals_that_of_scikit_learn():
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed (extra: learn)")
    other = datasets.load_breast_cancer()
    data = load("breast-cancer")
    np.testing.assert_array_equal(data.features, other.data)
    assert [data.class_names[i] for i in data.labels] == [other.target_names[i] for i in other.target]


def test_penguins_are_the_three_species():
    data = load("penguins")
    assert dict(zip(data.class_names, np.bincount(data.labels), strict=True)) == {
        "Adelie": 151,
        "Chinstrap": 68,
        "Gentoo": 123,
    }
    assert data.feature_units == ("mm", "mm", "mm", "g")


@pytest.mark.parametrize("name", ["xor", "circle", "moons"])
def test_rules_repeat_and_vary_with_the_seed(name):
    assert made(name, 200, 3) == made(name, 200, 3)
    assert made(name, 200, 3) != made(name, 200, 4)
    assert np.bincount(made(name, 4000).labels).min() > 1800


def write(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text)
    return path


def test_csv_with_header_units_and_label_by_name(tmp_path):
    path = write(tmp_path, "kind,length (mm),mass (g)\ncat,3,1.5\ndog,4,2\ncat,2,1\n")
    data = load(path, label="kind")
    assert data.feature_names == ("length", "mass")
    assert data.feature_units == ("mm", "g")
    assert data.class_names == ("cat", "dog")
    np.testing.assert_array_equal(data.features, [[3, 1.5], [4, 2], [2, 1]])
    np.testing.assert_array_equal(data.labels, [0, 1, 0])


@pytest.mark.parametrize(
    "text", ["1,2,b\n3,4,a\n", "1;2;b\n3;4;a\n", "1\t2\tb\r\n3\t4\ta\r\n\r\n", "\ufeff1,2,b\n3,4,a"]
)
def test_csv_without_header_in_any_dress(tmp_path, text):
    data = load(write(tmp_path, text))
    assert data.feature_names == ("x0", "x1")
    assert data.class_names == ("a", "b")
    np.testing.assert_array_equal(data.features, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(data.labels, [1, 0])


def test_numeric_classes_sort_as_numbers(tmp_path):
    assert load(write(tmp_path, "1,10\n2,9\n3,10\n")).class_names == ("9", "10")


@pytest.mark.parametrize(
    ("text", "label", "message"),
    [
        ("", None, "is empty"),
        ("a,b\n", None, "at least one row"),
        ("a,class\n1,x\n2,x\n", None, "1 class"),
        ("a,b,class\n1,2,x\n1,,y\n", None, r"row 3, column 'b': value missing"),
        ("a,b,class\n1,2,x\n1,NA,y\n", None, r"row 3, column 'b': value missing"),
        ("a,b,class\n1,2,x\n1,2\n", None, r"row 3: 2 values for 3 columns"),
        ("a,b,class\n1,two,x\n1,2,y\n", None, r"row 2, column 'b': 'two' is not a finite number"),
        ("a,b,class\n1,inf,x\n1,2,y\n", None, "not a finite number"),
        ("a,b,kind\n1,2,x\n1,2,y\n", "kid", "did you mean 'kind'"),
        ("a,a,kind\n1,2,x\n1,2,y\n", None, "two columns titled 'a'"),
        ("class\nx\ny\n", None, "at least one feature"),
        ("a,b\n1," + "x" * 200_000 + "\n", None, "not a table"),
    ],
)
def test_a_faulty_csv_is_refused_with_its_place(tmp_path, text, label, message):
    with pytest.raises(DataError, match=message):
        load(write(tmp_path, text), label)


def test_unknown_names_and_unreadable_files(tmp_path):
    with pytest.raises(DataError, match="did you mean 'penguins'"):
        load("pengins")
    with pytest.raises(DataError, match="No such file"):
        load(tmp_path / "none.csv")
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        load(tmp_path / "photo.csv")


def test_folds_are_stratified_disjoint_and_whole():
    data = load("wine")
    seen = []
    for learn, held_out in data.folds(5, seed=1):
        assert not set(learn) & set(held_out)
        seen.extend(held_out)
        share = np.bincount(data.labels[held_out]) / np.bincount(data.labels)
        assert np.all(np.abs(share - 0.2) < 0.03)
    assert sorted(seen) == list(range(len(data)))
    first = [list(test) for _, test in data.folds(5, seed=1)]
    assert first == [list(test) for _, test in data.folds(5, seed=1)]
    assert first != [list(test) for _, test in data.folds(5, seed=2)]


def test_a_dataset_refuses_what_cannot_be_learned():
    with pytest.raises(DataError, match="one label a row"):
        Dataset("t", np.ones((2, 1)), np.zeros(3), ("a",), ("",), ("x", "y"))
    with pytest.raises(DataError, match="at least 2 are needed"):
        Dataset("t", np.ones((2, 1)), np.zeros(2), ("a",), ("",), ("x", "y"))
