"""The pictures of a report that stand in its documentation: ``python -m tests.screenshots PAGE FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from tests.chromium import Chromium, chromium

_COLOURS = 128
_WIDE = ["header.top", "#summary", "#matrix", "#trade-off > .panel", "#sweeps", "#history"]
_WIDE += ["#sustained", "#distributions .case:nth-of-type(3)"]
_NARROW = ["#matrix", "#pictures", "#distributions .case:nth-of-type(3)"]


def main() -> None:
    """Write ``report-wide.png`` and ``report-phone.png``."""
    page, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    with chromium() as browser:
        browser.open(page, width=1400)
        _take(browser, folder / "report-wide.png", _WIDE)
        browser.open(page, width=390, dark=True)
        _take(browser, folder / "report-phone.png", _NARROW)


def _take(browser: Chromium, target: Path, selectors: list[str]) -> None:
    """Parts of the page below each other, in few colours: flat areas need no more."""
    parts = []
    for selector in selectors:
        browser.screenshot(target, selector=selector)
        with Image.open(target) as shot:
            parts.append(shot.convert("RGB"))
    whole = Image.new("RGB", (parts[0].width, sum(part.height for part in parts)))
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    whole.quantize(_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main()
