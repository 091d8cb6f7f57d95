"""Files: a noun survives the round trip; whatever is wrong is named with its path; nothing is half-written."""

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from porcelain import files, plan
from porcelain.encoding import Encoding
from porcelain.errors import FileError
from porcelain.network import Layer, Network

HERE = Path(__file__).parent


def network(thresholds=(1.0, 2.0), shares=((0.25, 0.75), (1.0, 0.0))):
    encoding = Encoding(("a", "b"), ("cm", "cm"), [0, 0], [10, 10], [0, 0], [4, 5])
    return Network((Layer(thresholds, shares),), encoding, ("yes", "no"), "small", {"seed": 3})


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=2), st.floats(0, 1))
def test_network_round_trip_is_exact(thresholds, share):
    before = network(thresholds, [[share, 1 - share], [1.0, 0.0]])
    data = files.to_json(before)
    assert files.from_json(data, "network") == before
    assert files.to_json(files.from_json(data)) == data


def test_design_round_trip_is_exact_and_computes_the_same():
    before = plan.design(network(), style="tower")
    after = files.from_json(files.to_json(before), "design")
    assert after == before
    poured = np.array([[30.0, 40.0]])
    assert np.array_equal(after.as_network()(poured), before.as_network()(poured))


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (lambda d: d["layers"][0]["thresholds"].__setitem__(1, "deep"), "$.layers[0].thresholds[1]"),
        (lambda d: d["layers"][0]["thresholds"].__setitem__(1, -1.0), "$.layers[0]"),
        (lambda d: d["layers"][0]["shares"][0].__setitem__(0, 0.9), "$.layers[0]"),
        (lambda d: d.__setitem__("colour", "blue"), "colour"),
        (lambda d: d.pop("encoding"), "encoding"),
        (lambda d: d.__setitem__("version", 99), "$.version"),
        (lambda d: d.__setitem__("porcelain", "design"), "network"),
        (lambda d: d["encoding"].__setitem__("kind", 7), "$.encoding.kind"),
    ],
)
def test_a_fault_is_named_with_its_path(edit, path):
    document = json.loads(files.to_json(network()))
    edit(document)
    with pytest.raises(FileError, match=r"(?s).*") as caught:
        files.from_json(json.dumps(document).encode(), "network", "n.json")
    assert path in str(caught.value)
    assert "n.json" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"[1, 2]", b'{"a": 1}', b"\x93NUMPY", files.to_json(network())[:200]])
def test_truncated_or_foreign_files_are_refused(data):
    with pytest.raises(FileError):
        files.from_json(data, "network")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "n.json"
    files.save(path, network())
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(FileError, match="No space left"):
        files.save(path, network([5.0, 6.0]))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["n.json"]


def test_a_pipe_is_written_into_and_a_link_stays_a_link(tmp_path):
    pipe, link, target = tmp_path / "pipe", tmp_path / "link", tmp_path / "target"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    files.write_bytes(pipe, b"water")
    reader.join(timeout=10)
    assert read == [b"water"]
    assert pipe.is_fifo()
    target.write_bytes(b"old")
    link.symlink_to(target)
    files.write_bytes(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_schema_accepts_what_we_write():
    schema = files.schema("network")
    document = json.loads(files.to_json(network()))
    assert set(document) == set(schema["$defs"]["Network"]["properties"])
    assert schema["$defs"]["Network"]["properties"]["porcelain"] == {"const": "network"}


@pytest.mark.parametrize(("old", "now"), [("iris-mini-version-1.json", "iris-mini"), ("tower.json", None)])
def test_a_design_of_version_1_is_read_as_it_was_meant(old, now):
    before = files.load(HERE / old, "design")
    assert b'"version": 2' in files.to_json(before)[:60]
    if now:
        after = files.load(HERE.parent / "designs" / now, "design")
        assert before == replace(after, digest="")  # a digest is of one version
    else:
        assert before.layout.style == "tower"


def test_half_a_layer_of_an_old_design_is_refused():
    document = json.loads((HERE / "iris-mini-version-1.json").read_text())
    document["body"]["layers"][0] = 0.5
    with pytest.raises(FileError, match=r"0\.5 is no whole number"):
        files.from_json(json.dumps(document).encode(), "design")
