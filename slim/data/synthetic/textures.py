"""Noise and what is made of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageChops

from slim.data.synthetic.colours import Colour
from slim.data.synthetic.draws import Rng

Size = tuple[int, int]


def clouds(rng: Rng, size: Size, cell: float, cell_y: float | None = None) -> Image.Image:
    """Smooth noise in mode L.

    Args:
        rng: Where it comes from.
        size: Width and height in pixels.
        cell: Size of a blotch in pixels.
        cell_y: Height of a blotch where it differs from its width.
    """
    columns = max(2, round(size[0] / cell) + 2)
    rows = max(2, round(size[1] / (cell_y or cell)) + 2)
    grid = Image.fromarray(rng.integers(0, 256, (rows, columns), dtype=np.uint8))
    return grid.resize(size, Image.Resampling.BICUBIC)


def rough_clouds(rng: Rng, size: Size, cell: float) -> Image.Image:
    """Noise with detail of every size, as nature has it: each octave half as strong as the one before."""
    noise = clouds(rng, size, cell)
    for octave in (1, 2, 3):
        if cell / 2**octave < 2:
            break
        noise = Image.blend(noise, clouds(rng, size, cell / 2**octave), 0.4)
    return noise


def shaded(image: Image.Image, noise: Image.Image, strength: float) -> Image.Image:
    """A picture darkened by noise of mode L, by a share of at most ``strength``."""
    level = noise.point([round(255 - strength * (255 - value)) for value in range(256)])
    return ImageChops.multiply(image, Image.merge("RGB", (level, level, level)))


def tinted(noise: Image.Image, colours: Sequence[Colour]) -> Image.Image:
    """Noise of mode L shown in colours, from those for black to those for white."""
    stops = np.linspace(0, 255, len(colours))
    table = [np.interp(np.arange(256), stops, [colour[i] for colour in colours]) for i in range(3)]
    return Image.merge("RGB", (noise, noise, noise)).point([round(float(v)) for part in table for v in part])
