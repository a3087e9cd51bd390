"""Copies of real bundles, to be damaged."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from edge.bundle.bundle import Bundle
from edge.bundle.manifest import MANIFEST_NAME


class Copy:
    """A bundle of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest_path = folder / MANIFEST_NAME

    @property
    def manifest(self) -> dict[str, Any]:
        values: dict[str, Any] = json.loads(self.manifest_path.read_text(encoding="utf-8"))
        return values

    def set(self, *way: str, value: object) -> None:
        """Change one field of the manifest; its way is given by names."""
        values = inner = self.manifest
        for name in way[:-1]:
            inner = inner[name]
        inner[way[-1]] = value
        self.write(values)

    def drop(self, *way: str) -> None:
        """Leave one field of the manifest out."""
        values = inner = self.manifest
        for name in way[:-1]:
            inner = inner[name]
        del inner[way[-1]]
        self.write(values)

    def write(self, values: dict[str, Any]) -> None:
        self.manifest_path.write_text(json.dumps(values), encoding="utf-8")

    def replace(self, name: str, content: bytes) -> None:
        """Give a file another content that the manifest vouches for."""
        (self.folder / name).write_bytes(content)
        entry = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        self.set("files", name, value=entry)


@pytest.fixture
def copy_of(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> Callable[[str], Copy]:
    """``copy_of(task)``."""

    def make(task: str) -> Copy:
        return Copy(Path(shutil.copytree(default_bundles[task].folder, tmp_path / task)))

    return make


@pytest.fixture(scope="session")
def arm_model(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The angle classifier for ARM."""
    from deploy_tools.conversion.opt import run_opt
    from deploy_tools.conversion.options import conversion_options

    out = tmp_path_factory.mktemp("arm") / "arm.nb"
    run_opt(embedded_models / "ch_ppocr_mobile_v2_cls_infer", conversion_options("arm"), out)
    return out.read_bytes()
