"""When a terrace is parted, where, and when it is refused instead."""

import importlib.util
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from porcelain import plan
from porcelain.errors import DesignError
from porcelain.printer import Printer
from porcelain.styles.terrace import rules

_spec = importlib.util.spec_from_file_location("nets_for_joints", Path(__file__).parent / "test_tower.py")
nets = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(nets)


LOW = Printer("low", (180.0, 180.0, 120.0))


@pytest.fixture(autouse=True, scope="module")
def hasty():
    with nets.hasty():
        yield


@pytest.fixture(scope="module")
def parted():
    return plan.design(full((3, 3, 3, 2)), printer=LOW, style="terrace")


def full(widths, keep=4.0, most=20.0):
    return nets.network([(np.full(n, keep), np.full((n, m), 1 / m)) for n, m in pairwise(widths)], most)


def test_a_joint_changes_no_threshold_and_no_share(parted):
    whole = plan.design(parted.network, printer=nets.HALL, style="terrace")
    assert whole.layout.joints == ()
    assert len(parted.layout.joints) >= 1
    for a, b in zip(whole.as_network().layers, parted.as_network().layers, strict=True):
        assert a.thresholds == pytest.approx(b.thresholds, abs=0.01)
        assert a.shares == pytest.approx(b.shares, abs=1e-9)


def test_storeys_are_as_few_as_the_height_allows():
    net = full((3, 3, 3, 2))
    counts = []
    for height in (400.0, 180.0, 100.0):
        design = plan.design(net, printer=Printer("p", (180.0, 180.0, height)), style="terrace")
        boxes = design.layout.part_boxes_mm(design)
        assert all(np.ptp(box, axis=0)[2] <= height for box in boxes.values())
        counts.append(len(boxes))
    assert counts == sorted(counts)
    assert counts[0] == 1
    assert counts[-1] == 3


def test_what_hangs_over_a_joint_clears_the_row_below(parted):
    design, body, slopes = parted, parted.layout, iter(parted.layout.floor_slopes)
    keels = [
        [body.keel_mm(k, float(b.at_mm[2]), float(next(slopes))) for b in row] for k, row in enumerate(design.tiers)
    ]
    for joint in body.joints:
        below = design.tiers[joint.tier]
        rim = float(below[0].at_mm[2]) + below[0].rim_mm
        assert rim - joint.plane_mm == pytest.approx(joint.hang_mm)
        assert all(joint.plane_mm > b.at_mm[2] + b.outlet.sill_mm + b.outlet.head_mm for b in below)  # out of the water
        assert min(keels[joint.tier - 1]) >= float(body.mouths_mm[joint.tier - 1]) + joint.air_mm - 0.11
        assert joint.front_mm < below[0].at_mm[1] + below[0].size_mm[1] / 2  # seen in front of the gutters


def test_a_machine_that_would_tip_over_is_refused(parted, monkeypatch):
    boxes = np.array(list(parted.layout.part_boxes_mm(parted).values())).reshape(-1, 3)
    width, depth, height = np.ptp(boxes, axis=0)
    tips = np.degrees(np.arctan(min(width, depth) / height))
    monkeypatch.setattr(rules, "STANDS_DEG", tips + 1.0)
    with pytest.raises(DesignError, match="tilt at which it tips"):
        plan.design(parted.network, printer=LOW, style="terrace")


def test_more_than_the_bed_is_wide_is_no_reason_to_part(monkeypatch):
    """Refused at a glance: storeys lie above one another, not side by side."""
    from porcelain.styles.terrace import search as terrace

    monkeypatch.setattr(terrace, "search", None)
    net = full((3, 25, 3))
    with pytest.raises(DesignError, match="row 1: width is"):
        plan.design(net, printer=Printer.preset("ender3"), style="terrace")


def test_a_bed_changes_nothing_where_one_piece_fits():
    net = full((3, 3, 2))
    on_ender = plan.design(net, printer=Printer.preset("ender3"), style="terrace")
    taller = replace(Printer.preset("ender3"), bed_mm=(220.0, 220.0, 300.0))
    assert plan.design(net, printer=taller, style="terrace").layout == on_ender.layout
