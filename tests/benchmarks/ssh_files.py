"""How long a file of 11 MB takes to a device over SSH, beside ``scp`` to the same server in the same run."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from deploy_tools.devices.wire.ssh import SshWire
from tests.benchmarks.material import Material
from tests.devices_kit import sshd
from tests.devices_kit.sshd import USER, Client, Server

_BYTES = 11_000_000
_ROUNDS = 11
_MOST = 1.3


def measure(_: Material | None = None) -> bool:
    """Print the medians; False where the first push took longer than 1.3 times what scp took."""
    if reason := sshd.missing():
        print(f"ssh-files: {reason}")
        return False
    os.environ.pop("SSH_AUTH_SOCK", None)
    home = os.environ.get("HOME")
    with tempfile.TemporaryDirectory() as folder:
        try:
            client = Client(Path(folder) / "client")
            os.environ["HOME"] = str(client.home)
            source = Path(folder) / "source"
            source.write_bytes(os.urandom(_BYTES))
            ratios = [_compare(client, source, Path(folder) / str(sftp), sftp=sftp) for sftp in (True, False)]
        finally:
            if home is not None:
                os.environ["HOME"] = home
    return max(ratios) <= _MOST


def _compare(client: Client, source: Path, folder: Path, *, sftp: bool) -> float:
    with sshd.openssh(folder, sftp=sftp) as server:
        server.admits(client)
        client.knows(server)
        kept = SshWire("device", server.address(client))
        kept.run(["true"])
        ways: dict[str, Callable[[Path], None]] = {
            "scp": lambda target: _scp(client, server, source, target, old=not sftp),
            "connect and send": lambda target: _first(client, server, source, target),
            "send": lambda target: kept.send(source, str(target)),
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(_ROUNDS + 1):
            for name, way in ways.items():
                target = server.home / f"{name}{number}"
                start = time.perf_counter()
                way(target)
                took = time.perf_counter() - start
                assert target.stat().st_size == _BYTES
                target.unlink()
                if number:  # the first warms up
                    seconds[name].append(took)
        kept.close()
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = medians["connect and send"] / medians["scp"]
    print(f"ssh-files: 11 MB over loopback, {'SFTP' if sftp else 'without SFTP'}, medians of {_ROUNDS}")
    for name, values in seconds.items():
        print(
            f"  {name:<17} {medians[name]:.3f} s  ({min(values):.3f} to {max(values):.3f})"
            f"  {medians[name] / medians['scp']:.2f} x scp"
        )
    return ratio


def _first(client: Client, server: Server, source: Path, target: Path) -> None:
    wire = SshWire("device", server.address(client))
    wire.send(source, str(target))
    wire.close()


def _scp(client: Client, server: Server, source: Path, target: Path, *, old: bool) -> None:
    options = ["-o", f"UserKnownHostsFile={client.known_hosts}", "-o", "BatchMode=yes"]
    command = ["scp", "-q", "-F", "none", *(["-O"] if old else []), "-i", str(client.key), *options]
    command += ["-P", str(server.port), str(source), f"{USER}@127.0.0.1:{target}"]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    measure()
