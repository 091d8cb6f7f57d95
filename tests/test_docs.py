"""The README's outputs are what its commands print."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VARIES = re.compile(r"loss|error on new rows|training error|right of|always the commonest|e-1[3-9]")


def told(text: str) -> list[str]:
    """Lines, without the digits of what a processor may train or round a little differently."""
    return [re.sub(r"[0-9]+", "#", line) if VARIES.search(line) else line for line in text.splitlines()]


def test_readme_shows_what_its_commands_print(tmp_path):
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environment = {"PATH": path, "HOME": str(tmp_path)}
    cog = [sys.executable, "-m", "cogapp", "README.md"]
    done = subprocess.run(cog, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert told(done.stdout) == told((ROOT / "README.md").read_text())


def test_every_picture_and_file_that_the_readme_names_is_there():
    text = (ROOT / "README.md").read_text()
    named = re.findall(r'src="([^"]+)"', text) + re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    assert len(named) > 4
    assert [name for name in named if not (ROOT / name).exists()] == []
