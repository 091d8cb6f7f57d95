"""Pour: a schedule of water. It says which bucket gets how much water, when, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats
from .errors import PorcelainError, unknown

AT_ONCE_S = 1e-9
"""What takes less than this is poured at once."""


@dataclass(frozen=True)
class Piece:
    """One stretch of pouring into one bucket.

    The rate is constant, or it changes in a straight line from ``1 - rise`` to ``1 + rise`` times its mean.

    Parameters
    ----------
    bucket : str
        Name of the bucket.
    start_s, duration_s : float
        When the stretch begins and how long it takes, s. A duration of 0 means at once.
    volume_ml : float
        Volume in all, mL.
    rise : float
        In [-1, 1]. 1 starts at rate 0 and ends at twice the mean rate.

    Raises
    ------
    PorcelainError
        If a time, volume or rise is out of its range.

    Examples
    --------
    >>> piece = Piece("b0.0", 0.0, 4.0, 20.0)
    >>> piece.poured_ml([1.0, 9.0])
    array([ 5., 20.])
    """

    bucket: str
    start_s: float
    duration_s: float
    volume_ml: float
    rise: float = 0.0

    def __post_init__(self) -> None:
        for what, value, low, high in (
            ("start_s", self.start_s, 0.0, 1e7),
            ("duration_s", self.duration_s, 0.0, 1e7),
            ("volume_ml", self.volume_ml, 0.0, 1e9),
            ("rise", self.rise, -1.0, 1.0),
        ):
            if not low <= value <= high:
                raise PorcelainError(f"pour into {self.bucket}: {what} is {value}; it must lie in [{low:g}, {high:g}]")
        if self.duration_s < AT_ONCE_S:
            object.__setattr__(self, "duration_s", 0.0)

    @property
    def end_s(self) -> float:
        """When the stretch ends, s."""
        return self.start_s + self.duration_s

    def poured_ml(self, times_s: ArrayLike) -> Floats:
        """Volume poured by given times. Water that is poured at once counts at its time already.

        Parameters
        ----------
        times_s : array_like
            Times, s.

        Returns
        -------
        ndarray
            Volumes, mL.
        """
        t = np.asarray(times_s, dtype=np.float64)
        if self.duration_s == 0:
            return np.where(t >= self.start_s, self.volume_ml, 0.0)
        done = np.clip((t - self.start_s) / self.duration_s, 0.0, 1.0)
        return self.volume_ml * done * (1.0 - self.rise * (1.0 - done))

    def until(self, stop_s: float) -> Piece | None:
        """The stretch as it is when pouring ends early.

        Parameters
        ----------
        stop_s : float
            When pouring ends, s.

        Returns
        -------
        Piece or None
            What is poured until then; None if the stretch has not begun.
        """
        if self.start_s > stop_s or (self.start_s == stop_s and self.duration_s > 0):
            return None
        if self.end_s <= stop_s:
            return self
        done = (stop_s - self.start_s) / self.duration_s
        mean = 1.0 - self.rise * (1.0 - done)
        return replace(
            self, duration_s=stop_s - self.start_s, volume_ml=self.volume_ml * done * mean, rise=self.rise * done / mean
        )


@dataclass(frozen=True)
class Pour:
    """Pieces of pouring in any order. Pieces of one bucket may overlap; a top-up is a further piece.

    Parameters
    ----------
    pieces : tuple of Piece
        The stretches.

    Examples
    --------
    >>> pour = Pour.of({"b0.0": 62, "b0.2": 54}, rate_ml_s=10).top_up("b0.2", 5, start_s=20)
    >>> pour.total_ml
    121.0
    >>> pour
    <Pour: 121 mL into b0.0, b0.2 within 20 s>
    """

    pieces: tuple[Piece, ...]

    @classmethod
    def of(
        cls,
        volumes_ml: Mapping[str, float],
        *,
        duration_s: float | None = None,
        rate_ml_s: float | None = None,
        start_s: float = 0.0,
        rise: float = 0.0,
    ) -> Pour:
        """Pour into several buckets from the same time on.

        Parameters
        ----------
        volumes_ml : mapping of str to float
            Volume for each bucket, mL.
        duration_s : float, optional
            How long each bucket takes, s. Without duration and rate the water is poured at once.
        rate_ml_s : float, optional
            Rate into each bucket, mL/s, instead of a duration.
        start_s : float
            When pouring begins, s.
        rise : float
            As in Piece.

        Returns
        -------
        Pour
            One piece for each bucket.

        Raises
        ------
        PorcelainError
            If both duration and rate are given, or the rate is not positive.
        """
        if duration_s is not None and rate_ml_s is not None:
            raise PorcelainError(f"a pour has a duration ({duration_s} s) or a rate ({rate_ml_s} mL/s), not both")
        if rate_ml_s is not None and not 0 < rate_ml_s < np.inf:
            raise PorcelainError(f"pour rate is {rate_ml_s} mL/s; it must be > 0")
        lasts = {name: (v / rate_ml_s if rate_ml_s else duration_s or 0.0) for name, v in volumes_ml.items()}
        return cls(tuple(Piece(name, start_s, lasts[name], float(v), rise) for name, v in volumes_ml.items()))

    def top_up(self, bucket: str, volume_ml: float, start_s: float, duration_s: float = 0.0) -> Pour:
        """Add one more piece later, without emptying the machine.

        Parameters
        ----------
        bucket : str
            Name of the bucket.
        volume_ml : float
            Volume, mL.
        start_s, duration_s : float
            When the piece begins and how long it takes, s.

        Returns
        -------
        Pour
            A new pour.
        """
        return Pour((*self.pieces, Piece(bucket, start_s, duration_s, volume_ml)))

    def later(self, delay_s: float) -> Pour:
        """Begin the same pour later.

        Parameters
        ----------
        delay_s : float
            Delay, s.

        Returns
        -------
        Pour
            A new pour.
        """
        return Pour(tuple(replace(piece, start_s=piece.start_s + delay_s) for piece in self.pieces))

    def repeat(self, times: int, every_s: float) -> Pour:
        """Repeat the pour.

        Parameters
        ----------
        times : int
            How many times in all.
        every_s : float
            Time from one beginning to the next, s.

        Returns
        -------
        Pour
            A new pour.

        Raises
        ------
        PorcelainError
            If ``times`` is below 1 or ``every_s`` is not positive.
        """
        if times < 1 or not every_s > 0:
            raise PorcelainError(f"cannot repeat a pour {times} times every {every_s} s; at least once, and > 0 s")
        return Pour(tuple(piece for k in range(times) for piece in self.later(k * every_s).pieces))

    def until(self, stop_s: float) -> Pour:
        """The pour as it is when all pouring ends early.

        Parameters
        ----------
        stop_s : float
            When pouring ends, s.

        Returns
        -------
        Pour
            What is poured until then.
        """
        return Pour(tuple(cut for piece in self.pieces if (cut := piece.until(stop_s)) is not None))

    def __repr__(self) -> str:
        names = dict.fromkeys(piece.bucket for piece in self.pieces)
        return f"<Pour: {self.total_ml:g} mL into {', '.join(names) or 'no bucket'} within {self.end_s:g} s>"

    def __add__(self, other: Pour) -> Pour:
        return Pour(self.pieces + other.pieces)

    @property
    def total_ml(self) -> float:
        """Volume of all pieces, mL."""
        return float(sum(piece.volume_ml for piece in self.pieces))

    @property
    def end_s(self) -> float:
        """When the last piece ends, s."""
        return max((piece.end_s for piece in self.pieces), default=0.0)

    @property
    def breaks_s(self) -> tuple[float, ...]:
        """Times at which a rate begins, ends or changes its slope, ascending, s."""
        return tuple(sorted({t for piece in self.pieces for t in (piece.start_s, piece.end_s)}))

    def volumes_ml(self, buckets: Iterable[str]) -> Floats:
        """Volume that each bucket gets in all.

        Parameters
        ----------
        buckets : iterable of str
            Names of the buckets.

        Returns
        -------
        ndarray, shape (n,)
            Volumes, mL.

        Raises
        ------
        PorcelainError
            If a piece pours into another bucket.
        """
        names = tuple(buckets)
        total = np.zeros(len(names))
        for piece in self.pieces:
            if piece.bucket not in names:
                raise unknown("input bucket", piece.bucket, names)
            total[names.index(piece.bucket)] += piece.volume_ml
        return total

    def poured_ml(self, times_s: ArrayLike, buckets: Iterable[str]) -> Floats:
        """Volume that each bucket has got by given times.

        Parameters
        ----------
        times_s : array_like, shape (T,)
            Times, s.
        buckets : iterable of str
            Names of the buckets.

        Returns
        -------
        ndarray, shape (T, n)
            Volumes, mL.
        """
        names = tuple(buckets)
        self.volumes_ml(names)
        poured = np.zeros((np.size(times_s), len(names)))
        for piece in self.pieces:
            poured[:, names.index(piece.bucket)] += piece.poured_ml(np.ravel(times_s))
        return poured
