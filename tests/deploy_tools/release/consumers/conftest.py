"""A release of the three default models, unpacked, and a page with what ppocr-edge reads on it."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from deploy_tools.devices import find_device
from deploy_tools.reader import open_ocr
from edge.bundle.bundle import Bundle
from edge.ocr.result import Recognition
from slim.fonts import find_font

TEXTS = ("Harbour & Finch, 14 Quayside Road", "1,537.86 EUR", "Paid on 2025-11-26", "upside down")


@dataclass(frozen=True)
class Sample:
    """A page and its lines.

    Attributes:
        page: PNG, with level lines of which the last stands upside down.
        lines: PPM of each, as it stands.
        read: What ppocr-edge reads on the page, from top to bottom.
        recognized: What its recognizer reads on each of the lines but the last.
    """

    page: Path
    lines: Sequence[Path]
    read: Sequence[str]
    recognized: Sequence[Recognition]


@pytest.fixture(scope="session")
def sample(default_bundles: Mapping[str, Bundle], tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Use with ``@pytest.mark.embedded``."""
    folder = tmp_path_factory.mktemp("sample")
    page, pictures = draw_page()
    page.save(folder / "page.png")
    lines = [folder / f"line{number}.ppm" for number in range(len(pictures))]
    for path, picture in zip(lines, pictures, strict=True):
        picture.save(path)
    ocr = open_ocr(default_bundles, find_device("local"))
    try:
        read = [line.text for line in ocr.read(folder / "page.png").lines]
        recognized = ocr.recognizer.recognize(pictures[:-1])
    finally:
        ocr.close()
    assert len(read) == len(TEXTS)
    return Sample(folder / "page.png", lines, read, recognized)


def draw_page() -> tuple[Image.Image, list[Image.Image]]:
    """The page, and a cut-out of each of its lines."""
    font = find_font("".join(TEXTS)).load(30)
    page, cuts = Image.new("RGB", (800, 320), (250, 248, 240)), []
    for row, text in enumerate(TEXTS):
        left, top, right, bottom = map(int, font.getbbox(text))
        line = Image.new("RGB", (right - left + 8, bottom - top + 8), (250, 248, 240))
        ImageDraw.Draw(line).text((4 - left, 4 - top), text, fill=(20, 30, 60), font=font)
        if row == len(TEXTS) - 1:
            line = line.transpose(Image.Transpose.ROTATE_180)
        page.paste(line, (40, 30 + 70 * row))
        cuts.append(line)
    return page, cuts


@pytest.fixture(scope="session")
def unpacked(default_bundles: Mapping[str, Bundle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive for this host as somebody has it who has nothing else; with ``@pytest.mark.embedded``."""
    return release_folder(list(default_bundles.values()), "linux-x86_64", tmp_path_factory.mktemp("release"))


def release_folder(
    bundles: Sequence[Bundle], target: str, folder: Path, lite_home: Path | None = None
) -> Path:
    """Package bundles, and unpack the archive."""
    from deploy_tools.release.gathering import gather
    from deploy_tools.release.package import write_release
    from deploy_tools.release.request import PackageRequest

    homes = [] if lite_home is None else [f"{target}={lite_home}"]
    folders = [bundle.folder for bundle in bundles]
    request = PackageRequest(folders, (target,), "ppocr", "1.2.0", allow=["no-gates"], lite_homes=homes)
    written = write_release(gather(request), folder)
    with tarfile.open(written.folder / f"ppocr-1.2.0-{target}.tar.gz") as archive:
        archive.extractall(folder / "unpacked", filter="data")
    return folder / "unpacked" / "ppocr-1.2.0"
