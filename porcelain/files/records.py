"""Nouns to plain values and back: the fields of a record are the fields of its dataclass.

Reading goes through strict msgspec records, so that a fault is told with its path, as in ``$.tiers[0][1].name``.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import re
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import numpy as np

from ..errors import FileError, PorcelainError
from ..machine.layouts import LAYOUTS, Layout

MOST_NUMBER = 1e30
WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "array": "a list",
    "object": "a group of fields",
    "bool": "true or false",
    "null": "nothing (null)",
}


def plain(value: Any) -> Any:
    """Turn a noun, or any value in one, into what JSON can hold.

    Parameters
    ----------
    value : object
        Dataclass, array, mapping, sequence, number or text.

    Returns
    -------
    object
        Dataclasses as mappings, without sparse fields that have their default; arrays as lists; numbers of numpy as
        Python's.

    Examples
    --------
    >>> plain({"heads": np.array([1.0, 2.5])})
    {'heads': [1.0, 2.5]}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        tag = {"style": value.style} if hasattr(value, "style") else {}
        told = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        sparse = {f.name: f.default for f in dataclasses.fields(value) if f.metadata.get("sparse")}
        return tag | {k: plain(v) for k, v in told.items() if not (k in sparse and v == sparse[k])}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def record_of(cls: type) -> type[msgspec.Struct]:
    """Make the strict record of a dataclass: unknown keys are refused, errors carry their path.

    Parameters
    ----------
    cls : type
        The dataclass.

    Returns
    -------
    type
        A msgspec Struct with the same fields.

    Examples
    --------
    >>> from porcelain.water import Water
    >>> record_of(Water).__struct_fields__
    ('name', 'surface_tension_n_m', 'contact_angle_deg', 'temperature_c')
    """
    return _record_among(cls, tuple(LAYOUTS.values()))


@functools.cache
def _record_among(cls: type, layouts: tuple[type, ...]) -> type[msgspec.Struct]:
    """The record of a dataclass while these are the layouts that are known."""
    hints = get_type_hints(cls)
    columns: list[Any] = []
    for f in dataclasses.fields(cls):
        column = (f.name, _field_type(hints[f.name]))
        if f.default is not dataclasses.MISSING:
            columns.append((*column, plain(f.default)))
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
        return record_of(hint)  # type: ignore[arg-type]
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


def noun_of(value: Any, hint: Any, path: str, source: str) -> Any:
    """Turn a record back into its noun.

    Parameters
    ----------
    value : object
        The record, or a value in one.
    hint : type
        What it should become.
    path : str
        Where it stands in its document, for messages.
    source : str
        Name of the document, for messages.

    Returns
    -------
    object
        The noun.

    Raises
    ------
    FileError
        If the noun refuses a value, with its path.

    Examples
    --------
    >>> from porcelain.water import Water
    >>> noun_of(record_of(Water)(name="tap", surface_tension_n_m=0.07, contact_angle_deg=75.0), Water, "$", "x.json")
    <Water 'tap': 0.07 N/m, 75 deg, 20 C>
    """
    if isinstance(value, msgspec.Struct):
        cls = _class_of(value, hint)
        hints = get_type_hints(cls)
        fields = {
            f.name: noun_of(getattr(value, f.name), hints[f.name], f"{path}.{f.name}", source)
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
        return tuple(noun_of(item, inner[i], f"{path}[{i}]", source) for i, item in enumerate(value))
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
        if dataclasses.is_dataclass(option) and record_of(option) is type(struct):  # type: ignore[arg-type]
            return option  # type: ignore[return-value]
    raise TypeError(f"no noun for {type(struct).__name__}")


def in_words(fault: str) -> str:
    """Say what msgspec finds wrong with a field: what, value, limit and next step.

    Parameters
    ----------
    fault : str
        Message of msgspec.

    Returns
    -------
    str
        One line.

    Examples
    --------
    >>> in_words("Expected `array`, got `int` - at `$.layers`")
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
