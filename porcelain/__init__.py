"""Neural networks of buckets and pipes: train, plan, pour, print and check them.

data -> network -> design -> run, parts -> report. The nouns are here by name; the verbs are the modules
``learn``, ``plan``, ``simulate``, ``fabricate``, ``check`` and ``show``, each loaded when it is first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import check, exchange, fabricate, learn, plan, show, simulate
    from .data import Dataset, load
    from .design import Design
    from .encoding import Encoding
    from .errors import DesignError, Finding, PorcelainError
    from .network import Layer, Network
    from .part import Part
    from .pour import Pour
    from .printer import Printer
    from .run import Run
    from .vessel import Bucket, Cup, Outlet, Pipe

__all__ = [
    "Bucket",
    "Cup",
    "Dataset",
    "Design",
    "DesignError",
    "Encoding",
    "Finding",
    "Layer",
    "Network",
    "Outlet",
    "Part",
    "Pipe",
    "PorcelainError",
    "Pour",
    "Printer",
    "Run",
    "check",
    "exchange",
    "fabricate",
    "learn",
    "load",
    "plan",
    "show",
    "simulate",
]

_HOME = {
    "Cup": "vessel",
    "DesignError": "errors",
    "Finding": "errors",
    "Layer": "network",
    "Outlet": "vessel",
    "Pipe": "vessel",
    "Bucket": "vessel",
    "PorcelainError": "errors",
    "Dataset": "data",
    "load": "data",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'porcelain' has no attribute {name!r}")
    if name.islower() and name not in _HOME:
        return importlib.import_module(f".{name}", __name__)
    return getattr(importlib.import_module(f".{_HOME.get(name, name.lower())}", __name__), name)
