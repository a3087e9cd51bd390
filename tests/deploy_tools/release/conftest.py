"""Real bundles of the angle classifier, and ``package`` called in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.deploy_tools.cli.command_run import CommandRun
from tests.release_kit.made_bundles import judged
from tests.release_kit.package_run import PackageRun


@pytest.fixture(scope="session")
def classifiers(tmp_path_factory: pytest.TempPathFactory, embedded_models: Path) -> Mapping[str, Path]:
    """Bundles by target, nowhere judged; use with ``@pytest.mark.embedded``. Not to be changed."""
    from deploy_tools.conversion.bundle_writer import write_bundle
    from deploy_tools.conversion.options import conversion_options
    from deploy_tools.conversion.source import folder_source

    source = folder_source(embedded_models / "ch_ppocr_mobile_v2_cls_infer", "cls", None)
    folder = tmp_path_factory.mktemp("classifiers")
    return {
        target: write_bundle(source, conversion_options(target), folder).folder for target in ("x86", "arm")
    }


@pytest.fixture(scope="session")
def passed(classifiers: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The same, which passed their gates."""
    folder = tmp_path_factory.mktemp("passed")
    return {target: judged(bundle, folder / target) for target, bundle in classifiers.items()}


@pytest.fixture
def package(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> PackageRun:
    """``package(bundle, …, *words, code=0)`` makes ``made-1.0`` in ``out`` of the test's own folder."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.chdir(tmp_path)
    return PackageRun(CommandRun(capsys, "package"))
