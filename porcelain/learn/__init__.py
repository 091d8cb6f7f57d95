"""Dataset to Network: exact gradients, restarts, pruning, honest scores."""

from .objective import Objective
from .recipe import RECIPES, Recipe, default_recipe
from .training import cross_validate, error_rate, fit

__all__ = ["RECIPES", "Objective", "Recipe", "cross_validate", "default_recipe", "error_rate", "fit"]
