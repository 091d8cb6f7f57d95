"""porcelain fabricate --vof: a case of one outlet from the command line, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IRIS = ROOT / "designs" / "iris"


def test_a_case_is_written_and_nothing_else(porcelain, tmp_path):
    code, out, err = porcelain(
        "fabricate", IRIS, "--vof", "b1.2", "--set", "rate_ml_s=3", "--set", "water=tap", "-o", "case"
    )
    assert (code, err) == (0, "")
    assert "scripts/vof case" in out
    facts = json.loads((tmp_path / "case/case.json").read_text())
    assert (facts["options"]["rate_ml_s"], facts["water"]["name"]) == (3.0, "tap")
    assert not list((tmp_path / "case").glob("*.stl"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vof", "b1.9"], "did you mean 'b1.2'"),
        (["--vof", "b1.2", "--set", "inflow=p0.0-1"], "did you mean 'p0.0-2'"),
        (["--vof", "b1.2", "--set", "end=3"], "unknown setting"),
        (["--set", "rate_ml_s=3"], "name a bucket with --vof"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(porcelain, words, said):
    code, out, err = porcelain("fabricate", IRIS, *words, "-o", "case")
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert not Path("case").exists()


def test_the_page_shows_the_stored_runs():
    """docs/moving-water.md has the tables that docs/data/moving-water.json makes."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/make_evidence"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
