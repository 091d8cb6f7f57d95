"""Pour: a schedule of water. What goes into which bucket, from when, for how long."""

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
    """One stretch of pouring: ``volume_ml`` into ``bucket`` from ``start_s`` on, for ``duration_s``; 0 is at once.

    The rate is steady, or runs in a straight line from (1 - rise) to (1 + rise) times its mean: ``rise`` in
    [-1, 1], 1 starts at nothing and ends at twice the mean. Raises PorcelainError for impossible times or volumes.
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
        return self.start_s + self.duration_s

    def poured_ml(self, times_s: ArrayLike) -> Floats:
        """What has left the jug by these times; at a jump the water is already in."""
        t = np.asarray(times_s, dtype=np.float64)
        if self.duration_s == 0:
            return np.where(t >= self.start_s, self.volume_ml, 0.0)
        done = np.clip((t - self.start_s) / self.duration_s, 0.0, 1.0)
        return self.volume_ml * done * (1.0 - self.rise * (1.0 - done))

    def until(self, stop_s: float) -> Piece | None:
        """What is left of the piece when the jug is taken away at ``stop_s``; None if it never started."""
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
    """Pieces of pouring in any order; pieces of one bucket may overlap, a top-up is a further piece."""

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
        """Pour every bucket from ``start_s`` on: at once, for ``duration_s``, or at ``rate_ml_s`` each."""
        if duration_s is not None and rate_ml_s is not None:
            raise PorcelainError(f"a pour has a duration ({duration_s} s) or a rate ({rate_ml_s} mL/s), not both")
        if rate_ml_s is not None and not 0 < rate_ml_s < np.inf:
            raise PorcelainError(f"pour rate is {rate_ml_s} mL/s; it must be > 0")
        lasts = {name: (v / rate_ml_s if rate_ml_s else duration_s or 0.0) for name, v in volumes_ml.items()}
        return cls(tuple(Piece(name, start_s, lasts[name], float(v), rise) for name, v in volumes_ml.items()))

    def top_up(self, bucket: str, volume_ml: float, start_s: float, duration_s: float = 0.0) -> Pour:
        """The same pour and one more piece later, without a reset."""
        return Pour((*self.pieces, Piece(bucket, start_s, duration_s, volume_ml)))

    def later(self, delay_s: float) -> Pour:
        """The same pour, begun ``delay_s`` later."""
        return Pour(tuple(replace(piece, start_s=piece.start_s + delay_s) for piece in self.pieces))

    def repeat(self, times: int, every_s: float) -> Pour:
        """The pour ``times`` over, begun anew every ``every_s`` seconds."""
        if times < 1 or not every_s > 0:
            raise PorcelainError(f"cannot repeat a pour {times} times every {every_s} s; at least once, and > 0 s")
        return Pour(tuple(piece for k in range(times) for piece in self.later(k * every_s).pieces))

    def until(self, stop_s: float) -> Pour:
        """What is poured if all jugs are taken away at ``stop_s``."""
        return Pour(tuple(cut for piece in self.pieces if (cut := piece.until(stop_s)) is not None))

    def __add__(self, other: Pour) -> Pour:
        return Pour(self.pieces + other.pieces)

    @property
    def total_ml(self) -> float:
        return float(sum(piece.volume_ml for piece in self.pieces))

    @property
    def end_s(self) -> float:
        """When the last drop is poured."""
        return max((piece.end_s for piece in self.pieces), default=0.0)

    @property
    def breaks_s(self) -> tuple[float, ...]:
        """Every time at which a rate changes its law, ascending."""
        return tuple(sorted({t for piece in self.pieces for t in (piece.start_s, piece.end_s)}))

    def volumes_ml(self, buckets: Iterable[str]) -> Floats:
        """What each of these buckets gets in all, (n,) mL. Raises PorcelainError for a bucket not among them."""
        names = tuple(buckets)
        total = np.zeros(len(names))
        for piece in self.pieces:
            if piece.bucket not in names:
                raise unknown("input bucket", piece.bucket, names)
            total[names.index(piece.bucket)] += piece.volume_ml
        return total

    def poured_ml(self, times_s: ArrayLike, buckets: Iterable[str]) -> Floats:
        """What each bucket has been given by these times, (T, n) mL."""
        names = tuple(buckets)
        self.volumes_ml(names)
        poured = np.zeros((np.size(times_s), len(names)))
        for piece in self.pieces:
            poured[:, names.index(piece.bucket)] += piece.poured_ml(np.ravel(times_s))
        return poured
