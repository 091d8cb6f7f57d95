"""Names of the package: no function or class bears its module's name, so that ``module.name`` is never ambiguous."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "porcelain"
MODULES = sorted(ROOT.rglob("*.py"))


def told(path: Path) -> str:
    return str(path.relative_to(ROOT))


def defined(path: Path) -> set[str]:
    """Public functions and classes of a module, and what its package hands on."""
    body = ast.parse(path.read_text()).body
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    return {name for name in names | exported(body) if not name.startswith("_")}


def exported(body: list[ast.stmt]) -> set[str]:
    """The names in ``__all__``, without submodules that are imported to be handed on as modules."""
    lists = [n.value for n in body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "__all__"]
    imported = [n for n in body if isinstance(n, ast.ImportFrom) and n.module is None]
    modules = {alias.name for node in imported for alias in node.names}
    return {name for names in lists for name in ast.literal_eval(names)} - modules


@pytest.mark.parametrize("path", MODULES, ids=told)
def test_no_public_name_is_its_modules(path):
    package = path.name == "__init__.py"
    assert (path.parent if package else path).stem not in defined(path)


@pytest.mark.parametrize("path", [path for path in MODULES if path.name == "__init__.py" and path.parent != ROOT])
def test_no_package_hides_a_module_behind_another_thing(path):
    modules = {other.stem for other in path.parent.glob("*.py")} | {p.parent.name for p in path.parent.glob("*/*.py")}
    assert defined(path) & modules == set()
