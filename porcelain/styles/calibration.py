"""The calibration piece of any style: what was weighed in its cups, and what that says to the planner."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..errors import FileError
from ..files import read_bytes
from ..printer import Printer
from ..water import Water


class Weighed(msgspec.Struct, forbid_unknown_fields=True):
    """The file: what was poured into the piece each time, and what stood in its cups from left to right, mL."""

    poured_ml: float
    cups_ml: list[tuple[float, float, float]]


@dataclass(frozen=True)
class Calibrated:
    """What a calibration piece says to the planner.

    ``printer`` and ``water`` are as they were found to be. ``stop_mm`` is the height at which water stands on a sill
    and ``knife_mm`` the width that each side of a knife takes, where the piece tells them. ``said`` is one line of
    text for people.
    """

    printer: Printer
    water: Water
    said: str
    stop_mm: float | None = None
    knife_mm: float | None = None


def weighed(path: str | Path) -> Weighed:
    """Read the file. Raises FileError for what is no such file or cannot be."""
    try:
        found = msgspec.json.decode(read_bytes(path), type=Weighed)
    except msgspec.DecodeError as error:
        raise FileError(f'{path}: {error}; it needs "poured_ml" and "cups_ml", three volumes per pour') from None
    if not found.cups_ml:
        raise FileError(f"{path} has no pours; cups_ml needs three volumes for each")
    for cups in found.cups_ml:
        if min(cups) < 0 or not 0 < sum(cups) < found.poured_ml:
            raise FileError(f"{path}: cups {cups} do not fit a pour of {found.poured_ml} mL; weigh them again")
    return found
