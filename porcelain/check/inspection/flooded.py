"""The meshes of a machine under water: which air belongs to which vessel, and where a pour goes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arrays import Ints
from ...errors import PorcelainError
from ...machine.assembly import Assembly, Part
from ...units import MM3_PER_ML
from ..mesh.channels import Cuts
from ..mesh.columns import PITCH_MM, Columns, sample_columns
from ..mesh.flood import POOL_MM, Wet, escape_levels, joined, pour

SLOPING_MM = 3.0  # what the floor of a bucket that keeps nothing falls by under its baffle
SAME_MM = 0.05
FULL_MM = 3.5  # above a bucket's sill: over the lowest point of its highest hole, and within a weir's opening


class FloodedMachine:
    """Placed meshes under water: columns of air, the vessel that each stretch belongs to, and pours.

    ``escape`` (n,) is how high water must stand in a stretch to reach the table, ``runs_off`` (n,) to reach the table
    or a cup: no cup is so full that water stands on the walls beside it.

    Parameters
    ----------
    parts : meshes
    assembly : where they stand, and mouths
    pitch_mm : of the grid

    Raises
    ------
    PorcelainError
        Where the parts list names no mouths, or there is no floor under one.

    Examples
    --------
    >>> from porcelain import fabricate, files
    >>> design = files.load("designs/iris-mini/design.json", "design")
    >>> parts = fabricate.parts(design)
    >>> machine = FloodedMachine(parts, Assembly.of(design, parts))
    >>> sorted(machine.reached(machine.pour(1), but=1)) == sorted(machine.mouths[0].feeds)
    True
    """

    def __init__(self, parts: Sequence[Part], assembly: Assembly, pitch_mm: float = PITCH_MM) -> None:
        if not assembly.mouths:
            raise PorcelainError("assembly.json names no mouths; fabricate the design again")
        self.parts, self.mouths = list(parts), assembly.mouths
        self.columns: Columns = sample_columns(parts, pitch_mm)
        self.escape = escape_levels(self.columns)
        self.plan_mm = self.columns.place_mm(np.arange(len(self.columns.floor)))
        self.vessel = self._mouths()
        self._roofed()
        cups = [number for number, mouth in enumerate(self.mouths, 1) if not mouth.feeds]
        self.runs_off = escape_levels(self.columns, np.isin(self.vessel, cups))
        self.first_face = np.concatenate([[0], np.cumsum([len(part.faces) for part in parts])])
        self.cuts = [Cuts(part) for part in parts]

    def _mouths(self) -> Ints:
        """(n,) number, from 1, of the vessel whose mouth a stretch of air opens into; 0: none."""
        c, found = self.columns, np.zeros(len(self.columns.floor), dtype=np.int64)
        for number, mouth in enumerate(self.mouths, 1):
            within = (np.abs(self.plan_mm - mouth.at_mm[:2]) < np.array(mouth.size_mm) / 2).all(axis=1)
            rim = mouth.at_mm[2] - 1e-3
            found[within & (c.floor < rim) & (c.ceil >= rim)] = number
        return found

    def _roofed(self) -> None:
        """Stretches under something that stands in a bucket, as a baffle on slots, are the bucket's too."""
        c = self.columns
        for number, mouth in enumerate(self.mouths, 1):
            if not mouth.feeds:
                self._leaning(number)
                continue
            within = (np.abs(self.plan_mm - mouth.at_mm[:2]) < np.array(mouth.size_mm) / 2).all(axis=1)
            level, pool = self._pool(number)
            deepest = c.floor[pool].min() if len(pool) else level
            inside = within & (c.floor > deepest - SAME_MM) & (c.floor < mouth.at_mm[2]) & (c.part >= 0)
            # A pocket under a sloping floor lies within the plan too, but its way to the table is far lower.
            lowest = self.escape[(self.vessel == number) & (c.part >= 0)].min() - SLOPING_MM
            self.vessel[inside & (self.escape > lowest)] = number

    def _leaning(self, number: int) -> None:
        """What water of a cup finds under its own leaning walls; right under its mouth another cup may lie."""
        c = self.columns
        pools = (self.vessel == 0) & (c.part >= 0) & (self.escape - c.floor > POOL_MM)
        pools &= c.ceil < self.mouths[number - 1].at_mm[2]
        self.vessel[joined(c, self.vessel == number, pools)] = number

    def _pool(self, number: int) -> tuple[float, Ints]:
        """The level that most of a vessel's water stands at, and the stretches under it."""
        mine = np.flatnonzero((self.vessel == number) & (self.columns.part >= 0))
        if not len(mine):
            name = self.mouths[number - 1].name
            raise PorcelainError(f"there is no floor under the mouth of {name}; do these meshes belong together?")
        levels, members = np.unique(self.escape[mine].round(2), return_counts=True)
        level = float(levels[members.argmax()])
        pool = mine[np.abs(self.escape[mine] - level) < SAME_MM]
        if level - self.columns.floor[pool].min() < SAME_MM:  # nothing stands: a floor that falls to its sill
            level = float(self.escape[mine].min())
            pool = mine[np.abs(self.escape[mine] - level) < SAME_MM]
        return level, pool

    def pour(self, number: int) -> Wet:
        """Pour water into every place of a vessel's mouth, so much that it stands above every hole.

        Parameters
        ----------
        number : of the vessel, from 1

        Returns
        -------
        Wet
            What the water touches.
        """
        stops = np.where(self.vessel == number, 0, self.vessel)
        full = self._pool(number)[0] + FULL_MM
        return pour(self.columns, self.runs_off, np.flatnonzero(self.vessel == number), stops, full_mm=full)

    def reached(self, wet: Wet, but: int = 0) -> set[str]:
        """Vessels that a pour has wetted.

        Parameters
        ----------
        wet : the pour
        but : number of a vessel to leave out

        Returns
        -------
        set of str
            Names.
        """
        found = set(self.vessel[wet.level > -np.inf].tolist()) - {0, but}
        return {self.mouths[number - 1].name for number in found}

    def reached_from(self, x_mm: float, y_mm: float, z_mm: float) -> set[str]:
        """Vessels that water let in at one place gets to.

        Parameters
        ----------
        x_mm, y_mm, z_mm : the place

        Returns
        -------
        set of str
            Names.
        """
        c = self.columns
        column = c.column_at(x_mm, y_mm)
        nodes = np.arange(c.start[column], c.start[column + 1])
        here = nodes[(c.floor[nodes] <= z_mm) & (c.ceil[nodes] > z_mm)]
        return self.reached(pour(c, self.runs_off, here, self.vessel))

    def above_ml(self, number: int, sill_mm: float, stop_mm: float) -> float:
        """Water that stands on a bucket's sill between the edges of its mouth.

        Parameters
        ----------
        number : of the bucket, from 1
        sill_mm, stop_mm : height of the sill, and how high water stands on it

        Returns
        -------
        float
            mL, summed over columns and scaled to the mouth's true area, wherever its walls fall on the grid.
        """
        c, mouth = self.columns, self.mouths[number - 1]
        mine = (self.vessel == number) & (c.part >= 0)
        high = np.minimum(c.ceil[mine], sill_mm + stop_mm) - np.maximum(c.floor[mine], sill_mm)
        sampled = len(np.unique(c.column[self.vessel == number]))
        return float(np.maximum(high, 0.0).sum()) / sampled * float(np.prod(mouth.size_mm)) / MM3_PER_ML

    def home(self, number: int) -> tuple[int, int, float]:
        """Lowest floor of a vessel's hollow.

        Parameters
        ----------
        number : of the vessel, from 1

        Returns
        -------
        part, corner, height
            Index of the part, of a corner of its mesh, and the floor's height in mm.
        """
        c = self.columns
        mine = self._pool(number)[1]
        node = mine[c.floor[mine].argmin()]
        part = int(c.part[node])
        corners = self.parts[part].faces[c.face[node] - self.first_face[part]]
        lowest = corners[self.parts[part].vertices_mm[corners, 2].argmin()]
        return part, int(lowest), float(c.floor[node])
