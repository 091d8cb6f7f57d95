"""What a body style is given to plan, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

from ..arrays import Floats
from ..machine.layouts import Terrace, Tower
from ..machine.vessel import Bucket, Cup, Pipe
from ..network import Network
from ..printer import Printer
from ..water import WATERS, Water


@dataclass(frozen=True, eq=False)
class Brief:
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


@dataclass(frozen=True)
class Placed:
    """Where everything stands: rows of buckets, pipes, cups and the body round them."""

    tiers: tuple[tuple[Bucket, ...], ...]
    pipes: tuple[Pipe, ...]
    cups: tuple[Cup, ...]
    body: Tower | Terrace
