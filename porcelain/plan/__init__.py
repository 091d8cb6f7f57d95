"""Network + Printer -> Design: volumes become millimetres, shares become cross-sections, rows find their places."""

from .plan import plan

__all__ = ["plan"]
