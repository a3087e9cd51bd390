"""The wire over SSH."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deploy_tools.devices.inventory.entry import SshAddress
from deploy_tools.devices.wire.ssh.patience import Patience
from deploy_tools.devices.wire.ssh.secrets import Ask, Secrets, ask_terminal
from deploy_tools.devices.wire.wire import Finished, Progress
from edge.errors import DeviceTimeoutError

if TYPE_CHECKING:
    from deploy_tools.devices.wire.ssh.link import Link
    from deploy_tools.devices.wire.ssh.process import SshProcess
    from deploy_tools.devices.wire.ssh.session import Session


class SshWire:
    """One connection, kept. See `wire.Wire`.

    Args:
        name: Of the device, as the user calls it.
        address: Where it is; the rest is ``~/.ssh/config``'s to say.
        ask: How a person is asked for passwords and passphrases.
        patience: How long silence is borne.

    Attributes:
        tag: Marks what it started over there.
    """

    def __init__(
        self,
        name: str,
        address: SshAddress,
        *,
        ask: Ask = ask_terminal,
        patience: Patience | None = None,
    ) -> None:
        self._name = name
        self._address = address
        self._secrets = Secrets(name, ask)
        self._patience = patience or Patience()
        self.tag = secrets.token_hex(8)
        self._links = 0
        self._link: Link | None = None
        self._trips = 0
        self._lock = threading.Lock()
        self._count_lock = threading.Lock()

    @property
    def name(self) -> str:
        """Of the device."""
        return self._name

    @property
    def address(self) -> str:
        """Where it leads."""
        user = f"{self._address.user}@" if self._address.user else ""
        port = f":{self._address.port}" if self._address.port else ""
        return f"ssh {user}{self._address.host}{port}"

    @property
    def round_trips(self) -> int:
        """How often something was asked; connecting is not counted."""
        return self._trips

    def run(self, command: Sequence[str], *, stdin: bytes = b"", seconds: float = 30.0) -> Finished:
        """Run a command to its end; see `wire.Wire`."""
        link = self._use()
        deadline = time.monotonic() + seconds
        writer: threading.Thread | None = None
        try:
            with link.command(command, f"{command[0]} ran") as session:
                if stdin:
                    writer = threading.Thread(
                        target=_feed, args=(session, stdin), daemon=True, name="ssh feed"
                    )
                    writer.start()
                else:
                    session.end_of_input()
                stdout, stderr = bytearray(), bytearray()
                for data in session.stdout(deadline):
                    stdout += data
                    stderr += session.stderr()
                ended = session.wait(max(0.0, deadline - time.monotonic()))
                stderr += session.stderr()
                if ended is None:
                    raise TimeoutError
        except TimeoutError:
            raise DeviceTimeoutError(
                self._name,
                f"{command[0]} did not end within {seconds:g} s, and was ended",
                "see whether the device is busy",
            ) from None
        finally:
            if writer is not None:
                writer.join(5.0)
        return Finished(ended, bytes(stdout), bytes(stderr))

    def start(self, command: Sequence[str]) -> SshProcess:
        """Start a process; see `wire.Wire`."""
        return self._use().process(command)

    def send(self, source: Path, target: str, *, offset: int = 0, progress: Progress | None = None) -> None:
        """Write a file there; see `wire.Wire`."""
        from deploy_tools.devices.wire.ssh.transfer import send

        send(self._use(), source, target, offset, progress)

    def receive(self, source: str, target: Path, *, progress: Progress | None = None) -> None:
        """Read a file from there; see `wire.Wire`."""
        from deploy_tools.devices.wire.ssh.transfer import receive

        receive(self._use(), source, target, progress)

    def close(self) -> None:
        """End what runs there, and the connection; see `wire.Wire`."""
        with self._lock:
            link, self._link = self._link, None
        if link is not None:
            link.close()

    def _use(self) -> Link:
        """The link, connected anew where it is gone, for one more question."""
        from deploy_tools.devices.wire.ssh.link import Link

        with self._lock:
            if self._link is not None and not self._link.alive:
                gone, self._link = self._link, None
                gone.close()
            if self._link is None:
                self._links += 1
                self._link = Link(
                    self._name, self._address, self._secrets, self.tag, self._links, self._patience
                )
            link = self._link
        with self._count_lock:
            self._trips += 1
        return link


def _feed(session: Session, data: bytes) -> None:
    session.write(data)
    session.end_of_input()
