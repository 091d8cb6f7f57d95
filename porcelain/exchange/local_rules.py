"""Local rules and controls of the exchanger by name: the registry, and what training has to know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SHORT = 3  # sections up to which a rule whose targets collect errors takes its full step
Loop = Callable[..., None]


@dataclass(frozen=True)
class LocalRule:
    """How sections learn.

    Attributes
    ----------
    name : str
        What ``train`` and the command line call it.
    loop : callable
        Gives the loop over one epoch, ``loop(flow, points, labels, order, noise, batch, steps)``, which changes the
        weights in ``flow``; it is asked for when training begins, since compiled loops take time to load.
    step : float
        Default step.
    control : bool
        Whether it is not local and serves for comparison.
    noisy : bool
        Whether the loop gets noise, (n, units above the input), from which B learns to rebuild.
    one_by_one : bool
        Whether it goes sample by sample with a constant step between sections of equal width, as the article does.
    collects_errors : bool
        Whether the default step falls with the number of sections.

    Examples
    --------
    >>> LOCAL_RULES["target"].step_of(3), round(LOCAL_RULES["target"].step_of(12), 3)
    (0.2, 0.1)
    """

    name: str
    loop: Callable[[], Loop]
    step: float
    control: bool = False
    noisy: bool = False
    one_by_one: bool = False
    collects_errors: bool = False

    def step_of(self, sections: int) -> float:
        """The default step in pipes of so many sections.

        Parameters
        ----------
        sections : int
            How many.

        Returns
        -------
        float
            The step.
        """
        return self.step * (min(1.0, (SHORT / sections) ** 0.5) if self.collects_errors else 1.0)


LOCAL_RULES: dict[str, LocalRule] = {}
"""Every rule and control by its name."""


def register(rule: LocalRule) -> LocalRule:
    """Make a rule known by its name; it replaces one of the same name.

    Parameters
    ----------
    rule : LocalRule
        The rule.

    Returns
    -------
    LocalRule
        The same.

    Examples
    --------
    >>> register(LOCAL_RULES["delta"]).name
    'delta'
    """
    LOCAL_RULES[rule.name] = rule
    return rule


def rule_names() -> tuple[str, ...]:
    """Names of all rules, controls last.

    Returns
    -------
    tuple of str
        The names.

    Examples
    --------
    >>> rule_names()[0], rule_names()[-1]
    ('target', 'last')
    """
    return tuple(sorted(LOCAL_RULES, key=lambda name: LOCAL_RULES[name].control))


def _compiled(name: str) -> Callable[[], Any]:
    def loop() -> Any:
        from . import rule_loops

        return getattr(rule_loops, name)

    return loop


register(LocalRule("target", _compiled("target"), 0.2, noisy=True, collects_errors=True))
register(LocalRule("delta", _compiled("delta"), 0.2))
register(LocalRule("article", _compiled("article"), 0.001, one_by_one=True))
register(LocalRule("backprop", _compiled("backprop"), 0.05, control=True))
register(LocalRule("last", _compiled("last_only"), 0.2, control=True))
