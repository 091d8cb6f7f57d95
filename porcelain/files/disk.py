"""Files on disk, or standard input and output: written whole or not at all, and read with a limit."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import FileError

MOST_BYTES = 512 * 2**20


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file whole or not at all: into a temporary file beside it, which is then renamed.

    Parameters
    ----------
    path : str or Path
        File to write; "-" is standard output.
    data : bytes
        Content.

    Raises
    ------
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(f"{folder}/new/a.txt", b"water")
    ...     read_bytes(f"{folder}/new/a.txt")
    b'water'
    """
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with whole(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Give a temporary file to write. It becomes the file if all goes well, and is removed otherwise.

    Parameters
    ----------
    path : str or Path
        File that is made in the end.

    Yields
    ------
    Path
        The temporary file, in the same folder.

    Raises
    ------
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole(f"{folder}/a.txt") as temporary:
    ...         _ = temporary.write_text("water")
    ...     read_bytes(f"{folder}/a.txt")
    b'water'
    """
    if not str(path) or "\0" in str(path):
        raise FileError(f"cannot write {str(path)!r}: no file can have this name; give another")
    path, temporary = Path(path), None
    try:
        if path.exists() and not path.is_file() and not path.is_dir():  # a device or a pipe has no neighbour
            with tempfile.TemporaryDirectory() as elsewhere:
                scratch = Path(elsewhere) / "file"
                yield scratch
                path.write_bytes(scratch.read_bytes())
            return
        path = path.resolve() if path.is_symlink() else path
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as handle:
            temporary = Path(handle.name)
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise FileError(f"cannot write {path}: {_reason(error)}; choose a folder you may write to") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def no_leftovers(folder: str | Path) -> Iterator[None]:
    """Remove new files and folders if the work in a folder fails.

    Parameters
    ----------
    folder : str or Path
        Folder that is written into. It need not exist.

    Yields
    ------
    None
        While the work is done.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try:
    ...         with no_leftovers(folder):
    ...             write_bytes(f"{folder}/half.txt", b"half")
    ...             raise FileError("the rest is missing")
    ...     except FileError:
    ...         print(list(Path(folder).iterdir()))
    []
    """
    folder = Path(folder)
    made = next((top for top in reversed([folder, *folder.parents]) if not top.exists()), None)
    before = set(folder.iterdir()) if folder.is_dir() else set()
    try:
        yield
    except BaseException:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
        else:
            _remove(set(folder.iterdir()) - before if folder.is_dir() else ())
        raise


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def refuse_overwriting(output: str | Path | None, *inputs: str | Path | None) -> None:
    """Refuse an output that is one of the files it is made from.

    Parameters
    ----------
    output : str, Path or None
        File to write.
    *inputs : str, Path or None
        Files that are read.

    Raises
    ------
    FileError
        If the output is one of the inputs.

    Examples
    --------
    >>> try:
    ...     refuse_overwriting("README.md", "./README.md")
    ... except FileError as error:
    ...     print(error)
    README.md would be written over ./README.md, which it is made from; give another output
    """
    for path in inputs:
        if output and path and "-" not in (str(output), str(path)) and _same_file(Path(output), Path(path)):
            raise FileError(f"{output} would be written over {path}, which it is made from; give another output")


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def read_bytes(path: str | Path) -> bytes:
    """Read a file.

    Parameters
    ----------
    path : str or Path
        File to read; "-" is standard input.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    FileError
        If the file cannot be read.

    Examples
    --------
    >>> try:
    ...     read_bytes("no-such-file")
    ... except FileError as error:
    ...     print(error)
    cannot read no-such-file: No such file or directory; check the name
    """
    if str(path) == "-":
        return sys.stdin.buffer.read(MOST_BYTES)
    if not str(path):
        raise FileError("the name of a file to read is empty; give one")
    try:
        if (size := Path(path).stat().st_size) > MOST_BYTES:
            raise FileError(f"{path} has {size} bytes, limit {MOST_BYTES}; it is no file of porcelain's")
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read {path}: {_reason(error)}; check the name") from None


def _reason(error: Exception) -> str:
    """What the system says about a file, without its number."""
    return getattr(error, "strerror", None) or str(error)
