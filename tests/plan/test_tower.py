"""The tower of crossing rows: what was asked is what the millimetres compute, or there are reasons."""

import re
from contextlib import contextmanager
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from porcelain import files, plan
from porcelain.encoding import Encoding
from porcelain.errors import DesignError, PorcelainError
from porcelain.network import Layer, Network
from porcelain.printer import Printer
from porcelain.styles.terrace import ordering as order
from porcelain.styles.terrace import proportions

STARTS_MM = ((24.0,), (42.0,), (30.0,), (45.0,))
HALL = Printer("hall", (900.0, 900.0, 900.0))


@contextmanager
def hasty():
    """A short search: the rules must hold for any layout and proportions of a terrace, not only for the best."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "TRIALS", 0)
        patch.setattr(order, "MOST_TRIALS", 81)
        patch.setattr(proportions, "MOST_FITS", 20)
        patch.setattr(proportions, "STARTS_MM", STARTS_MM)
        yield


def network(layers, most_u=60.0):
    """A network of (thresholds, shares) pairs."""
    layers = tuple(Layer(np.array(t, dtype=float), np.array(s, dtype=float)) for t, s in layers)
    n, m = layers[0].n_in, layers[-1].n_out
    encoding = Encoding(
        tuple(f"x{i}" for i in range(n)), ("cm",) * n, np.zeros(n), np.ones(n), np.zeros(n), np.full(n, most_u)
    )
    return Network(layers, encoding, tuple(f"class {j}" for j in range(m)), "net")


@st.composite
def networks(draw, most_inputs=6, least_outputs=2):
    """2 to 6 inputs, 1 to 3 tiers; sparse and dense rows, thresholds of 0 among them."""
    widths = [draw(st.integers(2, most_inputs))]
    widths += [draw(st.integers(least_outputs, 4)) for _ in range(draw(st.integers(1, 3)))]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    layers = []
    for n_in, n_out in pairwise(widths):
        shares = rng.uniform(0.1, 1.0, (n_in, n_out)) * (rng.random((n_in, n_out)) < rng.uniform(0.4, 1.0))
        shares[np.arange(n_in), rng.integers(0, n_out, n_in)] += 0.5
        if len(layers) == len(widths) - 2:  # a hidden bucket may stay dry; a cup needs a branch that can be printed
            shares[rng.integers(0, n_in, n_out), np.arange(n_out)] += 1.0
        thresholds = rng.uniform(0.0, 20.0, n_in) * (rng.random(n_in) < 0.8)
        layers.append((thresholds, shares / shares.sum(axis=1, keepdims=True)))
    return network(layers)


def closest_mm(a, b, n=60):
    """Least distance of two polylines (k, 3), sampled: slower than the planner's and written apart from it."""

    def points(path):
        return np.concatenate([p + np.linspace(0, 1, n)[:, None] * (q - p) for p, q in pairwise(path)])

    return float(np.linalg.norm(points(a)[:, None] - points(b)[None], axis=2).min())


@settings(max_examples=25, deadline=None)
@given(networks())
def test_a_planned_tower_computes_its_network_and_keeps_the_rules(net):
    design = plan.design(net, printer=HALL, style="tower")
    closed = [f for f in design.findings if f.rule == "share"]
    for row, layer, mine in zip(design.tiers, net.layers, design.as_network().layers, strict=True):
        rounded = 0.00501 * max(bucket.slab_areas_mm2[-1] for bucket in row) / 1000.0  # levels, to 0.01 mm
        assert mine.thresholds == pytest.approx(layer.thresholds, abs=rounded)
        if not closed:
            assert mine.shares == pytest.approx(layer.shares, abs=0.004)  # bores are rounded to 0.01 mm
    for pipe in design.pipes:
        assert pipe.slope_deg >= 49.5
        assert pipe.bore_mm >= 2.99
    for row in design.tiers:
        pipes = [pipe for bucket in row for pipe in design.branches(bucket.name)]
        for a, b in combinations(pipes, 2):
            assert closest_mm(a.path_mm, b.path_mm) > (a.bore_mm + b.bore_mm) / 2
    assert files.from_json(files.to_json(design), "design") == design


