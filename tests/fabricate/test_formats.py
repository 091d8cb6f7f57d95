"""A file format that is added from outside the package is written by the library and by the command line."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner

from porcelain import fabricate, files
from porcelain.cli import porcelain as command_line
from porcelain.errors import PorcelainError

MINI = Path(__file__).parents[2] / "designs" / "iris-mini"


@pytest.fixture
def table():
    """A table of the machine's buckets, as someone else's module would add it."""

    def write(machine):
        text = io.StringIO()
        csv.writer(text).writerows((b.name, f"{b.threshold_ml:.2f}") for b in machine.design.buckets)
        return {f"{machine.stem}-buckets.csv": text.getvalue().encode()}

    yield fabricate.register(fabricate.Format("table", write))
    del fabricate.FORMATS["table"]


@pytest.fixture(scope="module")
def mini():
    design = files.load(MINI, "design")
    return design, fabricate.parts(design)


def rows(path):
    return [(name, float(kept)) for name, kept in csv.reader(path.read_text().splitlines())]


def test_a_usual_format_is_written_with_the_others(table, mini, tmp_path):
    design, parts = mini
    written = fabricate.write(parts, design, tmp_path)
    (path,) = [path for path in written if path.suffix == ".csv"]
    assert rows(path) == [(b.name, pytest.approx(b.threshold_ml, abs=0.005)) for b in design.buckets]
    assert {path.suffix for path in written} == {".stl", ".3mf", ".glb", ".scad", ".json", ".csv"}


def test_the_command_line_takes_it_by_name(table, tmp_path):
    said = CliRunner().invoke(command_line, ["fabricate", str(MINI), "--format", "table", "-o", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assembly.json", "iris-mini-buckets.csv"]


def test_formats_that_are_asked_for_are_the_only_ones(mini, tmp_path):
    design, parts = mini
    written = fabricate.write(parts, design, tmp_path, formats=["scad", "scad"])
    assert [path.suffix for path in written] == [".scad", ".json"]


def test_an_unknown_format_is_refused_before_anything_is_written(mini, tmp_path):
    design, parts = mini
    with pytest.raises(PorcelainError, match="did you mean 'stl'"):
        fabricate.write(parts, design, tmp_path, formats=["slt"])
    assert list(tmp_path.iterdir()) == []
