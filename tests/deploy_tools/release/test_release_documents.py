"""Bill of materials, model cards and notices."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import edge
from deploy_tools.native.built import BuiltRunner, write_manifest
from deploy_tools.release.cards import card_texts
from deploy_tools.release.contents.model import gather_model
from deploy_tools.release.contents.naming import slug
from deploy_tools.release.sbom import sbom_text
from deploy_tools.release.targets.release_label import ReleaseLabel
from edge.hashing import sha256_of
from tests.deploy_tools.native.made_elf import AARCH64, made_elf
from tests.release_kit.made_bundles import changed, judged
from tests.release_kit.package_run import PackageRun

pytestmark = pytest.mark.embedded
ARM = ("--target", "linux-arm64")
OUT = Path("out/made-1.0")


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A built runner for linux-arm64."""
    folder = tmp_path / "runner"
    folder.mkdir()
    (folder / "ppocr_runner").write_text("#!/bin/sh\n")
    library = made_elf(AARCH64, needed=("libc.so.6",), soname="libpaddle_light_api_shared.so")
    (folder / "libpaddle_light_api_shared.so").write_bytes(library + b"\0v2.13-rc\0")
    built = BuiltRunner(folder, "linux-arm64", "0" * 64, "libpaddle_light_api_shared.so", "g++")
    write_manifest(built, {})
    return folder


