"""porcelain check --tolerance on the command line."""

import json
import sys
from pathlib import Path

import pytest

from porcelain import cli

IRIS = str(Path(__file__).parents[2] / "designs" / "iris")


def call(monkeypatch, capsys, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["porcelain", "check", IRIS, *arguments])
    try:
        cli.main()
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_tolerance_is_the_same_whether_studied_in_parts_or_at_once(monkeypatch, capsys, tmp_path):
    code, out, _ = call(monkeypatch, capsys, "--tolerance", "--machines", "10000", "--json")
    assert code == 0
    at_once = json.loads(out)
    assert at_once["worst"] <= at_once["p5"] <= at_once["mean"] <= 1.0
    study = ("--tolerance", "--machines", "10000", "--json", "--study", str(tmp_path / "study"))
    in_parts = json.loads(call(monkeypatch, capsys, *study)[1])
    files = sorted((tmp_path / "study").glob("*.parquet"))
    files[-1].unlink()  # as if it had been stopped
    again = json.loads(call(monkeypatch, capsys, *study)[1])
    assert again == in_parts
    assert in_parts["nominal"] == at_once["nominal"]
    assert in_parts["mean"] == pytest.approx(at_once["mean"], abs=2e-3)


@pytest.mark.parametrize("option", [("--study", "x"), ("--cluster", "local"), ("--plot", "x.png")])
def test_options_of_the_tolerance_need_it(monkeypatch, capsys, option):
    code, _, err = call(monkeypatch, capsys, *option)
    assert code == 2
    assert "--tolerance" in err
