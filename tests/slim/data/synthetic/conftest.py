"""Dictionaries to draw with."""

from __future__ import annotations

import pytest

from slim.fonts import find_font

ENGLISH = "".join(map(chr, range(0x21, 0x7F)))


@pytest.fixture(scope="session")
def english() -> str:
    """Visible ASCII and the space, which the font embedded in Pillow has."""
    return ENGLISH + " "


@pytest.fixture(scope="session")
def chinese() -> str:
    """The 6763 characters of GB/T 2312, punctuation, visible ASCII and the space."""
    if find_font("永").missing:
        pytest.skip("no installed font has Chinese characters (Debian: fonts-wqy-microhei)")
    cells = [bytes([row, cell]) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)]
    # the last five cells of row 55 are empty
    han = "".join(code.decode("gb2312", errors="ignore") for code in cells)
    return han + "，。：；？！（）《》年月日" + ENGLISH + " "
