"""What is behind signs in a photograph: sky, walls, shelves, plants, lights, people, mostly blurred."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from slim.data.synthetic.colours import anything, earth, near, paint
from slim.data.synthetic.draws import Rng, between, between_log, chance, pick_weighted, whole
from slim.data.synthetic.textures import Size, clouds, rough_clouds, shaded, tinted


def scenery(rng: Rng, size: Size) -> Image.Image:
    """A scene as RGB of a size (width, height)."""
    factor = 2 if max(size) > 200 else 1
    small = (max(8, size[0] // factor), max(8, size[1] // factor))
    span = max(small)
    image = tinted(rough_clouds(rng, small, between_log(rng, span / 8, span)), [earth(rng) for _ in range(3)])
    for part in (whole(rng, 1, 5), whole(rng, 0, 5)):
        for _ in range(part):
            pick_weighted(rng, _THINGS)(rng, image, span)
        image = image.filter(ImageFilter.GaussianBlur(between_log(rng, 0.3, 0.012 * span + 0.5)))
    image = shaded(image, clouds(rng, small, span / 3), between(rng, 0.1, 0.65))
    if chance(rng, 0.7):
        image = shaded(image, clouds(rng, small, between_log(rng, 1.5, 8)), between(rng, 0.03, 0.25))
    return image.resize(size, Image.Resampling.BICUBIC) if factor > 1 else image


def _wall(rng: Rng, image: Image.Image, span: int) -> None:
    """A wall, with windows or without."""
    draw = ImageDraw.Draw(image)
    x, y = between(rng, -0.2, 0.9) * image.width, between(rng, -0.2, 0.7) * image.height
    width, height = between_log(rng, 0.1, 0.8) * span, between_log(rng, 0.1, 0.8) * span
    wall = earth(rng)
    draw.rectangle((x, y, x + width, y + height), fill=wall)
    if chance(rng, 0.4):
        return
    columns, rows = whole(rng, 2, 7), whole(rng, 2, 6)
    pane = near(rng, wall, 90)
    w, h = width / columns, height / rows
    share_x, share_y = between(rng, 0.4, 0.9), between(rng, 0.4, 0.9)
    for column in range(columns):
        for row in range(rows):
            left, top = x + column * w, y + row * h
            draw.rectangle((left, top, left + share_x * w, top + share_y * h), fill=near(rng, pane, 20))


def _shelf(rng: Rng, image: Image.Image, span: int) -> None:
    """Rows of small things in strong colours."""
    draw = ImageDraw.Draw(image)
    y = between(rng, -0.1, 0.8) * image.height
    left, right = between(rng, -0.2, 0.5) * image.width, between(rng, 0.5, 1.2) * image.width
    for _ in range(whole(rng, 1, 4)):
        height = between(rng, 0.04, 0.12) * span
        x, colour = left, anything(rng)
        while x < right:
            width = height * between(rng, 0.3, 1.1)
            if chance(rng, 0.3):
                colour = anything(rng)
            draw.rectangle((x, y, x + 0.9 * width, y + height), fill=near(rng, colour, 25))
            x += width
        y += height
        draw.rectangle((left, y, right, y + 0.15 * height), fill=near(rng, (150, 145, 140), 60))
        y += 0.2 * height


def _plant(rng: Rng, image: Image.Image, span: int) -> None:
    """Leaves: rough noise in greens, in some shape."""
    size = (max(4, int(between(rng, 0.15, 0.7) * span)), max(4, int(between(rng, 0.1, 0.5) * span)))
    leaf = earth(rng) if chance(rng, 0.3) else (whole(rng, 30, 90), whole(rng, 70, 140), whole(rng, 20, 70))
    leaves = tinted(rough_clouds(rng, size, 12), [(10, 16, 8), leaf, near(rng, leaf, 60)])
    shape = clouds(rng, size, max(size) / 3).point([255 if value > 110 else 0 for value in range(256)])
    place = (int(between(rng, -0.2, 0.9) * image.width), int(between(rng, -0.2, 0.9) * image.height))
    image.paste(leaves, place, shape)


def _lights(rng: Rng, image: Image.Image, span: int) -> None:
    """Lamps, reflections."""
    draw = ImageDraw.Draw(image)
    row = between(rng, 0, 0.6) * image.height
    for _ in range(whole(rng, 1, 10)):
        x, y = between(rng, 0, 1) * image.width, row + between(rng, -0.1, 0.1) * image.height
        radius = between_log(rng, 0.004, 0.03) * span
        glow = near(rng, (245, 235, 205), 30)
        draw.ellipse((x - radius * between(rng, 1, 4), y - radius, x + radius, y + radius), fill=glow)


def _person(rng: Rng, image: Image.Image, span: int) -> None:
    """Head, body, and what may be legs."""
    draw = ImageDraw.Draw(image)
    x, y = between(rng, 0, 1) * image.width, between(rng, 0.1, 0.8) * image.height
    unit = between_log(rng, 0.02, 0.1) * span
    draw.ellipse((x - 0.8 * unit, y - unit, x + 0.8 * unit, y + unit), fill=near(rng, (120, 85, 65), 60))
    draw.rounded_rectangle(
        (x - 1.6 * unit, y + 1.1 * unit, x + 1.6 * unit, y + 5 * unit), unit, fill=anything(rng)
    )
    draw.rectangle(
        (x - 1.2 * unit, y + 5 * unit, x + 1.2 * unit, y + 9 * unit), fill=near(rng, (40, 40, 50), 30)
    )


def _bars(rng: Rng, image: Image.Image, span: int) -> None:
    """Railings, shutters, cables: parallel lines."""
    draw = ImageDraw.Draw(image)
    x, y = between(rng, -0.2, 0.8) * image.width, between(rng, -0.2, 0.8) * image.height
    step, length = between_log(rng, 0.01, 0.08) * span, between_log(rng, 0.1, 1.0) * span
    lean = between(rng, -0.3, 0.3)
    colour, width = anything(rng), max(1, round(step * between(rng, 0.1, 0.5)))
    upright = chance(rng, 0.5)
    for i in range(whole(rng, 2, 16)):
        if upright:
            draw.line((x + i * step, y, x + i * step + lean * length, y + length), fill=colour, width=width)
        else:
            draw.line((x, y + i * step, x + length, y + i * step + lean * length), fill=colour, width=width)


def _thing(rng: Rng, image: Image.Image, span: int) -> None:
    """A shape with sharp edges."""
    draw = ImageDraw.Draw(image)
    x, y = between(rng, -0.1, 1) * image.width, between(rng, -0.1, 1) * image.height
    reach = between_log(rng, 0.03, 0.4) * span
    colour = paint(rng) if chance(rng, 0.3) else anything(rng)
    if chance(rng, 0.4):
        draw.ellipse((x, y, x + reach, y + reach * between(rng, 0.3, 1.5)), fill=colour)
        return
    points = [
        (x + between(rng, -reach, reach), y + between(rng, -reach, reach)) for _ in range(whole(rng, 3, 5))
    ]
    draw.polygon(points, fill=colour)


_THINGS: Final[tuple[tuple[float, Callable[[Rng, Image.Image, int], None]], ...]] = (
    (3, _wall),
    (2, _shelf),
    (2, _plant),
    (1, _lights),
    (1, _person),
    (2, _bars),
    (2, _thing),
)
