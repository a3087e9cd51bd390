"""Models to convert, and copies of them to be damaged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy_tools.conversion.source import ModelSource, zoo_source
from slim.zoo.pull import ensure

CLASSIFIER = "ch_ppocr_mobile_v2_cls_infer"
# what every Python of a conversion runs first: the one that is named stays when it has done its work
_STAYING = """
import atexit, os, sys, time
name = os.environ.get("STAYS", "")
if name and any(name in word for word in sys.orig_argv):
    from edge.predictor.frames import Channel
    Channel.send = lambda *_, **__: time.sleep(600)
    atexit.register(time.sleep, 600)
"""


@pytest.fixture(scope="session")
def classifier(embedded_models: Path) -> Path:
    """Folder of the angle classifier's inference model; not to be changed."""
    return embedded_models / CLASSIFIER


@pytest.fixture
def model(classifier: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return Path(shutil.copytree(classifier, tmp_path / "model"))


@pytest.fixture
def staying(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For ``PYTHONPATH``: whoever looks for a child of a conversion does not come too late.

    The one that has the word of the variable ``STAYS`` in its command does its work, or the beginning of it,
    and then neither answers nor ends.
    """
    folder = tmp_path_factory.mktemp("staying")
    (folder / "sitecustomize.py").write_text(_STAYING)
    return folder


@pytest.fixture
def from_zoo(embedded_models: Path) -> Callable[[str], ModelSource]:
    """``from_zoo(name)``."""
    return lambda name: zoo_source(ensure(name))
