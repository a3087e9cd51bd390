"""Bundles of all kinds in one release: half precision, OpenCL, integer weights."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy_tools.conversion.bundle_writer import write_bundle
from deploy_tools.conversion.options import conversion_options
from deploy_tools.conversion.source import ModelSource, folder_source
from deploy_tools.release.trust.verify import check_contents
from tests.release_kit.package_run import PackageRun

pytestmark = pytest.mark.embedded
OUT = Path("out/made-1.0")
ALLOW = ("--allow", "no-gates")


@pytest.fixture
def source(embedded_models: Path) -> ModelSource:
    return folder_source(embedded_models / "ch_ppocr_mobile_v2_cls_infer", "cls", None)


def packed(package: PackageRun, *words: object) -> str:
    """The card; the release fits together."""
    package(*words, *ALLOW)
    check_contents(OUT, (OUT / "SHA256SUMS").read_bytes())
    return next((OUT / "cards").iterdir()).read_text()


def test_what_is_let_pass_is_told_once(package: PackageRun, classifiers: Mapping[str, Path]) -> None:
    both = ("--target", "linux-arm64", "--target", "linux-x86_64")
    packed(package, classifiers["arm"], classifiers["x86"], *both)
    assert package.err.count("let pass by --allow no-gates: ch_ppocr_mobile_v2_cls_infer: was never") == 1


def test_half_precision(package: PackageRun, source: ModelSource, tmp_path: Path) -> None:
    bundle = write_bundle(source, conversion_options("arm", fp16=True), tmp_path)
    card = packed(package, bundle.folder, "--target", "linux-arm64", "--target", "android")
    assert "In half precision it needs a processor of ARMv8.2" in card
    assert "differ from the golden one by 0.1" in card


def test_opencl_is_for_arm(package: PackageRun, source: ModelSource, tmp_path: Path) -> None:
    bundle = write_bundle(source, conversion_options("arm,opencl"), tmp_path)
    card = packed(package, bundle.folder, "--target", "linux-arm64")
    assert "For OpenCL it needs a GPU" in card
    package(bundle.folder, "--target", "linux-x86_64", *ALLOW, code=2)
    assert "which suits none of linux-x86_64" in package.err
    arm = write_bundle(source, conversion_options("arm"), tmp_path)
    package(bundle.folder, arm.folder, "--target", "linux-arm64", *ALLOW, code=2)
    assert "is a second cls model for linux-arm64" in package.err


def test_integer_weights_beside_float(package: PackageRun, source: ModelSource, tmp_path: Path) -> None:
    """Each is held to the tolerance of its own kind."""
    arm = write_bundle(source, conversion_options("arm", weights="int8"), tmp_path)
    x86 = write_bundle(source, conversion_options("x86"), tmp_path)
    packed(package, arm.folder, x86.folder, "--target", "linux-arm64", "--target", "linux-x86_64")
    golden = {}
    for model in json.loads((OUT / "manifest.json").read_bytes())["models"]:
        golden[model["target"]] = (model["golden"]["of"], model["golden"]["tolerance"])
    assert golden == {"arm": ("rounded weights", 0.001), "x86": ("float model", 0.001)}
    for target in ("linux-arm64", "linux-x86_64"):
        with tarfile.open(OUT / f"made-1.0-{target}.tar.gz") as archive:
            script = archive.extractfile("made-1.0/selftest")
            assert script is not None
            assert b"check cls 0.001 " in script.read()
