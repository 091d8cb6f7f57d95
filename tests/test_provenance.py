"""A network's data are found again by path and hash, or asked for; a name alone is never enough."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from porcelain import files
from porcelain.data import ReadOptions, load, made, recall
from porcelain.data.matching import matched
from porcelain.encoding import Encoding
from porcelain.errors import DataError
from porcelain.network import Layer, Network

DESIGNS = Path(__file__).parents[1] / "designs"
OWN = "left,right,kind\n" + "".join(f"{i}.5,{18 - 2 * i},{'abc'[i % 3]}\n" for i in range(12))


def network_of(dataset):
    """A network that pours every feature into every cup, with the provenance that training gives it."""
    n, m = len(dataset.feature_names), len(dataset.class_names)
    least, most = dataset.features.min(axis=0), dataset.features.max(axis=0)
    encoding = Encoding(dataset.feature_names, dataset.feature_units, least, np.ones(n), least, most)
    layer = Layer(np.zeros(n), np.full((n, m), 1 / m))
    return Network((layer,), encoding, dataset.class_names, dataset.name, dataset.provenance())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_provenance_keeps_path_hash_size_columns_and_classes_through_a_file(folder):
    Path("own.csv").write_text(OWN)
    files.save("network.json", network_of(load("own.csv", "kind")))
    told = files.load("network.json", "network").provenance["dataset"]
    assert told == {
        "kind": "file",
        "path": "own.csv",
        "sha256": told["sha256"],
        "bytes": len(OWN),
        "options": {"label": "kind"},
        "columns": ["left", "right"],
        "units": ["", ""],
        "label": "kind",
        "classes": ["a", "b", "c"],
    }
    assert len(told["sha256"]) == 64


@pytest.mark.parametrize("name", ["iris", "wine", "digits"])
def test_an_own_file_of_a_built_in_name_is_not_the_built_in_table(folder, name):
    Path(f"{name}.csv").write_text(OWN)
    own = load(f"{name}.csv")
    assert own.built_in is None
    assert load(name).built_in == name
    network = network_of(own)
    assert replace(recall(network), partial=False) == own
    Path(f"{name}.csv").unlink()
    with pytest.raises(DataError, match=rf"{name}\.csv, which the network learned from, is not here; .*--data"):
        recall(network)


def test_a_file_that_has_changed_is_not_taken(folder):
    Path("own.csv").write_text(OWN)
    network = network_of(load("own.csv"))
    Path("own.csv").write_text(OWN.replace("18,a", "17,a"))
    with pytest.raises(DataError, match=r"own\.csv is not what the network learned from: .*--data"):
        recall(network)
    assert len(recall(network, "own.csv")) == 12


def test_a_file_is_found_from_the_networks_folder_wherever_one_stands(folder, monkeypatch):
    Path("own.csv").write_text(OWN)
    network = network_of(load("own.csv"))
    built = folder / "build" / "own"
    built.mkdir(parents=True)
    monkeypatch.chdir("/")
    assert recall(network, beside=built / "design.json").features.shape == (12, 2)
    with pytest.raises(DataError, match="is not here"):
        recall(network)


def test_built_in_tables_and_drawn_points_come_back_as_they_were(folder):
    for dataset in (load("iris"), made("moons", 60, 5), load("penguins")):
        assert recall(network_of(dataset)) == dataset


@pytest.mark.parametrize("name", ["iris", "xor", "wine"])
def test_networks_of_before_there_were_records_find_their_data(name):
    network = files.load(DESIGNS / name, "network")
    bare = {key: value for key, value in network.provenance.items() if key != "dataset"}
    assert recall(replace(network, provenance=bare)) == load(name)
    foreign = bare | {"source": f"{name}.csv"}  # as an own table was told of
    with pytest.raises(DataError, match="does not say where its data"):
        recall(replace(network, provenance=foreign))


def test_how_a_file_was_read_is_kept(folder):
    Path("own.csv.gz").write_bytes(gzip.compress(OWN.replace(".5,", ".5,-9,").replace("t,r", "t,id,r").encode()))
    options = ReadOptions(drop=("id",), na=("-9",), label="kind")
    own = load("own.csv.gz", options=options)
    assert (own.name, own.feature_names) == ("own", ("left", "right"))
    again = recall(files.from_json(files.to_json(network_of(own))))
    assert np.array_equal(again.features, own.features)


SWAPPED = "kind,right,left\na,1,2\nc,3,4\n"


def test_columns_and_classes_are_matched_by_name(folder):
    Path("own.csv").write_text(OWN)
    Path("test.csv").write_text(SWAPPED)
    network = network_of(load("own.csv"))
    rows = recall(network, "test.csv")
    assert rows.features.tolist() == [[2, 1], [4, 3]]
    assert rows.class_names == ("a", "b", "c")
    assert rows.labels.tolist() == [0, 2]
    assert matched(load("own.csv"), network) == load("own.csv")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SWAPPED.replace("c,3", "C,3"), r"1 class that the network does not know: 'C' \(did you mean 'c'\?\)"),
        (SWAPPED.replace("c,3", "x,3").replace("a,1", "y,1"), "2 classes .*: 'x', 'y'; its cups are a, b, c"),
        (SWAPPED.replace("left", "Left"), r"no column 'left' \(did you mean 'Left'\?\)"),
        (SWAPPED.replace("left", "top"), "no column 'left'; the network asks for left, right"),
        ("1,2,3,a\n4,5,6,c\n", "3 columns of features; 2 are needed: left, right"),
    ],
)
def test_what_is_unknown_is_named(folder, text, says):
    Path("own.csv").write_text(OWN)
    Path("test.csv").write_text(text)
    with pytest.raises(DataError, match=says):
        recall(network_of(load("own.csv")), "test.csv")


def test_a_test_file_may_lack_classes_and_have_more_columns(folder):
    Path("own.csv").write_text(OWN)
    Path("test.csv").write_text("note,left,right,kind\nfirst,1,2,b\nsecond,3,4,b\n")
    rows = recall(network_of(load("own.csv")), "test.csv")
    assert rows.labels.tolist() == [1, 1]
    assert rows.notes == ("not asked for by the network and left out: 'note'",)


def test_units_that_differ_are_refused(folder):
    Path("own.csv").write_text(OWN.replace("left", "left (cm)"))
    Path("test.csv").write_text(SWAPPED.replace("left", "left (mm)"))
    with pytest.raises(DataError, match="'left' is in mm and the network asks for cm"):
        recall(network_of(load("own.csv")), "test.csv")


def test_numeric_classes_are_the_same_however_they_are_written(folder):
    Path("own.csv").write_text("a,b,grade\n" + "1,2,8\n3,4,9\n5,6,10\n" * 3)
    Path("test.csv").write_text("a,b,grade\n1,2,8.0\n5,6,10\n")
    rows = recall(network_of(load("own.csv")), "test.csv")
    assert [rows.class_names[k] for k in rows.labels] == ["8", "10"]


def test_a_network_made_of_arrays_asks_for_its_rows():
    network = network_of(replace(load("iris"), origin={}))
    assert json.dumps(network.provenance["dataset"]["kind"]) == '"arrays"'
    with pytest.raises(DataError, match=r"does not say where its data \(iris\) are; name them with --data"):
        recall(network)
