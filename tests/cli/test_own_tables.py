"""A person's own table through every verb: found again, matched by name, never overwritten, never mistaken."""

import json
from pathlib import Path

import pytest

from porcelain import files

ROWS = [
    (f"{x + k * 0.1:.1f}", f"{y - k * 0.2:.1f}", kind)
    for k in range(8)
    for x, y, kind in ((2, 9, "a"), (5, 5, "b"), (9, 3, "c"))
]
OWN = "left,right,kind\n" + "".join(f"{x},{y},{kind}\n" for x, y, kind in ROWS)
TURNED = "kind,right,left\n" + "".join(f"{kind},{y},{x}\n" for x, y, kind in ROWS)
QUICK = ("--hidden", "", "--restarts", 1, "--folds", 0)


@pytest.fixture
def own(porcelain):
    """A network and a design of iris.csv, an own table of another table's name, in the folder ``made``."""
    Path("iris.csv").write_text(OWN)
    assert porcelain("learn", "iris.csv", *QUICK, "-o", "made/network.json")[0] == 0
    code, out, err = porcelain("plan", "made", "-o", "made/design.json")
    assert (code, err) == (0, "")
    assert "% of iris right as trained, " in out
    return porcelain


def test_every_verb_finds_the_own_table_again_and_not_the_built_in_one(own):
    assert len(files.load("made/design.json", "design").network.encoding.feature_names) == 2
    code, out, err = own("check", "made")
    assert (code, err) == (0, "")
    assert out.startswith("iris on iris, 24 rows")
    for arguments in (
        ("guide", "made", "-o", "g.html"),
        ("show", "made", "--no-parts", "-o", "p.html"),
        ("show", "made", "--view", "scores", "-o", "s.png"),
        ("fabricate", "made", "-o", "made"),
        ("inspect", "made"),
        ("simulate", "made", 3, 8),
    ):
        code, _, err = own(*arguments)
        assert (code, err) == (0, ""), arguments


def test_without_its_table_a_guide_is_written_and_a_check_asks_for_data(own):
    Path("iris.csv").rename("moved.csv")
    code, _, err = own("guide", "made", "-o", "g.html")
    assert code == 0
    assert "is not here" in err
    code, _, err = own("check", "made")
    assert code == 2
    assert err.count("\n") == 1
    assert "--data" in err
    assert own("check", "made", "--data", "moved.csv")[0] == 0


def test_check_matches_columns_and_classes_by_name(own):
    Path("turned.csv").write_text(TURNED)
    accuracies = [
        [step["accuracy"] for step in json.loads(own("check", "made", "--json", *data)[1])["steps"]]
        for data in ((), ("--data", "turned.csv"))
    ]
    assert accuracies[0] == accuracies[1]
    Path("two.csv").write_text("".join(line for line in OWN.splitlines(True) if not line.endswith("b\n")))
    assert own("check", "made", "--data", "two.csv")[0] == 0
    Path("capital.csv").write_text(OWN.replace(",c\n", ",C\n"))
    for verb in (
        ("check", "made"),
        ("check", "made", "--tolerance"),
        ("guide", "made"),
        ("plan", "made", "-o", "x.json"),
    ):
        code, _, err = own(*verb, "--data", "capital.csv")
        assert code == 2
        assert "'C' (did you mean 'c'?)" in err
    assert not Path("x.json").exists()


def test_nothing_is_written_over_what_it_is_made_from(own):
    for arguments in (
        ("learn", "iris.csv", *QUICK, "-o", "./iris.csv"),
        ("plan", "made/network.json", "-o", "made/network.json"),
        ("simulate", "made/design.json", 3, 8, "-o", "made/design.json"),
    ):
        before = Path(arguments[1]).read_bytes()
        code, _, err = own(*arguments)
        assert code == 2
        assert "would be written over" in err
        assert Path(arguments[1]).read_bytes() == before


def test_an_own_wine_is_not_learned_by_the_recipe_of_wines(porcelain):
    from porcelain.cli.make import _learn
    from porcelain.data import load
    from porcelain.learn import LearnOptions
    from porcelain.printer import Printer

    Path("wine.csv").write_text(OWN)
    quick = LearnOptions(folds=0, restarts=1)
    assert (
        _learn(load("wine.csv"), quick, Printer.preset("ender3")).encoding.kind == "dual"
    )  # the wines' recipe: constant
