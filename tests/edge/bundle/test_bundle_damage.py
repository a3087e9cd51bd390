"""Every way a bundle can be broken: one line that names the file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.bundle.bundle import MAX_MANIFEST, Bundle, load_bundle
from edge.errors import BundleError
from edge.predictor.npy import npy_bytes

pytestmark = pytest.mark.embedded
Copies = Callable[[str], Any]


def refused(folder: Path, file: str, found: str) -> None:
    """Make sure that a bundle is refused in one line that names a file in it."""
    with pytest.raises(BundleError) as caught:
        load_bundle(folder)
    line = str(caught.value)
    assert caught.value.subject == str(folder / file)
    assert found in caught.value.found
    assert caught.value.remedy
    assert "\n" not in line
    assert len(line) < 600


def delete(folder: Path, file: str) -> None:
    (folder / file).unlink()


def flip_a_byte(folder: Path, file: str) -> None:
    data = bytearray((folder / file).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / file).write_bytes(data)


def truncate(folder: Path, file: str) -> None:
    os.truncate(folder / file, 100)


def append(folder: Path, file: str) -> None:
    with (folder / file).open("ab") as stream:
        stream.write(b"x")


def make_folder(folder: Path, file: str) -> None:
    delete(folder, file)
    (folder / file).mkdir()


def make_pipe(folder: Path, file: str) -> None:
    delete(folder, file)
    os.mkfifo(folder / file)


def link_out(folder: Path, file: str) -> None:
    outside = folder.parent / "outside"
    (folder / file).rename(outside)
    (folder / file).symlink_to(outside)


def link_out_through_a_folder(folder: Path, file: str) -> None:
    (folder / "golden").rename(folder.parent / "golden")
    (folder / "golden").symlink_to("../golden")


def link_to_itself(folder: Path, file: str) -> None:
    delete(folder, file)
    (folder / file).symlink_to(Path(file).name)


def link_to_nothing(folder: Path, file: str) -> None:
    delete(folder, file)
    (folder / file).symlink_to("nothing")


def link_to_a_device(folder: Path, file: str) -> None:
    delete(folder, file)
    (folder / file).symlink_to("/dev/zero")


FILES = ("model.nb", "dictionary.txt", "golden/input.npy", "golden/output.npy")
DAMAGES = {
    delete: "is missing",
    flip_a_byte: "does not have the sha256 that the manifest says",
    truncate: "has 100 bytes, the manifest says",
    append: "bytes, the manifest says",
    make_folder: "is not a file",
    make_pipe: "is not a file",
    link_out: "leads out of the bundle",
    link_to_itself: "is a link to itself",
    link_to_nothing: "is missing",
    link_to_a_device: "leads out of the bundle",
}


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_named(copy_of: Copies, damage: Callable[[Path, str], None], file: str) -> None:
    copy = copy_of("rec")
    damage(copy.folder, file)
    refused(copy.folder, file, DAMAGES[damage])


def test_a_folder_of_it_leads_out(copy_of: Copies) -> None:
    copy = copy_of("cls")
    link_out_through_a_folder(copy.folder, "golden")
    refused(copy.folder, "golden/input.npy", "leads out of the bundle")


@pytest.mark.parametrize("damage", [make_folder, make_pipe, link_out, link_to_itself, link_to_nothing])
def test_the_manifest_itself(copy_of: Copies, damage: Callable[[Path, str], None]) -> None:
    copy = copy_of("cls")
    damage(copy.folder, "manifest.json")
    refused(copy.folder, "manifest.json", DAMAGES[damage])


TEXTS = {
    "empty": (b"", "is not JSON"),
    "cut": (b'{"format": 1, "name": ', "is not JSON"),
    "text": (b"hello", "is not JSON"),
    "byte order mark": (b"\xef\xbb\xbf{}", "is not JSON"),
    "Latin-1": (b'{"name": "\xfc"}', "is not UTF-8 text"),
    "binary": (bytes(range(256)), "is not UTF-8 text"),
    "a list": (b"[]", "is not the manifest of a bundle"),
    "null": (b"null", "is not the manifest of a bundle"),
    "of something else": (b'{"name": "app", "short_name": "a"}', "it has no 'format'"),
    "deep nesting": (b'{"format": ' + b"[" * 200_000, "is not JSON (nested too deeply)"),
    "deep nesting, closed": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "is not JSON (nested too deeply)"),
    "endless number": (b'{"format": ' + b"1" * 10_000 + b"}", "is not JSON"),
    "huge": (b" " * (MAX_MANIFEST + 1), "no manifest is that long"),
    "format 2": (b'{"format": 2}', "has format 2, this version reads 1"),
    "format yes": (b'{"format": true}', "has format True"),
    "format 1.0": (b'{"format": 1.0}', "has format 1.0"),
    "format of text": (b'{"format": "1"}', "has format '1'"),
    "a name twice": (b'{"format": 1, "format": 1}', "'format' stands twice in one object"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_manifest_that_is_none(copy_of: Copies, name: str) -> None:
    copy = copy_of("cls")
    copy.manifest_path.write_bytes(TEXTS[name][0])
    refused(copy.folder, "manifest.json", TEXTS[name][1])


def test_not_a_bundle_at_all(default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    shutil.copyfile(default_bundles["cls"].model_path, tmp_path / "bare.nb")
    for name, found in (
        ("nosuch", "no such folder"),
        ("file", "is not a folder"),
        ("empty", "has no manifest.json"),
        ("bare.nb", "is a bare .nb, without dictionary and parameters"),
        ("file/below", "no such folder"),
    ):
        with pytest.raises(BundleError, match="give a bundle made by 'ppocr-edge convert'") as caught:
            load_bundle(tmp_path / name)
        assert caught.value.subject == str(tmp_path / name)
        assert found in caught.value.found


def test_the_model_of_another_target(copy_of: Copies, arm_model: bytes) -> None:
    """Vouched for by the manifest's hashes, but not what the manifest says it is."""
    copy = copy_of("cls")
    copy.replace("model.nb", arm_model)
    refused(copy.folder, "", "the manifest says target 'x86', its .nb has arm")


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("target", "arm", "the manifest says target 'arm', its .nb has x86"),
        ("precision", "int8", "the manifest says precision 'int8', its .nb has fp32"),
        ("opt_version", "v2.9", "the manifest says opt version 'v2.9', its .nb has v2"),
    ],
)
def test_what_the_manifest_says_of_the_model(copy_of: Copies, field: str, value: str, found: str) -> None:
    copy = copy_of("cls")
    copy.set(field, value=value)
    refused(copy.folder, "", found)


