"""Pictures are written whole, are the same each time, and show what they claim."""

import io
from pathlib import Path

import numpy as np
import pytest

from porcelain import fabricate, plan, simulate
from porcelain.encoding import Encoding
from porcelain.errors import PorcelainError
from porcelain.network import Layer, Network
from porcelain.pour import Pour
from porcelain.show.machine import View, draw, machine_png
from porcelain.show.movie import pour_movie
from porcelain.show.pour import levels_figure

Image = pytest.importorskip("PIL.Image")


@pytest.fixture(scope="module")
def design():
    encoding = Encoding(("a", "b"), ("cm", "cm"), [0, 0], [8, 8], [0, 0], [5, 5])
    layers = (Layer([6.0, 0.0], [[0.3, 0.7], [1.0, 0.0]]), Layer([2.5, 11.0], [[0.8, 0.2], [0.25, 0.75]]))
    return plan.design(Network(layers, encoding, ("yes", "no"), "small"), style="tower")


@pytest.fixture(scope="module")
def run(design):
    return simulate.run(design, Pour.of({"b0.0": 35.0, "b0.1": 20.0}, rate_ml_s=10.0))


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=float)


def test_the_machine_is_drawn_the_same_twice_and_fills_the_picture(design):
    parts = fabricate.parts(design)
    first = machine_png(parts, height_px=300)
    assert machine_png(parts, height_px=300) == first
    drawn = (pixels(first) < 250).any(axis=2)
    assert 0.15 < drawn.mean() < 0.8
    assert drawn.any(axis=1).mean() > 0.9  # from top to bottom
    assert not np.array_equal(pixels(machine_png(parts, height_px=300, exploded=True)), pixels(first))


def test_a_nearer_face_hides_a_farther_one():
    square = np.array([[0, 0, 0], [10, 0, 0], [10, 0, 10], [0, 0, 10]], dtype=float)
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    red, blue = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    behind = square + np.array([0.0, 5.0, 0.0])
    for order in (((square, faces, red), (behind, faces, blue)), ((behind, faces, blue), (square, faces, red))):
        middle = draw(order, View(0.0, 0.0), 60)[30, 30]
        assert middle[0] > 0
        assert middle[2] == 0


@pytest.mark.parametrize("name", ["pour.png", "pour.svg", "pour.pdf"])
def test_the_levels_figure_is_the_same_twice(design, run, tmp_path, name):
    levels_figure(design, run, tmp_path / name)
    first = (tmp_path / name).read_bytes()
    levels_figure(design, run, tmp_path / name)
    assert (tmp_path / name).read_bytes() == first
    assert len(first) > 5000


def test_the_movie_begins_dry_and_ends_full(design, run, tmp_path):
    pour_movie(design, run, tmp_path / "pour.gif")
    blue = []
    with Image.open(tmp_path / "pour.gif") as movie:
        assert movie.n_frames > 50
        for frame in (0, movie.n_frames - 1):
            movie.seek(frame)
            seen = np.asarray(movie.convert("RGB"), dtype=float)
            blue.append(int(((seen[..., 2] - seen[..., 0]) > 80).sum()))
    assert blue[0] == 0
    assert blue[1] > 500


def test_unknown_formats_are_refused(design, run, tmp_path):
    with pytest.raises(PorcelainError, match=r"\.gif"):
        pour_movie(design, run, tmp_path / "pour.avi")
    with pytest.raises(PorcelainError, match=r"\.png"):
        levels_figure(design, run, tmp_path / "pour.bmp")
    assert not list(tmp_path.iterdir())


def test_water_is_seen_through_and_hollows_are_darker():
    square = np.array([[0, 0, 0], [10, 0, 0], [10, 0, 10], [0, 0, 10]], dtype=float)
    faces, white, blue = np.array([[0, 1, 2], [0, 2, 3]]), np.ones(3), np.array([0, 0, 1.0])
    front = square * [0.5, 1.0, 0.5] + [2.5, -5.0, 2.5]
    dry = draw(((square, faces, white),), View(0.0, 0.0), 200)
    wet = draw(((square, faces, white),), View(0.0, 0.0), 200, clear=((front, faces, blue),))
    assert np.allclose(dry[100, 20], dry[100, 100])  # nothing stands before it: no shade
    assert np.allclose(wet[100, 20], dry[100, 20])
    assert 0 < wet[100, 100, 0] < wet[100, 100, 2]
    behind = draw(((square, faces, white), (front, faces, blue)), View(0.0, 0.0), 200)
    beside, far = behind[100, 48, 0], behind[100, 12, 0]
    assert beside < far - 0.03


def test_names_of_many_inputs_stay_apart(tmp_path):
    """Fourteen inputs: every curve of the figure and every bucket of the film has a name of its own."""
    from matplotlib import pyplot

    from porcelain.files import load
    from porcelain.show.movie import _Stage
    from porcelain.show.pour import _named

    wine = load(Path(__file__).parents[2] / "designs" / "wine", "design")
    run = simulate.run(wine, Pour.of({b.name: 20.0 for b in wine.tiers[0]}, rate_ml_s=10.0), law="weir", water="design")
    figure, ax = pyplot.subplots(figsize=(5.4, 3.7))
    ax.set_ylim(0, 40)
    _named(ax, run, [(b.name, "k", run.volumes_ml[:, k], 1.6) for k, b in enumerate(wine.tiers[0])])
    stage = _Stage.of(wine, pyplot)
    for drawn in (figure, stage.figure):
        drawn.canvas.draw()
    labels = {b.label for b in wine.tiers[0]}
    upright = [text for text in stage.figure.axes[0].texts if text.get_text() in labels]
    for names in (ax.texts, upright):
        boxes = [text.get_window_extent().shrunk(0.9, 0.9) for text in names]
        assert len(boxes) == 14
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    pyplot.close("all")
