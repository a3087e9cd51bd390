"""Every Pillow mode and every kind of array becomes the same 8-bit RGB."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edge.errors import ImageError
from edge.ocr.rgb import rgb_from_array, to_rgb

ADAPTIVE = Image.Palette.ADAPTIVE
WHITE, BLACK, RED = (255, 255, 255), (0, 0, 0), (200, 30, 40)


def colours() -> Image.Image:
    """Four quarters of 8x6 pixels: black, white, mid grey, red."""
    picture = Image.new("RGB", (8, 6), BLACK)
    picture.paste(WHITE, (4, 0, 8, 3))
    picture.paste((128, 128, 128), (0, 3, 4, 6))
    picture.paste(RED, (4, 3, 8, 6))
    return picture


def pixels(picture: Image.Image) -> list[tuple[int, ...]]:
    """One pixel of each quarter."""
    return [picture.getpixel(at) for at in ((0, 0), (7, 0), (0, 5), (7, 5))]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV", "LAB", "P", "PA"])
def test_colour_modes_keep_their_colours(mode: str) -> None:
    source = colours()
    if mode == "RGBa":
        source = source.convert("RGBA").convert("RGBa")
    else:
        source = source.quantize().convert(mode) if mode == "PA" else source.convert(mode, palette=ADAPTIVE)
    rgb = to_rgb(source)
    assert rgb.mode == "RGB"
    assert np.abs(np.array(pixels(rgb)) - np.array(pixels(colours()))).max() <= 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "La", "I", "F", "I;16", "I;16B"])
def test_grey_modes_keep_their_tones(mode: str) -> None:
    grey = colours().convert("L")
    if mode == "La":
        source = grey.convert("LA").convert("La")
    elif mode == "I;16B":
        source = Image.frombytes("I;16B", grey.size, np.asarray(grey).astype(">u2").tobytes())
    else:
        source = grey.convert(mode, dither=Image.Dither.NONE)
    wanted = [0, 255, 255 if mode == "1" else 128]
    assert pixels(to_rgb(source))[:3] == [(tone,) * 3 for tone in wanted]


@pytest.mark.parametrize("mode", ["I", "F", "I;16", "I;16B", "I;16L"])
def test_deep_modes_are_scaled_not_clipped(mode: str) -> None:
    tones = np.array([[0, 257 * 64, 257 * 128, 65535]])
    dtype = {"I": "<i4", "F": "<f4", "I;16B": ">u2"}.get(mode, "<u2")
    source = Image.frombytes(mode, (4, 1), tones.astype(dtype).tobytes())
    assert np.asarray(to_rgb(source))[0, :, 0].tolist() == [0, 64, 128, 255]


def test_values_beyond_16_bits_are_scaled_too() -> None:
    source = Image.frombytes("I", (3, 1), np.array([0, 2**23, 2**24], "<i4").tobytes())
    assert np.asarray(to_rgb(source))[0, :, 1].tolist() == [0, 128, 255]


def test_float_pictures_from_0_to_1() -> None:
    source = Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32))
    assert source.mode == "F"
    assert np.asarray(to_rgb(source))[0, :, 2].tolist() == [0, 128, 255]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_no_colour_is_refused_by_the_picture_s_name(value: float) -> None:
    source = Image.fromarray(np.array([[0.5, value]], np.float32))
    with pytest.raises(ImageError, match=r"^scan\.tif: contains NaN or infinity; "):
        to_rgb(source, name="scan.tif")


def text_on_nothing(tone: int, mode: str) -> Image.Image:
    picture = Image.new("LA", (60, 30), (tone, 0))
    ImageDraw.Draw(picture).rectangle((20, 10, 40, 14), fill=(tone, 255))
    return picture.convert("RGBA").convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa"])
@pytest.mark.parametrize(("tone", "ground"), [(20, 255), (245, 0)])
def test_text_on_transparency_gets_a_ground_of_contrast(mode: str, tone: int, ground: int) -> None:
    rgb = to_rgb(text_on_nothing(tone, mode))
    assert rgb.getpixel((0, 0)) == (ground,) * 3
    assert abs(rgb.getpixel((30, 12))[0] - tone) <= 1


def test_a_light_picture_with_a_transparent_corner_stands_on_white() -> None:
    picture = Image.new("RGBA", (60, 30), (240, 240, 240, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 10, 10))
    assert to_rgb(picture).getpixel((0, 0)) == WHITE


def test_nothing_visible_is_white() -> None:
    assert to_rgb(Image.new("RGBA", (5, 5), (255, 255, 255, 0))).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "1"])
def test_a_transparent_colour_is_laid_on_white(mode: str) -> None:
    picture = Image.new("RGB", (16, 8), WHITE)
    picture.paste(BLACK, (0, 0, 2, 8))
    picture.paste(RED, (2, 0, 4, 8))
    picture = picture.convert(mode, palette=ADAPTIVE, dither=Image.Dither.NONE)
    # an index of the palette, or the colour itself
    picture.info["transparency"] = (0, 0, 0) if mode == "RGB" else picture.getpixel((0, 0))
    rgb = to_rgb(picture)
    assert (rgb.getpixel((0, 0)), rgb.getpixel((7, 0))) == (WHITE, WHITE)
    assert (rgb.getpixel((3, 0)) == WHITE) == (mode == "1")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I;16", "F"])
def test_reducing_gives_what_converting_and_then_reducing_gives(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (101, 67, 3), dtype=np.uint8)
    colour = Image.fromarray(noise)
    source = (colour.convert("L") if mode in ("I;16", "F") else colour).convert(mode)
    if mode in ("RGBA", "LA"):
        source.putalpha(Image.fromarray(noise[:, :, 0]))
    monkeypatch.setattr("edge.ocr.rgb.STRIP_PIXELS", 67 * 10)  # several strips, the last one lower
    wanted = to_rgb(source).reduce(3)
    assert to_rgb(source, 3).size == wanted.size == (23, 34)
    assert np.array_equal(np.asarray(to_rgb(source, 3)), np.asarray(wanted))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "I", "I;16", "F"])
def test_strips_give_what_the_whole_gives(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(6).integers(0, 256, (101, 67, 3), dtype=np.uint8)
    colour = Image.fromarray(noise)
    source = (colour.convert("L") if mode[0] in "IF" else colour).convert(mode)
    if mode in ("RGBA", "LA"):
        source.putalpha(Image.fromarray(noise[:, :, 0]))
    wanted = to_rgb(source)
    monkeypatch.setattr("edge.ocr.rgb.STRIP_PIXELS", 67 * 10)
    assert np.array_equal(np.asarray(to_rgb(source)), np.asarray(wanted))


@pytest.mark.parametrize("row", [0, 15, 99])
def test_the_scale_is_that_of_the_brightest_strip(row: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.ocr.rgb.STRIP_PIXELS", 40)
    tones = np.full((100, 4), 0.5, np.float32)
    assert to_rgb(Image.fromarray(tones)).getextrema() == ((128, 128),) * 3
    tones[row] = 65535
    rgb = np.asarray(to_rgb(Image.fromarray(tones)))[:, :, 0]
    assert (rgb[row].tolist(), rgb.sum()) == ([255] * 4, 255 * 4)
    for value in (np.nan, np.inf, -np.inf):
        tones[row, 2] = value
        with pytest.raises(ImageError, match="NaN or infinity"):
            to_rgb(Image.fromarray(tones))


# arguments: modes; prints by how many MB memory grew for each, besides the two pictures
MEASURE = """
import sys
from PIL import Image
from edge.ocr.rgb import to_rgb

