"""Flags of a command from a dataclass: names, types, defaults, choices, limits and help come from its fields."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, fields, replace
from functools import wraps
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from ..datasets import RULES, TABLES
from ..errors import PorcelainError, unknown
from ..options import Option, known, shown
from ..printer import PRINTERS
from ..water import WATERS, Water

Command = TypeVar("Command", bound=Callable[..., Any])
MOST_WIDTHS = 64  # numbers in a list such as 2,16x9,2
METAVARS = {"data": "DATA", "printer": "PRINTER", "file": "FILE", "folder": "FOLDER", "column": "COLUMN"}


def names_of(kind: str) -> list[str]:
    """Names that porcelain knows of a kind of thing, for shell completion."""
    return {"data": [*TABLES, *RULES], "printer": list(PRINTERS)}.get(kind, [])


class Word(click.ParamType):
    """A word that names a data set, a printer, a file or a folder; the shell completes it."""

    name = "text"

    def __init__(self, kind: str = "", endings: Sequence[str] = ()) -> None:
        self.kind, self.endings = kind, tuple(endings)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        text = str(value)
        if self.kind and not text.strip():
            raise PorcelainError(f"{spelled(param)} is empty; give a name")
        if "\0" in text:
            raise PorcelainError(f"{spelled(param)} holds a zero byte; give another name")
        if self.kind == "file" and text != "-" and Path(text).is_dir():
            raise PorcelainError(f"{spelled(param)} is {shown(text)}, a folder; give the name of a file")
        if self.endings and text != "-" and Path(text).suffix.lower() not in self.endings:
            wanted = " or ".join(filter(None, (", ".join(self.endings[:-1]), self.endings[-1])))
            raise PorcelainError(f"{spelled(param)} is {shown(text)}; use a name ending in {wanted}")
        if text != "-" and (self.endings or (param is not None and param.name == "output")):
            _writable(text)
        if text.lower().endswith(".mp4") and not shutil.which("ffmpeg"):
            click.echo("no ffmpeg here: the film becomes a GIF", err=True)
        return value

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Names that porcelain knows, else what the shell itself finds among the files."""
        named = [CompletionItem(name) for name in names_of(self.kind) if name.startswith(incomplete)]
        if not self.kind:
            return named
        return [CompletionItem(incomplete, type="dir" if self.kind == "folder" else "file"), *named]


def _writable(path: str) -> None:
    """Raise PorcelainError where a file could not be written, before the work begins."""
    for folder in Path(path).absolute().parents:
        if folder.exists():
            if not folder.is_dir():
                raise PorcelainError(f"cannot write {shown(path)}: {folder.name} is no folder; choose another name")
            return


class Number(click.ParamType):
    """A finite number within an option's limits."""

    def __init__(self, limits: Option, whole: bool) -> None:
        self.limits, self.whole = limits, whole
        self.name = "integer" if whole else "float"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number: float = int(value) if self.whole else float(value)
        except (ValueError, OverflowError):
            raise self._refused(param, value) from None
        if self.whole and abs(number) > 1e15:  # too long for the limits' own arithmetic
            raise self._refused(param, value)
        if said := self.limits.refusal(spelled(param), number, self.whole):
            raise PorcelainError(said)
        return number

    def _refused(self, param: click.Parameter | None, value: Any) -> PorcelainError:
        return PorcelainError(f"{spelled(param)} is {shown(value)}; {self.limits.wanted(self.whole)} is needed")


class Numbers(click.ParamType):
    """Whole numbers with commas, as in 4,4 or 2,16x9,2; an empty text is none at all."""

    name = "numbers"

    def __init__(self, limits: Option) -> None:
        self.limits = limits

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        found: list[int] = []
        for piece in value.split(",") if value.strip() else ():
            match = re.fullmatch(r"\s*(\d{1,9})(?:x(\d{1,4}))?\s*", piece)
            if not match or int(match[2] or 1) < 1:
                raise PorcelainError(
                    f"{spelled(param)} is {shown(value)}; numbers of buckets are needed, as in 3 or 4,4 (16x9: nine"
                    " times 16)"
                )
            found += [int(match[1])] * int(match[2] or 1)
        if len(found) > MOST_WIDTHS:
            raise PorcelainError(f"{spelled(param)} has {len(found)} numbers; {MOST_WIDTHS} at most are possible")
        for number in found:
            if said := self.limits.refusal(spelled(param), number, True):
                raise PorcelainError(said)
        return tuple(found)


class Names(click.Choice[str]):
    """One of several names, listed in the help; a slip is told with the nearest name."""

    def __init__(self, option: Option, what: str) -> None:
        super().__init__(option.names)
        self.option, self.what, self.aliases = option, what, dict(option.aliases)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value in self.aliases:
            click.echo(f"note: {spelled(param)} {value} is called {spelled(param)} {self.aliases[value]} now", err=True)
            return self.aliases[value]
        if value not in self.option.names:  # a name registered since the flag was made counts too
            raise unknown(self.what, str(value), self.option.names)
        return value


