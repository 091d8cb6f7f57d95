"""Inputs that no bed holds side by side: dealt to ranks, each row no wider than the bed, and the same network."""

import importlib.util
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from porcelain import files, plan
from porcelain.cli.plan import summary
from porcelain.errors import DesignError, FileError, PorcelainError
from porcelain.printer import Printer
from porcelain.show.floor_plan import floor_plan_html
from porcelain.simulate import steady_state
from porcelain.styles.terrace import ordering as order
from porcelain.styles.terrace import proportions
from porcelain.styles.terrace.rank_rows import laid
from porcelain.styles.terrace.ranks import deal, ranked

_spec = importlib.util.spec_from_file_location("nets_for_ranks", Path(__file__).parent / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)


@st.composite
def networks(draw):
    """Sparse first rows of up to 24 inputs, some with a hidden row behind."""
    widths = draw(st.sampled_from([(3, 2), (9, 4), (24, 3), (12, 5, 2)]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    layers = []
    for n, m in pairwise(widths):
        mask = rng.random((n, m)) < 0.4
        mask[np.arange(n), rng.integers(m, size=n)] = True
        shares = np.where(mask, rng.uniform(0.2, 1.0, (n, m)), 0.0)
        layers.append((rng.uniform(0.0, 3.0, n), shares / shares.sum(axis=1, keepdims=True)))
    return nets.network(layers)


@given(networks(), st.floats(20.0, 150.0))
def test_ranks_hold_every_input_once_and_none_is_wider_than_its_room(net, room):
    shares = net.layers[0].shares
    least = np.linspace(8.0, 14.0, len(shares))
    for ranks in deal(shares, least, 9.0, room):
        assert sorted(i for rank in ranks for i in rank) == list(range(len(shares)))
        past = set()
        for rank in ranks:
            assert least[list(rank)].sum() + 9.0 * len(past) <= room + 1e-9
            past |= {int(j) for i in rank for j in np.flatnonzero(shares[i])}
        assert (len(ranks) == 1) == (least.sum() <= room)


@given(networks(), st.floats(30.0, 110.0), st.integers(0, 2**32 - 1))
def test_rows_with_chutes_compute_what_the_network_does(net, room, seed):
    """Row by row, each poured into where its inputs stand, against the network as it was asked for."""
    ways = deal(net.layers[0].shares, np.full(net.widths[0], 11.0), 11.0, room)
    assume(ways)
    poured = np.random.default_rng(seed).uniform(0.0, 6.0, net.widths[0])
    for dealt in ways:
        rows = ranked(net, dealt)
        arriving = np.zeros(len(rows.names[0]))
        for k, layer in enumerate(rows.network.layers):
            for p in np.flatnonzero(rows.poured[k]):
                arriving[p] += poured[int(rows.names[k][p].split(".")[1])]
            arriving = layer(arriving[None])[0]
        np.testing.assert_allclose(arriving, net(poured)[0], rtol=1e-12, atol=1e-12)


NARROW = Printer("narrow", (110.0, 110.0, 200.0))


@pytest.fixture(scope="module")
def design():
    rng = np.random.default_rng(3)
    shares = np.zeros((12, 3))
    shares[np.arange(12), rng.integers(3, size=12)] = 0.7
    shares[np.arange(12), rng.integers(3, size=12)] += 0.3
    net = nets.network([(rng.uniform(0.5, 3.0, 12), shares)], 6.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "TRIALS", 0)
        patch.setattr(order, "MOST_TRIALS", 81)
        patch.setattr(proportions, "MOST_FITS", 20)
        return plan.design(net, printer=NARROW, style="terrace")


def test_twelve_inputs_stand_on_a_bed_for_six(design):
    assert all(NARROW.fits(tuple(np.ptp(box, axis=0))) for box in design.layout.part_boxes_mm(design).values())
    assert len(design.tiers[0]) == 12
    assert max(design.layout.ranks) >= 1
    assert "inputs in ranks, from the rear to the front: " in summary(design)
    assert [f.where.split()[1:] for f in design.findings if f.rule == "names above buckets"] == [
        ["inputs", "in", "front"]
    ]
    assert files.from_json(files.to_json(design), "design") == design


def test_the_machine_settles_at_what_its_network_computes(design):
    poured = np.random.default_rng(0).uniform(0.0, 6.0, (20, 12))
    cups = steady_state(design, poured * design.ml_per_unit)[:, -3:]
    np.testing.assert_allclose(cups, design.network(poured) * design.ml_per_unit, atol=0.02)  # rounded millimetres


def test_chutes_stand_in_front_of_who_pours_through_them_and_water_only_falls(design):
    rows = laid(design)
    width = design.layout.width_mm - 2 * design.layout.wall_mm
    for row in rows.tiers:
        cells = sorted(row, key=lambda v: v.at_mm[0])
        gaps = [b.at_mm[0] - b.size_mm[0] / 2 - a.at_mm[0] - a.size_mm[0] / 2 for a, b in pairwise(cells)]
        np.testing.assert_allclose(gaps, design.layout.wall_mm, atol=0.011)
        assert sum(v.size_mm[0] for v in cells) + sum(gaps) == pytest.approx(width, abs=0.02)
    chutes = {v.name: v for row in rows.tiers for v in row if v.is_chute}
    for bucket, rank in zip(design.tiers[0], design.layout.ranks, strict=True):
        for pipe in design.branches(bucket.name):
            assert np.all(np.diff(pipe.path_mm[:, 2]) < 0)
            for front in range(rank + 1, max(design.layout.ranks) + 1):
                chute = chutes[f"chute{front}.{pipe.target}"]
                low, high = chute.at_mm[0] - chute.size_mm[0] / 2, chute.at_mm[0] + chute.size_mm[0] / 2
                over = pipe.path_mm[np.abs(pipe.path_mm[:, 2] - chute.at_mm[2]) < 1e-6, 0]
                assert len(over) == 1  # it runs over the sill of every chute in front
                assert low < over[0] < high


def test_the_map_shows_chutes_and_that_nothing_is_poured_there(design):
    drawn = floor_plan_html(design, {})
    assert drawn.count("stroke-dasharray") == len(design.layout.chutes)
    assert all(f">to {chute.target}<" in drawn for chute in design.layout.chutes)
    assert "pour nothing there" in drawn


def test_a_network_that_fits_has_no_ranks_and_its_file_says_nothing_of_them(design):
    net = nets.network([([4, 5], [[0.5, 0.5], [0.2, 0.8]])])
    plain = plan.design(net, style="terrace")
    assert plain.layout.ranks == plain.layout.chutes == ()
    assert laid(plain) is plain
    assert b'"ranks"' not in files.to_json(plain)
    assert b'"chutes"' in files.to_json(design)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda b: replace(b, ranks=b.ranks[:-1]), "layout.ranks has 11 numbers for 12 inputs"),
        (lambda b: replace(b, ranks=(7, *b.ranks[1:])), "from 0 on each needs an input"),
        (lambda b: replace(b, chutes=b.chutes[1:]), r"chutes past rank 1 to c\d: 0, needed 1"),
        (lambda b: replace(b, chutes=(*b.chutes, b.chutes[0])), r"chutes past rank 1 to c\d: 2, needed 1"),
        (lambda b: replace(b, floor_slopes=b.floor_slopes[1:]), "layout.floor_slopes has 11 numbers for 12 buckets"),
    ],
)
def test_ranks_edited_by_hand_are_refused_when_read(design, edit, message):
    with pytest.raises(PorcelainError, match=message):
        replace(design, layout=edit(design.layout))


