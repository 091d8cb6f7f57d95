"""The page's engine, run by node, against the table of pours; and the table against the engine that wrote it."""

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from porcelain import files, simulate
from porcelain.hydraulics.laws import chosen
from porcelain.pour import Piece, Pour
from porcelain.show.water import constants_script, machine_table

ROOT = Path(__file__).parents[2]
POURS = json.loads((ROOT / "tests" / "pours.json").read_text())
IRIS = [
    pour
    for pour in POURS
    if pour["name"].startswith("iris") and "gates" not in pour["name"] and "delays" not in pour["name"]
]


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


def test_constants_are_those_of_python():
    page = ROOT / "porcelain" / "show" / "page" / "constants.js"
    assert page.read_text() == constants_script(), "run scripts/make_pours"


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


def random_pour(design, rng):
    """One to three pieces into every input, at once or lasting, that may overlap."""
    lasts = [0.0, *rng.uniform(0.5, 6.0, 3)]
    return Pour(
        tuple(
            Piece(b.name, rng.uniform(0, 8), float(rng.choice(lasts)), rng.uniform(0, 20), rng.uniform(-0.9, 0.9))
            for b in design.tiers[0]
            for _ in range(rng.integers(1, 4))
        )
    )


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_sixty_random_pours(tmp_path):
    """The page's engine repeats simulate.run on the stored designs, with the water each is made for."""
    rng, cases, times = np.random.default_rng(5), [], np.linspace(0.0, 60.0, 61)
    for name in ("iris", "iris-mini", "iris-tower", "xor", "wine", "circle"):
        design = files.load(ROOT / "designs" / name, "design")
        inputs = [bucket.name for bucket in design.tiers[0]]
        law = chosen(design, None, None)
        table = machine_table(design, law.law.name, law.water)
        for _ in range(10):
            pour = random_pour(design, rng)
            pieces = [{**asdict(p), "input": inputs.index(p.bucket)} for p in pour.pieces]
            wanted = simulate.run(design, pour, times).volumes_ml.tolist()
            cases.append({"machine": table, "pieces": pieces, "times": times.tolist(), "volumes": wanted})
    (tmp_path / "cases.json").write_text(json.dumps(cases))
    script = (
        f"const E = require({json.dumps(str(ROOT / 'porcelain/show/page/engine.js'))});"
        f"for (const c of require({json.dumps(str(tmp_path / 'cases.json'))})) {{"
        "const s = E.start(c.machine); c.pieces.forEach((p) => E.add(s, p));"
        "console.log(Math.max(...c.times.map((t, i) =>"
        " Math.max(...E.volumes(E.advance(s, t)).map((x, v) => Math.abs(x - c.volumes[i][v]))))));}"
    )
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    off = np.array(done.stdout.split(), dtype=float)
    assert len(off) == 60
    assert off.max() <= 1e-6
