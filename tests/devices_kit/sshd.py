"""The real ``sshd`` of OpenSSH as a device: an ordinary process of this user on a loopback port."""

from __future__ import annotations

import contextlib
import crypt
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from deploy_tools.devices.inventory.entry import HostKeys, SshAddress
from tests.devices_kit.ports import HeldPort
from tests.processes import alive, children, wait_until

_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
SSHD = shutil.which("sshd", path=_PATH)
DROPBEAR = shutil.which("dropbear", path=_PATH)
USER = pwd.getpwuid(os.getuid()).pw_name
_NSS_WRAPPER = next(iter(Path("/usr/lib").glob("*/libnss_wrapper.so")), None)


def missing() -> str | None:
    """Why there can be no such device here; None where there can."""
    if SSHD is None or shutil.which("ssh-keygen") is None:
        return "no sshd and ssh-keygen here (apt-get install openssh-server openssh-client)"
    return None


def missing_dropbear() -> str | None:
    """Why there can be no Dropbear here; None where there can."""
    if DROPBEAR is None or _NSS_WRAPPER is None:
        return "no dropbear and libnss_wrapper here (apt-get install dropbear-bin libnss-wrapper)"
    return missing()


def missing_password() -> str | None:
    """Why it cannot take passwords here: it would want one of the system's."""
    return missing() or (None if _NSS_WRAPPER else "no libnss_wrapper here (apt-get install libnss-wrapper)")


