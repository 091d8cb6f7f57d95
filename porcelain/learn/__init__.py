"""Dataset to Network: exact gradients, restarts, pruning, honest scores."""

from ..evaluation import error_rate
from .objective import Objective
from .recipe import RECIPES, Recipe, suited
from .training import cross_validate, fit

__all__ = ["RECIPES", "Objective", "Recipe", "cross_validate", "error_rate", "fit", "suited"]
