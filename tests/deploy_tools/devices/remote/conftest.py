"""This host as a device with the real Python runner, and Pythons that misbehave."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy_tools.devices.wire.host import HostWire
from deploy_tools.devices.wire.ssh import SshWire
from tests.devices_kit import sshd
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


@pytest.fixture(params=["host", "ssh"])
def anywhere(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Board]]:
    """``anywhere(**what an entry says)``: a device over this host's wire, and one over OpenSSH's server."""
    with ExitStack() as stack:
        cut: Callable[[], None] | None = None
        if request.param == "ssh":
            if reason := sshd.missing():
                pytest.skip(reason)
            server = stack.enter_context(sshd.openssh(tmp_path / "server"))
            client = sshd.Client(tmp_path / "user")
            monkeypatch.setenv("HOME", str(client.home))
            client.knows(server)
            server.admits(client)
            cut = server.hang_up
            home, wire = server.home, lambda: SshWire(NAME, server.address(client))
        else:
            home, wire = tmp_path / "home", lambda: HostWire(NAME, home)
            home.mkdir()

        def open_it(**options: object) -> Board:
            board = Board(home, wire(), **options)
            board.cut = cut or board.cut
            stack.callback(board.close)
            return board

        yield open_it


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
