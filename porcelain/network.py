"""The PeLU network: ``relu(v - threshold) @ shares`` for each layer, and the fullest cup is the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, Ints, frozen, same
from .encoding import Encoding
from .errors import PorcelainError
from .geometry.svg import network_svg

ROW_SUM_TOLERANCE = 1e-9  # ten digits survive any file; a larger gap is a mistake, not rounding


def overflow(volumes: Floats, thresholds: Floats) -> Floats:
    """Volumes that buckets pass on: what lies above their thresholds.

    Parameters
    ----------
    volumes : ndarray, shape (batch, n_in)
        Volumes poured into the buckets.
    thresholds : ndarray, shape (n_in,)
        Volumes that the buckets keep.

    Returns
    -------
    ndarray, shape (batch, n_in)
        Volumes passed on.

    Examples
    --------
    >>> overflow(np.array([[30.0, 5.0]]), np.array([10.0, 6.0]))
    array([[20.,  0.]])
    """
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
    """A row of buckets. Each bucket keeps the water below its threshold and divides the rest by its shares.

    Parameters
    ----------
    thresholds : array_like, shape (n_in,)
        Volumes that the buckets keep, u, 0 or more.
    shares : array_like, shape (n_in, n_out)
        Part of the passing water that each target receives. Rows sum to 1; a share of 0 means that there is no pipe.

    Raises
    ------
    PorcelainError
        If a threshold or share is negative, a row does not sum to 1, or there is no bucket.

    Notes
    -----
    PeLU: Porcelain-Emulated Linear Unit (2021), with ``thresholds = h**2`` and ``shares = softmax(A)``.

    Examples
    --------
    >>> layer = Layer([10.0, 0.0], [[0.25, 0.75], [1.0, 0.0]])
    >>> layer([[30.0, 5.0]])
    array([[10., 15.]])
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
        """Number of buckets."""
        return self.shares.shape[0]

    @property
    def n_out(self) -> int:
        """Number of vessels in the next row."""
        return self.shares.shape[1]

    def __call__(self, volumes: Floats) -> Floats:
        """Volumes that the next row receives.

        Parameters
        ----------
        volumes : ndarray, shape (batch, n_in)
            Volumes that flow into the buckets, u.

        Returns
        -------
        ndarray, shape (batch, n_out)
            Volumes for the next row, u.
        """
        return pelu(volumes, self.thresholds, self.shares)

    def __repr__(self) -> str:
        return f"<Layer: {self.n_in} to {self.n_out}, {np.count_nonzero(self.shares)} pipes>"

    def __eq__(self, other: object) -> bool:
        return same(self, other)


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of buckets above a row of cups. The fullest cup is the class.

    Parameters
    ----------
    layers : tuple of Layer
        From top to bottom.
    encoding : Encoding
        Turns features into volumes.
    class_names : tuple of str
        Names of the cups.
    name : str
        Name of the network.
    provenance : mapping
        Where the numbers come from: seed, data, scores, versions.

    Raises
    ------
    PorcelainError
        If widths, names and layers do not agree.

    Examples
    --------
    >>> layer = Layer([10.0, 0.0], [[0.25, 0.75], [1.0, 0.0]])
    >>> network = Network((layer,), Encoding.of_buckets(["x", "y"], "u"), ("no", "yes"))
    >>> network([30.0, 5.0])
    array([[10., 15.]])
    >>> network.predict([[30.0, 5.0]])
    array([1])
    >>> network
    <Network 'network': 2-2, 3 pipes, classes no, yes>
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
        """Number of shares above 0."""
        return sum(int(np.count_nonzero(layer.shares)) for layer in self.layers)

    def __call__(self, volumes: ArrayLike) -> Floats:
        """Volumes in the cups.

        Parameters
        ----------
        volumes : array_like, shape (batch, n_in)
            Volumes to pour, u, 0 or more.

        Returns
        -------
        ndarray, shape (batch, n_out)
            Volumes in the cups, u.
        """
        return self.inflows(volumes)[-1]

    def inflows(self, volumes: ArrayLike) -> tuple[Floats, ...]:
        """Volumes that flow into every tier, from the inputs to the cups.

        Parameters
        ----------
        volumes : array_like, shape (batch, n_in)
            Volumes to pour, u, 0 or more.

        Returns
        -------
        tuple of ndarray
            One array (batch, width) for each tier, u.

        Raises
        ------
        PorcelainError
            If the shape is another one, or a volume is negative or not finite.
        """
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
        """Volumes that stay in the buckets.

        Parameters
        ----------
        volumes : array_like, shape (batch, n_in)
            Volumes to pour, u, 0 or more.

        Returns
        -------
        tuple of ndarray
            One array (batch, n_in) for each layer, u.
        """
        inflows = self.inflows(volumes)
        return tuple(np.minimum(v, layer.thresholds) for v, layer in zip(inflows, self.layers, strict=False))

    def predict(self, features: ArrayLike) -> Ints:
        """Classes of rows of features.

        Parameters
        ----------
        features : array_like, shape (batch, f)
            Features in their own units.

        Returns
        -------
        ndarray of int, shape (batch,)
            Index of the fullest cup.
        """
        return np.argmax(self(self.encoding.volumes(features)), axis=1)

    def _repr_svg_(self) -> str:
        """The network in a notebook: buckets filled as far as their thresholds, pipes as wide as their shares."""
        names = [[f"b{k}.{i}" for i in range(layer.n_in)] for k, layer in enumerate(self.layers)]
        names[0] = list(self.encoding.names)
        rows = [
            list(zip(row, layer.thresholds.tolist(), strict=True))
            for row, layer in zip(names, self.layers, strict=True)
        ]
        return network_svg(rows, self.class_names, [layer.shares for layer in self.layers])

    def __repr__(self) -> str:
        widths = "-".join(map(str, self.widths))
        return f"<Network {self.name!r}: {widths}, {self.n_pipes} pipes, classes {', '.join(self.class_names)}>"

    def __eq__(self, other: object) -> bool:
        return same(self, other)
