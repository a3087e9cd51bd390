"""What goes over the link: packets of 24 bytes and a payload."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

HEADER = struct.Struct("<6I")
CNXN, AUTH, OPEN, OKAY, CLSE, WRTE = (
    int.from_bytes(name, "little") for name in (b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"CLSE", b"WRTE")
)


class LinkClosedError(Exception):
    """The other side is gone, or sent something else than a packet."""


@dataclass(frozen=True)
class Packet:
    command: int
    first: int
    second: int
    data: bytes | bytearray | memoryview = b""


def send_packet(link: socket.socket, packet: Packet) -> None:
    length = len(packet.data)
    # devices before Android 9 want the sum of the bytes; what they are sent by us is never checked
    header = HEADER.pack(packet.command, packet.first, packet.second, length, 0, packet.command ^ 0xFFFFFFFF)
    try:
        if length > 1 << 14:  # not copied
            link.sendall(header)
            link.sendall(packet.data)
        else:
            link.sendall(header + packet.data)
    except OSError as error:
        raise LinkClosedError from error


def receive_packet(link: socket.socket) -> Packet:
    command, first, second, length, _, magic = HEADER.unpack(receive_exactly(link, HEADER.size))
    if magic != command ^ 0xFFFFFFFF:
        raise LinkClosedError
    return Packet(command, first, second, receive_exactly(link, length))


def receive_exactly(link: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        try:
            count = link.recv_into(view)
        except OSError as error:
            raise LinkClosedError from error
        if not count:
            raise LinkClosedError
        view = view[count:]
    return data
