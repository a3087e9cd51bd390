"""The picture of the worst cases: what it shows where, whatever the sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.errors import ImageError
from edge.ocr.result import TextBox
from slim.data.labels import LabelledBox
from slim.draw.sheet import GROUND, IGNORED, MISSED, PANEL, RIGHT, WRONG, fitted, headline, tiled, write
from slim.draw.worst import draw_worst
from slim.evaluation import ClassificationEvaluation, DetectionEvaluation, Evaluation, RecognitionEvaluation
from slim.evaluation.classification import AngleCase
from slim.evaluation.detection import PageCase
from slim.evaluation.recognition import LineCase


def quad(x: float, y: float, width: float = 200, height: float = 40) -> np.ndarray:
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float32)


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    """A photograph without any colour of a mark."""
    path = tmp_path / "grey.png"
    Image.new("RGB", (920, 575), (200, 200, 200)).save(path)
    return path


def reddish(picture: Image.Image, colour: tuple[int, int, int]) -> np.ndarray:
    """Bool array (H, W): which pixels have a colour, up to the mixing of edges."""
    difference = np.abs(np.asarray(picture).astype(int) - colour).max(axis=2)
    found: np.ndarray = difference < 30
    return found


def page(
    image: Path, labels: list[np.ndarray], found: list[np.ndarray], ignored: list[np.ndarray]
) -> PageCase:
    boxes = [LabelledBox(one, "text", care=True) for one in labels]
    boxes += [LabelledBox(one, "###", care=False) for one in ignored]
    return PageCase(image, tuple(boxes), tuple(TextBox(one, 0.9) for one in found))


def test_boxes_are_marked_by_what_became_of_them(grey: Path) -> None:
    case = page(
        grey,
        labels=[quad(60, 60), quad(60, 260)],
        found=[quad(60, 60), quad(600, 260), quad(600, 460)],
        ignored=[quad(600, 460), quad(0, 0, 20, 10), quad(890, 560, 29, 14)],
    )
    picture = draw_worst(DetectionEvaluation((case,)), names=("net", ""))
    places = {colour: np.argwhere(reddish(picture, colour)) for colour in (RIGHT, MISSED, WRONG)}
    # labels in its corners: the whole photograph is shown, at its own size, right of a margin
    assert picture.width == 920 + 2 * 28
    top = int(places[RIGHT][:, 0].min()) - 60
    for colour, (x, y) in {RIGHT: (60, 60), MISSED: (60, 260), WRONG: (600, 260)}.items():
        rows, columns = places[colour].T
        assert rows.min() - top == pytest.approx(y, abs=4), colour
        assert rows.max() - top == pytest.approx(y + 40, abs=4), colour
        assert columns.min() - 28 == pytest.approx(x, abs=4), colour
        assert columns.max() - 28 == pytest.approx(x + 200, abs=4), colour
    inside = reddish(picture, IGNORED)[top + 455 : top + 505, 28 + 595 : 28 + 805]
    assert inside.any(), "what does not count is grey"


def test_missed_text_stays_legible(grey: Path) -> None:
    case = page(grey, labels=[quad(60, 60)], found=[], ignored=[])
    picture = np.asarray(draw_worst(DetectionEvaluation((case,))))
    rows, columns = np.argwhere(reddish(Image.fromarray(picture), MISSED)).T
    inside = picture[rows.min() + 8 : rows.max() - 8, columns.min() + 8 : columns.max() - 8]
    assert (inside == 200).all()


def test_with_another_network_both_are_drawn_side_by_side(grey: Path) -> None:
    before = page(grey, labels=[quad(60, 60)], found=[quad(60, 60)], ignored=[])
    after = page(grey, labels=[quad(60, 60)], found=[], ignored=[])
    picture = draw_worst(DetectionEvaluation((after,)), DetectionEvaluation((before,)), names=("new", "old"))
    middle = picture.width // 2
    right, missed = (np.argwhere(reddish(picture, colour))[:, 1] for colour in (RIGHT, MISSED))
    assert right.max() < middle < missed.min()


@pytest.mark.parametrize("size", [(40, 30), (30, 400), (2000, 90), (3, 3)])
def test_photographs_of_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "page.png"
    Image.new("RGB", size, "white").save(path)
    case = page(path, labels=[quad(1, 1, size[0] / 2, size[1] / 2)], found=[], ignored=[])
    outside = page(path, labels=[quad(5000, 5000)], found=[], ignored=[])
    for one in (case, outside):
        picture = draw_worst(DetectionEvaluation((one,)))
        assert picture.width <= 920 + 2 * 28
        assert picture.height < 800


@pytest.fixture
def words(tmp_path: Path) -> Path:
    path = tmp_path / "word.png"
    Image.new("RGB", (160, 32), (240, 230, 200)).save(path)
    return path


def test_wrong_characters_are_red(words: Path) -> None:
    texts = [("Total 48.50", "Tota1 48.50"), ("合计", ""), ("short", "short, but longer " * 9)]
    cases = tuple(LineCase(words, text, read, 0.5) for text, read in texts)
    right = LineCase(words, "fine", "fine", 0.99)
    picture = draw_worst(RecognitionEvaluation((*cases, right)))
    assert reddish(picture, MISSED).sum() > 100
    assert not reddish(draw_worst(RecognitionEvaluation((right,))), MISSED).any()
    one = draw_worst(RecognitionEvaluation((cases[0],)))
    red = np.argwhere(reddish(one, MISSED))
    dark = np.argwhere(np.asarray(one).max(axis=2) < 80)
    dark = dark[dark[:, 0] > red[:, 0].min() - 20]
    # the sixth character of eleven alone
    assert dark[:, 1].min() < red[:, 1].min()
    assert red[:, 1].max() < dark[:, 1].max()


def test_long_texts_stay_on_their_card(words: Path) -> None:
    case = LineCase(words, "nothing of it" * 3, "x" * 400, 0.5)
    picture = np.asarray(draw_worst(RecognitionEvaluation((case,))))
    assert (picture[:, -28:] == GROUND).all(), "nothing is written over the margin"


def test_angles_are_shown_as_they_were_judged(tmp_path: Path) -> None:
    path = tmp_path / "half.png"
    half = Image.new("RGB", (100, 40), (255, 255, 255))
    half.paste((0, 128, 0), (0, 0, 50, 40))
    half.save(path)
    for case, left in ((AngleCase(path, 0.97, 1.0), True), (AngleCase(path, 0.0, 0.1), False)):
        green = np.argwhere(reddish(draw_worst(ClassificationEvaluation((case,), 0.9)), (0, 128, 0)))
        # the crop stands in the middle of its card, which begins at the margin
        assert bool(green[:, 1].mean() < 28 + 430 / 2) is left


def test_a_kind_of_its_own_is_drawn_alone(words: Path, grey: Path) -> None:
    lines = RecognitionEvaluation((LineCase(words, "a", "b", 1),))
    pages = DetectionEvaluation((page(grey, [], [], []),))
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw_worst(lines, pages)


@pytest.mark.parametrize(
    "evaluation",
    [
        RecognitionEvaluation((LineCase(Path("none.png"), "a", "a", 1),)),
        ClassificationEvaluation((AngleCase(Path("none.png"), 0, 1),), 0.9),
        DetectionEvaluation((PageCase(Path("none.png"), (), ()),)),
    ],
)
def test_without_mistakes_there_is_a_heading_alone(evaluation: Evaluation) -> None:
    picture = draw_worst(evaluation)
    assert picture.height < 140
    assert np.asarray(picture).min() < 60, "it says so"


def test_a_picture_that_went_away(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="gone"):
        draw_worst(RecognitionEvaluation((LineCase(tmp_path / "gone.png", "a", "b", 1),)))


def test_as_many_cases_as_wanted(words: Path) -> None:
    cases = tuple(LineCase(words, "abc", "x", 1) for _ in range(50))
    heights = [draw_worst(RecognitionEvaluation(cases), count=count).height for count in (1, 2, 3, None)]
    assert heights[0] == heights[1] < heights[2] < heights[3]


@pytest.mark.parametrize(
    ("against", "shown", "expected"),
    [
        (None, 6, "net: mistakes on 9 of 40 lines; the worst 6"),
        (None, 9, "net: mistakes on 9 of 40 lines"),
        ("old", 9, "net: lost against old on 9 of 40 lines"),
    ],
)
def test_headings(against: str | None, shown: int, expected: str) -> None:
    assert headline("net", against, shown, 9, 40, "lines") == expected


def test_tiles_stand_in_columns() -> None:
    tiles = [Image.new("RGB", (100, 30 + 10 * number), PANEL) for number in range(3)]
    sheet = np.asarray(tiled(tiles, 2, "three", "white on grey"))
    white = (sheet == PANEL).all(axis=2)
    rows = np.flatnonzero(white[:, 28:128].all(axis=1))
    assert len(rows) == 30 + 50, "the first and the third in the left column"
    assert white[:, 28 + 100 + 16 : 28 + 216].all(axis=1).sum() == 40


def test_text_is_cut_to_its_room() -> None:
    image = Image.new("RGB", (300, 40), PANEL)
    assert write(image, (0, 30), "a long line of text", 20, room=80) <= 80
    assert (np.asarray(image)[:, 90:] == PANEL[0]).all()
    assert write(image, (0, 30), "short", 20, room=80) < 80


def test_small_pictures_are_enlarged_so_far() -> None:
    assert fitted(Image.new("RGB", (10, 10)), 100, 100, largest=4).size == (40, 40)
    assert fitted(Image.new("RGB", (1000, 10)), 100, 100).size == (100, 1)
