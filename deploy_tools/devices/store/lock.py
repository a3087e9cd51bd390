"""The lock of a device, held by a process there that lives as long as its owner here does."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import threading
import time
from collections.abc import Iterator
from typing import Final

from deploy_tools.devices.store.asking import MARK, ask, compact, last_words, remedy
from deploy_tools.devices.store.holder import Holder, describe_us, read_holder
from deploy_tools.devices.store.lock_script import BREAK, HOLD, WHO
from deploy_tools.devices.wire.wire import RemoteProcess, Wire, script
from edge.errors import DeviceError, DeviceTimeoutError

BEAT: Final = 10.0
"""Seconds between signs of life."""
PATIENCE: Final = 45
"""The holder ends after so many seconds without one, at the latest after twice as many."""
_ANSWER: Final = 60.0


class DeviceLock:
    """A lock that is held; made by `hold`.

    Attributes:
        sign: A file below the store's folder that is there on the device as long as the lock is ours.
    """

    def __init__(self, wire: Wire, process: RemoteProcess, beat: float, token: str) -> None:
        self.sign = f"lock/is.{token}"
        self._name = wire.name
        self._process = process
        # of our own: whoever closes the wire closes its numbers, which may be another file's by then
        self._stdin = os.dup(process.stdin)
        self._stdout = os.dup(process.stdout)
        self._beat = beat
        self._lost = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"lock of {wire.name}", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Whether it is ours no more: the link broke, somebody took it, or the device was started anew."""
        readable, _, _ = select.select([self._stdout], [], [], 0)
        if readable and not self._lost.is_set():
            self._lost.set()  # the holder says nothing until it ends
        return self._lost.is_set()

    def check(self) -> None:
        """Make sure that it is still ours.

        Raises:
            DeviceError: It is not.
        """
        if self.lost:
            raise self.gone()

    def gone(self) -> DeviceError:
        """What is to be raised where it is ours no more."""
        return DeviceError(
            self._name,
            "the lock on the device is gone: the link broke, or somebody took it away",
            "see whether it is on and in the network, and run it again",
        )

    def release(self) -> None:
        """Give it back."""
        self._stop.set()
        self._thread.join()
        with contextlib.suppress(OSError):
            os.write(self._stdin, b"release\n")
        with contextlib.suppress(DeviceError):
            self._process.wait(5.0)
        # a lock whose holder had to be ended is found to be left by the next one
        for descriptor in (self._stdin, self._stdout):
            os.close(descriptor)
        self._process.end()

    def _live(self) -> None:
        while not self.lost:
            _, writable, _ = select.select([], [self._stdin], [], 0)
            try:
                if writable:
                    os.write(self._stdin, b"beat\n")
            except OSError:
                self._lost.set()
            if self._stop.wait(self._beat):
                return


@contextlib.contextmanager
def hold(
    wire: Wire, folder: str, owner: str, *, beat: float = BEAT, patience: int = PATIENCE
) -> Iterator[DeviceLock]:
    """Hold a device's lock during the block.

    Args:
        wire: Leads to the device.
        folder: Of its store, for ``PLACE``.
        owner: Who we are, for others.
        beat: Seconds between signs of life.
        patience: Without one for so many seconds the holder ends.

    Raises:
        DeviceError: Somebody else holds it, or the device failed.
    """
    token = secrets.token_hex(16)
    process = wire.start(script(compact(HOLD), folder, token, describe_us(owner), str(patience)))
    try:
        _await(wire, process)
        lock = DeviceLock(wire, process, beat, token)
    except BaseException:
        process.end()
        raise
    try:
        yield lock
    finally:
        lock.release()


def who_holds(wire: Wire, folder: str) -> Holder | None:
    """Who holds a device's lock, or left it without giving it back; None where it is free."""
    answer = ask(wire, WHO, folder, "", "", what="asking who uses it")
    return _holder(answer.decode(errors="replace").splitlines())


def break_lock(wire: Wire, folder: str, owner: str) -> Holder | None:
    """Take a device's lock away from whoever holds it, on purpose.

    Its holder notices with its next sign of life.

    Returns:
        Who held it; None where nobody did.

    Raises:
        DeviceError: The device failed.
    """
    token = secrets.token_hex(16)
    answer = ask(wire, BREAK, folder, token, describe_us(owner), what="taking the lock away")
    return _holder(answer.decode(errors="replace").splitlines())


def _await(wire: Wire, process: RemoteProcess) -> None:
    """Wait until the lock is ours.

    Raises:
        DeviceError: Somebody else holds it, or the holder failed.
    """
    said = bytearray()
    end = time.monotonic() + _ANSWER
    while True:
        _, mark, answer = bytes(said).partition(MARK)
        if mark and answer.startswith(b"held\n"):
            return
        readable, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        if not readable:
            raise DeviceTimeoutError(
                wire.name, f"gave no lock within {_ANSWER:g} s", "see whether the device is busy"
            )
        data = os.read(process.stdout, 1 << 14)
        if not data:
            break
        said += data
    lines = answer.decode(errors="replace").splitlines()
    if lines and lines[0] == "busy":
        raise DeviceError(
            wire.name,
            f"is in use by {read_holder(lines[1:], alive=True)}",
            f"wait for them, or take it away from them: ppocr-edge devices unlock {wire.name}",
        )
    ended = process.wait(5.0)
    words = last_words(process.words()) or str(ended or "it said nothing")
    raise DeviceError(wire.name, f"taking the lock failed: {words}", remedy(words, wire.name))


def _holder(lines: list[str]) -> Holder | None:
    if not lines or lines[0] not in ("held", "left"):
        return None
    return read_holder(lines[1:], alive=lines[0] == "held")
