"""Small pieces of the page. Everything that comes from files and users is escaped here."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from html import escape
from typing import Any


def mark(text: str, kind: str) -> str:
    """A coloured word: ``passed``, ``failed``, ``open``, or of a kind that the page's own style has."""
    return f'<span class="mark {kind}">{escape(text)}</span>'


def figure_panel(name: str, value: str, was: str) -> str:
    """A figure that matters, with what it was."""
    return (
        f'<div class="panel"><div class="name">{escape(name)}</div>'
        f'<div class="value">{escape(value)}</div><div class="was">{escape(was)}</div></div>'
    )


def definitions(rows: Iterable[tuple[str, str, str]]) -> str:
    """Names and values, each value with a remark behind it."""
    parts = []
    for name, value, remark in rows:
        small = f' <span class="share">{escape(remark)}</span>' if remark else ""
        parts.append(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}{small}</dd></div>")
    return f"<dl>{''.join(parts)}</dl>"


def interval_rows(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Values with their intervals, one below the other on a common scale.

    Args:
        rows: Label, and ``value``, ``low``, ``high`` in percent.
    """
    low, high = _bounds([measure for _, measure in rows])

    def place(value: float) -> float:
        return 100 * (min(max(value, low), high) - low) / (high - low)

    parts = []
    for label, found in rows:
        left, right = place(found["low"]), place(found["high"])
        parts.append(
            f'<div class="row"><div>{escape(label)}</div><div class="track">'
            f'<span class="between" style="left:{left:.2f}%;width:{right - left:.2f}%"></span>'
            f'<span class="point" style="left:{place(found["value"]):.2f}%"></span></div>'
            f'<div class="figure"><b>{found["value"]:.2f} %</b> '
            f'<span class="muted small">{found["low"]:.1f} … {found["high"]:.1f}</span></div></div>'
        )
    scale = f'<div class="scale"><span>{low:g} %</span><span>{high:g} %</span></div>'
    return f'{"".join(parts)}<div class="row"><div></div>{scale}<div></div></div>'


def _bounds(measures: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Whole percents around all intervals, at least two apart."""
    low = min(float(measure["low"]) for measure in measures)
    high = max(float(measure["high"]) for measure in measures)
    floor, ceiling = float(int(low) - (low < 0)), float(-int(-high // 1))
    if ceiling - floor < 2:
        floor -= 1
        ceiling += 1
    return floor, min(ceiling, 100.0) if high <= 100 else ceiling


def marked(text: str, standard: str, kind: str) -> str:
    """A reading with what differs from a standard marked.

    Args:
        text: What was read.
        standard: What it is compared with.
        kind: ``wrong`` or ``other``.
    """
    parts = []
    for what, i0, i1, _, _ in SequenceMatcher(None, text, standard, autojunk=False).get_opcodes():
        piece = escape(text[i0:i1])
        parts.append(piece if what == "equal" or not piece else f'<span class="{kind}">{piece}</span>')
    return "".join(parts) or "∅"


def picture(address: str, alt: str, caption: str) -> str:
    """A picture with a caption, which is HTML."""
    return (
        f'<figure class="panel"><img src="{address}" alt="{escape(alt, quote=True)}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def jpeg_address(data: bytes) -> str:
    """A JPEG as an address, so that the page needs nothing beside it."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def readings(rows: Iterable[tuple[str, str]]) -> str:
    """What was read, row by row; the readings are HTML."""
    parts = (f"<dt>{escape(name)}</dt><dd>{text}</dd>" for name, text in rows)
    return f'<dl class="reading">{"".join(parts)}</dl>'


def table(rows: Iterable[Sequence[str]], heads: Sequence[str] = ()) -> str:
    """Plain rows."""
    head = f"<tr>{''.join(f'<th>{escape(cell)}</th>' for cell in heads)}</tr>" if heads else ""
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{head}{body}</table>"
