"""Figures and films of both heat exchangers: they are written, and they show what they claim."""

import shutil

import numpy as np
import pytest
from PIL import Image

from porcelain.exchange import train
from porcelain.exchange.article import pipes
from porcelain.exchange.exchanger import from_sections
from porcelain.exchange.task import load_task
from porcelain.exchange.thermal import HeatExchanger, Stream, warm_up
from porcelain.show import exchange as show
from porcelain.show import thermal as show_thermal


@pytest.fixture(scope="module")
def taught():
    circle = load_task("circle", 1)
    rng = np.random.default_rng(1)
    start = circle.exchanger("target", (2, 6, 4, 2), rng)
    return circle, train(start, circle.points, circle.labels("tanh"), epochs=3, rng=rng)


def test_the_matrix_holds_every_weight_of_both_pipes_once(taught):
    exchanger = taught[1].exchanger
    whole = show.matrix(exchanger)
    shown = np.sort(whole[~np.isnan(whole)])
    weights = [w[:-1].ravel() for w in (*exchanger.forward_weights, *exchanger.backward_weights)]
    np.testing.assert_allclose(shown, np.sort(np.abs(np.concatenate(weights))))
    article = show.matrix(from_sections(*pipes(10, 2, 1)))
    assert article.shape == (5, 9 * 2 + 8)


def test_every_figure_is_a_picture_with_something_on_it(taught, tmp_path):
    circle, training = taught
    show.scatter_figure(circle, tmp_path / "data.png")
    show.weights_figure(training.at(0), training.exchanger, tmp_path / "weights.png")
    show.agreement_figure(training, tmp_path / "agreement.png")
    show.region_figure(training.exchanger, circle, tmp_path / "decision.png")
    run = warm_up(HeatExchanger(Stream(80, 8), Stream(20, 8)), cells=20, end_s=20.0)
    show_thermal.profile_figure(run, tmp_path / "thermal.png")
    for name in ("data", "weights", "agreement", "decision", "thermal"):
        pixels = np.asarray(Image.open(tmp_path / f"{name}.png").convert("L"))
        assert pixels.std() > 10
        assert min(pixels.shape) > 300


def test_a_film_shows_every_epoch_and_is_a_gif_where_ffmpeg_is_not(taught, tmp_path, monkeypatch):
    circle, training = taught
    monkeypatch.setattr(shutil, "which", lambda _: None)
    written = show.learning_movie(training, circle, tmp_path / "film.mp4")
    assert [path.name for path in written] == ["film.gif"]
    with Image.open(written[0]) as film:
        assert film.n_frames == len(training)
        frames = []
        for k in range(film.n_frames):
            film.seek(k)
            frames.append(np.asarray(film.convert("RGB"), dtype=float))
    assert np.abs(frames[0] - frames[-1]).mean() > 1


def test_a_table_is_shown_by_its_most_telling_features():
    iris = load_task("iris", 0)
    assert [iris.feature_names[i] for i in show._telling(iris)] == ["petal length, in sd", "petal width, in sd"]
