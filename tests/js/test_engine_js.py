"""The page's engine, run by node, against the table of pours; and the table against the engine that wrote it."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from porcelain import files, simulate
from porcelain.pour import Piece, Pour
from porcelain.show.water import machine_table

ROOT = Path(__file__).parents[2]
POURS = json.loads((ROOT / "tests" / "pours.json").read_text())
IRIS = [pour for pour in POURS if pour["name"].startswith("iris")]


def numbers(table):
    """Every number of nested lists and mappings, in order."""
    if isinstance(table, (dict, list)):
        return [x for item in (table.values() if isinstance(table, dict) else table) for x in numbers(item)]
    return [] if table is None or isinstance(table, str) else [float(table)]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_engine():
    done = subprocess.run(["node", "--test", str(Path(__file__).parent)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:]
    assert "# pass" in done.stdout


@pytest.mark.parametrize("pour", IRIS, ids=lambda pour: pour["name"])
def test_table_is_what_python_computes(pour):
    """The table is of the engine of today, or it is no contract."""
    design = files.load(ROOT / "tests" / "tower.json")
    machine = pour["machine"]
    mine = numbers(machine_table(design, machine["law"], machine["water"]))
    assert np.allclose(mine, numbers(machine), rtol=1e-9, atol=1e-12)
    names = [bucket.name for bucket in design.tiers[0]]
    pieces = [
        Piece(names[p["input"]], p["start_s"], p["duration_s"], p["volume_ml"], p["rise"]) for p in pour["pieces"]
    ]
    run = simulate.run(design, Pour(tuple(pieces)), pour["times_s"], law=machine["law"], water=machine["water"])
    assert np.abs(run.volumes_ml - pour["volumes_ml"]).max() <= 1e-6 * run.pour.total_ml
    assert run.status == pour["status"]