def test_a_file_with_a_chute_too_few_is_refused(design):
    data = files.to_json(design).replace(b'"target": "c0",\n        "x_mm"', b'"target": "c9",\n        "x_mm"')
    with pytest.raises((FileError, PorcelainError), match="chutes past rank 1 to c0: 0, needed 1"):
        files.from_json(data, "design")


def test_what_chutes_leave_no_room_for_is_refused_at_a_glance(monkeypatch):
    from porcelain.styles.terrace import search as terrace

    monkeypatch.setattr(terrace, "search", None)
    net = nets.network([(np.ones(30), np.eye(18)[np.arange(30) % 18])])
    with pytest.raises(DesignError, match=r"row 0: width is \d+ mm at least, limit 220 mm"):
        plan.design(net, printer=Printer.preset("ender3"), style="terrace")


def test_more_rows_than_any_part_is_deep_are_refused_before_they_are_laid_out(monkeypatch):
    from porcelain.styles.terrace import search as terrace

    monkeypatch.setattr(terrace, "search", None)
    net = nets.network([(np.ones(24), np.full((24, 12), 1 / 12))])
    with pytest.raises(DesignError, match=r"rows is \d+ and the cups, limit what fits 220 x 220 x 250 mm; "):
        plan.design(net, printer=Printer.preset("ender3"), style="terrace")


def test_branches_that_cross_too_often_even_in_ranks_are_refused(monkeypatch):
    monkeypatch.setattr(order, "MAX_LAYERS", 1)
    net = nets.network([(np.ones(20), np.full((20, 3), 1 / 3))])
    with pytest.raises(DesignError, match=r"gutter layers is over .* train with fewer pipes"):
        plan.design(net, printer=Printer.preset("ender3"), style="terrace")