def test_levels_fall_from_row_to_row_and_the_cups_hold_everything():
    net = network([([3, 5], [[0.5, 0.5], [0.2, 0.8]]), ([1, 2], [[0.4, 0.6], [1, 0]])])
    design = plan.design(net, printer=HALL, style="tower")
    sills = [[b.at_mm[2] + b.outlet.sill_mm for b in row] for row in design.tiers]
    assert all(len(set(np.round(row, 2))) == 1 for row in sills)  # one level per row
    for pipe in design.pipes:
        rows = {v.name: v for v in design.vessels}
        below = rows[pipe.target]
        assert pipe.path_mm[-1, 2] >= below.at_mm[2] + below.rim_mm  # it ends in the open above the water
        assert np.all(np.abs(pipe.path_mm[-1, :2] - below.at_mm[:2]) < np.array(below.size_mm) / 2)
    worst = design.as_network()(design.worst_ml / design.ml_per_unit)[0] * design.ml_per_unit
    assert all(cup.capacity_ml > ml for cup, ml in zip(design.cups, worst, strict=True))


def test_a_small_printer_gets_findings_with_the_parts_names():
    net = network([([20, 20, 20], np.full((3, 3), 1 / 3)), ([20, 20, 20], np.full((3, 3), 1 / 3))])
    with pytest.raises(DesignError) as refused:
        plan.design(net, printer=Printer("thimble", (90.0, 90.0, 60.0)), style="tower")
    sizes = [f for f in refused.value.findings if f.rule == "size"]
    assert {"t0", "t1", "base"} <= {f.where for f in sizes}
    assert all("90 x 90 x 60" in f.limit for f in sizes)


def test_shares_below_the_floor_are_closed_and_said():
    net = network([([1, 1], [[0.97, 0.03], [0.5, 0.5]])])
    design = plan.design(net, printer=HALL, style="tower")
    (finding,) = design.findings
    assert (finding.where, finding.severity) == ("p0.0-1", "warning")
    assert design.as_network().layers[0].shares[0] == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize("widths", [(4, 3), (4, 3, 3), (4, 3, 3, 3), (2, 2)])
def test_every_pipe_of_a_small_network_fits_on_a_common_printer(widths):
    net = network([(np.linspace(0, 20, n), np.full((n, m), 1 / m)) for n, m in pairwise(widths)])
    design = plan.design(net, style="tower")
    assert len(design.pipes) == sum(n * m for n, m in pairwise(widths))
    assert not design.findings


def dense(*widths):
    """Every bucket feeds every bucket of the next row."""
    return network([(np.linspace(0, 15, n), np.full((n, m), 1 / m)) for n, m in pairwise(widths)], most_u=30.0)


def pruned(net, n_pipes):
    """The network with about so many pipes: as many targets per bucket, spread over the next row."""
    part, layers = n_pipes / net.n_pipes, []
    for layer in net.layers:
        n, m = layer.shares.shape
        kept = np.array([[(7 * j - i) % m < max(int(part * m), 1) for j in range(m)] for i in range(n)], dtype=float)
        layers.append((layer.thresholds, kept / kept.sum(axis=1, keepdims=True)))
    return network(layers, most_u=30.0)


def test_256_pipes_stand_on_the_largest_printer():
    design = plan.design(dense(8, 8, 8, 8, 8), printer=Printer.preset("xl"), style="tower")
    assert len(design.pipes) == 256
    assert {f.rule for f in design.findings} <= {"name"}  # between so many pipes few walls are free
    pipes = [pipe for bucket in design.tiers[1] for pipe in design.branches(bucket.name)]
    for a, b in combinations(pipes, 2):
        assert closest_mm(a.path_mm, b.path_mm) > (a.bore_mm + b.bore_mm) / 2 + 2 * design.layout.pipe_wall_mm


