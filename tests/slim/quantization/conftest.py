"""The angle classifier as it was published, and lines to calibrate it with."""

from __future__ import annotations

from pathlib import Path

import pytest
from quantization_context import context_of

from slim.data.synthetic import SyntheticLines
from slim.pipeline.step import StepContext


@pytest.fixture(scope="session")
def classifier(embedded_models: Path) -> Path:
    """Folder of its inference model; not to be changed."""
    return embedded_models / "ch_ppocr_mobile_v2_cls_infer"


@pytest.fixture(scope="session")
def lines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Pictures of lines."""
    folder = tmp_path_factory.mktemp("lines")
    drawn = SyntheticLines("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ", count=6, seed=1)
    paths = tuple(folder / f"{number}.png" for number in range(len(drawn)))
    for number, path in enumerate(paths):
        drawn[number].picture.save(path)
    return paths


@pytest.fixture
def context(classifier: Path, lines: tuple[Path, ...]) -> StepContext:
    """What the engine gives a step of a recipe for the classifier."""
    return context_of(classifier, lines, lambda *_: None)
