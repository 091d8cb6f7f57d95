"""Read-only float64 arrays for the fields of nouns."""

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
    """Copy values into a read-only float64 array and check them.

    Parameters
    ----------
    values : array_like
        The numbers.
    shape : tuple of int or None
        Shape that is needed; None stands for any length.
    what : str
        Name of the field for messages.

    Returns
    -------
    ndarray of float64
        The copy, not writeable.

    Raises
    ------
    PorcelainError
        If the values are no numbers, the shape is another one, or a number is not finite.

    Examples
    --------
    >>> frozen([1, 2], (None,), "levels")
    array([1., 2.])
    """
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
    """Tell whether two dataclasses have the same class and equal values, arrays included.

    Parameters
    ----------
    a, b : object
        Dataclasses.

    Returns
    -------
    bool
        True if all fields are equal.

    Examples
    --------
    >>> from porcelain import Layer
    >>> same(Layer([1.0], [[1.0]]), Layer([1.0], [[1.0]]))
    True
    """
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
