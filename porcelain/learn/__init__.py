"""Train a network on a data set: exact gradients, restarts, pruning, and scores on held-out rows."""

from typing import TYPE_CHECKING

from ..lazy import lazily

if TYPE_CHECKING:
    from ..evaluation import error_rate
    from .objective import Objective
    from .options import LearnOptions
    from .recipe import RECIPES, Recipe, default_recipe
    from .training import cross_validate, fit

__all__ = ["RECIPES", "LearnOptions", "Objective", "Recipe", "cross_validate", "default_recipe", "error_rate", "fit"]

__getattr__ = lazily(
    __name__,
    {
        "LearnOptions": "options",
        "Objective": "objective",
        "RECIPES": "recipe",
        "Recipe": "recipe",
        "cross_validate": "training",
        "error_rate": ".evaluation",
        "fit": "training",
        "default_recipe": "recipe",
    },
)
