"""Archives are the same bytes whatever surrounds their making, and every program reads the same in them."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from deploy_tools.release.archive.entry import Entry
from deploy_tools.release.archive.tar_gz import gzip_bytes, tar_bytes, write_tar_gz
from deploy_tools.release.archive.zip_file import write_zip, zip_bytes
from deploy_tools.release.trust.archive_check import archive_contents

TIME = datetime(2026, 11, 26, 7, 30, 11, tzinfo=timezone.utc)
LONG = "top/" + "a" * 60 + "/" + "b" * 60
ENTRIES = [
    Entry("top/model.nb", bytes(range(256)) * 50),
    Entry("top/selftest", b"#!/bin/sh\n", executable=True),
    Entry("top/empty", b""),
    Entry("top/Zähler.txt", b"nine\n"),
    Entry(LONG, b"long"),
]
Write = Callable[[Path, list[Entry], datetime], None]
KINDS = pytest.mark.parametrize(("suffix", "write"), [(".tar.gz", write_tar_gz), (".aar", write_zip)])


@KINDS
def test_order_umask_zone_and_clock_leave_no_trace(
    tmp_path: Path, suffix: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / f"one{suffix}", ENTRIES, TIME)
    before = os.umask(0o077)
    try:
        monkeypatch.setenv("TZ", "Pacific/Chatham")
        time.tzset()
        monkeypatch.setattr(time, "time", lambda: 2e9)
        write(tmp_path / f"other{suffix}", ENTRIES[::-1], TIME.astimezone(timezone(timedelta(hours=-7))))
    finally:
        os.umask(before)
        monkeypatch.undo()
        time.tzset()
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"other{suffix}").read_bytes()


def test_what_is_compressed_is_the_same_with_every_python_and_zlib() -> None:
    """A change of this figure makes every release of the past another one."""
    plain = tar_bytes(ENTRIES, TIME)
    assert (
        hashlib.sha256(plain).hexdigest()
        == "60cf91e07a6bc85b8543fd784be333a5ef782d485c30aca6e9625f5f7a027709"
    )
    assert len(plain) % 10240 == 0


@KINDS
def test_the_strict_reader_takes_it(tmp_path: Path, suffix: str, write: Write) -> None:
    write(tmp_path / f"a{suffix}", ENTRIES, TIME)
    with (tmp_path / f"a{suffix}").open("rb") as stream:
        contents = archive_contents(stream, f"a{suffix}", lambda _: 1 << 20)
    assert contents.kept == {entry.name: entry.content for entry in ENTRIES}
    assert {name for name, file in contents.files.items() if file.executable} == {"top/selftest"}


def test_programs_read_the_same(tmp_path: Path) -> None:
    write_tar_gz(tmp_path / "a.tar.gz", ENTRIES, TIME)
    write_zip(tmp_path / "a.zip", ENTRIES, TIME)
    for tool, words in (("tar", ["xzf", "../a.tar.gz"]), ("busybox", ["tar", "xzf", "../a.tar.gz"])):
        if shutil.which(tool) is None:
            continue
        folder = tmp_path / tool
        folder.mkdir()
        subprocess.run([tool, *words], cwd=folder, check=True)
        assert {e.name: (folder / e.name).read_bytes() for e in ENTRIES} == {
            e.name: e.content for e in ENTRIES
        }
        assert os.access(folder / "top/selftest", os.X_OK)
        assert not os.access(folder / "top/model.nb", os.X_OK)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted((e.name for e in ENTRIES), key=str.encode)


def test_members_have_the_time_and_root_as_owner() -> None:
    with tarfile.open(fileobj=io.BytesIO(tar_bytes(ENTRIES, TIME))) as archive:
        for member in archive:
            assert (member.mtime, member.uid, member.gid, member.uname) == (int(TIME.timestamp()), 0, 0, "")
            assert member.mode == (0o755 if member.name.endswith("selftest") else 0o644)
    with zipfile.ZipFile(io.BytesIO(zip_bytes(ENTRIES, TIME))) as zipped:
        assert {member.date_time for member in zipped.infolist()} == {(2026, 11, 26, 7, 30, 10)}


def test_zip_files_know_no_time_before_1980_nor_after_2107() -> None:
    for year, told in ((1970, 1980), (2200, 2107)):
        content = zip_bytes(ENTRIES, datetime(year, 5, 5, tzinfo=timezone.utc))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {member.date_time[0] for member in archive.infolist()} == {told}


def test_gzip_has_no_name_time_or_system() -> None:
    packed = gzip_bytes(b"text" * 1000)
    assert packed[:10] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255])
    done = subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=True)
    assert done.stdout == b"text" * 1000


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["../x"], "leads out of its folder"),
        (["/x"], "is an absolute path"),
        (["a", "a"], "is there twice"),
        (["a", "A"], "is the same as 'A'"),
        (["a", "a/b"], "is the same as 'a'"),
    ],
)
def test_no_archive_is_made_that_would_be_refused(names: list[str], why: str) -> None:
    for make in (tar_bytes, zip_bytes):
        with pytest.raises(ValueError, match=why):
            make([Entry(name, b"") for name in names], TIME)
