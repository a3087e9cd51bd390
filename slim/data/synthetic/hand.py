"""How a block of text is set: its face, script, weight, width and spacing."""

from __future__ import annotations

from dataclasses import dataclass

from slim.data.synthetic.draws import Rng, between, chance
from slim.data.synthetic.typefaces import Typeface


@dataclass(frozen=True)
class Hand:
    """What the lines of a block have in common.

    Attributes:
        face: With which they are set.
        script: Of most of their words; None where the face has no script words can be made of.
        stretch: Width of letters, 1 as designed.
        stroke: Extra thickness of strokes on each side in em.
        spacing: Extra space between letters in em; ignored where letters join or change by their neighbours.
    """

    face: Typeface
    script: str | None
    stretch: float = 1.0
    stroke: float = 0.0
    spacing: float = 0.0


def draw_hand(rng: Rng, face: Typeface, script: str | None) -> Hand:
    """A look for a face, mostly its own: few fonts are installed, and print has many."""
    regular = face.face.weight < 600
    return Hand(
        face,
        script,
        stretch=between(rng, 0.72, 1.25) if chance(rng, 0.35) else 1.0,
        stroke=between(rng, 0.006, 0.026) if regular and chance(rng, 0.3) else 0.0,
        spacing=between(rng, 0.02, 0.3) if chance(rng, 0.12) else 0.0,
    )
