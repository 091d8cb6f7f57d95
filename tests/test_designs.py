"""Every committed design is what its recipe makes, and keeps its promises."""

from pathlib import Path

import pytest

from porcelain import files
from porcelain.check import agreement, as_card, reread
from porcelain.data import load
from porcelain.fabricate import fabricate
from porcelain.learn import fit
from porcelain.plan import plan

DESIGNS = sorted(path.parent for path in (Path(__file__).parents[1] / "designs").glob("*/design.json"))


@pytest.mark.parametrize("folder", DESIGNS, ids=lambda p: p.name)
def test_the_plan_is_the_networks(folder):
    network, design = files.load(folder, "network"), files.load(folder, "design")
    again = plan(
        network,
        design.printer,
        design.ml_per_unit,
        design.water,
        design.pour_ml_s,
        name=design.name,
        style=design.body.style,
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
def test_the_machine_keeps_its_promises_and_its_card_says_so(folder):
    design = files.load(folder, "design")
    dataset = load(design.network.provenance["data"])
    found = agreement(design, dataset, reread(fabricate(design)))
    assert [p.name for p in found.promises if not p.holds] == []
    assert (folder / "README.md").read_text() == as_card(design, dataset, found)


def test_there_is_an_iris():
    assert "iris" in [folder.name for folder in DESIGNS]
