"""The README's outputs are what its commands print."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_readme_shows_what_its_commands_print():
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    cog = [sys.executable, "-m", "cogapp", "--check", "--diff", "README.md"]
    done = subprocess.run(cog, cwd=ROOT, capture_output=True, text=True, env={"PATH": path, "HOME": str(ROOT)})
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