class Client:
    """A home folder here, with its ``~/.ssh``.

    Attributes:
        home: The folder.
        key: A private key in it, under a name that nothing looks for by itself.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ssh = home / ".ssh"
        self.ssh.mkdir(mode=0o700, parents=True)
        self.key = make_key(self.ssh / "device_key")
        self.known_hosts = self.ssh / "known_hosts"

    def knows(self, *servers: Server) -> None:
        """Put the host keys of servers into ``known_hosts``."""
        with self.known_hosts.open("a") as stream:
            stream.writelines(f"[127.0.0.1]:{server.port} {server.host_key_line}\n" for server in servers)

    def configure(self, text: str) -> None:
        """Write ``~/.ssh/config``."""
        (self.ssh / "config").write_text(text)


class Server:
    """A running server.

    Attributes:
        folder: Where its files are.
        home: The home folder on the "device".
        temporary: Its folder for temporary files.
        port: On 127.0.0.1.
        command: Name of its program.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self._held = HeldPort()
        self.port = self._held.number
        self.host_key = make_key(folder / "host_key")
        self.authorized = folder / "authorized_keys"
        self.authorized.touch()
        self.log = folder / "log"
        self.command = ""
        self._launched: tuple[Sequence[str], dict[str, str]] = ((), {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host_key_line(self) -> str:
        """Type and key, as they stand in ``known_hosts``."""
        return " ".join(self.host_key.with_suffix(".pub").read_text().split()[:2])

    def admits(self, client: Client) -> None:
        """Let a client's key in."""
        self.authorized.write_text(client.key.with_suffix(".pub").read_text())

    def address(self, client: Client, host_keys: HostKeys = HostKeys.STRICT) -> SshAddress:
        """What leads here."""
        return SshAddress("127.0.0.1", user=USER, port=self.port, identity=client.key, host_keys=host_keys)

    def way(self, client: Client) -> list[str]:
        """What follows ``devices add NAME``."""
        return ["--ssh", f"{USER}@127.0.0.1:{self.port}", "--identity", str(client.key)]

    def launch(self, command: Sequence[str], environment: dict[str, str]) -> None:
        """Start it and wait until it answers."""
        self.command = Path(command[0]).name
        self._launched = (command, environment)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        wait_until(lambda: self._process_ended() or _speaks(self.port), 20, f"{command[0]} answers")
        assert not self._process_ended(), self.log.read_text()

    def start_again(self) -> None:
        """After `stop`, on the same port."""
        self.launch(*self._launched)

    def connections(self) -> set[int]:
        """Its processes that serve a connection."""
        return children(self._process.pid) if self._process is not None else set()

    def processes(self) -> set[int]:
        """The server and all its connections."""
        assert self._process is not None
        return {self._process.pid, *self._tree()}

    def hang_up(self) -> None:
        """End all connections, as a crash of the device would."""
        for pid in self._tree():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End it; nothing of it is left."""
        if self._process is None:
            return
        left = self._tree()
        self._process.kill()
        self._process.wait()
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process = None

    def close(self) -> None:
        """End it for good; its port is anybody's."""
        self.stop()
        self._held.close()

    def _tree(self) -> list[int]:
        # only the servers' own processes: what they started is for the wire to end
        found: list[int] = []
        new = list(self.connections())
        while new:
            pid = new.pop()
            with contextlib.suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text().strip().startswith(("sshd", "dropbear")):
                    found.append(pid)
                    new += children(pid)
        return found

    def _process_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None


@contextlib.contextmanager
def openssh(
    folder: Path, *, sftp: bool = True, password: str | None = None, options: Sequence[str] = ()
) -> Iterator[Server]:
    """OpenSSH's server.

    Args:
        folder: For its files; made.
        sftp: Whether it has the subsystem.
        password: Of the user, which it then takes; see `missing_password`.
        options: Further lines of its configuration.
    """
    assert SSHD is not None
    server = Server(folder)
    environment = {}
    if password is not None:
        environment = _accounts(server, password)
    lines = [
        f"Port {server.port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {server.host_key}",
        f"AuthorizedKeysFile {server.authorized}",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        f"PasswordAuthentication {'yes' if password is not None else 'no'}",
        "KbdInteractiveAuthentication no",
        f"SetEnv HOME={server.home} TMPDIR={server.temporary}",
        "MaxStartups 100",
        *(["Subsystem sftp internal-sftp"] if sftp else []),
        *options,
    ]
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # of root it demands that folder
    try:
        server.launch([SSHD, "-D", "-e", "-f", str(folder / "sshd_config")], environment)
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def known_openssh(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[Server, Client]]:
    """OpenSSH's server, and a client that knows it and that it admits, whose home is ``HOME`` from now on.

    Args:
        folder: For the files of both.
        patch: Of the test.
    """
    client = Client(folder / "user")
    patch.setenv("HOME", str(client.home))
    with openssh(folder / "server") as server:
        client.knows(server)
        server.admits(client)
        yield server, client


@contextlib.contextmanager
def dropbear(folder: Path) -> Iterator[Server]:
    """Dropbear, the server of small boards: without SFTP, and all commands of a connection in one session."""
    assert DROPBEAR is not None
    server = Server(folder)
    # it reads ~/.ssh/authorized_keys, and home is what the accounts say
    environment = _accounts(server, "")
    (server.home / ".ssh").mkdir(mode=0o700)
    server.authorized = server.home / ".ssh" / "authorized_keys"
    key = folder / "dropbear_key"
    subprocess.run(
        ["dropbearconvert", "openssh", "dropbear", str(server.host_key), str(key)],
        check=True,
        capture_output=True,
    )
    command = [
        DROPBEAR,
        "-F",
        "-E",
        "-s",
        "-r",
        str(key),
        "-p",
        f"127.0.0.1:{server.port}",
        "-P",
        str(folder / "pid"),
    ]
    try:
        server.launch(command, environment)
        yield server
    finally:
        server.close()


def make_key(path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    """A new private key, its public half beside it."""
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def started_with(marker: str) -> list[int]:
    """Processes whose command line holds a word."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            with contextlib.suppress(OSError):
                if marker.encode() in (folder / "cmdline").read_bytes() and alive(int(folder.name)):
                    found.append(int(folder.name))
    return found


def _accounts(server: Server, password: str) -> dict[str, str]:
    """Accounts of the server's own: this user with another home folder and password."""
    entry = pwd.getpwuid(os.getuid())
    hashed = crypt.crypt(password, crypt.mksalt(crypt.METHOD_SHA512))
    files = {
        "PASSWD": f"{USER}:x:{entry.pw_uid}:{entry.pw_gid}:test:{server.home}:/bin/sh\n"
        "sshd:x:65500:65500:sshd:/:/usr/sbin/nologin\n",
        "GROUP": f"{USER}:x:{entry.pw_gid}:\nsshd:x:65500:\n",
        "SHADOW": f"{USER}:{hashed}:19000:0:99999:7:::\n",
    }
    environment = {"LD_PRELOAD": str(_NSS_WRAPPER)}
    for name, text in files.items():
        path = server.folder / name.lower()
        path.write_text(text)
        environment[f"NSS_WRAPPER_{name}"] = str(path)
    return environment


def _speaks(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            return sock.recv(4) == b"SSH-"
    except OSError:
        time.sleep(0.02)
        return False
