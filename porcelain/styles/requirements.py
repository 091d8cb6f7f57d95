"""What a style gets for its layout, and what it gives back: requirements, options, and the placed machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..arrays import Floats
from ..errors import unknown
from ..machine.layouts import Layout
from ..machine.vessel import Bucket, Cup, Pipe
from ..network import Network
from ..printer import Printer
from ..water import WATERS, Water

CUPS = ("auto", "equal", "free")


@dataclass(frozen=True, eq=False)
class Requirements:
    """A printable network and what its machine is for: ``worst_ml`` (n_in,) at once, at ``pour_ml_s`` each."""

    network: Network
    printer: Printer
    ml_per_unit: float
    worst_ml: Floats
    pour_ml_s: float
    discharge: float
    water: Water = WATERS["ideal"]

    @property
    def cups_ml(self) -> Floats:
        """The most that each cup gets, (n_out,): buckets pass on no more than they get and shares are >= 0, so the
        worst pour bounds every cup.
        """
        return self.network(self.worst_ml / self.ml_per_unit)[0] * self.ml_per_unit


@dataclass(frozen=True, kw_only=True)
class LayoutOptions:
    """What a style may be asked for. A style without the feature that an option is about leaves it unread.

    Raises
    ------
    PorcelainError
        If an option has a value that is not among its choices.
    """

    text: bool = field(default=True, metadata={"help": "Emboss names and scales."})
    lips: bool = field(default=True, metadata={"help": "Funnel and rims against splashes (terrace)."})
    cups: str = field(
        default="auto",
        metadata={
            "help": "equal: of one width, to compare by eye; free: as wide as their mouths;"
            " auto: equal where cheap (terrace).",
            "choices": CUPS,
        },
    )
    compensate: bool | None = field(
        default=None,
        metadata={
            "help": "Channels that part the water as the shares ask, instead of in proportion"
            " (tower; default: if the water is not ideal)."
        },
    )
    stop_mm: float | None = field(
        default=None, metadata={"help": "Height at which water stands on a printed sill, as measured, mm (terrace)."}
    )

    def __post_init__(self) -> None:
        if self.cups not in CUPS:
            raise unknown("kind of cups", self.cups, CUPS)


@dataclass(frozen=True)
class Placed:
    """Where everything stands: rows of buckets, pipes, cups and the layout that gives them a shape."""

    tiers: tuple[tuple[Bucket, ...], ...]
    pipes: tuple[Pipe, ...]
    cups: tuple[Cup, ...]
    layout: Layout

    def branches(self, name: str) -> tuple[Pipe, ...]:
        """The pipes that leave a bucket."""
        return tuple(pipe for pipe in self.pipes if pipe.source == name)
