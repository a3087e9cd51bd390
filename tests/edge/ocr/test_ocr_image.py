"""Picture files of every kind, whole, turned, damaged, hostile or not pictures at all."""

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
from PIL import Image, ImageDraw

from edge.errors import ImageError
from edge.ocr.image import MAX_PIXELS, check_image, load_image

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


@pytest.mark.parametrize(
    ("kind", "share"), [(kind, share) for kind in ("JPEG", "PNG", "WEBP") for share in (2, 20)]
)
def test_truncated_files(kind: str, share: int, tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (80, 90, 3), dtype=np.uint8))
    whole = encoded(noise, kind)
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


def test_one_pixel(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("1", (1, 1), 1).save(path)
    image = load_image(path)
    assert (image.width, image.height, image.picture.getpixel((0, 0))) == (1, 1, (255, 255, 255))


def test_no_damage_gets_past(tmp_path: Path) -> None:
    """Whatever bytes change: a picture or an error of ours, never one of Pillow's, nor a warning."""
    dice = random.Random(8)
    exif = Image.Exif()
    exif[0x0112], exif[282] = 6, 72.0
    noise = Image.effect_noise((64, 48), 60).convert("RGB")
    wholes = [
        encoded(noise, kind, **({"exif": exif} if kind in ("PNG", "TIFF", "WEBP", "JPEG") else {}))
        for kind in KINDS
    ]
    wholes.append(encoded(noise, "TIFF", compression="tiff_lzw"))
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
