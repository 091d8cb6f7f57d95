"""Network + PlanOptions -> Design: volumes become millimetres, shares become cross-sections, rows find their places."""

from .options import AUTO, PlanOptions
from .planner import design, share_floor

__all__ = ["AUTO", "PlanOptions", "design", "share_floor"]
