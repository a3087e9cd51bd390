"""A real PostgreSQL of Debian's, in a temporary folder, on this machine alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.devices_kit.ports import HeldPort

USER = "bench"
PASSWORD = "s3cr@t:/wörd"
"""Has what must be escaped in a URL."""
_UNPRIVILEGED = ("postgres", "nobody")
_SETTINGS = ("-F", "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60")


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        programs: Folder of PostgreSQL's programs.
        port: On 127.0.0.1.
        sockets: Folder of its unix socket.
    """

    programs: Path
    port: int
    sockets: Path

    def url(self, database: str, password: str = PASSWORD) -> str:
        """Of a database."""
        return f"postgresql://{USER}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database; returns its URL."""
        self.sql("postgres", f'CREATE DATABASE "{database}"')
        return self.url(database)

    def sql(self, database: str, statement: str) -> None:
        """Run a statement in a session of its own, with PostgreSQL's own client."""
        words = [self.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]
        words += ["-p", str(self.port), "-U", USER, "-d", database, "-c", statement]
        subprocess.run(words, check=True, capture_output=True, env={**os.environ, "PGPASSWORD": PASSWORD})


def find_programs() -> Path | None:
    """The folder of PostgreSQL's programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    path = shutil.which("postgres")
    return Path(path).resolve().parent if path else None


@contextlib.contextmanager
def running_server(programs: Path) -> Iterator[Server]:
    """A server for the time of the block; it refuses to be root's, so another user runs it then."""
    folder = Path(tempfile.mkdtemp(prefix="ppocr-postgres-"))
    who: dict[str, int] = {}
    if os.geteuid() == 0:
        user = _unprivileged()
        who = {"user": user.pw_uid, "group": user.pw_gid}
        os.chown(folder, user.pw_uid, user.pw_gid)
    data, secret = folder / "data", folder / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    if who:
        os.chown(secret, who["user"], who["group"])
    words = [programs / "initdb", "-D", data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}"]
    environment = {**os.environ, "LC_ALL": "C", "HOME": str(folder)}
    server, held = None, HeldPort()
    try:
        subprocess.run(
            [*words, "--locale=C", "--encoding=UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=folder,
            env=environment,
            extra_groups=[] if who else None,
            **who,
        )
        port = held.number
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, "-p", str(port), *_SETTINGS],
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=folder,
                env=environment,
                extra_groups=[] if who else None,
                **who,
            )
        _wait_for(programs, port, server, folder / "log")
        yield Server(programs, port, folder)
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # ends its sessions
            server.wait(120)
        held.close()
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise AssertionError("there is no user but root")


def _wait_for(programs: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 120
    ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ready, check=False).returncode != 0:
        assert server.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        assert time.monotonic() < ends, "PostgreSQL does not answer"
        time.sleep(0.05)
