"""Picture files of every kind, however they are named, turned or coded."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edge.errors import ImageError
from edge.ocr.image import load_image

# EXIF orientation -> how the upright picture was turned before it was stored
STORED_BY = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
LOSSLESS = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True}}
KINDS = {
    **LOSSLESS,
    "JPEG": {"quality": 95, "subsampling": 0},
    "BMP": {},
    "GIF": {},
    "PPM": {},
    "JPEG2000": {},
}


def photograph() -> Image.Image:
    """48x32 pixels that no turn or mirror maps onto themselves."""
    picture = Image.new("RGB", (48, 32), (230, 230, 230))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 15, 15), fill=(200, 0, 0))
    draw.rectangle((32, 0, 47, 7), fill=(0, 0, 200))
    return picture


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(path: Path) -> np.ndarray:
    return np.asarray(load_image(path).picture).astype(int)


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(photograph(), "PNG"))
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_are_told_by_content_not_by_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "scan.dat"
    path.write_bytes(encoded(photograph(), kind, **KINDS[kind]))
    image = load_image(path)
    assert (image.picture.mode, image.picture.size, image.scale) == ("RGB", (48, 32), (1, 1))
    assert np.abs(pixels(path) - np.asarray(photograph())).mean() < 3


@pytest.mark.parametrize("orientation", STORED_BY)
@pytest.mark.parametrize("kind", [*LOSSLESS, "JPEG"])
def test_every_orientation_gives_the_upright_picture(kind: str, orientation: int, tmp_path: Path) -> None:
    stored, turn, exif = photograph(), STORED_BY[orientation], Image.Exif()
    if turn is not None:
        stored = stored.transpose(turn)
    exif[0x0112] = orientation
    path = tmp_path / "photo"
    path.write_bytes(encoded(stored, kind, exif=exif, **KINDS[kind]))
    image = load_image(path)
    assert (image.width, image.height) == image.picture.size == (48, 32)
    difference = np.abs(np.asarray(image.picture).astype(int) - np.asarray(photograph()))
    assert difference.max() <= (0 if kind in LOSSLESS else 60)
    assert difference.mean() < 2


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_changes_nothing(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo"
    path.write_bytes(encoded(photograph(), "PNG", exif=exif))
    assert np.array_equal(pixels(path), np.asarray(photograph()))


def test_damaged_exif_does_not_make_a_picture_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "photo.webp"
    path.write_bytes(encoded(photograph(), "WEBP", lossless=True, exif=b"Exif\0\0MM\xff*garbage"))
    with Image.open(path) as opened, pytest.raises(SyntaxError):
        opened.getexif()  # or this test shows nothing
    assert np.array_equal(pixels(path), np.asarray(photograph()))


def test_of_an_animation_the_first_frame_is_read(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))]
    for kind in ("GIF", "WEBP", "TIFF"):
        path = tmp_path / kind
        frames[0].save(path, kind, save_all=True, append_images=frames[1:])
        assert np.abs(pixels(path)[0, 0] - (200, 0, 0)).max() < 5, kind


def test_cmyk_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    path.write_bytes(encoded(photograph().convert("CMYK"), "JPEG", quality=95))
    assert np.abs(pixels(path) - np.asarray(photograph())).mean() < 4


def test_16_bit_png_keeps_its_shades(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    shades = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    Image.fromarray(shades).save(path)
    assert np.abs(pixels(path)[:, :, 0].ravel() - np.arange(256)).max() <= 1


@pytest.mark.parametrize(
    "name", ["a b.png", "q'uo\"te.png", "new\nline.png", "tab\t.png", "图像 é.png", "-rf.png"]
)
def test_names_of_every_kind(name: str, png: Path) -> None:
    assert load_image(png.rename(png.with_name(name))).width == 48
    with pytest.raises(ImageError) as caught:
        load_image(png.with_name(f"absent {name}"))
    assert caught.value.one_line().endswith(": no such file; check the path")
    assert "\n" not in str(caught.value)


def test_a_name_that_is_not_utf_8(png: Path) -> None:
    renamed = png.rename(png.with_name(os.fsdecode(b"caf\xe9.png")))
    assert load_image(renamed).height == 32


def test_pil_images_and_arrays_are_left_as_they_are(png: Path) -> None:
    picture, array = photograph(), np.asarray(photograph()).copy()
    picture.getexif()[0x0112] = 6
    before = picture.tobytes(), dict(picture.info), dict(picture.getexif()), array.tobytes()
    turned = load_image(picture)
    assert turned.picture.size == (32, 48)
    for loaded in (turned, load_image(array)):
        loaded.picture.paste((1, 2, 3), (0, 0, 20, 20))
    assert (picture.tobytes(), dict(picture.info), dict(picture.getexif()), array.tobytes()) == before


def test_a_pil_image_that_is_not_read_yet(png: Path) -> None:
    with Image.open(png) as lazy:
        assert load_image(lazy).width == 48
    png.write_bytes(png.read_bytes()[:90])
    with Image.open(png) as broken, pytest.raises(ImageError, match=r"picture\.png: is damaged \("):
        load_image(broken)


def test_one_pixel(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("1", (1, 1), 1).save(path)
    image = load_image(path)
    assert (image.width, image.height, image.picture.getpixel((0, 0))) == (1, 1, (255, 255, 255))
