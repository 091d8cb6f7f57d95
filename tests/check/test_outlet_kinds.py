"""A kind of outlet that is added from outside the package is read from files, judged, explained and shown."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from porcelain import files
from porcelain.check.error_budget import outlet_budgets
from porcelain.errors import FileError
from porcelain.hydraulics.outlets import KINDS, OutletKind, kind_of, law_of, register
from porcelain.machine.vessel import OUTLETS
from porcelain.show.guide import guide_html
from porcelain.show.page import page_html
from porcelain.water import WATERS

TOWER = Path(__file__).parents[2] / "designs" / "iris-tower"
G_MM_S2 = 9806.65


class Nozzles(OutletKind):
    """Short nozzles that always run full: Torricelli's law."""

    name = "nozzle"
    law = "torricelli"
    order_advice = "Pour in any order."

    def working_mm(self, bucket):
        return bucket.rim_mm - bucket.outlet.sill_mm

    def stop_mm(self, bucket, pipes, water):
        return 0.0

    def passes_ml_s(self, bucket, pipes):
        area = sum(pipe.area_mm2 for pipe in pipes)
        return bucket.outlet.discharge * area * np.sqrt(2 * G_MM_S2 * self.working_mm(bucket)) / 1000


@pytest.fixture
def design():
    kind = register(Nozzles())
    tower = files.load(TOWER, "design")

    def fitted(bucket):
        return replace(bucket, outlet=replace(bucket.outlet, kind="nozzle"))

    yield replace(tower, tiers=tuple(tuple(map(fitted, row)) for row in tower.tiers))
    del KINDS["nozzle"]
    OUTLETS.remove(kind.name)


def test_its_files_are_read_back(design):
    read = files.from_json(files.to_json(design))
    assert read == design
    assert law_of(read) == "torricelli"
    assert kind_of(read.buckets[0]).passes_ml_s(read.buckets[0], read.branches("b0.0")) > 1.0


def test_ideal_water_is_divided_without_an_error_of_height(design):
    """Torricelli's flow goes with the area at every head, so only the printer's error is left."""
    for budget in outlet_budgets(design, WATERS["ideal"]):
        assert budget.head_pp == pytest.approx(0.0, abs=0.01)
        assert budget.print_pp > 0


def test_guide_and_page_tell_it(design):
    assert b"Pour in any order." in guide_html(design, [], [], None, {})
    page = page_html(design)
    assert re.search(r'"torricelli ideal"', page)


def test_a_kind_that_nobody_knows_is_refused(design):
    document = json.loads(files.to_json(design))
    document["tiers"][0][0]["outlet"]["kind"] = "spout"
    with pytest.raises(FileError, match="outlet kind is 'spout'"):
        files.from_json(json.dumps(document).encode())
