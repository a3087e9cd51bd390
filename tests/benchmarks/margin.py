"""The margin around a line before it is read: what it gains in spaces, and that it costs no words."""

from __future__ import annotations

import dataclasses

from deploy_tools.demo.page import render_sample_page
from edge.geometry import intersection_area, polygon_area
from edge.ocr import OCR
from slim.data.labels import read_detection_labels
from slim.metrics import character_error_rate
from tests.benchmarks.material import Material, show

MARGINS = (0.0, 0.04, 0.08, 0.12)
PAGES = 6


def measure(material: Material) -> None:
    """Read rendered pages and ICDAR photographs with several margins, on Paddle."""
    ocr = material.ocr("paddle")
    own = ocr.recognizer.parameters.margin
    rows: list[tuple[str, object]] = []
    for margin in MARGINS:
        ocr.recognizer.parameters = dataclasses.replace(ocr.recognizer.parameters, margin=margin)
        spaced, solid = _pages(ocr)
        found, words = _words(ocr, material)
        label = f"margin {margin:.2f}{' (default)' if margin == own else ''}"
        rows.append((f"{label}: CER with spaces, without", f"{spaced:.2%}, {solid:.2%}"))
        rows.append((f"{label}: ICDAR words found", f"{found} of {words}"))
    ocr.close()
    show(f"margin. {PAGES} rendered pages, 80 photographs", rows)


def _pages(ocr: OCR) -> tuple[float, float]:
    """Character error rate over lines that were found whole, with and without spaces."""
    read: list[str] = []
    truth: list[str] = []
    for seed in range(PAGES):
        page = render_sample_page(seed)
        lines = ocr.read(page.image).lines
        for known in page.lines:
            shares = [intersection_area(line.quad, known.quad) for line in lines]
            best = max(range(len(lines)), key=shares.__getitem__)
            if shares[best] > 0.5 * polygon_area(known.quad):
                read.append(lines[best].text)
                truth.append(known.text)
    solid = [["".join(text.split()) for text in texts] for texts in (read, truth)]
    return character_error_rate(read, truth), character_error_rate(*solid)


def _words(ocr: OCR, material: Material) -> tuple[int, int]:
    """Labelled words whose text stands in a line that covers them."""
    found = words = 0
    for page in read_detection_labels(material.shared / "images" / "icdar2015" / "det_evaluation.txt"):
        lines = ocr.read(page.image).lines
        for box in page.boxes:
            if not box.care:
                continue
            words += 1
            half = 0.5 * polygon_area(box.quad)
            covering = [line for line in lines if intersection_area(box.quad, line.quad) > half]
            found += any(box.text.lower() in line.text.lower() for line in covering)
    return found, words
