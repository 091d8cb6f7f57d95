"""The rule sets of porcelain's own styles, registered; and the doors through which a design is asked about them."""

from __future__ import annotations

from ..machine.layouts import Terrace, Tower
from .common_rules import COMMON_RULES
from .rules import Rule, accepted, mend, refuse_broken, register, rules_of, violations
from .terrace.rules import TERRACE_RULES
from .tower.rules import TOWER_RULES

__all__ = ["Rule", "accepted", "mend", "refuse_broken", "register", "rules_of", "violations"]

register(*COMMON_RULES)
register(*TOWER_RULES, style=Tower.style)
register(*TERRACE_RULES, style=Terrace.style)
