"""The native reader of ``.npy``: what numpy writes, in every form, and nothing else."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Parts = Callable[..., Any]

TENSORS = {
    "picture": np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4),
    "vector": np.arange(6, dtype=np.float32),
    "scalar": np.float32(7).reshape(()),
    "nothing": np.zeros((0, 3), np.float32),
    "columns first": np.asfortranarray(np.arange(24, dtype=np.float32).reshape(2, 3, 4)),
    "columns first, one axis": np.asfortranarray(np.arange(5, dtype=np.int64)),
    "half": np.arange(4, dtype=np.float16),
    "double": np.arange(4, dtype=np.float64),
    "bytes": np.arange(4, dtype=np.uint8),
    "small": np.arange(4, dtype=np.int8),
    "logical": np.array([True, False]),
    "whole": np.arange(4, dtype=np.int32).reshape(2, 2),
}


def save(tensor: npt.NDArray[Any], path: Path) -> None:
    np.save(path, tensor)


@pytest.mark.parametrize("name", TENSORS)
def test_what_numpy_writes_comes_back(parts: Parts, tmp_path: Path, name: str) -> None:
    tensor = TENSORS[name]
    save(tensor, tmp_path / "a.npy")
    ended = parts("npy", "a.npy")
    assert ended.code == 0, ended.err
    assert ended.err == f"{tensor.dtype} {tensor.shape}\n"
    again = np.load(io.BytesIO(ended.out))
    np.testing.assert_array_equal(again, tensor)
    assert (again.dtype, again.shape, again.flags.c_contiguous) == (tensor.dtype, tensor.shape, True)


def test_written_as_numpy_writes(parts: Parts, tmp_path: Path) -> None:
    """To the byte, so that hashes of outputs can be compared."""
    save(TENSORS["picture"], tmp_path / "a.npy")
    assert parts("npy", "a.npy").out == (tmp_path / "a.npy").read_bytes()


def test_version_two(parts: Parts, tmp_path: Path) -> None:
    with (tmp_path / "a.npy").open("wb") as stream:
        np.lib.format.write_array(stream, TENSORS["picture"], version=(2, 0))
    assert parts("npy", "a.npy").code == 0


def header(text: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    line = text.encode() + b"\n"
    return b"\x93NUMPY" + version + len(line).to_bytes(2, "little") + line + data


WHOLE = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
BAD = {
    "empty": (b"", "does not start like a .npy file"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "does not start like a .npy file"),
    "the beginning alone": (b"\x93NUMPY", "its header cannot be read"),
    "another version": (header(WHOLE, bytes(8), b"\x09\x00"), "its header cannot be read"),
    "header cut off": (header(WHOLE)[:30], "its header cannot be read"),
    "no dictionary": (header("[1, 2]"), "its header cannot be read"),
    "a call": (header("{'descr': __import__('os'), }"), "its header cannot be read"),
    "no shape": (header("{'descr': '<f4', 'fortran_order': False, }"), "its header cannot be read"),
    "negative size": (header(WHOLE.replace("(2,)", "(-2,)"), bytes(8)), "its header cannot be read"),
    "no tuple": (header(WHOLE.replace("(2,)", "(2)"), bytes(8)), "its header cannot be read"),
    "endless number": (header(WHOLE.replace("(2,)", f"({'9' * 40},)")), "its header cannot be read"),
    "33 axes": (header(WHOLE.replace("(2,)", f"({'1, ' * 33})"), bytes(4)), "its header cannot be read"),
    "more after it": (header(WHOLE + " 3", bytes(8)), "its header cannot be read"),
    "too few bytes": (header(WHOLE, bytes(7)), "announces 8 bytes, 7 follow"),
    "too many bytes": (header(WHOLE, bytes(9)), "announces 8 bytes, 9 follow"),
    "more than there is": (
        header(WHOLE.replace("(2,)", f"({1 << 50}, {1 << 50})")),
        "announces too many bytes",
    ),
    "objects": (header(WHOLE.replace("<f4", "|O"), bytes(16)), "it holds Python objects, not numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_everything_else_is_refused(parts: Parts, tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    (tmp_path / "a.npy").write_bytes(content)
    ended = parts("npy", "a.npy")
    assert (ended.code, ended.out) == (2, b"")
    assert message in ended.err


def test_damaged_headers_never_crash_it(parts: Parts, tmp_path: Path) -> None:
    """The sanitizers end the program with another exit code."""
    generator = np.random.default_rng(0)
    whole = bytearray(header(WHOLE, bytes(8)))
    for _ in range(60):
        damaged = bytearray(whole)
        for place in generator.integers(6, len(whole), 3):
            damaged[place] = generator.integers(0, 256)
        (tmp_path / "a.npy").write_bytes(damaged[: int(generator.integers(1, len(whole) + 1))])
        assert parts("npy", "a.npy").code in (0, 2)


def test_pipes_are_not_waited_for(parts: Parts, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npy")
    assert "it is not a regular file" in parts("npy", "pipe.npy").err
