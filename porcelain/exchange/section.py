"""Section: one layer of a pipe. Sections are linked with ``>`` and ``<`` in the direction of the flow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Floats
from ..errors import PorcelainError


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)), bit for bit what the compiled rules compute.

    Parameters
    ----------
    x : ndarray
        Numbers.

    Returns
    -------
    ndarray
        Numbers between 0 and 1.

    Examples
    --------
    >>> float(sigmoid(np.array(0.0)))
    0.5
    """
    from scipy.special import expit

    return expit(x)


class Section:
    """``dim`` sigmoid units without bias. The first section of a pipe hands on what it is given.

    ``a > b > c`` lets b take its input from a, and c from b. ``a < b < c`` is the other way round. A section can be
    linked again at any time and then draws new weights, uniform in [-1, 1]. Calling a section runs a point down the
    pipe to it, and every section on the way keeps its ``activation``.

    Parameters
    ----------
    dim : int
        Number of units.
    rng : Generator or int, optional
        Source of random numbers, or its seed.

    Attributes
    ----------
    network_input : Section or None
        The section before this one.
    weight : ndarray, shape (network_input.dim, dim)
        Weights; empty before a link.
    activation : ndarray, shape (..., dim)
        Last output; empty before the first call.

    Raises
    ------
    PorcelainError
        If ``dim`` is below 1.

    Examples
    --------
    >>> first, second = Section(2, 0), Section(2, 1)
    >>> _ = first > second
    >>> second([0.5, 0.5]).shape
    (2,)
    """

    def __init__(self, dim: int, rng: np.random.Generator | int | None = None) -> None:
        if dim < 1:
            raise PorcelainError(f"a section has {dim} units; at least 1 is needed")
        self.dim = int(dim)
        self.rng = np.random.default_rng(rng)
        self.ident = "".join(str(digit) for digit in self.rng.integers(0, 10, 3))
        self.network_input: Section | None = None
        self.weight: Floats = np.empty((0, self.dim))
        self.activation: Floats = np.empty(0)

    def takes_input(self, source: Section) -> None:
        """Link this section behind another one and draw its weights.

        Parameters
        ----------
        source : Section
            The section before this one.

        Raises
        ------
        PorcelainError
            If the source is no Section, or the pipe would become a ring.
        """
        if not isinstance(source, Section):
            raise PorcelainError(f"a section takes its input from a Section, not from {type(source).__name__}")
        if any(section is self for section in source.upstream()):
            raise PorcelainError(f"{source} already takes its input from {self}: a pipe cannot be a ring")
        self.network_input = source
        self.weight = self.rng.uniform(-1.0, 1.0, (source.dim, self.dim))

    def upstream(self) -> Iterator[Section]:
        """All sections from this one back to the first.

        Yields
        ------
        Section
            One section after another, against the flow.
        """
        section: Section | None = self
        while section is not None:
            yield section
            section = section.network_input

    def __gt__(self, other: Section) -> Section:
        if not isinstance(other, Section):
            return NotImplemented
        other.takes_input(self)
        return other

    def __lt__(self, other: Section) -> Section:
        if not isinstance(other, Section):
            return NotImplemented
        self.takes_input(other)
        return other

    def __call__(self, point: ArrayLike) -> Floats:
        """What leaves this section, (..., dim), when ``point`` (..., source dim) is poured into its source."""
        if self.network_input is None:
            x = np.asarray(point, dtype=np.float64)
            if x.shape[-1:] != (self.dim,):
                raise PorcelainError(f"section {self} takes {self.dim} numbers a point; the shape is {x.shape}")
            if not np.isfinite(x).all():
                raise PorcelainError(f"section {self} was given a number that is not finite; clean the data first")
            self.activation = x
        else:
            x = self.network_input(point)
            # summed row after row, not by BLAS: its fused sums differ in the last bit from any other code's, and the
            # poles of the article's rule blow a last bit up to a different machine
            self.activation = sigmoid((x[..., None] * self.weight).sum(axis=-2))
        return self.activation

    def __repr__(self) -> str:
        return f"[{self.ident}]"
