"""This host as a device with the real Python runner, and Pythons that misbehave."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.devices_kit.board import NAME, Board


@pytest.fixture
def open_board(tmp_path: Path) -> Iterator[Callable[..., Board]]:
    """``open_board(**what an entry says)``: a device of its own home folder, or of that of ``home=``."""
    with ExitStack() as stack:

        def open_it(home: str = NAME, **options: object) -> Board:
            folder = tmp_path / home
            folder.mkdir(exist_ok=True)
            board = Board(folder, **options)
            stack.callback(board.close)
            return board

        yield open_it


@pytest.fixture
def board(open_board: Callable[..., Board]) -> Board:
    """A device with this Python."""
    return open_board(python=sys.executable)


@pytest.fixture
def bad_python(tmp_path: Path) -> Callable[[str], str]:
    """``bad_python(shell)``: a Python that is one until it shall run the runner, and then does that."""

    def make(shell: str) -> str:
        program = tmp_path / "bad python"
        real = shlex.quote(sys.executable)
        program.write_text(f'#!/bin/sh\ncase $1 in -c) exec {real} "$@";; esac\n{shell}\n')
        program.chmod(0o755)
        return str(program)

    return make
