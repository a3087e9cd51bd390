"""The margin around a line before it is read: what it gains in spaces, and that it costs no words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from operator import itemgetter

from deploy_tools.demo.page import SamplePage, render_sample_page
from edge.geometry import intersection_area, polygon_area
from edge.ocr import OCR
from slim.metrics import character_error_rate
from tests.benchmarks.material import Material, Row, show

MARGINS = (0.0, 0.04, 0.08, 0.12)
PAGES = 6


def measure(material: Material) -> bool:
    """Read rendered pages and ICDAR photographs with several margins, on Paddle."""
    ocr = material.ocr("paddle")
    own = ocr.recognizer.parameters.margin
    # every line counts, however unsure: what is dropped must not depend on the margin
    ocr.min_score = 0.0
    pages = [render_sample_page(seed) for seed in range(PAGES)]
    rows: list[Row] = []
    for margin in MARGINS:
        ocr.recognizer.parameters = dataclasses.replace(ocr.recognizer.parameters, margin=margin)
        spaced, solid, lines = _pages(ocr, material.limited(pages))
        found, words = _words(ocr, material)
        label = f"margin {margin:.2f}{' (default)' if margin == own else ''}"
        rows.append(Row(f"{label}: CER with spaces, without; lines", f"{spaced:.2%}, {solid:.2%}; {lines}"))
        rows.append(Row(f"{label}: ICDAR words found", f"{found} of {words}"))
    ocr.close()
    return show("margin. rendered pages and ICDAR photographs, every line whatever its score", rows)


def _pages(ocr: OCR, pages: Sequence[SamplePage]) -> tuple[float, float, int]:
    """Character error rate with spaces and without, and of how many lines.

    All lines of the pages; one that nothing read covers by more than half is compared as read empty.
    """
    read: list[str] = []
    truth: list[str] = []
    for page in pages:
        lines = ocr.read(page.image).lines
        for known in page.lines:
            shares = [(intersection_area(line.quad, known.quad), line.text) for line in lines]
            share, text = max(shares, key=itemgetter(0), default=(0.0, ""))
            read.append(text if share > 0.5 * polygon_area(known.quad) else "")
            truth.append(known.text)
    solid = [["".join(text.split()) for text in texts] for texts in (read, truth)]
    return character_error_rate(read, truth), character_error_rate(*solid), len(truth)


def _words(ocr: OCR, material: Material) -> tuple[int, int]:
    """Labelled words whose text stands in a line that covers them."""
    found = words = 0
    for page in material.labelled_photographs():
        lines = ocr.read(page.image).lines
        for box in page.boxes:
            if not box.care:
                continue
            words += 1
            half = 0.5 * polygon_area(box.quad)
            covering = [line for line in lines if intersection_area(box.quad, line.quad) > half]
            found += any(box.text.lower() in line.text.lower() for line in covering)
    return found, words
