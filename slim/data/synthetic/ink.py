"""Putting lettering on a picture: colour, outline, shadow, worn print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat

from slim.data.synthetic.colours import Colour, ink_colour, luminance
from slim.data.synthetic.draws import Rng, between, chance, pick_weighted, whole
from slim.data.synthetic.textures import clouds


@dataclass(frozen=True)
class Ink:
    """How lettering is painted.

    Attributes:
        colour: Of the letters.
        opacity: Of the letters, 0 to 1.
        outline: Colour around them; None without.
        shadow: Colour of their shadow; None without.
        offset: Of the shadow in pixels.
        softness: Of the shadow: radius of its blur in pixels.
        worn: How much of the print has gone, 0 to 1.
        dots: Distance of the dots it is made of, as on displays of lamps; 0 where it is solid.
    """

    colour: Colour
    opacity: float = 1.0
    outline: Colour | None = None
    shadow: Colour | None = None
    offset: tuple[int, int] = (0, 0)
    softness: float = 0.0
    worn: float = 0.0
    dots: int = 0


def draw_ink(rng: Rng, ground: Image.Image, size: int) -> Ink:
    """An ink that can be read on a ground.

    Args:
        rng: Where it comes from.
        ground: What is behind the text.
        size: Em height of the text in pixels.
    """
    statistics = ImageStat.Stat(ground)
    colour = tuple(round(value) for value in statistics.mean)
    unrest = luminance(tuple(statistics.stddev))
    least = pick_weighted(rng, [(0.12, 55.0 if size >= 16 else 80.0), (0.38, 85.0), (0.5, 120.0)]) + unrest
    bright = luminance(colour)
    ink = ink_colour(rng, (colour[0], colour[1], colour[2]), least=min(least, max(bright, 255 - bright) - 10))
    opposite: Colour = (0, 0, 0) if luminance(ink) > 127 else (255, 255, 255)
    outline = opposite if size >= 20 and chance(rng, 0.75 if unrest > 30 else 0.04) else None
    shadow = None
    if size >= 16 and chance(rng, 0.12):
        shadow = (0, 0, 0) if luminance(ink) > 90 else (255, 255, 255)
    reach = max(1, size // 14)
    return Ink(
        colour=ink,
        opacity=between(rng, 0.75, 1.0) if least > 100 and chance(rng, 0.4) else 1.0,
        outline=outline,
        shadow=shadow,
        offset=(whole(rng, -reach, reach), whole(rng, 0, reach)),
        softness=between(rng, 0.3, 1 + size / 16),
        worn=between(rng, 0.1, 0.5) if size >= 16 and chance(rng, 0.12) else 0.0,
        dots=max(3, size // 12) if size >= 30 and chance(rng, 0.03) else 0,
    )


def apply_ink(rng: Rng, picture: Image.Image, mask: Image.Image, at: tuple[int, int], ink: Ink) -> None:
    """Paint lettering on a picture, in place.

    Args:
        rng: Where the wear comes from.
        picture: RGB.
        mask: The letters' coverage, mode L; its empty margin takes outline and shadow.
        at: Where its upper left corner goes; it may reach beyond the picture.
        ink: With what.
    """
    if ink.dots:
        mask = ImageChops.multiply(mask, _dots(mask.size, ink.dots))
    if ink.shadow is not None:
        soft = mask.filter(ImageFilter.GaussianBlur(ink.softness))
        picture.paste(ink.shadow, (at[0] + ink.offset[0], at[1] + ink.offset[1]), _scaled(soft, 0.6))
    if ink.outline is not None:
        wide = mask.filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.GaussianBlur(0.5))
        picture.paste(ink.outline, at, ImageChops.lighter(wide, mask))
    cover = mask if ink.opacity == 1 else _scaled(mask, ink.opacity)
    if ink.worn:
        holes = clouds(rng, mask.size, between(rng, 1.5, 8))
        floor = 255 * (1 - ink.worn)
        kept = [round(min(255, max(floor, 255 - (value - 150) * 3))) for value in range(256)]
        cover = ImageChops.multiply(cover, holes.point(kept))
    picture.paste(ink.colour, at, cover)


def _dots(size: tuple[int, int], distance: int) -> Image.Image:
    """Round dots in rows and columns, mode L."""
    dot = Image.new("L", (4 * distance, 4 * distance))
    ImageDraw.Draw(dot).ellipse((1, 1, 4 * distance - 2, 4 * distance - 2), fill=255)
    tile = np.asarray(dot.reduce(4))
    rows, columns = -(-size[1] // distance), -(-size[0] // distance)
    return Image.fromarray(np.tile(tile, (rows, columns))[: size[1], : size[0]])


def _scaled(mask: Image.Image, share: float) -> Image.Image:
    return mask.point([round(share * value) for value in range(256)])
