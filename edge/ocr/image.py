"""Reading pictures of every common kind into one form: 8-bit RGB, upright."""

from __future__ import annotations

import math
import os
import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError

from edge.errors import ImageError
from edge.ocr.rgb import rgb_from_array, to_rgb
from edge.ocr.silence import silenced_stderr
from edge.regular_file import regular_file_size

__all__ = [
    "MAX_PIXELS",
    "WORKING_PIXELS",
    "ImageSource",
    "LoadedImage",
    "check_image",
    "load_image",
    "to_rgb",
]

MAX_PIXELS: Final = 175_000_000
"""Larger pictures are refused: decoded they take up to 700 MB. Pillow itself refuses 178,956,970 pixels."""
WORKING_PIXELS: Final = 40_000_000
"""Larger pictures are reduced while loading: detection never looks at more, and memory stays bounded."""

# Not all that Pillow knows: for EPS it would start Ghostscript, and rare decoders are little tested.
_FORMATS: Final = ("JPEG", "PNG", "BMP", "GIF", "PPM", "TIFF", "WEBP", "JPEG2000", "AVIF")

# EXIF orientation -> what sets the picture upright (CIPA DC-008, tag 0x0112)
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS: Final = (5, 6, 7, 8)

ImageSource = str | os.PathLike[str] | Image.Image | npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class LoadedImage:
    """An upright 8-bit RGB picture.

    Attributes:
        picture: PIL image in mode RGB, at most ``WORKING_PIXELS`` large.
        width: Width of the original in pixels, after EXIF orientation.
        height: Its height.
    """

    picture: Image.Image
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """Original pixels per pixel of ``picture``, in x and in y; (1, 1) for all but very large pictures."""
        return self.width / self.picture.width, self.height / self.picture.height


def load_image(source: ImageSource) -> LoadedImage:
    """Read a picture: a file, a PIL image or an array.

    Handles EXIF orientation, palettes, transparency (laid on white, or on black where the visible part is
    light), grey, 1-bit, 16-bit, float and CMYK; of an animation the first frame is read.

    Args:
        source: A path; a PIL image, of which the current frame counts; or an array (H, W), (H, W, 1),
            (H, W, 3) RGB or (H, W, 4) RGBA of uint8, uint16, bool or float (0 to 1). Its pixels are not
            changed.

    Raises:
        ImageError: The file is missing, not a picture, damaged, empty or too large.
    """
    if isinstance(source, np.ndarray):
        return _load(rgb_from_array(source), "the given array")
    if isinstance(source, Image.Image):
        return _load(source, getattr(source, "filename", "") or "the given image")
    path = Path(source)
    with _open(path) as opened:
        return _load(opened, str(path), from_file=True)


def check_image(path: Path) -> None:
    """Make sure that a file is a picture, by its beginning: damage further inside shows when it is loaded.

    Raises:
        ImageError: The file is missing, not a picture, empty or too large.
    """
    with _open(path) as opened:
        _check_size(opened, str(path))


def _check_file(path: Path) -> None:
    def refuse(found: str) -> ImageError:
        return ImageError(path, found, "save the picture in a file first")

    try:
        size = regular_file_size(path, refuse)
    except FileNotFoundError:
        raise ImageError(path, "no such file", "check the path") from None
    except IsADirectoryError:
        raise ImageError(
            path, "is a folder", "name the pictures in it, for example with a pattern like folder/*.jpg"
        ) from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if size == 0:
        raise ImageError(path, "is empty (0 bytes)", "replace the file")


def _unreadable(path: Path, error: OSError | ValueError) -> ImageError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return ImageError(path, f"cannot be read ({reason})", "check the path and its permissions")


def _open(path: Path) -> Image.Image:
    _check_file(path)
    Image.init()  # loads all decoders, so that only those asked for are tried
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's bomb warning: the limit is ours
            return Image.open(path, formats=[name for name in _FORMATS if name in Image.OPEN])
    except UnidentifiedImageError:
        raise ImageError(
            path, "is not a picture of a known format", "give a JPEG, PNG, WebP, TIFF, BMP or GIF file"
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(str(path), "more pixels than") from None
    except Exception as error:
        raise _damaged(str(path), error) from error


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width < 1 or height < 1:
        raise ImageError(name, f"has no pixels ({width}x{height})", "give a picture with at least one pixel")
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width}x{height} pixels, more than")


def _too_large(name: str, pixels: str) -> ImageError:
    return ImageError(
        name, f"has {pixels} the limit of {MAX_PIXELS // 10**6} megapixels", "reduce it or cut it into parts"
    )


def _damaged(name: str, error: Exception) -> ImageError:
    """What went wrong in Pillow's decoders, which raise nearly any exception on damaged files."""
    if isinstance(error, OSError) and error.errno is not None:
        return _unreadable(Path(name), error)
    if isinstance(error, MemoryError):
        return ImageError(name, "needs more memory than there is", "reduce it or cut it into parts")
    return ImageError(name, f"is damaged ({error})", "replace the file")


def _load(image: Image.Image, name: str, *, from_file: bool = False) -> LoadedImage:
    _check_size(image, name)
    width, height = image.size
    reduction = math.ceil(math.sqrt(width * height / WORKING_PIXELS))
    try:
        if reduction > 1 and from_file:
            # a JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the memory
            image.draft("RGB", (width // reduction, height // reduction))
        with warnings.catch_warnings(), silenced_stderr() if image.format == "TIFF" else nullcontext():
            warnings.simplefilter("ignore")  # of damage that does not matter
            image.load()
    except Exception as error:
        raise _damaged(name, error) from error
    # what the decoder left to do; a little over a whole number comes of sides it rounded up
    remaining = math.ceil(reduction * image.width / width - 0.01)
    picture = to_rgb(image, max(1, remaining), name=name)
    orientation = _orientation(image)
    turn = _UPRIGHT.get(orientation)
    if turn is not None:
        picture = picture.transpose(turn)
    if orientation in _QUARTER_TURNS:
        width, height = height, width
    return LoadedImage(picture, width, height)


def _orientation(image: Image.Image) -> int:
    """EXIF orientation of a loaded picture; 1, upright, where it has none.

    Not known before loading: Pillow sets TIFF pictures upright itself.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged EXIF does not make the picture unreadable
        return 1
    return orientation if orientation in _UPRIGHT else 1
