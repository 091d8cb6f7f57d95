"""The chain of losses on a small machine, and that each criterion can be broken."""

from dataclasses import replace

import numpy as np
import pytest

from porcelain import fabricate, plan
from porcelain.check import measure, report, report_text, reread
from porcelain.data import Dataset
from porcelain.encoding import Encoding
from porcelain.errors import DataError
from porcelain.machine.assembly import Part
from porcelain.machine.design import Design
from porcelain.network import Layer, Network
from porcelain.water import WATERS

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


def unmet(found):
    return {p.name for p in found.criteria if not p.holds}


def test_every_promise_holds_for_a_planned_machine(design, parts):
    found = report(design, DATA, parts)
    assert unmet(found) == set()
    assert [s.name for s in found.steps] == ["network", "as_network", "run", "mesh"]
    assert all(s.accuracy == found.steps[0].accuracy for s in found.steps)
    assert 0 < found.steps[1].largest_ml < 0.05  # millimetres are rounded, so something must be lost, but little
    assert "FAILED" not in report_text(found)


def test_a_machine_that_answers_worse_than_its_network_breaks_the_accuracy(design, parts):
    other = replace(design.network, layers=(design.network.layers[0], Layer([2.5, 11.0], [[0.2, 0.8], [0.9, 0.1]])))
    rows = replace(DATA, labels=other.predict(DATA.features), partial=True)
    kept = report(design, replace(DATA, labels=design.network.predict(DATA.features), partial=True), parts)
    assert unmet(kept) == set()
    found = report(replace(design, network=other), rows, parts)
    assert found.steps[0].accuracy == 1.0
    wrong = np.mean(design.as_network().predict(rows.features) != rows.labels)
    assert found.criteria[0].value == pytest.approx(wrong)
    assert unmet(found) == {"accuracy lost from network to machine"}


def test_rows_are_matched_to_the_network_by_name(design, parts):
    turned = replace(
        DATA,
        features=DATA.features[:, ::-1],
        feature_names=("b", "a"),
        labels=1 - DATA.labels,
        class_names=("no", "yes"),
    )
    assert report(design, turned, parts) == report(design, DATA, parts)
    with pytest.raises(DataError, match=r"'Yes' \(did you mean 'yes'\?\)"):
        report(design, replace(DATA, class_names=("Yes", "no")), parts)


def test_a_shallow_bucket_breaks_the_held_volume(design, parts):
    row = design.tiers[0]
    deeper = replace(row[0], outlet=replace(row[0].outlet, sill_mm=row[0].outlet.sill_mm + 1.0))
    found = report(replace(design, tiers=((deeper, row[1]), design.tiers[1])), DATA, parts)
    assert "held volume, mesh against design" in unmet(found)


def test_a_wider_pipe_in_the_design_breaks_the_cross_section(design, parts):
    first, *rest = design.pipes
    found = report(replace(design, pipes=(replace(first, area_mm2=first.area_mm2 * 1.03), *rest)), DATA, parts)
    assert "cross-section, mesh against design" in unmet(found)


def test_a_missing_face_breaks_the_body(design, parts):
    holed = Part(parts[0].name, parts[0].vertices_mm, parts[0].faces[1:], parts[0].at_mm, channels=parts[0].channels)
    found = report(design, DATA, [holed, *parts[1:]])
    assert "parts that are not one closed body" in unmet(found)


def test_the_recovered_network_is_the_planned_one(design, parts):
    recovered = measure(design, parts).as_network(design)
    for have, want in zip(recovered.layers, design.as_network().layers, strict=True):
        np.testing.assert_allclose(have.thresholds, want.thresholds, atol=2e-3)
        np.testing.assert_allclose(have.shares, want.shares, atol=1e-5)


@pytest.mark.parametrize("water", ["tap", "rinse_aid"])
def test_a_tower_for_real_water_is_held_to_what_its_holes_were_planned_for(design, water):
    planned = plan.design(design.network, style="tower", water=WATERS[water])
    assert min(bucket.outlet.stop_mm for bucket in planned.buckets) > 0
    found = report(planned, DATA, reread(fabricate.parts(planned)))
    (off,) = [one for one in found.criteria if one.name == "run against as_network"]
    assert 1e-6 < off.value <= off.limit == 0.02
    assert unmet(found) <= {"accuracy lost from network to machine"}
