"""Names of a package that are loaded when they are first used, so that importing the package stays fast (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazily(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package whose public names live in its modules.

    Parameters
    ----------
    package : the package's ``__name__``
    modules : the module of each public name, {name: module}

    >>> lazily("porcelain", {"Pour": "pour"})("Pour").__name__
    'Pour'
    """

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f".{modules[name]}", package), name)

    return load
