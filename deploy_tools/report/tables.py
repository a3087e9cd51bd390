"""Tables: plain ones behind charts, and such as people sort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


def table(rows: Iterable[Sequence[str]], heads: Sequence[str]) -> str:
    """A plain table of texts; the first cell names its row, the others are numbers or short words."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return scrolled(f'<table class="numbers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def folded(tables: str) -> str:
    """Tables of a chart's values, as HTML: they open below it."""
    return f'<details class="behind"><summary>Values</summary>{tables}</details>'


def scrolled(content: str, name: str = "Table") -> str:
    """A table that may be wider than the screen: it scrolls by itself, also by keyboard."""
    label = escape(name, quote=True)
    return f'<div class="scrolled" role="region" aria-label="{label}" tabindex="0">{content}</div>'


@dataclass(frozen=True)
class Cell:
    """A cell of a table that can be sorted.

    Attributes:
        content: As HTML.
        key: What it is sorted by; a number sorts as such, what is empty comes last.
    """

    content: str
    key: str | float = ""

    @property
    def html(self) -> str:
        """The attribute that the page's script sorts by."""
        key = f"{self.key:.6g}" if isinstance(self.key, float) else self.key
        return f' data-key="{escape(key, quote=True)}"'


def text_cell(text: str) -> Cell:
    """A cell of text."""
    return Cell(escape(text), text)


def sortable(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]], kind: str = "") -> str:
    """A table whose columns can be sorted by; on narrow screens a row becomes a block.

    Without scripts it is a table as any other: buttons appear where the script runs.

    Args:
        name: What it shows, for screen readers; as text.
        heads: Names of the columns, as text.
        rows: Cells; the first one of a row names it.
        kind: A class of its own.
    """
    head = "".join(f'<th scope="col" role="columnheader">{escape(cell)}</th>' for cell in heads)
    body = []
    for row in rows:
        cells = [f'<th scope="row" role="rowheader"{row[0].html}>{row[0].content}</th>']
        cells += [
            f'<td role="cell" data-name="{escape(title, quote=True)}"{cell.html}>{cell.content}</td>'
            for title, cell in zip(heads[1:], row[1:], strict=True)
        ]
        body.append(f'<tr role="row">{"".join(cells)}</tr>')
    # roles are said because blocks made of rows by style would lose them
    return (
        f'<table class="sortable {kind}" role="table" aria-label="{escape(name, quote=True)}">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(body)}</tbody></table>'
    )
