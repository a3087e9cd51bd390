"""Releases whose parts say what cannot be or do not fit together, all summed up and signed as they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy_tools.release.trust.held_file import list_files
from deploy_tools.release.trust.released import read_packed, read_released
from deploy_tools.release.trust.signature import SIGNATURE_NAME
from deploy_tools.release.trust.sums import SUMS_NAME, read_sums, sums_text
from deploy_tools.release.trust.verify import verify_release
from edge.errors import InputError, ReleaseError
from tests.release_kit.made_release import NOW, Tampered, canonical, entries, tar_gz

MODEL = {
    "task": "cls",
    "name": "m",
    "precision": "fp32",
    "target": "arm",
    "opt_version": "v2.13-rc",
    "sha256": "a" * 64,
    "bundle_sha256": "b" * 64,
}
FILE = {"sha256": "c" * 64, "size": 7}
RELEASE = {
    "format": 1,
    "name": "made",
    "version": "1.0",
    "target": "linux-arm64",
    "targets": ["linux-arm64"],
    "models": [MODEL],
    "files": {"x": FILE},
    "allow": ["no-gates"],
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 2}, "has format 2, this version reads 1"),
        ({"format": True}, "has format True, this version reads 1"),
        ({"format": None}, "has format None, this version reads 1"),
        ({"name": "../x"}, "field 'name' is '../x', where a word is expected"),
        ({"version": 1}, "field 'version' is 1, where a word is expected"),
        ({"models": []}, "field 'models' names no models"),
        ({"models": {"m": MODEL}}, "field 'models' names no models"),
        ({"models": [MODEL, MODEL]}, "field 'models' names a model twice"),
        ({"models": ["m"]}, "field 'models' holds something that is no model"),
        ({"models": [{**MODEL, "sha256": "A" * 64}]}, "a model's field 'sha256' is none"),
        ({"models": [{**MODEL, "name": "\x1b[2J"}]}, "a model's field 'name' is '\\x1b[2J', where printable"),
        ({"models": [{**MODEL, "task": None}]}, "a model's field 'task' is None, where printable text"),
        ({"files": {}}, "field 'files' names no files"),
        ({"files": ["x"]}, "field 'files' names no files"),
        ({"files": {"../x": FILE}}, "field 'files' lists what cannot be: '../x' leads out of its folder"),
        ({"files": {"x": {**FILE, "mode": 7}}}, "field 'files' does not give sha256 and size of 'x'"),
        ({"files": {"x": {**FILE, "sha256": "c"}}}, "field 'files' gives no sha256 of 'x'"),
        ({"files": {"x": {**FILE, "size": -1}}}, "field 'files' gives no size of 'x'"),
        ({"files": {"x": {**FILE, "size": True}}}, "field 'files' gives no size of 'x'"),
    ],
)
def test_manifests_that_say_what_cannot_be(change: dict[str, Any], reason: str) -> None:
    for read in (read_released, read_packed):
        assert read(canonical(RELEASE)).top == "made-1.0"
        with pytest.raises(ValueError) as refused:
            read(canonical({**RELEASE, **change}))
        assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"targets": []}, "field 'targets' is no list of targets"),
        ({"targets": [7]}, "field 'targets' is no list of targets"),
        ({"allow": "all"}, "field 'allow' is no list"),
        ({"models": [{**MODEL, "bundle_sha256": "b"}]}, "a model's field 'bundle_sha256' is none"),
    ],
)
def test_manifests_of_releases(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_released(canonical({**RELEASE, **change}))


def test_manifests_of_archives() -> None:
    with pytest.raises(ValueError, match="field 'target' is None, where a word is expected"):
        read_packed(canonical({**RELEASE, "target": None}))


def refusal(made: Tampered, only: tuple[str, ...] = ()) -> str:
    with pytest.raises((ReleaseError, InputError)) as refused:
        verify_release(made.folder, [made.key.public], only=only, now=NOW)
    return f"{refused.value.subject.removeprefix(f'{made.folder}/')} {refused.value.found}"


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({SUMS_NAME: "0" * 64}, "SHA256SUMS lists itself or its signature"),
        ({SIGNATURE_NAME: "0" * 64}, "SHA256SUMS lists itself or its signature"),
        ({"manifest.json": None}, "SHA256SUMS does not list manifest.json"),
    ],
)
def test_sums(made: Tampered, change: dict[str, str | None], reason: str) -> None:
    sums = {**read_sums((made.folder / SUMS_NAME).read_bytes()), **change}
    made.write(SUMS_NAME, sums_text({name: sha256 for name, sha256 in sums.items() if sha256}))
    made.sign()
    assert refusal(made) == reason


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"targets": ["linux-arm64", "android", "ios"]}, "names target 'ios', for which no archive is there"),
        ({"targets": ["linux-arm64"]}, "does not name target 'android', for which an archive is there"),
        ({"format": 9}, "has format 9, this version reads 1"),
        ({"padding": "x" * (4 << 20)}, "bytes, no manifest is that long"),
    ],
)
def test_manifests(made: Tampered, change: dict[str, Any], reason: str) -> None:
    made.write_manifest(**change)
    made.write_sums()
    made.sign()
    found = refusal(made)
    assert found.startswith("manifest.json ")
    assert found.endswith(reason)


@pytest.mark.embedded
def test_sizes(made: Tampered) -> None:
    files = {name: content for name, content in made.contents().items() if name != "manifest.json"}
    listed = entries(files)
    listed["sbom.cdx.json"]["size"] += 1
    made.write_manifest(files=listed)
    made.write_sums()
    made.sign()
    assert refusal(made) == "sbom.cdx.json has 3 bytes, manifest.json lists 4"


@pytest.mark.embedded
def test_parts_of_a_release_that_are_none(made: Tampered) -> None:
    cards = made.folder / "cards"
    (cards / "made.md").unlink()
    cards.rmdir()
    cards.write_bytes(b"")
    assert refusal(made, ("cards/made.md",)) == "cards/made.md cannot be read (Not a directory)"
    (made.folder / "manifest.json").unlink()
    assert refusal(made, ("manifest.json",)) == "manifest.json is missing"
    assert refusal(made, ("sbom.cdx.json",)) == "--only names no archive"
    made.write(SIGNATURE_NAME, bytes(4097))
    assert refusal(made) == "SHA256SUMS.sig is longer than the 4096 bytes it may have"


def pack(made: Tampered, tree: dict[str, bytes], top: str) -> None:
    made.tar.write_bytes(tar_gz(tree, top))


def without_a_folder(made: Tampered) -> None:
    pack(made, made.linux(), "")


def in_two_folders(made: Tampered) -> None:
    tree = {f"{made.top}/{name}": content for name, content in made.linux().items()}
    pack(made, {**tree, "other/x": b""}, "")


def without_a_manifest(made: Tampered) -> None:
    pack(made, {"selftest": made.linux()["selftest"]}, f"{made.top}/")


def without_a_file(made: Tampered) -> None:
    tree = made.linux()
    del tree["selftest"]
    pack(made, tree, f"{made.top}/")


def with_an_edited_manifest(made: Tampered) -> None:
    made.pack_linux({"manifest.json": made.linux()["manifest.json"] + b"\n"}, listed=False)


def with_a_manifest_that_lists_itself(made: Tampered) -> None:
    own = json.loads(made.linux()["manifest.json"])
    own["files"]["manifest.json"] = FILE
    made.pack_linux({"manifest.json": canonical(own)}, listed=False)


def with_a_model_under_another_task(made: Tampered) -> None:
    made.pack_linux({f"models/det/{name}": content for name, content in made.classifier().items()})


def with_a_bundle_whose_manifest_is_no_text(made: Tampered) -> None:
    made.pack_linux({"models/cls/manifest.json": b"\xff"})


def with_a_bundle_whose_manifest_is_none(made: Tampered) -> None:
    made.pack_linux({"models/cls/manifest.json": b"{}"})


def with_a_bundle_whose_model_is_none(made: Tampered) -> None:
    manifest = {**json.loads(made.classifier()["manifest.json"]), "model": "golden/input.npy"}
    made.pack_linux({"models/cls/manifest.json": json.dumps(manifest).encode()})


def with_a_model_that_cannot_be_read(made: Tampered) -> None:
    manifest = json.loads(made.classifier()["manifest.json"])
    manifest["files"]["model.nb"] = entries({"model.nb": b"no model"})["model.nb"]
    files = {"manifest.json": json.dumps(manifest).encode(), "model.nb": b"no model"}
    made.pack_linux({f"models/cls/{name}": content for name, content in files.items()})


def that_is_of_another_release(made: Tampered) -> None:
    tree = made.linux()
    own = {**json.loads(tree["manifest.json"]), "version": "2.0"}
    made.tar.unlink()
    made.write("made-2.0-linux-arm64.tar.gz", tar_gz({**tree, "manifest.json": canonical(own)}, "made-2.0/"))


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (without_a_folder, "does not hold everything in one folder"),
        (in_two_folders, "does not hold everything in one folder"),
        (without_a_manifest, "has no {top}/manifest.json"),
        (without_a_file, "lacks '{top}/selftest', which {top}/manifest.json lists"),
        (with_an_edited_manifest, "{top}/manifest.json is JSON, but not written in the one way of releases"),
        (with_a_manifest_that_lists_itself, "{top}/manifest.json lists itself"),
        (with_a_model_under_another_task, "{top}/models/det/manifest.json is for cls"),
        (with_a_bundle_whose_manifest_is_no_text, "{top}/models/cls/manifest.json is not UTF-8 text"),
        (
            with_a_bundle_whose_manifest_is_none,
            "{top}/models/cls/manifest.json is not the manifest of a bundle",
        ),
        (with_a_bundle_whose_model_is_none, "'{top}/models/cls/golden/input.npy' is no .nb file"),
        (with_a_model_that_cannot_be_read, "'{top}/models/cls/model.nb': "),
        (that_is_of_another_release, "is of made-2.0, the release is {top}"),
    ],
)
def test_an_archive(made: Tampered, work: Callable[[Tampered], None], reason: str) -> None:
    work(made)
    made.again()
    file, _, found = refusal(made).partition(" ")
    assert file.endswith("-linux-arm64.tar.gz")
    assert found.startswith(reason.replace("{top}", made.top))


def test_a_place_that_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"none: cannot be looked at \(No such file or directory\)"):
        list_files(tmp_path / "none")
