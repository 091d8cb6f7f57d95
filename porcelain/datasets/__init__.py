"""The data sets porcelain comes with: tables as CSV beside this file, and points drawn by a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

import numpy as np

from ..arrays import Floats, Ints


@dataclass(frozen=True)
class Table:
    """A CSV in this folder: whence and under which licence; ``gain``, u per feature unit by custom, or None."""

    source: str
    gain: float | None = None

    @staticmethod
    def text(name: str) -> str:
        return (resources.files(__package__) / f"{name}.csv").read_text()


TABLES = {
    "iris": Table(
        "R. A. Fisher, Annals of Eugenics 7 (1936) 179, doi 10.1111/j.1469-1809.1936.tb02137.x; CC BY 4.0", 10.0
    ),
    "wine": Table("M. Forina and others, UCI Machine Learning Repository 1991, doi 10.24432/C5PC7J; CC BY 4.0"),
    "breast-cancer": Table(
        "W. Wolberg, O. Mangasarian, N. Street, W. Street, Breast Cancer Wisconsin (Diagnostic),"
        " UCI Machine Learning Repository 1995, doi 10.24432/C5DW2B; CC BY 4.0"
    ),
    "digits": Table(
        "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (its test part),"
        " UCI Machine Learning Repository 1998, doi 10.24432/C50P49; CC BY 4.0"
    ),
    "penguins": Table(
        "K. B. Gorman, T. D. Williams, W. R. Fraser, PLoS ONE 9 (2014) e90081, doi 10.1371/journal.pone.0090081,"
        " as prepared by palmerpenguins (A. M. Horst and others); CC0; 2 of 344 birds lack measurements and are absent"
    ),
}


def xor(rng: np.random.Generator, rows: int) -> tuple[Floats, Ints]:
    """Points of the unit square; class 1 where exactly one of the two features is above a half."""
    points = rng.random((rows, 2))
    return points, ((points[:, 0] > 0.5) != (points[:, 1] > 0.5)).astype(np.int64)


def circle(rng: np.random.Generator, rows: int) -> tuple[Floats, Ints]:
    """Points of the unit square; class 1 inside the circle about its centre that holds half its area."""
    points = rng.random((rows, 2))
    return points, (((points - 0.5) ** 2).sum(axis=1) < 1 / (2 * np.pi)).astype(np.int64)


def moons(rng: np.random.Generator, rows: int) -> tuple[Floats, Ints]:
    """Two interleaved half circles of radius 1 with normal noise of 0.15."""
    labels = np.arange(rows) % 2
    angle = np.pi * rng.random(rows)
    arc = np.column_stack([np.cos(angle), np.sin(angle)])
    points = np.where(labels[:, None] == 0, arc, [1.0, 0.5] - arc)
    return points + 0.15 * rng.standard_normal((rows, 2)), labels


@dataclass(frozen=True)
class Rule:
    """Points drawn by a rule from a seed, as many as wanted."""

    draw: Callable[[np.random.Generator, int], tuple[Floats, Ints]]
    class_names: tuple[str, str]

    def points(self, rows: int, seed: int) -> tuple[Floats, Ints]:
        return self.draw(np.random.default_rng([seed, rows]), rows)


RULES = {
    "xor": Rule(xor, ("same", "different")),
    "circle": Rule(circle, ("outside", "inside")),
    "moons": Rule(moons, ("upper", "lower")),
}
