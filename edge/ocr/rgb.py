"""Pictures of every Pillow mode, and arrays, as 8-bit RGB."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from edge.errors import ImageError

STRIP_PIXELS: Final = 1_000_000
"""Large pictures are converted in strips of about this many pixels, so that a conversion of any mode needs
less than 60 MB besides the picture given and the one returned (with 40 megapixels 28 MB were the most)."""
_SAMPLE_SIDE: Final = 1000
_LIGHT: Final = 160.0

Numbers = npt.NDArray[np.generic]


def to_rgb(image: Image.Image, reduction: int = 1, *, name: str = "the given image") -> Image.Image:
    """Convert any Pillow mode to 8-bit RGB.

    Deep modes are scaled, not clipped, as Pillow's own ``convert`` would do. Transparency is laid on white,
    or on black where the visible part is light, so that the text keeps its contrast.

    Args:
        image: Any picture; it is not changed.
        reduction: Make the picture so many times smaller, averaging.
        name: What to call the picture in messages.

    Returns:
        A picture of its own, never the one given.

    Raises:
        ImageError: The pixels are NaN or infinity.
    """
    convert = _conversion(image, name)
    plain = image.mode == "RGB" and "transparency" not in image.info
    if reduction == 1 and (plain or image.width * image.height <= STRIP_PIXELS):
        return convert(image)
    reduced = Image.new("RGB", (-(-image.width // reduction), -(-image.height // reduction)))
    for top, strip in _strips(image, reduction):
        part = convert(strip)
        reduced.paste(part if reduction == 1 else part.reduce(reduction), (0, top // reduction))
    return reduced


def rgb_from_array(array: Numbers, name: str = "the given array") -> Image.Image:
    """An array as a picture of mode L, RGB or RGBA.

    Args:
        array: Array (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA. Integers up to 255 are taken for
            8-bit values and larger ones for 16-bit values; floats up to 1 for shares, larger ones likewise.
        name: What to call it in messages.

    Raises:
        ImageError: The array has another shape or dtype, no pixels, or NaN or infinity among them.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or 0 in array.shape:
        raise ImageError(name, f"has shape {array.shape}", "give (H, W), (H, W, 3) RGB or (H, W, 4) RGBA")
    if array.dtype.kind not in "buif":
        raise ImageError(name, f"has dtype {array.dtype}", "give uint8, uint16, bool or float")
    return Image.fromarray(_to_uint8(array, _scale([array], name)))


def _conversion(image: Image.Image, name: str) -> Callable[[Image.Image], Image.Image]:
    """How the picture's pixels become RGB; decided on all of it, to be applied to strips of it."""
    if image.mode == "F" or image.mode.startswith("I"):
        scale = _scale((np.asarray(strip) for _, strip in _strips(image, 1)), name)
        return lambda part: Image.fromarray(_to_uint8(np.asarray(part), scale)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        ground = _ground(image)
        return lambda part: _flatten(part, ground)
    if image.mode == "RGB":
        return lambda part: part.copy()
    return lambda part: part.convert("RGB")


def _strips(image: Image.Image, reduction: int) -> Iterator[tuple[int, Image.Image]]:
    """Full-width strips, each with its top; all heights but the last are multiples of the reduction."""
    rows = max(1, STRIP_PIXELS // (image.width * reduction)) * reduction
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(image.height, top + rows)))


def _with_alpha(image: Image.Image) -> Image.Image:
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def _flatten(image: Image.Image, ground: int) -> Image.Image:
    flat = Image.new("RGB", image.size, (ground, ground, ground))
    flat.paste(picture := _with_alpha(image), mask=picture.getchannel("A"))
    return flat


def _ground(image: Image.Image) -> int:
    """0 for black where a mostly transparent picture's visible part is light, else 255 for white."""
    sides = min(image.width, _SAMPLE_SIDE), min(image.height, _SAMPLE_SIDE)
    sample = _with_alpha(image.resize(sides, Image.Resampling.NEAREST))
    grey = np.asarray(sample.convert("L"), dtype=np.float32)
    alpha = np.asarray(sample.getchannel("A"), dtype=np.float32)
    visible = float(alpha.sum())
    light = visible > 0 and float((grey * alpha).sum()) / visible > _LIGHT
    return 0 if light and float(alpha.mean()) < 128 else 255


def _scale(parts: Iterable[Numbers], name: str) -> float:
    """What to multiply values by to get 0 to 255, for an array that may come in parts."""
    top = -math.inf
    fraction = False
    for part in parts:
        if part.dtype == np.uint8:
            return 1.0
        highest, lowest = float(part.max()), float(part.min())
        if not (math.isfinite(highest) and math.isfinite(lowest)):
            raise ImageError(name, "contains NaN or infinity", "give finite pixel values")
        top = max(top, highest)
        fraction = part.dtype.kind in "bf"
    if fraction and top <= 1:
        return 255.0
    # 16-bit scans come as uint16, or from Pillow as int32; nothing is cut off at the bright end
    return 1.0 if top <= 255 else 255 / max(65535.0, top)


def _to_uint8(array: Numbers, scale: float) -> npt.NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array, dtype=np.uint8)
    result = np.empty(array.shape, dtype=np.uint8)
    rows = max(1, STRIP_PIXELS * len(array) // array.size)
    for top in range(0, len(array), rows):
        values = array[top : top + rows].astype(np.float32) * np.float32(scale)
        result[top : top + rows] = np.clip(np.rint(values), 0, 255)
    return result