def test_a_model_that_is_none(copy_of: Copies) -> None:
    copy = copy_of("cls")
    copy.replace("model.nb", b"version https://git-lfs.github.com/spec/v1\n")
    refused(copy.folder, "model.nb", "a Git LFS pointer")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"a\nb\n", "makes 4 classes with blank and space, the network 6625"),
        (b"", "is an empty dictionary"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_dictionary_that_does_not_fit(copy_of: Copies, content: bytes, found: str) -> None:
    copy = copy_of("rec")
    copy.replace("dictionary.txt", content)
    refused(copy.folder, "dictionary.txt", found)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PK\x03\x04", "is not a .npy tensor"),
        (npy_bytes(np.zeros((1, 3, 48, 192))), "has dtype float64"),
        (npy_bytes(np.zeros((1, 3, 48, 100), np.float32)), "has shape (1, 3, 48, 100)"),
    ],
)
def test_golden_tensors_that_are_none(copy_of: Copies, content: bytes, found: str) -> None:
    copy = copy_of("cls")
    copy.replace("golden/input.npy", content)
    bundle = load_bundle(copy.folder)  # it can be run all the same
    with pytest.raises(BundleError) as caught:
        bundle.golden()
    assert caught.value.subject == str(copy.folder / "golden/input.npy")
    assert found in caught.value.found


def test_golden_tensors_that_went_away(copy_of: Copies) -> None:
    copy = copy_of("cls")
    bundle = load_bundle(copy.folder)
    delete(copy.folder, "golden/output.npy")
    with pytest.raises(BundleError, match=r"golden/output\.npy: cannot be read \(No such file"):
        bundle.golden()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(copy_of: Copies) -> None:
    copy = copy_of("cls")
    (copy.folder / "model.nb").chmod(0)
    refused(copy.folder, "model.nb", "cannot be read (Permission denied)")
