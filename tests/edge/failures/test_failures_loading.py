"""Real files that a library refuses or dies of while loading."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.failures.explain import explain, findings

pytestmark = pytest.mark.embedded

SHAPE = "1x3x48x192"
ABORTED = -6


@pytest.fixture(scope="module")
def sound(converted: Callable[..., Path]) -> bytes:
    return converted("x86").read_bytes()


def topology_end(data: bytes) -> int:
    size: int = struct.unpack_from("<Q", data, 18)[0]
    return 26 + size


def with_topology_size(data: bytes, size: int) -> bytes:
    return data[:18] + struct.pack("<Q", size) + data[26:]


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "empty-file"),
    "one byte": (lambda data: data[:1], "empty-file"),
    "header cut": (lambda data: data[:20], "truncated-file"),
    "topology missing": (lambda data: data[:26], "truncated-file"),
    "topology cut": (lambda data: data[: topology_end(data) // 2], "truncated-file"),
    "weights missing": (lambda data: data[: topology_end(data)], "empty-file"),
    "weights cut": (lambda data: data[: (topology_end(data) + len(data)) // 2], "truncated-file"),
    "last byte missing": (lambda data: data[:-1], "truncated-file"),
    "text": (lambda data: b"version https://git-lfs.github.com/spec/v1\n", "not-a-model"),
    "meta version 3": (lambda data: b"\3\0" + data[2:], "not-a-model"),
    "meta version 0": (lambda data: b"\0\0" + data[2:], "out-of-memory"),
    "zeros": (lambda data: bytes(5000), "old-format"),
    "meta version 1 over 2": (lambda data: b"\1\0" + data[2:], "damaged-file"),
    "topology of a terabyte": (lambda data: with_topology_size(data, 2**40), "damaged-file"),
    "topology a byte longer": (
        lambda data: with_topology_size(data, topology_end(data) - 25),
        "damaged-file",
    ),
    "unknown op": (lambda data: data.replace(b"conv2d\0", b"convXd\0"), "unknown-op"),
    "unknown kernel": (lambda data: data.replace(b"conv2d/def/", b"conv2d/xyz/"), "unknown-kernel"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file(tmp_path: Path, sound: bytes, predict: Callable[..., Any], name: str) -> None:
    damage, key = DAMAGE[name]
    path = tmp_path / "model.nb"
    path.write_bytes(damage(sound))
    ended = predict(path, SHAPE)
    assert ended.returncode != 0
    failure = explain(ended.output, ended.returncode)
    assert failure is not None, ended
    assert failure.key == key, ended
    assert failure.stage == "load"
    assert failure.evidence in " ".join(ended.output.split())


def test_no_file_and_a_folder(tmp_path: Path, predict: Callable[..., Any]) -> None:
    ended = predict(tmp_path / "absent.nb", SHAPE)
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert failure.key == "missing-file"
    assert str(tmp_path / "absent.nb") in failure.cause
    ended = predict(tmp_path, SHAPE)
    folder = explain(ended.output, ended.returncode)
    assert folder is not None
    assert folder.key == "empty-file"


def test_files_of_an_inference_model(classifier: Path, predict: Callable[..., Any]) -> None:
    for name, key in (("inference.pdmodel", "not-a-model"), ("inference.pdiparams", "old-format")):
        ended = predict(classifier / name, SHAPE)
        assert ended.returncode == ABORTED
        failure = explain(ended.output, ended.returncode)
        assert failure is not None
        assert failure.key == key


def test_a_damaged_topology_kills_without_a_word(
    tmp_path: Path, sound: bytes, predict: Callable[..., Any]
) -> None:
    path = tmp_path / "model.nb"
    path.write_bytes(sound[:26] + b"\xff\xff\xff\x3f" + sound[30:])  # where its root table stands
    ended = predict(path, SHAPE)
    assert ended.returncode == -11
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert failure.key == "segfault"
    assert "a damaged file" in failure.cause


def test_the_opt_of_another_version_is_a_warning(
    tmp_path: Path, sound: bytes, predict: Callable[..., Any]
) -> None:
    path = tmp_path / "model.nb"
    path.write_bytes(sound[:2] + b"v2.10-rc" + sound[10:])
    ended = predict(path, SHAPE)
    assert ended.returncode == 0
    failure = explain(ended.output, ended.returncode)
    assert failure is not None
    assert (failure.key, failure.severity) == ("version-mismatch", "warning")
    assert "opt v2.10-rc wrote the model, but the library is v2.13-rc" in failure.cause


@pytest.mark.parametrize("target", ["arm", "opencl,arm", "x86,opencl"])
def test_a_model_for_another_target_dies_silently(
    converted: Callable[..., Path], predict: Callable[..., Any], target: str
) -> None:
    # the x86 wheel knows ARM and OpenCL kernels by name without having them, so it loads what it dies of
    ended = predict(converted(target), SHAPE)
    failure = explain(ended.output, ended.returncode)
    assert failure is not None, ended
    assert failure.key == "segfault"
    assert "another target" in failure.cause


@pytest.mark.shared
def test_the_published_slim_model_on_x86(shared_dir: Path, predict: Callable[..., Any]) -> None:
    model = shared_dir / "mirror/dygraph_v2.0/lite/ch_ppocr_mobile_v2.0_cls_slim_opt.nb"
    ended = predict(model, SHAPE)
    assert [failure.key for failure in findings(ended.output, ended.returncode)] == [
        "segfault",
        "version-mismatch",
    ]