def memory(which):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(which))

for word in sys.argv[1:]:
    mode, _, transparent = word.partition("+")
    for reduction in (1, 2):
        picture = Image.new(mode, (8000, 2000))
        if transparent:
            picture.info["transparency"] = (0, 0, 0) if mode == "RGB" else 0
        to_rgb(picture.crop((0, 0, 9, 9)), reduction)
        before = memory("VmRSS:")
        with open("/proc/self/clear_refs", "w") as peak:
            peak.write("5")
        result = to_rgb(picture, reduction)
        grown = memory("VmHWM:") - before - 4 * result.width * result.height
        print(word, reduction, grown / 1e6)
        del picture, result
"""


def test_what_a_large_picture_s_conversion_needs_besides() -> None:
    """In a process of its own, whose peak of memory can be set back."""
    plain = ("1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "I;16B", "F")
    modes = (*plain, "LA", "La", "PA", "RGBA", "RGBa", "P+t", "L+t", "RGB+t")
    words = [sys.executable, "-c", MEASURE, *modes]
    ran = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    grown = {(mode, reduction): float(mb) for mode, reduction, mb in map(str.split, ran.stdout.splitlines())}
    assert len(grown) == 2 * len(modes)
    assert {case: mb for case, mb in grown.items() if mb >= 60} == {}
    assert max(grown.values()) > 5, "measured at all"


def test_the_result_is_a_picture_of_its_own() -> None:
    source = colours()
    before = source.tobytes()
    to_rgb(source).paste((1, 2, 3), (0, 0, 8, 6))
    assert source.tobytes() == before


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("uint8", [0, 64, 128, 255]),
        ("uint16", [0, 64 * 257, 128 * 257, 65535]),
        ("uint16", [0, 64, 128, 255]),
        (">u2", [0, 64 * 257, 128 * 257, 65535]),
        ("int32", [-7, 64, 128, 255]),
        ("int64", [0, 64 * 257, 128 * 257, 65535]),
        ("uint64", [0, 2**62, 2**63, 2**64 - 1]),
        ("float16", [0, 64 / 255, 128 / 255, 1]),
        ("float32", [0, 64 / 255, 128 / 255, 1]),
        ("float64", [-0.1, 64.2, 127.8, 255.0]),
    ],
)
def test_dtypes(dtype: str, values: list[float]) -> None:
    array = np.array([values], dtype)
    before = array.copy()
    picture = rgb_from_array(array)
    assert picture.mode == "L"
    assert np.asarray(picture)[0].tolist() == [0, 64, 128, 255]
    assert np.array_equal(array, before)


def test_bool() -> None:
    assert np.asarray(rgb_from_array(np.array([[False, True]])))[0].tolist() == [0, 255]
    assert np.asarray(rgb_from_array(np.array([[False]])))[0].tolist() == [0]


@pytest.mark.parametrize(
    ("shape", "mode"),
    [((4, 5), "L"), ((4, 5, 1), "L"), ((4, 5, 3), "RGB"), ((4, 5, 4), "RGBA"), ((1, 1, 3), "RGB")],
)
def test_shapes(shape: tuple[int, ...], mode: str) -> None:
    array = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    picture = rgb_from_array(array)
    assert (picture.mode, picture.size) == (mode, (shape[1], shape[0]))
    assert np.array_equal(np.asarray(picture), array.squeeze(2) if shape[-1] == 1 else array)


@pytest.mark.parametrize("view", ["transposed", "reversed", "read-only"])
def test_any_memory_layout(view: str) -> None:
    array = np.random.default_rng(2).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    array = {"transposed": array.transpose(1, 0, 2), "reversed": array[::-1, ::-2, ::-1]}.get(view, array)
    array.setflags(write=False)
    assert np.array_equal(np.asarray(rgb_from_array(array)), array)


@pytest.mark.parametrize("shape", [(), (5,), (4, 5, 2), (4, 5, 5), (3, 4, 5, 3), (0, 5), (4, 0, 3), (0, 0)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match=r"^the given array: has shape \("):
        rgb_from_array(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", ["complex64", "object", "U3", "S2", "datetime64[s]"])
def test_other_dtypes_are_refused(dtype: str) -> None:
    with pytest.raises(
        ImageError, match=r"^the given array: has dtype .*; give uint8, uint16, bool or float$"
    ):
        rgb_from_array(np.zeros((4, 4), dtype))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_arrays_with_nan_or_infinity_are_refused(value: float) -> None:
    array = np.zeros((4, 4, 3))
    array[2, 2, 2] = value
    with pytest.raises(ImageError, match="NaN or infinity"):
        rgb_from_array(array)
