"""Printed things that are no text: bar codes, matrix codes, frames, stamps, icons."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from slim.data.synthetic.draws import Rng, between, chance, pick, whole


def ornament(rng: Rng, size: int) -> Image.Image:
    """The coverage of an ornament in mode L, about so many pixels high."""
    return pick(rng, _KINDS)(rng, size)


def _bar_code(rng: Rng, size: int) -> Image.Image:
    count = whole(rng, 30, 60)
    bars = np.repeat(np.where(rng.random(count) < 0.5, 255, 0).astype(np.uint8), rng.integers(1, 4, count))
    unit = max(1, size // 30)
    return Image.fromarray(np.repeat(bars[None], size, axis=0)).resize((len(bars) * unit, size), 0)


def _matrix_code(rng: Rng, size: int) -> Image.Image:
    modules = whole(rng, 21, 33)
    code = Image.fromarray(np.where(rng.random((modules, modules)) < 0.5, 255, 0).astype(np.uint8))
    draw = ImageDraw.Draw(code)
    for x, y in ((0, 0), (modules - 7, 0), (0, modules - 7)):
        draw.rectangle((x - 1, y - 1, x + 7, y + 7), fill=0)
        draw.rectangle((x, y, x + 6, y + 6), outline=255)
        draw.rectangle((x + 2, y + 2, x + 4, y + 4), fill=255)
    return code.resize((size, size), Image.Resampling.NEAREST)


def _frame(rng: Rng, size: int) -> Image.Image:
    mask = Image.new("L", (round(size * between(rng, 0.8, 4)), size))
    box = (1, 1, mask.width - 2, mask.height - 2)
    ImageDraw.Draw(mask).rounded_rectangle(
        box, size * between(rng, 0, 0.3), outline=255, width=1 + size // 40
    )
    return mask


def _stamp(rng: Rng, size: int) -> Image.Image:
    mask = Image.new("L", (size, size))
    draw = ImageDraw.Draw(mask)
    draw.ellipse((1, 1, size - 2, size - 2), outline=200, width=1 + size // 20)
    if chance(rng, 0.5):
        _star(draw, size / 2, size / 2, size * 0.2)
    return mask


def _icon(rng: Rng, size: int) -> Image.Image:
    mask = Image.new("L", (size, size))
    draw = ImageDraw.Draw(mask)
    kind = whole(rng, 0, 4)
    if kind == 0:
        _star(draw, size / 2, size / 2, size / 2 - 1)
    elif kind == 1:
        draw.ellipse((1, 1, size - 2, size - 2), fill=255)
        draw.rectangle((size * 0.3, size * 0.45, size * 0.7, size * 0.55), fill=0)
    elif kind == 2:  # an arrow
        draw.rectangle((0, size * 0.4, size * 0.6, size * 0.6), fill=255)
        draw.polygon([(size * 0.55, size * 0.15), (size - 1, size / 2), (size * 0.55, size * 0.85)], fill=255)
    elif kind == 3:  # a leaf
        draw.pieslice((-size * 0.6, 0, size - 1, size * 1.6), 270, 360, fill=255)
    else:
        points = [(between(rng, 0, size), between(rng, 0, size)) for _ in range(whole(rng, 3, 7))]
        draw.polygon(points, fill=255)
    return mask if chance(rng, 0.5) else mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _star(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2, 0.42 * radius, radius)
    draw.polygon(
        list(zip((x + reach * np.cos(angles)).tolist(), (y + reach * np.sin(angles)).tolist(), strict=True)),
        fill=255,
    )


_KINDS: Final[tuple[Callable[[Rng, int], Image.Image], ...]] = (
    _bar_code,
    _matrix_code,
    _frame,
    _stamp,
    _icon,
    _icon,
)
