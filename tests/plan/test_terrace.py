"""The terrace's planner: the same network in millimetres, everything falling and in order."""

import importlib.util
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from porcelain import files, plan
from porcelain.errors import DesignError
from porcelain.printer import Printer
from porcelain.styles.requirements import CUPS
from porcelain.styles.terrace import ordering as order
from porcelain.styles.terrace.funnel import Funnel

_spec = importlib.util.spec_from_file_location("nets_for_terraces", Path(__file__).parent / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)


@pytest.fixture
def hasty():
    with nets.hasty():
        yield


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nets.networks(most_inputs=5, least_outputs=1), st.sampled_from(CUPS))
def test_a_planned_terrace_computes_its_network_and_keeps_the_rules(hasty, net, cups):
    try:
        design = plan.design(net, printer=nets.HALL, style="terrace", cups=cups)
    except DesignError as error:
        refused = {f.rule for f in error.findings}
    else:
        refused = set()
    assert refused <= {"gutter layers"}
    if refused:
        return
    closed = any(f.rule == "share" for f in design.findings)
    for layer, mine in zip(net.layers, design.as_network().layers, strict=True):
        assert mine.thresholds == pytest.approx(layer.thresholds, abs=0.01)  # sills are rounded to 0.01 mm
        if not closed:
            assert mine.shares == pytest.approx(layer.shares, abs=1e-9)
    keeps_the_rules(design)
    assert files.from_json(files.to_json(design), "design") == design


def keeps_the_rules(design):
    body = design.layout
    for row in design.rows:  # cells of a row stand side by side with a wall between
        cells = sorted((v.at_mm[0] - v.size_mm[0] / 2, v.at_mm[0] + v.size_mm[0] / 2) for v in row)
        assert cells[0][0] == pytest.approx(body.wall_mm, abs=0.011)
        assert cells[-1][1] == pytest.approx(body.width_mm - body.wall_mm, abs=0.011)
        for (_, right), (left, _) in pairwise(cells):
            assert left - right == pytest.approx(body.wall_mm, abs=0.011)
    vessels = {v.name: v for v in design.vessels}
    for pipe in design.pipes:
        source, target = vessels[pipe.source], vessels[pipe.target]
        assert pipe.area_mm2 / source.outlet.height_mm >= 2.99
        row = next(row for row in design.rows if target in row)
        left, right = body.mouth_mm(row, target)
        assert left < pipe.path_mm[-1, 0] < right  # it ends over its own cell
        assert pipe.path_mm[-1, 2] >= target.at_mm[2] + target.rim_mm - 0.011
    for k, row in enumerate(design.tiers):
        sills = {round(float(b.at_mm[2]) + b.outlet.sill_mm, 3) for b in row}
        assert len(sills) == 1  # one level along the whole row
        for b in row:
            assert b.outlet.sill_mm + b.outlet.height_mm - 1.0 <= b.rim_mm + 0.02  # the worst pour stays inside
            assert b.at_mm[2] >= body.floor_mm - 0.01
        orders(design, k)
    worst = design.as_network()(design.worst_ml / design.ml_per_unit)[0] * design.ml_per_unit
    assert all(cup.capacity_ml >= ml for cup, ml in zip(design.cups, worst, strict=True))


def orders(design, k):
    """In every gutter layer the streams lie in the order of their targets: none crosses another."""
    place = {v.name: v.at_mm[0] for v in design.rows[k + 1]}
    names = {b.name for b in design.tiers[k]}
    for layer in range(design.layout.layers[k]):
        streams = sorted(
            (float(p.path_mm[0, 0]), place[p.target])
            for p, at in zip(design.pipes, design.layout.pipe_layers, strict=True)
            if p.source in names and at == layer
        )
        assert [target for _, target in streams] == sorted(target for _, target in streams)


def test_a_planar_network_needs_no_second_layer():
    net = nets.network(
        [([5, 9, 2], [[1, 0, 0], [0.4, 0.6, 0], [0, 0.3, 0.7]]), ([3, 0, 4], [[1, 0], [0.5, 0.5], [0, 1]])]
    )
    design = plan.design(net, style="terrace")
    assert design.layout.layers == (1, 1)


def test_crossing_branches_take_layers_and_shuffled_nodes_are_put_in_order():
    crossing = nets.network([([1, 1], [[0.5, 0.5], [0.5, 0.5]])])
    assert plan.design(crossing, style="terrace").layout.layers == (2,)
    shuffled = nets.network([([1] * 4, np.eye(4)[[2, 0, 3, 1]])])
    assert plan.design(shuffled, style="terrace").layout.layers == (1,)


def test_same_network_same_design():
    net = nets.network([([1, 2, 3], np.full((3, 3), 1 / 3))])
    assert plan.design(net, style="terrace") == plan.design(net, style="terrace")


def test_sills_stand_lower_by_what_the_water_leaves_on_them():
    from porcelain.hydraulics.laws import Weir, wetted
    from porcelain.water import Water

    net = nets.network([([6.0, 8.0], [[0.5, 0.5], [0.2, 0.8]])])
    ideal, tap = (plan.design(net, style="terrace", water=Water.preset(name)) for name in ("ideal", "tap"))
    for dry, wet in zip(ideal.buckets, tap.buckets, strict=True):
        law = wetted(Weir(), tap.water)
        assert wet.outlet.stop_mm == pytest.approx(law.stop_mm(wet, tap.branches(wet.name), 0), abs=1e-3)
        assert dry.outlet.sill_mm - wet.outlet.sill_mm == pytest.approx(wet.outlet.stop_mm, abs=0.02)
        assert wet.threshold_ml == pytest.approx(dry.threshold_ml, abs=0.01)


