"""A small signed release of a real bundle, to be tampered with."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.release_kit.made_release import Tampered, Tree, files_below, made_release


@pytest.fixture(scope="session")
def arm_bundle(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """The files of the angle classifier's bundle for ARM; use with ``@pytest.mark.embedded``."""
    from deploy_tools.conversion.bundle_writer import write_bundle
    from deploy_tools.conversion.options import conversion_options
    from deploy_tools.conversion.source import zoo_source
    from slim.zoo.pull import ensure

    with pytest.MonkeyPatch.context() as patch:  # a session's fixture runs before any test's own folders
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        source = zoo_source(ensure("ch_ppocr_mobile_v2.0_cls"))
    bundle = write_bundle(source, conversion_options("arm"), tmp_path_factory.mktemp("arm"))
    return files_below(bundle.folder)


@pytest.fixture(scope="session")
def _pristine(arm_bundle: Tree, tmp_path_factory: pytest.TempPathFactory) -> Tampered:
    return made_release(tmp_path_factory.mktemp("release"), arm_bundle)


@pytest.fixture
def made(_pristine: Tampered, tmp_path: Path) -> Tampered:
    """A release of the test's own."""
    folder = shutil.copytree(_pristine.folder, tmp_path / _pristine.folder.name)
    return Tampered(Path(folder), _pristine.key)
