"""One host at the other end of a link: its handshake and its streams, a thread for each."""

from __future__ import annotations

import os
import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tests.devices_kit.adbd.packets import (
    AUTH,
    CLSE,
    CNXN,
    OKAY,
    OPEN,
    WRTE,
    LinkClosedError,
    Packet,
    receive_packet,
    send_packet,
)


@dataclass(frozen=True)
class Abilities:
    """What a device says that it is and can do."""

    shell_v2: bool = True
    stat_v2: bool = True
    authorized: bool = True
    max_data: int = 1 << 20
    model: str = "Test_Phone"

    @property
    def banner(self) -> bytes:
        features = ["cmd"]
        if self.shell_v2:
            features.append("shell_v2")
        if self.stat_v2:
            features += ["stat_v2", "ls_v2", "fixed_push_mkdir"]
        about = f"ro.product.name=test;ro.product.model={self.model};ro.product.device=test;"
        return f"device::{about}features={','.join(features)}".encode()


class Stream:
    """One stream: every packet waits for its OKAY, in both directions."""

    def __init__(self, link: Link, local: int, remote: int) -> None:
        self._link, self.local, self.remote = link, local, remote
        self.inbox: queue.SimpleQueue[bytes | bytearray | memoryview] = queue.SimpleQueue()
        self._taken = threading.Semaphore(0)
        self.closed = False

    def read(self) -> bytes | bytearray | memoryview:
        """The next payload; empty at the end."""
        data = b"" if self.closed and self.inbox.empty() else self.inbox.get()
        if data and not self.closed:
            self._link.send(Packet(OKAY, self.local, self.remote))
        return data

    def write(self, data: bytes | memoryview) -> None:
        for start in range(0, len(data), self._link.max_data):
            self._link.send(Packet(WRTE, self.local, self.remote, data[start : start + self._link.max_data]))
            self._taken.acquire()
            if self.closed:
                raise LinkClosedError

    def taken(self) -> None:
        self._taken.release()

    def end(self) -> None:
        """The other side closed it, or the link is gone."""
        self.closed = True
        self.inbox.put(b"")
        self._taken.release()

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._link.send(Packet(CLSE, self.local, self.remote))


class Link:
    """A connected host.

    Args:
        connection: Its socket.
        abilities: What the device can do.
        find: From a service to what serves a stream of it; None where there is none.
    """

    def __init__(
        self,
        connection: socket.socket,
        abilities: Abilities,
        find: Callable[[bytes], Callable[[Stream], None] | None],
    ) -> None:
        self._connection, self._abilities, self._find = connection, abilities, find
        self._sending = threading.Lock()
        self._streams: dict[int, Stream] = {}
        self._next = 1
        self.max_data = 4096

    def send(self, packet: Packet) -> None:
        with self._sending:
            send_packet(self._connection, packet)

    def serve(self) -> None:
        try:
            while True:
                self._handle(receive_packet(self._connection))
        except LinkClosedError:
            pass
        finally:
            self._connection.close()
            for stream in list(self._streams.values()):
                stream.end()

    def _handle(self, packet: Packet) -> None:
        if packet.command == CNXN:
            self.max_data = min(packet.second, self._abilities.max_data)
            if self._abilities.authorized:
                self._greet()
            else:
                self.send(Packet(AUTH, 1, 0, os.urandom(20)))
        elif packet.command == AUTH and packet.first == 2:  # signed; this host's key is not known here
            self.send(Packet(AUTH, 1, 0, os.urandom(20)))
        elif packet.command == OPEN:
            self._open(packet.first, bytes(packet.data).rstrip(b"\0"))
        elif (stream := self._streams.get(packet.second)) is not None:
            if packet.command == WRTE:
                stream.inbox.put(packet.data)
            elif packet.command == OKAY:
                stream.taken()
            elif packet.command == CLSE:
                del self._streams[packet.second]
                stream.end()

    def _greet(self) -> None:
        version = 0x01000001 if self._abilities.max_data > 4096 else 0x01000000
        self.send(Packet(CNXN, version, self._abilities.max_data, self._abilities.banner))

    def _open(self, remote: int, service: bytes) -> None:
        serve = self._find(service)
        if serve is None:
            self.send(Packet(CLSE, 0, remote))
            return
        stream = Stream(self, self._next, remote)
        self._streams[self._next] = stream
        self._next += 1
        self.send(Packet(OKAY, stream.local, remote))
        threading.Thread(target=self._run, args=(serve, stream), daemon=True).start()

    def _run(self, serve: Callable[[Stream], None], stream: Stream) -> None:
        try:
            serve(stream)
            stream.close()
        except LinkClosedError:
            pass
        finally:
            self._streams.pop(stream.local, None)
