"""A flat thing with text on it, in pixels of its own: x to the right, y down."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from slim.data.synthetic.draws import Rng, between
from slim.data.synthetic.hand import Hand
from slim.data.synthetic.ink import Ink, draw_ink
from slim.data.synthetic.lettering import Lettering, letter
from slim.data.synthetic.ornaments import ornament
from slim.data.synthetic.scene import Scene
from slim.data.synthetic.text import TextMaker
from slim.data.synthetic.warp import Matrix, mapped, rectangle, shift


@dataclass(frozen=True, eq=False)
class Sheet:
    """A flat thing with text on it.

    Attributes:
        scene: The picture it is in.
        view: From its pixels to the picture's.
        width: Its width in its pixels.
        height: Likewise.
        least: Smallest em height of text on it, in its pixels.
    """

    scene: Scene
    view: Matrix
    width: float
    height: float
    least: float

    def write(self, rng: Rng, lettering: Lettering, at: tuple[float, float], ink: Ink | None) -> Ink | None:
        """Put a line with its ink's upper left corner at a place.

        Args:
            rng: Where the look comes from.
            lettering: The line.
            at: The place.
            ink: None for one that suits the ground there.

        Returns:
            The ink; None where the line would leave the sheet or the picture.
        """
        if min(at) < 0 or at[0] + lettering.width > self.width or at[1] + lettering.height > self.height:
            return None
        view = self.view @ shift(*at)
        placed = self.scene.place(lettering, view)
        if placed is None:
            return None
        used = ink or draw_ink(rng, self.scene.ground(placed[1]), lettering.size)
        return used if self.scene.write(rng, lettering, view, used) else None

    def decorate(self, rng: Rng, at: tuple[float, float], size: float) -> float:
        """Print an ornament about so high with its upper left corner at a place.

        Returns:
            Its width; 0 where it would leave the sheet.
        """
        mask = ornament(rng, max(8, round(size)))
        if min(at) < 0 or at[0] + mask.width > self.width or at[1] + mask.height > self.height:
            return 0.0
        view = self.view @ shift(*at)
        corners = mapped(view, rectangle(0, 0, *mask.size))
        low, high = corners.min(axis=0), corners.max(axis=0)
        box = (int(low[0]), int(low[1]), int(high[0]) + 1, int(high[1]) + 1)
        self.scene.print(rng, mask, view, draw_ink(rng, self.scene.ground(box), mask.height))
        return float(mask.width)


def fit_line(
    rng: Rng, maker: TextMaker, hand: Hand, size: int, room: float, *, full: bool
) -> Lettering | None:
    """A line that fits into a width.

    Args:
        rng: Where it comes from.
        maker: What it says.
        hand: How it is set.
        size: Em height in pixels.
        room: Width in pixels it may take.
        full: Whether it should take nearly all of it; otherwise it takes some part.

    Returns:
        None where not even one character fits.
    """
    columns = 2 * room / (size * hand.stretch * (1 + 1.5 * hand.spacing))
    text = maker.text(rng, hand, max(1, round(columns * (1.0 if full else between(rng, 0.2, 0.95)))))
    for _ in range(6):
        made = letter(hand, text, size) if text else None
        if made is None or made.width <= room:
            return made
        text = text[: min(len(text) - 1, int(len(text) * room / made.width))].strip()
    return None


def centred(sheet_width: float, lettering: Lettering) -> float:
    """Where a line begins that stands in the middle."""
    return (sheet_width - lettering.width) / 2


def blank(size: tuple[int, int]) -> Image.Image:
    """A black picture, for scenes that a sheet covers wholly."""
    return Image.new("RGB", size)
