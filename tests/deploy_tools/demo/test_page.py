from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from build_font import build_font

from deploy_tools.demo.canvas import PageLine
from deploy_tools.demo.page import HEIGHT, WIDTH, SamplePage, render_sample_page
from edge.geometry import intersection_over_union
from edge.ocr.crop import crop_line

CHINESE = ["供应商：海湾纸品有限公司", "电话：0755-5550 1234", "易碎物品，小心轻放"]
SEEDS = range(6)


@cache
def rendered(seed: int) -> SamplePage:
    return render_sample_page(seed)


@pytest.fixture
def page() -> SamplePage:
    return rendered(0)


def line_of(page: SamplePage, beginning: str) -> PageLine:
    (line,) = (line for line in page.lines if line.text.startswith(beginning))
    return line


def degrees(line: PageLine) -> float:
    x, y = line.quad[1] - line.quad[0]
    return math.degrees(math.atan2(y, x))


def test_page_is_an_rgb_picture_of_the_promised_size(page: SamplePage) -> None:
    assert (page.image.mode, page.image.size) == ("RGB", (WIDTH, HEIGHT))
    assert len(page.lines) >= 55


def test_same_seed_gives_the_same_page_and_another_seed_another(page: SamplePage) -> None:
    again, other = render_sample_page(), render_sample_page(1)
    assert again.image.tobytes() == page.image.tobytes()
    assert [line.text for line in again.lines] == [line.text for line in page.lines]
    assert all(np.array_equal(a.quad, b.quad) for a, b in zip(again.lines, page.lines, strict=True))
    assert [line.text for line in other.lines] != [line.text for line in page.lines]


def test_quads_hold_all_ink_of_their_line_and_little_else(page: SamplePage) -> None:
    for line in page.lines:
        crop = np.asarray(crop_line(page.image, line.quad).convert("L"), np.float32)
        ink = np.abs(crop - np.median(crop)) > 35
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        height, width = ink.shape
        assert 0 < rows[0] <= 6, line.text
        assert height - 7 <= rows[-1] < height - 1, line.text
        assert 0 < columns[0] <= 7, line.text
        assert width - 8 <= columns[-1] < width - 1, line.text


@pytest.mark.parametrize("seed", SEEDS)
def test_quads_lie_on_the_page_clockwise_and_apart(seed: int) -> None:
    quads = [line.quad for line in rendered(seed).lines]
    for place, quad in enumerate(quads):
        assert quad.shape == (4, 2)
        assert quad.dtype == np.float32
        assert (quad >= 0).all()
        assert (quad <= (WIDTH, HEIGHT)).all()
        (ax, ay), (bx, by) = quad[1] - quad[0], quad[3] - quad[0]
        assert ax * by - ay * bx > 0
        for other in quads[place + 1 :]:
            assert intersection_over_union(quad, other) == 0


def test_stamp_is_turned_and_slip_stands_on_its_head(page: SamplePage) -> None:
    stamp = [degrees(line_of(page, beginning)) for beginning in ("RECEIVED", "Checked by")]
    assert all(-10 <= angle <= -7 for angle in stamp)
    slip = line_of(page, "Return this slip")
    assert abs(degrees(slip)) == pytest.approx(180)
    assert slip.quad[0, 0] > slip.quad[1, 0]
    assert slip.quad[0, 1] > slip.quad[3, 1]
    level = [line for line in page.lines if abs(degrees(line)) < 0.01]
    assert len(level) == len(page.lines) - 4


@pytest.mark.parametrize("seed", SEEDS)
def test_sums_are_right(seed: int) -> None:
    """The numbers are believable to whoever adds them up."""
    texts = [line.text for line in rendered(seed).lines]
    numbers = [int(text.replace(".", "").replace(",", "")) for text in texts if text[-3:-2] == "."]
    *rows, subtotal, vat, total = numbers
    prices, amounts = rows[0::2], rows[1::2]
    quantities = [int(text) for text in texts if text.isdigit() and len(text) < 3]
    assert amounts == [quantity * price for quantity, price in zip(quantities, prices, strict=True)]
    assert subtotal == sum(amounts)
    assert vat == pytest.approx(subtotal * 0.2, abs=0.5)
    assert total == subtotal + vat


def test_chinese_only_where_a_font_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PPOCR_EDGE_FONTS", str(tmp_path))
    without = render_sample_page()
    assert all(text.isascii() for text, _ in without.lines)
    # another variable value: the fonts of one are looked through once per process
    build_font(tmp_path / "more" / "hei.ttf", "".join(CHINESE), family="Test Hei")
    monkeypatch.setenv("PPOCR_EDGE_FONTS", str(tmp_path / "more"))
    chinese = render_sample_page()
    assert [text for text, _ in chinese.lines if not text.isascii()] == CHINESE
    assert len(chinese.lines) == len(without.lines) + 3


def test_fonts_differ_where_they_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the looks asked for is used: a page without that font looks different."""
    latin = "".join(map(chr, range(0x21, 0x7F)))
    for kind, top in (("sans", 700), ("serif", 650), ("mono", 600)):
        build_font(tmp_path / kind / f"{kind}.ttf", latin, family=f"Test {kind}", kind=kind, top=top)
    pages = []
    for folders in ("sans", "sans:serif", "sans:mono", "sans:serif:mono"):
        monkeypatch.setenv(
            "PPOCR_EDGE_FONTS", os.pathsep.join(str(tmp_path / name) for name in folders.split(":"))
        )
        pages.append(render_sample_page().image.tobytes())
    assert len(set(pages)) == 4
