"""HTML of pages to read on a phone or to print on paper: style, sections, pictures and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..markup import html_figure, html_page

STYLE = """
:root{color-scheme:light dark;--line:#9996;--ink:light-dark(#1d2b36,#e8edf1);--paper:light-dark(#fff,#14191d);
--water:light-dark(#1f6fb5,#6db3ec);--pool:light-dark(#dcecf8,#1e3a52);--soft:light-dark(#f2f5f7,#1d252b)}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;max-width:54rem;margin:2rem auto;padding:0 1.2rem;color:var(--ink);
background:var(--paper)}
h1{font-size:2rem;line-height:1.15;margin:0 0 .3rem}h2{margin:2.4rem 0 .6rem;padding-top:.5rem;
border-top:2px solid var(--ink)}h2 b{color:var(--water);margin-right:.5rem}
.lead{font-size:1.1rem;margin:.2rem 0 1rem}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;margin:.6rem 0}
th,td{padding:.3rem .55rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600}thead th{border-bottom-width:2px}td.n,th.n{text-align:right}
td.win{font-weight:700;color:var(--water)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem;align-items:end}
figure{margin:.8rem 0;text-align:center}img{max-width:100%;max-height:30rem;background:#fff;border-radius:6px}
figcaption{font-size:.9rem;opacity:.8}ol li,ul li{margin:.35rem 0}
.note{background:var(--soft);border-left:4px solid var(--water);padding:.6rem .9rem;margin:1rem 0}
.wide{overflow-x:auto}.swatch{display:inline-block;width:.9em;height:.9em;border-radius:50%;
border:1px solid var(--line);vertical-align:-.1em;margin-right:.4em}
.box{display:inline-block;width:1em;height:1em;border:1.5px solid var(--ink);border-radius:2px;vertical-align:-.15em}
.first{border-collapse:separate;border-spacing:0}
.first th[scope=row],.first thead th:first-child{position:sticky;left:0;background:var(--paper);font-weight:400}
.first .group th{font-weight:600;padding-top:.9rem;border-bottom-width:2px}
.maps{display:flex;flex-wrap:wrap;gap:1.2rem;justify-content:center;align-items:end}.maps figure{margin:0}
.maps svg{max-width:100%;height:auto;color:var(--ink)}
pre{background:var(--soft);padding:.6rem .9rem;overflow-x:auto;font-size:.9rem;white-space:pre-wrap}
@media (max-width:36rem){.pair{grid-template-columns:1fr}table{font-size:.92rem}th,td{padding:.3rem .3rem}
body{padding:0 .9rem}}
@media print{@page{size:A4;margin:14mm}:root{color-scheme:light}body{margin:0;padding:0;max-width:none;
font-size:10.5pt;line-height:1.45}h2,h3,p:has(+.wide),p:has(+.maps){break-after:avoid}h2{margin-top:1.4rem}
th,td{padding:.17rem .5rem}h2,figure,table,.note,li,pre{break-inside:avoid}
img{max-height:72mm}.maps svg{max-height:60mm}.wide{overflow:visible}
a{color:inherit;text-decoration:none}}
"""


def document(title: str, body: Iterable[str]) -> bytes:
    """Write a whole page that needs no other file.

    Parameters
    ----------
    title : str
        Title.
    body : iterable of str
        HTML of the body.

    Returns
    -------
    bytes
        The page.

    Examples
    --------
    >>> document("a", ["<p>b</p>"]).startswith(b"<!doctype html>")
    True
    """
    return html_page(title, STYLE, body).encode()


def section(number: int, title: str, content: str) -> str:
    """Write a numbered section.

    Parameters
    ----------
    number : int
        Its number.
    title, content : str
        HTML.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> section(1, "Print", "<p>a</p>")
    '<section><h2><b>1</b>Print</h2><p>a</p></section>'
    """
    return f"<section><h2><b>{number}</b>{title}</h2>{content}</section>"


def pictures(pngs: Mapping[str, bytes]) -> str:
    """Show pictures side by side.

    Parameters
    ----------
    pngs : mapping of str to bytes
        PNG pictures by caption.

    Returns
    -------
    str
        HTML with the pictures inside.

    Examples
    --------
    >>> pictures({})
    '<div class="pair"></div>'
    """
    return f'<div class="pair">{"".join(html_figure(caption, png) for caption, png in pngs.items())}</div>'


def steps(lines: Iterable[str], ordered: bool = True) -> str:
    """Write a list.

    Parameters
    ----------
    lines : iterable of str
        HTML of the items.
    ordered : bool
        Whether the items are numbered.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> steps(["a"], ordered=False)
    '<ul><li>a</li></ul>'
    """
    tag = "ol" if ordered else "ul"
    return f"<{tag}>{''.join(f'<li>{line}</li>' for line in lines)}</{tag}>"


def counted(count: int, thing: str) -> str:
    """Write a count with its noun.

    Parameters
    ----------
    count : int
        The count.
    thing : str
        The noun in the singular.

    Returns
    -------
    str
        Text.

    Examples
    --------
    >>> counted(1, "cup"), counted(3, "cup")
    ('1 cup', '3 cups')
    """
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def duration(hours: float) -> str:
    """Write hours as a slicer does.

    Parameters
    ----------
    hours : float
        A duration, h.

    Returns
    -------
    str
        Text with no-break spaces.

    Examples
    --------
    >>> duration(1.5).replace(chr(160), " ")
    '1 h 30 min'
    """
    minutes = round(60 * hours)
    return f"{minutes // 60}\u00a0h {minutes % 60}\u00a0min"
