"""How results are told: as text, as JSON or not at all; and progress only on a terminal, only where work takes long."""

import io
import json
import sys
from pathlib import Path
from time import sleep

import pytest

from porcelain.cli import telling
from porcelain.cli.telling import Telling

IRIS = Path(__file__).parents[2] / "designs" / "iris-mini"
POUR = (6.2, 3.4, 5.4, 2.3)
CALLS = {
    "learn": (("learn", "iris", "--folds", 0, "--restarts", 1, "-o", "n.json"), "n.json"),
    "plan": (("plan", IRIS, "-o", "d.json"), "d.json"),
    "simulate": (("simulate", IRIS, *POUR, "-o", "r.json"), "r.json"),
    "fabricate": (("fabricate", IRIS, "-o", "parts"), "parts/assembly.json"),
    "show": (("show", IRIS / "network.json", "-o", "n.png"), "n.png"),
    "exchange": (("exchange", "circle", "--widths", "2,4,2", "--epochs", 2, "-o", "ex"), "ex/data.png"),
    "thermal": (("exchange", "thermal", "--cells", 20, "-o", "t.png"), "t.png"),
    "body": (("exchange", "body", "-o", "b.stl"), "b.stl"),
}


@pytest.mark.parametrize("verb", CALLS)
def test_json_is_json_and_quiet_is_quiet(porcelain, verb):
    words, written = CALLS[verb]
    code, said, wrong = porcelain(*words, "--json")
    assert (code, wrong) == (0, "")
    figures = json.loads(said)
    assert any(written in path for path in figures["wrote"])
    made = Path(written).read_bytes()
    Path(written).unlink()
    assert porcelain(*words, "-q") == (0, "", "")
    assert (Path(written).read_bytes() == made) or verb in ("show", "exchange", "thermal")


def test_json_has_the_figures_of_the_text(porcelain):
    figures = json.loads(porcelain("simulate", IRIS, *POUR, "--json")[1])
    text = porcelain("simulate", IRIS, *POUR)[1]
    for cup, volume in figures["cups_ml"].items():
        assert f"{cup}  {volume:8.2f} mL" in text
    assert text.startswith(figures["answer"])
    assert sum(figures["cups_ml"].values()) + figures["kept_ml"] == pytest.approx(figures["poured_ml"])
    assert json.loads(porcelain("check", IRIS, "--json")[1])["holds"] is True


class Terminal(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self):
        return True


def on_terminal(monkeypatch):
    """A terminal instead of standard error; pytest puts its own there before each test."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(telling, "SILENT_S", 0.05)
    return screen


def test_long_work_is_announced_on_a_terminal_and_wiped_away(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with Telling().working("planning"):
        sleep(0.5)
    assert "planning, 0 s" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[K")


def test_short_work_says_nothing(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with Telling().working("planning"):
        pass
    assert terminal.getvalue() == ""


def test_quiet_work_says_nothing(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with Telling(quiet=True).working("planning"):
        sleep(0.2)
    with Telling(quiet=True).bar(3, "learning") as report:
        report()
    assert terminal.getvalue() == ""


def test_a_failure_ends_the_announcement(monkeypatch):
    terminal = on_terminal(monkeypatch)
    with pytest.raises(TypeError), Telling().working("planning"):
        sleep([sleep(0.2)])
    assert terminal.getvalue().endswith("\x1b[K")


def test_nothing_is_announced_where_there_is_no_terminal(monkeypatch, capsys):
    monkeypatch.setattr(telling, "SILENT_S", 0.01)
    with Telling().working("planning"), Telling().bar(2, "learning") as report:
        sleep(0.1)
        report()
    assert capsys.readouterr().err == ""
