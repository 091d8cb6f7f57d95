"""Ask a design whether it keeps every rule; planner, fabricate and check all ask here.

The planner asks of what it drew, ``fabricate`` and ``check`` of what they read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .. import files
from ..errors import DesignError, Finding
from ..machine.design import Design
from .base import style_of
from .common_rules import COMMON_RULES
from .rules import ADDED, MEND, Rule

ADVICE = {
    "planned": "porcelain planned it so: report this design",
    "edited": "undo the edit, or plan the network again",
    "unknown": "plan the network again",
}


def rules_of(design: Design) -> tuple[Rule, ...]:
    """The rules that a design must keep, in the order in which they are asked.

    A style's own rule is asked in place of a common one of the same name, and an added one in place of either.
    """
    style = style_of(design)
    own = {rule.concerns: rule for rule in style.rules()}
    common = {rule.concerns: rule for rule in COMMON_RULES if rule.concerns not in own}
    added = {rule.concerns: rule for rule in (*ADDED.get("", ()), *ADDED.get(style.name, ()))}
    return tuple((common | own | added).values())


def violations(design: Design) -> list[Finding]:
    """Every rule that a design breaks, with warnings among them."""
    found = list(_broken(design))
    if all(finding.advice != MEND for finding in found):
        return found
    advice = mend(design)
    return [replace(f, advice=advice) if f.advice == MEND else f for f in found]


def _broken(design: Design) -> Iterator[Finding]:
    unmet: set[str] = set()
    for rule in rules_of(design):
        asked = unmet.isdisjoint(rule.needs)
        found = list(rule.find(design)) if asked else []
        if not asked or errors(found):
            unmet.add(rule.concerns)
        yield from found


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those findings with which nothing is made."""
    return [finding for finding in findings if finding.severity == "error"]


def refuse_broken(design: Design) -> None:
    """Raises DesignError for a design that breaks a rule."""
    if broken := errors(violations(design)):
        raise DesignError(broken)


def accepted(design: Design, warnings: Iterable[Finding] = ()) -> Design:
    """A design that was just planned, with its digest and every warning about it.

    Raises
    ------
    DesignError
        If it breaks a rule.
    """
    planned = replace(design, digest=files.digest(design))
    found = [*warnings, *violations(planned)]
    if broken := errors(found):
        raise DesignError(broken)
    return replace(planned, findings=tuple(found))


def origin(design: Design) -> str:
    """Where the millimetres of a design come from, told by the digest that the planner leaves in it.

    Returns
    -------
    str
        "planned" if they are as the planner wrote them, "edited" if they were changed since, "unknown" without digest.
    """
    if not design.digest:
        return "unknown"
    return "planned" if design.digest == files.digest(design) else "edited"


def mend(design: Design) -> str:
    """What to do about a fault that neither a network nor a printer can cause: who made it is told by the digest."""
    return ADVICE[origin(design)]
