"""Pictures for training, kept decoded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from edge.ocr.image import load_image

MEMORY: Final = 1_500_000_000
"""Bytes of decoded pixels to keep: a thousand photographs."""


class Pictures:
    """Pictures by number, decoded when they are first asked for.

    Not for several threads at once.

    Args:
        paths: The files.
        longest: Pictures are reduced to this longer side in pixels; whole where None.
    """

    def __init__(self, paths: Sequence[Path], longest: int | None = None) -> None:
        self.paths = tuple(paths)
        self._longest = longest
        self._kept: OrderedDict[int, Image.Image] = OrderedDict()
        self._ratios: dict[int, float] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.paths)

    def ratio(self, index: int) -> float:
        """How many times smaller a picture is than its file, once it was asked for."""
        return self._ratios[index]

    def __getitem__(self, index: int) -> Image.Image:
        """An RGB picture.

        Raises:
            ImageError: The file cannot be read.
        """
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        loaded = load_image(self.paths[index])
        picture = loaded.picture
        if self._longest is not None and max(picture.size) > self._longest:
            ratio = self._longest / max(picture.size)
            size = max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))
            picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3)
        self._ratios[index] = loaded.width / picture.width
        self._kept[index] = picture
        self._bytes += _bytes(picture)
        while self._bytes > MEMORY and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= _bytes(dropped)
        return picture


def _bytes(picture: Image.Image) -> int:
    return picture.width * picture.height * 3
