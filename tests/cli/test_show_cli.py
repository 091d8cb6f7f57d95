"""porcelain show: every noun and folder in every form it can be written in."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

IRIS = Path(__file__).parents[2] / "designs" / "iris"
SIGNATURES = {".png": b"\x89PNG", ".gif": b"GIF89a", ".html": b"<!doctype html>", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture
def poured(porcelain, tmp_path):
    porcelain("simulate", IRIS, 6.2, 3.4, 5.4, 2.3, "--every", 0.5, "-o", tmp_path / "run.json")
    shutil.copy(IRIS / "design.json", tmp_path / "design.json")
    return tmp_path / "run.json"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((IRIS,), "machine.png"),
        ((IRIS / "design.json", "--exploded"), "exploded.png"),
        ((IRIS, "--no-parts"), "page.html"),
        ((IRIS, "--view", "scores"), "scores.svg"),
        ((IRIS, "--view", "tolerance"), "tolerance.png"),
        ((IRIS / "network.json",), "diagram.pdf"),
        ((IRIS / "network.json", "--view", "scores"), "scores.png"),
        ((IRIS.parent / "circle" / "network.json", "--view", "history"), "history.png"),
    ],
)
def test_nouns_and_folders_are_shown(porcelain, tmp_path, arguments, name):
    code, out, err = porcelain("show", *arguments, "-o", tmp_path / name)
    assert (code, err) == (0, "")
    assert out == f"wrote {tmp_path / name}\n"
    assert (tmp_path / name).read_bytes().startswith(SIGNATURES[Path(name).suffix])


def test_a_run_is_drawn_and_filmed(porcelain, tmp_path, poured):
    assert porcelain("show", poured, "-o", tmp_path / "levels.png")[0] == 0
    code, out, err = porcelain("show", poured, "-o", tmp_path / "pour.mp4")
    assert code == 0
    assert (tmp_path / "pour.gif").read_bytes().startswith(SIGNATURES[".gif"])
    if shutil.which("ffmpeg"):
        assert out == f"wrote {tmp_path / 'pour.gif'}, {tmp_path / 'pour.mp4'}\n"
    else:
        assert "becomes a GIF" in err


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="needs ffmpeg")
def test_the_film_plays_everywhere_and_lasts_as_long_as_the_gif(porcelain, tmp_path, poured):
    porcelain("show", poured, "-o", tmp_path / "pour.mp4")
    told = {}
    for kind in ("mp4", "gif"):
        entries = "stream=width,height,pix_fmt,codec_name,duration"
        asked = ["ffprobe", "-v", "error", "-of", "json", "-show_entries", entries, tmp_path / f"pour.{kind}"]
        found = subprocess.run(asked, capture_output=True, check=True).stdout
        told[kind] = json.loads(found)["streams"][0]
    assert (told["mp4"]["codec_name"], told["mp4"]["pix_fmt"]) == ("h264", "yuv420p")
    assert told["mp4"]["width"] % 2 == told["mp4"]["height"] % 2 == 0
    assert float(told["mp4"]["duration"]) == pytest.approx(float(told["gif"]["duration"]), abs=0.2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((IRIS, "-o", "a.svg"), "a design cannot be shown as a.svg; use .png, .html"),
        ((IRIS, "-o", "a.txt"), "--output is a.txt; use a name ending in"),
        ((IRIS, "--view", "score", "-o", "a.png"), "did you mean 'scores'"),
        ((IRIS / "network.json", "--view", "tolerance", "-o", "a.png"), "unknown view"),
        ((IRIS.parent, "-o", "a.png"), "holds no design.json"),
        (("run.json", "-o", "a.gif"), "cannot read design.json"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(porcelain, tmp_path, poured, arguments, message):
    (tmp_path / "design.json").unlink()
    code, _, err = porcelain("show", *arguments)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
