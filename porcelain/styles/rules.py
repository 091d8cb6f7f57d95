"""Rules of design as objects: one place for each, asked by the planner, by ``fabricate`` and by ``check`` alike.

A rule knows what it concerns and finds what breaks it in a design. The rules of every design are COMMON; those of one
style are registered under the style's name. To add one, write a function and register a :class:`Rule` with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from .. import files
from ..errors import DesignError, Finding
from ..machine.design import Design

IDENTITY = ("names", "pours", "outlets")
"""Rules without which hardly any other can be asked."""

MEND = "mend"
"""Advice of a finding that only an edit or a fault of porcelain can cause: :func:`violations` says which it was."""

ADVICE = {
    "planned": "porcelain planned it so: report this design",
    "edited": "undo the edit, or plan the network again",
    "unknown": "plan the network again",
}


@dataclass(frozen=True)
class Rule:
    """One rule of design.

    Parameters
    ----------
    concerns
        What the rule is about, a name of its own within a style.
    find
        Gives a Finding for every part of a design that breaks the rule: what, part, value, limit and advice. Advice is
        MEND where a planned design never breaks it. Its severity is "error", or "warning" for what is made all the
        same.
    needs
        Rules by name that must hold before this one can be asked.
    """

    concerns: str
    find: Callable[[Design], Iterable[Finding]]
    needs: tuple[str, ...] = IDENTITY


RULES: dict[str, tuple[Rule, ...]] = {}
"""Rule sets: those of every design under "", those of one style under its name."""


def register(*rules: Rule, style: str = "") -> None:
    """Add rules to a style's set, or to the set of every design; one replaces an older rule of its name."""
    names = {rule.concerns for rule in rules}
    kept = tuple(rule for rule in RULES.get(style, ()) if rule.concerns not in names)
    RULES[style] = (*kept, *rules)


def rules_of(design: Design) -> tuple[Rule, ...]:
    """The rules that a design must keep, in the order in which they are asked.

    A style's own rule is asked in place of a common one of the same name.
    """
    own = RULES.get(design.body.style, ())
    names = {rule.concerns for rule in own}
    return (*(rule for rule in RULES.get("", ()) if rule.concerns not in names), *own)


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


def violations(design: Design) -> list[Finding]:
    """Every rule that a design breaks, with warnings among them.

    The planner asks this of what it drew, ``fabricate`` of what it read.
    """
    found = list(_broken(design))
    if all(finding.advice != MEND for finding in found):
        return found
    advice = mend(design)
    return [replace(f, advice=advice) if f.advice == MEND else f for f in found]


def mend(design: Design) -> str:
    """What to do about a fault that neither a network nor a printer can cause: who made it is told by the digest."""
    return ADVICE[origin(design)]


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
