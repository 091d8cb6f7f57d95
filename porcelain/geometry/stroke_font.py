"""Lettering: a small stroke font for printed parts. Every stroke is as wide as a nozzle can draw it well.

Glyphs stand on a grid 4 wide and 6 high; names are shown in capitals without accents.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np

from ..arrays import Floats

HIGH, WIDE = 6, 4
LEAST_MM = 0.3  # of width per grid step: below it strokes run into each other
GAP_MM = 1.1  # between letters, from middle to middle of their strokes

_O = "10 01 05 16 36 45 41 30 10"
_P = "00 06 36 45 44 33 03"
GLYPHS = {
    "A": "00 04 26 44 40|02 42", "B": f"{_P}|33 42 41 30 00", "C": "45 36 16 05 01 10 30 41",
    "D": "00 06 26 44 42 20 00", "E": "46 06 00 40|03 33", "F": "46 06 00|03 33",
    "G": "45 36 16 05 01 10 30 41 43 23", "H": "00 06|40 46|03 43", "I": "20 26|10 30|16 36",
    "J": "46 41 30 10 01", "K": "00 06|46 03 40", "L": "06 00 40", "M": "00 06 23 46 40", "N": "00 06 40 46",
    "O": _O, "P": _P, "Q": f"{_O}|22 40", "R": f"{_P}|23 40", "S": "45 36 16 05 04 13 33 42 41 30 10 01",
    "T": "06 46|20 26", "U": "06 01 10 30 41 46", "V": "06 20 46", "W": "06 10 23 30 46", "X": "00 46|06 40",
    "Y": "06 23 46|23 20", "Z": "06 46 00 40", "0": _O, "1": "15 26 20|10 30", "2": "05 16 36 45 44 00 40",
    "3": "05 16 36 45 44 33 42 41 30 10 01|13 33", "4": "30 36 02 42", "5": "46 06 03 33 42 41 30 10 01",
    "6": "45 36 16 05 01 10 30 41 42 33 13 02", "7": "06 46 10",
    "8": "13 04 05 16 36 45 44 33 13 02 01 10 30 41 42 33", "9": "01 10 30 41 45 36 16 05 04 13 33 44",
    ".": "20 20", ",": "21 10", "-": "13 33", "+": "13 33|22 24", "/": "00 46", ":": "21 21|24 24", "_": "00 40",
    "(": "36 15 11 30", ")": "16 35 31 10", ">": "05 43 01", "\u2193": "26 20|03 20 43",
    "?": "05 16 36 45 44 23 22|20 20", " ": "",
}  # fmt: skip


def plain(text: str) -> str:
    """Capitals without accents; what has no glyph becomes a question mark."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(c))
    return "".join(c if c in GLYPHS else "?" for c in bare)


def width_mm(text: str, step_mm: float) -> float:
    """Length of a line from the middle of its first stroke to that of its last, for this width of a grid step."""
    return len(text) * WIDE * step_mm + (len(text) - 1) * GAP_MM


def step_mm(text: str, high_mm: float, room_mm: float) -> float | None:
    """Width of a grid step at which a line of this height fits the room; None if it does not fit at all."""
    step = (room_mm - (len(text) - 1) * GAP_MM) / (len(text) * WIDE) if text else high_mm / HIGH
    return None if step < LEAST_MM else min(step, high_mm / HIGH)


def lines(text: str, high_mm: float, room_mm: float, most: int) -> list[str] | None:
    """A name broken at its spaces into at most so many lines that fit the room; None if it cannot be."""
    found: list[str] = []
    for word in plain(text).split():
        joined = f"{found[-1]} {word}" if found else word
        if found and step_mm(joined, high_mm, room_mm) is not None:
            found[-1] = joined
        else:
            found.append(word)
    fits = len(found) <= most and all(step_mm(line, high_mm, room_mm) is not None for line in found)
    return found if fits else None


def strokes_mm(text: str, high_mm: float, step: float) -> list[Floats]:
    """Straight strokes (2, 2) of a line: x from its middle, y from its foot; a dot is a stroke of no length."""
    found = []
    left = -width_mm(text, step) / 2
    scale = np.array([step, high_mm / HIGH])
    for n, letter in enumerate(plain(text)):
        at = np.array([left + n * (WIDE * step + GAP_MM), 0.0])
        for run in filter(None, GLYPHS[letter].split("|")):
            points = at + np.array([[int(p[0]), int(p[1])] for p in run.split()]) * scale
            found += [np.array(pair) for pair in pairwise(points)]
    return found
