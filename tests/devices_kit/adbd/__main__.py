"""The daemon: ``python -m tests.devices_kit.adbd --help``. Prints its port, and serves until it is killed."""

from __future__ import annotations

import argparse
import os
import socket
import threading
from collections.abc import Callable
from functools import partial

from tests.devices_kit.adbd.link import Abilities, Link, Stream
from tests.devices_kit.adbd.shell import Shell, serve_raw, serve_terminal, serve_v2
from tests.devices_kit.adbd.sync import serve_sync


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-shell-v2", action="store_true")
    parser.add_argument("--no-stat-v2", action="store_true")
    parser.add_argument("--unauthorized", action="store_true")
    parser.add_argument("--silent", action="store_true", help="accept connections and say nothing")
    parser.add_argument("--max-data", type=int, default=1 << 20)
    parser.add_argument("--shell", default="/bin/sh")
    options = parser.parse_args()
    abilities = Abilities(
        shell_v2=not options.no_shell_v2,
        stat_v2=not options.no_stat_v2,
        authorized=not options.unauthorized,
        max_data=options.max_data,
    )
    # commands of a device know nothing of this checkout
    shell = Shell(options.shell, {key: value for key, value in os.environ.items() if key != "PYTHONPATH"})
    find = partial(find_service, shell=shell, shell_v2=abilities.shell_v2)
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        print(listener.getsockname()[1], flush=True)
        held = []
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if options.silent:
                held.append(connection)
                continue
            link = Link(connection, abilities, find)
            threading.Thread(target=link.serve, daemon=True).start()


def find_service(service: bytes, *, shell: Shell, shell_v2: bool) -> Callable[[Stream], None] | None:
    """What serves a service of adbd; None where this device does not know it."""
    name, _, command = service.partition(b":")
    if name == b"sync":
        return serve_sync
    if name == b"exec":
        return lambda stream: serve_raw(stream, shell, command)
    kind, *arguments = name.split(b",")
    if kind != b"shell":
        return None
    if b"v2" in arguments:
        return (lambda stream: serve_v2(stream, shell, command)) if shell_v2 else None
    return lambda stream: serve_terminal(stream, shell, command)


main()
