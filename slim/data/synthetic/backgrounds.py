"""Grounds that text stands on: plain, shaded, grained and patterned surfaces, or a scene."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from slim.data.synthetic.colours import Colour, near, surface_colour
from slim.data.synthetic.draws import Rng, between, between_log, chance, pick_weighted, whole
from slim.data.synthetic.scenery import scenery
from slim.data.synthetic.textures import Size, clouds, shaded


def background(rng: Rng, size: Size) -> Image.Image:
    """A ground of any kind, as RGB of a size (width, height)."""
    kinds = [(0.42, plain), (0.15, gradient), (0.1, grained), (0.08, patterned), (0.25, scenery)]
    return pick_weighted(rng, kinds)(rng, size)


def plain(rng: Rng, size: Size) -> Image.Image:
    """One colour, nearly."""
    return surface(rng, size, surface_colour(rng))


def surface(rng: Rng, size: Size, colour: Colour) -> Image.Image:
    """A sheet or sign of a colour, as RGB: flat, unevenly lit or slightly textured."""
    ground = Image.new("RGB", size, colour)
    kind = rng.random()
    if kind < 0.3:
        return ground
    if kind < 0.7:
        return shaded(ground, clouds(rng, size, between_log(rng, 40, 400)), between(rng, 0.04, 0.25))
    return shaded(ground, clouds(rng, size, between_log(rng, 1.5, 5)), between(rng, 0.02, 0.1))


def gradient(rng: Rng, size: Size) -> Image.Image:
    """From one colour to another in some direction."""
    first = surface_colour(rng)
    second = surface_colour(rng) if chance(rng, 0.15) else near(rng, first, 70)
    corners = Image.fromarray(rng.integers(0, 256, (2, 2), dtype=np.uint8))
    ramp = corners.resize(size, Image.Resampling.BILINEAR)
    return Image.composite(Image.new("RGB", size, first), Image.new("RGB", size, second), ramp)


def grained(rng: Rng, size: Size) -> Image.Image:
    """Wood, brushed metal, cloth: noise that is longer than wide."""
    long, short = between_log(rng, 30, 200), between_log(rng, 1.5, 5)
    cells = (long, short) if chance(rng, 0.6) else (short, long)
    ground = Image.new("RGB", size, surface_colour(rng))
    ground = shaded(ground, clouds(rng, size, *cells), between(rng, 0.08, 0.3))
    return shaded(ground, clouds(rng, size, between_log(rng, 30, 200)), between(rng, 0.05, 0.25))


def patterned(rng: Rng, size: Size) -> Image.Image:
    """Tiles, bricks, stripes, checks: regular edges that are no text."""
    colour = surface_colour(rng)
    joint = near(rng, colour, 60)
    image = Image.new("RGB", size, joint)
    draw = ImageDraw.Draw(image)
    width = between_log(rng, 10, 160)
    height = max(6.0, width * between(rng, 0.25, 1.2))
    stripes, bricks = chance(rng, 0.25), chance(rng, 0.5)
    gap = max(1.0, width / between(rng, 12, 40))
    top, left = -between(rng, 0, height), -between(rng, 0, width)
    for row in range(int(size[1] / height) + 2):
        y = top + row * height
        if stripes:
            draw.rectangle((0, y, size[0], y + height / 2), fill=colour)
            continue
        offset = width / 2 if bricks and row % 2 else 0
        for column in range(int(size[0] / width) + 3):
            x = left - width / 2 + offset + column * width
            draw.rectangle((x, y, x + width - gap, y + height - gap), fill=near(rng, colour, 10))
    image = shaded(image, clouds(rng, size, between_log(rng, 2, 8)), between(rng, 0.0, 0.2))
    return image.filter(ImageFilter.GaussianBlur(between(rng, 0, 1.5)))


def scuffs(rng: Rng, image: Image.Image, count: int) -> None:
    """Scratches and folds across a picture, drawn on it."""
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, y = between(rng, 0, image.width), between(rng, 0, image.height)
        at = (min(image.width - 1, int(x)), min(image.height - 1, int(y)))
        pixel = image.getpixel(at)
        assert isinstance(pixel, tuple)  # noqa: S101  (the picture is RGB)
        end = (x + between(rng, -1, 1) * image.width, y + between(rng, -1, 1) * image.height)
        draw.line((x, y, *end), fill=near(rng, (pixel[0], pixel[1], pixel[2]), 40), width=whole(rng, 1, 2))
