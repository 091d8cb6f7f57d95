"""porcelain exchange: what it prints is what it measured, and wrong use is one line and exit 2."""

import re

import pytest

from porcelain import files
from porcelain.data import load


def test_the_circle_is_taught_filmed_and_drawn(porcelain, tmp_path):
    options = ("--widths", "2,16x2,2", "--epochs", "10", "-o", str(tmp_path), "--movie", str(tmp_path / "film.gif"))
    code, out, _ = porcelain("exchange", "circle", *options)
    assert code == 0
    assert "2-16-16-2 by the rule 'target', 10 epochs" in out
    assert float(re.search(r"new points\s+([\d.]+)%", out)[1]) > 80
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"data.png", "weights.png", "agreement.png", "decision.png", "film.gif"}


def test_the_articles_machine_runs_as_a_rule(porcelain, tmp_path):
    code, out, _ = porcelain("exchange", "circle", "--rule", "article", "--epochs", "5", "-o", str(tmp_path))
    assert code == 0
    assert "2-2-2-2-2-2-2-2-2-2 by the rule 'article'" in out


def test_the_thermal_exchanger_prints_its_temperatures(porcelain, tmp_path):
    code, out, _ = porcelain(
        "exchange", "thermal", "--hot", "90", "--cold", "10", "--cells", "50", "-o", str(tmp_path / "t.png")
    )
    assert code == 0
    hot, cold = (float(re.search(rf"{name}\s.*?([\d.]+) C out", out)[1]) for name in ("hot", "cold"))
    assert (90 - hot) == pytest.approx(cold - 10, abs=0.02)  # equal streams give what they take
    assert (tmp_path / "t.png").stat().st_size > 10_000


def test_the_body_is_written_as_stl(porcelain, tmp_path):
    code, out, _ = porcelain("exchange", "body", "--length", "100", "-o", str(tmp_path / "body.stl"))
    assert code == 0
    assert "2 channels of 50 mm2" in out
    assert (tmp_path / "body.stl").read_bytes().startswith(b"porcelain heat-exchanger")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("circle", "--rule", "tarket"), "did you mean 'target'"),
        (("circl",), "did you mean 'circle'"),
        (("circle", "--widths", "2,y,2"), "16x9: nine times 16"),
        (("iris", "--widths", "2,3,2"), "do not match iris"),
        (("iris", "--rule", "article"), "the article's machine tells 2 classes"),
        (("thermal", "--hot-flow", "0"), "--hot-flow is 0;"),
        (("circle", "--epochs", "1", "--movie", "film.avi"), ".gif or .mp4"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(porcelain, arguments, message):
    code, _, err = porcelain("exchange", *arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_a_network_taught_by_the_exchanger_is_planned_like_any_other(porcelain, tmp_path):
    network, design = str(tmp_path / "network.json"), str(tmp_path / "design.json")
    _, out, _ = porcelain("learn", "iris", "--rule", "exchanger", "--folds", "0", "-o", network)
    assert porcelain("plan", network, "-o", design)[0] == 0
    assert float(re.search(r"training error\s+([\d.]+)%", out)[1]) <= 4
    iris, taught = load("iris"), files.load(network, "network")
    planned = files.load(design, "design").as_network()
    same = taught.predict(iris.features) == planned.predict(iris.features)
    assert same.mean() >= 0.98


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--rule", "exchangr"), "did you mean 'exchanger'"), (("--rule", "exchanger", "--pipes", "9"), "knows no pipes")],
)
def test_learn_refuses_what_the_exchanger_cannot_do(porcelain, arguments, message):
    code, _, err = porcelain("learn", "iris", *arguments)
    assert code == 2
    assert message in err
