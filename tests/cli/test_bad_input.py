"""Wrong use ends in one clear line and exit code 2: no traceback, nothing half-written."""

import json
import sys
from pathlib import Path

import pytest

from porcelain import cli

IRIS = Path(__file__).parents[2] / "designs" / "iris"


def csv(text: str) -> str:
    Path("data.csv").write_text(text)
    return "data.csv"


GOOD = "a,b,class\n" + "\n".join(f"{i},{i % 3},{'xy'[i % 2]}" for i in range(20)) + "\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("a,b,class\n", "at least one row"),
        (GOOD.replace("3,0,y", "3,,y"), "row 5, column 'b': value missing"),
        (GOOD.replace("3,0,y", "3,nan,y"), "row 5, column 'b': value missing"),
        (GOOD.replace("3,0,y", "3,inf,y"), "row 5, column 'b'"),
        (GOOD.replace("3,0,y", "3,tall,y"), "row 5, column 'b'"),
        (GOOD.replace("3,0,y", "3,0"), "row 5: 2 values for 3 columns"),
        (GOOD.replace(",y\n", ",x\n"), "1 class(es)"),
    ],
)
def test_bad_data(porcelain, text, says):
    code, _, err = porcelain("learn", csv(text), "-o", "n.json")
    assert code == 2
    assert says in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert not Path("n.json").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("lern", "iris"), "did you mean 'learn'?"),
        (("learn", "irsi"), "did you mean 'iris'?"),
        (("learn", "nowhere.csv"), "No such file"),
        (("learn", "iris", "--hidden", "three"), "--hidden"),
        (("plan", "nowhere.json"), "No such file"),
        (("plan", str(IRIS), "--printer", "enderr3"), "did you mean 'ender3'?"),
        (("plan", str(IRIS), "--water", "tab"), "did you mean 'tap'?"),
        (("plan", str(IRIS), "--ml-per-unit", "0"), "--ml-per-unit is 0;"),
        (("plan", str(IRIS), "--wall", "0.8"), "1 mm is the least"),
        (("plan", str(IRIS), "--nozzle", "1", "--wall", "1.6"), "2 mm is the least, two lines of its nozzle"),
        (("plan", str(IRIS), "--nozzle", "2"), "1.5 mm is the most"),
        (("plan", str(IRIS), "--wall", "12"), "10 mm is the most"),
        (("plan", str(IRIS), "--layer", "0.5"), "lays 0.32 mm at most"),
        (("plan", str(IRIS), "--bed", "200x200"), "width x depth x height"),
        (("make", "iris", "-o", "made", "--bed", "30x30x30", "--recipe", "plain"), "limit 30 mm"),
        (("plan", str(IRIS), "--ml-per-unit", "nan"), "--ml-per-unit is nan;"),
        (("plan", str(IRIS), "--ml-per-unit", "40", "--style", "tower"), "limit"),
        (("simulate", str(IRIS), "1", "2"), "4"),
        (("simulate", str(IRIS), "nan", "2", "3", "4"), "nan"),
        (("simulate", str(IRIS), "-1", "2", "3", "4"), "-1"),
        (("fabricate", str(IRIS), "-o", "/dev/null/parts"), "cannot write"),
        (("make", "iris", "-o", "/dev/null/iris", "--recipe", "plain"), "cannot write"),
        (("make", "iris", "-o", "x", "--row", "150"), "150"),
        (("check", str(IRIS), "--data", "irsi"), "did you mean 'iris'?"),
        (("show", str(IRIS / "design.json"), "-o", "/dev/null/x.png"), "cannot write"),
    ],
)
def test_bad_arguments(porcelain, arguments, says):
    code, _, err = porcelain(*arguments)
    assert code == 2
    assert says in err
    lines = err.strip().splitlines()
    assert all(line.startswith("porcelain: ") for line in lines)
    assert len(lines) == 1 or "limit" in says  # findings have a line each
    assert [p for p in Path().rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("cut", [0, 1, 300, -3])
def test_truncated_design(porcelain, cut):
    Path("design.json").write_bytes((IRIS / "design.json").read_bytes()[:cut])
    code, _, err = porcelain("fabricate", "design.json", "-o", "parts")
    assert code == 2
    assert "design.json" in err
    assert not Path("parts").exists()


def test_a_fault_inside_a_design_is_named_with_its_path(porcelain):
    document = json.loads((IRIS / "design.json").read_text())
    document["tiers"][0][1]["outlet"]["sill_mm"] = 1e6
    Path("design.json").write_text(json.dumps(document))
    code, _, err = porcelain("fabricate", "design.json", "-o", "parts")
    assert code == 2
    assert "$.tiers[0][1]" in err
    assert "not below the rim" in err


PIECE = {"name": "body", "file": "body.stl", "count": 1, "colour": "#ffffff", "at_mm": [0, 0, 0], "channels": []}
MOUTH = {"name": "b0.0", "label": "a", "at_mm": [5, 5, 5], "size_mm": [9, 9]}


@pytest.mark.parametrize(
    ("piece", "mouth", "says"),
    [
        ({"count": 0}, {}, "count is 0; print it once at least, or leave it out - at `$.pieces[0]`"),
        ({"at_mm": [0, 1e308, 0]}, {}, "lengths are 100000 mm at most - at `$.pieces[0]`"),
        ({"file": None}, {}, "$.pieces[0].file"),
        ({"file": "../nowhere.stl"}, {}, "nowhere.stl"),
        ({}, {"at_mm": [5, 5]}, "$.mouths[0].at_mm"),
        ({}, {"size_mm": [9, 1e308]}, "lengths are 100000 mm at most - at `$.mouths[0]`"),
        ({}, {"stop_mm": -1.0}, "stop_mm is -1.0; water stands 0 to 50 mm high - at `$.mouths[0]`"),
        ({}, {}, "cannot read m/body.stl"),
    ],
)
def test_a_mangled_parts_list_is_refused_with_its_path(porcelain, piece, mouth, says):
    document = {
        "porcelain": "assembly",
        "version": 1,
        "design": "x",
        "pieces": [PIECE | piece],
        "mouths": [MOUTH | mouth],
    }
    Path("m").mkdir()
    Path("m/assembly.json").write_text(json.dumps(document))
    code, _, err = porcelain("inspect", "m")
    assert code == 2
    assert says in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("verb", ["fabricate", "guide", "check"])
def test_a_design_that_breaks_rules_is_refused_with_a_line_for_every_finding(porcelain, verb):
    document = json.loads((IRIS / "design.json").read_text())
    document["tiers"][0][0]["outlet"]["stop_mm"] *= 2
    document["cups"][1]["slab_areas_mm2"][0] *= 1.1
    Path("design.json").write_text(json.dumps(document))
    code, _, err = porcelain(verb, "design.json", *(("-o", "made.html") if verb != "check" else ()))
    lines = err.strip().splitlines()
    assert code == 2
    assert [line.split(": ")[:2] for line in lines] == [
        ["porcelain", "b0.0"],
        ["porcelain", "b0.0"],
        ["porcelain", "c1"],
    ]
    assert [p.name for p in Path().rglob("*") if p.is_file()] == ["design.json"]


def test_standard_streams_carry_nouns(monkeypatch, capfdbinary):
    import io

    class Stdin:
        buffer = io.BytesIO((IRIS / "network.json").read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin())
    monkeypatch.setattr(sys, "argv", ["porcelain", "plan", "-", "--style", "tower", "-o", "-"])
    cli.main()
    assert json.loads(capfdbinary.readouterr().out)["porcelain"] == "design"


@pytest.mark.parametrize("verb", cli.VERBS)
def test_every_verb_has_help_with_an_example(porcelain, verb):
    code, out, _ = porcelain(verb, "--help")
    assert code == 0
    assert "Example" in out
    assert f"porcelain {verb}" in out


def test_a_style_is_taken_by_its_former_name_with_a_note(porcelain):
    code, _, err = porcelain("plan", str(IRIS), "--no-text", "--style", "pipes", "-o", "design.json")
    assert code == 0
    assert "--style pipes is called --style tower now" in err
    assert '"style": "tower"' in Path("design.json").read_text()
