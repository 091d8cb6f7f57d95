"""Options of ``exchange``, with the defaults that library and command line share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..errors import PorcelainError
from ..options import MOST_SEED, check, option
from .local_rules import rule_names

MOST_WIDTH = 4096
MOST_LOGGED = 2e8


@dataclass(frozen=True)
class ExchangeOptions:
    """How two pipes that face each other are taught.

    >>> ExchangeOptions().rule
    'target'
    """

    rule: str = option("target", "How sections learn; backprop and last are controls.", choices=rule_names)
    widths: tuple[int, ...] | None = option(
        None, "Units per level, input first, as in 2,16x9,2.", least=1, most=MOST_WIDTH
    )
    epochs: int = option(200, "Rounds over the data.", least=1, most=1_000_000)
    step: float | None = option(None, "Step of the rule (default: its own).", above=0, most=1e6)
    batch: int = option(10, "Rows per step; the article's rule goes one by one.", least=1, most=1_000_000)
    noise: float = option(0.3, "Noise from which B learns to rebuild.", least=0, most=1e6)
    seed: int = option(0, "Same seed, same pipes.", least=0, most=MOST_SEED)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class ThermalOptions:
    """Two touching pipes, hot water in one and cold water in the other.

    >>> ThermalOptions().length
    500.0
    """

    hot: float = option(80.0, "Hot inlet, C.", least=0, most=100)
    cold: float = option(20.0, "Cold inlet, C.", least=0, most=100)
    hot_flow: float = option(8.0, "mL/s.", above=0, most=1e6)
    cold_flow: float = option(8.0, "mL/s.", above=0, most=1e6)
    length: float = option(500.0, "mm over which the pipes touch.", above=0, most=1e6)
    area: float = option(50.0, "Area of each channel, mm2.", above=0, most=1e6)
    conductance: float = option(150.0, "Through the wall, W/(m K).", above=0, most=1e6)
    parallel: bool = option(False, "Both pipes in the same direction instead of counterflow.")
    loss: float = option(0.0, "From each pipe to the room, W/(m K).", least=0, most=1e6)
    room: float = option(20.0, "The room, and the water at the start, C.", least=0, most=100)
    cells: int | None = option(
        None,
        "Per pipe (default: enough to settle, 200 to 4000); the error falls with their cube.",
        least=4,
        most=10_000,
    )
    seconds: float | None = option(None, "End here (default: when nothing changes any more).", above=0, most=1e6)

    def __post_init__(self) -> None:
        check(self)


def check_size(widths: Sequence[int], epochs: int) -> None:
    """Refuse a training whose logged weights would need too much memory.

    Parameters
    ----------
    widths : sequence of int
        Units at each level.
    epochs : int
        Number of epochs.

    Raises
    ------
    PorcelainError
        If all epochs hold more than MOST_LOGGED numbers.

    Examples
    --------
    >>> check_size((2, 16, 2), 200)
    """
    weights = sum((a + 1) * b + (b + 1) * a for a, b in pairwise(widths))
    if weights * (epochs + 1) > MOST_LOGGED:
        raise PorcelainError(
            f"{epochs} epochs of {weights} weights are {weights * (epochs + 1):.3g} numbers to keep, limit"
            f" {MOST_LOGGED:g}; use fewer epochs or narrower widths"
        )
