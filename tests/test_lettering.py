"""The stroke font: every letter of every name stays in its room, and strokes keep apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from porcelain.geometry import stroke_font


@given(st.text(min_size=1, max_size=12), st.floats(8.0, 60.0))
def test_a_line_that_fits_stays_in_its_room(text, room):
    plain = stroke_font.plain(text)
    step = stroke_font.step_mm(plain, 3.6, room)
    if step is None or not plain:
        return
    points = [p for stroke in stroke_font.strokes_mm(plain, 3.6, step) for p in stroke]
    if points:
        assert np.ptp([x for x, _ in points]) <= room + 1e-9
        assert min(y for _, y in points) >= 0.0
        assert max(y for _, y in points) <= 3.6 + 1e-9


def test_accents_go_and_unknown_signs_become_question_marks():
    assert stroke_font.plain("Blüte ≤ é") == "BLUTE ? E"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("petal width", ["PETAL", "WIDTH"]),
        ("a b", ["A B"]),
        ("incomprehensibilities", None),
        ("a very long name", None),
    ],
)
def test_names_break_at_spaces_or_do_not_fit(name, found):
    assert stroke_font.lines(name, 3.6, 17.0, 2) == found


def test_letters_differ():
    drawn = {
        tuple(map(tuple, np.concatenate(stroke_font.strokes_mm(c, 6.0, 1.0)).round(3)))
        for c in stroke_font.GLYPHS
        if c != " "
    }
    assert len(drawn) == len(stroke_font.GLYPHS) - 2  # O and 0 look alike, and " " is nothing
