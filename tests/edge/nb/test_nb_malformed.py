"""Every file that is no sound ``.nb`` ends in one kind of error, in one line, in bounded time."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import pickle
import random
import struct
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from edge.errors import NbFormatError
from edge.nb.damage import NbDamageError
from edge.nb.flatbuffer import FlatBuffer
from edge.nb.model import read_nb

HEADER_SIZE = 26


def refused(path: Path) -> str:
    """The message of the error that reading ends in, checked for form."""
    with pytest.raises(NbFormatError) as caught:
        read_nb(path)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 400 + len(str(path))
    assert caught.value.remedy
    return message


def archive(kind: str) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as zipped:
            zipped.writestr("model.nb", b"x" * 100)
    else:
        with tarfile.open(fileobj=buffer, mode="w") as tarred:
            member = tarfile.TarInfo("model.nb")
            tarred.addfile(member, io.BytesIO(b""))
    return buffer.getvalue()


OTHER_FILES = {
    "empty": (b"", "empty file"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n", "Git LFS pointer"),
    "text": (b"not a model at all, but long enough to be one\n" * 20, "text, no .nb"),
    "utf-8 text": ("ein Modell ist das nicht: äöü\n".encode() * 50, "text, no .nb"),
    "html": (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
    "json": (b'{"base_code": {"magic": "pir", "version": 1}, "program": {}}', "JSON"),
    "gzip": (gzip.compress(b"x" * 100), "gzip archive"),
    "zip": (archive("zip"), "zip archive"),
    "tar": (archive("tar"), "tar archive"),
    "pickle": (pickle.dumps({"conv": [1.0]}), "pickle"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
    "elf": (b"\x7fELF\x02\x01\x01" + bytes(50), "program or library"),
    "zeros": (bytes(5000), "no opt version"),
    "one byte": (b"\x02", "1 bytes"),
    "short": (b"\x02\x00v2.13-rc\0", "11 bytes"),
    "meta version 0": (b"\x00\x00" + b"v2.6".ljust(16, b"\0") + bytes(8), "meta version 0"),
    "meta version 3": (b"\x03\x00" + b"v3.0".ljust(16, b"\0") + bytes(8), "meta version 3"),
    "no version": (b"\x02\x00" + b"\xff" * 16 + bytes(8), "no opt version"),
    "huge topology": (b"\x02\x00" + b"v2.13".ljust(16, b"\0") + b"\xff" * 8, "truncated"),
    "no topology": (b"\x02\x00" + b"v2.13".ljust(16, b"\0") + bytes(8), "damaged topology"),
    "noise": (random.Random(0).randbytes(5000), "no .nb"),
}


@pytest.mark.parametrize("name", OTHER_FILES)
def test_other_files_are_named_for_what_they_are(tmp_path: Path, name: str) -> None:
    content, found = OTHER_FILES[name]
    path = tmp_path / "model.nb"
    path.write_bytes(content)
    message = refused(path)
    assert message.startswith(f"{path}: ")
    assert found in message


def test_missing_folder_and_impossible_names(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "absent.nb")
    assert "a folder" in refused(tmp_path)
    assert "not a possible file name" in refused(Path("a\0b.nb"))
    assert "cannot be read" in refused(tmp_path / ("x" * 300))
    (tmp_path / "file").write_text("")
    assert "cannot be read" in refused(tmp_path / "file" / "model.nb")


def test_what_never_ends_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.nb")
    assert "not a regular file" in refused(tmp_path / "pipe.nb")
    assert "not a regular file" in refused(Path("/dev/zero"))


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.nb"
    with path.open("wb") as stream:
        stream.truncate(10 << 30)  # sparse
    start = time.process_time()  # to read it would take the processor seconds
    assert "more than any .nb has" in refused(path)
    assert time.process_time() - start < 1


@pytest.mark.embedded
def test_files_of_an_inference_model(embedded_models: Path) -> None:
    folder = embedded_models / "ch_ppocr_mobile_v2_cls_infer"
    assert "a Paddle program (.pdmodel)" in refused(folder / "inference.pdmodel")
    assert "Paddle weights (.pdiparams)" in refused(folder / "inference.pdiparams")


@pytest.fixture(scope="module")
def sound(classifier_x86: Path) -> bytes:
    return classifier_x86.read_bytes()


def topology_size(data: bytes) -> int:
    size: int = struct.unpack_from("<Q", data, 18)[0]
    return size


@pytest.mark.embedded
def test_truncation_anywhere(tmp_path: Path, sound: bytes) -> None:
    end = HEADER_SIZE + topology_size(sound)
    chance = random.Random(1)
    places = [*range(1, 40), end - 1, end, end + 3, end + 7, end + 12, end + 23, len(sound) - 1]
    places += [chance.randrange(len(sound)) for _ in range(20)]
    path = tmp_path / "cut.nb"
    for place in places:
        path.write_bytes(sound[:place])
        refused(path)


@pytest.mark.embedded
def test_bytes_after_the_end(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / "long.nb"
    path.write_bytes(sound + b"more")
    assert "4 bytes after the last of" in refused(path)


@pytest.mark.embedded
@pytest.mark.parametrize("version", [0, 1, 3, 65535])
def test_another_meta_version(tmp_path: Path, sound: bytes, version: int) -> None:
    path = tmp_path / "model.nb"
    path.write_bytes(version.to_bytes(2, "little") + sound[2:])
    message = refused(path)
    assert "parameter section" in message if version == 1 else f"meta version {version}" in message


@pytest.mark.embedded
def test_a_wrong_topology_size(tmp_path: Path, sound: bytes) -> None:
    size = topology_size(sound)
    path = tmp_path / "model.nb"
    for wrong in (0, 1, size - 1, size + 1, len(sound), 2**40, 2**64 - 1):
        path.write_bytes(sound[:18] + struct.pack("<Q", wrong) + sound[HEADER_SIZE:])
        refused(path)


@pytest.mark.embedded
def test_a_weight_that_the_topology_lacks(tmp_path: Path, sound: bytes) -> None:
    place = sound.rfind(b"fc_0.w_0\0")  # the name beside its values
    assert place > HEADER_SIZE + topology_size(sound)
    path = tmp_path / "model.nb"
    path.write_bytes(sound[:place] + b"xx" + sound[place + 2 :])
    assert "weights of the topology are missing, such as 'fc_0.w_0'" in refused(path)


@pytest.mark.embedded
def test_random_damage_is_an_error_or_a_clean_result(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / "damaged.nb"
    readable = 0
    for seed in range(120):
        path.write_bytes(damaged(sound, random.Random(seed)))
        start = time.process_time()
        with contextlib.suppress(NbFormatError):
            read_nb(path)
            readable += 1
        assert time.process_time() - start < 2
    assert 0 < readable < 60  # flipped values of weights and of the opt version cannot be seen


def damaged(data: bytes, chance: random.Random) -> bytes:
    """A copy with bits flipped, offsets replaced, parts moved or zeroed."""
    result = bytearray(data)
    topology = topology_size(data)
    kind = chance.choice(("header", "bits", "params", "offsets", "move", "zero"))
    if kind == "header":
        result[chance.randrange(HEADER_SIZE)] = chance.randrange(256)
    elif kind == "bits":
        for _ in range(chance.choice((1, 5, 30))):
            result[HEADER_SIZE + chance.randrange(topology)] ^= 1 << chance.randrange(8)
    elif kind == "params":
        for _ in range(200):
            result[chance.randrange(HEADER_SIZE + topology, len(data))] = chance.randrange(256)
    elif kind == "offsets":
        wild = (-1, 0, 1, 4, 2**31 - 1, -(2**31), chance.randrange(topology))
        place = HEADER_SIZE + 4 * chance.randrange(topology // 4 - 1)
        result[place : place + 4] = struct.pack("<i", chance.choice(wild))
    else:
        length = chance.randrange(1, 5000)
        source, place = (HEADER_SIZE + chance.randrange(topology - length) for _ in range(2))
        part = bytes(length) if kind == "zero" else result[source : source + length]
        result[place : place + length] = part
    return bytes(result)


def test_offsets_that_all_lead_to_one_place_do_not_multiply_the_work() -> None:
    count = 50_000
    vtable = struct.pack("<HHH", 6, 8, 4)  # its size, its tables' size, where their one field stands
    root = struct.pack("<iI", 6, 4)  # distance back to the vtable, distance on to the vector
    start = struct.pack("<I", 10) + vtable + root + struct.pack("<I", count)
    leaf = len(start) + 4 * count + len(vtable)
    references = b"".join(struct.pack("<I", leaf - len(start) - 4 * index) for index in range(count))
    data = start + references + vtable + root
    buffer = FlatBuffer(data, "test")
    tracemalloc.start()
    with pytest.raises(NbDamageError, match="its parts overlap"):
        buffer.root().tables(0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * len(data)
