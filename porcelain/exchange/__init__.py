"""The Neural Heat Exchanger: two pipes in counterflow that teach each other, and the physical heat exchanger.

Inputs run through pipe F from left to right, labels through pipe B from right to left, and every section learns from
its neighbours only. After J. Schmidhuber, The Neural Heat Exchanger, ICONIP 1996.
"""

from __future__ import annotations

from typing import Any

from .exchanger import Exchanger, from_sections, new
from .section import Section
from .training import Training, agreement, train

__all__ = ["Exchanger", "ExchangerClassifier", "Section", "Training", "agreement", "from_sections", "new", "train"]


def __getattr__(name: str) -> Any:
    """Load the estimator on demand. It alone needs scikit-learn."""
    if name == "ExchangerClassifier":
        from .estimator import ExchangerClassifier

        return ExchangerClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
