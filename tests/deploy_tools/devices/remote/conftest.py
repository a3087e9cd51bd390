"""This host as a device with the real Python runner, and Pythons that misbehave."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import AdbAddress
from deploy_tools.devices.wire.adb import AdbWire
from deploy_tools.devices.wire.ssh import SshWire
from tests.devices_kit import sshd
from tests.devices_kit.adbd.device import TMP
from tests.devices_kit.adbd.device import missing as missing_adb
from tests.devices_kit.adbd.kinds import make_device
from tests.devices_kit.adbd.server import AdbServer
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
    """``anywhere(**what an entry says)``: a device over this host's wire, and one over OpenSSH's server.

    By request also over adb (``adb newest``, ``adb old android``: see `tests.devices_kit.adbd.kinds`).
    """
    with ExitStack() as stack:
        make = _PLACES[request.param.partition(" ")[0]](request.param, tmp_path, monkeypatch, stack)

        def open_it(**options: object) -> Board:
            board = make(**options)
            stack.callback(board.close)
            return board

        yield open_it


def _on_this_host(_: str, folder: Path, patch: pytest.MonkeyPatch, stack: ExitStack) -> Callable[..., Board]:
    home = folder / "home"
    home.mkdir()
    return lambda **options: Board(home, **options)


def _over_ssh(_: str, folder: Path, patch: pytest.MonkeyPatch, stack: ExitStack) -> Callable[..., Board]:
    if reason := sshd.missing():
        pytest.skip(reason)
    server = stack.enter_context(sshd.openssh(folder / "server"))
    client = sshd.Client(folder / "user")
    patch.setenv("HOME", str(client.home))
    client.knows(server)
    server.admits(client)

    def make(**options: object) -> Board:
        board = Board(server.home, SshWire(NAME, server.address(client)), **options)
        board.cut = server.hang_up
        return board

    return make


def _over_adb(kind: str, folder: Path, patch: pytest.MonkeyPatch, stack: ExitStack) -> Callable[..., Board]:
    if reason := missing_adb():
        pytest.skip(reason)
    server = AdbServer(folder / "adb", patch)
    stack.callback(server.close)
    phone = stack.enter_context(make_device(kind.partition(" ")[2], folder / "phone"))

    def make(**options: object) -> Board:
        board = Board(phone.tmp, AdbWire(NAME, AdbAddress(phone.serial)), there=TMP, **options)
        board.cut, board.reboot, board.processes = server.kill, phone.reboot, phone.processes
        return board

    return make


_PLACES = {"host": _on_this_host, "ssh": _over_ssh, "adb": _over_adb}


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
