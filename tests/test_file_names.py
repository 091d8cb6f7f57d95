"""Names from files become names of files, and nothing is written outside the folder that was asked for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porcelain import files
from porcelain.errors import FileError, PorcelainError
from porcelain.file_names import machine_stem, safe_name
from porcelain.machine.assembly import Piece

IRIS = Path(__file__).parents[1] / "designs" / "iris"
HOSTILE = [
    "..",
    "../../../x",
    "/etc/x",
    "..\\..\\x",
    "C:\\x",
    "a\0b",
    "a\nb",
    "x" * 5000,
    "花" * 5000,
    "",
    " ",
    ".",
    "NUL",
    "con.txt",
    "LPT1",
    "a:b",
    "a ",
    "a.",
    "~/x",
    "<script>",
]
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


@given(st.text() | st.sampled_from(HOSTILE))
def test_any_name_becomes_one_part_of_a_path_that_every_system_takes(name):
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert safe == safe.strip(" .")
    assert 0 < len(safe.encode()) <= 100
    assert not set(safe) & set('<>:"/\\|?*')
    assert safe.isprintable()
    assert safe.split(".")[0].lower() not in DEVICES
    assert (Path("/folder") / safe).resolve().parent == Path("/folder")


@pytest.mark.parametrize("name", ["iris", "iris-tower", "b0.0", "Wasserkünstler φύλλο 花弁", "water in b0.0"])
def test_fit_names_stay_as_they_are(name):
    assert safe_name(name) == name


def test_long_names_that_differ_at_their_ends_stay_two():
    assert safe_name("x" * 300 + "a") != safe_name("x" * 300 + "b")


@pytest.mark.parametrize("name", ["report", "guide", "Network", "plate-1", "assembly"])
def test_a_machines_files_take_no_other_files_place(name):
    assert machine_stem(name) == f"{name}-machine"


@pytest.fixture(scope="module")
def design():
    return files.load(IRIS, "design")


@pytest.mark.parametrize("name", [*HOSTILE[:8], "NUL"])
def test_a_foreign_name_writes_inside_the_folder_alone(design, name, tmp_path):
    from porcelain.fabricate import write
    from porcelain.machine.assembly import Part

    part = Part(
        "iris", [[0, 0, 0], [9, 0, 0], [0, 9, 0], [0, 0, 9]], [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], [0, 0, 0]
    )
    folder = tmp_path / "deep" / "parts"
    paths = write([part], replace(design, name=name), folder, formats=["stl", "3mf"])
    found = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert found == set(paths)
    assert {path.parent for path in found} == {folder}


@pytest.mark.parametrize("name", ["../x", "/x", "a\0b", "NUL", ""])
def test_a_parts_list_that_names_files_elsewhere_is_refused(name):
    with pytest.raises(PorcelainError, match="cannot name a file"):
        Piece("body", f"{name}.stl" if name == "../x" else name, 1, "#ffffff", (0, 0, 0), ())


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000,
        b'{"porcelain": ' + b"[" * 100_000,
        b'{"porcelain": []}',
        b'{"porcelain": {}, "version": 1}',
        b'{"porcelain": "network", "version": []}',
    ],
)
def test_nested_and_mistyped_json_is_refused_in_one_line(data):
    with pytest.raises(FileError) as caught:
        files.from_json(data, "network", "n.json")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("edit", ["area", "sill"])
def test_absurd_numbers_are_refused_with_their_path_before_any_work(edit):
    document = json.loads((IRIS / "design.json").read_text())
    if edit == "area":
        document["pipes"][0]["area_mm2"] = 1e300
    else:
        document["tiers"][0][0]["at_mm"][1] = -1e300
    with pytest.raises(FileError, match=r"\$\.(pipes|tiers)\[0\].* 1e\+300, limit 1e\+30"):
        files.from_json(json.dumps(document).encode(), "design")


def _half(folder):
    with files.no_leftovers(folder):
        files.write_bytes(folder / "half.stl", b"half")
        raise ValueError("refused")


def test_what_fails_leaves_nothing_and_what_was_there_stays(tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text("mine")
    for folder in (tmp_path / "new" / "deep", tmp_path):
        with pytest.raises(ValueError, match="refused"):
            _half(folder)
        assert list(tmp_path.iterdir()) == [kept]


def test_what_goes_well_stays(tmp_path):
    with files.no_leftovers(tmp_path / "new"):
        files.write_bytes(tmp_path / "new" / "a.txt", b"a")
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"a"
