"""What a path leads to is known before anything is opened."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from edge.errors import InputError
from edge.regular_file import regular_file_size


def look(path: Path, limit: int | None = None) -> int:
    return regular_file_size(path, lambda found: InputError(path.name, found), limit)


def test_a_file_and_a_link_to_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert look(tmp_path / "file") == look(tmp_path / "link") == 5
    (tmp_path / "file").write_bytes(b"")
    assert look(tmp_path / "file", 0) == 0


def test_the_limit_is_allowed_and_one_more_is_not(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    assert look(tmp_path / "file", 5) == 5
    with pytest.raises(InputError, match=r"^file: has 5 bytes, more than the 4 that are read$"):
        look(tmp_path / "file", 4)


def test_other_kinds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    monkeypatch.chdir(tmp_path)  # a socket's name must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        for path in (tmp_path / "pipe", tmp_path / "link", tmp_path / "socket", Path("/dev/zero")):
            with pytest.raises(InputError, match=rf"^{path.name}: is not a regular file$"):
                look(path)


def test_what_the_system_says_is_left_to_the_caller(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(IsADirectoryError, match="Is a directory"):
        look(tmp_path)
    with pytest.raises(FileNotFoundError):
        look(tmp_path / "absent")
    with pytest.raises(OSError, match="Too many levels"):
        look(tmp_path / "loop")
    with pytest.raises(ValueError, match="null byte"):
        look(tmp_path / "a\0b")
