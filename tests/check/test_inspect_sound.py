"""Meshes read back: a sound machine is its design, whatever its water, walls and nozzle; and what weighs them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from porcelain import fabricate, files, plan
from porcelain.check import inspect, inspection_text, placed, reread
from porcelain.check.measurement import measure
from porcelain.check.mesh.columns import sample_columns
from porcelain.check.mesh.held_volume import held_volume_ml, sill_mm
from porcelain.check.mesh.walls import lean_deg, overhang, thinnest
from porcelain.data import Dataset, load
from porcelain.fabricate import write
from porcelain.geometry import solids
from porcelain.machine.assembly import Assembly, Part
from porcelain.network import Layer
from porcelain.printer import PRINTERS
from porcelain.water import Water

DESIGNS = sorted(path.parent for path in (Path(__file__).parents[2] / "designs").glob("*/network.json"))


def planned(folder):
    return plan.design(files.load(folder / "network.json", "network"), style="tower")


def rows(design):
    rng = np.random.default_rng(3)
    features = rng.uniform(0.0, 20.0, (200, 3))
    labels = design.network.predict(features)
    return Dataset("drawn", features, labels, ("a", "b", "c"), ("cm",) * 3, ("low", "high"))


def test_a_sound_machine_is_read_back_as_its_design(machine):
    design, parts, assembly = machine
    data = rows(design)
    found = inspect(parts, assembly, data, design)
    assert found.findings == ()
    planned = design.as_network().layers[0]
    for made, bucket in zip(found.buckets, design.buckets, strict=True):
        assert abs(made.held_volume_ml - bucket.threshold_ml) < max(0.1, 0.005 * bucket.threshold_ml)
        assert set(made.reaches) == {pipe.target for pipe in design.branches(bucket.name)}
    assert found.network.layers[0].shares == pytest.approx(planned.shares, abs=1e-3)
    assert found.compared.changed_class == 0
    assert found.compared.rows_clear > 100
    assert found.accuracy == pytest.approx(np.mean(found.network.predict(data.features) == data.labels))
    assert all(wall.mm > design.layout.stroke_mm - 0.05 for wall in found.walls.values())  # nothing is thinner
    text = inspection_text(found)
    assert "sound: no findings" in text
    assert found.to_dict()["sound"] is True


def test_a_sound_terrace_is_read_back_from_its_sills(stair):
    design, parts, assembly = stair
    data = rows(design)
    found = inspect(parts, assembly, data, design)
    assert found.findings == ()
    assert found.compared.held_volume_ml < 0.01
    assert found.compared.share < 1e-3
    assert found.compared.changed_class == 0


@pytest.mark.parametrize(("style", "name"), [("terrace", "tap"), ("terrace", "rinse_aid"), ("tower", "rinse_aid")])
def test_water_that_stands_on_a_sill_is_counted_however_shallow_the_bucket(small_network, style, name):
    layer = Layer([0.0, 0.5, 9.0], [[0.6, 0.4], [1.0, 0.0], [0.3, 0.7]])
    network = replace(small_network(), layers=(layer,))
    design = plan.design(network, water=Water.preset(name), style=style)
    parts = fabricate.parts(design)
    found = inspect(parts, Assembly.of(design, parts), None, design)
    assert found.findings == ()
    assert found.compared.held_volume_ml < 0.02
    assert design.buckets[0].threshold_ml > 0.0  # although it was to keep nothing


def test_a_slow_pour_is_no_reason_for_knives_that_water_stands_over(small_network):
    design = plan.design(small_network(0.55), pour_ml_s=0.5, style="terrace")
    parts = fabricate.parts(design)
    assert inspect(parts, Assembly.of(design, parts), None, design).findings == ()
    outlet = design.buckets[0].outlet
    assert Water.preset("tap").stop_mm(outlet.width_mm, outlet.height_mm) < outlet.height_mm


@pytest.mark.parametrize(
    "turned", [{"min_wall_mm": 1.0}, {"min_wall_mm": 2.4}, {"nozzle_mm": 0.25}, {"nozzle_mm": 0.6}]
)
def test_machines_of_other_walls_and_nozzles_are_read_back_as_their_designs(small_network, turned):
    design = plan.design(small_network(0.55), printer=replace(PRINTERS["ender3"], **turned), style="terrace")
    parts = reread(fabricate.parts(design))
    found = inspect(parts, Assembly.of(design, parts), None, design)
    assert found.findings == ()
    assert found.compared.share < 1e-3
    measured = measure(design, parts).areas_mm2
    assert measured == pytest.approx({pipe.name: pipe.area_mm2 for pipe in design.pipes}, rel=1e-3)


@pytest.mark.parametrize("folder", DESIGNS, ids=lambda path: path.name)
def test_every_design_of_ours_is_sound_and_leaks_nowhere(folder):
    saved = folder / "design.json"
    design = files.load(saved, "design") if saved.is_file() else planned(folder)
    parts = reread(fabricate.parts(design))
    found = inspect(parts, Assembly.of(design, parts), load(str(design.network.provenance["data"])), design)
    assert [str(finding) for finding in found.findings] == []
    assert found.compared.changed_class == 0


def test_the_design_is_not_needed_and_either_file_will_do(machine, tmp_path):
    design, parts, _ = machine
    write(parts, design, tmp_path)
    by_stl = inspect(*placed(tmp_path))
    by_package = inspect(*placed(tmp_path, "small.3mf"))
    assert by_stl.findings == by_package.findings == ()
    for a, b in zip(by_stl.network.layers, by_package.network.layers, strict=True):
        assert a.thresholds == pytest.approx(b.thresholds, abs=1e-4)
        assert a.shares == pytest.approx(b.shares, abs=1e-5)
    # class and feature names, and how much to pour, are in the parts list: no design is needed to use the network
    assert np.array_equal(by_stl.network.predict([[12.0, 5.0, 3.0]]), design.network.predict([[12.0, 5.0, 3.0]]))


def test_columns_weigh_what_the_meshes_weigh(machine):
    _, parts, _ = machine
    c = sample_columns(parts)
    solid = np.zeros(len(c.start) - 1)
    for k in range(len(solid)):
        air = slice(c.start[k], c.start[k + 1])
        solid[k] = (c.floor[air] - np.concatenate([[c.table_mm], c.ceil[air][:-1]])).sum()
    total = solid.sum() * c.pitch_mm**2
    assert total == pytest.approx(sum(part.volume_mm3 for part in parts), rel=0.002)
    assert c.overlap_mm3.max() == 0.0
    assert c.torn[:, 0].max() == 0.0


@pytest.mark.parametrize("tilt", [0.0, 0.1, 0.4])
def test_held_water_of_a_tilted_box_agrees_with_its_integral(tilt):
    vessel = solids.cut(solids.box([0, 0, 0], [24, 16, 30]), [solids.box([2, 2, 2], [22, 14, 31])])
    notched = solids.cut(vessel, [solids.box([-1, 6, 20], [3, 10, 31])])
    turn = np.array([[np.cos(tilt), 0, np.sin(tilt)], [0, 1, 0], [-np.sin(tilt), 0, np.cos(tilt)]])
    vertices, faces = solids.to_mesh(notched, "box")
    vertices = vertices @ turn.T
    inner = np.flatnonzero(
        np.all(np.isclose(np.abs(solids.to_mesh(notched, "box")[0] - [12, 8, 2]), [10, 6, 0]), axis=1)
    )
    start = int(inner[vertices[inner, 2].argmin()])
    sill, _ = sill_mm(vertices, faces, start, vertices[start, 2] - 0.1)
    grid = np.stack(np.meshgrid(*[np.arange(0.05, n, 0.1) for n in (20, 12, 28)], indexing="ij"), axis=-1) + 2
    below = (grid @ turn.T)[..., 2] < sill
    assert sill == pytest.approx((turn @ [0.0, 6.0, 20.0])[2], abs=1e-4)  # its outer edge is the higher one
    assert held_volume_ml(vertices, faces, start, sill) == pytest.approx(below.sum() * 0.1**3 / 1000, rel=0.01)


def test_walls_and_overhangs_of_known_solids():
    tube = solids.cut(solids.box([0, 0, 0], [20, 20, 20]), [solids.box([1.2, 1.5, -1], [18, 18, 21])])
    part = Part("tube", *solids.to_mesh(tube, "tube"), np.zeros(3))
    assert thinnest(part).mm == pytest.approx(1.2, abs=1e-4)
    assert overhang(part).area_mm2 == 0.0
    shelf = solids.union([solids.box([0, 0, 0], [10, 10, 10]), solids.box([0, 0, 10], [16, 10, 12])])
    hang = overhang(Part("shelf", *solids.to_mesh(shelf, "shelf"), np.zeros(3)))
    assert hang.area_mm2 == pytest.approx(60.0)
    assert hang.at_mm == pytest.approx((13.0, 5.0, 10.0), abs=1.1)
    ramp = np.array([[0, 0], [10, 0], [10, 5], [10 - 5 * np.tan(np.radians(50)), 5]])
    lean = solids.prism(ramp, np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), 4.0)
    slanted = Part("ramp", *solids.to_mesh(lean, "ramp"), np.zeros(3))
    assert lean_deg(slanted).max() < 45.0  # it faces up
