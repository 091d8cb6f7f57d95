"""Encoding: how a row of a data set becomes volumes of water, so that one pours in the data's own units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, frozen, same
from .errors import PorcelainError

KINDS = ("plain", "constant", "dual")


@dataclass(frozen=True, eq=False)
class Encoding:
    """Features (batch, f) to volumes (batch, n_in) in u, all >= 0.

    ``x = (feature - low) * gain`` is poured into one bucket per feature. ``kind`` "constant" adds one bucket
    that always gets ``constant_u``; "dual" adds, for each feature, a bucket that gets ``span_u - x``.

    Attributes
    ----------
    feature_names, feature_units : one per feature
    low : (f,) feature value that is no water
    gain : (f,) u per feature unit, > 0
    span_u : (f,) water at the feature's upper end, used by "dual"
    constant_u : water of the constant bucket, used by "constant"
    """

    feature_names: tuple[str, ...]
    feature_units: tuple[str, ...]
    low: Floats
    gain: Floats
    kind: str = "plain"
    span_u: Floats | None = None
    constant_u: float = 0.0

    def __post_init__(self) -> None:
        n = len(self.feature_names)
        object.__setattr__(self, "low", frozen(self.low, (n,), "encoding.low"))
        object.__setattr__(self, "gain", frozen(self.gain, (n,), "encoding.gain"))
        if self.kind not in KINDS:
            raise PorcelainError(f"encoding kind is {self.kind!r}; one of {', '.join(KINDS)}")
        if len(self.feature_units) != n:
            raise PorcelainError(f"encoding has {n} features and {len(self.feature_units)} units; give one each")
        if np.any(self.gain <= 0):
            raise PorcelainError(f"encoding.gain is {self.gain.min()}; water per feature unit must be > 0")
        if (self.kind == "dual") != (self.span_u is not None):
            raise PorcelainError(
                "span_u, the water at each feature's upper end, belongs to a dual encoding and no other"
            )
        if self.span_u is not None:
            object.__setattr__(self, "span_u", frozen(self.span_u, (n,), "encoding.span_u"))
        if not 0.0 <= self.constant_u < np.inf:
            raise PorcelainError(f"encoding.constant_u is {self.constant_u}; it must be >= 0 and finite")

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
        u = (x - self.low) * self.gain
        columns = [u]
        if self.span_u is not None:
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

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encoding) and same(self, other)
