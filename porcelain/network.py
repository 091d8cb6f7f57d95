"""The ideal PeLU network: ``relu(v - threshold) @ shares``, layer on layer, until the water stands in cups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, Ints, frozen, same
from .encoding import Encoding
from .errors import PorcelainError
from .geometry.svg import rows_svg

ROW_SUM_TOLERANCE = 1e-9  # ten digits survive any file; a larger gap is a mistake, not rounding


def overflow(volumes: Floats, thresholds: Floats) -> Floats:
    """What buckets pass on: all that is poured above their thresholds, (batch, n_in) like the volumes poured."""
    return np.maximum(volumes - thresholds, 0.0)


def pelu(volumes: Floats, thresholds: Floats, shares: Floats) -> Floats:
    """The equation of one row of buckets, the porcelain-emulated linear unit.

    Parameters
    ----------
    volumes : (batch, n_in) what is poured into each bucket
    thresholds : (n_in,) what each bucket keeps, in the same unit
    shares : (n_in, n_out) fraction of its overflow that each bucket sends to each target

    Returns
    -------
    array (batch, n_out)
        What each target gets: ``relu(volumes - thresholds) @ shares``.

    Notes
    -----
    From "PeLU: Porcelain-Emulated Linear Unit" (2021), https://hardmath123.github.io/pelu.html.

    Examples
    --------
    >>> pelu(np.array([[5.0, 1.0]]), np.array([2.0, 3.0]), np.array([[0.25, 0.75], [1.0, 0.0]])).tolist()
    [[0.75, 2.25]]
    """
    return overflow(volumes, thresholds) @ shares


@dataclass(frozen=True, eq=False)
class Layer:
    """A row of buckets: each keeps what lies below its threshold and shares out the rest.

    ``thresholds`` (n_in,) u, >= 0; ``shares`` (n_in, n_out), >= 0, rows sum to 1; a share of 0 is "no pipe".
    """

    thresholds: Floats
    shares: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "thresholds", frozen(self.thresholds, (None,), "thresholds"))
        object.__setattr__(self, "shares", frozen(self.shares, (len(self.thresholds), None), "shares"))
        if not self.shares.size:
            raise PorcelainError(f"shares has shape {self.shares.shape}; at least one bucket and one target are needed")
        if np.any(self.thresholds < 0):
            raise PorcelainError(f"thresholds has {self.thresholds.min()}; water cannot be less than 0")
        if np.any(self.shares < 0):
            raise PorcelainError(f"shares has {self.shares.min()}; a pipe cannot have an area below 0")
        off = np.abs(self.shares.sum(axis=1) - 1.0)
        if off.max() > ROW_SUM_TOLERANCE:
            row = int(off.argmax())
            raise PorcelainError(f"shares of bucket {row} sum to {self.shares[row].sum():.12g}; they must sum to 1")

    @property
    def n_in(self) -> int:
        return self.shares.shape[0]

    @property
    def n_out(self) -> int:
        return self.shares.shape[1]

    def __call__(self, volumes: Floats) -> Floats:
        """What reaches the next row, (batch, n_out) u, from volumes (batch, n_in) u."""
        return pelu(volumes, self.thresholds, self.shares)

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of buckets above a row of cups; the fullest cup is the class.

    ``encoding`` turns features into volumes; ``class_names`` name the cups; ``provenance`` says where the
    numbers come from (seed, data, scores, versions).
    """

    layers: tuple[Layer, ...]
    encoding: Encoding
    class_names: tuple[str, ...]
    name: str = "network"
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "provenance", dict(self.provenance))
        widths = self.widths
        if not self.layers:
            raise PorcelainError("a network has no layers; at least one is needed")
        for k, (above, below) in enumerate(zip(self.layers, self.layers[1:], strict=False)):
            if above.n_out != below.n_in:
                raise PorcelainError(
                    f"layer {k} pours into {above.n_out} buckets and layer {k + 1} has {below.n_in}; they must agree"
                )
        if len(self.encoding.names) != widths[0]:
            raise PorcelainError(f"the encoding fills {len(self.encoding.names)} buckets and layer 0 has {widths[0]}")
        if len(self.class_names) != widths[-1]:
            raise PorcelainError(f"{len(self.class_names)} class names for {widths[-1]} cups; give one each")

    @property
    def widths(self) -> tuple[int, ...]:
        """Buckets per tier, cups last: (4, 3, 3) for Iris."""
        return tuple(layer.n_in for layer in self.layers) + tuple(layer.n_out for layer in self.layers[-1:])

    @property
    def n_pipes(self) -> int:
        return sum(int(np.count_nonzero(layer.shares)) for layer in self.layers)

    def __call__(self, volumes: ArrayLike) -> Floats:
        """Volumes in the cups, (batch, n_out) u, for volumes poured, (batch, n_in) u >= 0."""
        return self.inflows(volumes)[-1]

    def inflows(self, volumes: ArrayLike) -> tuple[Floats, ...]:
        """What flows into every tier, top to cups: one (batch, width) array in u each."""
        v = np.atleast_2d(np.asarray(volumes, dtype=np.float64))
        n = self.widths[0]
        if v.ndim != 2 or v.shape[1] != n or not np.all(np.isfinite(v)) or np.any(v < 0):
            raise PorcelainError(
                f"volumes of shape {np.shape(volumes)} do not suit; (batch, {n}) finite numbers >= 0 are needed"
            )
        tiers = [v]
        for layer in self.layers:
            tiers.append(layer(tiers[-1]))
        return tuple(tiers)

    def retained(self, volumes: ArrayLike) -> tuple[Floats, ...]:
        """What stays in the buckets for good: one (batch, n_in) array in u per layer."""
        inflows = self.inflows(volumes)
        return tuple(np.minimum(v, layer.thresholds) for v, layer in zip(inflows, self.layers, strict=False))

    def predict(self, features: ArrayLike) -> Ints:
        """Index of the fullest cup, (batch,), for features (batch, f) in their own units."""
        return np.argmax(self(self.encoding.volumes(features)), axis=1)

    def _repr_svg_(self) -> str:
        """The network in a notebook: buckets filled as far as their thresholds, pipes as wide as their shares."""
        most = max(float(layer.thresholds.max()) for layer in self.layers) or 1.0
        rows = [
            [(f"b{k}.{i}", float(t) / most) for i, t in enumerate(layer.thresholds)]
            for k, layer in enumerate(self.layers)
        ]
        rows[0] = [(name, kept) for name, (_, kept) in zip(self.encoding.names, rows[0], strict=True)]
        cups = [(name, 0.0) for name in self.class_names]
        return rows_svg([*rows, cups], [layer.shares for layer in self.layers])

    def __eq__(self, other: object) -> bool:
        return same(self, other)
