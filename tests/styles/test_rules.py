"""Rules as objects: one is added from outside, and who made a fault is told by the planner's digest."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from porcelain import fabricate, files
from porcelain.errors import DesignError, Finding, PorcelainError
from porcelain.plan.planner import DISCHARGE
from porcelain.printer import PRINTERS
from porcelain.styles import rules
from porcelain.styles.rules import MEND, Rule, register
from porcelain.styles.terrace.calibration import sill_piece
from porcelain.styles.tower.calibration import hole_piece
from porcelain.styles.validate import origin, rules_of, violations

DESIGNS = Path(__file__).parents[2] / "designs"
ENDER3 = PRINTERS["ender3"]


@pytest.fixture
def piece():
    return hole_piece(ENDER3, DISCHARGE)


@pytest.fixture
def local(monkeypatch):
    """The registry, as it was before, after the test."""
    for style in ("", "tower"):
        monkeypatch.setitem(rules.ADDED, style, rules.ADDED.get(style, ()))
    return register


def low(design):
    """A house rule: no machine is taller than 20 mm."""
    top = max(float(v.at_mm[2]) + v.rim_mm for v in design.vessels)
    if top > 20.0:
        yield Finding("height", design.name, f"{top:.1f} mm", "20 mm", "plan fewer mL per unit")


def test_a_rule_from_outside_is_asked_by_the_planner_and_by_fabricate(local, piece):
    local(Rule("height of the house", low))
    with pytest.raises(DesignError, match="limit 20 mm"):
        fabricate.parts(piece)
    with pytest.raises(DesignError, match="limit 20 mm"):
        hole_piece(ENDER3, DISCHARGE)


def test_a_rule_of_one_style_is_not_asked_of_another(local, piece):
    local(Rule("height of the house", low), style="tower")
    assert [f.rule for f in violations(piece)] == ["height"]
    other = sill_piece(ENDER3, DISCHARGE)
    assert max(float(v.at_mm[2]) + v.rim_mm for v in other.vessels) > 20.0
    assert "height" not in [f.rule for f in violations(other)]


def test_a_rule_of_a_style_stands_in_for_a_common_one_and_is_registered_once(local, piece):
    before = len(rules_of(piece))
    local(Rule("part sizes", low), style="tower")
    local(Rule("part sizes", low), style="tower")
    assert len(rules_of(piece)) == before
    assert [f.rule for f in violations(piece)] == ["height"]


def test_a_rule_is_not_asked_where_one_that_it_needs_is_broken(local, piece):
    def never(design):
        raise AssertionError(design.name)

    local(Rule("height of the house", low), Rule("after it", never, ("height of the house",)))
    assert [f.rule for f in violations(piece)] == ["height"]


def test_names_of_rules_are_their_own_and_needs_come_before():
    for design in (sill_piece(ENDER3, DISCHARGE), hole_piece(ENDER3, DISCHARGE)):
        names = [rule.concerns for rule in rules_of(design)]
        assert len(set(names)) == len(names)
        for n, rule in enumerate(rules_of(design)):
            assert set(rule.needs) <= set(names[:n]), rule.concerns


def test_only_an_edited_file_is_called_edited(piece):
    document = json.loads(files.to_json(piece))
    assert origin(files.from_json(json.dumps(document).encode(), "design")) == "planned"
    document["layout"]["wall_mm"] = 0.3
    edited = files.from_json(json.dumps(document).encode(), "design")
    with pytest.raises(DesignError, match="undo the edit"):
        fabricate.parts(edited)
    del document["digest"]
    with pytest.raises(DesignError, match="plan the network again") as told:
        fabricate.parts(files.from_json(json.dumps(document).encode(), "design"))
    assert "edit" not in str(told.value)


def test_a_planned_design_that_breaks_a_rule_is_to_be_reported(local, piece):
    local(Rule("nothing", lambda design: [Finding("rule", design.name, "1", "0", MEND)]))
    with pytest.raises(DesignError, match="report this design"):
        fabricate.parts(piece)


def test_a_digest_minds_content_and_neither_name_nor_findings(piece):
    assert files.digest(replace(piece, name="another", findings=())) == piece.digest
    assert files.digest(replace(piece, pour_ml_s=piece.pour_ml_s + 1)) != piece.digest
    whole = replace(piece, ml_per_unit=1)  # an int is written as 1 and read as 1.0
    assert files.digest(files.from_json(files.to_json(whole), "design")) == files.digest(whole)


@pytest.mark.parametrize("folder", sorted(DESIGNS.glob("*/design.json")), ids=lambda path: path.parent.name)
def test_stored_designs_bear_the_digest_of_their_content(folder):
    assert origin(files.load(folder, "design")) == "planned"


def test_a_nozzle_moves_walls_and_layers_that_nobody_gave():
    fine = ENDER3.changed(nozzle_mm=0.2)
    assert (fine.min_wall_mm, fine.layer_mm) == (1.0, 0.16)
    assert ENDER3.changed(nozzle_mm=0.6, min_wall_mm=1.3).min_wall_mm == 1.3
    assert ENDER3.changed(min_wall_mm=2.0).nozzle_mm == 0.4
    with pytest.raises(PorcelainError, match=r"min_wall_mm is 1.1; 1.2 mm is the least, two lines of its nozzle"):
        ENDER3.changed(nozzle_mm=0.6, min_wall_mm=1.1)
