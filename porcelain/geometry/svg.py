"""Small self-contained SVG drawings of nouns, so that a notebook shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from ..arrays import Floats

WATER, WALL, PIPE, SILL, INK = "#4FA3D1", "#46525C", "#9FC5DD", "#D55E00", "#1d2b36"
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A7F00", "#5B5B5B")  # Okabe and Ito
WIDEST = 760.0  # px
PITCH, ROW, BUCKET, TALL = 92.0, 104.0, 46.0, 40.0  # px
MOST_NAMED = 10  # vessels a row: more are drawn without their names
MOST_CURVES = 8


def network_svg(buckets: Sequence[Sequence[tuple[str, float]]], cups: Sequence[str], shares: Iterable[Floats]) -> str:
    """A network: buckets filled as far as their thresholds, empty cups below, pipes as wide as their shares.

    Parameters
    ----------
    buckets : (name, threshold) of every bucket, row by row, thresholds in one unit
    cups : names
    shares : (n_in, n_out) of every row
    """
    most = max(threshold for row in buckets for _, threshold in row) or 1.0
    filled = [[(name, threshold / most) for name, threshold in row] for row in buckets]
    return _rows_svg([*filled, [(name, 0.0) for name in cups]], shares)


def _rows_svg(rows: Sequence[Sequence[tuple[str, float]]], shares: Iterable[Floats]) -> str:
    """Rows of vessels (name, how full they are drawn, 0 to 1) and pipes as wide as their shares (n, m)."""
    most = max(len(row) for row in rows)
    pitch = min(PITCH, WIDEST / most)
    width, height = pitch * most + 20, ROW * len(rows) + 4
    box, named = min(BUCKET, 0.62 * pitch), most <= MOST_NAMED

    def middle(k: int, i: int) -> float:
        return width / 2 + pitch * (i - (len(rows[k]) - 1) / 2)

    def top(k: int) -> float:
        return ROW * k + 24

    lines = []
    for k, layer in enumerate(shares):
        for i, j in np.argwhere(layer):
            y0, y1 = top(k) + TALL, top(k + 1) - (16 if named else 2)
            x0, x1, y = middle(k, int(i)), middle(k + 1, int(j)), (y0 + y1) / 2
            lines.append(
                f'<path d="M{x0:.1f} {y0:.1f}C{x0:.1f} {y:.1f} {x1:.1f} {y:.1f} {x1:.1f} {y1:.1f}" fill="none"'
                f' stroke="{PIPE}" stroke-width="{max(0.2 * box * layer[i, j], 0.4):.2f}" stroke-opacity=".85"/>'
            )
    for k, row in enumerate(rows):
        for i, (name, kept) in enumerate(row):
            x, y = middle(k, i) - box / 2, top(k)
            fill = TALL * 0.85 * kept
            lines.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{box:.1f}" height="{TALL:g}" fill="#fff"/>')
            lines.append(
                f'<rect x="{x:.1f}" y="{y + TALL - fill:.1f}" width="{box:.1f}" height="{fill:.1f}" fill="{WATER}"/>'
            )
            walls = f"M{x:.1f} {y:.1f}v{TALL:g}h{box:.1f}v-{TALL:g}"
            lines.append(f'<path d="{walls}" fill="none" stroke="{WALL}" stroke-width="1.4"/>')
            if named:
                lines.append(f'<text x="{middle(k, i):.1f}" y="{y - 5:.1f}" text-anchor="middle">{escape(name)}</text>')
    return _svg(width, height, lines)


def curves_svg(times_s: Floats, curves: Floats, names: Sequence[str], what: str) -> str:
    """Curves (T, n) over time with their names at their ends; the largest few where there are many."""
    width, height, left, right, bottom = 560.0, 210.0, 44.0, 110.0, 26.0
    order = np.sort(np.argsort(-curves[-1], kind="stable")[:MOST_CURVES])
    end, most = max(float(times_s[-1]), 1e-9), max(float(curves.max(initial=0.0)), 1e-9)

    def place(t: Floats, v: Floats) -> list[tuple[float, float]]:
        x = left + (width - left - right) * t / end
        y = height - bottom - (height - bottom - 12) * v / most
        return list(zip(x.tolist(), y.tolist(), strict=True))

    lines = [
        f'<path d="M{left} 8V{height - bottom}H{width - right}" fill="none" stroke="{WALL}"/>',
        f'<text x="{left - 5}" y="16" text-anchor="end">{most:.3g}</text>',
        f'<text x="{left - 5}" y="{height - bottom}" text-anchor="end">0</text>',
        f'<text x="{width - right}" y="{height - 8}" text-anchor="end">{end:.3g} s</text>',
        f'<text x="{left}" y="{height - 8}">{escape(what)}</text>',
    ]
    taken: list[float] = []
    for k in sorted(order, key=lambda k: -curves[-1, k]):
        points = place(times_s, curves[:, k])
        colour = COLOURS[int(k) % len(COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = max(points[-1][1], taken[-1] + 13 if taken else 0.0)  # names are pushed apart where they would touch
        taken.append(at)
        note = f"{names[int(k)]} {curves[-1, k]:.1f}"
        lines.append(f'<text x="{width - right + 6}" y="{at + 4:.1f}" fill="{colour}">{escape(note)}</text>')
    return _svg(width, height, lines)


def _svg(width: float, height: float, lines: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        f' height="{height:.0f}" style="max-width:100%;height:auto;background:#fff;border-radius:8px"'
        f' font-family="sans-serif" font-size="11" fill="{INK}">{"".join(lines)}</svg>'
    )
