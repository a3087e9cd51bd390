"""What pipelines read: pictures with the text beside them."""

from __future__ import annotations

from html import escape
from typing import Final

from deploy_tools.report.material import Material
from deploy_tools.report.numbers import counted, quantity
from deploy_tools.report.taken import Taken
from deploy_tools.report.words import conditions
from slim.html.fragments import jpeg_address, picture

_BYTES: Final = 1_500_000
"""Of all pictures: the page is to stay small enough to be sent."""
_SHOWN_LINES: Final = 200


def pictures(material: Material) -> str:
    """Pictures of the newest results, as many as there is room for."""
    found = [taken for taken in material.of("ocr") if taken.measurement.picture or taken.measurement.texts]
    shown, left, room = [], 0, _BYTES
    for taken in found:
        size = len(taken.measurement.picture or b"")
        if size > room:
            left += 1
            continue
        room -= size
        shown.append(_one(taken))
    if not shown:
        return ""
    rest = (
        f'<p class="small muted">{counted(left, "more picture")} left out, to keep this file small.</p>'
        if left
        else ""
    )
    return f'<div class="pictures">{"".join(shown)}</div>{rest}'


def _one(taken: Taken) -> str:
    texts = taken.measurement.texts
    where = taken.case.detail or taken.case.subject
    line = f"<b>{escape(where)}</b> on {escape(taken.device)}: {counted(len(texts), 'line')}"
    if taken.figures is not None:
        line += f" in {quantity(taken.figures.median, taken.figures.unit)}"
    items = "".join(f'<li dir="auto">{escape(text)}</li>' for text in texts[:_SHOWN_LINES])
    if len(texts) > _SHOWN_LINES:
        items += f'<li class="muted">{len(texts) - _SHOWN_LINES} more</li>'
    read = (
        f"<details{' open' if len(texts) <= 8 else ''}><summary>Text read</summary><ol>{items}</ol></details>"
    )
    caption = f'<p>{line}</p><p class="muted">{escape(conditions(taken.case))}</p>{read if texts else ""}'
    jpeg = taken.measurement.picture
    if jpeg is None:
        return f'<figure class="panel"><figcaption>{caption}</figcaption></figure>'
    return picture(jpeg_address(jpeg), f"{where} with the boxes that {taken.device} found", caption)
