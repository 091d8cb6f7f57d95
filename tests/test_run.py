"""A Run can be read, tabulated and written, and its balance shows what is wrong."""

import csv
import dataclasses
import io

import numpy as np
import pytest

from porcelain import files
from porcelain.errors import PorcelainError
from porcelain.pour import Pour
from porcelain.run import TRAY, Event, Run


@pytest.fixture
def run():
    """Two mL into a bucket, one of them on into a cup, by hand."""
    return Run(
        design="hand",
        law="torricelli",
        water="ideal",
        pour=Pour.of({"b0.0": 2.0}),
        vessels=("b0.0", "c0"),
        cups=("c0",),
        pipes=("p0.0-0",),
        sources=("b0.0",),
        targets=("c0",),
        shares=[1.0],
        overflow_to=(TRAY, TRAY),
        start_ml=[0.0, 0.0],
        times_s=[0.0, 1.0, 2.0],
        volumes_ml=[[2.0, 0.0], [1.25, 0.5], [1.0, 1.0]],
        levels_mm=[[8.0, 0.0], [5.0, 2.0], [4.0, 4.0]],
        flows_ml_s=[[1.0], [0.5], [0.0]],
        passed_ml=[[0.0], [0.75], [1.0]],
        arrived_ml=[[0.0], [0.5], [1.0]],
        spilled_ml=np.zeros((3, 2)),
        status="settled",
        message="",
        settled_at_s=2.0,
        energy_mj=0.1,
        events=(Event(0.0, "b0.0", "starts"), Event(2.0, "b0.0", "stops")),
    )


def test_answers(run):
    assert run.answer_ml.tolist() == [1.0]
    assert run.winner == "c0"
    assert run.transit_ml[:, 0].tolist() == [0.0, 0.25, 0.0]
    assert np.abs(run.balance_ml).max() == 0.0
    assert run.residual == 0.0
    assert run.split_error_pp.tolist() == [0.0]


def test_a_leak_shows(run):
    leaky = dataclasses.replace(run, volumes_ml=run.volumes_ml - [[0, 0], [0, 0], [0.1, 0]])
    assert leaky.balance_ml[-1] == pytest.approx([0.1, 0.0])
    assert leaky.residual == pytest.approx(0.05)


def test_tables(run):
    rows = list(csv.DictReader(io.StringIO(run.to_csv().decode())))
    assert [float(row["c0_ml"]) for row in rows] == [0.0, 0.5, 1.0]
    assert [float(row["p0.0-0_passed_ml"]) for row in rows] == [0.0, 0.75, 1.0]
    frame = run.to_frame()
    assert frame.loc[1.0, "b0.0_level_mm"] == 5.0
    cube = run.to_xarray()
    assert float(cube["volumes_ml"].sel(time_s=1.0, vessel="c0")) == 0.5
    assert cube.attrs["status"] == "settled"


def test_file(run):
    assert files.from_json(files.to_json(run), "run") == run


def test_shapes_are_checked(run):
    with pytest.raises(PorcelainError, match="flows_ml_s"):
        dataclasses.replace(run, flows_ml_s=[[1.0]])
