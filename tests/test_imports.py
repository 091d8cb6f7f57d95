"""``import porcelain`` costs next to nothing and loads nothing heavy."""

import subprocess
import sys

HEAVY = ("scipy", "numba", "manifold3d", "trimesh", "stl", "matplotlib", "sklearn", "torch", "pandas", "click")


def test_import_is_light():
    code = f"import sys, porcelain; print([m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_public_names_resolve():
    import porcelain

    for name in porcelain.__all__:
        assert getattr(porcelain, name) is not None
