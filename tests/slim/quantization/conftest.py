"""The angle classifier as it was published, and lines to calibrate it with."""

from __future__ import annotations

from pathlib import Path

import pytest

from slim.pipeline.step import StepContext
from tests.step_kit import classifier_context, drawn_lines


@pytest.fixture(scope="session")
def classifier(embedded_models: Path) -> Path:
    """Folder of its inference model; not to be changed."""
    return embedded_models / "ch_ppocr_mobile_v2_cls_infer"


@pytest.fixture(scope="session")
def lines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Pictures of lines."""
    folder = tmp_path_factory.mktemp("lines")
    return drawn_lines(folder, 6, "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ")


@pytest.fixture
def context(classifier: Path, lines: tuple[Path, ...]) -> StepContext:
    """What the engine gives a step of a recipe for the classifier."""
    return classifier_context(classifier, lines)
