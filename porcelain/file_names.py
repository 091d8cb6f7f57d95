"""Make names of files that are safe on every system out of any text."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST = 100  # bytes; a system's limit is 255, and endings and temporary marks come on top
DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
OURS = re.compile(r"(?:network|design|run|assembly|report|guide|machine|plate-[0-9]+)", re.IGNORECASE)
"""Files that stand beside a machine's own, whatever it is called."""


def safe_name(name: str, otherwise: str = "unnamed") -> str:
    """A name as one part of a path: letters of any script, digits, blanks and ``-_.,+()``, and nothing else.

    Parameters
    ----------
    name : any text, as a foreign file may hold it
    otherwise : what stands for a name of which nothing is left

    Returns
    -------
    str
        The name itself where it is fit, so that ``safe_name(name) == name`` says whether it is. Long names end in
        eight digits of their hash, so that two of them stay two.

    Examples
    --------
    >>> safe_name("iris-tower"), safe_name("../../x"), safe_name("/etc/passwd"), safe_name("NUL"), safe_name("a\\0b")
    ('iris-tower', 'x', 'etc_passwd', 'NUL_', 'a_b')
    """
    text = unicodedata.normalize("NFC", name)
    kept = "".join(sign if sign.isalnum() or sign in " -_.,+()" or _joins(sign) else "_" for sign in text)
    kept = kept.strip(" ._") if kept.strip(" .") != text else text
    if not kept:
        return otherwise
    if DEVICES.fullmatch(kept):
        stem, dot, rest = kept.partition(".")
        kept = f"{stem}_{dot}{rest}"
    if len(kept.encode()) > LONGEST:
        mark = hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()[:8]
        kept = kept.encode()[: LONGEST - 9].decode(errors="ignore").rstrip(" .") + "-" + mark
    return kept


def machine_stem(name: str) -> str:
    """The name of a machine's own files, which never take the place of those beside them.

    Examples
    --------
    >>> machine_stem("iris"), machine_stem("report"), machine_stem("Plate-1")
    ('iris', 'report-machine', 'Plate-1-machine')
    """
    stem = safe_name(name)
    return f"{stem}-machine" if OURS.fullmatch(stem) else stem


def _joins(sign: str) -> bool:
    """Whether a sign belongs to the letter before it: a vowel's mark, an accent."""
    return unicodedata.category(sign) in ("Mn", "Mc")
