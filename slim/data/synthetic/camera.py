"""What a camera adds to a scene: light, blur, few pixels, noise, the loss of JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from slim.data.synthetic.draws import Rng, between, between_log, chance, whole

_TILE: Final = 256


@dataclass(frozen=True)
class Camera:
    """One exposure.

    Attributes:
        blur: Radius of defocus in pixels.
        motion: Length in pixels and direction in radians of a movement; length 0 without.
        reduction: How many pixels become one, at least 1.
        light: Brightness at the four corners, row by row; 1 is as it is.
        cast: Gain of the three channels.
        contrast: Around the middle grey.
        gamma: Above 1 darkens the middle.
        noise: Standard deviation of sensor noise, 0 to 255.
        quality: Of JPEG, 1 to 95; 0 where it is not stored as one.
    """

    blur: float = 0.0
    motion: tuple[float, float] = (0.0, 0.0)
    reduction: float = 1.0
    light: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    gamma: float = 1.0
    noise: float = 0.0
    quality: int = 0


def draw_camera(rng: Rng, text_height: float, *, may_reduce: bool) -> Camera:
    """A camera with which text of a height can still be read.

    Args:
        rng: Where it comes from.
        text_height: Em height in pixels of the smallest text that matters.
        may_reduce: Whether pixels may get fewer.
    """
    clean = chance(rng, 0.2)
    blur = 0.0 if clean or chance(rng, 0.3) else between(rng, 0.2, 0.045 * text_height)
    motion = between(rng, 1, max(1.5, 0.1 * text_height)) if not clean and chance(rng, 0.12) else 0.0
    uneven = 0.0 if clean else abs(float(rng.normal(0, 0.12)))
    base = 1.0 if clean else between(rng, 0.7, 1.08)
    light = tuple(base + between(rng, -uneven, uneven) for _ in range(4))
    cast = tuple(1.0 if clean else between(rng, 0.92, 1.06) for _ in range(3))
    reduction = 1.0
    if may_reduce and chance(rng, 0.5):
        reduction = max(1.0, text_height / between_log(rng, 11, 40))
    return Camera(
        blur=blur,
        motion=(motion, between(rng, 0, np.pi)),
        reduction=reduction,
        light=(light[0], light[1], light[2], light[3]),
        cast=(cast[0], cast[1], cast[2]),
        contrast=1.0 if clean else between(rng, 0.65, 1.12),
        gamma=1.0 if clean else between_log(rng, 0.7, 1.3),
        noise=0.0 if clean or chance(rng, 0.25) else between_log(rng, 0.6, 5.5),
        quality=0 if chance(rng, 0.2) else whole(rng, 40, 95),
    )


def photograph(rng: Rng, picture: Image.Image, camera: Camera) -> Image.Image:
    """The picture that a camera takes of a scene; of the same size but for its ``reduction``."""
    if camera.motion[0] > 1:
        picture = _moved(picture, *camera.motion)
    if camera.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(camera.blur))
    if camera.reduction > 1:
        size = tuple(max(4, round(side / camera.reduction)) for side in picture.size)
        picture = picture.resize((size[0], size[1]), Image.Resampling.BOX)
    picture = picture.point(_tone(camera))
    pixels = np.asarray(picture, np.float32)
    corners = np.array(camera.light, np.float32).reshape(2, 2)
    if np.ptp(corners) > 0.02:
        shade = Image.fromarray(corners).resize(picture.size, Image.Resampling.BILINEAR)
        pixels = pixels * np.asarray(shade)[..., None]
    if camera.noise:
        pixels = pixels + camera.noise * _noise(rng, picture.height, picture.width)
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return _stored(picture, camera.quality) if camera.quality else picture


def _tone(camera: Camera) -> list[int]:
    """One table of 256 values for each channel."""
    values = np.arange(256) / 255
    even = float(np.mean(camera.light)) if np.ptp(camera.light) <= 0.02 else 1.0
    curve = ((values - 0.5) * camera.contrast + 0.5).clip(0, 1) ** camera.gamma
    return [int(value) for gain in camera.cast for value in (255 * curve * gain * even).clip(0, 255).round()]


def _moved(picture: Image.Image, length: float, direction: float) -> Image.Image:
    """Blur along a direction: the mean of a few shifted pictures."""
    steps = max(2, round(length) + 1)
    total: npt.NDArray[np.float32] | None = None
    pixels = np.asarray(picture)
    height, width = pixels.shape[:2]
    reach = int(np.ceil(length / 2)) + 1
    padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    for place in np.linspace(-length / 2, length / 2, steps):
        x = reach + round(float(place * np.cos(direction)))
        y = reach + round(float(place * np.sin(direction)))
        part = padded[y : y + height, x : x + width].astype(np.float32)
        total = part if total is None else total + part
    assert total is not None  # noqa: S101
    return Image.fromarray((total / steps).astype(np.uint8))


def _noise(rng: Rng, height: int, width: int) -> npt.NDArray[np.float32]:
    """Noise (H, W, 3) of about unit variance, slightly smooth as cameras leave it.

    Cut out of one tile, at another place for each picture: fresh noise would take longer than all the rest.
    """
    tile = _noise_tile()
    y, x = whole(rng, 0, _TILE - 1), whole(rng, 0, _TILE - 1)
    rows = (np.arange(height) + y) % _TILE
    columns = (np.arange(width) + x) % _TILE
    return np.asarray(tile[rows][:, columns], np.float32)


@lru_cache(maxsize=1)
def _noise_tile() -> npt.NDArray[np.float32]:
    from scipy.ndimage import gaussian_filter

    fresh = np.random.default_rng(0).standard_normal((_TILE, _TILE, 3)).astype(np.float32)
    smooth = gaussian_filter(fresh, (0.6, 0.6, 0), mode="wrap")
    grey = smooth.mean(axis=2, keepdims=True)
    mixed = 0.3 * smooth / smooth.std() + 0.7 * grey / grey.std()
    return np.asarray(mixed / mixed.std(), np.float32)


def _stored(picture: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
