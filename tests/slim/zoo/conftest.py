"""A store of one's own, and a web server, for each test that wants one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from zoo_archives import DET_PATH, model_tar
from zoo_server import MirrorServer, running_server


@pytest.fixture
def store_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the local store of this test alone; it does not exist yet."""
    monkeypatch.setenv("PPOCR_EDGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "models"


@pytest.fixture
def server() -> Iterator[MirrorServer]:
    """A mirror that has one small detection model."""
    with running_server() as running:
        running.files[DET_PATH] = model_tar("ch_ppocr_server_v2.0_det_infer")
        yield running


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    """A mirror folder that has the same model."""
    file = tmp_path / "mirror" / DET_PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(model_tar("ch_ppocr_server_v2.0_det_infer"))
    return tmp_path / "mirror"
