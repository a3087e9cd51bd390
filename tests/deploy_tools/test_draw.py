from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from build_font import build_font
from PIL import Image, ImageDraw

from deploy_tools.draw import draw_result
from deploy_tools.draw.fitted_text import TextFrame, clean, draw_fitted_text
from edge.ocr.result import TextLine
from slim.draw.marks import draw_badge, mark_quad, mix
from slim.fonts import find_font

BLUE, ORANGE = (29, 99, 220), (222, 84, 10)
LATIN = "".join(map(chr, range(0x21, 0x7F)))


def box(x: float, y: float, width: float, height: float, degrees: float = 0) -> np.ndarray:
    """A rectangle's corners from its top left, turned clockwise about its centre."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - (
        width / 2,
        height / 2,
    )
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned = corners @ np.array([[cosine, sine], [-sine, cosine]])
    return (turned + np.array([x + width / 2, y + height / 2])).astype(np.float32)


def line(
    quad: np.ndarray, text: str = "Total 12.50", score: float = 0.99, *, rotated: bool = False
) -> TextLine:
    return TextLine(quad, text, score, 0.9, rotated)


def inside(quad: np.ndarray, size: tuple[int, int], grow: float = 0) -> np.ndarray:
    """Bool array (H, W): which pixels lie in a quadrilateral."""
    centre = quad.mean(axis=0)
    length = np.linalg.norm(quad - centre, axis=1, keepdims=True)
    mask = Image.new("1", size)
    ImageDraw.Draw(mask).polygon(
        [tuple(point) for point in centre + (quad - centre) * (1 + grow / length)], fill=1
    )
    return np.asarray(mask)


def close_to(picture: np.ndarray, colour: tuple[int, int, int], tolerance: int = 12) -> np.ndarray:
    return (np.abs(picture.astype(int) - colour) <= tolerance).all(axis=-1)


# --- frames -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quad", "degrees", "size"),
    [
        (box(10, 10, 100, 20), 0, (100, 20)),
        (box(10, 10, 100, 20, 8), 8, (100, 20)),
        (box(10, 10, 100, 20, -8), -8, (100, 20)),
        (np.roll(box(10, 10, 100, 20), 2, axis=0), 0, (100, 20)),
        (np.roll(box(10, 10, 100, 20, 8), 2, axis=0), 8, (100, 20)),
        (box(10, 10, 20, 100), 90, (100, 20)),
        (np.roll(box(10, 10, 20, 100), 2, axis=0), -90, (100, 20)),
        (box(10, 10, 20, 25), 0, (20, 25)),
        (np.array([[0, 0], [100, 4], [100, 24], [0, 20]], np.float32), 2.29, (100.08, 20)),
    ],
    ids=[
        "level",
        "falling",
        "rising",
        "upside down",
        "upside down, turned",
        "down",
        "up",
        "one letter",
        "sheared",
    ],
)
def test_frame_of_a_quad(quad: np.ndarray, degrees: float, size: tuple[float, float]) -> None:
    frame = TextFrame.of(quad)
    assert frame.degrees == pytest.approx(degrees, abs=0.01)
    assert (frame.width, frame.height) == pytest.approx(size, abs=0.01)
    assert frame.centre == pytest.approx(tuple(quad.mean(axis=0)))


def test_clean_makes_one_line() -> None:
    assert clean("a\tb\nc\x00d") == "a b c d"


# --- text -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [0, 8, -30, 90])
@pytest.mark.parametrize(
    "text", ["Total 12.50", "gjpqy", "A", "A much longer text than this box has room for it"]
)
def test_text_stays_in_its_box_and_fills_it(text: str, degrees: float) -> None:
    quad = box(60, 180, 280, 40, degrees)
    picture = Image.new("RGB", (400, 400), "white")
    frame = TextFrame(tuple(quad.mean(axis=0)), 280, 40, degrees)
    draw_fitted_text(picture, frame, text, find_font(text), (0, 0, 0))
    ink = np.asarray(picture.convert("L")) < 128
    assert ink.any()
    assert not (ink & ~inside(quad, picture.size, grow=2)).any()
    # its extent along and across the box
    rows, columns = np.nonzero(ink)
    turn = math.radians(degrees)
    along = (columns - frame.centre[0]) * math.cos(turn) + (rows - frame.centre[1]) * math.sin(turn)
    across = (rows - frame.centre[1]) * math.cos(turn) - (columns - frame.centre[0]) * math.sin(turn)
    assert along.min() < -125
    if len(text) > 20:
        assert along.max() > 125
    else:
        assert np.ptp(across) > 16


def test_beginning_of_text_stands_at_the_beginning_of_its_box() -> None:
    """Turned text reads in the direction of its box: a full stop comes last."""
    for degrees, last in ((0, (1, 0)), (90, (0, 1)), (-90, (0, -1))):
        picture = Image.new("RGB", (200, 200), "white")
        draw_fitted_text(
            picture, TextFrame((100, 100), 180, 60, degrees), "MMMM...", find_font("M."), (0, 0, 0)
        )
        rows, columns = np.nonzero(np.asarray(picture.convert("L")) < 128)
        offset = np.array([columns.mean() - 100, rows.mean() - 100])
        # most ink is in the Ms, so the centre of all ink lies away from the stops
        assert float(offset @ np.array(last)) < -5


@pytest.mark.parametrize("text", ["", "   ", "\u200d"])
def test_text_without_ink_draws_nothing(text: str) -> None:
    picture = Image.new("RGB", (60, 30), "white")
    draw_fitted_text(picture, TextFrame((30, 15), 50, 20, 0), text, find_font("a"), (0, 0, 0))
    assert picture.getcolors() == [(1800, (255, 255, 255))]


# --- marks ------------------------------------------------------------------------------------------


def test_mark_outlines_and_tints() -> None:
    picture = Image.new("RGB", (100, 60), "white")
    mark_quad(picture, box(20, 20, 60, 20), BLUE, width=2, opacity=0.2)
    pixels = np.asarray(picture)
    for x, y in ((50, 20), (50, 40), (20, 30), (80, 30)):
        assert close_to(pixels[y, x], BLUE)
    assert tuple(pixels[30, 50]) == mix((255, 255, 255), BLUE, 0.2)
    assert (pixels[:18] == 255).all()
    assert (pixels[42:] == 255).all()


def test_dashed_outline_has_gaps_but_whole_corners() -> None:
    picture = Image.new("RGB", (300, 60), "white")
    mark_quad(picture, box(20, 20, 260, 20), ORANGE, width=2, opacity=0, dashed=True)
    side = close_to(np.asarray(picture)[20, 20:281], ORANGE, 60)
    assert side[1]
    assert side[-3]
    changes = int(np.count_nonzero(np.diff(side.astype(int))))
    assert changes >= 10
    assert 0.4 < side.mean() < 0.8


def test_marks_outside_the_picture_are_cut_off() -> None:
    picture = Image.new("RGB", (50, 50), "white")
    mark_quad(picture, box(200, 200, 60, 20), BLUE, width=2, opacity=0.2)
    assert picture.getcolors() == [(2500, (255, 255, 255))]
    mark_quad(picture, box(-30, 10, 60, 20), BLUE, width=2, opacity=0.2)
    assert tuple(np.asarray(picture)[20, 5]) == mix((255, 255, 255), BLUE, 0.2)


@pytest.mark.parametrize("quad", [box(60, 40, 60, 20), box(2, 2, 60, 20), box(2, 70, 60, 20)])
def test_badges_are_whole_and_beside_their_box(quad: np.ndarray) -> None:
    picture = Image.new("RGB", (200, 100), "white")
    draw_badge(picture, quad, "12  0.55", BLUE, 16)
    rows, columns = np.nonzero(close_to(np.asarray(picture), BLUE))
    assert np.ptp(rows) >= 13
    assert np.ptp(columns) >= 40
    covered = inside(quad, picture.size)[rows, columns].mean()
    # in the corner there is no free place
    assert covered < (0.05 if quad[0, 1] > 10 else 1)


# --- sheets -----------------------------------------------------------------------------------------


def halves(sheet: Image.Image, width: int, height: int, gap: int) -> tuple[np.ndarray, np.ndarray]:
    pixels = np.asarray(sheet)
    photo = pixels[gap : gap + height, gap : gap + width]
    return photo, pixels[gap : gap + height, 2 * gap + width : 2 * gap + 2 * width]


def test_picture_left_and_text_right() -> None:
    grey = (120, 120, 120)
    quads = [box(200, 200, 400, 50), box(200, 400, 400, 50, 9)]
    sheet = draw_result(Image.new("RGB", (800, 600), grey), [line(quad) for quad in quads])
    # 800 pixels are more than the least and less than the usual size: shown as they are
    gap = 30
    assert sheet.width == 2 * 800 + 3 * gap
    photo, panel = halves(sheet, 800, 600, gap)
    marked = np.zeros((600, 800), bool)
    for quad in quads:
        marked |= inside(quad, (800, 600), grow=10)
        corners = quad.round().astype(int)
        assert not close_to(photo[corners[0][1], corners[0][0]], grey).any()
        dark = (panel.sum(axis=-1) < 330) & inside(quad, (800, 600))
        assert dark.sum() > 400
    # badges stand left of the boxes
    free = ~marked
    free[:, :215] = False
    assert close_to(photo[free], grey, 0).all()
    assert (panel[free] == 255).all()


def test_boxes_are_enlarged_with_their_picture() -> None:
    sheet = draw_result(Image.new("RGB", (320, 240), "white"), [line(box(150, 150, 150, 30))])
    photo, panel = halves(sheet, 640, 480, 30)
    enlarged = inside(box(300, 300, 300, 60), (640, 480), grow=4)
    # the badge stands before the box
    assert not (photo[~enlarged & (np.arange(640) > 296)] < 255).any()
    dark = panel.sum(axis=-1) < 330
    assert dark[enlarged].sum() > 400
    assert not dark[~enlarged & (np.arange(640) > 296)].any()


def test_photo_shows_the_picture_itself() -> None:
    noise = Image.effect_noise((700, 500), 60).convert("RGB")
    photo, _ = halves(draw_result(noise, []), 700, 500, 30)
    assert np.array_equal(photo, np.asarray(noise))


@pytest.mark.parametrize(
    ("size", "beside"), [((800, 600), True), ((600, 800), True), ((1200, 700), True), ((1200, 300), False)]
)
def test_wide_pictures_stand_above_their_text(size: tuple[int, int], beside: bool) -> None:
    sheet = draw_result(Image.new("RGB", size), [line(box(10, 10, 200, 40))])
    assert (sheet.width > 1.9 * size[0]) == beside
    assert (sheet.height > 1.9 * size[1]) == (not beside)


def test_doubtful_lines_are_orange_with_their_score() -> None:
    picture = Image.new("RGB", (800, 600), "white")
    quad = box(300, 200, 300, 40)
    sure = np.asarray(draw_result(picture, [line(quad, score=0.8)]))
    doubtful = np.asarray(draw_result(picture, [line(quad, score=0.79)]))
    stricter = np.asarray(draw_result(picture, [line(quad, score=0.8)], low_score=0.9))
    assert not close_to(sure, ORANGE).any()
    assert close_to(sure, BLUE).any()
    for sheet in (doubtful, stricter):
        assert not close_to(sheet, BLUE).any()
        # the badge holds the score too: it is wider than that of a sure line
        assert close_to(sheet[:, :320], ORANGE).sum() > 1.5 * close_to(sure[:, :320], BLUE).sum()


def test_upside_down_lines_are_marked_and_shown_upright() -> None:
    picture, quad = Image.new("RGB", (800, 600), "white"), box(300, 200, 300, 40)
    upright = np.asarray(draw_result(picture, [line(quad)]))
    turned = np.asarray(draw_result(picture, [line(np.roll(quad, 2, axis=0), rotated=True)]))
    right_half = slice(30 + 800 + 30 + 302, None)  # from where the box begins, without badges
    assert np.array_equal(upright[:, right_half], turned[:, right_half])
    assert close_to(turned[:, :330], BLUE).sum() > 1.5 * close_to(upright[:, :330], BLUE).sum()


def test_reduced_copy_gives_the_same_picture_as_its_original() -> None:
    lines = [line(box(600, 600, 1200, 120)), line(box(600, 1200, 1200, 120, 9), score=0.5)]
    original = draw_result(Image.new("RGB", (3000, 2000), "white"), lines)
    reduced = draw_result(Image.new("RGB", (600, 400), "white"), lines, size=(3000, 2000))
    assert reduced.tobytes() == original.tobytes()


@pytest.mark.parametrize(
    ("size", "height", "shown"),
    [
        ((1, 1), 1, (8, 8)),
        ((60, 20), 18, (480, 160)),
        ((300, 300), 12, (640, 640)),
        ((1000, 1000), 30, (1000, 1000)),
        ((3000, 2000), 60, (1400, 933)),
        ((5000, 4000), 40, (2250, 1800)),
        ((9000, 6000), 30, (2600, 1733)),
        ((3, 3000), 2, (3, 2600)),
    ],
    ids=["pixel", "stamp", "small", "usual", "photograph", "drawing", "fine drawing", "strip"],
)
def test_size_of_the_halves(size: tuple[int, int], height: int, shown: tuple[int, int]) -> None:
    """Small pictures are enlarged, at most 8 times; large ones reduced while lines keep a height of 18."""
    sheet = draw_result(Image.new("L", size, 255), [line(box(0, 0, size[0], height), "Text")])
    caption = max(15, round(max(shown) / 72))
    gap, leading = 2 * caption, round(1.5 * caption)
    if shown[0] <= 1.8 * shown[1]:
        assert sheet.size == (2 * shown[0] + 3 * gap, shown[1] + 2 * gap + leading)
    else:
        assert sheet.size == (shown[0] + 2 * gap, 2 * shown[1] + 3 * gap + leading)


def test_missing_fonts_are_told_in_the_caption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_font(tmp_path / "latin.ttf", LATIN + " ")
    monkeypatch.setenv("PPOCR_EDGE_FONTS", str(tmp_path))
    picture, quad = Image.new("RGB", (800, 600), "white"), box(300, 200, 300, 40)
    covered = draw_result(picture, [line(quad, "Paper")])
    missing = draw_result(picture, [line(quad, "纸品 Paper")])
    assert missing.height == covered.height + 22  # one more line of the caption


def test_every_line_uses_a_font_that_covers_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_font(tmp_path / "latin.ttf", LATIN + " ")
    build_font(tmp_path / "chinese.ttf", "纸品", family="Test Hei", top=300)
    monkeypatch.setenv("PPOCR_EDGE_FONTS", str(tmp_path))
    quads = box(300, 100, 80, 40), box(300, 300, 80, 40)
    sheet = draw_result(Image.new("RGB", (800, 600), "white"), [line(quads[0], "AB"), line(quads[1], "纸品")])
    _, panel = halves(sheet, 800, 600, 30)
    dark = panel.sum(axis=-1) < 330
    heights = [np.ptp(np.nonzero(dark & inside(quad, (800, 600)))[0]) for quad in quads]
    assert heights[0] > 1.8 * heights[1] > 0


def test_no_lines_and_no_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_FONTS", str(tmp_path))
    picture = Image.new("RGB", (800, 600), "white")
    empty, full = draw_result(picture, []), draw_result(picture, [line(box(300, 200, 300, 40))])
    assert empty.size == full.size
    # the caption is there: dark pixels below both halves
    for sheet in (empty, full):
        assert (np.asarray(sheet)[30 + 600 + 8 :].min(axis=-1) < 120).any()


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK", "I;16"])
def test_pictures_of_any_mode(mode: str) -> None:
    white = Image.new("RGB", (700, 500), "white")
    picture = Image.new("I;16", white.size, 65535) if mode == "I;16" else white.convert(mode)
    photo, _ = halves(draw_result(picture, []), 700, 500, 30)
    assert (photo == 255).all()


@pytest.mark.parametrize(
    "quad",
    [
        box(10, 10, 0, 0),
        box(10, 10, 300, 0),
        box(-50, 20, 100, 30),
        box(690, 480, 200, 60),
        box(900, 900, 50, 20),
    ],
    ids=["point", "segment", "partly left", "partly right", "outside"],
)
def test_odd_boxes_leave_the_others_as_they_are(quad: np.ndarray) -> None:
    picture, sound = Image.new("RGB", (700, 500), "white"), box(300, 200, 300, 40)
    alone = np.asarray(draw_result(picture, [line(sound)]))
    both = np.asarray(draw_result(picture, [line(sound), line(quad, "x\ny", 0.1)]))
    window = (slice(30 + 195, 30 + 245), slice(30 + 260, 30 + 605))
    assert np.abs(alone[window].astype(int) - both[window]).mean() < 8
