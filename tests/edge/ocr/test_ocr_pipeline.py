"""The whole pipeline with the default models on x86 Paddle-Lite, on pages whose text is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from deploy_tools.devices.local import LocalDevice
from deploy_tools.reader import open_ocr
from edge.bundle.bundle import Bundle
from edge.errors import ImageError, PredictorError
from edge.geometry import intersection_over_union
from edge.ocr.pipeline import OCR
from edge.ocr.result import PageResult, TextLine

pytestmark = pytest.mark.embedded

SIZE = (640, 320)
PAPER, INK = (250, 248, 240), (20, 20, 30)
# single words: how wide a space must be is the recognizer's weak point, and not the pipeline's matter
WORDS = (
    ("Harbour", (40, 60), 40),
    ("48.50", (420, 60), 30),
    ("No.20417", (60, 160), 28),
    ("Receipt", (300, 260), 36),
)


def word(text: str, height: int) -> Image.Image:
    font = ImageFont.load_default(height)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text))
    picture = Image.new("RGB", (right - left + 8, bottom - top + 8), PAPER)
    ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=INK, font=font)
    return picture


def page(
    words: Sequence[tuple[str, tuple[int, int], int]] = WORDS, size: tuple[int, int] = SIZE
) -> Image.Image:
    sheet = Image.new("RGB", size, PAPER)
    for text, (x, y), height in words:
        picture = word(text, height)
        sheet.paste(picture, (x, y - picture.height // 2))
    return sheet


def place(text: str) -> np.ndarray:
    """Where a word's ink stands on the page, clockwise from its top left."""
    _, (x, y), height = next(entry for entry in WORDS if entry[0] == text)
    width, high = word(text, height).size
    left, top, right, bottom = x + 4, y - high // 2 + 4, x + width - 4, y - high // 2 + high - 4
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def texts(result: PageResult) -> list[str]:
    return [line.text for line in result.lines]


def values(result: PageResult) -> tuple[object, ...]:
    """Everything but the time it took."""
    return (
        result.width,
        result.height,
        [line.to_json() for line in result.lines],
        [line.score for line in result.lines],
    )


@pytest.fixture(scope="module")
def known(ocr: OCR) -> PageResult:
    return ocr.read(page())


def test_a_page_is_read_in_order_and_every_word_where_it_stands(known: PageResult) -> None:
    assert texts(known) == ["Harbour", "48.50", "No.20417", "Receipt"]
    assert known.text == "Harbour\n48.50\nNo.20417\nReceipt"
    assert (known.width, known.height) == SIZE
    for line in known.lines:
        assert intersection_over_union(line.quad, place(line.text)) > 0.6
        assert np.linalg.norm(line.quad[0] - place(line.text)[0]) < 12
        assert not line.rotated
        assert line.score > 0.9
        assert line.box_score > 0.6
    assert set(known.seconds) == {"load", "detect", "crop", "classify", "recognize"}
    assert min(known.seconds.values()) >= 0


def find(result: PageResult, text: str) -> TextLine:
    (line,) = [line for line in result.lines if line.text == text]
    return line


def test_a_word_that_stands_upside_down_is_turned(ocr: OCR) -> None:
    sheet, (x, y, right, bottom) = page(), (290, 230, 480, 290)
    sheet.paste(sheet.crop((x, y, right, bottom)).transpose(Image.Transpose.ROTATE_180), (x, y))
    result = ocr.read(sheet)
    assert texts(result) == ["Harbour", "48.50", "No.20417", "Receipt"]
    assert [line.rotated for line in result.lines] == [False, False, False, True]
    quad = find(result, "Receipt").quad
    # it begins at the region's bottom right
    assert quad[0] == pytest.approx(quad.max(axis=0), abs=3)
    assert quad[2] == pytest.approx(quad.min(axis=0), abs=3)


def test_without_a_classifier_nothing_is_turned(ocr: OCR) -> None:
    result = OCR(ocr.detector, None, ocr.recognizer, min_score=0.0).read(
        page().transpose(Image.Transpose.ROTATE_180)
    )
    assert len(result.lines) > 0
    assert not any(line.rotated for line in result.lines)
    assert "Harbour" not in texts(result)


