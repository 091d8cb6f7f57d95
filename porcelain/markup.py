"""Markup: tables, pictures and pages of HTML, and tables of Markdown. Plain text in, markup out."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape


def html_page(title: str, style: str, body: Iterable[str]) -> str:
    """A whole page that needs no file beside it.

    Parameters
    ----------
    title : plain text
    style : CSS
    body : pieces of HTML, in order

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> "<title>A &amp; B</title>" in html_page("A & B", "", ["<p>hello</p>"])
    True
    """
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{style}</style>'
    )
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(body)}</body></html>\n'


def html_table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    numeric: Collection[int] = (),
    classes: Mapping[str, str] | None = None,
) -> str:
    """A table that scrolls sideways where it is wider than its page.

    Parameters
    ----------
    head : headings, plain text
    rows : cells, HTML
    numeric : columns of numbers, which stand at the right
    classes : CSS class of cells with this content

    Examples
    --------
    >>> html_table(["cup", "mL"], [["c0", "3.5"]], numeric={1})[:52]
    '<div class="wide"><table><thead><tr><th>cup</th><th '
    """

    def cell(tag: str, column: int, content: str) -> str:
        kind = "n" if column in numeric else (classes or {}).get(content, "")
        return f'<{tag} class="{kind}">{content}</{tag}>' if kind else f"<{tag}>{content}</{tag}>"

    def line(tag: str, cells: Sequence[str]) -> str:
        return f"<tr>{''.join(cell(tag, n, content) for n, content in enumerate(cells))}</tr>"

    body = "".join(line("td", row) for row in rows)
    top = line("th", [escape(title) for title in head])
    return f'<div class="wide"><table><thead>{top}</thead><tbody>{body}</tbody></table></div>'


def html_figure(caption: str, picture: bytes, kind: str = "png", css_class: str = "") -> str:
    """A picture inside the page.

    Parameters
    ----------
    caption : plain text
    picture : bytes of the image
    kind : png, gif or another type of image
    css_class : of the figure

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> html_figure("A & B", b"GIF89a", "gif")
    '<figure><img alt="A &amp; B" src="data:image/gif;base64,R0lGODlh"><figcaption>A &amp; B</figcaption></figure>'
    """
    name, data = escape(caption), base64.b64encode(picture).decode()
    opening = f'<figure class="{css_class}">' if css_class else "<figure>"
    return f'{opening}<img alt="{name}" src="data:image/{kind};base64,{data}"><figcaption>{name}</figcaption></figure>'


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a table.

    Parameters
    ----------
    head : headings
    rows : cells

    Returns
    -------
    list of str
        Markdown.

    Examples
    --------
    >>> markdown_table(["cup", "mL"], [["c0", 3.5]])
    ['| cup | mL |', '|---|---|', '| c0 | 3.5 |']
    """
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(map(str, cells)) + " |" for cells in rows]
