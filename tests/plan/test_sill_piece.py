"""The calibration piece: what its cups would hold leads back to the water and the knives that filled them."""

import json

import numpy as np
import pytest

from porcelain.errors import FileError, PorcelainError
from porcelain.plan.planner import DISCHARGE
from porcelain.printer import Printer
from porcelain.styles.calibration import weighed
from porcelain.styles.terrace.calibration import POURED_ML, SHARES, read, sill_piece


@pytest.fixture(scope="module")
def piece():
    return sill_piece(Printer.preset("ender3"), DISCHARGE)


def pours(tmp_path, **facts):
    path = tmp_path / "test.json"
    path.write_text(json.dumps(facts))
    return weighed(path)


def cups_ml(piece, stop_mm, loss_mm):
    """Cups from left to right after one pour: what stands above the sill stays, knives take a little of each width."""
    bucket = piece.buckets[0]
    out = POURED_ML - float(bucket.volume_ml(bucket.outlet.sill_mm + stop_mm))
    pipes = sorted(piece.pipes, key=lambda p: -p.path_mm[0, 0])
    widths = np.array([p.share for p in pipes]) * bucket.outlet.width_mm - loss_mm * np.array([1.0, 2.0, 1.0])
    return (out * widths / widths.sum()).tolist()


@pytest.mark.parametrize(("stop", "loss"), [(0.6, 0.0), (3.3, 0.1), (1.5, 0.05)])
def test_readings_are_the_water_and_the_knives_that_made_them(piece, tmp_path, stop, loss):
    found = pours(tmp_path, poured_ml=POURED_ML, cups_ml=[cups_ml(piece, stop, loss)] * 3)
    reading = read(found, piece)
    assert reading.stop_mm == pytest.approx(stop, abs=0.01)
    assert reading.knife_mm == pytest.approx(loss, abs=0.01)
    assert reading.scatter_pp == pytest.approx(0.0, abs=1e-9)


def test_it_is_small_and_splits_three_ways(piece):
    (low, high) = piece.layout.part_boxes_mm(piece)["body"]
    assert np.all(high - low < [30, 40, 30])
    assert piece.as_network().layers[0].shares[0] == pytest.approx(SHARES)
    assert all(pipe.area_mm2 / piece.buckets[0].outlet.height_mm >= 3.0 for pipe in piece.pipes)


@pytest.mark.parametrize(
    "facts",
    [
        {"poured_ml": 2.5},
        {"poured_ml": 2.5, "cups_ml": []},
        {"poured_ml": 2.5, "cups_ml": [[1.0, 1.0]]},
        {"poured_ml": 2.5, "cups_ml": [[2.0, 1.0, 1.0]]},
        {"poured_ml": 2.5, "cups_ml": [[0.5, 0.5, 0.5]], "temperature": 20},
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, facts):
    with pytest.raises(FileError):
        pours(tmp_path, **facts)


def test_a_leaking_piece_is_told(piece, tmp_path):
    found = pours(tmp_path, poured_ml=POURED_ML, cups_ml=[[1.2, 0.45, 0.7]])
    with pytest.raises(PorcelainError, match="leak"):
        read(found, piece)
