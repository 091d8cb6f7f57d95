"""Design + Pour -> Run: what the water does, over time (run, run_many) and in the end (steady_state)."""

from typing import TYPE_CHECKING

from ..lazy import lazily

if TYPE_CHECKING:
    from .batch import Batch, run_many, stream
    from .options import SimulateOptions
    from .overflow import Overflow, overflow_bounds
    from .single import run
    from .steady import steady_state
    from .swmm import to_swmm

__all__ = [
    "Batch",
    "Overflow",
    "SimulateOptions",
    "overflow_bounds",
    "run",
    "run_many",
    "steady_state",
    "stream",
    "to_swmm",
]

__getattr__ = lazily(
    __name__,
    {
        "Batch": "batch",
        "Overflow": "overflow",
        "SimulateOptions": "options",
        "overflow_bounds": "overflow",
        "run": "single",
        "run_many": "batch",
        "steady_state": "steady",
        "stream": "batch",
        "to_swmm": "swmm",
    },
)
