"""From the bytes of a file to text: unpacking, encoding and a limit of size."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from typing import Any

from ..errors import DataError

MOST_BYTES = 1 << 30
"""Unpacked size of a table at most: a small archive may hold a very large one."""

PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks, the longer ones before those that they begin with."""


def unpacked(data: bytes, name: str) -> bytes:
    """Unpack a gzip, bzip2 or xz file.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What messages call it.

    Returns
    -------
    bytes
        What was packed; other files as they are.

    Raises
    ------
    DataError
        For a damaged file, and past MOST_BYTES.

    Examples
    --------
    >>> unpacked(gzip.compress(b"width,kind"), "trees.csv.gz")
    b'width,kind'
    """
    for magic, opener in PACKED.items():
        if data.startswith(magic):
            try:
                with opener(io.BytesIO(data)) as stream:
                    data = stream.read(MOST_BYTES + 1)
            except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
                raise DataError(f"cannot unpack {name}: {error}; write it again") from None
    if len(data) > MOST_BYTES:
        raise DataError(f"{name} holds more than {MOST_BYTES >> 20} MiB; give a part of its rows")
    return data


def decoded(data: bytes, name: str, encoding: str | None = None) -> tuple[str, str]:
    """Turn bytes into text.

    Parameters
    ----------
    data : bytes
        The file.
    name : str
        What messages call it.
    encoding : str, optional
        Its encoding; by default that of its byte order mark, else UTF-8, else cp1252.

    Returns
    -------
    tuple (str, str)
        The text, and the encoding it was read with.

    Raises
    ------
    DataError
        For bytes that are no text in that encoding.

    Examples
    --------
    >>> decoded("Höhe".encode("cp1252"), "trees.csv")
    ('Höhe', 'cp1252')
    """
    data = unpacked(data, name)
    marked = next((found for mark, found in MARKS.items() if data.startswith(mark)), None)
    tried = [encoding] if encoding else [marked] if marked else [*_wide(data), "utf-8", "cp1252"]
    for one in tried:
        try:
            text = data.decode(one)
        except (UnicodeError, ValueError):
            continue
        if not any(sign in text for sign in "\0\x01\x02\x03\x04\x05\x06\x07\x08"):
            return text, one
    asked = f"{encoding} text" if encoding else "UTF-8 text, nor UTF-16 or cp1252"
    raise DataError(f"cannot read {name}: it is not {asked}; save it as UTF-8 or name its --encoding")


def _wide(data: bytes) -> list[str]:
    """UTF-16 without a mark: every other byte of plain letters and digits is 0."""
    head = data[:400]
    zeros = [head[k::2].count(0) > 0.4 * len(head) / 2 for k in (0, 1)]
    return ["utf-16-be"] * zeros[0] + ["utf-16-le"] * zeros[1] if head else []
