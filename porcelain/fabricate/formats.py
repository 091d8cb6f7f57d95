"""File formats of a machine, and the registry that adds one: a name and a function from a machine to its files."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from numpy.typing import ArrayLike

from ..file_names import machine_stem
from ..machine.assembly import Part
from ..machine.design import Design


@dataclass(frozen=True, eq=False)
class Fabricated:
    """A machine to write: its design, its parts, and the row of data whose water is shown in it.

    Attributes
    ----------
    design : Design
        The machine's millimetres.
    parts : list of Part
        Its parts in print position, as :func:`porcelain.fabricate.parts` makes them.
    features : array_like or None
        One row in the data's units to pour; None: the middle of the data's range.

    Examples
    --------
    >>> from porcelain import files
    >>> Fabricated(files.load("designs/iris", "design"), []).stem
    'iris'
    """

    design: Design
    parts: list[Part]
    features: ArrayLike | None = None

    @property
    def stem(self) -> str:
        """Name of the machine's own files, without ending."""
        return machine_stem(self.design.name)

    @cached_property
    def water(self) -> list[Part]:
        """Bodies of the water that stands in the machine after the row of data has been poured."""
        from .standing_water import middle, settled_ml, water_bodies

        row = middle(self.design) if self.features is None else self.features
        return water_bodies(self.design, self.parts, settled_ml(self.design, row))


@dataclass(frozen=True)
class Format:
    """A file format of a machine.

    Attributes
    ----------
    name : str
        Name of the format, as in ``--format stl``.
    files : callable
        Gives the content of each file of a :class:`Fabricated` machine by its name, ``{"body.stl": b"..."}``. The same
        machine has to give the same bytes.
    usual : bool
        Whether the format is written where no format is asked for.

    Examples
    --------
    >>> Format("facts", lambda machine: {f"{machine.stem}.txt": machine.design.name.encode()}).usual
    True
    """

    name: str
    files: Callable[[Fabricated], dict[str, bytes]]
    usual: bool = True


FORMATS: dict[str, Format] = {}
"""Every file format by its name, in the order in which they are written."""


def register(one: Format) -> Format:
    """Make a format known by its name; it replaces one of the same name.

    Parameters
    ----------
    one : Format
        The format.

    Returns
    -------
    Format
        The same.

    Examples
    --------
    >>> facts = register(Format("facts", lambda machine: {f"{machine.stem}.txt": b"buckets and pipes"}))
    >>> "facts" in FORMATS, FORMATS.pop("facts") is facts
    (True, True)
    """
    FORMATS[one.name] = one
    return one


def _module(name: str) -> Callable[[Fabricated], dict[str, bytes]]:
    """The function ``files`` of a module beside this one, which is imported when the format is written."""

    def files(machine: Fabricated) -> dict[str, bytes]:
        made: dict[str, bytes] = importlib.import_module(f".{name}", __package__).files(machine)
        return made

    return files


register(Format("stl", _module("stl")))
register(Format("3mf", _module("threemf")))
register(Format("glb", _module("glb")))
register(Format("scad", _module("scad")))
register(Format("step", _module("step"), usual=False))
