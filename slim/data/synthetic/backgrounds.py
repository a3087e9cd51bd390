"""Grounds that text stands on: plain, shaded, woven, grained, and out-of-focus scenes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from slim.data.synthetic.colours import Colour, any_colour, surface_colour
from slim.data.synthetic.draws import Rng, between, between_log, chance, pick_weighted, whole

Size = tuple[int, int]


def background(rng: Rng, size: Size) -> Image.Image:
    """A ground of any kind, as RGB of a size (width, height)."""
    kind = pick_weighted(
        rng, [(0.3, plain), (0.2, gradient), (0.15, grained), (0.1, patterned), (0.25, scene)]
    )
    return kind(rng, size)


def surface(rng: Rng, size: Size, colour: Colour) -> Image.Image:
    """A sheet or sign of a colour, as RGB: flat, unevenly lit or slightly textured."""
    kind = rng.random()
    ground = Image.new("RGB", size, colour)
    if kind < 0.3:
        return ground
    if kind < 0.75:
        return _clouded(
            ground, clouds(rng, size, between_log(rng, 40, 400), grey=True), between(rng, 0.04, 0.15)
        )
    return _clouded(ground, clouds(rng, size, between_log(rng, 1.5, 6), grey=True), between(rng, 0.03, 0.1))


def plain(rng: Rng, size: Size) -> Image.Image:
    """One colour, nearly."""
    return surface(rng, size, surface_colour(rng))


def gradient(rng: Rng, size: Size) -> Image.Image:
    """From one colour to another in some direction."""
    first = surface_colour(rng)
    second = surface_colour(rng) if chance(rng, 0.2) else _near(rng, first, 70)
    return Image.composite(Image.new("RGB", size, first), Image.new("RGB", size, second), _ramp(rng, size))


def grained(rng: Rng, size: Size) -> Image.Image:
    """Wood, brushed metal, cloth: noise that is longer than wide."""
    ground = Image.new("RGB", size, surface_colour(rng))
    long, short = between_log(rng, 30, 200), between_log(rng, 1.5, 5)
    cells = (long, short) if chance(rng, 0.5) else (short, long)
    grain = clouds(rng, size, cells[0], grey=True, cell_y=cells[1])
    ground = _clouded(ground, grain, between(rng, 0.08, 0.3))
    return _clouded(ground, clouds(rng, size, between_log(rng, 30, 200), grey=True), between(rng, 0.05, 0.2))


def patterned(rng: Rng, size: Size) -> Image.Image:
    """Tiles, bricks, stripes, checks: regular edges that are no text."""
    first = surface_colour(rng)
    image = Image.new("RGB", size, first)
    draw = ImageDraw.Draw(image)
    width = int(between_log(rng, 8, 160))
    height = max(4, int(width * between(rng, 0.25, 1.2)))
    shift = width // 2 if chance(rng, 0.5) else 0
    kind = rng.random()
    start_x, start_y = -whole(rng, 0, width), -whole(rng, 0, height)
    line = max(1, width // whole(rng, 8, 30))
    second = _near(rng, first, 50)
    for row, y in enumerate(range(start_y, size[1], height)):
        if kind < 0.25:  # stripes
            draw.rectangle((0, y, size[0], y + height // 2), fill=second)
            continue
        for x in range(start_x - shift * (row % 2), size[0], width):
            shade = _near(rng, first, 14)
            draw.rectangle(
                (x, y, x + width - line, y + height - line),
                fill=shade if kind < 0.85 else None,
                outline=second,
            )
    return image.filter(ImageFilter.GaussianBlur(between(rng, 0, 1.5)))


def scene(rng: Rng, size: Size) -> Image.Image:
    """Something out of focus behind: blotches of colour, shapes with edges, leaves or rubble."""
    factor = 2 if max(size) > 200 else 1
    small = (max(2, size[0] // factor), max(2, size[1] // factor))
    span = max(small)
    image = clouds(rng, small, between_log(rng, span / 12, span), contrast=between(rng, 0.3, 1.0))
    image = Image.blend(image, Image.new("RGB", small, any_colour(rng)), between(rng, 0.2, 0.7))
    _shapes(rng, image, whole(rng, 2, 14))
    image = image.filter(ImageFilter.GaussianBlur(between_log(rng, 0.4, 0.03 * span + 0.5)))
    if chance(rng, 0.6):
        _shapes(rng, image, whole(rng, 1, 8))
        image = image.filter(ImageFilter.GaussianBlur(between_log(rng, 0.3, 2)))
    if chance(rng, 0.6):
        image = _clouded(
            image, clouds(rng, small, between_log(rng, 1.5, 12), grey=True), between(rng, 0.05, 0.35)
        )
    return image.resize(size, Image.Resampling.BICUBIC) if small != size else image


def clouds(
    rng: Rng,
    size: Size,
    cell: float,
    *,
    grey: bool = False,
    cell_y: float | None = None,
    contrast: float = 1.0,
) -> Image.Image:
    """Smooth noise.

    Args:
        rng: Where it comes from.
        size: Width and height in pixels.
        cell: Size of a blotch in pixels.
        grey: Whether mode L instead of RGB.
        cell_y: Height of a blotch where it differs from its width.
        contrast: Spread around the middle grey, 1 for all of it.
    """
    columns = max(2, round(size[0] / cell) + 2)
    rows = max(2, round(size[1] / (cell_y or cell)) + 2)
    shape = (rows, columns) if grey else (rows, columns, 3)
    values = 128 + contrast * (rng.integers(0, 256, shape, dtype=np.int32) - 128)
    return Image.fromarray(values.astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)


def _clouded(image: Image.Image, noise: Image.Image, strength: float) -> Image.Image:
    """A picture lighter and darker by noise of mode L."""
    level = noise.point([round(255 - 255 * strength + strength * value) for value in range(256)])
    return ImageChops.multiply(image, Image.merge("RGB", (level, level, level)))


def _ramp(rng: Rng, size: Size) -> Image.Image:
    corners = rng.integers(0, 256, (2, 2), dtype=np.int32).astype(np.uint8)
    return Image.fromarray(corners).resize(size, Image.Resampling.BILINEAR)


def _near(rng: Rng, colour: Colour, distance: int) -> Colour:
    shift = whole(rng, -distance, distance)
    red, green, blue = (
        min(255, max(0, channel + shift + whole(rng, -distance // 3, distance // 3))) for channel in colour
    )
    return red, green, blue


def _shapes(rng: Rng, image: Image.Image, count: int) -> None:
    draw = ImageDraw.Draw(image)
    width, height = image.size
    span = max(image.size)
    for _ in range(count):
        colour = any_colour(rng)
        x, y = between(rng, -0.1, 1.0) * width, between(rng, -0.1, 1.0) * height
        w, h = between_log(rng, 0.02, 0.7) * span, between_log(rng, 0.02, 0.7) * span
        kind = rng.random()
        if kind < 0.45:
            draw.rectangle((x, y, x + w, y + h), fill=colour)
        elif kind < 0.65:
            draw.ellipse((x, y, x + w, y + h), fill=colour)
        elif kind < 0.85:
            points = [(x + between(rng, -w, w), y + between(rng, -h, h)) for _ in range(whole(rng, 3, 5))]
            draw.polygon(points, fill=colour)
        else:
            draw.line(
                (x, y, x + between(rng, -w, w), y + between(rng, -h, h)),
                fill=colour,
                width=max(1, int(span / 60)),
            )
