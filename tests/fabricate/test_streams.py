"""Streams of layouts that no search would choose: many gutter layers, whose dividers lean over each other's cells."""

import importlib.util
from pathlib import Path

import numpy as np

from porcelain import fabricate, plan
from porcelain.check.inspection.inspection import inspect
from porcelain.check.mesh.readers import reread
from porcelain.geometry import solids
from porcelain.machine.assembly import Assembly
from porcelain.styles.terrace import ordering as order
from porcelain.styles.terrace import proportions
from porcelain.styles.terrace import search as terrace

_spec = importlib.util.spec_from_file_location("nets_for_streams", Path(__file__).parents[1] / "plan" / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)


def planned(monkeypatch, rows, *branches, leftwards=False):
    """Rows of cells in these places; per tier the targets of every bucket's branches, equal ones, left to right."""
    monkeypatch.setattr(proportions, "MOST_FITS", 4)
    layers = []
    for row, below, targets in zip(rows, rows[1:], branches, strict=False):
        shares = np.zeros((len(row), len(below)))
        for i, mine in zip(row, targets, strict=True):
            shares[i, list(mine)] = 1 / len(mine)
        layers.append((np.full(len(row), 2.0), shares))
    stair = order.Ordering(rows, branches, (leftwards,) * len(branches))
    monkeypatch.setattr(terrace, "search", lambda net, rules, _: (stair, order.solve(net, stair, rules)))
    return plan.design(
        nets.network(layers, 10.0), printer=nets.HALL, style="terrace", cups="free", text=False, lips=False
    )


def rules(design):
    parts = reread(fabricate.parts(design))
    return {finding.rule for finding in inspect(parts, Assembly.of(design, parts), design=design).findings}


def test_a_divider_over_cells_of_the_next_layer_stands_on_a_wall_between_them(monkeypatch):
    """Its underside led what runs down the plate in front of it past the wall, into another cell."""
    rows = (1, 0, 2, 3), (0, 2, 3, 1)
    design = planned(monkeypatch, rows, ((1, 0, 3), (1, 3), (2, 3, 0), (0, 2)))
    assert rules(design) == set()


def test_a_plate_stands_before_a_dry_cell_whose_dividers_lean_aside(monkeypatch):
    """Right above a cup there may be dividers of others, and what falls between them does not end in it."""
    rows = (0, 1), (3, 2, 4, 1, 0)
    assert rules(planned(monkeypatch, rows, ((3, 0, 4), (2, 1, 3, 4, 0)), leftwards=True)) == set()


def test_a_plate_parts_two_layers_that_carry_no_water_of_a_cell_themselves(monkeypatch):
    """Open to a third layer that does, they let its water through where their dividers cross on one wall."""
    rows = (1, 0, 2), (3, 2, 1, 4, 0), (0, 5, 4, 1, 2, 3)
    below = (2, 5, 1, 3), (0, 4, 1), (1,), (1, 0), (2, 5, 4)
    assert rules(planned(monkeypatch, rows, ((2, 0, 4, 3), (4, 0, 2), (1, 3)), below)) == set()


def test_a_machine_without_letters_needs_no_cups_to_write_on():
    net = nets.network([([2.0, 2.0], [[0.5, 0.5], [0.5, 0.5]])], 2.2)
    design = plan.design(net, printer=nets.HALL, style="terrace", text=False)
    assert min(cup.rim_mm for cup in design.cups) < 8.0  # lower than the level mark of lettered ones
    assert len(fabricate.parts(design)) == 1


def test_solids_that_touch_along_an_edge_have_two_faces_at_every_edge():
    """The kernel draws such an edge twice, in one place; programs that join what lies there see four faces."""
    block = solids.union([solids.box([0, 0, 0], [9, 9, 2]), solids.box([1, 1, 1], [3, 3, 4])])
    _, faces = solids.to_mesh(solids.union([block, solids.box([3, 3, 1], [5, 5, 4])]), "block")
    edges = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    assert np.all(np.unique(edges, axis=0, return_counts=True)[1] == 2)


def test_a_part_as_large_as_the_bed_fits_it_whatever_its_sums_round_to():
    assert nets.HALL.fits((900.0, 899.9999, 900.00001))
    assert not nets.HALL.fits((900.0, 900.0, 900.01))
