"""Models to convert, and copies of them to be damaged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.conversion.source import ModelSource, zoo_source
from slim.zoo.pull import ensure

CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"


@pytest.fixture(scope="session")
def classifier(embedded_models: Path) -> Path:
    """Folder of the angle classifier's inference model; not to be changed."""
    return embedded_models / CLASSIFIER


@pytest.fixture
def model(classifier: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(classifier, tmp_path / "model"))


@pytest.fixture
def from_zoo(embedded_models: Path) -> Callable[[str], ModelSource]:
    """``from_zoo(name)``."""
    return lambda name: zoo_source(ensure(name))
