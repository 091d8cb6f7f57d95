"""Every committed design is what its recipe makes, and meets its criteria."""

import io
from pathlib import Path

import numpy as np
import pytest
import trimesh

from porcelain import fabricate, files, plan
from porcelain.check import report, report_markdown, reread
from porcelain.check.markdown_report import sliced_by
from porcelain.data import load
from porcelain.fabricate.exchanger import conductance_w_m_k, parts
from porcelain.fabricate.stl import to_stl
from porcelain.learn import fit
from porcelain.printer import Printer

ROOM = Path(__file__).parents[1] / "designs"
DESIGNS = sorted(path.parent for path in ROOM.glob("*/design.json"))


@pytest.mark.parametrize("folder", DESIGNS, ids=lambda p: p.name)
def test_the_plan_is_the_networks(folder):
    network, design = files.load(folder, "network"), files.load(folder, "design")
    again = plan.design(
        network,
        printer=design.printer,
        ml_per_unit=design.ml_per_unit,
        water=design.water,
        pour_ml_s=design.pour_ml_s,
        name=design.name,
        style=design.layout.style,
    )
    assert files.to_json(again) == files.to_json(design)


@pytest.mark.parametrize("folder", DESIGNS, ids=lambda p: p.name)
def test_the_recipe_still_makes_the_network(folder):
    network = files.load(folder, "network")
    p = network.provenance
    if p["recipe"] != folder.name:  # another body for a network that is trained once
        assert network == files.load(folder.parent / p["recipe"], "network")
        return
    again = fit(load(p["data"]), recipe=p["recipe"], seed=p["seed"], folds=0)
    # Another processor may add in another order, so the loss is compared and not the bytes.
    assert again.provenance["loss"] == pytest.approx(p["loss"], rel=1e-6)
    assert again.provenance["training_error"] == p["training_error"]


@pytest.mark.parametrize("folder", DESIGNS, ids=lambda p: p.name)
def test_the_machine_meets_its_criteria_and_its_card_says_so(folder):
    design = files.load(folder, "design")
    dataset = load(design.network.provenance["data"])
    found = report(design, dataset, reread(fabricate.parts(design)))
    assert [p.name for p in found.criteria if not p.holds] == []
    card = (folder / "README.md").read_text()
    assert card == report_markdown(design, dataset, found, sliced_by(card))  # the slicer's own test slices it anew


def test_there_is_an_iris():
    assert "iris" in [folder.name for folder in DESIGNS]


def test_the_heat_exchanger_is_what_its_code_makes():
    folder, machine = ROOM / "heat-exchanger", Printer.preset("ender3")
    (part,) = parts(machine)
    kept = trimesh.load_mesh(folder / "heat-exchanger.stl")
    made = trimesh.load_mesh(io.BytesIO(to_stl(part)), file_type="stl")
    assert kept.is_watertight
    assert kept.volume == pytest.approx(made.volume, rel=1e-6)
    assert np.allclose(kept.bounds, made.bounds, atol=1e-4)
    card = (folder / "README.md").read_text()
    assert f"{part.volume_mm3 / 1000:.1f} cm³" in card
    assert f"{conductance_w_m_k(machine):.2f} W/(m K)" in card