@pytest.mark.parametrize(("turn", "first"), [("ROTATE_270", "top right"), ("ROTATE_90", "bottom left")])
def test_a_word_that_runs_downwards_or_upwards(turn: str, first: str, ocr: OCR) -> None:
    sheet = Image.new("RGB", SIZE, PAPER)
    sheet.paste(word("Delivery", 34).transpose(Image.Transpose[turn]), (300, 60))
    (line,) = ocr.read(sheet).lines
    assert line.text == "Delivery"
    assert line.rotated == (turn == "ROTATE_90")
    left, top = line.quad.min(axis=0).tolist()
    right, bottom = line.quad.max(axis=0).tolist()
    assert line.quad[0] == pytest.approx([right, top] if first == "top right" else [left, bottom], abs=3)
    # along the text is the longer side
    assert np.linalg.norm(line.quad[1] - line.quad[0]) > 2 * np.linalg.norm(line.quad[3] - line.quad[0])


def test_a_word_s_text_does_not_depend_on_what_else_is_on_the_page(ocr: OCR, known: PageResult) -> None:
    for alone in WORDS:
        (line,) = ocr.read(page([alone])).lines
        beside = find(known, alone[0])
        assert line.text == beside.text
        assert intersection_over_union(line.quad, beside.quad) > 0.9


def test_results_do_not_depend_on_the_order_of_images(ocr: OCR, known: PageResult) -> None:
    """Equal to the last bit, although sizes and thus the runner's predictors change in between."""
    images = [page(), page(WORDS[:2], (320, 96)), page(WORDS[1:], (500, 500))]
    forwards = [values(ocr.read(image)) for image in images]
    backwards = [values(ocr.read(image)) for image in images[::-1]]
    assert backwards[::-1] == forwards
    assert forwards[0] == values(known)


@pytest.mark.parametrize("kind", ["file", "array"])
def test_files_and_arrays_give_the_same(kind: str, ocr: OCR, known: PageResult, tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    page().save(path)
    assert values(ocr.read(str(path) if kind == "file" else np.asarray(page()))) == values(known)


def test_a_grey_picture_of_16_bit_is_read(ocr: OCR, known: PageResult) -> None:
    deep = np.asarray(page().convert("L")).astype(np.uint16) * 257
    assert texts(ocr.read(deep)) == texts(known)


def test_exif_orientation_is_heeded(ocr: OCR, known: PageResult, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    page().transpose(Image.Transpose.ROTATE_90).save(tmp_path / "phone.png", exif=exif)
    assert values(ocr.read(tmp_path / "phone.png")) == values(known)


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (90, 140, 200)])
def test_an_empty_page_has_no_lines(colour: tuple[int, int, int], ocr: OCR) -> None:
    result = ocr.read(Image.new("RGB", SIZE, colour))
    assert (result.lines, result.text, result.width) == ((), "", 640)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (31, 17), (1, 3000), (3000, 1)])
def test_tiny_and_thin_pictures(size: tuple[int, int], ocr: OCR) -> None:
    result = ocr.read(Image.new("RGB", size, (255, 255, 255)))
    assert (result.width, result.height, result.lines) == (*size, ())


def test_boxes_of_a_huge_picture_are_in_its_own_pixels(ocr: OCR, known: PageResult) -> None:
    huge = np.asarray(page().convert("L")).repeat(15, axis=0).repeat(15, axis=1)
    result = ocr.read(huge)
    assert huge.size > 40_000_000
    assert (result.width, result.height) == (9600, 4800)
    assert texts(result) == texts(known)
    for line in result.lines:
        assert intersection_over_union(line.quad / 15, place(line.text)) > 0.6


def test_lines_of_a_low_score_are_dropped(ocr: OCR, known: PageResult) -> None:
    scores = sorted(line.score for line in known.lines)
    strict = OCR(ocr.detector, ocr.classifier, ocr.recognizer, min_score=scores[2])
    assert [line.score for line in strict.read(page()).lines] == [
        line.score for line in known.lines if line.score >= scores[2]
    ]


def test_a_picture_that_cannot_be_read(ocr: OCR, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file"):
        ocr.read(tmp_path / "absent.png")
    assert texts(ocr.read(page())) == ["Harbour", "48.50", "No.20417", "Receipt"]


def test_a_closed_pipeline_says_so(default_bundles: Mapping[str, Bundle]) -> None:
    opened = open_ocr(default_bundles, LocalDevice())
    opened.close()
    opened.close()
    with pytest.raises(PredictorError, match="is closed; open it again"):
        opened.read(page())
    assert opened.classifier is not None
    for part in (opened.classifier, opened.recognizer):
        with pytest.raises(PredictorError, match="is closed"):
            part.predictor.run([np.zeros((1, 3, 48, 192), np.float32)])
