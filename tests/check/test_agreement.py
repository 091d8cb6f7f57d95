"""The chain of losses on a small machine, and that each promise can be broken."""

from dataclasses import replace

import numpy as np
import pytest

from porcelain import fabricate, plan
from porcelain.check import agreement, as_text, measure, reread
from porcelain.data import Dataset
from porcelain.encoding import Encoding
from porcelain.machine.assembly import Part
from porcelain.machine.design import Design
from porcelain.network import Layer, Network

RNG = np.random.default_rng(7)
DATA = Dataset("points", RNG.uniform(0, 5, (12, 2)), np.arange(12) % 2, ("a", "b"), ("cm", "cm"), ("yes", "no"))


@pytest.fixture(scope="module")
def design() -> Design:
    encoding = Encoding(("a", "b"), ("cm", "cm"), [0, 0], [8, 8], [0, 0], [5, 5])
    layers = (Layer([6.0, 0.0], [[0.3, 0.7], [1.0, 0.0]]), Layer([2.5, 11.0], [[0.8, 0.2], [0.25, 0.75]]))
    return plan.design(Network(layers, encoding, ("yes", "no"), "small"), style="tower")


@pytest.fixture(scope="module")
def parts(design):
    return reread(fabricate.parts(design))


def broken(found):
    return {p.name for p in found.promises if not p.holds}


def test_every_promise_holds_for_a_planned_machine(design, parts):
    found = agreement(design, DATA, parts)
    assert broken(found) == set()
    assert [s.name for s in found.steps] == ["network", "as_network", "run", "mesh"]
    assert all(s.accuracy == found.steps[0].accuracy for s in found.steps)
    assert 0 < found.steps[1].largest_ml < 0.05  # millimetres are rounded, so something must be lost, but little
    assert "BROKEN" not in as_text(found)


def test_a_shallow_bucket_breaks_the_held_volume(design, parts):
    row = design.tiers[0]
    deeper = replace(row[0], outlet=replace(row[0].outlet, sill_mm=row[0].outlet.sill_mm + 1.0))
    found = agreement(replace(design, tiers=((deeper, row[1]), design.tiers[1])), DATA, parts)
    assert "held volume, mesh against design" in broken(found)


def test_a_wider_pipe_in_the_design_breaks_the_cross_section(design, parts):
    first, *rest = design.pipes
    found = agreement(replace(design, pipes=(replace(first, area_mm2=first.area_mm2 * 1.03), *rest)), DATA, parts)
    assert "cross-section, mesh against design" in broken(found)


def test_a_missing_face_breaks_the_body(design, parts):
    holed = Part(parts[0].name, parts[0].vertices_mm, parts[0].faces[1:], parts[0].at_mm, channels=parts[0].channels)
    found = agreement(design, DATA, [holed, *parts[1:]])
    assert "parts that are not one closed body" in broken(found)


def test_the_recovered_network_is_the_planned_one(design, parts):
    recovered = measure(design, parts).as_network(design)
    for have, want in zip(recovered.layers, design.as_network().layers, strict=True):
        np.testing.assert_allclose(have.thresholds, want.thresholds, atol=2e-3)
        np.testing.assert_allclose(have.shares, want.shares, atol=1e-5)
