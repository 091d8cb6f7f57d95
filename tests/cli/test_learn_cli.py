import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from porcelain import files
from porcelain.cli.learn import command
from porcelain.data import load
from porcelain.errors import PorcelainError
from porcelain.learn import fit
from porcelain.plan import share_floor
from porcelain.printer import PRINTERS


def run(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)


def test_network_is_written_and_both_errors_printed(tmp_path):
    result = run("iris", "-o", tmp_path / "n.json", "--folds", 2, "--restarts", 2)
    assert result.exit_code == 0
    network = files.load(tmp_path / "n.json", "network")
    assert network == fit(load("iris"), folds=2, restarts=2)
    assert f"{network.provenance['training_error']:.2%}" in result.output
    assert f"{network.provenance['cross_validation']['error']:.2%} (held out, 1 x 2 folds" in result.output


def test_standard_output_carries_the_network_alone():
    result = run("iris", "-o", "-", "--folds", 0, "--restarts", 1)
    document = json.loads(result.stdout)
    assert document["porcelain"] == "network"
    assert "not measured" in result.stderr


def test_a_recipe_brings_its_data_and_options_change_it(tmp_path):
    run("--recipe", "iris-mini", "--draws", 0, "--margin", 0, "--folds", 0, "-o", tmp_path / "n.json")
    network = files.load(tmp_path / "n.json", "network")
    assert network.widths == (4, 3)
    assert network.n_pipes <= 6
    assert network.provenance["training"]["objective"]["draws"] == 0
    assert network.provenance["recipe"] == "own"


def test_any_csv_is_rescaled_and_poured_in_its_own_units(tmp_path):
    rows = [f"{kg},{cm},{'big' if kg * cm > 6000 else 'small'}" for kg in (40, 60, 80, 100) for cm in (-10, 90, 140)]
    (tmp_path / "t.csv").write_text("mass (kg),offset (cm),size\n" + "\n".join(rows) + "\n")
    run(tmp_path / "t.csv", "--label", "size", "--hidden", "", "--folds", 0, "-o", tmp_path / "n.json")
    network = files.load(tmp_path / "n.json", "network")
    assert network.encoding.feature_units == ("kg", "cm")
    poured = [[0, 0, 100, 100], [100, 100, 0, 0]]  # few features: each beside its opposite
    np.testing.assert_allclose(network.encoding.volumes([[40, -10], [100, 140]]), poured)
    assert network.class_names[network.predict([[100, 140]])[0]] == "big"


def test_frontier_and_history_are_drawn(tmp_path):
    result = run("iris", "--hidden", "", "--restarts", 1, "--folds", 2, "--frontier", tmp_path / "f.png")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:-1]] == [str(n) for n in range(12, 3, -1)]
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    run("iris", "--hidden", "", "--restarts", 1, "--folds", 0, "--history", tmp_path / "h.png")
    assert (tmp_path / "h.png").read_bytes().startswith(b"\x89PNG")


def test_what_was_asked_and_not_reached_is_said(tmp_path):
    result = run("iris", "-o", tmp_path / "n.json", "--restarts", 1, "--max-error", 0.001)
    assert result.exit_code == 1
    assert "asked for at most 0.10%; allow more pipes" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["iris", "--hidden", "three"], "numbers of buckets"),
        (["iris", "--pipes", "3"], "needs 7"),
        (["iris", "--recipe", "artcle"], "did you mean 'article'"),
        (["--recipe", "plain"], "brings no data"),
        (["iris", "--margin", "-1"], "--margin is -1;"),
        (["iris", "--folds", "1"], "1 folds"),
        (["irs"], "did you mean 'iris'"),
    ],
)
def test_wrong_use_says_why_and_writes_nothing(arguments, message, tmp_path):
    with pytest.raises(PorcelainError, match=message):
        run(*arguments, "-o", tmp_path / "n.json")
    assert not (tmp_path / "n.json").exists()


def table(tmp_path, rows):
    """A CSV file of four features and two classes that one layer cannot tell apart well."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(rows, 4))
    labels = np.where(features[:, 0] * features[:, 1] > 0, "same", "other")
    lines = [",".join([*(f"{x:.4f}" for x in row), label]) for row, label in zip(features, labels, strict=True)]
    (tmp_path / "t.csv").write_text("a,b,c,d,kind\n" + "\n".join(lines) + "\n")
    return tmp_path / "t.csv"


def test_a_long_table_is_sampled_and_that_is_told(tmp_path):
    result = run(table(tmp_path, 400), "--sample", 100, "--folds", 2, "-o", tmp_path / "n.json")
    assert "learning from 100 of 400 rows" in result.stderr
    assert files.load(tmp_path / "n.json", "network").provenance["rows"] == 100
    assert "learning from" not in run(table(tmp_path, 400), "--folds", 0, "-o", tmp_path / "n.json").stderr


def test_the_default_of_a_table_says_what_others_would_bring(tmp_path):
    own = table(tmp_path, 300)
    result = run(own, "--folds", 2, "-o", tmp_path / "n.json")
    told = {tuple(one["hidden"]): one["error"] for one in json.loads(_json(own, tmp_path))["alternatives"]}
    assert "no hidden tier" in result.output
    assert f"--hidden 4 {told[4,]:.1%}" in result.output
    assert told[4,] < told[()] - 0.1
    assert "no hidden tier" not in run(own, "--hidden", "", "--folds", 2, "-o", tmp_path / "n.json").output
    better = run(own, "--hidden", 4, "--folds", 2, "-o", tmp_path / "n.json")
    assert better.exit_code == 0
    assert files.load(tmp_path / "n.json", "network").provenance["cross_validation"]["error"] < told[()] - 0.1


def _json(own, tmp_path):
    return run(own, "--folds", 2, "--json", "-o", tmp_path / "n.json").stdout


def test_a_printer_sets_the_least_share_from_the_start(tmp_path):
    run("iris", "--restarts", 4, "--printer", "mini", "--folds", 0, "-o", tmp_path / "n.json")
    floor = share_floor(PRINTERS["mini"])
    shares = np.concatenate([layer.shares.ravel() for layer in files.load(tmp_path / "n.json", "network").layers])
    assert shares[shares > 0].min() >= floor - 1e-12
    run("iris", "--restarts", 4, "--printer", "mini", "--min-share", 0, "--folds", 0, "-o", tmp_path / "n.json")
    shares = np.concatenate([layer.shares.ravel() for layer in files.load(tmp_path / "n.json", "network").layers])
    assert shares.min() < floor


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted in /proc")
def test_a_terminated_run_leaves_no_file_and_no_worker(tmp_path):
    command = [sys.executable, "-m", "porcelain", "learn", "iris", "--recipe", "iris", "--jobs", "2", "--repeats", "50"]
    running = subprocess.Popen([*command, "-o", str(tmp_path / "n.json")], start_new_session=True)
    try:
        deadline = time.monotonic() + 90
        while len(_session(running.pid)) < 3 and time.monotonic() < deadline:  # the run, and two workers
            time.sleep(0.2)
        assert len(_session(running.pid)) >= 3
        running.terminate()
        assert running.wait(timeout=30) == 143
        while _session(running.pid) and time.monotonic() < deadline + 10:
            time.sleep(0.2)
        assert _session(running.pid) == []
        assert list(tmp_path.iterdir()) == []
    finally:
        for pid in _session(running.pid):
            os.kill(pid, signal.SIGKILL)


def _session(leader):
    """Processes of a session, by /proc."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found
