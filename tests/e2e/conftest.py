"""A picture to read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small picture with one line of text, ``Hello 2026``."""
    image = Image.new("RGB", (320, 96), "white")
    ImageDraw.Draw(image).text((20, 24), "Hello 2026", fill="black", font=ImageFont.load_default(40))
    path = tmp_path_factory.mktemp("picture") / "hello.png"
    image.save(path)
    return path
