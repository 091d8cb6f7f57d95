"""A pour is a schedule: its pieces add up, and what is cut off is not poured."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from porcelain import files
from porcelain.errors import PorcelainError
from porcelain.pour import Piece, Pour


def test_ways_to_say_it():
    volumes = {"b0.0": 60.0, "b0.1": 30.0}
    assert Pour.of(volumes).end_s == 0.0
    assert [p.duration_s for p in Pour.of(volumes, rate_ml_s=10.0).pieces] == [6.0, 3.0]
    assert Pour.of(volumes, duration_s=4.0, start_s=1.0).breaks_s == (1.0, 5.0)
    topped = Pour.of(volumes, duration_s=4.0).top_up("b0.1", 5.0, 10.0, 2.0)
    assert topped.total_ml == 95.0
    assert topped.end_s == 12.0
    assert topped.volumes_ml(["b0.0", "b0.1"]).tolist() == [60.0, 35.0]
    again = Pour.of(volumes, duration_s=4.0).repeat(3, every_s=5.0)
    assert again.total_ml == 270.0
    assert again.end_s == 14.0


def test_poured_so_far():
    pour = Pour((Piece("a", 1.0, 4.0, 8.0), Piece("b", 2.0, 0.0, 3.0)))
    so_far = pour.poured_ml([0.0, 1.0, 2.0, 3.0, 9.0], ["a", "b"])
    assert so_far[:, 0].tolist() == [0.0, 0.0, 2.0, 4.0, 8.0]
    assert so_far[:, 1].tolist() == [0.0, 0.0, 3.0, 3.0, 3.0]


@given(st.floats(-1, 1), st.floats(0.1, 50), st.floats(0, 1), st.floats(0.1, 100))
def test_a_cut_pour_is_the_beginning_of_the_whole(rise, duration, part, volume):
    whole = Pour((Piece("a", 2.0, duration, volume, rise),))
    stop = 2.0 + part * duration
    cut = whole.until(stop)
    times = np.linspace(0, stop, 7)
    assert np.allclose(cut.poured_ml(times, ["a"]), whole.poured_ml(times, ["a"]), atol=1e-9 * volume)
    assert cut.total_ml == pytest.approx(whole.poured_ml([stop], ["a"])[0, 0], abs=1e-9 * volume)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Piece("a", -1.0, 1.0, 1.0), "start_s"),
        (lambda: Piece("a", 0.0, float("nan"), 1.0), "duration_s"),
        (lambda: Piece("a", 0.0, 1.0, -1.0), "volume_ml"),
        (lambda: Piece("a", 0.0, 1.0, 1.0, 2.0), "rise"),
        (lambda: Pour.of({"a": 1.0}, duration_s=1.0, rate_ml_s=1.0), "not both"),
        (lambda: Pour.of({"a": 1.0}, rate_ml_s=0.0), "rate"),
        (lambda: Pour.of({"a": 1.0}).repeat(0, 1.0), "repeat"),
        (lambda: Pour.of({"b0.7": 1.0}).volumes_ml(["b0.0", "b0.1"]), "did you mean"),
    ],
)
def test_impossible_pours_are_refused(make, word):
    with pytest.raises(PorcelainError, match=word):
        make()


def test_file():
    pour = Pour.of({"b0.0": 60.0}, rate_ml_s=7.0, rise=0.5).top_up("b0.0", 1.0, 20.0)
    assert files.from_json(files.to_json(pour), "pour") == pour
