"""Installed fonts, found by the characters they cover.

>>> from slim.fonts import find_font
>>> choice = find_font("Total: 12.50")
>>> font = choice.load(24)  # a Pillow font of 24 pixels
"""

from slim.fonts.catalogue import LATIN, FontCatalogue, find_families, find_font
from slim.fonts.choice import FontChoice
from slim.fonts.face import FontKind, essential_characters

__all__ = [
    "LATIN",
    "FontCatalogue",
    "FontChoice",
    "FontKind",
    "essential_characters",
    "find_families",
    "find_font",
]
