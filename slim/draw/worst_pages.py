"""Photographs with what is labelled, found and missed."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from edge.ocr.image import load_image
from slim.draw.marks import mark_quad
from slim.draw.sheet import (
    CAPTION,
    GAP,
    GROUND,
    IGNORED,
    MISSED,
    MUTED,
    RIGHT,
    WRONG,
    fitted,
    headline,
    tiled,
    write,
)
from slim.evaluation.detection import DetectionEvaluation, PageCase
from slim.evaluation.worst import worst_pages

COUNT: Final = 6
_WIDTH, _HEIGHT = 920, 575
_STROKE: Final = 2.4
_MARGIN: Final = 0.04
"""Around what is marked, as a share of the photograph's longer side."""
_NOTE: Final = (
    "blue: found · red, dashed: missed · orange: found, but nothing labelled there matches by half · "
    "grey, dashed: illegible, does not count"
)


def draw_worst_pages(
    after: DetectionEvaluation,
    before: DetectionEvaluation | None,
    names: tuple[str, str],
    count: int | None,
) -> Image.Image:
    """Photographs with most regions missed or wrong; see :func:`slim.draw.worst.draw_worst`.

    With another network's evaluation its boxes stand to the left.
    """
    wrong = worst_pages(after, before)
    shown = wrong[: count or COUNT]
    tiles = []
    for case, old in shown:
        if old is not None:
            tiles.append(_tile(old, case, names[1]))
        tiles.append(_tile(case, old, names[0] if old is not None else ""))
    against = names[1] if before is not None else None
    heading = headline(names[0], against, len(shown), len(wrong), len(after.cases), "photographs")
    return tiled(tiles, 2, heading, _NOTE)


def _tile(case: PageCase, old: PageCase | None, name: str) -> Image.Image:
    loaded = load_image(case.image)
    left, top, right, bottom = _window(case, old, loaded.width, loaded.height)
    # labels and boxes are in pixels of the original picture, of which the loaded one may be a reduced copy
    across, down = loaded.picture.width / loaded.width, loaded.picture.height / loaded.height
    window = loaded.picture.crop(
        (round(left * across), round(top * down), round(right * across), round(bottom * down))
    )
    shown = fitted(window, _WIDTH, _HEIGHT, largest=3.0)
    scale = np.array([shown.width / (right - left), shown.height / (bottom - top)], dtype=np.float32)
    corner = np.array([left, top], dtype=np.float32)
    match = case.match
    for label in case.boxes:
        if not label.care:
            mark_quad(shown, (label.quad - corner) * scale, IGNORED, width=1.5, opacity=0.1, dashed=True)
    for index, box in enumerate(case.found):
        colour = RIGHT if index in match.found_as else IGNORED if index in match.ignored else WRONG
        mark_quad(shown, (box.quad - corner) * scale, colour, width=_STROKE, opacity=0.05)
    for label, found in zip(case.boxes, match.found_as, strict=True):
        if label.care and found is None:
            mark_quad(shown, (label.quad - corner) * scale, MISSED, width=_STROKE, opacity=0, dashed=True)
    tile = Image.new("RGB", (_WIDTH, shown.height + round(CAPTION * 1.6)), GROUND)
    tile.paste(shown, (0, 0))
    score, y = match.score, shown.height + round(CAPTION * 1.2)
    x = write(tile, (0, y), case.image.name, CAPTION, bold=True, room=_WIDTH / 2) + GAP
    words = f"{score.matched} of {score.labelled} found, {score.detected - score.matched} wrong"
    write(tile, (x, y), f"{name}: {words}" if name else words, CAPTION, MUTED, room=_WIDTH - x)
    return tile


def _window(
    case: PageCase, other: PageCase | None, width: int, height: int
) -> tuple[float, float, float, float]:
    """The part of a photograph that has labels or finds: left, top, right, bottom in pixels."""
    quads = [label.quad for label in case.boxes]
    quads += [box.quad for one in (case, other) if one is not None for box in one.found]
    points = np.concatenate(quads)
    margin = _MARGIN * max(width, height)
    left, top = (points.min(axis=0) - margin).tolist()
    right, bottom = (points.max(axis=0) + margin).tolist()
    # of a tile's shape where the photograph has so much more
    broader = max(0.0, (bottom - top) * _WIDTH / _HEIGHT - (right - left)) / 2
    higher = max(0.0, (right - left) * _HEIGHT / _WIDTH - (bottom - top)) / 2
    left, right = _span(left - broader, right + broader, width)
    top, bottom = _span(top - higher, bottom + higher, height)
    return left, top, right, bottom


def _span(low: float, high: float, limit: float) -> tuple[float, float]:
    """A span of this length inside 0 … limit, moved as little as possible; all of it where it is too long."""
    length = min(max(high - low, 1.0), limit)
    low = min(max(low, 0.0), limit - length)
    return low, low + length
