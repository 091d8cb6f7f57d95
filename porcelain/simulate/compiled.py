"""How the solver is compiled: by numba, once, into a cache that every later process reads.

A first call on a fresh installation takes about 20 s; a terminal is told so while it happens. Where neither
the installation nor a home directory can be written, the cache lies in a temporary folder.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba as nb

_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}  # no function makes an array: none counts references
_INNER = _OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # called by compiled functions alone

jit = nb.njit(**_INNER)
inline = nb.njit(**_INNER, forceinline=True)


def _stamp() -> str:
    """A digest of this folder's files: numba itself looks for changes in the file of the outermost function only."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def kept(make: Callable[[str], Callable[..., Any]]) -> Callable[..., Any]:
    """Compile ``make(stamp)`` with a cache on disk, and tell a terminal when compiling really happens."""
    function = make(_stamp())
    try:
        kernel = nb.njit(**_OPTIONS, cache=True)(function)
    except RuntimeError:  # numba finds no folder that it may write
        folder = Path(tempfile.gettempdir()) / "porcelain-numba"
        nb.config.CACHE_DIR = str(folder)
        _tell(f"the compiled simulator is kept in {folder}; no other folder can be written")
        kernel = nb.njit(**_OPTIONS, cache=True)(function)
    ready, one_at_a_time = threading.Event(), threading.Lock()

    def call(*arguments: Any) -> Any:
        return kernel(*arguments) if ready.is_set() else first(*arguments)

    def first(*arguments: Any) -> Any:
        with one_at_a_time:
            loud, start = not ready.is_set() and not _cached(kernel), time.perf_counter()
            if loud:
                _tell("compiling the simulator, once for this installation ...")
            found = kernel(*arguments)
            if loud:
                _tell(f"compiled in {time.perf_counter() - start:.0f} s")
            ready.set()
        return found

    return call


def _tell(what: str) -> None:
    if sys.stderr.isatty():
        print(f"porcelain: {what}", file=sys.stderr, flush=True)


def _cached(kernel: Any) -> bool:
    """Whether a compiled version of this source lies on disk."""
    try:
        return bool(kernel._cache._cache_file._load_index())
    except (AttributeError, OSError):
        return False
