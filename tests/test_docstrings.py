"""Public names of the rooms below have a NumPy docstring with every section it needs and a doctest that runs."""

import ast
import doctest
import importlib
import inspect
import os
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ROOMS = (
    "arrays",
    "check",
    "classifier",
    "data",
    "encoding",
    "errors",
    "exchange",
    "files",
    "learn",
    "network",
    "plan",
    "pour",
    "printer",
    "run",
    "show",
    "units",
    "water",
)
"""Modules and packages that are held to this, whole. Add a room here when it is ready."""

COMPILED = {"exchange.advection", "exchange.pelu_rules", "exchange.rule_loops", "exchange.rules", "learn.kernel"}
"""Compiled kernels: their callers are public, they are not."""


def modules(rooms: Sequence[str] = ROOMS) -> list[str]:
    found = []
    for room in rooms:
        path = ROOT / "porcelain" / room
        files = sorted(file.relative_to(ROOT / "porcelain").with_suffix("") for file in path.rglob("*.py"))
        names = [".".join(file.parts) for file in files] or [room]
        found += [name.removesuffix(".__init__") for name in names if name not in COMPILED]
    return found


def everything() -> list[str]:
    """Modules with a doctest, whether or not they are held to the sections."""
    tops = sorted(path.stem for path in (ROOT / "porcelain").iterdir() if path.is_dir() or path.suffix == ".py")
    return [name for name in modules([top for top in tops if not top.startswith("__")]) if ">>>" in source(name)]


def source(name: str) -> str:
    path = ROOT / "porcelain" / name.replace(".", "/")
    file = path.parent / f"{path.name}.py"
    return (file if file.is_file() else path / "__init__.py").read_text()


def module(name: str):
    if name == "learn.torch_module":
        pytest.importorskip("torch", reason="PyTorch is an extra")
    return importlib.import_module(f"porcelain.{name}")


def public(name: str) -> list[tuple[str, object]]:
    here = module(name)
    return [
        (what, thing)
        for what, thing in vars(here).items()
        if not what.startswith("_")
        and (inspect.isfunction(thing) or inspect.isclass(thing))
        and thing.__module__ == here.__name__
    ]


def sections(text: str) -> dict[str, str]:
    """The sections of a NumPy docstring by their titles."""
    parts = re.split(r"^([A-Z][a-z]+)\n-{3,}\n", inspect.cleandoc(text), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def raises(function: object) -> bool:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(isinstance(node, ast.Raise) and node.exc for node in ast.walk(tree))


def arguments(function: object) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def faults_of_function(name: str, function: object, doctested: bool) -> list[str]:
    text = inspect.getdoc(function) or ""
    told = sections(text)
    faults = [
        f"{name}: Parameters does not tell {argument}"
        for argument in arguments(function)
        if not re.search(rf"^(.*, )?\*{{0,2}}{argument}(,.*)? :", told.get("Parameters", ""), re.MULTILINE)
    ]
    if inspect.signature(function).return_annotation not in (None, "None") and not {"Returns", "Yields"} & set(told):
        faults.append(f"{name}: no Returns")
    if raises(function) and "Raises" not in told:
        faults.append(f"{name}: no Raises")
    if doctested and ">>>" not in text:
        faults.append(f"{name}: no doctest")
    return faults


def faults_of_class(name: str, cls: type) -> list[str]:
    text = cls.__doc__ or ""
    told = sections(text)
    faults = [] if ">>>" in text or getattr(cls, "_is_protocol", False) else [f"{name}: no doctest"]
    fields = told.get("Parameters", "") + told.get("Attributes", "")
    faults += [
        f"{name}: neither Parameters nor Attributes tells {field}"
        for field, known in getattr(cls, "__dataclass_fields__", {}).items()
        if not known.metadata.get("help")  # an option tells about itself
        and not re.search(rf"\b{field}\b.* :", fields)
    ]
    for what, thing in vars(cls).items():
        function = thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)
        if what.startswith("_") or not inspect.isfunction(function):
            continue
        if isinstance(thing, property):
            faults += [] if inspect.getdoc(function) else [f"{name}.{what}: no docstring"]
        else:
            faults += faults_of_function(f"{name}.{what}", function, doctested=False)
    return faults


@pytest.mark.parametrize("name", modules())
def test_public_names_are_documented(name):
    faults = [] if module(name).__doc__ else [f"{name}: no docstring"]
    for what, thing in public(name):
        if inspect.isclass(thing):
            faults += faults_of_class(f"{name}.{what}", thing)
        else:
            faults += faults_of_function(f"{name}.{what}", thing, doctested=True)
    assert faults == []


@pytest.mark.parametrize("name", everything())
def test_doctests_run(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(os.environ, "MPLBACKEND", "Agg")
    done = doctest.testmod(module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert done.failed == 0


def test_the_check_sees_a_missing_section():
    def bare(volumes: float) -> float:
        """Say nothing."""
        raise ValueError(volumes)

    assert len(faults_of_function("bare", bare, doctested=True)) == 4
