"""Bundles whose manifest lies, or says what no release can: refused in a line, and nothing is made."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deploy_tools.release.contents.model import gather_model
from edge.hashing import sha256_of
from tests.e2e.command import run_command
from tests.release_kit.made_bundles import changed
from tests.release_kit.package_run import PackageRun

pytestmark = pytest.mark.embedded
ARM = ("--target", "linux-arm64", "--target", "android")


def refused(package: PackageRun, bundle: Path, said: str) -> None:
    package(bundle, *ARM, code=2)
    assert said in package.err
    assert package.err.count("\n") == 1
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda m: m.update(name=" "), "its model's name has 0 characters, where 1 to 200 are expected"),
        (lambda m: m.update(name="n" * 201), "its model's name has 201 characters"),
        (lambda m: m["source"].update(note="\ud800"), "its manifest holds half a character"),
        (lambda m: m["versions"].update(x="\udfff"), "its manifest holds half a character"),
        (lambda m: m["golden"].update(of="a\nb"), "field 'golden.of' is 'a\\nb'"),
        (lambda m: m.update(golden=None), "has no golden input and output to test itself with"),
        (lambda m: m["source"]["result"].update(quick=True), "said to be passed, and its verdicts say"),
        (lambda m: m["source"]["result"]["verdicts"][0].update(passed=False), "its verdicts say otherwise"),
        (lambda m: [v.update(passed=None) for v in m["source"]["result"]["verdicts"]], "say otherwise"),
    ],
)
def test_manifests(
    package: PackageRun,
    passed: Mapping[str, Path],
    tmp_path: Path,
    edit: Callable[[dict[str, Any]], object],
    said: str,
) -> None:
    bundle = Path(shutil.copytree(passed["arm"], tmp_path / "b"))
    manifest = json.loads((bundle / "manifest.json").read_text())
    edit(manifest)
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    refused(package, bundle, said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ('it\'s "$(touch pwned)".txt', "has characters that no name of a release has"),
        ("MODEL.nb", "'MODEL.nb' is the same as 'model.nb' on some systems"),
        ("-rf", "begins or ends as no name of a release does"),
        ("notes.", "begins or ends as no name of a release does"),
        ("C:stream", "has characters that no name of a release has"),
        ("long/" + "n" * 76, "has a name of more than 80 bytes"),
    ],
)
def test_files(package: PackageRun, passed: Mapping[str, Path], tmp_path: Path, name: str, said: str) -> None:
    bundle = Path(shutil.copytree(passed["arm"], tmp_path / "b"))
    (bundle / name).parent.mkdir(exist_ok=True)
    (bundle / name).write_bytes(b"x")
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    files[name] = {"sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}
    refused(package, changed(bundle, tmp_path / "c", files=files), said)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (np.zeros((1, 3), np.float32), "is float32 (1, 3), where a cls model gives float32 1 × 2"),
        (np.zeros((1, 2), np.float64), "is float64 (1, 2)"),
        (np.array([[np.nan, 1]], np.float32), "holds values that are no probabilities"),
        (np.array([[0, 7]], np.float32), "holds values that are no probabilities"),
    ],
)
def test_golden_outputs(
    package: PackageRun, passed: Mapping[str, Path], tmp_path: Path, output: np.ndarray[Any, Any], said: str
) -> None:
    bundle = Path(shutil.copytree(passed["arm"], tmp_path / "b"))
    path = bundle / "golden/output.npy"
    np.save(path, output)
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    files["golden/output.npy"] = {"sha256": sha256_of(path), "size": path.stat().st_size}
    refused(package, changed(bundle, tmp_path / "c", files=files), said)


@pytest.mark.shared
def test_a_published_detector_that_gives_three_maps_is_taken(shared_dir: Path, tmp_path: Path) -> None:
    words = ("ch_ppocr_mobile_slim_v2.0_det", "--kind", "slim-inference", "--weights", "int16")
    where = ("--source", shared_dir / "mirror", "--target", "arm", "-o", "bundles")
    ended = run_command("convert", *words, *where, cwd=tmp_path, limit=300)
    assert ended.code == 0, ended.err
    (bundle,) = (tmp_path / "bundles").iterdir()
    model = gather_model(bundle, ())
    assert model.bundle.golden()[1].shape[:2] == (1, 3)


def test_a_manifest_cannot_allow_itself_more(passed: Mapping[str, Path], tmp_path: Path) -> None:
    golden = json.loads((passed["arm"] / "manifest.json").read_text())["golden"]
    for number, (tolerance, allowed) in enumerate(((1, 0.001), (0.0005, 0.0005))):
        bundle = changed(
            passed["arm"], tmp_path / str(number), golden={**golden, "tolerance": tolerance, "of": "it"}
        )
        assert gather_model(bundle, ()).tolerance == allowed


def test_names_that_mean_something_to_markdown(
    package: PackageRun, classifiers: Mapping[str, Path], tmp_path: Path
) -> None:
    bundle = changed(classifiers["arm"], tmp_path / "b", name="<b> [a](b)", source={"folder": "b"})
    package(bundle, *ARM, "--allow", "no-gates")
    for file in ("THIRD_PARTY_NOTICES.md", "cards/b-a-b.md"):
        assert r"\<b\> \[a\](b)" in (Path("out/made-1.0") / file).read_text()
