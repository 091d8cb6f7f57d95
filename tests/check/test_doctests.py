"""Doctests of check, of the evaluation of networks, of markup and of closed surfaces run."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

from porcelain import check

ROOT = Path(__file__).parents[2]
MODULES = [
    *(module.name for module in pkgutil.walk_packages(check.__path__, "porcelain.check.") if not module.ispkg),
    "porcelain.evaluation",
    "porcelain.markup",
    "porcelain.geometry.surface",
]


@pytest.mark.parametrize("name", MODULES)
def test_doctests_run(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(importlib.import_module(name), optionflags=options).failed == 0
