"""Pictures inside the page: JPEG files written as addresses, so that it needs nothing beside it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from edge.ocr.image import load_image
from slim.draw.marks import Colour, mark_quad
from slim.html.fragments import jpeg_address
from slim.report.changes import PageChange

PAGE_SIDE: Final = 900
LINE_SIZE: Final = (560, 96)
_QUALITY: Final = 78

# as style.css has them in its legend
KEPT: Final[Colour] = (138, 148, 163)
GONE: Final[Colour] = (224, 83, 31)
NEW: Final[Colour] = (29, 99, 220)


def page_picture(change: PageChange) -> str:
    """A photograph with the boxes of both models, as an address.

    Raises:
        ImageError: It cannot be read any more.
    """
    loaded = load_image(change.image)
    picture = loaded.picture
    zoom = min(1.0, PAGE_SIDE / max(picture.size))
    small = picture.resize(
        (max(1, round(picture.width * zoom)), max(1, round(picture.height * zoom))), Image.Resampling.LANCZOS
    )
    # boxes are in pixels of the file, which may have been reduced while loading
    scale = np.array([small.width / loaded.width, small.height / loaded.height], np.float32)
    width = max(1.6, max(small.size) / 450)
    for quads, colour, dashed in (
        (change.kept, KEPT, False),
        (change.gone, GONE, True),
        (change.new, NEW, False),
    ):
        for quad in quads:
            strong = width if colour is KEPT else 1.5 * width
            mark_quad(small, quad * scale, colour, width=strong, opacity=0.1, dashed=dashed)
    return _address(small)


def line_picture(image: Path, *, turned: bool = False) -> str:
    """A line picture as an address.

    Raises:
        ImageError: It cannot be read any more.
    """
    picture = load_image(image).picture
    if turned:
        picture = picture.transpose(Image.Transpose.ROTATE_180)
    picture.thumbnail(LINE_SIZE, Image.Resampling.LANCZOS)
    return _address(picture)


def _address(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.save(stream, format="JPEG", quality=_QUALITY)
    return jpeg_address(stream.getvalue())
