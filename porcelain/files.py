"""Write nouns as versioned JSON and read them back. The fields of a file are the fields of its dataclass."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import operator
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import numpy as np

from .errors import FileError, PorcelainError
from .machine.assembly import Assembly
from .machine.design import Design
from .machine.layouts import LAYOUTS, Layout
from .machine.versions import design_from_1
from .network import Network
from .pour import Pour
from .printer import Printer
from .run import Run

NOUNS: dict[str, type] = {
    "network": Network,
    "design": Design,
    "assembly": Assembly,
    "pour": Pour,
    "printer": Printer,
    "run": Run,
}
BY_HAND = ("printer",)  # written by people: the fields "porcelain" and "version" may be left out
MOST_NUMBER = 1e30
MOST_BYTES = 512 * 2**20
WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "array": "a list",
    "object": "a group of fields",
    "bool": "true or false",
    "null": "nothing (null)",
}

VERSIONS = {"network": 1, "design": 2, "assembly": 1, "pour": 1, "printer": 1, "run": 1}
UPGRADES = {("design", 1): design_from_1}
"""What turns the fields of an older version of a file into those of the next."""

_NUMBER_LIST = re.compile(r"\[\s+([^\[\]{}\"]*?)\s+\]")


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
    document = {"porcelain": kind, "version": VERSIONS[kind], **_plain(noun)}
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
        struct = msgspec.convert(fields, _struct(NOUNS[found]))
    except msgspec.ValidationError as error:
        raise FileError(f"{source}: {_in_words(str(error))}") from None
    return _noun(struct, NOUNS[found], "$", source)


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


def _in_words(fault: str) -> str:
    """What msgspec says of a wrong field as what, value, limit and next step.

    >>> _in_words("Expected `array`, got `int` - at `$.layers`")
    '$.layers is a whole number; a list is needed, write the file again'
    """
    what, _, where = fault.partition(" - at ")
    path = where.strip("`") or "$"
    if match := re.fullmatch(r"Expected `(.+?)`, got `(.+?)`", what):
        wanted, value = (" or ".join(WORDS.get(word, word) for word in side.split(" | ")) for side in match.groups())
        return f"{path} is {value}; {wanted} is needed, write the file again"
    if match := re.fullmatch(r"Object missing required field `(.+?)`", what):
        return f"{path}.{match[1]} is missing; it is needed, write the file again"
    if match := re.fullmatch(r"Object contains unknown field `(.+?)`", what):
        return f"{path}.{match[1]} is unknown to this porcelain; take it out or correct its name"
    return f"{path} is wrong: {what[:1].lower()}{what[1:]}; write the file again"


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
    told = {key: value for key, value in _plain(design).items() if key not in ("name", "findings", "digest")}
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
    found = msgspec.json.schema(_struct(NOUNS[kind]))
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


def _plain(value: Any) -> Any:
    """Dataclasses to mappings, arrays to lists, numpy numbers to Python's."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        tag = {"style": value.style} if hasattr(value, "style") else {}
        told = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        sparse = {f.name: f.default for f in dataclasses.fields(value) if f.metadata.get("sparse")}
        return tag | {k: _plain(v) for k, v in told.items() if not (k in sparse and v == sparse[k])}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _struct(cls: type) -> type[msgspec.Struct]:
    """A strict record with a dataclass's fields: unknown keys are refused, errors carry their path."""
    return _struct_among(cls, tuple(LAYOUTS.values()))


@functools.cache
def _struct_among(cls: type, layouts: tuple[type, ...]) -> type[msgspec.Struct]:
    """The record of a dataclass while these are the layouts that are known."""
    hints = get_type_hints(cls)
    columns: list[Any] = []
    for f in dataclasses.fields(cls):
        column = (f.name, _field_type(hints[f.name]))
        if f.default is not dataclasses.MISSING:
            columns.append((*column, _plain(f.default)))
        elif f.default_factory is not dataclasses.MISSING:
            columns.append((*column, msgspec.field(default_factory=f.default_factory)))
        else:
            columns.append(column)
    style = getattr(cls, "style", None)
    tagging: dict[str, Any] = {"tag_field": "style", "tag": style} if style else {}
    return msgspec.defstruct(cls.__name__, columns, forbid_unknown_fields=True, kw_only=True, **tagging)


def _field_type(hint: Any) -> Any:
    """The record's type for a noun's field: arrays are (nested) lists, dataclasses are records."""
    if get_origin(hint) is np.ndarray:
        return list[float | list[float]]
    if dataclasses.is_dataclass(hint):
        return _struct(hint)  # type: ignore[arg-type]
    arguments = tuple(_field_type(a) for a in _options(hint))
    if hint is Layout or get_origin(hint) in (Union, UnionType):
        return functools.reduce(operator.or_, arguments)
    if arguments:
        origin: Any = get_origin(hint)
        return origin[arguments]
    return hint


def _options(hint: Any) -> tuple[Any, ...]:
    """What a hint is made of: the members of a union, the layout of every style, the arguments of a container."""
    return tuple(LAYOUTS.values()) if hint is Layout else get_args(hint)


def _noun(value: Any, hint: Any, path: str, source: str) -> Any:
    """A record back to its noun, with the path of whatever the noun itself refuses."""
    if isinstance(value, msgspec.Struct):
        cls = _class_of(value, hint)
        hints = get_type_hints(cls)
        fields = {
            f.name: _noun(getattr(value, f.name), hints[f.name], f"{path}.{f.name}", source)
            for f in dataclasses.fields(cls)
        }
        try:
            noun = cls(**fields)
        except FileError:
            raise
        except PorcelainError as error:
            raise FileError(f"{source}: {error} - at `{path}`") from None
        for name, kind in hints.items():
            if name in fields and (get_origin(kind) is np.ndarray or kind is float):
                _refuse_absurd(fields[name], f"{path}.{name}", source)
        return noun
    if isinstance(value, (list, tuple)) and get_origin(hint) is tuple:
        arguments = get_args(hint)
        inner = [arguments[0]] * len(value) if ... in arguments else list(arguments)
        return tuple(_noun(item, inner[i], f"{path}[{i}]", source) for i, item in enumerate(value))
    return value


def _refuse_absurd(value: Any, path: str, source: str) -> None:
    """Raise FileError for a number that no machine, pour or table has, before anybody computes with it."""
    try:
        most = float(np.abs(np.asarray(value, dtype=np.float64)).max(initial=0.0))
    except (TypeError, ValueError):
        return  # no array: the noun says so itself
    if most > MOST_NUMBER:
        raise FileError(f"{source}: {path} holds {most:.3g}, limit {MOST_NUMBER:g}; correct the file")


def _class_of(struct: msgspec.Struct, hint: Any) -> type:
    """The dataclass that a record stands for, among those a field may hold."""
    for option in _options(hint) or (hint,):
        if dataclasses.is_dataclass(option) and _struct(option) is type(struct):  # type: ignore[arg-type]
            return option  # type: ignore[return-value]
    raise TypeError(f"no noun for {type(struct).__name__}")
