"""From a device's address to a connection that is logged in, through jump hosts where there are any."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import fabric
import paramiko

from deploy_tools.devices.inventory.entry import HostKeys, SshAddress
from deploy_tools.devices.wire.ssh.config import read_config
from deploy_tools.devices.wire.ssh.host_key import HostKeyCheck, host_key_check
from deploy_tools.devices.wire.ssh.login import Login
from deploy_tools.devices.wire.ssh.secrets import Secrets
from deploy_tools.devices.wire.ssh.transport import Transport
from edge.errors import DeviceError, InputError

_CONNECT_SECONDS: Final = 15
_MOST_JUMPS: Final = 8
# for a command to see that nobody listens any more
_PROXY_SECONDS: Final = 1.0


class _Policy(paramiko.MissingHostKeyPolicy):
    """Every key is unknown to the library, which is given none, and comes here."""

    def __init__(self, check: HostKeyCheck) -> None:
        self._check = check

    def missing_host_key(self, _client: Any, _hostname: str, key: Any) -> None:
        """Accept a key or raise."""
        self._check.check(key.get_name(), key.asbytes())


class Hop(fabric.Connection):
    """One connection; the last of them leads to the device."""

    def open_gateway(self) -> Any:
        """What leads to the server: through another connection, or a command's standard streams."""
        if isinstance(self.gateway, str):
            return _ProxySocket(self.gateway)
        return super().open_gateway()


class Connection:
    """Connections that lead to a device, one through the other.

    Attributes:
        transport: Of the last.
    """

    def __init__(self, hops: list[Hop]) -> None:
        self._hops = hops
        self.transport: Transport = hops[-1].transport

    def close(self) -> None:
        """Close all of them."""
        for hop in reversed(self._hops):
            _close(hop)


def connect(device: str, address: SshAddress, secrets: Secrets) -> Connection:
    """Connect and log in.

    Args:
        device: Name of the device, for messages.
        address: Where it is.
        secrets: Who asks for passwords and passphrases.

    Raises:
        DeviceError: It cannot be reached, is not who it should be, or does not let us in.
    """
    # or its threads would print what we say in one line
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    try:
        config = fabric.Config(ssh_config=read_config(), lazy=True)
        hops = list(_hops(device, address, config, secrets))
    except InputError as error:
        raise DeviceError(device, f"{error.subject}: {error.found}", error.remedy) from None
    except (ValueError, KeyError, paramiko.CouldNotCanonicalize) as error:
        raise DeviceError(
            device, f"what ~/.ssh/config says of {address.host} is not understood ({error})", "mend it"
        ) from None
    opened: list[Hop] = []
    try:
        for hop in hops:
            opened.append(hop)
            _open(device, hop)
        return Connection(opened)
    except BaseException:
        for hop in reversed(opened):
            _close(hop)
        raise


def _hops(device: str, address: SshAddress, config: Any, secrets: Secrets) -> Iterator[Hop]:
    """The connections to open, each through the one before it."""
    gateway: Hop | None = None
    for jump in _jumps(device, address.host, config):
        gateway = _hop(device, jump, address.host_keys, config, secrets, gateway)
        yield gateway
    yield _hop(device, address, address.host_keys, config, secrets, gateway)


def _jumps(device: str, host: str, config: Any, depth: int = 0) -> Iterator[SshAddress]:
    """Jump hosts on the way, the nearest first; the first one may have its own."""
    if depth > _MOST_JUMPS:
        raise DeviceError(device, f"ProxyJump of {host} leads in a circle", "mend ~/.ssh/config")
    named = config.base_ssh_config.lookup(host).get("proxyjump") or "none"
    if named.lower() == "none":
        return
    for index, word in enumerate(named.split(",")):
        part = fabric.Connection.derive_shorthand(None, word.strip().removeprefix("ssh://"))
        if not index:
            yield from _jumps(device, part["host"], config, depth + 1)
        yield SshAddress(part["host"], user=part["user"], port=part["port"])


def _hop(
    device: str, address: SshAddress, keys: HostKeys, config: Any, secrets: Secrets, gateway: Hop | None
) -> Hop:
    hop = Hop(address.host, user=address.user, port=address.port, config=config, gateway=gateway or False)
    options = hop.ssh_config
    if gateway is None and (command := options.get("proxycommand")):
        hop.gateway = command
    if hop.connect_timeout is None:
        hop.connect_timeout = _CONNECT_SECONDS
    check = host_key_check(device, hop.host, hop.port, options, keys)
    hop.client.set_missing_host_key_policy(_Policy(check))
    hop.connect_kwargs = {
        "transport_factory": partial(_transport, kinds=check.kinds()),
        "auth_strategy": Login(
            device,
            hop.user,
            hop.host,
            identity=address.identity,
            configured=options.get("identityfile", ()),
            only=options.get("identitiesonly", "no").lower() == "yes",
            ask_password=address.ask_password,
            secrets=secrets,
        ),
    }
    return hop


def _transport(sock: Any, *, kinds: list[str], **options: Any) -> Transport:
    return Transport(sock, kinds, **options)


def _open(device: str, hop: Hop) -> None:
    where = f"{hop.host}, port {hop.port}"
    try:
        hop.open()
    except DeviceError:
        raise
    except socket.gaierror:
        found, remedy = f"{hop.host} is no known host", "see its name, or add it to ~/.ssh/config"
    except paramiko.ChannelException as error:
        found, remedy = (
            f"{hop.gateway.host} does not connect on to {where} ({error.text})",
            "see ~/.ssh/config",
        )
    except paramiko.ssh_exception.NoValidConnectionsError:
        found, remedy = f"nothing answers at {where}", "see whether it is on and its SSH server runs"
    except TimeoutError:
        found, remedy = f"no answer from {where}", "see whether it is on and in this network"
    except (paramiko.SSHException, EOFError) as error:
        reason = _proxy_words(hop) or str(error) or "it hung up"
        found, remedy = f"{where} does not speak SSH with us ({reason})", "see whether that is its SSH server"
    except OSError as error:
        found, remedy = f"{where} cannot be reached ({error.strerror or error})", "see the network"
    else:
        return
    raise DeviceError(device, found, remedy) from None


def _close(hop: Hop) -> None:
    transport = hop.client.get_transport()
    hop.client.close()
    if isinstance(transport, Transport):
        transport.end()


class _ProxySocket:
    """The standard streams of a ``ProxyCommand`` as one socket; its process is gone when it is closed."""

    def __init__(self, command: str) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._words = tempfile.TemporaryFile()  # noqa: SIM115
        self._last = ""
        self._lock = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [os.environ.get("SHELL", "/bin/sh"), "-c", f"exec {command}"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._words,
                start_new_session=True,
            )

    def words(self) -> str:
        """The last line it complained with."""
        self.close()  # so that it said all it has to say
        return self._last

    def close(self) -> None:
        """End it."""
        self._socket.close()
        with self._lock:
            if self._words.closed:
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_PROXY_SECONDS)
            self._process.kill()
            self._process.wait()
            self._words.seek(0)
            self._last = "".join(self._words.read().decode(errors="replace").strip().splitlines()[-1:])
            self._words.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


def _proxy_words(hop: Hop) -> str:
    if not isinstance(hop.gateway, str):
        return ""
    transport = hop.client.get_transport()
    words = transport.heard_socket.words() if isinstance(transport, Transport) else ""
    return f"ProxyCommand {shlex.quote(hop.gateway)}: {words}" if words else ""
