"""Network + Printer -> Design: volumes become millimetres, shares become cross-sections, rows find their places."""

from .limits import share_floor
from .plan import plan

__all__ = ["plan", "share_floor"]
