"""Design + Pour -> Run: what the water does, over time (simulate) and in the end (settle)."""

from .batch import Batch, simulate_batch, simulate_pours, stream
from .foretell import Overflow, foretell
from .settle import settle
from .solve import simulate
from .swmm import to_swmm

__all__ = [
    "Batch",
    "Overflow",
    "foretell",
    "settle",
    "simulate",
    "simulate_batch",
    "simulate_pours",
    "stream",
    "to_swmm",
]
