"""Small photographs, a recipe for them, and a run of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from slim.pipeline.request import SlimRequest
from slim.recipes.reader import parse_recipe
from tests.slim.pipeline.tiny_steps import parser_of

RECIPE = """\
recipe: 1
name: tiny
model: ch_PP-OCRv4_det
kind: inference
seed: 5
data:
  train:
    photographs: {files: any}
  evaluate:
    photographs: {files: labelled}
steps:
  - prune: {steps: 4}
gates:
  - {measure: hmean, largest_loss: 0.5 points, data: photographs}
  - {measure: parameters, most: 2_000_000}
"""


def draw_photographs(folder: Path, words: list[str]) -> Path:
    """Photographs of one word each and their label file."""
    folder.mkdir()
    rows = []
    for number, word in enumerate(words):
        image = Image.new("RGB", (224, 96), (250, 250, 245))
        draw, font = ImageDraw.Draw(image), ImageFont.load_default(34)
        draw.text((20, 26), word, fill=(20, 20, 30), font=font)
        left, top, right, bottom = draw.textbbox((20, 26), word, font=font)
        image.save(folder / f"{number}.png")
        points = [[left, top], [right, top], [right, bottom], [left, bottom]]
        rows.append(f"{number}.png\t{json.dumps([{'transcription': word, 'points': points}])}\n")
    (folder / "labels.txt").write_text("".join(rows))
    return folder / "labels.txt"


@pytest.fixture(scope="session")
def train_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_photographs(tmp_path_factory.mktemp("data") / "train", ["Alpha", "Beta"])


@pytest.fixture(scope="session")
def evaluation_labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    words = ["Harbour", "Finch", "Monday", "Ticket"]
    return draw_photographs(tmp_path_factory.mktemp("data") / "evaluate", words)


Asking = Callable[..., SlimRequest]


@pytest.fixture
def ask(tmp_path: Path, train_labels: Path, evaluation_labels: Path) -> Asking:
    """Makes a request of a recipe's text; the result goes to ``out``."""

    def ask(text: str = RECIPE, **changes: object) -> SlimRequest:
        asked = {
            "recipe": parse_recipe(text, "tiny.yml", parser_of),
            "out": tmp_path / "out",
            "train": {"photographs": train_labels},
            "evaluate": {"photographs": evaluation_labels},
            "seed": 5,
            "threads": 1,
        }
        return SlimRequest(**{**asked, **changes})  # type: ignore[arg-type]

    return ask
