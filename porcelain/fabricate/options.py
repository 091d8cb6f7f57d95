"""Options of ``fabricate`` and of the heat exchanger's body, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import check, option
from .formats import FORMATS


@dataclass(frozen=True)
class FabricateOptions:
    """What is written besides the meshes, and where.

    >>> FabricateOptions().output
    'parts'
    """

    output: str = option("parts", "Folder for STL, 3MF and the parts list.", flag="-o --output", kind="folder")
    row: str | None = option(
        None, "What to pour for the water in the GLB, as in 5.1,3.5,1.4,0.2 (default: middle values)."
    )
    format: tuple[str, ...] = option(
        (), "Write only this format; again for more (default: stl, 3mf, glb and scad).", choices=lambda: FORMATS
    )
    step: bool = option(False, "Also write STEP files, through build123d.")
    vof: str | None = option(
        None, "Write this bucket's outlet as a free-surface case, and nothing else.", metavar="BUCKET"
    )
    set: tuple[str, ...] = option((), "Of that case, as in rate_ml_s=3; again for more.", metavar="NAME=VALUE")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class BodyOptions:
    """The physical exchanger as one body.

    >>> BodyOptions().leg
    30.0
    """

    length: float = option(150.0, "mm over which the pipes touch.", above=0, most=1e4)
    area: float = option(50.0, "Area of each channel, mm2.", above=0, most=1e4)
    leg: float = option(30.0, "How far the four ends stand out, mm.", above=0, most=1e4)

    def __post_init__(self) -> None:
        check(self)
