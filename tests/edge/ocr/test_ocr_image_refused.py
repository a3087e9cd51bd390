"""Files that are damaged, hostile or no pictures at all: one error of ours, at once, and never a wait."""

from __future__ import annotations

import errno
import io
import os
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge.errors import ImageError
from edge.ocr.image import MAX_PIXELS, check_image, load_image


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int, height: int) -> Image.Image:
    dice = np.random.default_rng(3)
    return Image.fromarray(dice.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(noise(48, 32), "PNG"))
    return path


@pytest.mark.parametrize(
    ("kind", "share"), [(kind, share) for kind in ("JPEG", "PNG", "WEBP") for share in (2, 20)]
)
def test_truncated_files(kind: str, share: int, tmp_path: Path) -> None:
    whole = encoded(noise(90, 80), kind)
    path = tmp_path / "half.jpg"
    path.write_bytes(whole[: len(whole) // share])
    with pytest.raises(ImageError, match=r"half\.jpg: is (damaged \(.+\)|not a picture of a known format); "):
        load_image(path)


NOT_PICTURES = {
    "text": b"Dear Sir or Madam,\n",
    "page": b"<!DOCTYPE html><html><body>404 Not Found</body></html>",
    "lfs pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
    "nul": bytes(5000),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    # Pillow would start Ghostscript for it
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n%%EOF\n",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
}


@pytest.mark.parametrize("content", NOT_PICTURES)
def test_other_files_called_jpg(content: str, tmp_path: Path) -> None:
    path = tmp_path / "renamed.jpg"
    path.write_bytes(NOT_PICTURES[content])
    with pytest.raises(
        ImageError, match=r"renamed\.jpg: is not a picture of a known format; give a JPEG, PNG"
    ):
        load_image(path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(ImageError, match=r"empty\.jpg: is empty \(0 bytes\); "):
        load_image(tmp_path / "empty.jpg")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder; name the pictures in it"):
        load_image(tmp_path)


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (0, 0)])
def test_pictures_without_pixels(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match=rf"^the given image: has no pixels \({size[0]}x{size[1]}\); "):
        load_image(Image.new("RGB", size))


@pytest.mark.timeout(20)
def test_pipes_and_devices_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        for read in (load_image, check_image):
            with pytest.raises(ImageError, match="is not a regular file; save the picture in a file first"):
                read(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("closed", ["file", "folder"])
def test_permission_denied(closed: str, png: Path) -> None:
    locked = png if closed == "file" else png.parent
    locked.chmod(0)
    try:
        with pytest.raises(
            ImageError, match=r"picture\.png: cannot be read \(Permission denied\); check the path"
        ):
            load_image(png)
    finally:
        locked.chmod(0o700)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("x" * 300, os.strerror(errno.ENAMETOOLONG)),
        ("a\0b", "embedded null byte"),
        ("loop", os.strerror(errno.ELOOP)),
        ("picture.png/inside", os.strerror(errno.ENOTDIR)),
    ],
)
def test_paths_that_lead_nowhere(path: str, reason: str, png: Path) -> None:
    (png.parent / "loop").symlink_to("loop")
    with pytest.raises(ImageError) as caught:
        load_image(f"{png.parent}/{path}")
    assert caught.value.found == f"cannot be read ({reason})"


def png_header(width: int, height: int) -> bytes:
    """A PNG that ends where its pixels would begin."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize("size", [(100_000, 100_000), (MAX_PIXELS // 1000 + 1, 1000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_before_they_are_decoded(size: tuple[int, int], tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(*size))
    with pytest.raises(
        ImageError, match=r"pixels,? (more )?than the limit of 175 megapixels; reduce it or cut it"
    ):
        load_image(path)


def test_a_look_at_the_beginning_finds_what_is_no_picture_and_takes_damage_for_one(png: Path) -> None:
    check_image(png)
    png.write_bytes(png.read_bytes()[:60])
    check_image(png)
    for content, message in (
        (b"text", "not a picture of a known format"),
        (b"", "is empty"),
        (png_header(100_000, 100_000), "more than the limit|more pixels than the limit"),
        (png_header(0, 5), "is not a picture|is damaged|has no pixels"),
    ):
        png.write_bytes(content)
        with pytest.raises(ImageError, match=message):
            check_image(png)
    with pytest.raises(ImageError, match="no such file"):
        check_image(png.with_name("absent.png"))


def test_no_damage_gets_past(tmp_path: Path) -> None:
    """Whatever bytes change: a picture or an error of ours, never one of Pillow's, nor a warning."""
    dice = random.Random(8)
    exif = Image.Exif()
    exif[0x0112], exif[282] = 6, 72.0
    kinds = {
        "JPEG": True,
        "PNG": True,
        "TIFF": True,
        "WEBP": True,
        "BMP": False,
        "GIF": False,
        "PPM": False,
        "JPEG2000": False,
    }
    picture = noise(64, 48)
    wholes = [
        encoded(picture, kind, **({"exif": exif} if has_exif else {})) for kind, has_exif in kinds.items()
    ]
    wholes.append(encoded(picture, "TIFF", compression="tiff_lzw"))
    outcomes = {"read": 0, "refused": 0}
    for whole in wholes:
        for _ in range(120):
            damaged = bytearray(whole)
            for _ in range(dice.randrange(1, 6)):
                damaged[dice.randrange(min(len(damaged), dice.choice((60, 400, 10**6))))] = dice.randrange(
                    256
                )
            if dice.random() < 0.3:
                damaged = damaged[: dice.randrange(1, len(damaged))]
            path = tmp_path / "damaged"
            path.write_bytes(damaged)
            try:
                load_image(path)
            except ImageError:
                outcomes["refused"] += 1
            else:
                outcomes["read"] += 1
    assert min(outcomes.values()) > 200
