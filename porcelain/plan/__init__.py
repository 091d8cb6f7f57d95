"""Network + Printer -> Design: volumes become millimetres, shares become cross-sections, rows find their places."""

from ..styles.limits import share_floor
from .planner import design

__all__ = ["design", "share_floor"]
