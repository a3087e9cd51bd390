"""A received file is there when all of it has arrived, and nothing else ever is."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from deploy_tools.devices.wire.arriving import arriving


def test_it_takes_the_target_s_place_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "model.nb"
    target.write_bytes(b"old")
    with arriving(target) as file:
        file.write(b"new")
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_block_that_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 250)
    target.write_bytes(b"old")
    with contextlib.suppress(InterruptedError), arriving(target) as file:
        file.write(b"half")
        raise InterruptedError
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), arriving(tmp_path / "none" / "model.nb"):
        pass