def test_a_threshold_below_what_the_water_leaves_is_said():
    from porcelain.water import Water

    net = nets.network([([0.0, 8.0], [[0.5, 0.5], [0.2, 0.8]])])
    findings = [f for f in plan.design(net, style="terrace", water=Water.preset("tap")).findings if f.where != "cups"]
    assert [(f.rule, f.where, f.severity) for f in findings] == [("water kept", "b0.0", "warning")]


def test_auto_takes_the_terrace_or_says_why_not(monkeypatch):
    net = nets.network([([4, 5], [[0.5, 0.5], [0.2, 0.8]])])
    assert plan.design(net, style="auto").layout.style == "terrace"
    wide = nets.network([([1.0] * 20, np.full((20, 1), 1.0))])
    assert plan.design(wide, printer=Printer("long", (220.0, 900.0, 900.0)), style="auto").layout.style == "terrace"
    monkeypatch.setattr(order, "MAX_LAYERS", 0)
    tower = plan.design(net, printer=nets.HALL, style="auto")
    assert tower.layout.style == "tower"
    assert tower.findings[0].rule == "gutter layers"


@pytest.mark.parametrize("baffle", [0.0, 0.8])
@pytest.mark.parametrize("slope", [0.58, 1.19])
def test_a_funnel_holds_what_its_shape_holds(slope, baffle):
    funnel = Funnel(25.0, 20.0, slope, baffle, 4.0, (3.0, 5.0, 4.0))
    sill = funnel.sill_mm(7.5)
    tops, areas = funnel.slabs((sill,), sill + 12.0, sill + 6.0)
    below = tops <= sill + 1e-9
    assert (np.diff(tops, prepend=0.0) * areas)[below].sum() / 1000 == pytest.approx(7.5, abs=0.005)
    # Monte Carlo on the solid shape itself
    rng = np.random.default_rng(1)
    y, z, x = rng.uniform(0, 20, 400_000), rng.uniform(0, sill, 400_000), rng.uniform(0, 25, 400_000)
    wet = z > slope * y
    height = z - slope * 4.0
    count = int((25.0 - 2.0) / 5.0)
    start = (25.0 - count * 5.0 + 2.0) / 2
    across = (x - start) % 5.0
    slot = (
        (x > start)
        & (x < start + count * 5.0)
        & (across < 3.0)
        & (height < 4.0 + np.tan(np.pi / 3) * np.minimum(across, 3 - across))
    )
    wall = (y > 4.0) & (y < 4.0 + baffle) & ~slot
    assert (wet & ~wall).mean() * 20 * 25 * sill / 1000 == pytest.approx(7.5, rel=0.01)


def test_cells_are_narrower_where_the_bed_is_not_wide():
    net = nets.network([([1.0] * 11, np.full((11, 2), 0.5))])
    design = plan.design(net, printer=Printer.preset("ender3"), style="terrace")
    assert Printer.preset("ender3").fits(tuple(np.ptp(design.layout.part_boxes_mm(design)["body"], axis=0)))
    assert (
        min(b.size_mm[0] for b in design.buckets)
        < plan.design(net, printer=nets.HALL, style="terrace").buckets[0].size_mm[0]
    )


def test_what_no_bed_holds_is_refused_with_its_reason_before_anything_is_searched(monkeypatch):
    from porcelain.styles.terrace import search as terrace

    monkeypatch.setattr(terrace, "search", None)
    thin = nets.network([([1.0], [[1 / 7] * 7]), ([1.0] * 7, [[0.08, 0.92]] * 7)])  # 37.5 mm of sill for each
    with pytest.raises(DesignError, match=r"row 1: width is \d+ mm at least, limit 220 mm; .*every branch takes 3 mm"):
        plan.design(thin, printer=Printer.preset("ender3"), style="terrace")


def test_a_row_wider_than_the_bed_stands_in_ranks_or_is_told_the_bed_and_the_count_that_do(hasty):
    def row(n):
        return nets.network([([1.0] * n, [[1.0, 0.0], [0.0, 1.0]] * (n // 2) + [[1.0, 0.0]] * (n % 2))], 12.0)

    assert max(plan.design(row(19), printer=Printer.preset("ender3"), style="terrace").layout.ranks) == 1
    wider = plan.design(row(19), printer=Printer("wider", (240.0, 220.0, 250.0)), style="terrace").layout
    assert wider.width_mm < 240.0
    assert wider.ranks == ()
    alone = plan.design(row(17), printer=Printer.preset("ender3"), style="terrace").layout
    assert alone.width_mm < 220.0
    assert alone.ranks == ()
    cups = nets.network([([1.0] * 3, np.full((3, 19), 1 / 19))])
    with pytest.raises(DesignError, match=r"--bed 240x220x250, or use fewer buckets: 17 at most") as refused:
        plan.design(cups, printer=Printer.preset("ender3"), style="terrace")
    assert "cups" in [f.where for f in refused.value.findings]
