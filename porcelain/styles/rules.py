"""Rules of design as objects, one place for each, and the registry of rules that are added from outside.

A rule knows what it concerns and finds what breaks it in a design. The rules of every design are in
:mod:`~porcelain.styles.common_rules`, those of a style in its own folder. To add one, write a function and register a
:class:`Rule` with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..errors import Finding
from ..machine.design import Design

IDENTITY = ("names", "pours", "outlets")
"""Rules without which hardly any other can be asked."""

MEND = "mend"
"""Advice of a finding that only an edit or a fault of porcelain can cause; who reports it says which it was."""


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


ADDED: dict[str, tuple[Rule, ...]] = {}
"""Rules from outside: those of every design under "", those of one style under its name."""


def register(*rules: Rule, style: str = "") -> None:
    """Add rules to those of a style, or to those of every design.

    A rule takes the place of an older one of the same name.
    """
    ADDED[style] = (*ADDED.get(style, ()), *rules)
