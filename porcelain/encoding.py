"""Encoding: how a row of a data set becomes volumes of water, so that one pours in the data's own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, frozen, same
from .errors import PorcelainError

MOST_U = 1e9  # as water, a lake
KINDS = ("plain", "constant", "dual")


@dataclass(frozen=True, eq=False)
class Encoding:
    """Features (batch, f) to volumes (batch, n_in) in u, all >= 0.

    ``x = (feature - zero) * gain`` is poured into one bucket per feature. ``kind`` "constant" adds one bucket
    that always gets ``constant_u``; "dual" adds, for each feature, a bucket that gets ``span_u - x``.

    Attributes
    ----------
    feature_names, feature_units : one per feature
    zero : (f,) feature value that is no water
    gain : (f,) u per feature unit, > 0
    least, most : (f,) range of the feature in the data; machines are sized for ``most``
    constant_u : water of the constant bucket, used by "constant"
    """

    feature_names: tuple[str, ...]
    feature_units: tuple[str, ...]
    zero: Floats
    gain: Floats
    least: Floats
    most: Floats
    kind: str = "plain"
    constant_u: float = 0.0

    def __post_init__(self) -> None:
        n = len(self.feature_names)
        for what in ("zero", "gain", "least", "most"):
            object.__setattr__(self, what, frozen(getattr(self, what), (n,), f"encoding.{what}"))
        if self.kind not in KINDS:
            raise PorcelainError(f"encoding kind is {self.kind!r}; one of {', '.join(KINDS)}")
        if len(self.feature_units) != n:
            raise PorcelainError(f"encoding has {n} features and {len(self.feature_units)} units; give one each")
        if np.any(self.gain <= 0):
            raise PorcelainError(f"encoding.gain is {self.gain.min()}; water per feature unit must be > 0")
        if np.any(self.most < self.least) or np.any(self.least < self.zero):
            raise PorcelainError("encoding: zero <= least <= most must hold for every feature")
        with np.errstate(over="ignore"):
            most = float(self.span_u.max(initial=0.0))
        if most > MOST_U:
            raise PorcelainError(f"encoding.gain asks for {most:.3g} u of a feature; {MOST_U:g} u is the most")
        if not 0.0 <= self.constant_u < np.inf:
            raise PorcelainError(f"encoding.constant_u is {self.constant_u}; it must be >= 0 and finite")

    @classmethod
    def of_buckets(cls, names: Sequence[str], unit: str) -> Encoding:
        """Pours what it is given, in that unit, into buckets of these names."""
        none, ones = np.zeros(len(names)), np.ones(len(names))
        return cls(tuple(names), (unit,) * len(names), none, ones, none, none)

    @property
    def span_u(self) -> Floats:
        """(f,) water of each feature at the upper end of its range."""
        return (self.most - self.zero) * self.gain

    @property
    def most_u(self) -> Floats:
        """(n_in,) the most water that the data's range asks of each input bucket."""
        if self.kind == "dual":
            return np.concatenate([self.span_u, self.span_u - (self.least - self.zero) * self.gain])
        return np.append(self.span_u, self.constant_u) if self.kind == "constant" else self.span_u

    @property
    def names(self) -> tuple[str, ...]:
        """What each input bucket is called."""
        extra = {
            "plain": (),
            "constant": ("constant",),
            "dual": tuple(f"not {name}" for name in self.feature_names),
        }
        return self.feature_names + extra[self.kind]

    def volumes(self, features: ArrayLike) -> Floats:
        """Water to pour, (batch, n_in) u. Raises PorcelainError on wrong columns, NaN or water below zero."""
        x = np.atleast_2d(np.asarray(features, dtype=float))
        n = len(self.feature_names)
        if x.ndim != 2 or x.shape[1] != n:
            raise PorcelainError(
                f"features have shape {np.shape(features)}; {n} columns are needed: {', '.join(self.feature_names)}"
            )
        bad = np.argwhere(~np.isfinite(x))
        if len(bad):
            row, column = bad[0]
            raise PorcelainError(
                f"{self.feature_names[column]} is {x[row, column]} in row {row}; a finite number is needed"
            )
        u = (x - self.zero) * self.gain
        columns = [u]
        if self.kind == "dual":
            columns.append(self.span_u - u)
        if self.kind == "constant":
            columns.append(np.full((len(u), 1), self.constant_u))
        u = np.concatenate(columns, axis=1)
        bad = np.argwhere(u < 0)
        if len(bad):
            row, column = bad[0]
            raise PorcelainError(
                f"{self.names[column]} asks for {u[row, column]:.6g} u of water in row {row}; at least 0 is needed:"
                f" stay inside the range the network was trained for"
            )
        return u

    def clipped(self, features: ArrayLike) -> Floats:
        """Features (batch, f) moved to the nearest value that can be poured: water is never below 0."""
        high = self.most if self.kind == "dual" else np.inf
        return np.clip(np.asarray(features, dtype=float), self.zero, high)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encoding) and same(self, other)
