"""Neural networks of buckets and pipes: train, plan, pour, print and check them.

data -> network -> design -> run, parts -> report. The nouns are here by name; the verbs are the modules
``learn``, ``plan``, ``simulate``, ``fabricate``, ``exchange``, ``check`` and ``show``. Each name is loaded when it is
first used, so ``import porcelain`` stays fast.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import check, exchange, fabricate, learn, plan, show, simulate
    from .data import Dataset, load
    from .encoding import Encoding
    from .errors import DesignError, Finding, PorcelainError
    from .exchange.exchanger import Exchanger
    from .learn.estimator import PeLUClassifier
    from .machine.assembly import Assembly, Part, Piece
    from .machine.design import Design
    from .machine.layouts import Terrace, Tower
    from .machine.vessel import Bucket, Cup, Outlet, Pipe
    from .network import Layer, Network
    from .pour import Pour
    from .printer import PRINTERS, Printer
    from .run import Run
    from .water import WATERS, Water

    __version__: str

_VERBS = ("check", "exchange", "fabricate", "learn", "plan", "show", "simulate")
_NOUNS = {
    "data": ("Dataset", "load"),
    "encoding": ("Encoding",),
    "errors": ("DesignError", "Finding", "PorcelainError"),
    "exchange.exchanger": ("Exchanger",),
    "learn.estimator": ("PeLUClassifier",),
    "machine.assembly": ("Assembly", "Part", "Piece"),
    "machine.design": ("Design",),
    "machine.layouts": ("Terrace", "Tower"),
    "machine.vessel": ("Bucket", "Cup", "Outlet", "Pipe"),
    "network": ("Layer", "Network"),
    "pour": ("Pour",),
    "printer": ("PRINTERS", "Printer"),
    "run": ("Run",),
    "water": ("WATERS", "Water"),
}
_MODULES = {name: module for module, names in _NOUNS.items() for name in names}

__all__ = [
    "PRINTERS",
    "WATERS",
    "Assembly",
    "Bucket",
    "Cup",
    "Dataset",
    "Design",
    "DesignError",
    "Encoding",
    "Exchanger",
    "Finding",
    "Layer",
    "Network",
    "Outlet",
    "Part",
    "PeLUClassifier",
    "Piece",
    "Pipe",
    "PorcelainError",
    "Pour",
    "Printer",
    "Run",
    "Terrace",
    "Tower",
    "Water",
    "check",
    "exchange",
    "fabricate",
    "learn",
    "load",
    "plan",
    "show",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first asked for."""
    if name == "__version__":
        from importlib.metadata import version

        return version("porcelain")
    if name in _VERBS:
        return importlib.import_module(f".{name}", __name__)
    if name in _MODULES:
        return getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
    raise AttributeError(f"module 'porcelain' has no attribute {name!r}")
