"""Small photographs, recipes for them, and a run of one that tests may copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from slim.pipeline.request import SlimRequest
from slim.pipeline.run import slim_model
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
  - weights: {scale: 0.001}
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


def request_for(text: str, out: Path, labels: tuple[Path, Path], **changes: object) -> SlimRequest:
    asked = {
        "recipe": parse_recipe(text, "tiny.yml", parser_of),
        "out": out,
        "train": {"photographs": labels[0]},
        "evaluate": {"photographs": labels[1]},
        "seed": 5,
        "threads": 1,
    }
    return SlimRequest(**{**asked, **changes})  # type: ignore[arg-type]


@pytest.fixture
def ask(tmp_path: Path, train_labels: Path, evaluation_labels: Path) -> Asking:
    """Makes a request of a recipe's text; the result goes to ``out``."""

    def ask(text: str = RECIPE, **changes: object) -> SlimRequest:
        given = {"out": tmp_path / "out", **changes}
        return request_for(text, labels=(train_labels, evaluation_labels), **given)  # type: ignore[arg-type]

    return ask


@pytest.fixture(scope="session")
def finished_run(
    train_labels: Path, evaluation_labels: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The result of the recipe, not to be changed."""
    out = tmp_path_factory.mktemp("finished") / "out"
    with pytest.MonkeyPatch.context() as patch:  # a session's fixture runs before any test's own folders
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        patch.delenv("PPOCR_EDGE_MIRROR", raising=False)
        slim_model(request_for(RECIPE, out, (train_labels, evaluation_labels)))
    return out


@pytest.fixture
def finished(finished_run: Path, tmp_path: Path) -> Path:
    """A copy of it, where ``ask`` puts results."""
    return Path(shutil.copytree(finished_run, tmp_path / "out"))