@pytest.mark.parametrize("widths", [(12, 12, 12), (10, 10, 10)])
def test_a_refusal_says_what_would_stand_and_that_does(widths):
    net = dense(*widths)
    with pytest.raises(DesignError) as refused:
        plan.design(net, printer=Printer.preset("xl"), style="tower")
    (advice,) = {finding.advice for finding in refused.value.findings}  # the same for every part
    bed = tuple(float(side) for side in re.search(r"--bed (\d+)x(\d+)x(\d+)", advice).groups())
    assert "--style terrace" in advice
    assert len(plan.design(net, printer=Printer("own", bed), style="tower").pipes) == net.n_pipes
    if widths[0] == 12:  # twelve cups in a row are too long without any pipes
        assert "fewer buckets" in advice
    else:
        fewer = pruned(net, int(re.search(r"--pipes (\d+)", advice)[1]))
        assert fewer.n_pipes >= 0.5 * net.n_pipes
        assert len(plan.design(fewer, printer=Printer.preset("xl"), style="tower").pipes) == fewer.n_pipes


def test_a_bed_of_ones_own_is_asked_for_by_its_sides(tmp_path):
    from click.testing import CliRunner

    from porcelain.cli import porcelain

    files.save(tmp_path / "network.json", dense(2, 2))
    words = ["plan", str(tmp_path / "network.json"), "--style", "tower", "-o", str(tmp_path / "design.json"), "--bed"]
    assert CliRunner().invoke(porcelain, [*words, "400x300x500"]).exit_code == 0
    assert files.load(tmp_path / "design.json").printer.bed_mm == (400.0, 300.0, 500.0)
    for bad in ("400", "400x300", "400xwidex500", "0x300x500"):
        said = CliRunner().invoke(porcelain, [*words, bad])
        assert isinstance(said.exception, PorcelainError), bad


def test_the_order_of_the_cells_keeps_every_name_in_its_row():
    net = network([([20, 0, 5, 12], np.eye(4)[[3, 1, 2, 0]]), ([3, 9, 1, 0], np.eye(4)[[1, 0, 3, 2]])])
    design = plan.design(net, printer=HALL, style="tower")
    assert [b.name for b in design.tiers[0]] == ["b0.0", "b0.1", "b0.2", "b0.3"]
    assert [b.label for b in design.tiers[0]] == list(net.encoding.names)
    assert [c.label for c in design.cups] == list(net.class_names)
    assert {(p.source, p.target) for p in design.pipes} >= {("b0.0", "b1.3"), ("b1.3", "c2")}
    assert all(p.slope_deg > 49.5 for p in design.pipes)


@pytest.mark.parametrize(
    ("layers", "rule"),
    [
        ([([1.0] * 64, np.full((64, 2), 0.5))], "width"),
        ([([0.0] * 20, np.full((20, 20), 0.05))], "number of pipes"),
        ([([1.0, 1.0], [[0.5, 0.5], [0.5, 0.5]])] * 5, "rows of buckets"),
        ([([1.0], np.full((1, 18), 1 / 18))], "largest share"),
        ([([1.0, 1.0], [[0.98, 0.02], [1.0, 0.0]])], "largest share"),
    ],
)
def test_what_cannot_be_built_is_refused_at_once(layers, rule):
    with pytest.raises(DesignError) as refused:
        plan.design(network(layers), style="tower")
    assert rule in {f.rule for f in refused.value.findings}


@pytest.mark.parametrize(
    "bad", [{"ml_per_unit": 0.0}, {"ml_per_unit": np.nan}, {"pour_ml_s": -1.0}, {"worst_u": [1.0]}]
)
def test_impossible_arguments_are_told_in_one_line(bad):
    net = network([([1, 1], [[0.5, 0.5], [0.5, 0.5]])])
    with pytest.raises(PorcelainError):
        plan.design(net, printer=Printer.preset("ender3"), style="tower", **bad)
