"""One live link to a device: its connection, its lifeline, its sessions."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import paramiko

from deploy_tools.devices.inventory.entry import SshAddress
from deploy_tools.devices.wire.running import Running
from deploy_tools.devices.wire.ssh.connecting import Connection, connect
from deploy_tools.devices.wire.ssh.lifeline import Lifeline, lifeline_command
from deploy_tools.devices.wire.ssh.patience import Patience
from deploy_tools.devices.wire.ssh.process import SshProcess
from deploy_tools.devices.wire.ssh.secrets import Secrets
from deploy_tools.devices.wire.ssh.session import Session
from deploy_tools.devices.wire.ssh.sftp import Sftp, SftpError
from deploy_tools.devices.wire.ssh.transport import close_channel
from deploy_tools.devices.wire.ssh.wrapper import LONGEST, quoted, wrapped
from edge.errors import DeviceError

_OPEN_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.1
_SESSION_TRIES: Final = 5
# A server allows ten sessions by default; the rest is for the lifeline, SFTP and processes.
_COMMANDS_AT_ONCE: Final = 4


class Link:
    """Connected and logged in.

    Args:
        device: Name of the device, for messages.
        address: Where it is.
        secrets: Who asks for passwords.
        wire: First part of all tags of the wire.
        number: Of this link among the wire's.
        patience: How long silence is borne.

    Raises:
        DeviceError: See `connecting.connect`; or it runs no commands.
    """

    def __init__(
        self, device: str, address: SshAddress, secrets: Secrets, wire: str, number: int, patience: Patience
    ) -> None:
        self.device = device
        self._tags = (f"{wire}-{number}-{count}" for count in itertools.count())
        self._lock = threading.Lock()
        self._commands = threading.BoundedSemaphore(_COMMANDS_AT_ONCE)
        self._running: Running[SshProcess] = Running()
        self._reason = ""
        self._sftp: Sftp | None = None
        self._sftp_lock = threading.Lock()
        self._has_sftp = True
        self._connection: Connection = connect(device, address, secrets)
        try:
            self._transport = self._connection.transport
            with self._not_forever():
                # as it is: were it found by a tag, it would end itself
                channel = self._begun(quoted(lifeline_command(wire, number, patience)))
            self.lifeline = Lifeline(channel, patience, lambda: self._transport.heard_socket.heard, self.lose)
            if not self.lifeline.ready(_OPEN_SECONDS):
                raise self._runs_nothing(channel)
        except BaseException:
            self._connection.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether it can still be used."""
        return not self._reason and self._transport.is_active() and self.lifeline.alive

    @contextlib.contextmanager
    def command(self, command: Sequence[str], doing: str) -> Iterator[Session]:
        """Run a command within the block; it is ended at its end where it has not ended by itself.

        Args:
            command: Program and arguments.
            doing: What it does, as a clause, for messages.

        Raises:
            DeviceError: The device refuses, or the link broke.
        """
        with self._commands:
            session = self._start(command, doing)
            try:
                yield session
            finally:
                session.close(end=True)

    def process(self, command: Sequence[str]) -> SshProcess:
        """Start a process.

        Raises:
            DeviceError: The device refuses, or the link broke.
        """
        session = self._start(command, f"{command[0]} ran")
        return self._running.add(SshProcess(session, self._running.forget))

    @contextlib.contextmanager
    def sftp(self) -> Iterator[Sftp | None]:
        """The one SFTP session, for this block alone; None where the device has none."""
        with self._sftp_lock:
            if self._sftp is None and self._has_sftp:
                self._sftp = self._open_sftp()
                self._has_sftp = self._sftp is not None
            try:
                yield self._sftp
            except SftpError:
                raise
            except BaseException:
                # answers may be on their way: the next one begins anew
                self._drop_sftp()
                raise

    def lose(self, reason: str) -> None:
        """Give the link up."""
        self._reason = self._reason or reason
        self._transport.close()

    def broken(self, what: str) -> DeviceError:
        """What to say where the link broke.

        Args:
            what: Was going on, as a clause.
        """
        reason = self._reason or _reason(self._transport.saved_exception) or "the device closed it"
        self.lose(reason)
        return DeviceError(
            self.device,
            f"the link broke while {what} ({reason})",
            "see whether it is on and in the network, and run it again",
        )

    def refused(self, found: str, remedy: str) -> DeviceError:
        """What to say where the device does not want."""
        return DeviceError(self.device, found, remedy)

    def close(self) -> None:
        """End all that runs over it, and it."""
        with contextlib.suppress(Exception):
            self.lifeline.quit()
        for process in self._running.now():
            process.forget()
        with self._sftp_lock:
            self._drop_sftp()
        self._connection.close()

    def _start(self, command: Sequence[str], doing: str) -> Session:
        tag = self._tag()
        line = wrapped(command, tag)
        if len(line) > LONGEST:
            raise self.refused(
                f"a command of {len(line)} bytes is too long for it", "send its words over standard input"
            )
        return Session(self, self._begun(line), tag, doing)

    def _runs_nothing(self, channel: Any) -> DeviceError:
        words = channel.recv_stderr(1000).decode(errors="replace") if channel.recv_stderr_ready() else ""
        last = "".join(words.strip().splitlines()[-1:]) or self.lifeline.said or "it says nothing"
        return self.refused(f"runs no commands ({last})", "see which login shell the user has there")

    def _begun(self, line: bytes) -> Any:
        """A channel with a command in it.

        Dropbear sometimes closes a session that is opened while another one ends, before anything runs in it.
        """
        for last in (False, False, True):
            channel = None
            try:
                channel = self._channel()
                channel.exec_command(line)
            except BaseException as error:
                if channel is not None:
                    close_channel(channel)
                if not isinstance(error, (paramiko.SSHException, EOFError, OSError)):
                    raise
                if not self._transport.is_active():
                    raise self.broken("a command was started") from None
                if last:
                    raise self.refused(f"does not run commands ({error})", "see its sshd_config") from None
                time.sleep(_PAUSE_SECONDS)
            else:
                return channel
        raise AssertionError

    def _channel(self) -> Any:
        """A session; one that has just ended may still count among those that a server allows."""
        for tries_left in reversed(range(_SESSION_TRIES)):
            try:
                return self._transport.open_session(timeout=_OPEN_SECONDS)
            except paramiko.ChannelException as error:
                if not tries_left:
                    raise self.refused(
                        f"refuses another session ({error.text})",
                        "end what else is connected to it, or raise MaxSessions in its sshd_config",
                    ) from None
                time.sleep(_PAUSE_SECONDS)
        raise AssertionError

    def _open_sftp(self) -> Sftp | None:
        channel = None
        try:
            channel = self._channel()
            channel.invoke_subsystem("sftp")
            return Sftp(channel)
        except (paramiko.SSHException, EOFError, OSError):
            if channel is not None:
                close_channel(channel)
            if not self._transport.is_active():
                raise self.broken("SFTP was started") from None
            return None

    def _drop_sftp(self) -> None:
        if self._sftp is not None:
            self._sftp.close()
            self._sftp = None

    def _tag(self) -> str:
        with self._lock:
            return next(self._tags)

    @contextlib.contextmanager
    def _not_forever(self) -> Iterator[None]:
        """Give the link up where it falls silent before there is a lifeline that would notice."""
        timer = threading.Timer(_OPEN_SECONDS, self.lose, [f"nothing was heard for {_OPEN_SECONDS:g} s"])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _reason(error: BaseException | None) -> str:
    if error is None or isinstance(error, EOFError):
        return ""
    return getattr(error, "strerror", None) or str(error)
