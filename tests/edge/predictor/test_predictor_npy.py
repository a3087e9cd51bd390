"""``.npy`` bytes: what numpy writes comes back, and nothing in a header is believed."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from edge.predictor.npy import MAX_FILE, NpyError, npy_array, npy_bytes, read_npy

ARRAYS: list[npt.NDArray[Any]] = [
    np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.float64(3.5).reshape(()),
    np.zeros((0, 3), np.float32),
    np.array([1, -2], dtype=">i8"),
    np.array([True, False]),
    np.zeros((1,) * 30, np.int8),
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype.str}{array.shape}")
def test_there_and_back(array: npt.NDArray[Any], tmp_path: Path) -> None:
    back = npy_array(npy_bytes(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)
    file = tmp_path / "a.npy"
    np.save(file, array)  # numpy's own bytes: also in Fortran's order
    np.testing.assert_array_equal(read_npy(file), array)


def test_an_array_of_a_bytearray_is_writable() -> None:
    array = npy_array(bytearray(npy_bytes(np.zeros(3))))
    array[0] = 1
    assert array.tolist() == [1, 0, 0]


def with_header(header: str | bytes, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    """A file with such a header, padded and measured as it should be."""
    text = header.encode("latin-1") if isinstance(header, str) else header
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    size = len(text).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    return b"\x93NUMPY" + version + size + text + data


def header(shape: object = (2,), descr: object = "<f4", order: object = False) -> str:
    return f"{{'descr': {descr!r}, 'fortran_order': {order!r}, 'shape': {shape!r}, }}"


def test_the_headers_below_are_otherwise_good() -> None:
    assert npy_array(with_header(header(), bytes(8))).tolist() == [0, 0]
    assert npy_array(with_header(header(), bytes(8), b"\x02\x00")).tolist() == [0, 0]


BAD = {
    "nothing": b"",
    "text": b"1 2 3",
    "zip, as numpy.savez writes": b"PK\x03\x04" + bytes(100),
    "pickle": b"\x80\x04K\x01.",
    "magic alone": b"\x93NUMPY",
    "unknown version": with_header(header(), bytes(8), b"\x09\x00"),
    "truncated header": with_header(header())[:40],
    "header longer than the file": b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{}",
    "no dictionary": with_header("[1, 2]", bytes(8)),
    "missing key": with_header("{'descr': '<f4', 'shape': (2,)}", bytes(8)),
    "code": with_header("__import__('os').abort()"),
    "not Python": with_header("{{{{"),
    "nested": with_header("(" * 5000),
    "no text": with_header(bytes(range(1, 200))),
    "shape is no tuple": with_header(header(2), bytes(8)),
    "shape of floats": with_header(header((2.0,)), bytes(8)),
    "negative": with_header(header((-2,)), bytes(8)),
    "twice negative": with_header(header((-2, -1)), bytes(8)),
    "negative and empty": with_header(header((-2, 0))),
    "unknown type": with_header(header(descr="<q9"), bytes(8)),
    "objects": with_header(header(descr="|O"), bytes(16)),
    "pickled objects": None,
    "too few bytes": with_header(header(), bytes(7)),
    "too many bytes": with_header(header(), bytes(9)),
    "terabytes": with_header(header((10**6, 10**6)), bytes(8)),
    "beyond any address": with_header(header((10**30,)), bytes(8)),
    "beyond any float": with_header(header((10**400,)), bytes(8)),
    "more axes than numpy has": with_header(header((1,) * 40), bytes(4)),
    "empty, and beyond any address": with_header(header((0, 2**70))),
    "elements of no bytes": with_header(header(descr="V0")),
    "elements that are arrays": with_header(header((1,), descr="(2,2)<f4"), bytes(16)),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_tensor_is_refused(name: str, tmp_path: Path) -> None:
    data = BAD[name]
    if data is None:
        buffer = io.BytesIO()
        np.save(buffer, np.array([{}], dtype=object), allow_pickle=True)
        data = buffer.getvalue()
    for read in (lambda: npy_array(data), lambda: npy_array(bytearray(data))):
        with pytest.raises(NpyError) as caught:
            read()
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 150
    file = tmp_path / "bad.npy"
    file.write_bytes(data)
    with pytest.raises(NpyError):
        read_npy(file)


def test_every_cut_of_a_file_is_refused() -> None:
    whole = npy_bytes(np.arange(5, dtype=np.float32))
    for length in range(len(whole)):
        with pytest.raises(NpyError):
            npy_array(whole[:length])


@pytest.mark.timeout(20)
def test_a_file_that_is_none_is_not_read_to_its_end(tmp_path: Path) -> None:
    """Reading ``/dev/zero`` would never end, and nobody writes to the pipe."""
    os.mkfifo(tmp_path / "pipe.npy")
    for path in (Path("/dev/zero"), tmp_path / "pipe.npy"):
        with pytest.raises(NpyError, match=r"^it is not a regular file$"):
            read_npy(path)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.npy"
    file.write_bytes(npy_bytes(np.zeros(3)))
    os.truncate(file, MAX_FILE + 1)  # sparse
    with pytest.raises(NpyError, match=f"^it has {MAX_FILE + 1} bytes, more than the {MAX_FILE} that"):
        read_npy(file)


def test_a_file_that_cannot_be_read_is_an_error_of_the_system(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nosuch.npy"):
        with pytest.raises(OSError):
            read_npy(path)
