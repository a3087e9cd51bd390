"""The look of paper: fibres, grain and the light falling on it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter

# standard deviations, in grey levels of white paper
_FIBRES: Final = 1.5
_BLOTCHES: Final = 1.6
_GRAIN: Final = 1.2
# loss of brightness one page's width or height away from the light
_SHADE: Final = 0.10


def put_on_paper(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """Give a flat picture of a page the unevenness of a photographed sheet.

    Args:
        image: RGB.
        random: Where the unevenness comes from.

    Returns:
        RGB of the same size, about a tenth darker in the corner away from the light.
    """
    height, width = image.height, image.width
    texture = _FIBRES * _noise(random, height, width, (0.6, 2.4)) + _FIBRES * _noise(
        random, height, width, (2.4, 0.6)
    )
    texture += _BLOTCHES * _noise(random, height, width, (24, 24))
    grain = _GRAIN * random.standard_normal((height, width, 1)).astype(np.float32)
    pixels = np.asarray(image, np.float32) * (1 + texture[..., None] / 255) * _light(random, height, width)
    return Image.fromarray(np.clip(np.rint(pixels + grain), 0, 255).astype(np.uint8))


def _noise(
    random: np.random.Generator, height: int, width: int, sigma: tuple[float, float]
) -> npt.NDArray[np.float32]:
    """Smooth noise of unit variance."""
    smooth = gaussian_filter(random.standard_normal((height, width)).astype(np.float32), sigma, mode="wrap")
    return np.asarray(smooth / smooth.std(), np.float32)


def _light(random: np.random.Generator, height: int, width: int) -> npt.NDArray[np.float32]:
    """Brightness (H, W, 1), 1 where the light is, falling off towards the opposite corner; slightly warm."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    light_x, light_y = random.uniform(0.1, 0.4), random.uniform(0.05, 0.3)
    distance = np.hypot(x - light_x, y - light_y)
    falloff = 1 - _SHADE * distance**2
    return np.asarray(falloff[..., None] * np.array([1.0, 0.995, 0.985]), np.float32)
