"""Encoding: turns a row of features into volumes of water, so that people pour in the units of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, frozen, same
from .errors import PorcelainError

MOST_U = 1e9  # as water, a lake
KINDS = ("plain", "constant", "dual", "knots")
COMPLEMENTED = ("dual", "knots")
"""Kinds that also pour what is left of a feature's range."""

KNOTS = 3
"""Buckets that the kind "knots" gives a feature, and as many for its complement. Each learns a threshold of its own, a
knot of a piecewise linear function of the feature."""


@dataclass(frozen=True, eq=False)
class Encoding:
    """A linear map from features (batch, f) to volumes (batch, n_in) in u, all 0 or more.

    Each feature has a bucket that gets ``x = (feature - zero) * gain``. The kind "constant" adds one bucket that
    always gets ``constant_u``. The kind "dual" adds for each feature a bucket that gets ``span_u - x``.
    The kind "knots" has three buckets that get ``x`` and three that get ``span_u - x`` for each feature.

    Parameters
    ----------
    feature_names, feature_units : tuple of str
        One for each feature.
    zero : array_like, shape (f,)
        Feature value at which no water is poured.
    gain : array_like, shape (f,)
        Volume for each feature unit, u, above 0.
    least, most : array_like, shape (f,)
        Range of the feature in the data. Machines are sized for ``most``.
    kind : str
        "plain", "constant", "dual" or "knots".
    constant_u : float
        Volume of the constant bucket, u.

    Raises
    ------
    PorcelainError
        If lengths do not agree, a gain is not positive, or ``zero <= least <= most`` does not hold.

    Examples
    --------
    >>> encoding = Encoding(("petal length",), ("cm",), [1.0], [10.0], [1.0], [7.0], "dual")
    >>> encoding.names
    ('petal length', 'not petal length')
    >>> encoding.volumes([3.0])
    array([[20., 40.]])
    >>> encoding
    <Encoding dual: petal length; 2 inputs>
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
        """Make an encoding that pours volumes as they are given.

        Parameters
        ----------
        names : sequence of str
            Names of the buckets.
        unit : str
            Unit of the volumes.

        Returns
        -------
        Encoding
            Of kind "plain", with gain 1.
        """
        none, ones = np.zeros(len(names)), np.ones(len(names))
        return cls(tuple(names), (unit,) * len(names), none, ones, none, none)

    @property
    def span_u(self) -> Floats:
        """Volume of each feature at the upper end of its range, (f,) u."""
        return (self.most - self.zero) * self.gain

    @property
    def most_u(self) -> Floats:
        """Largest volume that the range of the data asks of each input bucket, (n_in,) u."""
        if self.kind in COMPLEMENTED:
            left = self.span_u - (self.least - self.zero) * self.gain
            return np.concatenate([np.tile(self.span_u, self._copies), np.tile(left, self._copies)])
        return np.append(self.span_u, self.constant_u) if self.kind == "constant" else self.span_u

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the input buckets."""
        extra = {
            "plain": (),
            "constant": ("constant",),
            "dual": tuple(f"not {name}" for name in self.feature_names),
        }
        if self.kind == "knots":
            counted = [f"{name} {k + 1}" for k in range(KNOTS) for name in self.feature_names]
            return (*counted, *(f"not {name}" for name in counted))
        return self.feature_names + extra[self.kind]

    @property
    def _copies(self) -> int:
        return KNOTS if self.kind == "knots" else 1

    def volumes(self, features: ArrayLike) -> Floats:
        """Volumes to pour for rows of features.

        Parameters
        ----------
        features : array_like, shape (batch, f)
            Features in their own units.

        Returns
        -------
        ndarray, shape (batch, n_in)
            Volumes, u.

        Raises
        ------
        PorcelainError
            If columns are missing, a feature is not finite, or a volume would be negative.
        """
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
        columns = [u] * self._copies
        if self.kind in COMPLEMENTED:
            columns += [self.span_u - u] * self._copies
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
        """Move features to the nearest values that can be poured, so that no volume is negative.

        Parameters
        ----------
        features : array_like, shape (batch, f)
            Features in their own units.

        Returns
        -------
        ndarray, shape (batch, f)
            The moved features.
        """
        high = self.most if self.kind in COMPLEMENTED else np.inf
        return np.clip(np.asarray(features, dtype=float), self.zero, high)

    def __repr__(self) -> str:
        return f"<Encoding {self.kind}: {', '.join(self.feature_names)}; {len(self.names)} inputs>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Encoding) and same(self, other)
