"""Reading pictures of every common kind into one form: 8-bit RGB, upright."""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, UnidentifiedImageError

from edge.errors import ImageError

MAX_PIXELS: Final = 250_000_000
"""Larger pictures are refused: decoding alone would take more than 750 MB."""
WORKING_PIXELS: Final = 40_000_000
"""Larger pictures are reduced while loading: detection never looks at more, and memory stays bounded."""

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
        source: A path; a PIL image; or an array (H, W), (H, W, 1), (H, W, 3) RGB or (H, W, 4) RGBA of uint8,
            uint16, bool or float (0 to 1).

    Raises:
        ImageError: The file is missing, not a picture, damaged, empty or too large.
    """
    if isinstance(source, np.ndarray):
        return _normalize(_from_array(source), "the given array")
    if isinstance(source, Image.Image):
        return _normalize(source, getattr(source, "filename", "") or "the given image")
    path = Path(source)
    _check_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's bomb warning: the limit is ours, below
            with Image.open(path) as opened:
                return _normalize(opened, str(path), from_file=True)
    except ImageError:
        raise
    except UnidentifiedImageError:
        raise ImageError(
            path, "is not a picture that Pillow can read", "give a JPEG, PNG, WebP, TIFF, BMP or GIF file"
        ) from None
    except Image.DecompressionBombError:
        raise _too_large(str(path), "far more than") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError) as error:
        # Pillow's decoders raise any of these on damaged files
        raise ImageError(path, f"is damaged ({error})", "replace the file") from error


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise ImageError(
            path, "is a folder", "name the pictures in it, for example with a pattern like folder/*.jpg"
        )
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
        raise ImageError(path, reason, "check the path") from None
    if path.is_file() and size == 0:
        raise ImageError(path, "is empty (0 bytes)", "replace the file")


def _too_large(name: str, pixels: str) -> ImageError:
    return ImageError(
        name, f"has {pixels} the limit of {MAX_PIXELS // 10**6} megapixels", "reduce it or cut it into parts"
    )


def _normalize(image: Image.Image, name: str, *, from_file: bool = False) -> LoadedImage:
    width, height = image.size
    if width < 1 or height < 1:
        raise ImageError(name, f"has no pixels ({width}x{height})", "give a picture with at least one pixel")
    if width * height > MAX_PIXELS:
        raise _too_large(name, f"{width}x{height} pixels, more than")
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    reduction = math.ceil(math.sqrt(width * height / WORKING_PIXELS))
    if reduction > 1 and from_file:
        # a JPEG decodes at 1/2, 1/4 or 1/8 for a fraction of the memory
        image.draft("RGB", (width // reduction, height // reduction))
    picture = to_rgb(image)
    remaining = math.ceil(reduction * picture.width / width - 0.01)
    if remaining > 1:
        picture = picture.reduce(remaining)
    turn = _UPRIGHT.get(orientation)
    if turn is not None:
        picture = picture.transpose(turn)
    if orientation in _QUARTER_TURNS:
        width, height = height, width
    return LoadedImage(picture, width, height)


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert any Pillow mode to 8-bit RGB.

    Deep modes are scaled, not clipped, as Pillow's own ``convert`` would do. Transparency is laid on white,
    or on black where the visible part is light, so that the text keeps its contrast.
    """
    if image.mode == "RGB" and "transparency" not in image.info:
        return image.copy()
    if image.mode.startswith("I") or image.mode == "F":
        return _from_array(np.asarray(image)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return _flatten(image.convert("RGBA"))
    return image.convert("RGB")


def _flatten(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A")
    grey = np.asarray(image.convert("L"), dtype=np.float32)
    weight = np.asarray(alpha, dtype=np.float32)
    visible = float(weight.sum())
    light = visible > 0 and float((grey * weight).sum()) / visible > 160 and float(weight.mean()) < 128
    ground = Image.new("RGB", image.size, (0, 0, 0) if light else (255, 255, 255))
    ground.paste(image, mask=alpha)
    return ground


def _from_array(array: npt.NDArray[np.generic]) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or 0 in array.shape:
        raise ImageError(
            "the given array", f"has shape {array.shape}", "give (H, W), (H, W, 3) RGB or (H, W, 4) RGBA"
        )
    return Image.fromarray(_to_uint8(array))


def _to_uint8(array: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array, dtype=np.uint8)
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    values = array.astype(np.float32)
    if np.issubdtype(array.dtype, np.integer):
        top = float(values.max(initial=0))
        # 16-bit scans come as uint16 or, from Pillow, as int32
        scale = 255 / 65535 if top > 255 else 1.0
    elif np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(values).all():
            raise ImageError("the given array", "contains NaN or infinity", "give finite pixel values")
        scale = 255.0 if float(values.max(initial=0)) <= 1 else 1.0
    else:
        raise ImageError("the given array", f"has dtype {array.dtype}", "give uint8, uint16, bool or float")
    scaled: npt.NDArray[np.uint8] = np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)
    return scaled
