"""A third style, told in one file of the tests, goes the whole way: nothing in porcelain knows of it."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from porcelain import Layer, Network, fabricate, files, plan, simulate
from porcelain.check import inspect, report, reread
from porcelain.cli import porcelain as command_line
from porcelain.data import Dataset
from porcelain.encoding import Encoding
from porcelain.errors import DesignError, FileError, PorcelainError
from porcelain.fabricate import write
from porcelain.fabricate.scad import to_scad
from porcelain.machine.assembly import Assembly
from porcelain.machine.layouts import LAYOUTS
from porcelain.pour import Pour
from porcelain.styles import STYLES

FILE = Path(__file__).with_name("boxes.py")
POURED_ML = 40.0


def encoding(names):
    n = len(names)
    return Encoding(names, ("cm",) * n, np.zeros(n), np.ones(n), np.zeros(n), np.full(n, POURED_ML))


TREE = Network(
    (Layer([4.0], [[0.4, 0.6]]), Layer([3.0, 5.0], [[0.6, 0.4, 0.0, 0.0], [0.0, 0.0, 0.3, 0.7]])),
    encoding(("a",)),
    ("p", "q", "r", "s"),
    "tree",
)


@pytest.fixture(scope="module")
def boxes():
    """The style, known for as long as these tests run."""
    spec = importlib.util.spec_from_file_location("boxes", FILE)
    sys.modules["boxes"] = importlib.util.module_from_spec(spec)  # a dataclass looks its module up
    spec.loader.exec_module(sys.modules["boxes"])
    yield STYLES["boxes"]
    for known in (STYLES, LAYOUTS, sys.modules):
        known.pop("boxes", None)


@pytest.fixture(scope="module")
def design(boxes):
    return plan.design(TREE, style="boxes")


def test_the_style_is_short_and_nobody_else_names_it():
    assert sum(bool(line.strip()) for line in FILE.read_text().splitlines()) < 100
    root = Path(__file__).parents[2]
    names = subprocess.run(["grep", "-rlwE", "Boxes|BoxesStyle", root / "porcelain"], capture_output=True, text=True)
    assert names.stdout == ""


def test_it_is_planned_and_read_back_from_its_file(design, tmp_path):
    assert design.layout.style == "boxes"
    planned = design.as_network()
    for asked, made in zip(TREE.layers, planned.layers, strict=True):
        assert made.thresholds == pytest.approx(asked.thresholds, abs=0.014)  # 90 mm by 30 mm by half a hundredth
        assert made.shares == pytest.approx(asked.shares, abs=1e-3)
    files.save(tmp_path / "design.json", design)
    assert files.load(tmp_path / "design.json") == design


def test_a_network_that_it_cannot_make_is_refused_with_its_own_reason(boxes):
    crossing = Network((Layer([1.0, 1.0], np.full((2, 2), 0.5)),), encoding(("a", "b")), ("p", "q"), "crossing")
    with pytest.raises(DesignError, match="sources of a vessel is 2, limit 1"):
        plan.design(crossing, style="boxes")


def test_its_cups_get_what_the_network_says(design):
    run = simulate.run(design, Pour.of({"b0.0": 31.0}, rate_ml_s=3.0))
    cups = run.volumes_ml[-1, -4:]
    assert cups == pytest.approx(design.as_network()([[31.0]])[0], abs=1e-6)


def test_its_files_are_fabricated_and_its_meshes_keep_what_it_promises(design, tmp_path):
    parts = fabricate.parts(design)
    names = {path.name for path in write(parts, design, tmp_path)}
    assert {"body.stl", "tree.3mf", "tree.scad", "tree.glb", "assembly.json"} <= names
    assert b"mm of the sill" in to_scad(design)
    features = np.linspace(5.0, POURED_ML, 12)[:, None]
    rows = Dataset("rows", features, np.array([2, 3] * 6), ("a",), ("cm",), ("p", "q", "r", "s"))
    assert [criterion.name for criterion in report(design, rows, reread(parts)).criteria if not criterion.holds] == []


def test_inspect_reads_the_network_back_from_its_mesh(design):
    parts = fabricate.parts(design)
    found = inspect(reread(parts), Assembly.of(design, parts), design=design)
    assert found.findings == ()
    for planned, read in zip(design.as_network().layers, found.network.layers, strict=True):
        assert read.thresholds == pytest.approx(planned.thresholds, rel=2e-3)
        assert read.shares == pytest.approx(planned.shares, abs=1e-3)


def test_the_command_line_plans_inspects_and_shows_it(boxes, tmp_path):
    files.save(tmp_path / "network.json", TREE)
    made = str(tmp_path / "design.json")
    for words in (
        ["plan", str(tmp_path / "network.json"), "--style", "boxes", "-o", made],
        ["fabricate", made, "-o", str(tmp_path / "parts")],
        ["inspect", str(tmp_path / "parts")],
        ["guide", made, "-o", str(tmp_path / "guide.html")],
        ["show", made, "-o", str(tmp_path / "tree.html")],
        ["show", made, "-o", str(tmp_path / "tree.png")],
    ):
        said = CliRunner().invoke(command_line, words)
        assert said.exit_code == 0, (words, said.output)
    assert '"boxes": 1' in (tmp_path / "tree.html").read_text() or '"boxes":1' in (tmp_path / "tree.html").read_text()
    assert "It is one piece" in (tmp_path / "guide.html").read_text()


def test_a_design_of_a_style_that_nobody_knows_is_refused_by_name(design):
    data = files.to_json(design).replace(b'"style": "boxes"', b'"style": "crates"')
    with pytest.raises(FileError, match="crates"):
        files.from_json(data)


def test_the_calibration_piece_that_it_does_not_have_is_refused_with_the_styles_that_have_one(boxes, tmp_path):
    weighed = tmp_path / "weighed.json"
    weighed.write_text(json.dumps({"poured_ml": 30.0, "cups_ml": [[10.0, 5.0, 5.0]]}))
    files.save(tmp_path / "network.json", TREE)
    for words in (["--trial"], [str(tmp_path / "network.json"), "--measured", str(weighed)]):
        said = CliRunner().invoke(command_line, ["plan", *words, "--style", "boxes"])
        assert isinstance(said.exception, PorcelainError), said.output
        told = str(said.exception)
        assert re.fullmatch("style boxes has no calibration piece; use the piece of style terrace or tower", told), told
