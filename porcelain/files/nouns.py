"""Write nouns as versioned JSON and read them back. The fields of a file are the fields of its dataclass."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import msgspec

from ..errors import FileError
from ..machine.assembly import Assembly
from ..machine.design import Design
from ..machine.versions import design_from_1
from ..network import Network
from ..pour import Pour
from ..printer import Printer
from ..run import Run
from .disk import read_bytes, write_bytes
from .records import in_words, noun_of, plain, record_of

NOUNS: dict[str, type] = {
    "network": Network,
    "design": Design,
    "assembly": Assembly,
    "pour": Pour,
    "printer": Printer,
    "run": Run,
}
BY_HAND = ("printer",)  # written by people: the fields "porcelain" and "version" may be left out

VERSIONS = {"network": 1, "design": 2, "assembly": 1, "pour": 1, "printer": 1, "run": 1}
UPGRADES = {("design", 1): design_from_1}
"""What turns the fields of an older version of a file into those of the next."""

_NUMBER_LIST = re.compile(r"\[\s+([^\[\]{}\"]*?)\s+\]")


def to_json(noun: Any) -> bytes:
    """Write a noun as JSON text that people can read. Equal nouns give equal bytes.

    Parameters
    ----------
    noun : Network, Design, Assembly, Pour or Run
        What to write.

    Returns
    -------
    bytes
        The JSON document.

    Examples
    --------
    >>> from_json(to_json(Pour.of({"b0.0": 5.0}))).total_ml
    5.0
    """
    kind = kind_of(noun)
    document = {"porcelain": kind, "version": VERSIONS[kind], **plain(noun)}
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    return (_NUMBER_LIST.sub(lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text) + "\n").encode()


def from_json(data: bytes, kind: str | None = None, source: str = "input") -> Any:
    """Read a noun from a JSON document.

    Parameters
    ----------
    data : bytes
        The document.
    kind : str, optional
        Kind that is needed, such as "design".
    source : str
        Name of the document for messages.

    Returns
    -------
    Network, Design, Assembly, Pour or Run
        The noun.

    Raises
    ------
    FileError
        If the document is damaged, of another kind or version, or wrong at a path that the message names.

    Examples
    --------
    >>> try:
    ...     from_json(b'{"porcelain": "pour", "version": 1, "pieces": 3}', "pour", "jug.json")
    ... except FileError as error:
    ...     print("jug.json" in str(error) and "$.pieces" in str(error))
    True
    """
    try:
        document = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise FileError(f"{source} is not whole JSON: {error}; write it again") from None
    if kind in BY_HAND and isinstance(document, dict):
        document = {"porcelain": kind, "version": VERSIONS[kind], **document}
    found = document.get("porcelain") if isinstance(document, dict) else None
    if not isinstance(found, str) or found not in NOUNS or (kind is not None and found != kind):
        wanted = kind or "file of porcelain's"
        what = f"a {found}" if isinstance(found, str) and found in NOUNS else "something else"
        raise FileError(f'{source} holds {what}, not a {wanted}; its "porcelain" field says what a file is')
    fields = _upgraded(found, document, source)
    try:
        struct = msgspec.convert(fields, record_of(NOUNS[found]))
    except msgspec.ValidationError as error:
        raise FileError(f"{source}: {in_words(str(error))}") from None
    return noun_of(struct, NOUNS[found], "$", source)


def _upgraded(kind: str, document: dict[str, Any], source: str) -> dict[str, Any]:
    """The fields of a document as this version has them. Raises FileError for a version that nobody reads."""
    version: Any = document.get("version")
    fields = {key: value for key, value in document.items() if key not in ("porcelain", "version")}
    while isinstance(version, int) and (kind, version) in UPGRADES:
        try:
            fields, version = UPGRADES[kind, version](fields), version + 1
        except ValueError as error:
            raise FileError(f"{source} is no {kind} of version {version}: {error}; plan it again") from None
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise FileError(f"{source} is no {kind} of version {version}: {error!r}; plan it again") from None
    if version != VERSIONS[kind]:
        raise FileError(f"{source} has version {version!r} at $.version; this porcelain reads {VERSIONS[kind]}")
    return fields


def save(path: str | Path, noun: Any) -> None:
    """Write a noun into a JSON file.

    Parameters
    ----------
    path : str or Path
        File to write; "-" is standard output.
    noun : Network, Design, Assembly, Pour or Run
        What to write.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(f"{folder}/pour.json", Pour.of({"b0.0": 5.0}))
    ...     load(folder, "pour")
    <Pour: 5 mL into b0.0 within 0 s>
    """
    write_bytes(path, to_json(noun))


def load(path: str | Path, kind: str | None = None) -> Any:
    """Read a noun from a JSON file.

    Parameters
    ----------
    path : str or Path
        File or folder; "-" is standard input. A folder stands for the file of that kind in it.
    kind : str, optional
        Kind that is needed, such as "design".

    Returns
    -------
    Network, Design, Assembly, Pour or Run
        The noun.

    Examples
    --------
    >>> load("designs/iris", "network").widths
    (4, 3, 3)
    """
    if str(path) != "-" and kind is not None and Path(path).is_dir():
        path = Path(path) / f"{kind}.json"
    return from_json(read_bytes(path), kind, "standard input" if str(path) == "-" else str(path))


def digest(design: Design) -> str:
    """Short hash of what a design is: SHA-256 of all its fields but name, findings and digest.

    Parameters
    ----------
    design : Design
        The machine.

    Returns
    -------
    str
        16 hexadecimal digits.

    Examples
    --------
    >>> from dataclasses import replace
    >>> design = load("designs/iris", "design")
    >>> digest(design) == digest(replace(design, name="other")), len(digest(design))
    (True, 16)
    """
    told = {key: value for key, value in plain(design).items() if key not in ("name", "findings", "digest")}
    return hashlib.sha256(msgspec.json.encode(_as_floats(told), order="sorted")).hexdigest()[:16]


def _as_floats(value: Any) -> Any:
    """Numbers as floats, so that 1 and 1.0 are the same."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) + 0.0
    if isinstance(value, dict):
        return {key: _as_floats(item) for key, item in value.items()}
    return [_as_floats(item) for item in value] if isinstance(value, list) else value


def schema(kind: str) -> dict[str, Any]:
    """JSON Schema of the file of a noun.

    Parameters
    ----------
    kind : str
        Kind of the noun, such as "pour".

    Returns
    -------
    dict
        The schema.

    Examples
    --------
    >>> schema("pour")["$defs"]["Pour"]["required"]
    ['porcelain', 'version', 'pieces']
    """
    found = msgspec.json.schema(record_of(NOUNS[kind]))
    definition = found["$defs"][NOUNS[kind].__name__]
    definition["properties"] |= {"porcelain": {"const": kind}, "version": {"const": VERSIONS[kind]}}
    definition["required"] = ["porcelain", "version", *definition["required"]]
    return found


def kind_of(noun: Any) -> str:
    """Name of a noun's kind in files.

    Parameters
    ----------
    noun : object
        A noun.

    Returns
    -------
    str
        The kind.

    Raises
    ------
    FileError
        If such an object has no file of its own.

    Examples
    --------
    >>> kind_of(Pour(()))
    'pour'
    """
    for kind, cls in NOUNS.items():
        if type(noun) is cls:
            return kind
    raise FileError(f"a {type(noun).__name__} has no file of its own; files hold {', '.join(NOUNS)}")