class WaterName(Names):
    """A liquid by its name."""

    def __init__(self, option: Option) -> None:
        super().__init__(replace(option, choices=tuple(WATERS)), "water")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if isinstance(value, Water) else WATERS[super().convert(value, param, ctx)]


class Flag(click.Option):
    """An option that knows the section of the help in which it stands, and the dataclass whose field it is."""

    def __init__(self, *declarations: Any, group: str = "", of: Any = None, **attributes: Any) -> None:
        super().__init__(*declarations, **attributes)
        self.group, self.of = group, of


def spelled(param: click.Parameter | None) -> str:
    """What a person calls a parameter: its longest spelling."""
    if param is None:
        return "value"
    return (
        str(param.make_metavar(click.Context(click.Command(""))))
        if isinstance(param, click.Argument)
        else max(param.opts, key=len)
    )


def flags(
    name: str, of: Any, section: str = "", known_as: Mapping[str, Mapping[str, Any]] | None = None
) -> Callable[[Command], Command]:
    """Give a command the flags of a dataclass's fields, and call it with the dataclass they make.

    Parameters
    ----------
    name : the command's argument that gets the dataclass
    of : the dataclass, or one of its instances with other defaults
    section : of the help, for fields that name none
    known_as : entries of an Option that only the command line has, by field name; these fields come first
    """
    defaults = of() if isinstance(of, type) else of
    hints = get_type_hints(type(defaults))
    told = {f.name: replace(known(f), **(known_as or {}).get(f.name, {})) for f in fields(defaults)}
    first = list(known_as or ())
    flagged = sorted(
        (f for f in fields(defaults) if told[f.name].help),
        key=lambda f: first.index(f.name) if f.name in first else len(first),
    )

    def decorate(command: Command) -> Command:
        @wraps(command)
        def called(**given: Any) -> Any:
            values = {f.name: given.pop(f.name) for f in flagged}
            return command(**{name: replace(defaults, **values)}, **given)

        made: Any = called
        for f in reversed(flagged):
            made = _flag(f, hints[f.name], told[f.name], defaults, section)(made)
        return made

    return decorate


def _flag(
    f: Field[Any], hint: Any, told: Option, of: Any, section: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One option of a command."""
    default = getattr(of, f.name)
    spelling = told.flag or "--" + f.name.replace("_", "-")
    attributes: dict[str, Any] = {
        "help": told.help,
        "default": default,
        "group": told.group or section,
        "of": of,
        "cls": Flag,
        "metavar": told.metavar or METAVARS.get(told.kind),
    }
    kinds = [kind for kind in _kinds(hint) if kind is not NoneType]
    if bool in kinds:
        plain = default is False or " " in spelling or "/" in spelling
        attributes |= {"is_flag": True}
        spelling = spelling if plain else f"{spelling}/--no-{spelling.removeprefix('--')}"
        attributes["show_default"] = default is True
    else:
        attributes["type"] = _type(f.name, kinds, told)
        attributes["default"] = default.name if isinstance(default, Water) else default
        attributes["show_default"] = default is not None
    if get_origin(hint) is tuple and get_args(hint)[0] is not int:
        attributes |= {"multiple": True, "show_default": False}
    return click.option(*spelling.split(" "), f.name, **attributes)


def _type(name: str, kinds: list[Any], told: Option) -> click.ParamType:
    if Water in kinds and str not in kinds:
        return WaterName(told)
    if told.names:
        return Names(told, name.replace("_", " "))
    if any(get_origin(kind) is tuple and get_args(kind)[0] is int for kind in kinds):
        return Numbers(told)
    if tuple[float, ...] in kinds:
        return Number(told, whole=False)
    if int in kinds or float in kinds:
        return Number(told, float not in kinds)
    return Word(told.kind, told.endings)


def _kinds(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def refuse_given(names: Iterable[str], why: str) -> None:
    """Raise PorcelainError for the first of these fields that was typed, as in "--study belongs to ..."."""
    ctx = click.get_current_context()
    for param in ctx.command.params:
        if param.name in names and ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
            raise PorcelainError(f"{spelled(param)} {why}")


def slip(value: str, ctx: click.Context | None) -> click.NoSuchOption:
    """The error for what looks like an option and is none."""
    possible = [name for one in ctx.command.params for name in one.opts] if ctx else []
    return click.NoSuchOption(value, possibilities=difflib.get_close_matches(value, possible), ctx=ctx)


class Verb(click.Command):
    """A command whose help lists its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section under its own heading, in the order of the options."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                sections.setdefault(getattr(param, "group", "") or "Other", []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records, col_max=28)