def test_the_bill_of_materials_holds_to_its_schema(
    package: PackageRun, passed: Mapping[str, Path], runner: Path
) -> None:
    package(passed["arm"], passed["x86"], *ARM, "--target", "linux-x86_64", "--runner", runner)
    text = (OUT / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    found = {(one["type"], one["name"], one["version"]): one for one in bill["components"]}
    models = [one for kind, one in found.items() if kind[0] == "machine-learning-model"]
    assert {one["hashes"][0]["content"] for one in models} == {
        sha256_of(folder / "model.nb") for folder in passed.values()
    }
    assert all(one["licenses"] == [{"license": {"id": "Apache-2.0"}}] for one in models)
    library = found["library", "Paddle-Lite", "v2.13-rc"]
    assert library["hashes"][0]["content"] == sha256_of(runner / "libpaddle_light_api_shared.so")
    assert ("application", "ppocr-edge runner", edge.__version__) in found
    assert bill["metadata"]["component"]["name"] == "made"
    assert {one["ref"] for one in bill["dependencies"]} >= {one["bom-ref"] for one in bill["components"]}


def test_serial_numbers_are_of_the_contents(
    passed: Mapping[str, Path], classifiers: Mapping[str, Path]
) -> None:
    time = datetime(2026, 11, 26, tzinfo=timezone.utc)
    label = ReleaseLabel("made", "1.0", "2026-11-26T00:00:00Z")
    one, other = (gather_model(folder, ()) for folder in passed.values())
    assert sbom_text(label, [one], (), time) == sbom_text(label, [one], (), time)
    serials = {
        json.loads(sbom_text(label, models, (), time))["serialNumber"] for models in ([one], [one, other])
    }
    assert len(serials) == 2


def test_a_card_has_the_figures(package: PackageRun, passed: Mapping[str, Path]) -> None:
    package(passed["arm"], passed["x86"], *ARM, "--target", "linux-x86_64")
    card = (OUT / "cards/ch_ppocr_mobile_v2_cls_infer.md").read_text()
    assert (
        "| lines | accuracy | 97.25 % (96.00 … 98.50) | +0.25 points (-0.50 … +1.00) | 400 | Paddle |" in card
    )
    assert "1. prune 30 % of the channels" in card
    assert "It passed all gates of its recipe." in card
    assert "Licence: Apache-2.0." in card
    for target in ("x86", "arm"):
        assert f"| {target} | fp32 | v2.13-rc |" in card, "one card for all conversions"
    assert "No time was measured" in card


def test_cards_of_models_with_odd_names(classifiers: Mapping[str, Path], tmp_path: Path) -> None:
    names = ("a model", "a/model", "A Model", "文字", "*b* | <c>")
    folders = [changed(classifiers["arm"], tmp_path / str(n), name=name) for n, name in enumerate(names)]
    cards = card_texts([gather_model(folder, ()) for folder in folders])
    assert len({name.lower() for name in cards}) == len(names)
    assert "cards/A-Model.md" in cards
    titles = [text.decode().partition("\n")[0] for text in cards.values()]
    assert r"# \*b\* \| \<c\>" in titles


def test_a_model_of_ones_own_has_no_licence_that_we_know(
    package: PackageRun, classifiers: Mapping[str, Path]
) -> None:
    package(classifiers["arm"], *ARM, "--allow", "no-gates")
    assert json.loads((OUT / "manifest.json").read_bytes())["models"][0]["licence"] == "NOASSERTION"
    notices = (OUT / "THIRD_PARTY_NOTICES.md").read_text()
    assert "## Other models" in notices
    assert "## PaddleOCR" not in notices
    assert "licenses" not in json.loads((OUT / "sbom.cdx.json").read_bytes())["components"][0]


def test_notices_have_the_licence_whole(
    package: PackageRun, passed: Mapping[str, Path], runner: Path, tmp_path: Path
) -> None:
    package(passed["arm"], *ARM, "--runner", runner)
    notices = (OUT / "THIRD_PARTY_NOTICES.md").read_text()
    licence = (Path(__file__).parents[3] / "LICENSE").read_text()
    assert licence.strip("\n") in notices
    assert "## Paddle-Lite" in notices
    assert "## ppocr-edge" in notices
    with tarfile.open(OUT / "made-1.0-linux-arm64.tar.gz") as archive:
        names = archive.getnames()
        assert archive.getmember("made-1.0/bin/ppocr_runner").mode == 0o755
    assert "made-1.0/lib/libpaddle_light_api_shared.so" in names
    assert json.loads((OUT / "manifest.json").read_bytes())["libraries"]["included"] == {
        "linux-arm64": ["v2.13-rc"]
    }


def test_a_library_older_than_opt_is_refused(
    package: PackageRun, passed: Mapping[str, Path], runner: Path
) -> None:
    library = runner / "libpaddle_light_api_shared.so"
    library.write_bytes(library.read_bytes().replace(b"v2.13-rc", b"v2.9.1\0\0"))
    write_manifest(BuiltRunner(runner, "linux-arm64", "0" * 64, library.name, "g++"), {})
    package(passed["arm"], *ARM, "--runner", runner, code=2)
    assert "was written by opt v2.13-rc, the library on linux-arm64 is v2.9.1" in package.err
    assert not Path("out").exists()


def test_a_library_beside_a_runner_of_another(
    package: PackageRun, passed: Mapping[str, Path], runner: Path, tmp_path: Path
) -> None:
    home = tmp_path / "lite"
    (home / "lib").mkdir(parents=True)
    (home / "include").mkdir()
    for name in ("paddle_api.h", "paddle_place.h"):
        (home / "include" / name).write_text("// header\n")
    library = home / "lib/libpaddle_light_api_shared.so"
    library.write_bytes(made_elf(AARCH64, needed=("libc.so.6",), soname=library.name))
    words = (*ARM, "--lite-home", f"linux-arm64={home}")
    package(passed["arm"], *words, "--runner", runner, code=2)
    assert "is another one than the runner was built with" in package.err
    package(passed["arm"], *words, "--lite-home", f"linux-arm64={home}", code=2)
    assert "is a second one for linux-arm64; give one for each target" in package.err
    package(passed["arm"], *words)
    with tarfile.open(OUT / "made-1.0-linux-arm64.tar.gz") as archive:
        assert {"made-1.0/include/paddle_api.h", f"made-1.0/lib/{library.name}"} <= set(archive.getnames())


def test_runners_that_do_not_go_along(package: PackageRun, passed: Mapping[str, Path], runner: Path) -> None:
    package(passed["arm"], "--target", "linux-armhf", "--runner", runner, code=2)
    assert f"--runner {runner}: is for linux-arm64, the release for linux-armhf" in package.err
    package(passed["arm"], *ARM, "--runner", runner, "--runner", runner, code=2)
    assert f"--runner {runner}: is a second one for linux-arm64" in package.err
    assert not Path("out").exists()


def test_a_runner_that_was_changed(package: PackageRun, passed: Mapping[str, Path], runner: Path) -> None:
    (runner / "ppocr_runner").write_text("#!/bin/sh\nexit 0\n")
    package(passed["arm"], *ARM, "--runner", runner, code=2)
    assert "is no runner, or not whole" in package.err


def test_names_of_files() -> None:
    assert slug("ch_PP-OCRv4_det") == "ch_PP-OCRv4_det"
    assert slug("../x y") == "x-y"
    assert slug("文字") == "model"


def test_published_models_are_told_from_ones_own(classifiers: Mapping[str, Path], tmp_path: Path) -> None:
    for number, (source, licence) in enumerate(
        (
            ({"zoo": "ch_det"}, "Apache-2.0"),
            ({"slim": "ch_det"}, "Apache-2.0"),
            ({"exported": "x", "checkpoint": {"zoo": "x"}}, "Apache-2.0"),
            ({"exported": "x", "checkpoint": {"file": "x"}}, "NOASSERTION"),
            ({"folder": "x"}, "NOASSERTION"),
        )
    ):
        folder = changed(classifiers["arm"], tmp_path / str(number), source=source)
        assert gather_model(folder, ()).licence == licence
    assert gather_model(judged(classifiers["arm"], tmp_path / "j"), ()).findings.recipe == "small_cls"
