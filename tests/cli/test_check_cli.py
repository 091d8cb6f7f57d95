"""porcelain check --tolerance on the command line."""

import json
from pathlib import Path

import pytest

IRIS = str(Path(__file__).parents[2] / "designs" / "iris")


def test_tolerance_is_the_same_whether_studied_in_parts_or_at_once(porcelain, tmp_path):
    code, out, _ = porcelain("check", IRIS, "--tolerance", "--machines", "10000", "--json")
    assert code == 0
    at_once = json.loads(out)
    assert at_once["worst"] <= at_once["p5"] <= at_once["mean"] <= 1.0
    study = ("--tolerance", "--machines", "10000", "--json", "--study", str(tmp_path / "study"))
    in_parts = json.loads(porcelain("check", IRIS, *study)[1])
    files = sorted((tmp_path / "study").glob("*.parquet"))
    files[-1].unlink()  # as if it had been stopped
    again = json.loads(porcelain("check", IRIS, *study)[1])
    assert again == in_parts
    assert in_parts["nominal"] == at_once["nominal"]
    assert in_parts["mean"] == pytest.approx(at_once["mean"], abs=2e-3)


@pytest.mark.parametrize("option", [("--study", "x"), ("--cluster", "local"), ("--plot", "x.png")])
def test_options_of_the_tolerance_need_it(porcelain, option):
    code, _, err = porcelain("check", IRIS, *option)
    assert code == 2
    assert "--tolerance" in err
