"""Where water goes: pools and sills of known heights, slopes, drops, and films under an edge."""

import numpy as np
import pytest

from porcelain.check.mesh.columns import sample_columns
from porcelain.check.mesh.flood import escape_levels, pour
from porcelain.geometry import solids
from porcelain.machine.assembly import Part


def sampled(solid):
    vertices, faces = solids.to_mesh(solid, "thing")
    c = sample_columns([Part("thing", vertices, faces, np.zeros(3))])
    return c, escape_levels(c)


def stretch_at(c, x, y, z):
    column = c.column_at(x, y)
    nodes = np.arange(c.start[column], c.start[column + 1])
    return nodes[(c.floor[nodes] <= z) & (c.ceil[nodes] > z)]


def wet_table(c, wet):
    return c.place_mm(np.flatnonzero((wet.level > -np.inf) & (c.part < 0)))


@pytest.mark.parametrize("notch", [None, 14.0, 6.5])
def test_water_leaves_a_vessel_over_its_lowest_sill(notch):
    vessel = solids.cut(solids.box([0, 0, 0], [20, 20, 18]), [solids.box([2, 2, 2], [18, 18, 19])])
    if notch is not None:
        vessel = solids.cut(vessel, [solids.box([-1, 8, notch], [3, 12, 19])])
    c, escape = sampled(vessel)
    inside = stretch_at(c, 10, 10, 3)
    assert escape[inside] == pytest.approx(18.0 if notch is None else notch, abs=1e-4)
    wet = pour(c, escape, inside, np.zeros(len(c.floor), dtype=np.int64), 0.5)
    beside = wet_table(c, wet)
    assert len(beside)
    stops = (c.part < 0).astype(np.int64)
    first = wet_table(c, pour(c, escape, inside, stops, 0.5))
    if notch is not None:  # only past the notch, although water then runs on over the whole table
        assert first[:, 0].max() < 0.0
        assert np.all((first[:, 1] > 6.5) & (first[:, 1] < 13.5))


def test_a_slope_is_run_down_and_not_up():
    ramp = np.array([[0.0, 0.0], [30.0, 0.0], [30.0, 20.0], [0.0, 8.0]])
    side, up = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    c, escape = sampled(solids.prism(ramp, np.array([0.0, 10.0, 0.0]), side, up, 10.0))
    start = stretch_at(c, 15, 5, 14.6)
    wet = pour(c, escape, start, (c.part < 0).astype(np.int64))
    on_it = c.place_mm(np.flatnonzero((wet.level > -np.inf) & (c.part >= 0)))
    assert on_it[:, 0].max() < 15.6
    assert on_it[:, 0].min() < 0.5


@pytest.mark.parametrize(("back_mm", "drips"), [(10.0, True), (18.0, False)])
def test_a_film_runs_back_under_a_shelf_that_leans_to_the_wall(back_mm, drips):
    shelf = np.array([[2.0, back_mm], [10.0, 18.0], [10.0, 20.0], [2.0, 20.0]])
    side, up = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    pieces = [
        solids.box([0, -2, 0], [2.5, 12, 25]),
        solids.box([0, -2, 0], [18, 0, 25]),
        solids.box([0, 10, 0], [18, 12, 25]),
        solids.prism(shelf, np.array([0.0, 11.0, 0.0]), side, up, 12.0),
        solids.cut(solids.box([8, -1, 0], [18, 11, 6]), [solids.box([9, 0, 2], [17, 10, 7])]),
    ]
    c, escape = sampled(solids.union(pieces))
    tray = (np.abs(c.place_mm(np.arange(len(c.floor))) - [13, 5]) < [4, 5]).all(axis=1) & (c.floor < 6)
    wet = pour(c, escape, stretch_at(c, 5, 5, 21), tray.astype(np.int64))
    assert np.any(wet.level[tray] > -np.inf)
    beside = wet_table(c, wet)
    assert bool(len(beside)) == drips
    if drips:
        assert np.all((beside[:, 0] > 2.0) & (beside[:, 0] < 8.5))


def test_every_way_begins_where_water_was_let_in():
    """Water that wets a stretch again, higher, must not close its way to a ring: it would be followed for ever."""
    roof = np.array([[2.0, 12.0], [30.0, 2.0], [30.0, 4.0], [2.0, 14.0]])
    side, up = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    tray = solids.cut(solids.box([0, -2, 0], [34, 12, 9]), [solids.box([1, -1, 1], [33, 11, 10])])
    shelf = solids.prism(roof, np.array([0.0, 9.0, 0.0]), side, up, 9.0)
    c, escape = sampled(solids.union([tray, shelf, solids.box([0, -2, 0], [2.5, 12, 16])]))
    sources = stretch_at(c, 4, 5, 14)
    wet = pour(c, escape, sources, np.zeros(len(c.floor), dtype=np.int64))
    ahead = wet.before.copy()
    for _ in range(len(ahead).bit_length()):  # twice as far each time
        ahead = np.where(ahead >= 0, ahead[ahead], -1)
    assert np.all(ahead < 0)
    assert (wet.before >= 0).sum() > 1000
