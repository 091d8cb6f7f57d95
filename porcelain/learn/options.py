"""Options of ``learn``: what decides a network besides its data, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from ..encoding import KINDS
from ..options import MOST_SEED, check, option
from .objective import Objective
from .recipe import RECIPES, Recipe, named

RULES = ("gradient", "exchanger")
TRAINING, WATER, TOPOLOGY, TERMS, SCORE = "Training", "Water", "Buckets and pipes", "Terms of the loss", "Score"


@dataclass(frozen=True)
class LearnOptions:
    """How a network is trained and scored. None leaves a field to the recipe.

    Raises PorcelainError for a value outside its limits.

    >>> LearnOptions(hidden=(4,), draws=8).chosen("plain").hidden
    (4,)
    """

    recipe: str | None = option(
        None, "How to train (default: what suits the data).", choices=lambda: RECIPES, group=TRAINING
    )
    rule: str = option(
        "gradient", "How weights move: by gradients, or by a heat exchanger's local updates.", choices=RULES,
        group=TRAINING,
    )  # fmt: skip
    seed: int = option(0, "Same seed, same network.", least=0, most=MOST_SEED, group=TRAINING)
    restarts: int | None = option(None, "Starts at most.", least=1, most=10_000, group=TRAINING)
    hidden: tuple[int, ...] | None = option(
        None, "Buckets per hidden tier, as in 3 or 4,4; empty: none.", least=1, most=1000, group=TOPOLOGY
    )
    pipes: int | None = option(None, "Close pipes until this many are left.", least=1, most=1e6, group=TOPOLOGY)
    min_share: float | None = option(
        None, "Least share of a pipe; smaller ones are closed in training.", least=0, most=0.5, group=TOPOLOGY
    )
    planar: bool | None = option(None, "Only layouts whose pipes cross nowhere.", group=TOPOLOGY)
    encoding: str | None = option(
        None, "plain; constant: one bucket of constant water; dual: x and full - x; knots: both, three times.",
        choices=KINDS, group=WATER,
    )  # fmt: skip
    gain: float | None = option(
        None, "Water per feature unit, u (default: the data's custom, or rescaled).", above=0, most=1e6, group=WATER
    )
    span_u: float | None = option(
        None, "Water of a rescaled feature's largest value, u.", flag="--span", above=0, most=1e6, group=WATER
    )
    sharpness: float | None = option(
        None, "Per u; larger counts errors rather than volumes.", above=0, most=1e6, group=TERMS
    )
    margin_u: float | None = option(
        None, "Water the right cup must lead by, u.", flag="--margin", least=0, most=1e6, group=TERMS
    )
    l2: float | None = option(None, "Weight of the squared logits.", least=0, most=1e6, group=TERMS)
    retained: float | None = option(
        None, "Weight of the water that stays in the buckets.", least=0, most=1e6, group=TERMS
    )
    draws: int | None = option(
        None, "Faulty machines that the loss is averaged over; 24 is plenty.", least=0, most=10_000, group=TERMS
    )
    sample: int = option(
        10_000, "Rows to learn from at most: a sample with every class's part.", least=20, most=1e9, group=TRAINING
    )
    folds: int = option(5, "Folds of the cross-validation; 0: none.", least=0, most=1e6, group=SCORE)
    repeats: int = option(1, "How often the folds are drawn anew.", least=1, most=10_000, group=SCORE)

    def __post_init__(self) -> None:
        check(self)

    @property
    def changes(self) -> dict[str, Any]:
        """Fields that replace a recipe's own, by name."""
        own = ("recipe", "rule", "seed", "sample", "folds", "repeats")
        told = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in own}
        return {name: value for name, value in told.items() if value is not None}

    def chosen(self, recipe: str) -> Recipe:
        """A recipe with these options in it.

        Parameters
        ----------
        recipe : str
            Name of the recipe to start from.

        Returns
        -------
        Recipe
            The recipe, changed where an option is given.
        """
        base = named(recipe)
        terms = {f.name: self.changes[f.name] for f in fields(Objective) if f.name in self.changes}
        others = {name: value for name, value in self.changes.items() if name not in terms}
        return replace(base, **others, objective=replace(base.objective, **terms))
