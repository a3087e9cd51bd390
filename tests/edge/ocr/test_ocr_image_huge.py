"""Huge pictures are reduced while they are read: in bounded memory, and with a way back to their pixels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.ocr.image import WORKING_PIXELS, load_image

SIDE = 9000
MARK = (6000, 3000, 6060, 3030)

# arguments: picture; prints sizes, the mark's place in the original's pixels, and by how many MB memory grew
READ = """
import sys
import numpy as np
from edge.ocr.image import load_image

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))

before = peak()
image = load_image(sys.argv[1])
grown = peak() - before
rows, columns = np.nonzero(np.asarray(image.picture.convert("L")) < 128)
x, y = image.scale
corners = columns.min() * x, rows.min() * y, (columns.max() + 1) * x, (rows.max() + 1) * y
print(image.width, image.height, *image.picture.size, *corners, grown)
"""


# MB: the decoded picture, its reduced copy of 81 MB, and less than 60 MB for converting by strips
@pytest.mark.parametrize(
    ("mode", "kind", "decoded"), [("1", "PNG", 81), ("L", "JPEG", 21), ("P", "PNG", 81), ("LA", "PNG", 324)]
)
def test_memory_and_scale(mode: str, kind: str, decoded: int, tmp_path: Path) -> None:
    picture = Image.new("L", (SIDE, SIDE), 255)
    picture.paste(0, MARK)
    options = {"compress_level": 1} if kind == "PNG" else {}
    picture.convert(mode).save(tmp_path / "huge", kind, **options)
    words = [sys.executable, "-c", READ, str(tmp_path / "huge")]
    ran = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    width, height, working_width, working_height, *corners, grown = map(float, ran.stdout.split())
    assert (width, height, working_width, working_height) == (SIDE, SIDE, SIDE / 2, SIDE / 2)
    assert np.abs(np.array(corners) - MARK).max() <= 2
    assert grown < decoded + 81 + 60


@pytest.mark.parametrize("kind", ["JPEG", "PPM"])
@pytest.mark.parametrize(("size", "orientation"), [((7001, 5999), 1), ((7001, 5999), 6), ((41_000, 1003), 1)])
def test_odd_sides(kind: str, size: tuple[int, int], orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = Image.new("L", size, 90)
    picture.save(tmp_path / "odd", kind, **({"exif": exif} if kind == "JPEG" else {}))
    image = load_image(tmp_path / "odd")
    turned = orientation == 6 and kind == "JPEG"
    assert (image.width, image.height) == (size[::-1] if turned else size)
    assert image.picture.width * image.picture.height <= WORKING_PIXELS
    # a side that the reduction does not divide has a last pixel of less
    assert image.scale == pytest.approx((2, 2), abs=0.01)


def test_arrays_too() -> None:
    array = np.zeros((7000, 6000), np.uint8)
    array[4000:4004, 1000:1004] = 255
    image = load_image(array)
    assert image.picture.size == (3000, 3500)
    assert image.scale == (2, 2)
    assert np.argwhere(np.asarray(image.picture)[:, :, 0]).tolist() == [
        [y, x] for y in (2000, 2001) for x in (500, 501)
    ]
