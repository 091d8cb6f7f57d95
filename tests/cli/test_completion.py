"""Shell completion: what the shell is told for words that are half typed."""

import pytest
from click.shell_completion import BashComplete

from porcelain import cli
from porcelain.data import load
from porcelain.printer import PRINTERS
from porcelain.styles import STYLES
from porcelain.water import WATERS


def completed(*words):
    """What bash may offer for the last of these words, as (type, value)."""
    shell = BashComplete(cli.porcelain, {}, "porcelain", "_PORCELAIN_COMPLETE")
    return [(item.type, item.value) for item in shell.get_completions(list(words[:-1]), words[-1])]


def values(*words):
    return {value for kind, value in completed(*words) if kind == "plain"}


def test_verbs():
    assert values("") == set(cli.VERBS)
    assert values("si") == {"simulate"}


def test_data_sets_and_files():
    for words in (("learn", ""), ("make", ""), ("check", "x", "--data", ""), ("exchange", "")):
        found = values(*words)
        assert {"iris", "wine", "penguins", "circle"} <= found
    assert all(load(name) for name in values("learn", ""))
    assert ("file", "pen") in completed("learn", "pen")
    assert values("learn", "pen") == {"penguins"}
    assert {"thermal", "body"} <= values("exchange", "")


def test_printers_and_files():
    for words in (("plan", "x"), ("make", "iris"), ("exchange", "body")):
        assert values(*words, "--printer", "") == set(PRINTERS)
    assert ("file", "my") in completed("plan", "--printer", "my")


def test_styles_and_waters():
    assert values("plan", "--style", "") == {"auto", *STYLES}
    assert values("plan", "--water", "") == set(WATERS)
    assert values("simulate", "x", "--water", "") == {*WATERS, "design"}


@pytest.mark.parametrize(
    "words",
    [("plan", ""), ("simulate", ""), ("fabricate", ""), ("check", ""), ("show", ""), ("plan", "-o", ""), ("guide", "")],
)
def test_files(words):
    assert completed(*words) == [("file", "")]


def test_folders():
    assert completed("inspect", "") == [("dir", "")]
    assert completed("fabricate", "x", "-o", "bu") == [("dir", "bu")]


def test_options_of_a_verb():
    assert {"--pour", "--start", "--top-up", "--every"} <= values("simulate", "--")


def test_the_shell_s_own_variable_answers(porcelain, monkeypatch):
    monkeypatch.setenv("_PORCELAIN_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "porcelain learn iri")
    monkeypatch.setenv("COMP_CWORD", "2")
    code, said, _ = porcelain()
    assert code == 0
    assert "plain,iris" in said
