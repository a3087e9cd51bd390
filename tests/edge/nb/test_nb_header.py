from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.errors import NbFormatError
from edge.nb.header import normalize_file, normalized, parse_header

VERSION_FIELD = slice(2, 18)
DEFAULTS = ("ch_PP-OCRv4_det_infer", "ch_PP-OCRv4_rec_infer", "ch_ppocr_mobile_v2_cls_infer")


def header(
    version_field: bytes = b"v2.13-rc\0", meta_version: int = 2, topology: bytes = b"topology"
) -> bytes:
    return (
        meta_version.to_bytes(2, "little")
        + version_field.ljust(16, b"\xaa")
        + len(topology).to_bytes(8, "little")
        + topology
    )


def test_bytes_after_the_nul_are_not_part_of_the_version() -> None:
    parsed = parse_header(header(b"6010b5f\0\xfe\xff\x01"))
    assert (parsed.meta_version, parsed.opt_version, parsed.topology_size) == (2, "6010b5f", 8)


def test_a_version_of_16_characters_has_no_nul() -> None:
    # a self-built opt names branch and commit, of which 16 bytes are kept
    assert parse_header(header(b"release/v2.13(60")).opt_version == "release/v2.13(60"


def test_normalized_touches_the_uninitialised_bytes_alone() -> None:
    noisy = header(b"v2.13-rc\0\x12\x34\x56\x78\x9a\xbc\xde")
    clean = normalized(noisy)
    assert clean[VERSION_FIELD] == b"v2.13-rc".ljust(16, b"\0")
    assert clean[:2] + clean[18:] == noisy[:2] + noisy[18:]
    assert normalized(clean) == clean


def test_normalize_file_replaces_in_one_step_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "model.nb"
    path.write_bytes(header())
    path.chmod(0o640)
    before = path.stat().st_ino
    normalize_file(path)
    assert path.read_bytes() == normalized(header())
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.stat().st_ino != before  # a new file, moved into place
    assert list(tmp_path.iterdir()) == [path]


def test_normalize_file_leaves_a_normal_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "model.nb"
    path.write_bytes(normalized(header()))
    os.utime(path, (1, 1))
    before = path.stat()
    normalize_file(path)
    assert (path.stat().st_ino, path.stat().st_mtime) == (before.st_ino, before.st_mtime)


def test_normalize_file_refuses_what_is_no_nb_and_leaves_it(tmp_path: Path) -> None:
    path = tmp_path / "model.nb"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(NbFormatError, match=r"model\.nb: a Git LFS pointer"):
        normalize_file(path)
    assert path.read_bytes().startswith(b"version")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.embedded
@pytest.mark.parametrize("target", ["x86", "arm"])
@pytest.mark.parametrize("model", DEFAULTS)
def test_two_conversions_are_one_file_once_normalized(
    convert: Callable[..., Path], model: str, target: str
) -> None:
    # the environment moves the stack, and with it what the uninitialised bytes hold
    pair = [convert(target, model=model, environment={"PADDING": "x" * size}) for size in (0, 1000)]
    first, second = (path.read_bytes() for path in pair)
    assert first[:2] + first[18:] == second[:2] + second[18:]
    for path in pair:
        normalize_file(path)
    first_hash, second_hash = (hashlib.sha256(path.read_bytes()).hexdigest() for path in pair)
    assert first_hash == second_hash


@pytest.mark.embedded
def test_a_normalized_model_runs_as_before(
    convert: Callable[..., Path], predict: Callable[[Path], list[str]]
) -> None:
    path = convert("x86")
    before = predict(path)
    normalize_file(path)
    assert predict(path) == before
