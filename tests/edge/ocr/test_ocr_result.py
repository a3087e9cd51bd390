"""Results as plain values for machines, and as text for people."""

from __future__ import annotations

import json

import numpy as np

from edge.ocr.result import PageResult, TextLine

QUAD = np.array([[1.04, 2.06], [101.96, 2], [102, 30.25], [1, 30]], np.float32)
LINE = TextLine(QUAD, "中文 “a”", 0.98768, 0.7, rotated=True)


def test_a_line_as_json() -> None:
    assert json.loads(json.dumps(LINE.to_json())) == {
        "text": "中文 “a”",
        "score": 0.9877,
        "box_score": 0.7,
        "rotated": True,
        "quad": [[1.0, 2.1], [102.0, 2.0], [102.0, 30.2], [1.0, 30.0]],
    }


def test_a_page_as_json() -> None:
    page = PageResult(640, 480, (LINE, LINE), {"detect": 0.123456, "recognize": 2.0})
    assert json.loads(json.dumps(page.to_json())) == {
        "width": 640,
        "height": 480,
        "lines": [LINE.to_json(), LINE.to_json()],
        "seconds": {"detect": 0.1235, "recognize": 2.0},
    }


def test_a_page_as_text() -> None:
    other = TextLine(QUAD, "b", 1.0, 1.0)
    assert PageResult(1, 1, (LINE, other)).text == "中文 “a”\nb"


def test_an_empty_page() -> None:
    page = PageResult(3, 2, ())
    assert page.text == ""
    assert page.to_json() == {"width": 3, "height": 2, "lines": [], "seconds": {}}
