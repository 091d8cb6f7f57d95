"""The command line as a person calls it: words in, exit code and both streams out."""

import sys

import pytest

from porcelain import cli


@pytest.fixture
def porcelain(monkeypatch, capsys, tmp_path):
    """Call porcelain in a folder of its own: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["porcelain", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call
