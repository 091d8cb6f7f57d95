"""The outputs in the README and in docs/ are what their commands print, and their links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
WITH_COMMANDS = [page for page in PAGES if "[[[cog" in (ROOT / page).read_text()]
VARIES = re.compile(r"loss|error on new rows|training error|right of|always the commonest|e-1[3-9]")
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)
SNIPPETS = [(page, code) for page in PAGES for code in FENCE.findall((ROOT / page).read_text())]


def told(text: str) -> list[str]:
    """Lines, without the digits of what a processor may train or round a little differently."""
    return [re.sub(r"[0-9]+", "#", line) if VARIES.search(line) else line for line in text.splitlines()]


def environment(home: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_page_shows_what_its_commands_print(page, tmp_path):
    cog = [sys.executable, "-m", "cogapp", "-I", "docs", page]
    done = subprocess.run(cog, cwd=ROOT, capture_output=True, text=True, env=environment(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    assert told(done.stdout) == told((ROOT / page).read_text())


def test_the_main_commands_are_shown():
    shown = "".join((ROOT / page).read_text() for page in PAGES)
    for verb in ("learn", "plan", "simulate", "check", "exchange", "--help"):
        assert f"$ porcelain {verb}" in shown


@pytest.mark.parametrize(("page", "code"), SNIPPETS, ids=[page for page, _ in SNIPPETS])
def test_python_of_a_page_runs(page, code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment(tmp_path)
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_and_file_that_a_page_names_is_there(page):
    text = (ROOT / page).read_text()
    named = re.findall(r'src="([^"]+)"', text) + re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    here = (ROOT / page).parent
    assert [name for name in named if not Path(os.path.normpath(here / name)).exists()] == []


def test_every_page_is_listed_in_the_index():
    listed = re.findall(r"\]\(([a-z-]+\.md)\)", (ROOT / "docs" / "index.md").read_text())
    assert sorted(listed) == sorted(path.name for path in (ROOT / "docs").glob("*.md") if path.name != "index.md")
