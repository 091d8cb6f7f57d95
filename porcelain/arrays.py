"""Read-only float64 arrays, checked on the way into a noun."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import PorcelainError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def frozen(values: ArrayLike, shape: tuple[int | None, ...], what: str) -> Floats:
    """A read-only float64 copy. Raises PorcelainError where the shape (None: any) is off or a value is not finite."""
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise PorcelainError(f"{what} is not an array of numbers") from None
    wrong = array.ndim != len(shape) or any(
        want not in (None, have) for want, have in zip(shape, array.shape, strict=False)
    )
    if wrong:
        wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
        raise PorcelainError(f"{what} has shape {array.shape}; {wanted} is needed")
    if not np.all(np.isfinite(array)):
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise PorcelainError(f"{what}{list(at)} is {array[at]}; a finite number is needed")
    array.flags.writeable = False
    return array


def same(a: Any, b: Any) -> bool:
    """Whether two dataclasses of one kind hold equal values, arrays included."""
    if type(a) is not type(b):
        return False
    for f in fields(a):
        x, y = getattr(a, f.name), getattr(b, f.name)
        if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
            if not np.array_equal(x, y):
                return False
        elif x != y:
            return False
    return True
