"""What every wire has to do with a process that is talked to."""

from __future__ import annotations

import os

from deploy_tools.devices.wire.wire import RemoteProcess, Wire, script


def converse(wire: Wire) -> RemoteProcess:
    """Start a process, talk to it until it ends by itself, and return it; streams and code are checked."""
    process = wire.start(script('echo hello; read -r a; echo "got $a"; echo bad >&2; exit 7'))
    assert os.read(process.stdout, 100) == b"hello\n"
    assert process.wait(0.05) is None
    os.write(process.stdin, b"word\n")
    assert os.read(process.stdout, 100) == b"got word\n"
    assert os.read(process.stdout, 100) == b""
    ended = process.wait(60)
    assert ended is not None
    assert ended.code == 7
    return process
